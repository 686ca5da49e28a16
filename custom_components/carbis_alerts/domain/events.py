"""What happens at the services: the closed list of types, and one class for each.

A class has all fields of its service; what does not apply is None. So the bus event, which
is made of the fields, never lacks one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from typing import Any, ClassVar, Final, Literal


class Source(StrEnum):
    """The services."""

    QR_MENU = "qr_menu"
    PBX = "pbx"
    GREEN_API = "green_api"


class EventType(StrEnum):
    """What can happen."""

    WAITER_CALL = "waiter_call"
    DISHES_ADDED = "dishes_added"
    ONLINE_PAYMENT = "online_payment"
    STARTUP = "startup"
    INCOMING_CALL = "incoming_call"
    OUTGOING_CALL = "outgoing_call"
    START_TALK = "start_talk"
    ANSWER_ELSEWHERE = "answer_elsewhere"
    CALL_END = "call_end"
    MISSED_CALL = "missed_call"
    SMS = "sms"
    MESSAGE = "message"
    MESSAGE_SENT = "message_sent"
    MESSAGE_STATUS = "message_status"
    WHATSAPP_CALL = "whatsapp_call"
    ACCOUNT_STATE = "account_state"
    OTHER = "other"


type Direction = Literal["incoming", "outgoing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened at a service.

    ``code`` is the service's own name of the type, ``event_id`` is stable within the
    entry, ``time`` is aware. ``device_key`` is the key of the device that it belongs to,
    None for the hub; ``entity`` is the key of the event entity there.
    """

    source: ClassVar[Source]
    type: ClassVar[EventType]
    entity: ClassVar[str]

    code: str | None
    event_id: str
    late: bool = False
    time: datetime
    device_key: str | None = None
    raw: Any = None

    def as_dict(self) -> dict[str, Any]:
        """Return the fields of the bus event that the service knows."""
        names, read = _reader(type(self))
        return {
            "source": self.source.value,
            "type": self.type.value,
            "code": self.code,
            "event_id": self.event_id,
            "late": self.late,
            "time": self.time.isoformat(),
            **dict(zip(names, read(self), strict=True)),
        }


_HEADER: Final = frozenset(("code", "event_id", "late", "time", "device_key"))


def field_names(kind: type[Event]) -> tuple[str, ...]:
    """Return the names of the fields of a service's own, as its bus events have them."""
    own = [field.name for field in fields(kind) if field.name not in _HEADER]
    return (*(name for name in own if name != "raw"), "raw")


# What reads them, by class: an event is made in a hurry.
_READERS: Final[
    dict[type[Event], tuple[tuple[str, ...], Callable[[Event], tuple[Any, ...]]]]
] = {}


def _reader(
    kind: type[Event],
) -> tuple[tuple[str, ...], Callable[[Event], tuple[Any, ...]]]:
    if (found := _READERS.get(kind)) is None:
        names = field_names(kind)
        found = _READERS[kind] = names, attrgetter(*names)
    return found


# The QR menu


@dataclass(frozen=True, slots=True, kw_only=True)
class TableEvent(Event):
    """Something that guests did with the QR menu; sums are in the menu's currency.

    ``dishes`` are ``{name, count, price, sum, modifiers}``, modifiers alike.
    """

    source = Source.QR_MENU
    entity = "activity"

    table_id: str | None = None
    table_name: str | None = None
    order_id: str | None = None
    order_sum: float | None = None
    waiter: str | None = None
    dishes: Sequence[Mapping[str, Any]] | None = None
    amount_due: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiterCall(TableEvent):
    """Guests call the waiter."""

    type = EventType.WAITER_CALL


@dataclass(frozen=True, slots=True, kw_only=True)
class DishesAdded(TableEvent):
    """Guests ordered."""

    type = EventType.DISHES_ADDED


@dataclass(frozen=True, slots=True, kw_only=True)
class OnlinePayment(TableEvent):
    """Guests paid."""

    type = EventType.ONLINE_PAYMENT


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherTableEvent(TableEvent):
    """Something that is not known: ``raw`` is the menu's object."""

    type = EventType.OTHER


