"""Options that an earlier version stored, as this version has them."""

from collections.abc import Mapping
import math
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from .const import CONF_CLOSE_AFTER, CONF_KEEP_FOR, CONF_SERVICE, MAX_KEEP_FOR
from .domain.rules import ends_with_day

VERSION: Final = 1
MINOR_VERSION: Final = 2

# What nobody had chosen: it goes, for the present default.
_OLD_CLOSE_AFTER: Final = 30


async def async_migrate_entry(hass: HomeAssistant, entry: ConfigEntry) -> bool:
    """Bring an entry up to date."""
    if entry.minor_version < MINOR_VERSION:
        hass.config_entries.async_update_entry(
            entry,
            options=_options(entry.data.get(CONF_SERVICE), entry.options),
            minor_version=MINOR_VERSION,
        )
    return True


def _options(service: object, stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of the second minor version: hours where nobody sits and waits."""
    options = dict(stored)
    minutes = _number(options.pop(CONF_CLOSE_AFTER, None))
    if minutes is None:
        return options
    if ends_with_day(service):
        return {**options, CONF_CLOSE_AFTER: minutes}
    if minutes != _OLD_CLOSE_AFTER:
        options.setdefault(CONF_KEEP_FOR, min(math.ceil(minutes / 60), MAX_KEEP_FOR))
    return options


def _number(value: object) -> int | float | None:
    """Return a number of minutes, None for what no form has stored."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if 0 < value < math.inf else None
