"""Switches: whether somebody is on shift."""

from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .team.runtime import TeamConfigEntry
from .team.switch import async_add_team_switches

PARALLEL_UPDATES: Final = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: TeamConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the switches of a team."""
    async_add_team_switches(entry.runtime_data, async_add_entities)
