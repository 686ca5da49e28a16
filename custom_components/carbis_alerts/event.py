"""Event entities: what happened last, at the hub and at each place."""

from collections.abc import Mapping
from typing import Any, Final, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.helpers.entity_platform import (
    AddConfigEntryEntitiesCallback,
    async_get_current_platform,
)
import orjson

from .domain.events import Event
from .domain.words import WordRoom
from .entity import CarbisEntity
from .entries import is_team
from .runtime.devices import HUB
from .runtime.runtime import ServiceRuntime
from .services.registry import service_of
from .team.event import async_add_team_events

PARALLEL_UPDATES: Final = 0

# Attributes that may be large, how many bytes of them the entities of an entry have
# together, and how many each may have in any case. The bus event always has all of it.
LARGE: Final = ("dishes", "raw", "text")
MAX_LARGE: Final = 1024 * 1024
LEAST_LARGE: Final = 1024

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
    entry: ConfigEntry[Any],
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the event entities of an entry."""
    if is_team(entry):
        async_add_team_events(entry.runtime_data, async_add_entities)
        return
    runtime: ServiceRuntime = entry.runtime_data
    service = service_of(entry)
    room = WordRoom(MAX_LARGE, least=LEAST_LARGE)

    def build(key: str) -> list[CarbisEventEntity]:
        return [
            CarbisEventEntity(runtime, key, description, room)
            for description in service.devices.events
        ]

    async_add_entities(
        CarbisEventEntity(runtime, HUB, description, room)
        for description in service.hub.events
    )
    await runtime.devices.async_add_builder(async_get_current_platform(), build)


class CarbisEventEntity(CarbisEntity, EventEntity):
    """The last event of a place, or of the whole service at the hub."""

    _unrecorded_attributes = UNRECORDED

    def __init__(
        self,
        runtime: ServiceRuntime,
        key: str,
        description: EventEntityDescription,
        room: WordRoom,
    ) -> None:
        """Take the room for what is large, which all entities of an entry share."""
        super().__init__(runtime, key, description)
        self._room = room
        self._taken = 0

    @override
    async def async_added_to_hass(self) -> None:
        self.async_on_remove(
            self._runtime.signals.listen_events(
                self._key, self.entity_description.key, self._async_handle
            )
        )

    @callback
    def _async_handle(
        self, event: Event, fields: Mapping[str, Any], context: Context
    ) -> None:
        attributes = {**fields}
        large = [name for name in LARGE if attributes.get(name)]
        if large or self._taken:
            self._make_fit(attributes, large)
        # The type is the entity's own attribute, the runtime is its device.
        del attributes["type"], attributes["source"]
        self._trigger_event(event.type.value, attributes)
        self.async_set_context(context)
        self.async_write_ha_state()

    def _make_fit(self, attributes: dict[str, Any], large: list[str]) -> None:
        """Leave out of a state what it has no room for: of a flood at all tables."""
        self._room.taken -= self._taken
        self._taken = sum(len(orjson.dumps(attributes[name])) for name in large)
        if self._taken > self._room.share:
            attributes.update(dict.fromkeys(large))
            self._taken = 0
        self._room.taken += self._taken
