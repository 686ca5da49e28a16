"""The till's waiters that were seen so far, to be proposed for people."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from ..entries import loaded_services, team_of
from ..services.abilities import knows_waiters


@callback
def waiters_seen(hass: HomeAssistant, team: ConfigEntry) -> dict[str, str]:
    """Return the waiters of what a team serves: what is stored of each, and its label."""
    return {
        waiter.value: waiter.name or waiter.value
        for entry in loaded_services(hass)
        if team_of(hass, entry.entry_id) is team
        and (known := knows_waiters(entry)) is not None
        for waiter in known.waiters_seen
    }
