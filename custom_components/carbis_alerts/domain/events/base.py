"""What every event of a service has, and its bus form.

A class has all fields of its service; what does not apply is None. So the bus event, which
is made of the fields, never lacks one.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from typing import Any, ClassVar, Final


class Source(StrEnum):
    """The services."""

    QR_MENU = "qr_menu"
    PBX = "pbx"
    GREEN_API = "green_api"


class EventType(StrEnum):
    """What can happen."""

    WAITER_CALL = "waiter_call"
    BILL_REQUEST = "bill_request"
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
    MESSAGE_CHANGED = "message_changed"
    MESSAGE_SENT = "message_sent"
    MESSAGE_STATUS = "message_status"
    WHATSAPP_CALL = "whatsapp_call"
    ACCOUNT_STATE = "account_state"
    OTHER = "other"


# Of fields that the bus event does not have.
INSIDE: Final = {"inside": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened at a service.

    ``code`` is the service's own name of the type, ``event_id`` is stable within the
    entry, ``time`` is aware. ``device_key`` is the key of the device that it belongs to,
    None for the hub; ``entity`` is the key of the event entity there; ``note``
    is what somebody says who raises an alert by hand. What is
    ``hub_only`` never belongs to another device; what ``is_counted`` is in the figure of
    the day.
    """

    source: ClassVar[Source]
    type: ClassVar[EventType]
    entity: ClassVar[str]
    hub_only: ClassVar[bool] = False
    is_counted: ClassVar[bool] = False

    code: str | None
    event_id: str
    late: bool = False
    time: datetime
    device_key: str | None = field(default=None, metadata=INSIDE)
    note: str | None = field(default=None, metadata=INSIDE)
    raw: Any = None

    @property
    def title(self) -> str:
        """Return what a person calls who or what it is about, "" where nobody knows."""
        return ""

    @property
    def details(self) -> str | None:
        """Return what an alert that it opens says."""
        return self.note

    @property
    def reopens(self) -> str | None:
        """Return the id of an alert whose end was none, None where it says of none."""
        return None

    def as_dict(self) -> dict[str, Any]:
        """Return the fields of the bus event that the service knows."""
        identity, names, read = _reader(type(self))
        return {
            **identity,
            "code": self.code,
            "event_id": self.event_id,
            "late": self.late,
            "time": self.time.isoformat(),
            **dict(zip(names, read(self), strict=True)),
        }


_HEADER: Final = frozenset(item.name for item in fields(Event)) - {"raw"}


def field_names(kind: type[Event]) -> tuple[str, ...]:
    """Return the names of the fields of a service's own, as its bus events have them."""
    own = [
        item.name
        for item in fields(kind)
        if item.name not in _HEADER and not item.metadata.get("inside")
    ]
    return (*(name for name in own if name != "raw"), "raw")


# What a class always says, the names of its own fields, and what reads them.
type _Reader = tuple[
    dict[str, str], tuple[str, ...], Callable[[Event], tuple[Any, ...]]
]
# By class: an event is made in a hurry.
_READERS: Final[dict[type[Event], _Reader]] = {}


def _reader(kind: type[Event]) -> _Reader:
    if (found := _READERS.get(kind)) is None:
        names = field_names(kind)
        identity = {"source": kind.source.value, "type": kind.type.value}
        found = _READERS[kind] = identity, names, attrgetter(*names)
    return found
