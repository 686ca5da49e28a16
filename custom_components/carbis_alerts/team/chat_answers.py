"""What people of a team write in chats: a sign or a word that takes an alert or declines."""

from collections.abc import Callable
from typing import Any, Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback

from ..const import (
    CONF_CHANNEL,
    CONF_CHAT_ID,
    CONF_ENTRY_ID,
    CONF_NUMBER,
    CONF_SENDER_ID,
)
from ..domain.events import EventType
from ..domain.names import folded
from ..domain.numbers import normalised
from ..people import Person
from ..runtime.trigger_events import TriggerEvent, async_listen
from .channels.channel import Address
from .channels.chat import ChatChannel

TAKES: Final = frozenset({"+", "1", "иду", "беру", "coming", "i'm coming", "i take it"})
DECLINES: Final = frozenset({"-", "не я", "not me"})

type OnWritten = Callable[[Callable[[Person], bool], bool], None]
"""Takes whose it may be, and whether it takes or declines."""


@callback
def async_listen_chats(hass: HomeAssistant, on_written: OnWritten) -> CALLBACK_TYPE:
    """Call back with each message that is an answer; return what ends it."""

    @callback
    def heard(event: TriggerEvent) -> None:
        data = event.data
        is_taking = meaning(data.get("text"))
        if is_taking is None or data["late"]:
            return

        def is_theirs(person: Person) -> bool:
            return any(
                is_of(address, event.entry_id, data) for address in person.channels
            )

        on_written(is_theirs, is_taking)

    return async_listen(hass, EventType.MESSAGE, heard)


def meaning(text: str | None) -> bool | None:
    """Return whether a text takes an alert or declines it, None where it is neither."""
    said = (text or "").strip().rstrip("!.").strip()
    for words, is_taking in ((TAKES, True), (DECLINES, False)):
        if said in words or folded(said) in words:
            return is_taking
    return None


def is_of(address: Address, entry_id: str, data: dict[str, Any]) -> bool:
    """Return whether an address is of whoever has written a message, as on the bus."""
    if (
        address.get(CONF_CHANNEL) != ChatChannel.kind
        or address.get(CONF_ENTRY_ID) != entry_id
    ):
        return False
    if sender_id := address.get(CONF_SENDER_ID):
        return bool(sender_id == data.get("sender")) and (
            address.get(CONF_CHAT_ID) == data.get("chat_id")
        )
    if chat_id := address.get(CONF_CHAT_ID):
        return bool(chat_id == data.get("chat_id"))
    number = normalised(str(address.get(CONF_NUMBER) or ""))
    return number is not None and number in (
        normalised(str(data.get(name) or "").partition("@")[0])
        for name in ("chat_id", "sender")
    )
