"""Event entities: what happened last, at the hub and at each place."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.helpers.entity_platform import (
    AddConfigEntryEntitiesCallback,
    async_get_current_platform,
)

from .domain.bounds import MAX_RECORDED, shortened
from .domain.events import (
    Event,
    MessengerCall,
    MessengerEvent,
    PhoneEvent,
    Sms,
    Source,
    TableEvent,
    types_of,
)
from .entity import CarbisEntity
from .runtime.coordinator import HUB, CarbisConfigEntry

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """The event entities of a service: those of its hub and those of a place."""

    hub: tuple[EventEntityDescription, ...]
    place: tuple[EventEntityDescription, ...]


def _kind(
    source: Source,
    entities: tuple[str, ...],
    translation_keys: Mapping[str, str] = {},
) -> Kind:
    """Return the event entities of a service: what each can show its events say."""

    def build(*, hub: bool) -> tuple[EventEntityDescription, ...]:
        return tuple(
            EventEntityDescription(
                key=entity,
                translation_key=translation_keys.get(entity),
                event_types=types,
            )
            for entity in entities
            if (types := types_of(source, entity, hub=hub))
        )

    return Kind(hub=build(hub=True), place=build(hub=False))


KINDS: Final = {
    Source.QR_MENU: _kind(Source.QR_MENU, (TableEvent.entity,)),
    Source.PBX: _kind(Source.PBX, (PhoneEvent.entity, Sms.entity)),
    Source.GREEN_API: _kind(
        Source.GREEN_API,
        (MessengerEvent.entity, MessengerCall.entity),
        # Another name than that of the PBX's calls.
        {MessengerCall.entity: "whatsapp_calls"},
    ),
}


async def async_setup_entry(
    hass: HomeAssistant,
    entry: CarbisConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the event entities of an entry."""
    source = entry.runtime_data
    kind = KINDS[source.source]

    def build(key: str) -> list[CarbisEventEntity]:
        return [
            CarbisEventEntity(source, key, description) for description in kind.place
        ]

    async_add_entities(
        CarbisEventEntity(source, HUB, description) for description in kind.hub
    )
    await source.async_add_builder(async_get_current_platform(), build)


class CarbisEventEntity(CarbisEntity, EventEntity):
    """The last event of a place, or of the whole service at the hub."""

    _unrecorded_attributes = UNRECORDED

    @override
    async def async_added_to_hass(self) -> None:
        self.async_on_remove(
            self._source.async_listen_events(
                self._key, self.entity_description.key, self._async_handle
            )
        )

    @callback
    def _async_handle(self, event: Event, context: Context) -> None:
        attributes = {
            key: shortened(value, MAX_RECORDED)
            if isinstance(value, str) and key not in UNRECORDED
            else value
            for key, value in event.as_dict().items()
        }
        # The type is the entity's own attribute, the source is its device.
        del attributes["type"], attributes["source"]
        self._trigger_event(event.type.value, attributes)
        self.async_set_context(context)
        self.async_write_ha_state()
