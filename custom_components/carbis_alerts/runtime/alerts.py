"""The alerts of an entry: the book, the figures of the day, what people do."""

from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import aclosing, contextmanager
from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_CORE_CONFIG_UPDATE
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.util import dt as dt_util
from homeassistant.util.signal_type import SignalType
from homeassistant.util.ulid import ulid_now

from ..api.fields import as_code
from ..api.times import sane_moment
from ..const import DOMAIN
from ..domain.actor import Actor
from ..domain.alert import Alert, Transition
from ..domain.alerts import AlertBook
from ..domain.days import Days
from ..domain.events import Event
from ..domain.lifecycle import Reason
from ..domain.rules import closed_by, opened_by
from .alert_options import (
    daily_reset,
    figures_by,
    kept_for,
    overdue_after,
    remind_after,
)
from .alert_timer import AlertTimer
from .figures import Figures
from .slices import Slices
from .storage import as_dict, as_time
from .stored_alerts import StoredAlerts

# What a person does to an alert at a moment.
type Change = Callable[[Alert, datetime], list[Transition]]

# Sent when other answers are counted than before.
ANSWERS_CHANGED: Final[SignalType[()]] = SignalType(f"{DOMAIN}_answers_changed")


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
            remind_after=remind_after(entry),
            new_id=ulid_now,
        )
        self._stored = StoredAlerts(self.book)
        # Whether it is about to be said that other answers are counted.
        self._is_said = False
        self._figures = Figures(
            lambda: self.day_began,
            overdue_after(entry),
            by_person=lambda: figures_by(hass, entry.entry_id),
            changed=self._async_answers_changed,
        )
        self.events_today = self._figures.events
        self.payments_today = self._figures.payments
        self.waits_today = self._figures.waits
        self.people_today = self._figures.people
        self.forgotten_today = self._figures.forgotten
        self.in_time_today = self._figures.in_time
        self.repeated_today = self._figures.repeated
        self.together_today = self._figures.together
        self._timer = AlertTimer(
            hass,
            self.book,
            self._figures,
            self._days,
            publish=lambda transitions: publish(transitions, None),
        )

    @property
    def day_began(self) -> datetime:
        """Return when the restaurant's day began, in UTC."""
        return self._days.began(dt_util.now())

    @property
    def is_behind(self) -> bool:
        """Return whether many change by time, and some have still to."""
        # A clock that was set has brought nothing; those that wait follow it at once.
        self._timer.now()
        return self._timer.is_behind

    @callback
    def async_start(self) -> None:
        """Publish what time has brought while nobody looked, and go on."""
        self._entry.async_on_unload(
            # In another zone the day ends at another moment.
            self._hass.bus.async_listen(
                EVENT_CORE_CONFIG_UPDATE, self._timer.async_tick
            )
        )
        self._timer.async_tick()

    @callback
    def async_stop(self) -> None:
        """Stop: what is not done yet of many alerts stays as it is."""
        self._timer.async_stop()

    @contextmanager
    def attempt(self) -> Generator[None]:
        """Take back what becomes of alerts and figures inside, where it raises."""
        # A clock that was set is noted now: what is taken back must not have it.
        self._timer.now()
        with self.book.attempt(), self._figures.attempt():
            yield

    @callback
    def async_take(self, event: Event) -> list[Transition]:
        """Take an event; return what has become of alerts through it."""
        now = self._timer.now()
        transitions = [*self._closed_by(event, now), *self._opened_by(event, now)]
        self._figures.count(event)
        self._figures.count_changes(transitions)
        if transitions:
            self._timer.async_schedule()
        return transitions

    async def async_acknowledge(
        self,
        alerts: Iterable[Alert],
        by: Actor,
        context: Context | None,
        *,
        is_all: bool = False,
    ) -> list[Transition]:
        """Acknowledge alerts: count how long they waited, and publish it.

        Of many at once, or of whatever waits, nobody has really each.
        """
        alerts = [*alerts]
        in_bulk = is_all or len({alert.key for alert in alerts}) > 1

        def acknowledge(alert: Alert, now: datetime) -> list[Transition]:
            return self.book.acknowledge(alert.alert_id, now, by, in_bulk=in_bulk)

        return await self._async_change(alerts, acknowledge, context)

    async def async_reopen(
        self, alerts: Iterable[Alert], by: Actor, context: Context | None
    ) -> list[Transition]:
        """Reopen alerts: what was counted as their answers was none; publish it."""

        def reopen(alert: Alert, now: datetime) -> list[Transition]:
            return self.book.reopen(alert.alert_id, now, by)

        return await self._async_change(alerts, reopen, context)

    async def async_snooze(
        self,
        alerts: Iterable[Alert],
        by: Actor,
        context: Context | None,
        *,
        span: timedelta,
    ) -> list[Transition]:
        """Have open alerts be silent for a span, and publish it."""

        def snooze(alert: Alert, now: datetime) -> list[Transition]:
            return self.book.snooze(alert.alert_id, now, by, span)

        return await self._async_change(alerts, snooze, context)

    async def async_done(
        self, alerts: Iterable[Alert], by: Actor, context: Context | None
    ) -> list[Transition]:
        """Close alerts whose guests were served, and publish it."""
        return await self._async_close(alerts, Reason.DONE, by, context)

    async def async_delete(
        self, alerts: Iterable[Alert], by: Actor, context: Context | None
    ) -> list[Transition]:
        """Delete alerts that a person wants gone, and publish it."""
        return await self._async_close(alerts, Reason.DELETED, by, context)

    def collect(self) -> dict[str, Any]:
        """Return what to store."""
        return {
            "alerts": {"alerts": self._stored.later_list(), **self._figures.as_dict()}
        }

    def restore(self, stored: Mapping[str, Any]) -> None:
        """Take what was stored; ``async_restored`` takes over the alerts in it."""
        stored = as_dict(stored.get("alerts"))
        self._stored.restore(stored.get("alerts"))
        self._figures.restore(stored, as_time(stored.get("day")))

    async def async_restored(self) -> None:
        """Take over the alerts that were stored, with turns for everybody else."""
        await self._stored.async_restored()
        self._async_answers_changed()

    @callback
    def _async_answers_changed(self) -> None:
        """Say that other answers are counted, once what counts them is done."""
        if not self._is_said:
            self._is_said = True
            self._hass.loop.call_soon(self._async_say)

    @callback
    def _async_say(self) -> None:
        self._is_said = False
        async_dispatcher_send(self._hass, ANSWERS_CHANGED)

    async def _async_close(
        self,
        alerts: Iterable[Alert],
        reason: Reason,
        by: Actor,
        context: Context | None,
    ) -> list[Transition]:
        """Close alerts as a person wants, and publish it."""

        def close(alert: Alert, now: datetime) -> list[Transition]:
            return self.book.close([alert], reason, now, by=by)

        return await self._async_change(alerts, close, context)

    async def _async_change(
        self, alerts: Iterable[Alert], change: Change, context: Context | None
    ) -> list[Transition]:
        """Change alerts as a person wants, count and publish it; return it.

        Many in slices. An alert for which a guest has called again meanwhile stays as it
        is: of that call the person did not know.
        """
        changed: list[Transition] = []
        async with aclosing(Slices().of([*alerts])) as parts:
            async for part in parts:
                if self._timer.is_stopped:
                    break
                now = self._timer.now()
                transitions = [
                    transition
                    for given in part
                    if (alert := self.book.find(given.alert_id)) is not None
                    and alert.count == given.count
                    for transition in change(alert, now)
                ]
                self._figures.count_changes(transitions)
                self._timer.async_schedule()
                self._publish(transitions, context)
                changed += transitions
        return changed

    def _opened_by(self, event: Event, now: datetime) -> Generator[Transition]:
        """Open alerts, or count their repeats."""
        # The service's clock may be ahead of ours: nobody has waited since later than now.
        opened_at = min(sane_moment(event.time, now) or now, now)
        if event.reopens is not None:
            back = self.book.undo_answer(
                event.reopens, now, late=event.late, note=event.note
            )
            if back:
                yield from back
                return
        for kind, key in opened_by(event):
            yield from self.book.open(
                kind,
                key,
                # An id, which is kept as it came, stands where there is no name.
                title=as_code(event.title) or "",
                text=event.details,
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
