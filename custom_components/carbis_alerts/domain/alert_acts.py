"""What people do to an alert: each act gives what became of it, None where it does nothing."""

from dataclasses import replace
from datetime import datetime, timedelta

from .alert import Alert, Transition
from .lifecycle import Action, State


def acknowledge(alert: Alert, now: datetime, by: str | None) -> Transition | None:
    """Take that somebody has an open alert."""
    if alert.state is not State.OPEN:
        return None
    wait = None if alert.answered else alert.age(now)
    taken = replace(
        alert,
        state=State.ACKNOWLEDGED,
        acknowledged_at=now,
        changed_at=now,
        by=by,
        answered=True,
        wait=wait,
        snoozed_until=None,
    )
    return Transition(action=Action.ACKNOWLEDGED, alert=taken, wait=wait)


def reopen(alert: Alert, now: datetime, by: str | None) -> Transition | None:
    """Take that an acknowledged alert still waits, as if nobody had had it.

    What is snoozed waits again at once.
    """
    if alert.state is State.OPEN and alert.snoozed_until is not None:
        return Transition(
            action=Action.REOPENED,
            alert=replace(alert, changed_at=now, by=by, snoozed_until=None),
        )
    if alert.state is not State.ACKNOWLEDGED:
        return None
    back = replace(
        alert,
        state=State.OPEN,
        acknowledged_at=None,
        changed_at=now,
        by=by,
        answered=alert.answered and alert.wait is None,
        wait=None,
    )
    return Transition(action=Action.REOPENED, alert=back, wait=alert.wait)


def snooze(
    alert: Alert, now: datetime, by: str | None, span: timedelta
) -> Transition | None:
    """Have an open alert be silent for a span; its age runs on."""
    if alert.state is not State.OPEN:
        return None
    silent = replace(
        alert, changed_at=now, by=by, overdue=False, snoozed_until=now + span
    )
    return Transition(action=Action.SNOOZED, alert=silent)


def wake(alert: Alert, at: datetime, *, late: bool = False) -> Transition | None:
    """Take that a snooze ends by time or by a new press: the alert waits again."""
    if alert.snoozed_until is None:
        return None
    return Transition(
        action=Action.REOPENED,
        alert=replace(alert, changed_at=at, snoozed_until=None),
        late=late,
    )
