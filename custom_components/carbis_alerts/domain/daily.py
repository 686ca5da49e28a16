"""Counts of a restaurant's day, which does not end at midnight."""

from bisect import bisect_left, insort
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final, override

from ..api.fields import as_code
from .alert import as_stored_moment
from .days import is_another_day

# What a day's sum may come to: nothing is added to an infinite one.
MAX_TOTAL: Final = 1e12
# Waits of a day that are known one by one; of more than that every second one is.
MAX_WAITS: Final = 5_000
# Files have waits to a tenth of a second.
STORED_WITHIN: Final = 0.051
# A day has up to 26 hours by the clock on the wall, and more where its hour was changed.
LONGEST_DAY: Final = timedelta(hours=36)


class DailyCount:
    """Count something since the day began."""

    def __init__(self) -> None:
        """Begin with none."""
        self.value = 0
        self.since: datetime | None = None

    def add(self, began: datetime) -> None:
        """Count one more, of the day that began then."""
        self.roll(began)
        self.value += 1

    def roll(self, began: datetime) -> bool:
        """Begin again if another day has begun; return whether it has."""
        if self.since is not None and not is_another_day(self.since, began):
            return False
        self.value, self.since = 0, began
        return True

    def kept(self) -> dict[str, Any]:
        """Return what it is now, to be given back."""
        return {
            name: value.copy() if isinstance(value, list) else value
            for name, value in vars(self).items()
        }

    def give_back(self, kept: dict[str, Any]) -> None:
        """Be again what it was."""
        vars(self).update(kept)

    def add_last(self, began: datetime) -> None:
        """Count one more of the day that ends; that began is for a count without a day."""
        self.add(self.since or began)

    def as_dict(self) -> dict[str, Any]:
        """Return what to store."""
        return {
            "value": self.value,
            "since": self.since.isoformat() if self.since else None,
        }

    def restore(self, stored: Mapping[str, Any]) -> None:
        """Take over what was stored; what is no such thing is passed over."""
        value, since = stored.get("value"), stored.get("since")
        if not isinstance(value, int) or value < 0 or not isinstance(since, str):
            return
        with suppress(ValueError, OverflowError):
            self.value, self.since = value, as_stored_moment(since)


class DailyTally(DailyCount):
    """Count something since the day began, and know the count of the day before."""

    def __init__(self) -> None:
        """Begin with none."""
        super().__init__()
        self.before: int | None = None

    @override
    def roll(self, began: datetime) -> bool:
        value, since = self.value, self.since
        if is_initialized := super().roll(began):
            is_next = since is not None and timedelta() < began - since <= LONGEST_DAY
            self.before = value if is_next else None
        return is_initialized

    @override
    def as_dict(self) -> dict[str, Any]:
        return {**super().as_dict(), "before": self.before}

    @override
    def restore(self, stored: Mapping[str, Any]) -> None:
        super().restore(stored)
        before = stored.get("before")
        if self.since is not None and isinstance(before, int) and before >= 0:
            self.before = before


class DailyShare(DailyCount):
    """Count since the day began, and how many of it were as they should be."""

    def __init__(self) -> None:
        """Begin with none."""
        super().__init__()
        self.good = 0

    def add_one(self, began: datetime, *, is_good: bool) -> None:
        """Count one more, of the day that began then."""
        self.add(began)
        self.good += is_good

    def remove_one(self, *, is_good: bool) -> None:
        """Take one back that was none."""
        self.value = max(0, self.value - 1)
        self.good = min(max(0, self.good - is_good), self.value)

    @property
    def percent(self) -> float | None:
        """Return the share of the good ones in percent, None of none."""
        return 100 * self.good / self.value if self.value else None

    @override
    def roll(self, began: datetime) -> bool:
        if is_initialized := super().roll(began):
            self.good = 0
        return is_initialized

    @override
    def as_dict(self) -> dict[str, Any]:
        return {**super().as_dict(), "good": self.good}

    @override
    def restore(self, stored: Mapping[str, Any]) -> None:
        super().restore(stored)
        good = stored.get("good")
        if self.since is None or not isinstance(good, int) or good < 0:
            self.value = 0
        else:
            self.good = min(good, self.value)


