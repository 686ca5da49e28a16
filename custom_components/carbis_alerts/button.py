"""Buttons: somebody has it."""

from typing import Final, override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import (
    AddConfigEntryEntitiesCallback,
    async_get_current_platform,
)

from .entity import CarbisEntity
from .runtime.devices import HUB
from .runtime.runtime import CarbisConfigEntry
from .services.refusing import check_free
from .services.registry import service_of

PARALLEL_UPDATES: Final = 0

ACKNOWLEDGE: Final = ButtonEntityDescription(key="acknowledge")
ACKNOWLEDGE_ALL: Final = ButtonEntityDescription(key="acknowledge_all")


async def async_setup_entry(
    hass: HomeAssistant,
    entry: CarbisConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the buttons of an entry."""
    runtime = entry.runtime_data
    async_add_entities([AcknowledgeButton(runtime, HUB, ACKNOWLEDGE_ALL)])
    if not service_of(entry).waiting:
        return

    def build(key: str) -> list[AcknowledgeButton]:
        return [AcknowledgeButton(runtime, key, ACKNOWLEDGE)]

    await runtime.devices.async_add_builder(async_get_current_platform(), build)


class AcknowledgeButton(CarbisEntity, ButtonEntity):
    """Acknowledge what waits at a device, or everything."""

    @override
    async def async_press(self) -> None:
        context, rights = await self.async_actor()
        book = self._runtime.alerts.book
        alerts = book.alerts if self._key == HUB else book.at([self._key])
        by, is_hub = self.actor(rights), self._key == HUB
        taken = await self._runtime.alerts.async_acknowledge(
            alerts, by, context, is_all=is_hub
        )
        if not taken and not is_hub and not rights.is_automation:
            check_free(self._runtime, alerts, by, rights.may_see)
