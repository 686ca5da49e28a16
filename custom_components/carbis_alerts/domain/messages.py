"""The last messages, to be shown and answered; they are not stored."""

from collections import deque
from dataclasses import dataclass
from typing import Any, Final

from . import events
from .alert import Alert
from .events import Event, EventType
from .rules import AlertKind

# How many can be looked at.
KEPT: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message that came or was sent.

    ``type`` is that of the event; ``time`` is ISO 8601. A message without a chat
    cannot be answered.
    """

    event_id: str
    type: EventType
    chat_id: str | None
    sender: str | None
    sender_name: str | None
    message_type: str | None
    text: str | None
    time: str
    late: bool

    def as_dict(self) -> dict[str, Any]:
        """Return what the board shows."""
        return {
            "event_id": self.event_id,
            "type": self.type.value,
            "chat_id": self.chat_id,
            "sender": self.sender,
            "sender_name": self.sender_name,
            "message_type": self.message_type,
            "text": self.text,
            "time": self.time,
            "late": self.late,
        }


class Messages:
    """The last messages of a service, the oldest first."""

    def __init__(self) -> None:
        """Begin with none."""
        self.all: deque[Message] = deque(maxlen=KEPT)

    def take(self, event: Event) -> None:
        """Keep an event that is a message."""
        match event:
            case events.Message() | events.MessageSent():
                sender_name = event.sender_name
                # One chat, whichever of its ids is used.
                chat_id = event.chat_key or event.chat_id
                message_type = event.message_type
            case events.Sms():
                sender_name, chat_id, message_type = event.caller_name, None, None
            case _:
                return
        self.all.append(
            Message(
                event_id=event.event_id,
                type=event.type,
                chat_id=chat_id,
                sender=event.sender,
                sender_name=sender_name,
                message_type=message_type,
                text=event.text,
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
                type=EventType.MESSAGE,
                chat_id=alert.key,
                sender=None,
                sender_name=alert.title,
                message_type=None,
                text=alert.text,
                time=alert.opened_at.isoformat(),
                late=False,
            )
        )
