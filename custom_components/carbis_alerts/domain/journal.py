"""What was seen before, and how far the reading of a service's queue has come."""

from collections import OrderedDict
from collections.abc import Mapping
from math import isfinite
from typing import Any, Final

MAX_ENTRIES: Final = 50_000
# Characters of an id; of what is longer none is an event's.
MAX_ID: Final = 250


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

    def __len__(self) -> int:
        return len(self._seen)

    def __contains__(self, event_id: object) -> bool:
        return event_id in self._seen

    def is_repeat(self, event_id: str, now: float) -> bool:
        """Return whether the id is known; seeing it again prolongs its time."""
        seen = self._seen.pop(event_id, None)
        if seen is None:
            return False
        if now - seen > self._window:
            return False
        self._seen[event_id] = now
        return True

    def add(self, event_id: str, now: float) -> None:
        """Remember an id and forget what is too old or too much."""
        self._seen.pop(event_id, None)
        self._seen[event_id] = now
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
        shift = wall - now
        return {
            "cursor": self.cursor,
            "begun": self.is_initialized,
            "seen": {key: round(seen + shift, 3) for key, seen in self._seen.items()},
        }

    def restore(self, stored: Mapping[str, Any], now: float, wall: float) -> None:
        """Take over what was stored; what is no such thing is passed over."""
        cursor = stored.get("cursor")
        is_cursor = isinstance(cursor, str) and len(cursor) <= MAX_ID
        self.cursor = cursor if is_cursor else None
        self.is_initialized = stored.get("begun") is True
        seen = stored.get("seen")
        ages = {
            # A time to come means that the clock went back: then it was seen now.
            str(key): max(0.0, wall - time)
            for key, time in (seen.items() if isinstance(seen, dict) else ())
            if isinstance(time, float) and isfinite(time) and len(str(key)) <= MAX_ID
        }
        for key, age in sorted(ages.items(), key=lambda item: -item[1]):
            if age <= self._window:
                self.add(key, now - age)
