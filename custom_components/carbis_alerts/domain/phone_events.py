"""The events that the messages of a PBX become, once it is known which call is meant."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from ..api.fields import prune
from ..api.pbx.models import (
    AnswerElsewhereMessage,
    CallEndMessage,
    CallMessage,
    IncomingCallMessage,
    OutgoingCallMessage,
    PbxMessage,
    SmsMessage,
    StartTalkMessage,
)
from ..api.times import as_moment
from ..api.types import Direction
from .contacts import Contacts
from .events import (
    AnswerElsewhere,
    CallEnd,
    IncomingCall,
    MissedCall,
    OtherPhoneEvent,
    OutgoingCall,
    PhoneEvent,
    Sms,
    StartTalk,
    Startup,
)
from .legs import Call
from .number_plan import NumberPlan
from .numbers import number_of

CALL_EVENTS: Final[Mapping[type[CallMessage], type[PhoneEvent]]] = {
    IncomingCallMessage: IncomingCall,
    OutgoingCallMessage: OutgoingCall,
    StartTalkMessage: StartTalk,
    AnswerElsewhereMessage: AnswerElsewhere,
    CallEndMessage: CallEnd,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A message with what is known of its arrival.

    ``now`` is of the monotonic clock, in seconds; ``at`` is aware, and dates without a
    zone are of its zone. ``extension`` is whose message it is, ``device_key`` the key of
    that extension's device, if it has one.
    """

    event_id: str
    now: float
    at: datetime
    extension: str | None = None
    device_key: str | None = None


def startup(message: PbxMessage, arrival: Arrival) -> Startup:
    """Return the event of a PBX that was switched on."""
    return Startup(
        code=message.event_type,
        event_id=arrival.event_id,
        time=time_of(message, arrival.at),
    )


def sms(message: SmsMessage, arrival: Arrival, contacts: Contacts) -> Sms:
    """Return the event of a text."""
    return Sms(
        code=message.event_type,
        event_id=arrival.event_id,
        time=time_of(message, arrival.at),
        sender=message.sms_src,
        caller_name=contacts.name(message.sms_src),
        text=message.text,
        trunk=message.trunk,
    )


def plain_event(message: PbxMessage, event_id: str, time: datetime) -> OtherPhoneEvent:
    """Return the plainest event of a message: nothing of what it means."""
    return OtherPhoneEvent(
        code=message.event_type,
        event_id=event_id,
        time=time,
        raw=prune(dict(message.raw)),
    )


def call_event(
    message: CallMessage,
    call: Call | None,
    arrival: Arrival,
    contacts: Contacts,
    plan: NumberPlan,
) -> PhoneEvent:
    """Return the event of a message about a call, None where the call is not known."""
    kind = CALL_EVENTS[type(message)]
    # Without a call to look into the message itself says what it can.
    known = (call.direction, call.caller) if call else _said(message, plan)
    return _call_event(kind, message, call, known, arrival, arrival.event_id, contacts)


def missed_call(
    message: CallMessage, call: Call, arrival: Arrival, contacts: Contacts
) -> MissedCall:
    """Return the event of a call that nobody took; its id is that of its beginning."""
    event_id = f"{call.event_id}:missed"
    known = call.direction, call.caller
    return _call_event(MissedCall, message, call, known, arrival, event_id, contacts)


def direction_of(message: IncomingCallMessage | OutgoingCallMessage) -> Direction:
    """Return the direction of a call that begins."""
    return "incoming" if isinstance(message, IncomingCallMessage) else "outgoing"


def _call_event[E: PhoneEvent](
    kind: type[E],
    message: CallMessage,
    call: Call | None,
    known: tuple[Direction | None, str | None],
    arrival: Arrival,
    event_id: str,
    contacts: Contacts,
) -> E:
    """Return an event; ``known`` are the direction of the call and its caller."""
    direction, caller = known
    rang = call.extensions if call else [arrival.extension] if arrival.extension else []
    end = message if isinstance(message, CallEndMessage) else None
    return kind(
        code=message.event_type,
        event_id=event_id,
        time=time_of(message, arrival.at),
        device_key=arrival.device_key,
        call_id=message.call_id,
        caller=caller,
        caller_name=contacts.name(caller),
        vip=contacts.is_vip(caller),
        extension=arrival.extension,
        extensions=rang or None,
        trunk=message.trunk or (call.trunk if call else None),
        direction=direction,
        number=number_of(message.number).shown,
        duration=end.duration if end else None,
        status=end.status if end else None,
        record_id=end.record_id if end else None,
    )


def _said(
    message: CallMessage, plan: NumberPlan
) -> tuple[Direction | None, str | None]:
    """Return direction and caller of a call by what one message says."""
    source, destination = message.call_src, message.call_dst
    if isinstance(message, IncomingCallMessage | OutgoingCallMessage):
        direction = direction_of(message)
    elif source is None and destination is None:
        return None, None
    else:
        direction = plan.direction(source, destination)
    return direction, plan.sides(direction, source, destination)[1]


def time_of(message: PbxMessage, at: datetime) -> datetime:
    """Return when it happened, in UTC: an SMS says so, else when it came, ``at``."""
    moment = as_moment(message.date, at, zone=at.tzinfo or UTC)
    return moment or at.astimezone(UTC)
