"""A call and its legs: the extensions at which it rings, and the one that talks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from ..api.fields import as_key, as_name
from ..api.types import Direction

# A call that rings for longer than this, in seconds, has ended unheard; in a queue
# guests wait long.
MAX_RINGING: Final = 2 * 60 * 60.0
# The longest talk that is believed; the message of its end was lost.
MAX_TALK: Final = 4 * 60 * 60.0
# The most extensions at which one call may ring.
MAX_LEGS: Final = 100
# The PBX's own words for a call that nobody took, whatever was not seen of it.
UNANSWERED: Final = frozenset({"no_answer", "busy", "overload"})
SUCCESS: Final = "success"


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
    """A call in progress; ``since`` is of the monotonic clock, in seconds.

    ``legs`` are the states of its extensions, in the order in which they rang.
    ``event_id`` is that of the message that began it, or of its talk where the beginning
    never ``was_seen``. ``certain`` is false where messages of it may have been missed,
    ``known`` is false while it may be over.
    """

    call_id: str
    trunk: str | None
    direction: Direction
    state: CallState
    caller: str | None
    event_id: str
    since: float
    legs: dict[str, CallState] = field(default_factory=dict)
    talked: bool = False
    certain: bool = True
    known: bool = True
    was_seen: bool = True

    @property
    def extensions(self) -> list[str]:
        """Return all extensions at which it rings or rang, in order."""
        return list(self.legs)

    @property
    def extension(self) -> str | None:
        """Return the extension that talks, else the last at which it rings or rang."""
        active = [one for one, state in self.legs.items() if state != CallState.IDLE]
        if active or self.talked:
            return active[-1] if active else None
        return next(reversed(self.legs), None)

    def ring(self, extension: str | None, *, is_late: bool) -> None:
        """Take a leg; where somebody else talks already, a late one rings no more."""
        if extension is None or self.legs.get(extension, CallState.IDLE) != "idle":
            return
        if extension in self.legs or len(self.legs) < MAX_LEGS:
            self.legs[extension] = (
                self.state
                if not self.talked
                else CallState.IDLE
                if is_late
                else CallState.RINGING
            )

    def move(self, extension: str | None) -> None:
        """Have one extension alone hold the call; None where nobody knows which."""
        for leg in self.legs:
            self.legs[leg] = CallState.IDLE
        if extension is not None and (
            extension in self.legs or len(self.legs) < MAX_LEGS
        ):
            self.legs[extension] = self.state

    def talk(self, extension: str | None, now: float) -> None:
        """Have an extension talk; the others are idle at once."""
        self.state, self.talked, self.known = CallState.TALKING, True, True
        self.since = now
        self.move(extension)

    def as_dict(self, wall: float) -> dict[str, Any]:
        """Return it to be stored; ``wall`` is what the wall clock shows more."""
        return {
            "call_id": self.call_id,
            "trunk": self.trunk,
            "direction": self.direction,
            "state": self.state.value,
            "caller": self.caller,
            "event_id": self.event_id,
            "since": self.since + wall,
            "legs": dict(self.legs),
            "was_seen": self.was_seen,
        }


def restored(stored: Mapping[str, Any], wall: float) -> Call | None:
    """Return a stored call, of which nobody knows how it went on; None for none."""
    try:
        call_id, event_id = _text(stored["call_id"]), _text(stored["event_id"])
        state = CallState(stored["state"])
        legs = {
            _text(leg): CallState(value)
            for leg, value in list(stored["legs"].items())[:MAX_LEGS]
        }
        trunk, caller = stored["trunk"], stored["caller"]
        return Call(
            call_id=call_id,
            trunk=None if trunk is None else _text(trunk),
            direction="outgoing" if stored["direction"] == "outgoing" else "incoming",
            state=state,
            caller=None if caller is None else _text(caller),
            event_id=event_id,
            since=float(stored["since"]) - wall,
            legs=legs,
            talked=state is CallState.TALKING,
            certain=False,
            known=False,
            was_seen=stored["was_seen"] is True,
        )
    except ArithmeticError, AttributeError, LookupError, TypeError, ValueError:
        return None


def is_too_old(call: Call, now: float) -> bool:
    """Return whether the end of a call is waited for no more."""
    # Also true for what is no number.
    return not now - call.since <= (MAX_TALK if call.talked else MAX_RINGING)


def is_missed(call: Call, status: str | None) -> bool:
    """Return whether an ended call was one that nobody took.

    The PBX's own word counts whatever was missed of it; without one it counts that the
    beginning was seen, and no talk after it.
    """
    if call.direction != "incoming" or call.talked:
        return False
    if is_unanswered(status):
        return True
    return call.certain and (status or "").casefold() != SUCCESS


def is_unanswered(status: str | None) -> bool:
    """Return whether a status says that nobody took the call."""
    return status is not None and status.casefold().replace(" ", "_") in UNANSWERED


def _text(value: object) -> str:
    """Return a stored text; raise ``ValueError`` where it is none."""
    text = as_name(as_key(value)) if isinstance(value, str) else None
    if text is None:
        raise ValueError("no text")
    return text
