"""Who waits, shown as a person can take it: one by one, and in sum where there are too many.

Times are aware; what passes in is the present.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
import math
from typing import Final

# So many are shown one by one at once, then one more each so many seconds: what a busy
# evening has, and a phone takes in a day.
BURST: Final = 20
INTERVAL: Final = timedelta(seconds=12)


class Allowance:
    """How many may be shown one by one."""

    def __init__(self, burst: int = BURST, interval: timedelta = INTERVAL) -> None:
        """Begin with all of the burst; one more comes each interval."""
        self._burst = burst
        self._interval = interval
        # When all of it would be there again.
        self._full_at: datetime | None = None

    def left(self, now: datetime) -> int:
        """Return how many may be shown now."""
        missing = self._missing(now) / self._interval
        # Less than a millionth is rounding.
        return self._burst - math.ceil(missing - 1e-6)

    def wait(self, now: datetime) -> float:
        """Return for how many seconds nothing may be shown."""
        over = self._missing(now) - self._interval * (self._burst - 1)
        return max(0.0, over.total_seconds())

    def spend(self, count: int, now: datetime) -> None:
        """Note that so many are shown."""
        self._full_at = now + self._missing(now) + self._interval * count

    def _missing(self, now: datetime) -> timedelta:
        if self._full_at is None:
            return timedelta()
        # A clock that was set back keeps nobody waiting for more than a whole burst.
        return min(max(self._full_at - now, timedelta()), self._interval * self._burst)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiter:
    """An alert that waits: since when, when it is to be shown, and how well known it is.

    The lower its ``rank``, the longer its table has been known.
    """

    alert_id: str
    entry_id: str
    opened_at: datetime
    due: datetime
    rank: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What is shown now: one by one, in sum, and how many wait that are shown in sum only.

    One of nobody says that none of the latter waits any more.
    """

    singly: tuple[Waiter, ...]
    in_sum: tuple[Waiter, ...]
    more: int


@dataclass(frozen=True, slots=True)
class _Shown:
    entry_id: str
    opened_at: datetime
    in_sum: bool


class Waiting:
    """Who of those that wait has been shown."""

    def __init__(self, allowance: Allowance | None = None) -> None:
        """Begin with nobody shown."""
        self.allowance = allowance or Allowance()
        self.more = 0
        """How many wait that were shown in sum only, as it was shown last."""
        self._shown: dict[str, _Shown] = {}

    def ended(self, alert_id: str) -> None:
        """Take that somebody has it: if it waits again, it is shown again."""
        self._shown.pop(alert_id, None)

    def look(
        self, present: Iterable[Waiter], away: Collection[str], now: datetime
    ) -> tuple[Batch | None, float | None]:
        """Return what is to be shown of those that wait, and in how many seconds to look again.

        ``away`` are entries of which nobody knows at present who waits.
        """
        waiters = {waiter.alert_id: waiter for waiter in present}
        self._shown = {
            alert_id: shown
            for alert_id, shown in self._shown.items()
            if shown.entry_id in away
            or (alert_id in waiters and waiters[alert_id].opened_at == shown.opened_at)
        }
        fresh = [one for one in waiters.values() if one.alert_id not in self._shown]
        due = sorted(
            (one for one in fresh if one.due <= now),
            key=lambda one: (one.rank, one.opened_at),
        )
        later = min((one.due for one in fresh if one.due > now), default=None)
        again = None if later is None else (later - now).total_seconds()
        left = self.allowance.left(now)
        if due and left < 1:
            again = self.allowance.wait(now)
        singly, in_sum = (due[:left], due[left:]) if left > 0 else ([], [])
        self.allowance.spend(len(singly), now)
        for shown, is_in_sum in ((singly, False), (in_sum, True)):
            for one in shown:
                self._shown[one.alert_id] = _Shown(
                    one.entry_id, one.opened_at, is_in_sum
                )
        before, more = self.more, sum(shown.in_sum for shown in self._shown.values())
        if not singly and not (before and not more):
            return None, again
        self.more = more
        return Batch(singly=tuple(singly), in_sum=tuple(in_sum), more=more), again
