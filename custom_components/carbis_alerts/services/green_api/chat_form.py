"""The form of a chat."""

from typing import Any

from homeassistant.config_entries import ConfigSubentryFlow, SubentryFlowResult
from homeassistant.const import CONF_NAME
import voluptuous as vol

from ...const import CONF_CHAT_ID, SUBENTRY_CHAT
from ...domain.chats import chat_id_of
from ..form import TEXT_SELECTOR
from .messenger import messenger_in


class ChatFlow(ConfigSubentryFlow):
    """Add or rename a chat."""

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Add a chat."""
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                chat_id = chat_id_of(
                    user_input[CONF_CHAT_ID], messenger_in(self._get_entry().data)
                )
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
