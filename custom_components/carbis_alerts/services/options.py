"""The options that services share."""

from collections.abc import Callable
from typing import Any

from homeassistant.const import UnitOfTime
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    TimeSelector,
)
import voluptuous as vol

from ..const import (
    CONF_CLOSE_AFTER,
    CONF_DAILY_RESET,
    CONF_KEEP_FOR,
    CONF_OVERDUE_AFTER,
    CONF_POLL_INTERVAL,
    CONF_REMIND_AFTER,
    DEFAULT_CLOSE_AFTER,
    DEFAULT_DAILY_RESET,
    DEFAULT_KEEP_FOR,
    DEFAULT_OVERDUE_AFTER,
    DEFAULT_POLL_INTERVAL,
    DEFAULT_REMIND_AFTER,
    MAX_CLOSE_AFTER,
    MAX_KEEP_FOR,
    MAX_OVERDUE_AFTER,
    MAX_POLL_INTERVAL,
    MAX_REMIND_AFTER,
)

type Fields = dict[vol.Marker, Any]


def poll_interval() -> Fields:
    """Return how often a service is asked; 0 is as fast as it bears."""
    return {
        vol.Required(CONF_POLL_INTERVAL, default=DEFAULT_POLL_INTERVAL): whole_number(
            0, MAX_POLL_INTERVAL, UnitOfTime.SECONDS
        )
    }


def alert_options(*, end_with_day: bool) -> Fields:
    """Return how long alerts wait: minutes where guests leave, else hours."""
    kept: Fields = (
        {
            vol.Required(CONF_CLOSE_AFTER, default=DEFAULT_CLOSE_AFTER): whole_number(
                1, MAX_CLOSE_AFTER, UnitOfTime.MINUTES
            ),
            vol.Required(CONF_REMIND_AFTER, default=DEFAULT_REMIND_AFTER): whole_number(
                0, MAX_REMIND_AFTER, UnitOfTime.MINUTES
            ),
        }
        if end_with_day
        else {
            vol.Required(CONF_KEEP_FOR, default=DEFAULT_KEEP_FOR): whole_number(
                1, MAX_KEEP_FOR, UnitOfTime.HOURS
            )
        }
    )
    return {
        vol.Required(CONF_OVERDUE_AFTER, default=DEFAULT_OVERDUE_AFTER): whole_number(
            0, MAX_OVERDUE_AFTER, UnitOfTime.SECONDS
        ),
        **kept,
        vol.Required(CONF_DAILY_RESET, default=DEFAULT_DAILY_RESET): TimeSelector(),
    }


def whole_number(
    least: int, most: int, unit: str | None = None
) -> Callable[[Any], Any]:
    """Return a field for a whole number, which is stored as one."""
    config = NumberSelectorConfig(
        min=least, max=most, step=1, mode=NumberSelectorMode.BOX
    )
    if unit is not None:
        config["unit_of_measurement"] = unit
    return vol.All(NumberSelector(config), vol.Coerce(int))
