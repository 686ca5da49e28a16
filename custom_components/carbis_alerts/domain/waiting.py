"""Who waits, shown as a person can take it: one by one, and in sum where there are too many.

Times are aware; what passes in is the present.
"""

from collections.abc import Collection, Container
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
        missing, whole = self._full_at - now, self._interval * self._burst
        # So much is never spent: the clock was set back, and nobody waits for that.
        if missing > whole + self._interval:
            return timedelta()
        return min(max(missing, timedelta()), whole)


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
    in_sum: bool


class Waiting:
    """Who of those that wait has been shown."""

    def __init__(self, allowance: Allowance | None = None) -> None:
        """Begin with nobody shown."""
        self.allowance = allowance or Allowance()
        self.more = 0
        """How many wait that were shown in sum only, as it was shown last."""
        self._shown: dict[str, _Shown] = {}
        # How many of them were shown in sum.
        self._in_sum = 0

    def is_shown(self, alert_id: str) -> bool:
        """Return whether one that waits was shown."""
        return alert_id in self._shown

    def ended(self, alert_id: str) -> bool:
        """Take that somebody has it: if it waits again, it is shown again.

        Return whether it was the last of those that were shown in sum.
        """
        shown = self._shown.pop(alert_id, None)
        if shown is None or not shown.in_sum:
            return False
        self._in_sum -= 1
        return not self._in_sum

    def look(
        self,
        fresh: Collection[Waiter],
        present: Container[str],
        away: Container[str],
        now: datetime,
    ) -> tuple[Batch | None, float | None]:
        """Return what is to be shown of those that wait, and in how many seconds to look again.

        ``fresh`` are those that were not shown, ``present`` the ids of all, ``away`` entries
        of which nobody knows at present who waits.
        """
        self._shown = {
            alert_id: shown
            for alert_id, shown in self._shown.items()
            # Not by when it opened: that follows a clock that is set.
            if alert_id in present or shown.entry_id in away
        }
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
                self._shown[one.alert_id] = _Shown(one.entry_id, is_in_sum)
        before, more = self.more, sum(shown.in_sum for shown in self._shown.values())
        self._in_sum = more
        if not singly and not (before and not more):
            return None, again
        self.more = more
        return Batch(singly=tuple(singly), in_sum=tuple(in_sum), more=more), again
