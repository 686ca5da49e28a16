"""What people of a team write in chats: a sign or a word that takes an alert or declines."""

from collections.abc import Callable
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback

from ..const import CONF_CHANNEL
from ..domain.events import EventType
from ..domain.names import folded
from ..people import Person
from ..runtime.trigger_events import TriggerEvent, async_listen
from .channels.chat import ChatChannel, is_of

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
                address.get(CONF_CHANNEL) == ChatChannel.kind
                and is_of(
                    hass,
                    address,
                    entry_id=event.entry_id,
                    chat_id=data.get("chat_id"),
                    sender_id=data.get("sender"),
                )
                for address in person.channels
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
