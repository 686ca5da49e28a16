"""Plain entities: what Home Assistant itself takes for as many as ours."""

from typing import Final, override

from homeassistant.config_entries import HANDLERS, ConfigEntry, ConfigFlow
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import AddEntitiesCallback
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockModule,
    MockPlatform,
    mock_integration,
    mock_platform,
)

PLAIN: Final = "plain"
# A table's: the entities are divided among the same platforms.
PLATFORMS: Final = (
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.EVENT,
    Platform.SENSOR,
)


class PlainFlow(ConfigFlow):
    """What an integration needs to have entries."""

    VERSION = 1


class PlainEntity(Entity):
    """An entity that shows nothing, on a device of its own table."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(self, entry_id: str, platform: str, number: int, device: int) -> None:
        """Be one of a platform's."""
        self._attr_name = f"{platform} {number}"
        self._attr_unique_id = f"{platform}_{number}"
        self._attr_device_info = dr.DeviceInfo(
            identifiers={(PLAIN, f"{entry_id}_{device}")}
        )

    @property
    @override
    def state(self) -> str:
        return "on"


def plain_entry(hass: HomeAssistant, tables: int, count: int) -> MockConfigEntry:
    """Return an entry of an integration that adds plain entities and nothing else.

    As many as ``count``, on as many devices as there are tables and one more.
    """
    HANDLERS.register(PLAIN)(PlainFlow)
    devices = tables + 1

    async def set_up(hass: HomeAssistant, entry: ConfigEntry) -> bool:
        for number in range(devices):
            dr.async_get(hass).async_get_or_create(
                config_entry_id=entry.entry_id,
                identifiers={(PLAIN, f"{entry.entry_id}_{number}")},
                name=f"Plain {number}",
            )
        await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
        return True

    async def unload(hass: HomeAssistant, entry: ConfigEntry) -> bool:
        return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)

    mock_integration(
        hass,
        MockModule(PLAIN, async_setup_entry=set_up, async_unload_entry=unload),
    )
    # Home Assistant looks for one with each entry.
    mock_platform(hass, f"{PLAIN}.config_flow", None)
    for index, platform in enumerate(PLATFORMS):

        async def add(
            _: HomeAssistant,
            entry: ConfigEntry,
            async_add_entities: AddEntitiesCallback,
            platform: str = platform.value,
            extra: int = index,
        ) -> None:
            async_add_entities(
                PlainEntity(entry.entry_id, platform, number, number % devices)
                for number in range(extra, count, len(PLATFORMS))
            )

        mock_platform(
            hass, f"{PLAIN}.{platform.value}", MockPlatform(async_setup_entry=add)
        )
    entry = MockConfigEntry(domain=PLAIN)
    entry.add_to_hass(hass)
    return entry
