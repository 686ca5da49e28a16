"""Binary sensors: the connection to the service."""

from typing import Final, override

from homeassistant.components.binary_sensor import (
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entity import CarbisEntity
from .sources.coordinator import HUB, CarbisConfigEntry

PARALLEL_UPDATES: Final = 0

CONNECTION: Final = BinarySensorEntityDescription(
    key="connection",
    device_class=BinarySensorDeviceClass.CONNECTIVITY,
    entity_category=EntityCategory.DIAGNOSTIC,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: CarbisConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the binary sensors of an entry."""
    async_add_entities([ConnectionSensor(entry.runtime_data, HUB, CONNECTION)])


class ConnectionSensor(CarbisEntity, BinarySensorEntity):
    """Whether the service answers."""

    @override
    async def async_added_to_hass(self) -> None:
        self.async_on_remove(self._source.async_add_listener(self.async_write_ha_state))

    @property
    @override
    def is_on(self) -> bool | None:
        return self._source.connected

    async def async_update(self) -> None:
        """Ask the service now: the action to update an entity was called."""
        await self._source.async_request_refresh()
