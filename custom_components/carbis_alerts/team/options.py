"""Change in the UI how a team works."""

from typing import Any, Final

from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.const import UnitOfTime
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectSelector,
    SelectSelectorConfig,
    TimeSelector,
)
import voluptuous as vol

from ..const import (
    CONF_DAILY_RESET,
    CONF_FIGURES_BY_PERSON,
    CONF_KEEP_DAYS,
    CONF_SHIFT_ENDS,
    DEFAULT_DAILY_RESET,
    DEFAULT_KEEP_DAYS,
    DEFAULT_SHIFT_ENDS,
    MAX_KEEP_DAYS,
    MIN_KEEP_DAYS,
)
from ..domain.daily_people import FiguresBy
from ..services.options import whole_number

SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_SHIFT_ENDS, default=DEFAULT_SHIFT_ENDS): BooleanSelector(),
        vol.Required(CONF_DAILY_RESET, default=DEFAULT_DAILY_RESET): TimeSelector(),
        vol.Required(
            CONF_FIGURES_BY_PERSON, default=FiguresBy.NAME.value
        ): SelectSelector(
            SelectSelectorConfig(
                options=[kind.value for kind in FiguresBy],
                translation_key=CONF_FIGURES_BY_PERSON,
            )
        ),
        vol.Required(CONF_KEEP_DAYS, default=DEFAULT_KEEP_DAYS): whole_number(
            MIN_KEEP_DAYS, MAX_KEEP_DAYS, UnitOfTime.DAYS
        ),
    }
)


class TeamOptionsFlow(OptionsFlow):
    """Change how a team works."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the one form."""
        if user_input is not None:
            return self.async_create_entry(data=user_input)
        return self.async_show_form(
            step_id="init",
            data_schema=self.add_suggested_values_to_schema(
                SCHEMA, self.config_entry.options
            ),
        )
