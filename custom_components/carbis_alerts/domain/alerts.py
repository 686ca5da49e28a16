"""What waits for a person: alerts with a life of their own.

An alert is opened by an event and waits. A person acknowledges it, something that
happens closes it, or time does. Times are aware; what passes in is the present.
"""

from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from .alert import Alert, Transition, shifted, waiting_again
from .alert_words import AlertWords
from .lifecycle import Action, Reason, State, outcome_of
from .rules import AlertKind

# How many closed ones can still be looked at.
KEPT_CLOSED: Final = 200
# How many alerts may wait at a time; more than this nobody can look at.
MAX_ALERTS: Final = 5_000
# What comes with words of others.
_WITH_WORDS: Final = frozenset({Action.OPENED, Action.REPEATED})


class AlertBook:
    """The alerts of one entry, and the last of those that are closed."""

    def __init__(
        self,
        *,
        overdue_after: timedelta,
        close_after: timedelta,
        new_id: Callable[[], str],
    ) -> None:
        """Take when an open one is overdue (0: never), and how long it may be unchanged."""
        self._overdue_after = overdue_after
        self._close_after = close_after
        self._new_id = new_id
        self._alerts: dict[tuple[AlertKind, str], Alert] = {}
        self._keys: dict[str, tuple[AlertKind, str]] = {}
        # How many of a kind are open at each device: asked after each transition, of
        # each table.
        self._open: Counter[tuple[AlertKind, str | None]] = Counter()
        self.closed: deque[Alert] = deque(maxlen=KEPT_CLOSED)
        self._words = AlertWords()

    def __len__(self) -> int:
        return len(self._alerts)

    @property
    def alerts(self) -> list[Alert]:
        """Return the alerts in the order in which they were first opened."""
        return list(self._alerts.values())

    def open_count(self, kind: AlertKind | None = None) -> int:
        """Return how many alerts are open, of a kind or of all."""
        if kind is None:
            return self._open.total()
        return sum(count for (of, _), count in self._open.items() if of is kind)

    def is_waiting(self, device_key: str | None, kind: AlertKind | None = None) -> bool:
        """Return whether an alert of a device (None: the hub) is open, of a kind or any."""
        kinds = AlertKind if kind is None else (kind,)
        return any(self._open[of, device_key] > 0 for of in kinds)

    @contextmanager
    def attempt(self) -> Generator[None]:
        """Work on copies inside; where it raises, the book is as it was before."""
        before = self._alerts, self._open, self.closed
        taken = self._words.taken
        self._alerts = dict(self._alerts)
        self._open = self._open.copy()
        self.closed = self.closed.copy()
        try:
            yield
        except Exception:
            self._alerts, self._open, self.closed = before
            self._keys = {kept.alert_id: key for key, kept in self._alerts.items()}
            self._words.taken = taken
            raise

    def get(self, kind: AlertKind, key: str) -> Alert | None:
        """Return the alert of a kind and a key."""
        return self._alerts.get((kind, key))

    def find(self, alert_id: str) -> Alert | None:
        """Return an alert by its id."""
        key = self._keys.get(alert_id)
        return None if key is None else self._alerts[key]

    def due(self, alert: Alert) -> datetime | None:
        """Return when an open alert is overdue, None for never."""
        return alert.opened_at + self._overdue_after if self._overdue_after else None

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
        before = self._alerts.get((kind, key))
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
        return [self._put(Action.OPENED, waiting_again(alert, opened_at), late=late)]

    def reopen(self, alert_id: str, now: datetime, by: str | None) -> list[Transition]:
        """Take that an acknowledged alert still waits, as if nobody had had it."""
        alert = self.find(alert_id)
        if alert is None or alert.state is not State.ACKNOWLEDGED:
            return []
        return [
            self._put(
                Action.REOPENED,
                replace(
                    alert,
                    state=State.OPEN,
                    acknowledged_at=None,
                    changed_at=now,
                    by=by,
                    answered=alert.answered and alert.wait is None,
                    wait=None,
                ),
                wait=alert.wait,
            )
        ]

    def acknowledge(
        self, alert_id: str, now: datetime, by: str | None
    ) -> list[Transition]:
        """Take that somebody has it; of two at once the first counts."""
        alert = self.find(alert_id)
        if alert is None or alert.state is not State.OPEN:
            return []
        wait = None if alert.answered else alert.age(now)
        return [
            self._put(
                Action.ACKNOWLEDGED,
                replace(
                    alert,
                    state=State.ACKNOWLEDGED,
                    acknowledged_at=now,
                    changed_at=now,
                    by=by,
                    answered=True,
                    wait=wait,
                ),
                wait=wait,
            )
        ]

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
            alert = self._alerts.get((given.kind, given.key))
            if alert is not None and alert.alert_id == given.alert_id:
                self._note((alert.kind, alert.key), None)
                closed = replace(
                    alert,
                    state=State.CLOSED,
                    changed_at=now,
                    by=alert.by if by is None else by,
                    closed_at=now,
                    outcome=outcome_of(alert.state, reason),
                )
                self._words.keep(self.closed, closed)
                transitions.append(
                    Transition(
                        action=Action.CLOSED, alert=closed, reason=reason, late=late
                    )
                )
        return transitions

    def tick(self, now: datetime) -> list[Transition]:
        """Take that time has passed: report what is overdue, close what is too old."""
        transitions: list[Transition] = []
        for alert in self.alerts:
            if (ahead := alert.changed_at - now) > timedelta():
                # The clock went back while nobody looked.
                alert = shifted(alert, -ahead)  # noqa: PLW2901
                self._note((alert.kind, alert.key), alert)
            if (
                alert.state is State.OPEN
                and not alert.overdue
                and (due := self.due(alert)) is not None
                and due <= now
            ):
                alert = replace(alert, overdue=True)  # noqa: PLW2901
                transitions.append(self._put(Action.OVERDUE, alert))
            if alert.changed_at + self._close_after <= now:
                transitions += self.close([alert], Reason.EXPIRED, now)
        return transitions

    def next_tick(self) -> datetime | None:
        """Return when time changes something next."""
        moments = [alert.changed_at + self._close_after for alert in self.alerts]
        moments += [
            due
            for alert in self.alerts
            if alert.state is State.OPEN
            and not alert.overdue
            and (due := self.due(alert)) is not None
        ]
        return min(moments, default=None)

    def shift(self, by: timedelta) -> None:
        """Take that the clock was set: what has waited ten minutes still has."""
        for alert in self.alerts:
            self._note((alert.kind, alert.key), shifted(alert, by))

    def as_list(self) -> list[dict[str, Any]]:
        """Return what to store."""
        return self.later_list()()

    def later_list(self) -> Callable[[], list[dict[str, Any]]]:
        """Return what makes what is to be stored of the alerts that there are now."""
        alerts = (*self.closed, *self._alerts.values())
        return lambda: [alert.as_dict() for alert in alerts]

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
                self._note((alert.kind, alert.key), self._words.fitted(alert))

    def _note(self, key: tuple[AlertKind, str], alert: Alert | None) -> None:
        """Keep an alert as it is now, None for one that is gone."""
        before = self._alerts.get(key)
        self._words.changed(before, alert)
        if before is not None:
            if self._keys.get(before.alert_id) == key:
                del self._keys[before.alert_id]
            if before.state is State.OPEN:
                self._open[before.kind, before.device_key] -= 1
        if alert is None:
            del self._alerts[key]
            return
        self._alerts[key] = alert
        self._keys[alert.alert_id] = key
        if alert.state is State.OPEN:
            self._open[alert.kind, alert.device_key] += 1

    def _put(
        self,
        action: Action,
        alert: Alert,
        *,
        late: bool = False,
        wait: float | None = None,
    ) -> Transition:
        """Keep what has become of an alert, and return it."""
        if action in _WITH_WORDS:
            alert = self._words.fitted(alert)
        self._note((alert.kind, alert.key), alert)
        return Transition(action=action, alert=alert, late=late, wait=wait)

    def _make_room(self, now: datetime) -> list[Transition]:
        """Close the oldest where there are too many."""
        excess = len(self._alerts) - MAX_ALERTS + 1
        if excess <= 0:
            return []
        return self.close(self.alerts[:excess], Reason.EXPIRED, now)
