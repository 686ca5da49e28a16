"""The form of a contact: a subentry of a PBX's entry."""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import ConfigSubentryFlow, SubentryFlowResult
from homeassistant.const import CONF_NAME
from homeassistant.helpers.selector import BooleanSelector
import voluptuous as vol

from ...const import CONF_NUMBER, CONF_VIP, SUBENTRY_CONTACT
from ...domain.numbers import normalised
from ..form import TEXT_SELECTOR


class ContactFlow(ConfigSubentryFlow):
    """Add or change somebody whose number is known."""

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Add a contact."""
        return await self._async_form("user", user_input, {})

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change a contact."""
        return await self._async_form(
            "reconfigure", user_input, self._get_reconfigure_subentry().data
        )

    async def _async_form(
        self,
        step_id: str,
        user_input: dict[str, Any] | None,
        known: Mapping[str, Any],
    ) -> SubentryFlowResult:
        """Show the form, and take what was entered."""
        errors: dict[str, str] = {}
        entry = self._get_entry()
        if user_input is not None:
            number = normalised(user_input[CONF_NUMBER])
            if number is None:
                errors[CONF_NUMBER] = "invalid_number"
            elif number != normalised(known.get(CONF_NUMBER)) and any(
                normalised(subentry.data.get(CONF_NUMBER)) == number
                for subentry in entry.subentries.values()
                if subentry.subentry_type == SUBENTRY_CONTACT
            ):
                errors[CONF_NUMBER] = "number_known"
            elif not (name := user_input[CONF_NAME].strip()):
                errors[CONF_NAME] = "no_name"
            else:
                data = {**user_input, CONF_NAME: name}
                if step_id == "user":
                    return self.async_create_entry(title=name, data=data)
                return self.async_update_and_abort(
                    entry,
                    self._get_reconfigure_subentry(),
                    title=name,
                    data=data,
                    # Named, so that the words are ours.
                    reason="reconfigure_successful",
                )
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(
                vol.Schema(
                    {
                        vol.Required(CONF_NAME): TEXT_SELECTOR,
                        vol.Required(CONF_NUMBER): TEXT_SELECTOR,
                        vol.Required(CONF_VIP, default=False): BooleanSelector(),
                    }
                ),
                user_input or known,
            ),
            errors=errors,
        )
