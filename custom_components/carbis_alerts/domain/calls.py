"""Calls in progress, put together from messages that may be missing or out of order."""

from collections import OrderedDict
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ..api.types import Direction
from .numbers import is_extension

# A call that rings for longer than this, in seconds, has ended unheard: exchanges
# stop ringing after some minutes.
MAX_RINGING: Final = 10 * 60.0
# The longest talk that is believed; the message of its end was lost.
MAX_TALK: Final = 4 * 60 * 60.0
# For how long what comes after the end of a call still belongs to it, in seconds.
ENDED_KEPT: Final = 60.0
MAX_CALLS: Final = 1_000


class CallState(StrEnum):
    """The states of a call, and of an extension or the whole PBX by their calls."""

    IDLE = "idle"
    RINGING = "ringing"
    DIALING = "dialing"
    TALKING = "talking"


# Where several calls are in progress, the last of these counts.
PRECEDENCE: Final = tuple(CallState)


@dataclass(slots=True, kw_only=True)
class Call:
    """A call in progress.

    ``event_id`` is that of the message that began it. ``certain`` is false where
    messages of it may have been missed, ``known`` is false while it may be over.
    """

    call_id: str
    direction: Direction
    state: CallState
    caller: str | None
    extension: str | None
    trunk: str | None
    event_id: str
    since: float
    talked: bool = False
    certain: bool = True
    known: bool = True


class Calls:
    """The calls of one PBX; times are seconds of a monotonic clock."""

    def __init__(self) -> None:
        """Begin with none."""
        self._calls: dict[str, Call] = {}
        # What has just ended, None for what was never seen: messages that come after
        # their call's end must not begin it again.
        # In the order in which they ended, so the oldest comes first.
        self._ended: OrderedDict[str, tuple[Call | None, float]] = OrderedDict()

    @property
    def active(self) -> list[Call]:
        """Return the calls that are in progress as far as is known."""
        return [call for call in self._calls.values() if call.known]

    def get(self, call_id: str | None) -> Call | None:
        """Return a call that has begun and may not have ended, or has just ended."""
        if call_id is None:
            return None
        if (call := self._calls.get(call_id)) is not None:
            return call
        return self._ended.get(call_id, (None, 0.0))[0]

    def state(self, extension: str | None = None) -> CallState:
        """Return the state of an extension, or of the whole PBX."""
        return max(
            (
                call.state
                for call in self.active
                if extension is None or call.extension == extension
            ),
            key=PRECEDENCE.index,
            default=CallState.IDLE,
        )

    def caller(self, extension: str) -> str | None:
        """Return who is on the line of an extension: of its call that counts."""
        calls = [call for call in self.active if call.extension == extension]
        if not calls:
            return None
        return max(calls, key=lambda call: PRECEDENCE.index(call.state)).caller

    def begin(
        self,
        call_id: str,
        direction: Direction,
        *,
        source: str | None,
        destination: str | None,
        trunk: str | None,
        event_id: str,
        now: float,
    ) -> Call:
        """Take the beginning of a call; an id in use is a new call if its caller is."""
        self._forget(now)
        extension, caller = sides(direction, source, destination)
        call = Call(
            call_id=call_id,
            direction=direction,
            state=CallState.RINGING if direction == "incoming" else CallState.DIALING,
            caller=caller,
            extension=extension,
            trunk=trunk,
            event_id=event_id,
            since=now,
        )
        before = self._calls.get(call_id)
        if before is not None and _continues(before, call):
            # The beginning came after what follows it, or a second extension rings.
            call.state, call.talked = before.state, before.talked
            call.event_id, call.since = before.event_id, before.since
            call.certain = before.certain
        elif call_id in self._ended:
            ended, _ = self._ended[call_id]
            if ended is None or _continues(ended, call):
                return call
            del self._ended[call_id]
        self._calls[call_id] = call
        _drop_oldest(self._calls)
        return call

    def talk(
        self,
        call_id: str,
        *,
        source: str | None,
        destination: str | None,
        trunk: str | None,
        event_id: str,
        now: float,
    ) -> Call:
        """Take the beginning of a talk, of a call that may never have been seen."""
        self._forget(now)
        ended, _ = self._ended.get(call_id, (None, now))
        if ended is not None:
            return ended
        call = self._calls.get(call_id) or self.begin(
            call_id,
            "outgoing" if is_extension(source) else "incoming",
            source=source,
            destination=destination,
            trunk=trunk,
            event_id=event_id,
            now=now,
        )
        call.state, call.talked, call.known = CallState.TALKING, True, True
        call.since = now
        return call

    def move(self, call_id: str, extension: str | None) -> Call | None:
        """Take that another extension has the call; None for a call never seen.

        A number outside is no extension: the call stays where it was.
        """
        call = self._calls.get(call_id)
        if call is None:
            return self.get(call_id)
        call.known = True
        if is_extension(extension):
            call.extension = extension
        return call

    def end(self, call_id: str, now: float) -> Call | None:
        """Take the end of a call; None for one never seen, or ended before."""
        call = self._calls.pop(call_id, None)
        self._forget(now)
        if call is not None or call_id not in self._ended:
            self._ended[call_id] = (call, now)
            self._ended.move_to_end(call_id)
            _drop_oldest(self._ended)
        return call

    def restart(self) -> None:
        """Forget all: the PBX was switched on, and counts its calls from the beginning."""
        self._calls.clear()
        self._ended.clear()

    def interrupt(self) -> None:
        """Take that messages may have been missed: no call is certain any more."""
        for call in self._calls.values():
            call.certain = False
            call.known = False
        # A restart of the PBX, and with it new calls of old ids, may be missed too.
        self._ended.clear()

    def give_up(self, now: float) -> list[Call]:
        """Forget calls whose end never came; return them."""
        given_up = [
            call
            for call in self._calls.values()
            if now - call.since > (MAX_TALK if call.talked else MAX_RINGING)
        ]
        for call in given_up:
            del self._calls[call.call_id]
        return given_up

    def _forget(self, now: float) -> None:
        """Forget calls that have ended so long ago that nothing more comes of them."""
        while self._ended:
            _, ended = next(iter(self._ended.values()))
            if now - ended <= ENDED_KEPT:
                return
            self._ended.popitem(last=False)


def _drop_oldest[T](calls: dict[str, T]) -> None:
    """Keep no more calls than any PBX has."""
    if len(calls) > MAX_CALLS:
        del calls[next(iter(calls))]


def is_missed(call: Call, status: str | None) -> bool:
    """Return whether an ended call was one that nobody took."""
    return (
        call.direction == "incoming"
        and call.certain
        and not call.talked
        and status != "success"
    )


def sides(
    direction: Direction, source: str | None, destination: str | None
) -> tuple[str | None, str | None]:
    """Return the extension of a call and the other side, its caller.

    Which side of an outgoing call is which the PBX does not say: the short number is
    the extension.
    """
    first, second = (
        (destination, source) if direction == "incoming" else (source, destination)
    )
    if is_extension(first):
        return first, second
    if is_extension(second):
        return second, first
    return None, second


def _continues(before: Call, call: Call) -> bool:
    """Return whether a beginning belongs to a call that is in progress already.

    Of a call that was first seen talking the direction is a guess: within the PBX
    both of its sides are extensions, and the guess may have swapped them.
    """
    if before.direction == call.direction:
        return before.caller == call.caller
    return (before.caller, before.extension) == (call.extension, call.caller)
