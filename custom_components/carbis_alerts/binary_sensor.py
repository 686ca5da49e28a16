"""Binary sensors: the connection to the service, and devices that wait."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, override

from homeassistant.components.binary_sensor import (
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import (
    AddConfigEntryEntitiesCallback,
    async_get_current_platform,
)
from homeassistant.helpers.restore_state import ExtraStoredData, RestoreEntity

from .entity import CarbisEntity, CarbisValueEntity
from .entries import is_team
from .runtime.devices import HUB
from .runtime.runtime import ServiceRuntime
from .runtime.storage import as_time
from .services.entities import WaitingSensorDescription
from .services.registry import service_of
from .team.binary_sensor import async_add_team_binary_sensors

PARALLEL_UPDATES: Final = 0

CONNECTION: Final = BinarySensorEntityDescription(
    key="connection",
    device_class=BinarySensorDeviceClass.CONNECTIVITY,
    entity_category=EntityCategory.DIAGNOSTIC,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: ConfigEntry[Any],
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the binary sensors of an entry."""
    if is_team(entry):
        async_add_team_binary_sensors(entry.runtime_data, async_add_entities)
        return
    runtime: ServiceRuntime = entry.runtime_data
    async_add_entities([ConnectionSensor(runtime, HUB, CONNECTION)])
    waiting = service_of(entry).waiting
    if not waiting:
        return

    def build(key: str) -> list[WaitingSensor]:
        return [WaitingSensor(runtime, key, description) for description in waiting]

    await runtime.devices.async_add_builder(async_get_current_platform(), build)


@dataclass(frozen=True, slots=True)
class LastAnswer(ExtraStoredData):
    """When the service last answered, as Home Assistant's file of states has it."""

    at: datetime | None

    @override
    def as_dict(self) -> dict[str, Any]:
        return {"last_answer": self.at.isoformat() if self.at else None}


class ConnectionSensor(CarbisEntity, BinarySensorEntity, RestoreEntity):
    """Whether the service answers."""

    @property
    @override
    def extra_restore_state_data(self) -> LastAnswer:
        return LastAnswer(self._runtime.connection.last_answer_at)

    @override
    async def async_added_to_hass(self) -> None:
        if (stored := await self.async_get_last_extra_data()) is not None:
            answered_at = as_time(stored.as_dict().get("last_answer"))
            self._runtime.connection.async_restore_answer(answered_at)
        self.async_on_remove(
            self._runtime.signals.listen_connection(self.async_write_ha_state)
        )

    @property
    @override
    def is_on(self) -> bool | None:
        return self._runtime.connection.is_connected

    async def async_update(self) -> None:
        """Ask the service now: the action to update an entity was called."""
        await self._runtime.source.async_request_refresh()


class WaitingSensor(CarbisValueEntity, BinarySensorEntity):
    """Whether a device waits for somebody."""

    entity_description: WaitingSensorDescription

    @override
    def shown(self) -> bool:
        return self.is_on

    @property
    @override
    def is_on(self) -> bool:
        return self._runtime.alerts.book.is_waiting(
            self._key, self.entity_description.kind
        )
