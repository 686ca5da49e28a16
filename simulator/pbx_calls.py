"""The calls of a PBX, and the messages that it sends about them."""

from collections.abc import Callable
from dataclasses import dataclass
import time
from typing import Any, Literal

type Direction = Literal["incoming", "outgoing"]
type Form = Literal["mixed", "number", "text"]
type Source = Literal["extension", "number"]

INCOMING_CALL = "incoming_call"
OUTGOING_CALL = "outgoing_call"
START_TALK = "start_talk"
ANSWER_ELSEWHERE = "answer_elsewhere"
CALL_END = "call_end"
INCOMING_SMS = "incoming_sms"
STARTUP = "startup"
EVENT_TYPES = (
    STARTUP,
    INCOMING_CALL,
    OUTGOING_CALL,
    START_TALK,
    CALL_END,
    INCOMING_SMS,
    ANSWER_ELSEWHERE,
)
STATUSES = ("not_def", "no_answer", "overload", "error", "busy", "success")
TRUNK = "GSM1"


@dataclass(slots=True, kw_only=True)
class Call:
    """A call in progress."""

    id: int
    direction: Direction
    number: str
    """The side outside of the site."""
    extension: str
    trunk: str
    began: float
    answered: float | None = None
    """When the talk began, by the clock of the calls."""


class Calls:
    """The calls in progress."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with none; ids are counted from 1."""
        self.ids: Form = "mixed"
        self.outgoing_source: Source = "extension"
        self._clock = clock
        self._calls: dict[int, Call] = {}
        self._last_id = 0
        self._last_record = 0

    @property
    def active(self) -> list[Call]:
        """Return the calls in progress, the oldest first."""
        return list(self._calls.values())

    def find(self, call_id: int | str) -> Call:
        """Return a call in progress. Raises LookupError with a text for people."""
        try:
            return self._calls[int(call_id)]
        except KeyError, ValueError:
            known = ", ".join(map(str, self._calls)) or "none"
            raise LookupError(
                f"no call {call_id} is in progress; there are: {known}"
            ) from None

    def begin(
        self, direction: Direction, number: str, extension: str, trunk: str
    ) -> tuple[Call, dict[str, Any]]:
        """Let a call begin; return it, and the message of it."""
        self._last_id += 1
        call = Call(
            id=self._last_id,
            direction=direction,
            number=number,
            extension=extension,
            trunk=trunk,
            began=self._clock(),
        )
        self._calls[call.id] = call
        kind = INCOMING_CALL if direction == "incoming" else OUTGOING_CALL
        return call, message(kind, self._sides(call))

    def ring_also(self, call_id: int | str, extension: str) -> dict[str, Any]:
        """Let a call ring at one more extension, as those of a group do."""
        return message(INCOMING_CALL, self._sides(self.find(call_id), extension))

    def answer(
        self, call_id: int | str, extension: str | None = None
    ) -> dict[str, Any]:
        """Let the talk begin, at one extension of a group."""
        call = self.find(call_id)
        call.extension = extension or call.extension
        call.answered = self._clock()
        return message(START_TALK, self._sides(call))

    def redirect(self, call_id: int | str, extension: str) -> dict[str, Any]:
        """Let another extension have the call."""
        call = self.find(call_id)
        call.extension = extension
        payload = {"call_id": self._id(call, text=True), "number": extension}
        return message(ANSWER_ELSEWHERE, payload)

    def end(
        self,
        call_id: int | str,
        status: str,
        duration: float | Literal["measured"] | None,
    ) -> dict[str, Any]:
        """Let a call end."""
        call = self.find(call_id)
        del self._calls[call.id]
        if duration == "measured":
            talked = 0.0 if call.answered is None else self._clock() - call.answered
            duration = round(talked)
        self._last_record += 1
        payload = {
            "call_id": self._id(call, text=True),
            "record_id": self._last_record,
            "duration": duration,
            "status": status,
        }
        return message(CALL_END, payload)

    def restart(self) -> None:
        """Forget all calls, and count from the beginning."""
        self._calls.clear()
        self._last_id = 0

    def _sides(self, call: Call, extension: str | None = None) -> dict[str, Any]:
        source, destination = call.number, extension or call.extension
        if call.direction == "outgoing" and self.outgoing_source == "extension":
            source, destination = destination, source
        return {
            "call_id": self._id(call, text=False),
            "call_src": source,
            "call_dst": destination,
            "trunk": call.trunk,
        }

    def _id(self, call: Call, *, text: bool) -> int | str:
        as_text = text if self.ids == "mixed" else self.ids == "text"
        return str(call.id) if as_text else call.id


def message(event_type: str, payload: dict[str, Any]) -> dict[str, Any]:
    """Return a message, still without the device that it comes from."""
    return {"event_type": event_type, "payload": payload}
