"""The form of a messenger's account at GREEN-API."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_TOKEN, CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import AbortFlow
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.selector import (
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
import voluptuous as vol
from yarl import URL

from ...api.errors import (
    AccountUnusable,
    AuthenticationError,
    RequestRefused,
    ServiceError,
)
from ...api.fields import as_text
from ...api.green_api import (
    MESSENGERS,
    STATES,
    WHATSAPP,
    AccountState,
    GreenApiClient,
    Messenger,
    of_instance,
    problems,
)
from ...api.green_api.linking import needs_link
from ...api.transport import Limits
from ...api.types import Json
from ...const import (
    ANSWERS_ANY,
    ANSWERS_NOT_AUTOMATIC,
    CONF_ANSWERS,
    CONF_FINGERPRINT,
    CONF_INSTANCE_ID,
    CONF_MESSENGER,
    CONF_TITLE,
    MESSENGER_AUTO,
)
from ...domain.events import Source
from ...log_filter import hidden
from ...runtime.timings import timings
from ..form import (
    PASSWORD_SELECTOR,
    TEXT_SELECTOR,
    URL_SELECTOR,
    ErrorKeys,
    FieldError,
    Fix,
    ServiceForm,
    secret,
)
from ..linking import Linker
from .linking import GreenApiLinker
from .messenger import messenger_in, messenger_said, title_of

TITLE_DIGITS: Final = 4
# What the addresses of MAX may have before the instance, and need not.
VERSION: Final = "/v3"


class OtherMessenger(FieldError):
    """The account is one of another messenger than was chosen."""

    def __init__(self, found: Messenger) -> None:
        super().__init__(CONF_MESSENGER, "other_messenger")
        self.said = found.title


class GreenApiForm(ServiceForm):
    """An instance, its token, and where it is."""

    source = Source.GREEN_API
    secrets: ClassVar[tuple[str, ...]] = (CONF_TOKEN,)
    path: ClassVar[str] = "/waInstance"
    default_url: ClassVar[str | None] = f"https://{WHATSAPP.host}"
    error_keys: ClassVar[ErrorKeys] = ((RequestRefused, "service_refused"),)

    @override
    def schema(self, *, is_new: bool) -> vol.Schema:
        token = vol.Required if is_new else vol.Optional
        return vol.Schema(
            {
                vol.Required(CONF_URL, default=self.default_url): URL_SELECTOR,
                vol.Required(CONF_INSTANCE_ID): TEXT_SELECTOR,
                token(CONF_TOKEN): PASSWORD_SELECTOR,
                vol.Required(CONF_MESSENGER, default=MESSENGER_AUTO): SelectSelector(
                    SelectSelectorConfig(
                        options=[MESSENGER_AUTO, *MESSENGERS],
                        mode=SelectSelectorMode.DROPDOWN,
                        translation_key=CONF_MESSENGER,
                    )
                ),
            }
        )

    @override
    def address(self, user_input: Mapping[str, Any]) -> URL:
        """Return the address; where the general one was left, that of the messenger.

        The general address is WhatsApp's.
        """
        url = super().address(user_input)
        url = url.with_path(url.path.rstrip("/").removesuffix(VERSION))
        if url.host != WHATSAPP.host:
            return url
        messenger = of_instance(user_input[CONF_INSTANCE_ID].strip()) or messenger_in(
            user_input
        )
        return url.with_host(messenger.host)

    @override
    def options_schema(self) -> vol.Schema:
        return (
            super()
            .options_schema()
            .extend(
                {
                    vol.Required(
                        CONF_ANSWERS, default=ANSWERS_NOT_AUTOMATIC
                    ): SelectSelector(
                        SelectSelectorConfig(
                            options=[ANSWERS_NOT_AUTOMATIC, ANSWERS_ANY],
                            mode=SelectSelectorMode.LIST,
                            translation_key=CONF_ANSWERS,
                        )
                    )
                }
            )
        )

    @override
    def error_key(self, err: ServiceError) -> str:
        if isinstance(err, AccountUnusable):
            return err.trouble
        return super().error_key(err)

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
            CONF_MESSENGER: user_input[CONF_MESSENGER],
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
            state = STATES.get(await client.state(), AccountState())
            settings = await client.settings()
        messenger = _messenger(data, settings)
        data[CONF_MESSENGER] = messenger.name
        data[CONF_TITLE] = _title(messenger, settings, data[CONF_INSTANCE_ID])
        if state.trouble is not None and not state.receives:
            raise AccountUnusable(state.trouble)
        if changes := problems(settings):
            raise Fix(
                "webhook_url_set"
                if "webhookUrl" in changes
                else "notifications_disabled",
                changes,
                settings,
            )

    @override
    def needs_link(self, err: ServiceError) -> bool:
        return isinstance(err, AccountUnusable) and needs_link(err.trouble)

    @override
    def linker(self, hass: HomeAssistant, data: Mapping[str, Any]) -> Linker:
        # An instance without an account may refuse to say which messenger it is for.
        messenger = (
            MESSENGERS.get(data.get(CONF_MESSENGER, MESSENGER_AUTO))
            or of_instance(data[CONF_INSTANCE_ID])
            or WHATSAPP
        )
        client = self._client(
            hass, {**data, CONF_MESSENGER: messenger.name}, timings().limits
        )
        return GreenApiLinker(hass, client, data[CONF_TOKEN])

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
            messenger=messenger_in(data),
        )


def _messenger(data: Mapping[str, Any], settings: Mapping[str, Json]) -> Messenger:
    """Return the messenger; raise an error where another one was chosen."""
    chosen = MESSENGERS.get(data[CONF_MESSENGER])
    found = messenger_said(settings, data[CONF_INSTANCE_ID])
    if chosen is not None and found is not None and found is not chosen:
        raise OtherMessenger(found)
    return found or chosen or WHATSAPP


def _title(messenger: Messenger, settings: Mapping[str, Json], instance_id: str) -> str:
    """Return a title with the end of the account's number, else the instance's."""
    wid = (as_text(settings.get("wid")) or "").partition("@")[0]
    digits = wid if wid.isdecimal() else instance_id
    return title_of(messenger, digits[-TITLE_DIGITS:])
