"""The alerts that a team is there for, as the entries of services hold them."""

from collections.abc import Iterator

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback

from ..const import DOMAIN
from ..domain.alert import Alert
from ..entries import is_team
from ..runtime.runtime import ServiceRuntime
from ..targets import sources
from .runtime import TeamRuntime


@callback
def runtime_of(hass: HomeAssistant, entry_id: str) -> ServiceRuntime | None:
    """Return what an entry of a service holds, None while it is not loaded."""
    entry = hass.config_entries.async_get_entry(entry_id)
    if (
        entry is None
        or entry.domain != DOMAIN
        or entry.state is not ConfigEntryState.LOADED
        or is_team(entry)
    ):
        return None
    runtime: ServiceRuntime = entry.runtime_data
    return runtime


@callback
def alert_of(
    hass: HomeAssistant, entry_id: str, alert_id: str
) -> tuple[ServiceRuntime, Alert] | None:
    """Return an alert that is not closed, with the runtime that has it."""
    runtime = runtime_of(hass, entry_id)
    alert = None if runtime is None else runtime.alerts.book.find(alert_id)
    return None if runtime is None or alert is None else (runtime, alert)


@callback
def served(team: TeamRuntime) -> Iterator[ServiceRuntime]:
    """Yield the entries of services that are loaded, and that a team serves."""
    for runtime in sources(team.hass):
        if team.serves(runtime.entry.entry_id):
            yield runtime