# The PBX


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneEvent(Event):
    """Something that happened at the PBX; ``duration`` is in seconds."""

    source = Source.PBX
    entity = "calls"

    call_id: str | None = None
    caller: str | None = None
    caller_name: str | None = None
    vip: bool | None = None
    extension: str | None = None
    trunk: str | None = None
    direction: Direction | None = None
    duration: float | None = None
    status: str | None = None
    record_id: str | None = None
    number: str | None = None
    sender: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Startup(PhoneEvent):
    """The PBX has started: it counts calls from the beginning."""

    type = EventType.STARTUP


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingCall(PhoneEvent):
    """A telephone rings."""

    type = EventType.INCOMING_CALL


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingCall(PhoneEvent):
    """Somebody dials."""

    type = EventType.OUTGOING_CALL


@dataclass(frozen=True, slots=True, kw_only=True)
class StartTalk(PhoneEvent):
    """A call was answered."""

    type = EventType.START_TALK


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerElsewhere(PhoneEvent):
    """A call was answered at another extension, ``number``."""

    type = EventType.ANSWER_ELSEWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnd(PhoneEvent):
    """A call is over."""

    type = EventType.CALL_END


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedCall(PhoneEvent):
    """A call is over that nobody answered."""

    type = EventType.MISSED_CALL


@dataclass(frozen=True, slots=True, kw_only=True)
class Sms(PhoneEvent):
    """A text came to the PBX."""

    type = EventType.SMS
    entity = "sms"


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherPhoneEvent(PhoneEvent):
    """Something that is not known: ``raw`` is the PBX's object."""

    type = EventType.OTHER


# The messenger


@dataclass(frozen=True, slots=True, kw_only=True)
class MessengerEvent(Event):
    """Something that happened at a messenger's account."""

    source = Source.GREEN_API
    entity = "messages"

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Message(MessengerEvent):
    """Somebody wrote."""

    type = EventType.MESSAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSent(MessengerEvent):
    """The restaurant wrote."""

    type = EventType.MESSAGE_SENT


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageStatus(MessengerEvent):
    """What became of a message that was sent."""

    type = EventType.MESSAGE_STATUS


@dataclass(frozen=True, slots=True, kw_only=True)
class MessengerCall(MessengerEvent):
    """Somebody calls over the messenger."""

    type = EventType.WHATSAPP_CALL
    entity = "calls"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountState(MessengerEvent):
    """The account's state has changed."""

    type = EventType.ACCOUNT_STATE


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherMessengerEvent(MessengerEvent):
    """Something that is not known: ``raw`` is the gateway's object."""

    type = EventType.OTHER


EVENTS: Final[tuple[type[Event], ...]] = (
    WaiterCall,
    DishesAdded,
    OnlinePayment,
    OtherTableEvent,
    Startup,
    IncomingCall,
    OutgoingCall,
    StartTalk,
    AnswerElsewhere,
    CallEnd,
    MissedCall,
    Sms,
    OtherPhoneEvent,
    Message,
    MessageSent,
    MessageStatus,
    MessengerCall,
    AccountState,
    OtherMessengerEvent,
)
"""All that can happen, service by service."""


def events_of(source: Source) -> Mapping[EventType, type[Event]]:
    """Return the classes of a service's events by their types."""
    return {kind.type: kind for kind in EVENTS if kind.source is source}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceEvent:
    """Something that happened at a service."""

    source: Source
    type: str
    code: str | None
    event_id: str
    late: bool
    time: datetime
    place: str | None
    entity: str
    data: Mapping[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """Return the fields of the bus event that the service knows."""
        return {
            "source": self.source.value,
            "type": self.type,
            "code": self.code,
            "event_id": self.event_id,
            "late": self.late,
            "time": self.time.isoformat(),
            **self.data,
        }


def as_service_event(event: Event | ServiceEvent) -> ServiceEvent:
    """Return an event in the form that is published."""
    if isinstance(event, ServiceEvent):
        return event
    names, read = _reader(type(event))
    return ServiceEvent(
        source=event.source,
        type=event.type.value,
        code=event.code,
        event_id=event.event_id,
        late=event.late,
        time=event.time,
        place=event.device_key,
        entity=event.entity,
        data=dict(zip(names, read(event), strict=True)),
    )
