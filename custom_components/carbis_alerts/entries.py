"""The entries of this integration: those of services, and teams."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from .const import CONF_ENTRIES, CONF_SERVICE, DOMAIN, TEAM


def is_team(entry: ConfigEntry) -> bool:
    """Return whether an entry is a team; any other is one of a service."""
    return bool(entry.data[CONF_SERVICE] == TEAM)


@callback
def service_entries(
    hass: HomeAssistant, *, include_disabled: bool = True
) -> list[ConfigEntry]:
    """Return the entries of services."""
    return [entry for entry in _entries(hass, include_disabled) if not is_team(entry)]


@callback
def loaded_services(hass: HomeAssistant) -> list[ConfigEntry]:
    """Return the entries of services that are loaded."""
    return [
        entry
        for entry in hass.config_entries.async_loaded_entries(DOMAIN)
        if not is_team(entry)
    ]


@callback
def team_entries(
    hass: HomeAssistant, *, include_disabled: bool = True
) -> list[ConfigEntry]:
    """Return the teams."""
    return [entry for entry in _entries(hass, include_disabled) if is_team(entry)]


@callback
def team_of(hass: HomeAssistant, entry_id: str) -> ConfigEntry | None:
    """Return the team of an entry of a service: who names it, else who names none."""
    if all(entry.entry_id != entry_id for entry in service_entries(hass)):
        return None
    teams = team_entries(hass, include_disabled=False)
    for team in teams:
        if entry_id in team.data.get(CONF_ENTRIES, ()):
            return team
    return next((team for team in teams if not team.data.get(CONF_ENTRIES)), None)


def _entries(hass: HomeAssistant, include_disabled: bool) -> list[ConfigEntry]:
    return hass.config_entries.async_entries(
        DOMAIN, include_ignore=False, include_disabled=include_disabled
    )
