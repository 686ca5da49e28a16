"""Event entities: what happened last, at the hub and at each place."""

from typing import Final, override

from homeassistant.components.event import EventEntity
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.helpers.entity_platform import (
    AddConfigEntryEntitiesCallback,
    async_get_current_platform,
)

from .domain.events import Event
from .entity import CarbisEntity
from .runtime.devices import HUB
from .runtime.runtime import CarbisConfigEntry
from .services.registry import service_of

PARALLEL_UPDATES: Final = 0

# What is about a person or may be large is in the state, but not in the database.
UNRECORDED: Final = frozenset(
    {
        "caller",
        "caller_name",
        "chat_id",
        "dishes",
        "media_url",
        "number",
        "raw",
        "sender",
        "sender_name",
        "text",
        "waiter",
    }
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: CarbisConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the event entities of an entry."""
    runtime = entry.runtime_data
    service = service_of(entry)

    def build(key: str) -> list[CarbisEventEntity]:
        return [
            CarbisEventEntity(runtime, key, description)
            for description in service.devices.events
        ]

    async_add_entities(
        CarbisEventEntity(runtime, HUB, description)
        for description in service.hub.events
    )
    await runtime.devices.async_add_builder(async_get_current_platform(), build)


class CarbisEventEntity(CarbisEntity, EventEntity):
    """The last event of a place, or of the whole service at the hub."""

    _unrecorded_attributes = UNRECORDED

    @override
    async def async_added_to_hass(self) -> None:
        self.async_on_remove(
            self._runtime.signals.listen_events(
                self._key, self.entity_description.key, self._async_handle
            )
        )

    @callback
    def _async_handle(self, event: Event, context: Context) -> None:
        attributes = event.as_dict()
        # The type is the entity's own attribute, the runtime is its device.
        del attributes["type"], attributes["source"]
        self._trigger_event(event.type.value, attributes)
        self.async_set_context(context)
        self.async_write_ha_state()
