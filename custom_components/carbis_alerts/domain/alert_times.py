"""What time does to alerts: when each is overdue or too old, by a clock that may be set."""

from datetime import datetime, timedelta
import sys
from typing import Final

from .alert import Alert, shifted
from .alert_index import AlertIndex, Key
from .lifecycle import State
from .moments import Moments

NONE: Final = timedelta()


class AlertTimes:
    """When time changes something of an alert next.

    Where the clock is set all alerts have to follow it: each does so when somebody asks
    for it, at the latest when ``settle`` is called.
    """

    def __init__(
        self,
        index: AlertIndex,
        *,
        overdue_after: timedelta,
        close_after: timedelta,
        remind_after: timedelta,
    ) -> None:
        """Take when an open one is overdue, and how long it may be unchanged.

        ``remind_after`` is how long one may be acknowledged without an end. 0 is never.
        """
        self._overdue_after = overdue_after
        self._close_after = close_after
        self._remind_after = remind_after
        self._index = index
        index.changed = self._changed
        # By how much the clock was set so far; moments are kept without it.
        self._offset = NONE
        self._moments: Moments[Key] = Moments()
        # Since when the open ones wait.
        self._openings: Moments[Key] = Moments()
        # No alert was changed later, without the offset.
        self._latest: datetime | None = None
        # By how much alerts have still to follow the clock.
        self._owed: dict[Key, timedelta] = {}

    def current(self, key: Key) -> Alert | None:
        """Return an alert by the present clock."""
        if (by := self._owed.pop(key, None)) is not None:
            self._follow(key, by)
        return self._index.all.get(key)

    def due(self, alert: Alert) -> datetime | None:
        """Return when an open alert is overdue, None for never."""
        if not self._overdue_after:
            return None
        due = alert.opened_at + self._overdue_after
        return due if alert.snoozed_until is None else max(due, alert.snoozed_until)

    def snooze_ended(self, alert: Alert, now: datetime) -> datetime | None:
        """Return when a snooze ended that is still noted, None where none is over."""
        until = alert.snoozed_until
        return until if until is not None and until <= now else None

    def is_overdue(self, alert: Alert, now: datetime) -> bool:
        """Return whether an alert is overdue, and nobody knows yet."""
        due = self._becomes_overdue(alert)
        return due is not None and due <= now

    def is_left(self, alert: Alert, now: datetime) -> bool:
        """Return whether somebody has had an alert for too long without an end."""
        left = self._becomes_left(alert)
        return left is not None and left <= now

    def is_too_old(self, alert: Alert, now: datetime) -> bool:
        """Return whether nothing has changed for too long."""
        # What will wait again is not closed before.
        return self._becomes_left(alert) is None and self._end(alert) <= now

    def oldest_open(self) -> datetime | None:
        """Return since when the oldest that is open waits."""
        self.settle()
        first = self._openings.first()
        return None if first is None else first[0] + self._offset

    def following(self) -> datetime | None:
        """Return when time changes something next, None for never."""
        while (first := self._moments.first()) is not None:
            moment, key = first
            following = self._next(key)
            if following - self._offset == moment:
                return following
            self._moments.set(key, following - self._offset)
        return None

    def first_due(self, now: datetime) -> Alert | None:
        """Return an alert of which time changes something now."""
        following = self.following()
        if following is None or following > now:
            return None
        first = self._moments.first()
        return None if first is None else self.current(first[1])

    def shift(self, by: timedelta) -> None:
        """Take that the clock was set: what has waited ten minutes still has."""
        self._offset += by
        self._owed = {key: self._owed.get(key, NONE) + by for key in self._index.all}

    def catch_up(self, now: datetime, most: int) -> int:
        """Have alerts follow the clock, so many at most; return how many did."""
        if self._latest is not None and self._latest + self._offset > now:
            # The clock went back while nobody looked.
            for key, alert in self._index.all.items():
                owed = self._owed.get(key, NONE)
                if (ahead := alert.changed_at + owed - now) > NONE:
                    self._owed[key] = owed - ahead
            self._latest = now - self._offset
        return self.settle(most)

    def settle(self, most: int = sys.maxsize) -> int:
        """Have alerts follow the clock, so many at most; return how many did."""
        count = 0
        while self._owed and count < most:
            self._follow(*self._owed.popitem())
            count += 1
        return count

    def is_behind(self, now: datetime) -> bool:
        """Return whether time has brought anything that is not done yet."""
        return bool(self._owed) or self.first_due(now) is not None

    def _follow(self, key: Key, by: timedelta) -> None:
        self._index.put(key, shifted(self._index.all[key], by), is_final=True)

    def _becomes_overdue(self, alert: Alert) -> datetime | None:
        if alert.state is not State.OPEN or alert.overdue:
            return None
        return self.due(alert)

    def _becomes_left(self, alert: Alert) -> datetime | None:
        if alert.state is not State.ACKNOWLEDGED or not self._remind_after:
            return None
        return (alert.acknowledged_at or alert.changed_at) + self._remind_after

    def _next(self, key: Key) -> datetime:
        """Return when time changes something of an alert."""
        alert = self.current(key)
        if alert is None:
            raise KeyError(key)
        return self._next_of(alert)

    def _next_of(self, alert: Alert) -> datetime:
        if (left := self._becomes_left(alert)) is not None:
            return left
        moments = (
            self._end(alert),
            self._becomes_overdue(alert),
            alert.snoozed_until,
        )
        return min(moment for moment in moments if moment is not None)

    def _end(self, alert: Alert) -> datetime:
        """Return when an alert is too old; what is snoozed is not forgotten meanwhile."""
        changed = alert.changed_at
        return max(changed, alert.snoozed_until or changed) + self._close_after

    def _changed(self, key: Key, alert: Alert | None) -> None:
        """Note what has become of an alert."""
        if alert is None:
            self._moments.remove(key)
            self._openings.remove(key)
            return
        if alert.state is State.OPEN:
            self._openings.set(key, alert.opened_at - self._offset)
        else:
            self._openings.remove(key)
        self._moments.set_sooner(key, self._next_of(alert) - self._offset)
        changed_at = alert.changed_at - self._offset
        if self._latest is None or self._latest < changed_at:
            self._latest = changed_at
