"""The alerts of an entry: the book, the figures of the day, one timer, what people do."""

from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
import time
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_CORE_CONFIG_UPDATE
from homeassistant.core import CALLBACK_TYPE, Context, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util
from homeassistant.util.ulid import ulid_now

from ..api.texts import shortened
from ..api.times import sane_moment
from ..domain.alert import Alert, Transition
from ..domain.alerts import AlertBook
from ..domain.daily import DailyCount, DailySum, DailyTally, DailyWaits
from ..domain.days import Days, is_another_day
from ..domain.events import Event, OnlinePayment
from ..domain.lifecycle import Action, Outcome, Reason
from ..domain.limits import MAX_ALERT_TEXT, MAX_TITLE, one_line
from ..domain.rules import ENDS_WITH_DAY, closed_by, opened_by
from .alert_options import daily_reset, kept_for, overdue_after
from .storage import as_dict, as_time

# A clock that is off by more than this, in seconds, was set.
CLOCK_SET: Final = 5.0

# The longest sleep of the timer, in seconds: a clock may be set meanwhile.
LONGEST_SLEEP: Final = 3600.0


class AlertManager:
    """The alert book of an entry, its figures of the day, and its one timer."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        publish: Callable[[list[Transition], Context | None], None],
    ) -> None:
        """Take what publishes what time and people do to alerts."""
        self._hass = hass
        self._entry = entry
        self._publish = publish
        self._days = Days(daily_reset(entry))
        self.book = AlertBook(
            overdue_after=overdue_after(entry),
            close_after=kept_for(entry),
            new_id=ulid_now,
        )
        self.events_today = DailyCount()
        self.payments_today = DailySum()
        self.waits_today = DailyWaits()
        self.forgotten_today = DailyTally()
        # By the names under which they are stored.
        self._figures: dict[str, DailyCount] = {
            "events_today": self.events_today,
            "payments_today": self.payments_today,
            "waits_today": self.waits_today,
            "forgotten_today": self.forgotten_today,
        }
        self._day = self.day_began
        self._timer: CALLBACK_TYPE | None = None
        self._job = HassJob(self._async_tick, cancel_on_shutdown=True)
        self._clocks = (time.monotonic(), time.time())

    @property
    def day_began(self) -> datetime:
        """Return when the restaurant's day began, in UTC."""
        return self._days.began(dt_util.now())

    @callback
    def async_start(self) -> None:
        """Publish what time has brought while nobody looked, and go on."""
        self._entry.async_on_unload(
            # In another zone the day ends at another moment.
            self._hass.bus.async_listen(EVENT_CORE_CONFIG_UPDATE, self._async_tick)
        )
        self._async_tick(dt_util.utcnow())

    @callback
    def async_stop(self) -> None:
        """Stop the timer."""
        if self._timer is not None:
            self._timer()
            self._timer = None

    @contextmanager
    def attempt(self) -> Generator[None]:
        """Take back what becomes of alerts and figures inside, where it raises."""
        # A clock that was set is noted now: what is taken back must not have it.
        self._now()
        kept = [figure.kept() for figure in self._figures.values()]
        with self.book.attempt():
            try:
                yield
            except Exception:
                for figure, values in zip(self._figures.values(), kept, strict=True):
                    figure.give_back(values)
                raise

    @callback
    def async_take(self, event: Event) -> list[Transition]:
        """Take an event; return what has become of alerts through it."""
        now = self._now()
        transitions = [*self._closed_by(event, now), *self._opened_by(event, now)]
        self._count(event)
        self._count_ended(transitions)
        if transitions:
            self._async_schedule()
        return transitions

    @callback
    def async_acknowledge(
        self, alerts: Iterable[Alert], by: str | None, context: Context | None
    ) -> list[Transition]:
        """Acknowledge alerts: count how long they waited, and publish it."""
        now = self._now()
        return self._changed_by_person(
            [
                transition
                for alert in alerts
                for transition in self.book.acknowledge(alert.alert_id, now, by)
            ],
            context,
        )

    @callback
    def async_reopen(
        self, alerts: Iterable[Alert], by: str | None, context: Context | None
    ) -> list[Transition]:
        """Reopen alerts: what was counted as their answers was none; publish it."""
        now = self._now()
        return self._changed_by_person(
            [
                transition
                for alert in alerts
                for transition in self.book.reopen(alert.alert_id, now, by)
            ],
            context,
        )

    @callback
    def async_delete(
        self, alerts: Iterable[Alert], by: str | None, context: Context | None
    ) -> list[Transition]:
        """Delete alerts that a person wants gone, and publish it."""
        return self._changed_by_person(
            self.book.close(alerts, Reason.DELETED, self._now(), by=by), context
        )

    def collect(self) -> dict[str, Any]:
        """Return what to store."""
        return {
            "alerts": {
                "alerts": self.book.as_list(),
                **{key: figure.as_dict() for key, figure in self._figures.items()},
                "day": self._day.isoformat(),
            }
        }

    def restore(self, stored: Mapping[str, Any]) -> None:
        """Take over what was stored; a day that ended meanwhile ends at the start."""
        stored = as_dict(stored.get("alerts"))
        self.book.restore(stored.get("alerts"))
        if (day := as_time(stored.get("day"))) is not None:
            self._day = day
        for key, figure in self._figures.items():
            if isinstance(kept := stored.get(key), dict):
                figure.restore(kept)
            if figure.since is None:
                # What is forgotten by then is still of the day that was stored.
                figure.roll(self._day)

    def _changed_by_person(
        self, transitions: list[Transition], context: Context | None
    ) -> list[Transition]:
        """Count and publish what a person did; return it."""
        self._count_answers(transitions)
        self._async_schedule()
        self._publish(transitions, context)
        return transitions

    def _opened_by(self, event: Event, now: datetime) -> Generator[Transition]:
        """Open alerts, or count their repeats."""
        title = shortened(one_line(event.title), MAX_TITLE)
        text = event.details and shortened(event.details, MAX_ALERT_TEXT)
        # The service's clock may be ahead of ours: nobody has waited since later than now.
        opened_at = min(sane_moment(event.time, now) or now, now)
        for kind, key in opened_by(event):
            yield from self.book.open(
                kind,
                key,
                title=title,
                text=text,
                device_key=event.device_key,
                now=now,
                opened_at=opened_at,
                late=event.late,
            )

    def _closed_by(self, event: Event, now: datetime) -> Generator[Transition]:
        """Close what has come to its end."""
        for kind, key, reason in closed_by(event):
            if (alert := self.book.get(kind, key)) is not None:
                yield from self.book.close([alert], reason, now, late=event.late)

    def _count(self, event: Event) -> None:
        """Count what is counted by the day."""
        if event.is_counted:
            self.events_today.add(self.day_began)
        if isinstance(event, OnlinePayment):
            self.payments_today.add_amount(self.day_began, event.amount)

    def _count_answers(self, transitions: Iterable[Transition]) -> None:
        """Count how long guests waited for an answer, less what was none."""
        for transition in transitions:
            if (wait := transition.wait) is None:
                continue
            title = transition.alert.title
            if transition.action is Action.REOPENED:
                # That of a day before was counted there and is over.
                self.waits_today.roll(self.day_began)
                self.waits_today.remove_wait(wait, title)
            else:
                self.waits_today.add_wait(self.day_began, wait, title)

    def _count_ended(self, transitions: Iterable[Transition]) -> None:
        """Count those that nobody had."""
        for transition in transitions:
            if transition.alert.outcome is Outcome.FORGOTTEN:
                self.forgotten_today.add(self.day_began)

    @callback
    def _async_tick(self, _: object) -> None:
        """Do what time brings: overdue, too old, a new day."""
        self.async_stop()
        now, began = self._now(), self.day_began
        is_new_day = is_another_day(self._day, began)
        if is_new_day:
            if began > self._day:
                self._end_day(began, now)
            self._day = began
        for figure in self._figures.values():
            is_new_day |= figure.roll(began)
        transitions = self.book.tick(now)
        self._count_ended(transitions)
        if transitions or is_new_day:
            self._publish(transitions, None)
        self._async_schedule()

    def _end_day(self, began: datetime, now: datetime) -> None:
        """Close what ends with its day; who was forgotten counts for the day that ends."""
        ended = [
            alert
            for alert in self.book.alerts
            if alert.kind in ENDS_WITH_DAY and alert.changed_at < began
        ]
        transitions = self.book.close(ended, Reason.END_OF_DAY, now)
        for transition in transitions:
            if transition.alert.outcome is Outcome.FORGOTTEN:
                self.forgotten_today.add_last(self._day)
        if transitions:
            # Before the figures begin again, so that their statistics have it.
            self._publish(transitions, None)

    @callback
    def _async_schedule(self) -> None:
        """Set the one timer to whatever comes first."""
        self.async_stop()
        moments = [self._days.ends(dt_util.now())]
        if (moment := self.book.next_tick()) is not None:
            moments.append(moment)
        delay = (min(moments) - dt_util.utcnow()).total_seconds()
        self._timer = async_call_later(
            self._hass, min(max(delay, 0.0), LONGEST_SLEEP), self._job
        )

    def _now(self) -> datetime:
        """Return the time; if the clock was set, what waited goes on to have waited."""
        before, self._clocks = self._clocks, (time.monotonic(), time.time())
        shift = (self._clocks[1] - before[1]) - (self._clocks[0] - before[0])
        if abs(shift) > CLOCK_SET:
            self.book.shift(timedelta(seconds=shift))
        return dt_util.utcnow()
