"""The till's waiters that were seen so far, to be proposed for people."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback


@callback
def waiters_seen(hass: HomeAssistant, team: ConfigEntry) -> dict[str, str]:
    """Return the waiters of what a team serves: what is stored of each, and its name."""
    return {}
