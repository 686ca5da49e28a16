"""What a service had to publish, who got it, and what became of it: a record to judge clients by."""

from collections import deque
from collections.abc import Iterable
import time
from typing import Any

MAX_NOTES = 100_000


class Record:
    """Notes in the order in which things happened, each with a number and a monotonic time.

    ``pushed`` gives something to publish a number of its own; ``handed`` is an answer, a part of a stream or
    a post that went out as a whole with it; ``gone`` is the end of its time in the service's keeping;
    ``failed`` is a request that did not get what it asked for.
    """

    def __init__(self) -> None:
        """Begin without notes."""
        self._notes: deque[dict[str, Any]] = deque(maxlen=MAX_NOTES)
        self._last = 0
        self._items = 0

    def push(self, item: Any) -> int:
        """Note something to publish; return its number, from 1."""
        self._items += 1
        self.note("pushed", item=self._items, content=item)
        return self._items

    def hand(self, items: Iterable[int], made: float, **details: Any) -> None:
        """Note what went out as a whole; ``made`` is when that was put together."""
        self.note("handed", items=as_ranges(items), made=made, **details)

    def drop(self, items: Iterable[int], why: str, at: float | None = None) -> None:
        """Note what the service keeps no longer, since a time that may be past."""
        if ranges := as_ranges(items):
            self.note("gone", at=at, items=ranges, why=why)

    def note(self, what: str, at: float | None = None, **details: Any) -> None:
        """Note that something happened, now unless a time is given."""
        self._last += 1
        self._notes.append(
            {
                "number": self._last,
                "at": time.monotonic() if at is None else at,
                "what": what,
                **details,
            }
        )

    def after(self, number: int) -> list[dict[str, Any]]:
        """Return the notes after one. Raises LookupError where some are forgotten already."""
        if self._notes and self._notes[0]["number"] > number + 1:
            raise LookupError(f"notes before {self._notes[0]['number']} are forgotten")
        newest_first = []
        for note in reversed(self._notes):
            if note["number"] <= number:
                break
            newest_first.append(note)
        return newest_first[::-1]


def as_ranges(items: Iterable[int]) -> list[list[int]]:
    """Return numbers that rise as first and last of each run."""
    ranges: list[list[int]] = []
    for item in items:
        if ranges and ranges[-1][1] == item - 1:
            ranges[-1][1] = item
        else:
            ranges.append([item, item])
    return ranges
