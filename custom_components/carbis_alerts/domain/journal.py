"""What was seen before, and how far the reading of a service's queue has come."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import partial
from math import isfinite
from typing import Any, Final

from ..api.fields import MAX_ID_LENGTH
from .short_ids import PACKED, packed_id, short_id

MAX_ENTRIES: Final = 50_000


class Journal:
    """Remember event ids for a while, so that a repeat is known as one.

    Times passed in are seconds of a monotonic clock: a wall clock that is set right
    while Home Assistant runs must not make old events new. What is stored are times
    of the wall clock, since a monotonic one starts again with the machine.
    """

    def __init__(self, window: float, *, max_entries: int = MAX_ENTRIES) -> None:
        """Take for how many seconds after it was last seen an id is a repeat."""
        self.cursor: str | None = None
        # False until the first look at a queue showed what was there before us.
        self.is_initialized = False
        self._window = window
        self._max_entries = max_entries
        # In the order in which they were last seen, so the oldest comes first.
        # (A plain dict finds its first key ever more slowly as others before it go.)
        self._seen: OrderedDict[str, float] = OrderedDict()
        # Whether some are known by less than their short id.
        self._has_packed = False

    def __len__(self) -> int:
        return len(self._seen)

    def __contains__(self, event_id: object) -> bool:
        return isinstance(event_id, str) and self._key(event_id) in self._seen

    def is_repeat(self, event_id: str, now: float) -> bool:
        """Return whether the id is known; seeing it again prolongs its time."""
        key = self._key(event_id)
        seen = self._seen.pop(key, None)
        if seen is None:
            return False
        if now - seen > self._window:
            return False
        self._seen[key] = now
        return True

    def add(self, event_id: str, now: float) -> None:
        """Remember an id and forget what is too old or too much."""
        key = self._key(event_id)
        self._seen.pop(key, None)
        self._seen[key] = now
        oldest = now - self._window
        known = len(self._seen)
        while (
            len(self._seen) > self._max_entries
            or next(iter(self._seen.values())) < oldest
        ):
            self._seen.popitem(last=False)
        if len(self._seen) < known / 2:
            # A dict keeps the room of what it once held: megabytes after a burst.
            self._seen = OrderedDict(self._seen)

    def as_dict(self, now: float, wall: float) -> dict[str, Any]:
        """Return what to store; ``wall`` is the wall clock's time of ``now``."""
        stored = self.snapshot(now, wall)
        return {**stored, "seen": stored["seen"]()}

    def snapshot(self, now: float, wall: float) -> dict[str, Any]:
        """Return what to store, of the ids what makes them of what is known now."""
        seen: Callable[[], dict[str, float]] = partial(
            _stored, list(self._seen.items()), wall - now
        )
        return {"cursor": self.cursor, "begun": self.is_initialized, "seen": seen}

    def restore(self, stored: Mapping[str, Any], now: float, wall: float) -> None:
        """Take over what was stored; what is no such thing is passed over."""
        cursor = stored.get("cursor")
        is_cursor = isinstance(cursor, str) and len(cursor) <= MAX_ID_LENGTH
        self.cursor = cursor if is_cursor else None
        self.is_initialized = stored.get("begun") is True
        seen = stored.get("seen")
        ages = {
            # A time to come means that the clock went back: then it was seen now.
            str(key): max(0.0, wall - time)
            for key, time in (seen.items() if isinstance(seen, dict) else ())
            if isinstance(time, float) and isfinite(time)
        }
        for key, age in sorted(ages.items(), key=lambda item: -item[1]):
            if age <= self._window:
                self._has_packed |= key.startswith(PACKED)
                self.add(key, now - age)

    def _key(self, event_id: str) -> str:
        """Return by what an id is known."""
        short = short_id(event_id)
        if self._has_packed and short not in self._seen:
            packed = packed_id(short)
            return packed if packed in self._seen else short
        return short


def _stored(seen: list[tuple[str, float]], shift: float) -> dict[str, float]:
    return {key: round(at + shift, 3) for key, at in seen}
