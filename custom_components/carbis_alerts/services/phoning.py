"""Phone people: what can go wrong, and what comes of it, whichever service it is."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class PhoneTrouble(StrEnum):
    """Why somebody was not phoned, or not reached; the keys of the words."""

    NO_SCENARIO = "call_no_scenario"
    SCENARIO_UNKNOWN = "call_scenario_unknown"
    BUSY = "call_busy"
    NO_AUTO_CALL = "call_not_offered"
    AWAY = "call_away"
    LINE = "call_no_line"
    UNANSWERED = "call_unanswered"


class PhoneError(Exception):
    """Somebody was not phoned, or not reached."""

    def __init__(self, trouble: PhoneTrouble) -> None:
        super().__init__(trouble)
        self.trouble = trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnd:
    """How a call ended: taken, declined, heard without a key (None), or with a trouble."""

    is_taken: bool | None = None
    trouble: PhoneTrouble | None = None


type OnEnd = Callable[[CallEnd], None]


class Phone(Protocol):
    """Phone people, one after the other."""

    @property
    def trouble(self) -> PhoneTrouble | None:
        """Return what is missing in the settings, None where nothing is."""

    async def async_call(self, number: str, on_end: OnEnd) -> str:
        """Have a number phoned, now or next; return by what it is ended.

        Raise ``PhoneError``. ``on_end`` is called once, but not after an end by us.
        """

    def follow(self, number: str, handle: str, on_end: OnEnd) -> None:
        """See a call through that was made, or waited, before a restart."""

    async def async_end(self, handle: str) -> None:
        """Phone a number no more; raise ``PhoneError`` where it goes on ringing."""
