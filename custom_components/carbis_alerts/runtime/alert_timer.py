"""What time brings to the alerts of an entry, by its one timer."""

from collections.abc import Callable
from datetime import datetime, timedelta
import time
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util

from ..domain.alert import Alert, Transition
from ..domain.alerts import AlertBook
from ..domain.days import Days
from ..domain.lifecycle import Reason
from ..domain.rules import ENDS_WITH_DAY
from .figures import Figures
from .slices import Slices

# A clock that is off by more than this, in seconds, was set.
CLOCK_SET: Final = 5.0

# The longest sleep of the timer, in seconds: a clock may be set meanwhile.
LONGEST_SLEEP: Final = 3600.0


class AlertTimer:
    """Overdue, too old, a new day, another clock: each at its time, many in slices."""

    def __init__(
        self,
        hass: HomeAssistant,
        book: AlertBook,
        figures: Figures,
        days: Days,
        *,
        publish: Callable[[list[Transition]], None],
    ) -> None:
        """Take what publishes what time has brought."""
        self._hass = hass
        self._book = book
        self._figures = figures
        self._days = days
        self._publish = publish
        # What has still to end with its day.
        self._ending: list[Alert] = []
        # The last slice and how many it had, where it left something for the next.
        self._behind: tuple[Slices, int] | None = None
        # Each thing costs something else.
        self._steps = tuple(
            (step, Slices())
            for step in (self._catch_up, self._end_day, self._pass_time)
        )
        self.is_stopped = False
        self._cancel: CALLBACK_TYPE | None = None
        self._job = HassJob(self.async_tick, cancel_on_shutdown=True)
        self._clocks = (time.monotonic(), time.time())

    @property
    def is_behind(self) -> bool:
        """Return whether many change by time, and some have still to."""
        return not self.is_stopped and (
            self._behind is not None or self._book.is_behind(dt_util.utcnow())
        )

    @callback
    def async_stop(self) -> None:
        """Stop: what is not done yet of many alerts stays as it is."""
        self.is_stopped = True
        self._async_cancel()

    @callback
    def async_tick(self, _: object = None) -> None:
        """Do what time brings, of many a slice; the rest after everybody else's turn."""
        self._async_cancel()
        now = self.now()
        if self._behind is not None:
            slices, count = self._behind
            slices.end(count)
        self._behind = None
        for step, slices in self._steps:
            most = slices.begin()
            count = step(now, most)
            if count >= most:
                self._behind = slices, count
                break
        self.async_schedule()

    @callback
    def async_schedule(self) -> None:
        """Set the one timer to whatever comes first."""
        self._async_cancel()
        if self.is_stopped:
            return
        now = dt_util.utcnow()
        moments = [self._days.ends(dt_util.now())]
        if self.is_behind:
            moments = [now]
        elif (moment := self._book.next_tick()) is not None:
            moments.append(moment)
        delay = (min(moments) - now).total_seconds()
        self._cancel = async_call_later(
            self._hass, min(max(delay, 0.0), LONGEST_SLEEP), self._job
        )

    def now(self) -> datetime:
        """Return the time; if the clock was set, what waited goes on to have waited."""
        before, self._clocks = self._clocks, (time.monotonic(), time.time())
        shift = (self._clocks[1] - before[1]) - (self._clocks[0] - before[0])
        if abs(shift) > CLOCK_SET:
            self._book.shift(timedelta(seconds=shift))
            self.async_schedule()
        return dt_util.utcnow()

    @callback
    def _async_cancel(self) -> None:
        if self._cancel is not None:
            self._cancel()
            self._cancel = None

    def _catch_up(self, now: datetime, most: int) -> int:
        """Have alerts follow a clock that was set, so many at most; return how many did."""
        return self._book.catch_up(now, most)

    def _end_day(self, now: datetime, most: int) -> int:
        """Close what ends with its day, so many at most; return how many were looked at."""
        if not self._figures.is_day_over:
            self._ending = []
            return 0
        began = self._days.began(dt_util.now())
        if not self._ending:
            self._ending = [
                alert
                for alert in reversed(self._book.alerts)
                if alert.kind in ENDS_WITH_DAY and alert.changed_at < began
            ]
        part = [self._ending.pop() for _ in range(min(most, len(self._ending)))]
        transitions: list[Transition] = []
        for given in part:
            alert = self._book.find(given.alert_id)
            # What a guest or a person has changed meanwhile is of the new day.
            if alert is not None and alert.changed_at < began:
                transitions += self._book.close([alert], Reason.END_OF_DAY, now)
        self._figures.count_changes(transitions)
        if transitions:
            # Before the figures begin again, so that their statistics have it.
            self._publish(transitions)
        return len(part)

    def _pass_time(self, now: datetime, most: int) -> int:
        """Begin a new day; publish what is overdue or too old, so much at most."""
        is_new_day = self._figures.roll()
        transitions = self._book.tick(now, most)
        self._figures.count_changes(transitions)
        if transitions or is_new_day:
            self._publish(transitions)
        return len({transition.alert.alert_id for transition in transitions})
