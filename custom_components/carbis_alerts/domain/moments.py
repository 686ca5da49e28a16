"""When time changes something next: a heap that is cleaned as it is read."""

from datetime import datetime
from heapq import heapify, heappop, heappush
from itertools import count
from typing import Final

# How many entries of what is gone or put off are kept, beside as many as there are keys.
SPARE: Final = 64


class Moments[K]:
    """The next moment of each key.

    What goes or is put off leaves its entry behind, which is noticed when its turn
    comes; so each change costs as much as a heap's depth.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self._heap: list[tuple[datetime, int, K]] = []
        self._moments: dict[K, datetime] = {}
        # Of two at one moment the first comes first, and no keys are compared.
        self._numbers = count()

    def __len__(self) -> int:
        """Return how many entries there are, old ones too."""
        return len(self._heap)

    def set(self, key: K, moment: datetime) -> None:
        """Note the moment of a key."""
        if self._moments.get(key) == moment:
            return
        self._moments[key] = moment
        heappush(self._heap, (moment, next(self._numbers), key))
        if len(self._heap) > 2 * len(self._moments) + SPARE:
            self._clean()

    def set_sooner(self, key: K, moment: datetime) -> None:
        """Note the moment of a key where it is sooner; a later one is asked for then."""
        known = self._moments.get(key)
        if known is None or moment < known:
            self.set(key, moment)

    def remove(self, key: K) -> None:
        """Forget a key."""
        self._moments.pop(key, None)

    def first(self) -> tuple[datetime, K] | None:
        """Return the first moment and its key."""
        while self._heap:
            moment, _, key = self._heap[0]
            if self._moments.get(key) == moment:
                return moment, key
            heappop(self._heap)
        return None

    def _clean(self) -> None:
        kept: dict[K, tuple[datetime, int, K]] = {}
        for entry in self._heap:
            if self._moments.get(entry[2]) == entry[0]:
                kept[entry[2]] = entry
        self._heap = list(kept.values())
        heapify(self._heap)
