"""Sensors: what is the case now, at the hub and at each device."""

from datetime import datetime
from typing import Any, Final, override

from homeassistant.components.sensor import SensorEntity
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import (
    AddConfigEntryEntitiesCallback,
    async_get_current_platform,
)

from .entity import CarbisValueEntity
from .entries import is_team
from .runtime.devices import HUB
from .runtime.runtime import ServiceRuntime
from .services.entities import CarbisSensorDescription
from .services.registry import service_of
from .team.sensor import async_add_team_sensors

PARALLEL_UPDATES: Final = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: ConfigEntry[Any],
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the sensors of an entry."""
    if is_team(entry):
        async_add_team_sensors(entry.runtime_data, async_add_entities)
        return
    runtime: ServiceRuntime = entry.runtime_data
    service = service_of(entry)

    def build(key: str) -> list[CarbisSensor]:
        return [
            CarbisSensor(runtime, key, description)
            for description in service.devices.sensors
        ]

    async_add_entities(
        CarbisSensor(runtime, HUB, description) for description in service.hub.sensors
    )
    await runtime.devices.async_add_builder(async_get_current_platform(), build)


class CarbisSensor(CarbisValueEntity, SensorEntity):
    """A value that the source keeps."""

    entity_description: CarbisSensorDescription[Any]

    _unrecorded_attributes = frozenset(
        {
            *("longest_wait", "longest_wait_at", "median"),
            *("ended", "repeated", "acknowledged_together"),
        }
    )

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        if not self.entity_description.holds_while_away:
            self.async_on_remove(
                self._runtime.signals.listen_connection(self.async_write_ha_state)
            )

    @override
    def shown(self) -> Any:
        return self.native_value, self.extra_state_attributes, self.last_reset

    @property
    @override
    def available(self) -> bool:
        return self.entity_description.holds_while_away or bool(
            self._runtime.connection.is_connected
        )

    @property
    @override
    def native_value(self) -> Any:
        return self.entity_description.value(self._runtime.source, self._key)

    @property
    @override
    def native_unit_of_measurement(self) -> str | None:
        if self.entity_description.is_money:
            return self.hass.config.currency
        return self.entity_description.native_unit_of_measurement

    @property
    @override
    def last_reset(self) -> datetime | None:
        read = self.entity_description.since
        return None if read is None else read(self._runtime.source)

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any] | None:
        read = self.entity_description.attributes
        return None if read is None else read(self._runtime.source)
