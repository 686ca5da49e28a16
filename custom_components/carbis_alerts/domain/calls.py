"""Calls in progress, put together from messages that may be missing or out of order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from ..api.pbx.models import CallEndMessage, CallMessage
from ..api.types import Direction
from .by_trunk import ByTrunk
from .call_sides import continues, is_named, new_call, talker
from .legs import (
    PRECEDENCE,
    SUCCESS,
    Call,
    CallState,
    is_missed,
    is_too_old,
    is_unanswered,
    restored,
)
from .number_plan import NumberPlan

# For how long what belongs before the end of a call may come after it, in seconds.
ENDED_KEPT: Final = 30.0
# A small PBX has some ten at a time.
MAX_CALLS: Final = 300


@dataclass(slots=True)
class Ended:
    """A call that has ended; None for one whose beginning has not come yet.

    ``overtook`` is true from the beginning of a call that the end came before.
    """

    call: Call | None
    end: CallEndMessage
    trunk: str | None
    at: float
    talked: bool = False
    overtook: bool = False


class Calls:
    """The calls of one PBX; times are seconds of a monotonic clock.

    A PBX may give one id to calls on two trunks. A message without a trunk is of the
    call with its id, whatever the trunk.
    """

    def __init__(self, plan: NumberPlan | None = None) -> None:
        """Begin with none."""
        self.plan = plan or NumberPlan()
        self._calls: ByTrunk[Call] = ByTrunk(MAX_CALLS)
        # What has just ended: messages that come after their call's end must not begin
        # it again.
        self._ended: ByTrunk[Ended] = ByTrunk(MAX_CALLS)

    @property
    def active(self) -> list[Call]:
        """Return the calls that are in progress as far as is known."""
        return [call for call in self._calls.values() if call.known]

    def get(self, call_id: str | None, trunk: str | None = None) -> Call | None:
        """Return a call that has begun and may not have ended, or has just ended."""
        if call_id is None:
            return None
        if (call := self._calls.find(call_id, trunk)) is not None:
            return call
        ended = self._ended.find(call_id, trunk)
        return ended.call if ended else None

    def find(self, message: CallMessage) -> Call | None:
        """Return the call in progress that a message is about, None where nobody knows.

        Of several with its id the message may name one's caller or one's extension.
        """
        call_id = message.call_id or ""
        call = self._calls.find(call_id, message.trunk)
        if call is not None or message.trunk is not None:
            return call
        calls = self._calls.all(call_id)
        named = [call for call in calls if is_named(self.plan, message, call)]
        return named[0] if len(named) == 1 else None

    def ending(self, message: CallEndMessage) -> Call | None:
        """Return the call that a message ends.

        Of several with its id that fits whose talk agrees with the status, and of those the
        one that waits longest.
        """
        if message.call_id is None:
            return None
        if (call := self._calls.find(message.call_id, message.trunk)) is not None:
            return call
        if message.trunk is not None:
            return None
        calls = self._calls.all(message.call_id)
        is_talk = (message.status or "").casefold() == SUCCESS
        fits = [call for call in calls if call.talked == is_talk]
        return next(iter(fits or calls), None)

    def state(self, extension: str | None = None) -> CallState:
        """Return the state of an extension, or of the whole PBX."""
        return max(
            (
                call.state
                if extension is None
                else call.legs.get(extension, CallState.IDLE)
                for call in self.active
            ),
            key=PRECEDENCE.index,
            default=CallState.IDLE,
        )

    def caller(self, extension: str) -> str | None:
        """Return who is on the line of an extension: of its call that counts."""
        states = [
            (call.legs.get(extension, CallState.IDLE), call) for call in self.active
        ]
        found = max(states, key=lambda one: PRECEDENCE.index(one[0]), default=None)
        return found[1].caller if found and found[0] != CallState.IDLE else None

    def begin(
        self, message: CallMessage, direction: Direction, *, event_id: str, now: float
    ) -> Call:
        """Take the beginning of a call or of a leg; the message has an id.

        An id in use is a new call where its caller is another.
        """
        self._forget(now)
        call = new_call(self.plan, message, direction, event_id, now)
        extension = call.extension
        before = self._calls.find(call.call_id, call.trunk)
        if before is not None and continues(before, call):
            # The beginning came after what follows it, or another extension rings.
            if not before.was_seen:
                if before.direction != direction and extension is not None:
                    before.legs = {extension: before.state}
                before.direction, before.caller = direction, call.caller
                before.was_seen = True
            if before.trunk is None and call.trunk is not None:
                self._calls.remove(before.call_id, None)
                before.trunk = call.trunk
                self._calls.add(before.call_id, before.trunk, before)
            before.ring(extension, is_late=now - before.since <= ENDED_KEPT)
            before.known = True
            return before
        ended = self._find_ended(call.call_id, call.trunk, now)
        if before is None and ended is not None:
            if ended.call is None:
                ended.call, call.talked = call, ended.talked
                ended.overtook = True
                return call
            if continues(ended.call, call):
                if extension is not None:
                    ended.call.legs.setdefault(extension, CallState.IDLE)
                return ended.call
            self._ended.remove(call.call_id, ended.trunk)
        self._calls.add(call.call_id, call.trunk, call)
        return call

    def overtaken(self, call: Call) -> CallEndMessage | None:
        """Return, once, the end that came before a call's beginning and says: missed."""
        ended = self._ended.find(call.call_id, call.trunk)
        if ended is None or ended.call is not call or not ended.overtook:
            return None
        ended.overtook = False
        status = ended.end.status
        is_one = is_unanswered(status) and is_missed(call, status)
        return ended.end if is_one else None

    def talk(self, message: CallMessage, *, event_id: str, now: float) -> Call:
        """Take the beginning of a talk, of a call that may never have been seen."""
        self._forget(now)
        call_id = message.call_id or ""
        call = self.find(message)
        if call is None:
            ended = self._find_ended(call_id, message.trunk, now)
            if ended is not None and ended.call is not None:
                return ended.call
            direction = self.plan.direction(message.call_src, message.call_dst)
            call = new_call(self.plan, message, direction, event_id, now)
            call.was_seen = False
            if ended is not None:
                ended.talked = True
                return call
            self._calls.add(call_id, call.trunk, call)
        call.talk(talker(self.plan, message, call), now)
        return call

    def move(self, message: CallMessage) -> Call | None:
        """Take that another extension has the call; None for a call never seen.

        A number outside is no extension: the call stays where it was.
        """
        call_id = message.call_id or ""
        call = self.find(message)
        if call is None:
            return self.get(call_id, message.trunk)
        call.known = True
        if (extension := self.plan.extension(message.number)) is not None:
            call.move(extension)
        return call

    def end(self, message: CallEndMessage, now: float) -> Call | None:
        """Take the end of a call; None for one never seen, or ended before."""
        call_id = message.call_id or ""
        call = self.ending(message)
        trunk = call.trunk if call else message.trunk
        self._forget(now)
        if call is not None:
            self._calls.remove(call_id, trunk)
        if call is not None or self._find_ended(call_id, trunk, now) is None:
            # Not with all that the PBX sent: it may be large.
            end = replace(message, raw={})
            self._ended.add(call_id, trunk, Ended(call, end, trunk, now))
        return call

    def restart(self) -> None:
        """Forget all: the PBX was switched on, and counts its calls from the beginning."""
        self._calls.clear()
        self._ended.clear()

    def interrupt(self) -> None:
        """Take that messages may have been missed: no call is certain any more."""
        for call in self._calls.values():
            call.certain = False
        # A restart of the PBX, and with it new calls of old ids, may be missed too.
        self._ended.clear()

    def hide(self) -> None:
        """Take that calls of which messages may have been missed may be over."""
        for call in self._calls.values():
            call.known = call.known and call.certain

    def give_up(self, now: float) -> list[Call]:
        """Forget calls whose end never came; return them."""
        given_up = [call for call in self._calls.values() if is_too_old(call, now)]
        for call in given_up:
            self._calls.remove(call.call_id, call.trunk)
        return given_up

    def as_list(self, now: float, wall: float) -> list[dict[str, Any]]:
        """Return the calls to be stored; ``wall`` is the wall clock's time."""
        return [call.as_dict(wall - now) for call in self._calls.values()]

    def restore(self, stored: Iterable[object], now: float, wall: float) -> None:
        """Take over stored calls: what became of them meanwhile nobody knows."""
        for item in stored:
            call = restored(item, wall - now) if isinstance(item, Mapping) else None
            if call is not None:
                call.since = min(call.since, now)
                if not is_too_old(call, now):
                    self._calls.add(call.call_id, call.trunk, call)

    def _find_ended(self, call_id: str, trunk: str | None, now: float) -> Ended | None:
        """Return a call that has just ended."""
        ended = self._ended.find(call_id, trunk)
        return ended if ended and now - ended.at <= ENDED_KEPT else None

    def _forget(self, now: float) -> None:
        """Forget calls that have ended so long ago that nothing more comes of them."""
        while (ended := self._ended.oldest()) and now - ended.at > ENDED_KEPT:
            self._ended.drop_oldest()
