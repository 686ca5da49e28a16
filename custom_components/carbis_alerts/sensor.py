"""Sensors: what a place's values are now."""

from typing import Final, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import (
    AddConfigEntryEntitiesCallback,
    async_get_current_platform,
)

from .entity import CarbisEntity
from .sources.coordinator import CarbisConfigEntry

PARALLEL_UPDATES: Final = 0

BILL: Final = SensorEntityDescription(
    key="bill",
    device_class=SensorDeviceClass.MONETARY,
    suggested_display_precision=2,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: CarbisConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the sensors of an entry."""
    source = entry.runtime_data

    def build(key: str) -> list[PlaceSensor]:
        return [PlaceSensor(source, key, BILL)]

    await source.async_add_builder(async_get_current_platform(), build)


class PlaceSensor(CarbisEntity, SensorEntity):
    """A value of a place, stored with the entry and so kept over restarts."""

    @override
    async def async_added_to_hass(self) -> None:
        self.async_on_remove(
            self._source.async_listen_values(self._key, self.async_write_ha_state)
        )

    @property
    @override
    def native_value(self) -> float | None:
        place = self._source.places.get(self._key)
        return None if place is None else place.values.get(self.entity_description.key)

    @property
    @override
    def native_unit_of_measurement(self) -> str:
        return self.hass.config.currency
