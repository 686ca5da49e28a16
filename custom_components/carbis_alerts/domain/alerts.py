"""What waits for a person: alerts with a life of their own.

An event opens an alert. A person acknowledges it; something that happens, or time, closes
it. Times are aware; what passes in is the present.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable, KeysView
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
import sys
from typing import Any, Final

from . import alert_acts
from .actor import NOBODY, Actor
from .alert import Alert, Transition, shifted
from .alert_index import AlertIndex, Key
from .alert_times import NONE, AlertTimes
from .alert_words import AlertWords
from .lifecycle import Action, Reason, State
from .rules import AlertKind

# How many closed ones can still be looked at.
KEPT_CLOSED: Final = 200
# How many alerts may wait at a time; more than this nobody can look at.
MAX_ALERTS: Final = 5_000
_WITH_WORDS: Final = frozenset({Action.OPENED, Action.REPEATED})


class AlertBook:
    """The alerts of one entry, and the last of those that are closed.

    What becomes of one alert costs as much however many there are.
    """

    def __init__(
        self,
        *,
        overdue_after: timedelta,
        close_after: timedelta,
        remind_after: timedelta = NONE,
        new_id: Callable[[], str],
    ) -> None:
        """Take when an open one is overdue, and how long it may be unchanged.

        ``remind_after`` is how long one may be acknowledged without an end. 0 is never.
        """
        self._new_id = new_id
        self._index = AlertIndex()
        self._times = AlertTimes(
            self._index,
            overdue_after=overdue_after,
            close_after=close_after,
            remind_after=remind_after,
        )
        self.due = self._times.due
        self.next_tick = self._times.following
        self.oldest_open = self._times.oldest_open
        self.catch_up = self._times.catch_up
        self.is_behind = self._times.is_behind
        self.open_count = self._index.open_count
        self.follow = self._index.follow
        self.unfollow = self._index.unfollow
        self.closed: deque[Alert] = deque(maxlen=KEPT_CLOSED)
        self._words = AlertWords()

    def __len__(self) -> int:
        return len(self._index.all)

    @property
    def alerts(self) -> list[Alert]:
        """Return the alerts in the order in which they were first opened."""
        self._times.settle()
        return list(self._index.all.values())

    @property
    def devices(self) -> KeysView[str | None]:
        """Return the keys of the devices that have alerts, None for the hub."""
        return self._index.devices

    def at(self, devices: Iterable[str | None]) -> list[Alert]:
        """Return the alerts of devices in the order in which they were first opened."""
        self._times.settle()
        return self._index.at(devices)

    def is_waiting(self, device_key: str | None, kind: AlertKind | None = None) -> bool:
        """Return whether an alert of a device (None: the hub) is open, of a kind or any."""
        kinds = AlertKind if kind is None else (kind,)
        return any(self._index.is_open((of, device_key)) for of in kinds)

    def waiting_since(self, device_key: str | None, kind: AlertKind) -> datetime | None:
        """Return since when the oldest open alert of a kind at a device waits."""
        self._times.settle()
        return self._index.oldest((kind, device_key))

    @contextmanager
    def attempt(self) -> Generator[None]:
        """Take what becomes of alerts inside back where it raises."""
        closed = self.closed.copy()
        taken = self._words.taken
        try:
            with self._index.attempt():
                yield
        except Exception:
            self.closed = closed
            self._words.taken = taken
            raise

    def get(self, kind: AlertKind, key: str) -> Alert | None:
        """Return the alert of a kind and a key."""
        return self._times.current((kind, key))

    def find(self, alert_id: str) -> Alert | None:
        """Return an alert by its id."""
        key = self._index.key_of(alert_id)
        return None if key is None else self._times.current(key)

    def open(
        self,
        kind: AlertKind,
        key: str,
        *,
        title: str,
        text: str | None,
        device_key: str | None,
        now: datetime,
        opened_at: datetime | None = None,
        late: bool = False,
    ) -> list[Transition]:
        """Take that something waits; for the same thing again it is a repeat.

        ``opened_at`` is since when, where that is not now.
        """
        opened_at = opened_at or now
        before = self.get(kind, key)
        if before is None:
            alert = Alert(
                alert_id=self._new_id(),
                kind=kind,
                key=key,
                title=title,
                text=text,
                device_key=device_key,
                opened_at=opened_at,
                changed_at=now,
            )
            made_room = self._make_room(now)
            return [*made_room, self._put(Action.OPENED, alert, late=late)]
        alert = replace(
            before,
            title=title,
            text=before.text if text is None else text,
            device_key=device_key,
            count=before.count + 1,
            changed_at=now,
        )
        if before.state is State.OPEN:
            # Whoever presses again ends a snooze.
            woken = self._act(
                before.alert_id, partial(alert_acts.wake, at=now, late=late)
            )
            alert = replace(alert, snoozed_until=None)
            return [*woken, self._put(Action.REPEATED, alert, late=late)]
        again = alert_acts.call_again(before, alert, opened_at, now, late=late)
        return [self._fitted(again)]

    def acknowledge(
        self, alert_id: str, now: datetime, by: Actor, *, in_bulk: bool = False
    ) -> list[Transition]:
        """Take that somebody has it, or all at once; of two people the first counts."""
        act = partial(alert_acts.acknowledge, now=now, by=by, in_bulk=in_bulk)
        return self._act(alert_id, act)

    def reopen(self, alert_id: str, now: datetime, by: Actor) -> list[Transition]:
        """Take that an acknowledged alert still waits, as if nobody had had it."""
        return self._act(alert_id, partial(alert_acts.reopen, now=now, by=by))

    def snooze(
        self, alert_id: str, now: datetime, by: Actor, span: timedelta
    ) -> list[Transition]:
        """Have an open alert be silent for a span; then it waits again by itself."""
        act = partial(alert_acts.snooze, now=now, by=by, span=span)
        return self._act(alert_id, act)

    def close(
        self,
        alerts: Iterable[Alert],
        reason: Reason,
        now: datetime,
        *,
        by: Actor = NOBODY,
        late: bool = False,
    ) -> list[Transition]:
        """Take that alerts have come to their end."""
        transitions = []
        for given in alerts:
            # As it is now: what is given may have changed or gone meanwhile.
            alert = self.get(given.kind, given.key)
            if alert is not None and alert.alert_id == given.alert_id:
                self._keep((alert.kind, alert.key), None)
                end = alert_acts.close(alert, now, by, reason, late=late)
                self._words.keep(self.closed, end.alert)
                transitions.append(end)
        return transitions

    def undo_answer(
        self, alert_id: str, now: datetime, *, late: bool, note: str | None = None
    ) -> list[Transition]:
        """Take that the answer that ended an alert never arrived, if that is still known."""
        closed = self._words.taken_out(self.closed, alert_id)
        if closed is None:
            return []
        present = self.get(closed.kind, closed.key)
        back = alert_acts.not_delivered(closed, present, now, late=late, note=note)
        made_room = self._make_room(now) if present is None else []
        return [*made_room, self._fitted(back)]

    def shift(self, by: timedelta) -> None:
        """Take that the clock was set: what has waited ten minutes still has."""
        self._times.shift(by)
        self.closed = deque((shifted(one, by) for one in self.closed), KEPT_CLOSED)

    def tick(self, now: datetime, most: int = sys.maxsize) -> list[Transition]:
        """Take that time has passed: report what is overdue, close what is too old.

        Of as many as ``most``; ``is_behind`` says whether there are more.
        """
        most -= self._times.catch_up(now, most)
        transitions: list[Transition] = []
        while most > 0 and (alert := self._times.first_due(now)) is not None:
            most -= 1
            if (until := self._times.snooze_ended(alert, now)) is not None:
                woken = self._act(alert.alert_id, partial(alert_acts.wake, at=until))
                transitions += woken
                alert = woken[0].alert
            if self._times.is_left(alert, now):
                transitions += self._act(
                    alert.alert_id, partial(alert_acts.remind, now=now)
                )
                alert = transitions[-1].alert
            if self._times.is_overdue(alert, now):
                alert = replace(alert, overdue=True)
                transitions.append(self._put(Action.OVERDUE, alert))
            if self._times.is_too_old(alert, now):
                transitions += self.close([alert], Reason.EXPIRED, now)
        return transitions

    def as_list(self) -> list[dict[str, Any]]:
        """Return what to store."""
        return [alert.as_dict() for alert in (*self.closed, *self.alerts)]

    def restore(self, stored: object) -> None:
        """Take over what was stored; what is no alert is passed over."""
        for item in stored if isinstance(stored, list) else ():
            try:
                alert = item if isinstance(item, Alert) else Alert.from_dict(item)
            except KeyError, OverflowError, TypeError, ValueError:
                continue
            if alert.state is State.CLOSED:
                self._words.keep(self.closed, alert)
            else:
                self._keep((alert.kind, alert.key), self._words.fitted(alert))

    def _keep(self, key: Key, alert: Alert | None) -> None:
        """Keep an alert as it is now, None for one that is gone."""
        self._words.changed(self._index.all.get(key), alert)
        self._index.put(key, alert)

    def _act(
        self, alert_id: str, act: Callable[[Alert], Transition | None]
    ) -> list[Transition]:
        """Keep what an act makes of an alert, and return it."""
        alert = self.find(alert_id)
        transition = None if alert is None else act(alert)
        if transition is None:
            return []
        self._keep((transition.alert.kind, transition.alert.key), transition.alert)
        return [transition]

    def _put(self, action: Action, alert: Alert, *, late: bool = False) -> Transition:
        """Keep what has become of an alert, and return it."""
        return self._fitted(Transition(action=action, alert=alert, late=late))

    def _fitted(self, transition: Transition) -> Transition:
        """Keep what has become of an alert, with as much of its words as there is room."""
        if transition.action in _WITH_WORDS or transition.revived is not None:
            alert = self._words.fitted(transition.alert)
            transition = replace(transition, alert=alert)
        self._keep((transition.alert.kind, transition.alert.key), transition.alert)
        return transition

    def _make_room(self, now: datetime) -> list[Transition]:
        """Close the oldest where there are too many."""
        transitions = []
        while len(self) >= MAX_ALERTS:
            oldest = next(iter(self._index.all.values()))
            transitions += self.close([oldest], Reason.EXPIRED, now)
        return transitions
