"""Any notify entity of Home Assistant but ours: e-mail, a display, another bot.

It takes text alone. E-mail of Home Assistant's own ``smtp`` is sent with HTML too.
"""

from collections.abc import Iterator
from dataclasses import replace
from html import escape
from typing import Any, ClassVar, Final, override

from homeassistant.components.notify.const import NotifyEntityFeature
from homeassistant.const import (
    ATTR_ENTITY_ID,
    ATTR_SUPPORTED_FEATURES,
    STATE_UNAVAILABLE,
    Platform,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er

from ...api.texts import one_line, shortened
from ...const import CONF_ENTITY_ID, DOMAIN
from .channel import Address, Can, Channel, ChannelError, Message
from .telegram import BOT, PLAIN

SMTP: Final = "smtp"
SEND: Final = "send_message"
# Groups in groups that are looked through.
MAX_DEPTH: Final = 10


class NotifyChannel(Channel):
    """Send texts to notify entities."""

    kind: ClassVar[str] = "notify"
    can: ClassVar[Can] = Can(max_text=2_000)

    @override
    @callback
    def problem(self, address: Address) -> ChannelError | None:
        entity_id = str(address.get(CONF_ENTITY_ID))
        state = self.hass.states.get(entity_id)
        if not entity_id.startswith(f"{Platform.NOTIFY}.") or state is None:
            return ChannelError("notify_gone", entity=entity_id)
        # One of a person's leads back here, for ever.
        if any(
            _is_ours(self.hass, member) for member in _members(self.hass, entity_id)
        ):
            return ChannelError("notify_own", entity=entity_id)
        # Home Assistant passes over what is unavailable, without a word.
        if state.state == STATE_UNAVAILABLE:
            return ChannelError("notify_unavailable", entity=entity_id)
        return None

    @override
    async def async_send(self, address: Address, message: Message) -> str | None:
        if (problem := self.problem(address)) is not None:
            raise problem
        entity_id: str = address[CONF_ENTITY_ID]
        entity = er.async_get(self.hass).async_get(entity_id)
        message = replace(
            message,
            # Two lines are none that a header can have.
            title=one_line(message.title) if message.title else None,
            text=shortened(message.text, self.can.max_text),
        )
        data = _written(self.hass, entity_id, message)
        domain: str = Platform.NOTIFY
        if entity is not None and entity.platform == SMTP:
            domain, data["html"] = SMTP, _html(message)
        elif entity is not None and entity.platform == BOT:
            # Signs in names are none of the bot's own markup.
            domain, data["parse_mode"] = BOT, PLAIN
        try:
            await self.hass.services.async_call(domain, SEND, data, blocking=True)
        except HomeAssistantError as err:
            raise ChannelError("channel_refused", reason=err) from err
        return None


def _written(hass: HomeAssistant, entity_id: str, message: Message) -> dict[str, Any]:
    """Return a message as the action takes it; a title that has no place is a line."""
    data: dict[str, Any] = {ATTR_ENTITY_ID: entity_id, "message": message.text}
    if message.title is None:
        return data
    state = hass.states.get(entity_id)
    features = state.attributes.get(ATTR_SUPPORTED_FEATURES, 0) if state else 0
    if NotifyEntityFeature.TITLE in NotifyEntityFeature(features):
        return {**data, "title": message.title}
    return {**data, "message": f"{message.title}\n{message.text}"}


def _html(message: Message) -> str:
    """Return a message as a page of its own."""
    lines = "<br>".join(map(escape, message.text.splitlines()))
    title = f"<h2>{escape(message.title)}</h2>" if message.title else ""
    return f"<!doctype html><html><body>{title}<p>{lines}</p></body></html>"


def _members(hass: HomeAssistant, entity_id: str) -> Iterator[str]:
    """Yield an entity and, where it is a group, whoever is in it."""
    found, around = {entity_id}, {entity_id}
    for _ in range(MAX_DEPTH):
        around = {
            str(member)
            for one in around
            if (state := hass.states.get(one)) is not None
            for member in _listed(state.attributes.get(ATTR_ENTITY_ID))
        } - found
        found |= around
    yield from found


def _listed(members: Any) -> tuple[Any, ...]:
    return tuple(members) if isinstance(members, list | tuple) else ()


def _is_ours(hass: HomeAssistant, entity_id: str) -> bool:
    entity = er.async_get(hass).async_get(entity_id)
    return entity is not None and entity.platform == DOMAIN
