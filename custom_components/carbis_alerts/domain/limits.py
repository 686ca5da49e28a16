"""How much of what a service sends is passed on, and how fast.

A service in the hands of somebody hostile must not fill databases, lists and disks.
"""

from typing import Final

import orjson

from .events import Event

# Bytes of events that may come at once, and each second for ever. A busy restaurant
# has 5,000 events a day, some 300 bytes a second; the rest is for bursts and floods.
BURST: Final = 1024 * 1024 * 1024
RATE: Final = 4 * 1024.0
# Bytes of a line that may be read at once, and each second for ever, whatever is in
# them. With the overhead these are 500 messages, then 50 a second: a PBX has a few, and
# automations have to follow.
LINE_BURST: Final = 2 * 1024 * 1024
LINE_RATE: Final = 200 * 1024.0
# What an event costs besides its own size: states, alerts, rows of databases.
OVERHEAD: Final = 4 * 1024


def size(event: Event) -> int:
    """Return how many bytes the service's own fields of an event have in JSON."""
    return len(orjson.dumps(event.own()))


class TokenBucket:
    """Bytes that may go on: many at once, then so many a second."""

    def __init__(self, burst: float = BURST, rate: float = RATE) -> None:
        """Begin with all of the burst."""
        self._burst = burst
        self._rate = rate
        self._left = burst
        self._at: float | None = None

    def spend(self, count: int, now: float) -> None:
        """Note that so many bytes went on; ``now`` is of a monotonic clock."""
        self._refill(now)
        self._left -= count + OVERHEAD

    def wait(self, now: float) -> float:
        """Return for how many seconds nothing more may go on."""
        self._refill(now)
        return max(0.0, -self._left / self._rate)

    def is_taxed(self, now: float) -> bool:
        """Return whether more than a sixteenth of the burst has gone."""
        self._refill(now)
        return self._left < self._burst * 15 / 16

    def _refill(self, now: float) -> None:
        if self._at is not None:
            passed = max(0.0, now - self._at)
            self._left = min(self._burst, self._left + passed * self._rate)
        self._at = now