class DailySum(DailyCount):
    """Add something up since the day began."""

    def __init__(self) -> None:
        """Begin with nothing."""
        super().__init__()
        self.total = 0.0

    def add_amount(self, began: datetime, amount: float) -> None:
        """Add an amount, of the day that began then."""
        self.add(began)
        self.total = min(max(self.total + amount, -MAX_TOTAL), MAX_TOTAL)

    @override
    def roll(self, began: datetime) -> bool:
        if is_initialized := super().roll(began):
            self.total = 0.0
        return is_initialized

    @override
    def as_dict(self) -> dict[str, Any]:
        return {**super().as_dict(), "total": self.total}

    @override
    def restore(self, stored: Mapping[str, Any]) -> None:
        super().restore(stored)
        total = stored.get("total")
        if (
            self.since is not None
            and isinstance(total, int | float)
            and abs(total) <= MAX_TOTAL
        ):
            self.total = float(total)


class DailyWaits(DailyCount):
    """How long people waited since the day began."""

    def __init__(self) -> None:
        """Begin with none."""
        super().__init__()
        # From the shortest to the longest; what they amount to is asked far more often
        # than one is added.
        self.waits: list[tuple[float, str]] = []
        self._total = 0.0

    def add_wait(self, began: datetime, seconds: float, title: str) -> None:
        """Add a wait and whose it was, of the day that began then."""
        self.add(began)
        insort(self.waits, (seconds, title))
        self._total += seconds
        if len(self.waits) > MAX_WAITS:
            # The longest stays.
            del self.waits[-2::-2]

    def remove_wait(self, seconds: float, title: str) -> None:
        """Take a wait back that was none; that of another day is gone by itself.

        What was stored is rounded, and of most nobody knows any more whose it was.
        """
        first = bisect_left(self.waits, (seconds - STORED_WITHIN, ""))
        last = bisect_left(self.waits, (seconds + STORED_WITHIN, ""))
        near = [
            (abs(self.waits[index][0] - seconds), index)
            for index in range(first, last)
            if self.waits[index][1] in (title, "")
        ]
        if near:
            del self.waits[min(near)[1]]
            self.value = max(0, self.value - 1)
            self._total = (
                sum(seconds for seconds, _ in self.waits)
                if len(self.waits) == self.value
                else max(0.0, self._total - seconds)
            )

    @override
    def roll(self, began: datetime) -> bool:
        if is_initialized := super().roll(began):
            self.waits.clear()
            self._total = 0.0
        return is_initialized

    @property
    def mean(self) -> float | None:
        """Return the mean of the waits in seconds."""
        return self._total / self.value if self.waits and self.value else None

    @property
    def median(self) -> float | None:
        """Return the median of the waits in seconds."""
        if not (count := len(self.waits)):
            return None
        return (self.waits[(count - 1) // 2][0] + self.waits[count // 2][0]) / 2

    @property
    def longest(self) -> tuple[float, str] | None:
        """Return the longest wait and whose it was."""
        return self.waits[-1] if self.waits else None

    @override
    def as_dict(self) -> dict[str, Any]:
        waits = [list(wait) for wait in self.waits]
        return {**super().as_dict(), "total": self._total, "waits": waits}

    @override
    def restore(self, stored: Mapping[str, Any]) -> None:
        super().restore(stored)
        waits = stored.get("waits")
        if self.since is None or not isinstance(waits, list):
            return
        self.waits = sorted(
            (float(wait[0]), as_code(wait[1]) or "")
            for wait in waits[-MAX_WAITS:]
            if isinstance(wait, list)
            and len(wait) == 2
            and isinstance(wait[0], int | float)
            and 0 <= wait[0] <= MAX_TOTAL
        )
        self._total = sum(wait for wait, _ in self.waits)
        total = stored.get("total")
        if len(self.waits) < MAX_WAITS // 2 or not isinstance(total, int | float):
            self.value = len(self.waits)
        elif 0 <= total <= MAX_TOTAL:
            self._total = float(total)
