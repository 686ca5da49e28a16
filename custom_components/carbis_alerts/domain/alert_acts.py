"""What people do to an alert: each act gives what became of it, None where it does nothing."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from .actor import NOBODY, Actor
from .alert import Alert, Transition, done_by, ended, waiting_again
from .lifecycle import Action, Outcome, Reason, State, outcome_of

# So soon after an acknowledgement nobody was there yet when a guest calls again.
REPEATED_WITHIN: Final = timedelta(minutes=5)


def acknowledge(
    alert: Alert, now: datetime, by: Actor, *, in_bulk: bool = False
) -> Transition | None:
    """Take that somebody has an open alert; with all others at once it is no answer."""
    if alert.state is not State.OPEN:
        return None
    wait = None if alert.answered or in_bulk else alert.age(now)
    taken = replace(
        done_by(alert, by),
        state=State.ACKNOWLEDGED,
        acknowledged_at=now,
        changed_at=now,
        answered=alert.answered or not in_bulk,
        wait=wait,
        in_bulk=in_bulk,
        snoozed_until=None,
    )
    return Transition(
        action=Action.ACKNOWLEDGED, alert=taken, wait=wait, answered_by=by.person_id
    )


def reopen(alert: Alert, now: datetime, by: Actor) -> Transition | None:
    """Take that an acknowledged alert still waits, as if nobody had had it.

    What is snoozed waits again at once.
    """
    if alert.state is State.OPEN and alert.snoozed_until is not None:
        return Transition(
            action=Action.REOPENED,
            alert=replace(done_by(alert, by), changed_at=now, snoozed_until=None),
        )
    return _given_back(alert, now, by)


def remind(alert: Alert, now: datetime) -> Transition | None:
    """Take that who has an alert never came to its end: it waits again with its age."""
    return _given_back(alert, now, alert.actor, reason=Reason.NOT_DONE)


def snooze(
    alert: Alert, now: datetime, by: Actor, span: timedelta
) -> Transition | None:
    """Have an open alert be silent for a span; its age runs on."""
    if alert.state is not State.OPEN:
        return None
    silent = replace(
        done_by(alert, by), changed_at=now, overdue=False, snoozed_until=now + span
    )
    return Transition(action=Action.SNOOZED, alert=silent)


def call_again(
    before: Alert, alert: Alert, opened_at: datetime, now: datetime, *, late: bool
) -> Transition:
    """Take that the guest of an acknowledged alert calls again: it begins again."""
    taken_at = before.acknowledged_at or before.changed_at
    # What was written before it was taken, and comes late, says nothing of who has it.
    is_repeat = timedelta() <= opened_at - taken_at <= REPEATED_WITHIN
    return Transition(
        action=Action.OPENED,
        alert=waiting_again(alert, opened_at),
        late=late,
        wait=before.wait if is_repeat else None,
        answered_by=before.person_id,
        ended=ended(before, Outcome.TAKEN, now, before.actor),
        is_repeat=is_repeat,
    )


def close(
    alert: Alert, now: datetime, by: Actor, reason: Reason, *, late: bool
) -> Transition:
    """Take that an alert has come to its end."""
    # An answer of ours is one, though nobody said before that they have it.
    is_answer = reason is Reason.ANSWERED and not alert.answered
    end = ended(
        alert,
        outcome_of(alert.state, reason),
        now,
        alert.actor if by == NOBODY else by,
    )
    wait = None
    if is_answer:
        wait = max(0.0, (now - alert.opened_at).total_seconds())
        # Where it turns out to be none, this is taken back.
        end = replace(end, answered=True, wait=wait)
    return Transition(
        action=Action.CLOSED,
        alert=end,
        reason=reason,
        late=late,
        wait=wait,
        answered_by=by.person_id,
    )


def not_delivered(
    closed: Alert,
    present: Alert | None,
    now: datetime,
    *,
    late: bool,
    note: str | None = None,
) -> Transition:
    """Take that the answer that ended an alert never arrived: it waits with its age.

    ``present`` is what has been opened in its place meanwhile; then that has waited as
    long, whoever has it. ``note`` says so before the guest's words.
    """
    alert = closed
    if present is not None:
        alert = replace(
            present,
            opened_at=min(present.opened_at, closed.opened_at),
            count=present.count + closed.count,
        )
    back = replace(
        alert,
        text=_noted(note, alert.text),
        state=State.OPEN,
        # By a clock that was set back while nobody looked it has not waited yet.
        opened_at=min(alert.opened_at, now),
        acknowledged_at=None,
        changed_at=now,
        answered=any(one.answered and one.wait is None for one in (alert, closed)),
        wait=None,
        closed_at=None,
        outcome=None,
        snoozed_until=None,
        in_bulk=False,
    )
    return Transition(
        action=Action.REOPENED,
        alert=back,
        reason=Reason.NOT_DELIVERED,
        late=late,
        wait=None if present is None else present.wait,
        answered_by=None if present is None else present.person_id,
        revived=closed,
    )


def wake(alert: Alert, at: datetime, *, late: bool = False) -> Transition | None:
    """Take that a snooze ends by time or by a new press: the alert waits again."""
    if alert.snoozed_until is None:
        return None
    return Transition(
        action=Action.REOPENED,
        alert=replace(alert, changed_at=at, snoozed_until=None),
        late=late,
    )


def _given_back(
    alert: Alert, now: datetime, by: Actor, *, reason: Reason | None = None
) -> Transition | None:
    """Have an acknowledged alert wait as if nobody had had it."""
    if alert.state is not State.ACKNOWLEDGED:
        return None
    back = replace(
        done_by(alert, by),
        state=State.OPEN,
        acknowledged_at=None,
        changed_at=now,
        answered=alert.answered and alert.wait is None,
        wait=None,
        in_bulk=False,
    )
    return Transition(
        action=Action.REOPENED,
        alert=back,
        wait=alert.wait,
        answered_by=alert.person_id,
        reason=reason,
    )


def _noted(note: str | None, text: str | None) -> str | None:
    """Return a text behind a note, which stands there once."""
    if note is None or text is None:
        return note or text
    return text if text.startswith(note) else f"{note} · {text}"
