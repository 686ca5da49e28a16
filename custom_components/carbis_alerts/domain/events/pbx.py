"""What happens at a PBX."""

from dataclasses import dataclass
from typing import override

from ...api.types import Direction
from .base import Event, EventType, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneEvent(Event):
    """Something that happened at the PBX; ``duration`` is in seconds.

    ``extension`` is whose leg of a call it is, ``extensions`` are all that ring or rang.
    """

    source = Source.PBX
    entity = "calls"

    call_id: str | None = None
    caller: str | None = None
    caller_name: str | None = None
    vip: bool | None = None
    extension: str | None = None
    extensions: list[str] | None = None
    trunk: str | None = None
    direction: Direction | None = None
    duration: float | None = None
    status: str | None = None
    record_id: str | None = None
    number: str | None = None
    sender: str | None = None
    text: str | None = None

    @property
    @override
    def title(self) -> str:
        return self.caller_name or self.caller or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Startup(PhoneEvent):
    """The PBX has started: it counts calls from the beginning."""

    type = EventType.STARTUP
    hub_only = True


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
    is_counted = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Sms(PhoneEvent):
    """A text came to the PBX."""

    type = EventType.SMS
    entity = "sms"
    hub_only = True


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherPhoneEvent(PhoneEvent):
    """Something that is not known: ``raw`` is the PBX's object."""

    type = EventType.OTHER
    hub_only = True
