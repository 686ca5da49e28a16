"""The diagnostics file of an entry: how it went, without what was said or to whom."""

from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.const import CONF_URL
from homeassistant.core import HomeAssistant
from yarl import URL

from .api.errors import ServiceError
from .const import (
    CONF_CLOSE_AFTER,
    CONF_DAILY_RESET,
    CONF_FIGURES_BY_PERSON,
    CONF_FINGERPRINT,
    CONF_KEEP_DAYS,
    CONF_KEEP_FOR,
    CONF_OVERDUE_AFTER,
    CONF_POLL_INTERVAL,
    CONF_REMIND_AFTER,
    CONF_SERVICE,
    CONF_SHIFT_ENDS,
    TEAM,
)
from .domain.daily_people import FiguresBy
from .domain.diagnosis import (
    CODES,
    Schema,
    allowed,
    clock,
    count,
    counts,
    flag,
    form,
    is_set,
    listed,
    moment,
    nested,
    number,
    word,
)
from .domain.events import EventType, Source
from .entries import is_team
from .runtime.runtime import CarbisConfigEntry
from .services.registry import service_of
from .team.diagnosis import SCHEMA as TEAM_SCHEMA, diagnostics as team_diagnostics


def _names(kind: type[ServiceError]) -> list[str]:
    """Return the names of all kinds of failure."""
    return [
        kind.__name__,
        *(name for one in kind.__subclasses__() for name in _names(one)),
    ]


FAILURES: Final = tuple(_names(ServiceError))
DATA: Final[Schema] = {
    CONF_SERVICE: word(*Source, TEAM),
    # They explain faults; the name of the host is nobody's business.
    "scheme": word("http", "https"),
    "port": count,
    CONF_FINGERPRINT: is_set,
}
OPTIONS: Final[Schema] = {
    CONF_OVERDUE_AFTER: count,
    CONF_CLOSE_AFTER: count,
    CONF_KEEP_FOR: count,
    CONF_DAILY_RESET: clock,
    CONF_POLL_INTERVAL: number,
    CONF_REMIND_AFTER: count,
}
TEAM_OPTIONS: Final[Schema] = {
    CONF_SHIFT_ENDS: flag,
    CONF_DAILY_RESET: clock,
    CONF_FIGURES_BY_PERSON: word(*FiguresBy),
    CONF_KEEP_DAYS: count,
}
STATISTICS: Final[Schema] = {
    "tries": count,
    "failures": counts(*FAILURES),
    "events": counts(*EventType),
    "late": count,
    "repeats": count,
    "malformed": count,
    "malformed_shapes": listed(form),
    "other_shapes": listed(nested({"code": word(*CODES), "shape": form})),
    "last_success": moment,
    "last_event": moment,
    "outages": listed(
        nested(
            {
                "began": moment,
                "ended": moment,
                "seconds": number,
                "reason": word(*FAILURES),
            }
        )
    ),
}
RUNTIME: Final[Schema] = {
    "connected": flag,
    "places": count,
    "journal": nested({"begun": flag, "entries": count, "has_cursor": flag}),
    "statistics": nested(STATISTICS),
    "own_failures": nested(
        {"failed": count, "plain": count, "passed": count, "waiting": count}
    ),
    "failures_in_a_row": count,
}


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: CarbisConfigEntry
) -> dict[str, Any]:
    """Return what helps to find a fault of an entry."""
    if is_team(entry):
        return _team(entry)
    url, own = URL(entry.data[CONF_URL]), service_of(entry).diagnosis
    data = {**entry.data, "scheme": url.scheme, "port": url.port}
    about = {
        "data": allowed({**DATA, **own.data}, data),
        "options": allowed({**OPTIONS, **own.options}, entry.options),
    }
    if entry.state is not ConfigEntryState.LOADED:
        return {"entry": about}
    runtime = entry.runtime_data
    return {
        "entry": about,
        **allowed({**RUNTIME, **own.source}, runtime.diagnostics()),
        # Nothing of anybody was kept in it when it was made, by its owner's wish.
        "recording": runtime.recording.as_dict(),
    }


def _team(entry: ConfigEntry[Any]) -> dict[str, Any]:
    """Return what helps to find a fault of a team."""
    about = {
        "data": allowed(DATA, entry.data),
        "options": allowed(TEAM_OPTIONS, entry.options),
    }
    if entry.state is not ConfigEntryState.LOADED:
        return {"entry": about}
    found = team_diagnostics(entry.runtime_data)
    return {"entry": about, "team": allowed(TEAM_SCHEMA, found)}
