"""How often a server sends heartbeats, and how long its silence may last."""

from typing import Final

# Heartbeats that have to be missed before a line is given up.
MISSED_HEARTBEATS: Final = 3
# How many intervals have to be seen before they count as a rhythm.
RHYTHM_INTERVALS: Final = 3
# No rhythm is taken for a faster one than this, in seconds: a busy server is late.
FASTEST_RHYTHM: Final = 5.0
# Comments closer together than this, in seconds, are one heartbeat: some servers
# greet with a number of them.
SAME_HEARTBEAT: Final = 1.0


class Rhythm:
    """Learn how often a server sends heartbeats, and so how long silence may last."""

    def __init__(self) -> None:
        """Begin without knowing any."""
        self._last: float | None = None
        self._intervals: list[float] = []

    def beat(self, now: float) -> None:
        """Note a heartbeat; ``now`` is in seconds of a monotonic clock."""
        if self._last is not None:
            if now - self._last < SAME_HEARTBEAT:
                return
            self._intervals = [
                *self._intervals[1 - RHYTHM_INTERVALS :],
                now - self._last,
            ]
        self._last = now

    def interrupt(self) -> None:
        """Note an event: servers leave out heartbeats where there is something to say."""
        self._last = None

    @property
    def patience(self) -> float | None:
        """Return the seconds of silence after which a line is dead, None if unknown."""
        if len(self._intervals) < RHYTHM_INTERVALS:
            return None
        return MISSED_HEARTBEATS * max(*self._intervals, FASTEST_RHYTHM)
