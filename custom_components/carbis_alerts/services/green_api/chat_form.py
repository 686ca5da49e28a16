"""The form of a chat."""

from typing import Any

from homeassistant.config_entries import (
    ConfigEntryState,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.const import CONF_NAME
import voluptuous as vol

from ...api.errors import ServiceError
from ...api.green_api import chat_of_number
from ...const import CONF_CHAT_ID, LOGGER, SUBENTRY_CHAT
from ...domain.chats import chat_id_of, is_written_as_phone, number_in, phone_of
from ..form import TEXT_SELECTOR, FieldError
from .messenger import messenger_in
from .source import GreenApiSource


class ChatFlow(ConfigSubentryFlow):
    """Add or rename a chat."""

    def __init__(self) -> None:
        """Begin with nobody looked up."""
        # By the digits of a number: the chat id, None for nobody.
        self._looked_up: dict[str, str | None] = {}

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Add a chat."""
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                chat_id = await self._async_chat_id(user_input[CONF_CHAT_ID])
            except FieldError as err:
                errors[err.field] = err.key
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

    async def _async_chat_id(self, text: str) -> str:
        """Return the id of a chat; raise a ``FieldError``.

        Where ids hold no numbers, the service is asked who has one.
        """
        messenger = messenger_in(self._get_entry().data)
        number = number_in(text.strip()) or (
            phone_of(text) if is_written_as_phone(text) else None
        )
        if messenger.number_suffix is not None or number is None:
            try:
                return chat_id_of(text, messenger)
            except ValueError:
                raise FieldError(CONF_CHAT_ID, "invalid_chat") from None
        if number not in self._looked_up:
            self._looked_up[number] = await self._async_look_up(number)
        if (chat_id := self._looked_up[number]) is None:
            raise FieldError(CONF_CHAT_ID, "no_account")
        return chat_id

    async def _async_look_up(self, number: str) -> str | None:
        """Ask who has a number; None is nobody."""
        entry = self._get_entry()
        is_loaded = entry.state is ConfigEntryState.LOADED
        source = entry.runtime_data.source if is_loaded else None
        if not isinstance(source, GreenApiSource):
            raise FieldError(CONF_CHAT_ID, "lookup_failed")
        try:
            return await chat_of_number(source.client, number)
        except ValueError:
            raise FieldError(CONF_CHAT_ID, "number_abroad") from None
        except ServiceError as err:
            LOGGER.debug("A number could not be looked up: %s", err)
            raise FieldError(CONF_CHAT_ID, "lookup_failed") from None

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
