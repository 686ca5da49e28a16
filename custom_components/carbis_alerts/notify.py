"""Notify entities: write to a chat, or to somebody of a team."""

from typing import Any, Final, override

from homeassistant.components.notify import NotifyEntity, NotifyEntityDescription
from homeassistant.components.notify.const import NotifyEntityFeature
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import (
    AddConfigEntryEntitiesCallback,
    async_get_current_platform,
)

from .entity import CarbisEntity
from .entries import is_team
from .runtime.runtime import ServiceRuntime
from .services.abilities import Sender, SendsText
from .services.sending import async_send
from .team.notify import async_add_notifies

PARALLEL_UPDATES: Final = 1

CHAT: Final = NotifyEntityDescription(key="chat")


async def async_setup_entry(
    hass: HomeAssistant,
    entry: ConfigEntry[Any],
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the notify entities of an entry."""
    if is_team(entry):
        async_add_notifies(entry.runtime_data, async_add_entities)
        return
    runtime: ServiceRuntime = entry.runtime_data
    source = runtime.source
    if not isinstance(source, SendsText):
        return
    sender = source.sender

    def build(key: str) -> list[ChatNotify]:
        return [ChatNotify(runtime, key, CHAT, sender=sender)]

    await runtime.devices.async_add_builder(async_get_current_platform(), build)


class ChatNotify(CarbisEntity, NotifyEntity):
    """Send a text to a chat."""

    # The device's name says it all.
    _attr_name = None
    _attr_supported_features = NotifyEntityFeature.TITLE

    def __init__(self, *args: Any, sender: Sender) -> None:
        """Take what sends."""
        super().__init__(*args)
        self._sender = sender

    @override
    async def async_send_message(self, message: str, title: str | None = None) -> None:
        await self.async_actor()
        text = self._sender.titled(title, message) if title else message
        chat_id = self._runtime.devices.all[self._key].id
        await async_send(self.hass, self._sender, chat_id, text)
