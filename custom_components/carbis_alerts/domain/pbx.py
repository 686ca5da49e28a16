"""What the messages of a PBX mean for its calls and extensions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..api.fields import as_name
from ..api.pbx.models import (
    AnswerElsewhereMessage,
    CallEndMessage,
    CallMessage,
    IncomingCallMessage,
    OutgoingCallMessage,
    PbxMessage,
    SmsMessage,
    StartTalkMessage,
    StartupMessage,
)
from .call_sides import talker
from .calls import Calls
from .contacts import Contacts
from .events import PhoneEvent
from .legs import Call, is_missed
from .message_ids import message_id
from .number_plan import NumberPlan
from .phone_events import (
    Arrival,
    call_event,
    direction_of,
    missed_call,
    plain_event,
    sms,
    startup,
    time_of,
)


@dataclass(slots=True, kw_only=True)
class Meaning:
    """The events of a message, and the extensions whose values it has changed."""

    events: list[PhoneEvent] = field(default_factory=list)
    extensions: frozenset[str] = frozenset()
    # Whether the values of all extensions have changed, known or not.
    everything: bool = False


class PbxInterpreter:
    """Find what the messages of one PBX mean; what it knows is changed by each."""

    def __init__(self, contacts: Contacts, plan: NumberPlan | None = None) -> None:
        """Take whose numbers are known, and which are the PBX's own."""
        self.calls = Calls(plan)
        self.contacts = contacts
        self.last_caller: str | None = None
        self._startups = 0
        # A startup counts once something follows it: so one that is sent twice is
        # known as a repeat.
        self._startup_pending = False

    def event_id(self, message: PbxMessage) -> str:
        """Return the id of a message: after a restart the PBX counts calls from the beginning."""
        if not isinstance(message, StartupMessage) and self._startup_pending:
            self._startup_pending = False
            self._startups += 1
        return message_id(message, self._startups)

    def extension(self, message: PbxMessage) -> str | None:
        """Return the extension whose message this is, None for none."""
        if not isinstance(message, CallMessage):
            return None
        plan = self.calls.plan
        if isinstance(message, IncomingCallMessage | OutgoingCallMessage):
            direction = direction_of(message)
            return plan.sides(direction, message.call_src, message.call_dst)[0]
        call = self._before(message)
        if call is None or isinstance(message, StartTalkMessage):
            said = plan.extension(message.number)
            return said or talker(plan, message, call)
        if isinstance(message, AnswerElsewhereMessage):
            return plan.extension(message.number) or call.extension
        return call.extension

    def interpret(self, message: PbxMessage, arrival: Arrival) -> Meaning:
        """Move the calls on by a message that is no repeat; return what it means."""
        match message:
            case StartupMessage():
                self._startup_pending = True
                self.calls.restart()
                return Meaning(events=[startup(message, arrival)], everything=True)
            case SmsMessage():
                return Meaning(events=[sms(message, arrival, self.contacts)])
            case IncomingCallMessage():
                self.calls.plan = self.calls.plan.was_called(message.call_dst)
                return self._call(message, arrival)
            case CallMessage():
                return self._call(message, arrival)
        time = time_of(message, arrival.at)
        return Meaning(events=[plain_event(message, arrival.event_id, time)])

    def interrupt(self) -> None:
        """Take that messages may have been missed."""
        self.calls.interrupt()

    def hide(self) -> None:
        """Take that nobody can know what has become of the calls."""
        self.calls.hide()

    def give_up(self, now: float) -> bool:
        """Forget calls whose end never came; return whether there were any."""
        return bool(self.calls.give_up(now))

    def shown(self, number: str | None) -> str | None:
        """Return a contact's name, else the number."""
        return self.contacts.name(number) or number

    def caller(self, extension: str) -> str | None:
        """Return who is on the line of an extension, by name where it is known."""
        return self.shown(self.calls.caller(extension))

    def diagnostics(self) -> dict[str, Any]:
        """Return how much there is of what, without any content."""
        return {
            "active_calls": len(self.calls.active),
            "contacts": len(self.contacts),
            "startups": self._startups,
        }

    def as_dict(self, now: float, wall: float) -> dict[str, Any]:
        """Return what has to survive a restart; ``now`` is monotonic, ``wall`` is not."""
        return {
            "calls": self.calls.as_list(now, wall),
            "startups": self._startups + self._startup_pending,
            "last_caller": self.last_caller,
            "called": list(self.calls.plan.called),
        }

    def restore(self, stored: Mapping[str, Any], now: float, wall: float) -> None:
        """Take over what was stored, as far as it can be right."""
        called = stored.get("called")
        for number in called if isinstance(called, list) else ():
            if isinstance(number, str):
                self.calls.plan = self.calls.plan.was_called(number)
        calls = stored.get("calls")
        self.calls.restore(calls if isinstance(calls, list) else (), now, wall)
        startups, last_caller = stored.get("startups"), stored.get("last_caller")
        self._startups = startups if isinstance(startups, int) else 0
        self.last_caller = (
            as_name(last_caller) if isinstance(last_caller, str) else None
        )

    def _call(self, message: CallMessage, arrival: Arrival) -> Meaning:
        """Move a call on; return its events."""
        before = self._before(message)
        concerned = set(before.extensions) if before else set()
        call = self._advance(message, arrival)
        contacts = self.contacts
        events: list[PhoneEvent] = [
            call_event(message, call, arrival, contacts, self.calls.plan)
        ]
        if call is not None:
            concerned.update(call.extensions)
            end = message if isinstance(message, CallEndMessage) else None
            if end is None:
                # The end may have come before the beginning.
                end = self.calls.overtaken(call)
                is_one = end is not None
            else:
                is_one = is_missed(call, end.status)
            if end is not None and is_one:
                events.append(missed_call(end, call, arrival, contacts))
        return Meaning(events=events, extensions=frozenset(concerned))

    def _before(self, message: CallMessage) -> Call | None:
        """Return the call that a message is about, as it was before."""
        if isinstance(message, CallEndMessage) and (
            (ending := self.calls.ending(message)) is not None
        ):
            return ending
        return self.calls.find(message) or self.calls.get(
            message.call_id, message.trunk
        )

    def _advance(self, message: CallMessage, arrival: Arrival) -> Call | None:
        """Move a call on; return it, None where none is known."""
        if message.call_id is None:
            return None
        match message:
            case IncomingCallMessage() | OutgoingCallMessage():
                call = self.calls.begin(
                    message,
                    direction_of(message),
                    event_id=arrival.event_id,
                    now=arrival.now,
                )
                if call.direction == "incoming":
                    self.last_caller = self.shown(call.caller)
                return call
            case StartTalkMessage():
                return self.calls.talk(
                    message, event_id=arrival.event_id, now=arrival.now
                )
            case AnswerElsewhereMessage():
                return self.calls.move(message)
            case CallEndMessage():
                return self.calls.end(message, arrival.now)
        return None
