"""How often a service is asked: as its user says, or as fast as the service bears."""

from collections import deque
from typing import Final

# Between an answer and the next request, in seconds, where nobody says how many.
LEAST: Final = 0.25
MOST: Final = 5.0
# A service spends at most one part in so many on answers.
SHARE: Final = 25
# Seconds without an event, after which the interval is twice and four times as long.
QUIET: Final = 10 * 60.0
VERY_QUIET: Final = 30 * 60.0
# Quiet alone makes no interval longer than this: a guest waits.
MOST_QUIET: Final = 1.0
# The answers of which the usual time is the median; of fewer than these it says little.
ANSWERS: Final = 15
FEW_ANSWERS: Final = 3
# What "too many requests" has doubled is halved again after so many seconds.
RELIEF: Final = 10 * 60.0


class PollInterval:
    """Say how long to wait between an answer and the next request, in seconds.

    ``now`` is in seconds of a monotonic clock.
    """

    def __init__(self, now: float, *, fixed: float | None = None) -> None:
        """Begin fast; ``fixed`` is the user's own interval, if there is one."""
        self.fixed = fixed
        # How many seconds an answer usually takes, None before the first.
        self.answer_time: float | None = None
        self._answers: deque[float] = deque(maxlen=ANSWERS)
        self._event_at = now
        # The least that the service has asked for, and when.
        self._asked = 0.0
        self._asked_at = now

    def answered(self, seconds: float) -> None:
        """Note how long a good answer took."""
        self._answers.append(seconds)
        # The lower median: one slow answer of many, or of two, changes nothing.
        self.answer_time = sorted(self._answers)[(len(self._answers) - 1) // 2]

    def happened(self, now: float) -> None:
        """Note an event: be fast again."""
        self._event_at = now

    def refused(self, now: float) -> None:
        """Note that the service takes fewer requests (HTTP 429)."""
        self._asked, self._asked_at = min(MOST, 2 * self.seconds(now)), now

    def seconds(self, now: float) -> float:
        """Return the present interval."""
        if self.fixed is not None:
            return self.fixed
        borne = max(LEAST, SHARE * (self.answer_time or 0.0))
        if len(self._answers) < FEW_ANSWERS:
            borne = min(borne, MOST_QUIET)
        wanted = borne
        if borne < MOST_QUIET:
            quiet = now - self._event_at
            times = 4 if quiet >= VERY_QUIET else 2 if quiet >= QUIET else 1
            wanted = min(times * borne, MOST_QUIET)
        if self._asked:
            halvings = min((now - self._asked_at) // RELIEF, 10)
            wanted = max(wanted, self._asked / 2**halvings)
        return min(MOST, wanted)
