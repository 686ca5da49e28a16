"""What the options of an entry say about its alerts and its day."""

from datetime import time, timedelta

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..const import (
    CONF_CLOSE_AFTER,
    CONF_DAILY_RESET,
    CONF_FIGURES_BY_PERSON,
    CONF_KEEP_FOR,
    CONF_OVERDUE_AFTER,
    CONF_REMIND_AFTER,
    CONF_SERVICE,
    DEFAULT_CLOSE_AFTER,
    DEFAULT_DAILY_RESET,
    DEFAULT_KEEP_FOR,
    DEFAULT_OVERDUE_AFTER,
    DEFAULT_REMIND_AFTER,
)
from ..domain.daily_people import FiguresBy
from ..domain.rules import ends_with_day
from ..entries import team_of


def overdue_after(entry: ConfigEntry) -> timedelta:
    """Return how long an alert may be open before it is overdue, 0 for ever."""
    return timedelta(
        seconds=entry.options.get(CONF_OVERDUE_AFTER, DEFAULT_OVERDUE_AFTER)
    )


def remind_after(entry: ConfigEntry) -> timedelta:
    """Return how long one may be acknowledged without an end, 0 for ever."""
    return timedelta(minutes=entry.options.get(CONF_REMIND_AFTER, DEFAULT_REMIND_AFTER))


def kept_for(entry: ConfigEntry) -> timedelta:
    """Return how long an alert is kept after its last change."""
    options = entry.options
    if ends_with_day(entry.data[CONF_SERVICE]):
        return timedelta(minutes=options.get(CONF_CLOSE_AFTER, DEFAULT_CLOSE_AFTER))
    return timedelta(hours=options.get(CONF_KEEP_FOR, DEFAULT_KEEP_FOR))


def daily_reset(entry: ConfigEntry) -> time:
    """Return the hour at which the restaurant's day begins."""
    stored = entry.options.get(CONF_DAILY_RESET, DEFAULT_DAILY_RESET)
    return dt_util.parse_time(str(stored)) or time(6)


def figures_by(hass: HomeAssistant, entry_id: str) -> FiguresBy:
    """Return how people stand in the figures of an entry, as their team wants it."""
    team = team_of(hass, entry_id)
    return figures_of(team) if team is not None else FiguresBy.NONE


def figures_of(team: ConfigEntry) -> FiguresBy:
    """Return how the people of a team stand in figures."""
    wanted = team.options.get(CONF_FIGURES_BY_PERSON, FiguresBy.NAME)
    return next((one for one in FiguresBy if one == wanted), FiguresBy.NAME)
