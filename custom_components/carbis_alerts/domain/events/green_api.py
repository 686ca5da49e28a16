"""What happens at a messenger's account."""

from dataclasses import dataclass, field
from typing import override

from ...api.types import Direction
from .base import INSIDE, Event, EventType, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class MessengerEvent(Event):
    """Something that happened at a messenger's account.

    ``chat_name`` is the name of the chat's device, where it has one. ``chat_key`` and
    ``caller_key`` are the same for one person, whichever of several ids is used.
    ``awaits_answer`` says whether somebody may expect one, ``is_answer`` whether it counts
    as one. ``failed_answer`` is the id of the alert that a message ended which never
    arrived, and ``note`` says that it did not.
    """

    source = Source.GREEN_API
    entity = "messages"

    messenger: str | None = None
    chat_id: str | None = None
    sender: str | None = None
    sender_name: str | None = None
    message_id: str | None = None
    message_type: str | None = None
    text: str | None = None
    media_url: str | None = None
    status: str | None = None
    caller: str | None = None
    direction: Direction | None = None
    state: str | None = None
    chat_name: str | None = field(default=None, metadata=INSIDE)
    chat_key: str | None = field(default=None, metadata=INSIDE)
    caller_key: str | None = field(default=None, metadata=INSIDE)
    awaits_answer: bool = field(default=False, metadata=INSIDE)
    is_answer: bool = field(default=True, metadata=INSIDE)
    failed_answer: str | None = field(default=None, metadata=INSIDE)

    @property
    @override
    def title(self) -> str:
        chat = (self.chat_id or self.caller or "").partition("@")[0]
        chat = chat.partition(":")[0]
        return self.chat_name or self.sender_name or chat

    @property
    @override
    def details(self) -> str | None:
        return self.note or self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Message(MessengerEvent):
    """Somebody wrote."""

    type = EventType.MESSAGE
    is_counted = True


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageChanged(MessengerEvent):
    """A message was edited or deleted, or somebody reacted to it or voted."""

    type = EventType.MESSAGE_CHANGED


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSent(MessengerEvent):
    """The restaurant wrote."""

    type = EventType.MESSAGE_SENT


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageStatus(MessengerEvent):
    """What became of a message that was sent."""

    type = EventType.MESSAGE_STATUS

    @property
    @override
    def reopens(self) -> str | None:
        return self.failed_answer


@dataclass(frozen=True, slots=True, kw_only=True)
class MessengerCall(MessengerEvent):
    """Somebody calls over the messenger."""

    type = EventType.WHATSAPP_CALL
    hub_only = True
    entity = "calls"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountState(MessengerEvent):
    """The account's state has changed."""

    type = EventType.ACCOUNT_STATE
    hub_only = True


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherMessengerEvent(MessengerEvent):
    """Something that is not known: ``raw`` is the gateway's object."""

    type = EventType.OTHER
