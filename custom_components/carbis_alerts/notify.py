"""Notify entities: write to a chat."""

from typing import Final, cast, override

from homeassistant.components.notify import NotifyEntity, NotifyEntityDescription
from homeassistant.components.notify.const import NotifyEntityFeature
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import (
    AddConfigEntryEntitiesCallback,
    async_get_current_platform,
)

from .actions import async_send_text
from .domain.events import Source
from .entity import CarbisEntity
from .runtime.coordinator import CarbisConfigEntry
from .services.green_api.source import GreenApiCoordinator

PARALLEL_UPDATES: Final = 1

CHAT: Final = NotifyEntityDescription(key="chat")


async def async_setup_entry(
    hass: HomeAssistant,
    entry: CarbisConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the notify entities of an entry."""
    source = entry.runtime_data
    if source.source is not Source.GREEN_API:
        return

    def build(key: str) -> list[ChatNotify]:
        return [ChatNotify(source, key, CHAT)]

    await source.async_add_builder(async_get_current_platform(), build)


class ChatNotify(CarbisEntity, NotifyEntity):
    """Send a text to a chat."""

    # The device's name says it all.
    _attr_name = None
    _attr_supported_features = NotifyEntityFeature.TITLE

    @override
    async def async_send_message(self, message: str, title: str | None = None) -> None:
        source = cast(GreenApiCoordinator, self._source)
        text = f"*{title}*\n{message}" if title else message
        await async_send_text(source, source.places[self._key].id, text)
