"""Change in the UI how an entry works, and have its service recorded for an hour."""

from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult, OptionsFlow
from homeassistant.helpers.selector import BooleanSelector
import voluptuous as vol

from .api.errors import ServiceError
from .runtime.recording import Recording
from .services.registry import service_of

CONF_RECORD: Final = "record"


class CarbisOptionsFlow(OptionsFlow):
    """Change how an entry works."""

    # Whether the form was shown while the service was recorded.
    _recorded = False

    @property
    def _recording(self) -> Recording | None:
        """Return what records the entry, None where it is not loaded."""
        if self.config_entry.state is not ConfigEntryState.LOADED:
            return None
        recording: Recording = self.config_entry.runtime_data.recording
        return recording

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the one form."""
        recording = self._recording
        form = service_of(self.config_entry).form
        errors: dict[str, str] = {}
        if user_input is not None:
            given = dict(user_input)
            # An hour of it is no option of the entry.
            wanted = given.pop(CONF_RECORD, self._recorded)
            try:
                options = form.options(given)
            except ServiceError as err:
                errors[form.error_field(err)] = form.error_key(err)
            else:
                if recording is not None and wanted is not self._recorded:
                    await (recording.async_begin() if wanted else recording.async_end())
                return self.async_create_entry(data=options)
        schema = form.options_schema().extend(
            form.entry_options(self.hass, self.config_entry)
        )
        if recording is not None:
            self._recorded = recording.is_running
            schema = schema.extend(
                {vol.Optional(CONF_RECORD, default=self._recorded): BooleanSelector()}
            )
        return self.async_show_form(
            step_id="init",
            data_schema=self.add_suggested_values_to_schema(
                schema, user_input or self.config_entry.options
            ),
            errors=errors,
        )
