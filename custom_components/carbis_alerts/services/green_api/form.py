"""The form of a WhatsApp account at GREEN-API, and that of its chats."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final, override

from homeassistant.config_entries import (
    ConfigEntry,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.const import CONF_NAME, CONF_TOKEN, CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import AbortFlow
from homeassistant.helpers.aiohttp_client import async_get_clientsession
import voluptuous as vol
from yarl import URL

from ...api.errors import AuthenticationError
from ...api.fields import as_text
from ...api.green_api import GreenApiClient, problems
from ...api.transport import Limits
from ...api.types import Json
from ...const import (
    CONF_CHAT_ID,
    CONF_FINGERPRINT,
    CONF_INSTANCE_ID,
    CONF_TITLE,
    SUBENTRY_CHAT,
)
from ...domain.chats import chat_id_of
from ...domain.events import Source
from ...log_filter import hidden
from ..form import (
    PASSWORD_SELECTOR,
    TEXT_SELECTOR,
    URL_SELECTOR,
    Fix,
    FormError,
    ServiceForm,
    secret,
)

# States of an account that receives nothing; asleep it will receive later.
UNUSABLE_STATES: Final = ("notAuthorized", "blocked")
TITLE_DIGITS: Final = 4


class GreenApiForm(ServiceForm):
    """An instance, its token, and where it is."""

    source = Source.GREEN_API
    secrets: ClassVar[tuple[str, ...]] = (CONF_TOKEN,)
    path: ClassVar[str] = "/waInstance"
    default_url: ClassVar[str | None] = "https://api.green-api.com"

    @override
    def schema(self, *, is_new: bool) -> vol.Schema:
        token = vol.Required if is_new else vol.Optional
        return vol.Schema(
            {
                vol.Required(CONF_URL, default=self.default_url): URL_SELECTOR,
                vol.Required(CONF_INSTANCE_ID): TEXT_SELECTOR,
                token(CONF_TOKEN): PASSWORD_SELECTOR,
            }
        )

    @override
    def data(
        self, user_input: Mapping[str, Any], known: Mapping[str, Any]
    ) -> dict[str, Any]:
        instance_id: str = user_input[CONF_INSTANCE_ID].strip()
        if known and known[CONF_INSTANCE_ID] != instance_id:
            raise AbortFlow("wrong_account")
        return {
            CONF_INSTANCE_ID: instance_id,
            CONF_TOKEN: secret(user_input, known, CONF_TOKEN),
            CONF_TITLE: known.get(CONF_TITLE),
        }

    @override
    def is_same(self, data: Mapping[str, Any], other: ConfigEntry) -> bool:
        return bool(data[CONF_INSTANCE_ID] == other.data[CONF_INSTANCE_ID])

    @override
    async def async_connect(
        self,
        hass: HomeAssistant,
        data: dict[str, Any],
        entry: ConfigEntry | None,
        limits: Limits,
    ) -> None:
        if not data[CONF_TOKEN] or not data[CONF_INSTANCE_ID].isalnum():
            raise AuthenticationError("There is no such instance or token")
        with hidden(data[CONF_TOKEN]):
            client = self._client(hass, data, limits)
            if await client.state() in UNUSABLE_STATES:
                raise FormError("not_authorized")
            settings = await client.settings()
        data[CONF_TITLE] = _title(settings, data[CONF_INSTANCE_ID])
        if changes := problems(settings):
            raise Fix(
                "webhook_url_set"
                if "webhookUrl" in changes
                else "notifications_disabled",
                changes,
                settings,
            )

    @override
    async def async_fix(
        self,
        hass: HomeAssistant,
        data: Mapping[str, Any],
        changes: Mapping[str, Json],
        limits: Limits,
    ) -> None:
        with hidden(data[CONF_TOKEN]):
            await self._client(hass, data, limits).set_settings(changes)

    @override
    def title(self, data: Mapping[str, Any]) -> str:
        # Home Assistant logs titles: so never a whole number.
        return str(data[CONF_TITLE])

    def _client(
        self, hass: HomeAssistant, data: Mapping[str, Any], limits: Limits
    ) -> GreenApiClient:
        return GreenApiClient(
            async_get_clientsession(hass),
            URL(data[CONF_URL]),
            data[CONF_INSTANCE_ID],
            data[CONF_TOKEN],
            fingerprint=data[CONF_FINGERPRINT],
            limits=limits,
        )


class ChatFlow(ConfigSubentryFlow):
    """Add or rename a chat."""

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Add a chat."""
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                chat_id = chat_id_of(user_input[CONF_CHAT_ID])
            except ValueError:
                errors[CONF_CHAT_ID] = "invalid_chat"
            else:
                if any(
                    subentry.subentry_type == SUBENTRY_CHAT
                    and subentry.data[CONF_CHAT_ID] == chat_id
                    for subentry in self._get_entry().subentries.values()
                ):
                    return self.async_abort(reason="already_configured")
                if name := user_input[CONF_NAME].strip():
                    return self.async_create_entry(
                        title=name, data={CONF_NAME: name, CONF_CHAT_ID: chat_id}
                    )
                errors[CONF_NAME] = "no_name"
        return self.async_show_form(
            step_id="user",
            data_schema=self.add_suggested_values_to_schema(
                vol.Schema(
                    {
                        vol.Required(CONF_NAME): TEXT_SELECTOR,
                        vol.Required(CONF_CHAT_ID): TEXT_SELECTOR,
                    }
                ),
                user_input,
            ),
            errors=errors,
        )

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Rename a chat; another chat is another device."""
        errors: dict[str, str] = {}
        subentry = self._get_reconfigure_subentry()
        if user_input is not None:
            if name := user_input[CONF_NAME].strip():
                return self.async_update_and_abort(
                    self._get_entry(),
                    subentry,
                    title=name,
                    data={**subentry.data, CONF_NAME: name},
                    # Named, so that the words are ours.
                    reason="reconfigure_successful",
                )
            errors[CONF_NAME] = "no_name"
        return self.async_show_form(
            step_id="reconfigure",
            data_schema=self.add_suggested_values_to_schema(
                vol.Schema({vol.Required(CONF_NAME): TEXT_SELECTOR}),
                user_input or subentry.data,
            ),
            errors=errors,
        )


def _title(settings: Mapping[str, Json], instance_id: str) -> str:
    """Return a title with the end of the account's number, else the instance's."""
    wid = (as_text(settings.get("wid")) or "").partition("@")[0]
    digits = wid if wid.isdecimal() else instance_id
    return f"WhatsApp …{digits[-TITLE_DIGITS:]}"
