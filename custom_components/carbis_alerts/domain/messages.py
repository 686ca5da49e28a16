"""The last messages, to be shown and answered; they are not stored."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from .alerts import Alert
from .events import ServiceEvent
from .kinds import AlertKind

# How many can be looked at.
KEPT: Final = 50
# The service takes texts of 20,000 characters; nobody reads them on a board.
MAX_TEXT: Final = 4_000

# By the type of the event: the fields of who wrote, of their name and of the chat.
_FIELDS: Final[Mapping[str, tuple[str, str, str | None]]] = {
    "message": ("sender", "sender_name", "chat_id"),
    "message_sent": ("sender", "sender_name", "chat_id"),
    "sms": ("sender", "caller_name", None),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message that came or was sent.

    ``type`` is that of the event; ``time`` is ISO 8601. A message without a chat
    cannot be answered.
    """

    event_id: str
    type: str
    chat_id: str | None
    sender: str | None
    sender_name: str | None
    message_type: str | None
    text: str | None
    time: str
    late: bool

    def as_dict(self) -> dict[str, Any]:
        """Return what the board shows."""
        return {name: getattr(self, name) for name in self.__slots__}


class Messages:
    """The last messages of a service, the oldest first."""

    def __init__(self) -> None:
        """Begin with none."""
        self.all: deque[Message] = deque(maxlen=KEPT)

    def take(self, event: ServiceEvent) -> None:
        """Keep an event that is a message."""
        if (fields := _FIELDS.get(event.type)) is None:
            return
        sender, sender_name, chat_id = fields
        text = event.data["text"]
        self.all.append(
            Message(
                event_id=event.event_id,
                type=event.type,
                chat_id=event.data[chat_id] if chat_id else None,
                sender=event.data[sender],
                sender_name=event.data[sender_name],
                message_type=event.data.get("message_type"),
                text=None if text is None else text[:MAX_TEXT],
                time=event.time.isoformat(),
                late=event.late,
            )
        )

    def recall(self, alert: Alert) -> None:
        """Keep what an alert still knows of the message that opened it."""
        if alert.kind is not AlertKind.MESSAGE:
            return
        self.all.append(
            Message(
                event_id=alert.alert_id,
                type="message",
                chat_id=alert.key,
                sender=None,
                sender_name=alert.title,
                message_type=None,
                text=None if alert.text is None else alert.text[:MAX_TEXT],
                time=alert.opened_at.isoformat(),
                late=False,
            )
        )
