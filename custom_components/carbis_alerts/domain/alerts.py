"""What waits for a person: alerts with a life of their own.

An alert is opened by an event and waits. A person acknowledges it, something that
happens closes it, or time does. Times are aware; what passes in is the present.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable, KeysView
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
import sys
from typing import Any, Final

from .alert import Alert, Transition, acknowledged, ended, given_back, waiting_again
from .alert_index import AlertIndex, Key
from .alert_times import NONE, AlertTimes
from .alert_words import AlertWords
from .lifecycle import Action, Outcome, Reason, State, outcome_of
from .rules import AlertKind

# How many closed ones can still be looked at.
KEPT_CLOSED: Final = 200
# How many alerts may wait at a time; more than this nobody can look at.
MAX_ALERTS: Final = 5_000
# So soon after an acknowledgement nobody was there yet when a guest calls again.
REPEATED_WITHIN: Final = timedelta(minutes=5)
# What comes with words of others.
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
        self.shift = self._times.shift
        self.catch_up = self._times.catch_up
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

    def open_count(self, kind: AlertKind | None = None) -> int:
        """Return how many alerts are open, of a kind or of all."""
        return self._index.open_count(kind)

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
                state=State.OPEN,
                count=1,
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
            return [self._put(Action.REPEATED, alert, late=late)]
        taken_at = before.acknowledged_at or before.changed_at
        is_repeat = opened_at - taken_at <= REPEATED_WITHIN
        return [
            self._put(
                Action.OPENED,
                waiting_again(alert, opened_at),
                late=late,
                wait=before.wait if is_repeat else None,
                ended=ended(before, Outcome.TAKEN, now, before.by),
                is_repeat=is_repeat,
            )
        ]

    def reopen(self, alert_id: str, now: datetime, by: str | None) -> list[Transition]:
        """Take that an acknowledged alert still waits, as if nobody had had it."""
        alert = self.find(alert_id)
        if alert is None or alert.state is not State.ACKNOWLEDGED:
            return []
        return self._give_back(alert, now, by)

    def acknowledge(
        self, alert_id: str, now: datetime, by: str | None, *, in_bulk: bool = False
    ) -> list[Transition]:
        """Take that somebody has it, or all at once; of two people the first counts."""
        alert = self.find(alert_id)
        if alert is None or alert.state is not State.OPEN:
            return []
        taken = acknowledged(alert, now, by, in_bulk=in_bulk)
        return [self._put(Action.ACKNOWLEDGED, taken, wait=taken.wait)]

    def close(
        self,
        alerts: Iterable[Alert],
        reason: Reason,
        now: datetime,
        *,
        by: str | None = None,
        late: bool = False,
    ) -> list[Transition]:
        """Take that alerts have come to their end."""
        transitions = []
        for given in alerts:
            # As it is now: what is given may have changed or gone meanwhile.
            alert = self.get(given.kind, given.key)
            if alert is not None and alert.alert_id == given.alert_id:
                self._keep((alert.kind, alert.key), None)
                outcome = outcome_of(alert.state, reason)
                # An answer of ours is one, though nobody said before that they have it.
                is_answer = reason is Reason.ANSWERED and not alert.answered
                wait = (now - alert.opened_at).total_seconds() if is_answer else None
                closed = ended(alert, outcome, now, alert.by if by is None else by)
                self._words.keep(self.closed, closed)
                transitions.append(
                    Transition(
                        action=Action.CLOSED,
                        alert=closed,
                        reason=reason,
                        late=late,
                        wait=wait,
                    )
                )
        return transitions

    def tick(self, now: datetime, most: int = sys.maxsize) -> list[Transition]:
        """Take that time has passed: report what is overdue, close what is too old.

        Of as many alerts as ``most``; ``is_behind`` says whether there are more.
        """
        most -= self._times.catch_up(now, most)
        transitions: list[Transition] = []
        while most > 0 and (alert := self._times.first_due(now)) is not None:
            most -= 1
            if self._times.is_left(alert, now):
                transitions += self._give_back(
                    alert, now, alert.by, reason=Reason.NOT_DONE
                )
                alert = transitions[-1].alert
            if self._times.is_overdue(alert, now):
                alert = replace(alert, overdue=True)
                transitions.append(self._put(Action.OVERDUE, alert))
            if self._times.is_too_old(alert, now):
                transitions += self.close([alert], Reason.EXPIRED, now)
        return transitions

    def is_behind(self, now: datetime) -> bool:
        """Return whether a tick has more to do."""
        return self._times.is_behind(now)

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

    def _give_back(
        self, alert: Alert, now: datetime, by: str | None, **more: Any
    ) -> list[Transition]:
        """Have an alert wait as if nobody had had it."""
        again = given_back(alert, now, by)
        return [self._put(Action.REOPENED, again, wait=alert.wait, **more)]

    def _put(self, action: Action, alert: Alert, **more: Any) -> Transition:
        """Keep what has become of an alert, and return it."""
        if action in _WITH_WORDS:
            alert = self._words.fitted(alert)
        self._keep((alert.kind, alert.key), alert)
        return Transition(action=action, alert=alert, **more)

    def _make_room(self, now: datetime) -> list[Transition]:
        """Close the oldest where there are too many."""
        transitions = []
        while len(self) >= MAX_ALERTS:
            oldest = next(iter(self._index.all.values()))
            transitions += self.close([oldest], Reason.EXPIRED, now)
        return transitions
