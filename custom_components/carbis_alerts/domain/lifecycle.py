"""The closed lists of an alert's life."""

from enum import StrEnum
from typing import Final


class State(StrEnum):
    """Where an alert is in its life."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


class Action(StrEnum):
    """What became of an alert."""

    OPENED = "opened"
    REPEATED = "repeated"
    ACKNOWLEDGED = "acknowledged"
    REOPENED = "reopened"
    OVERDUE = "overdue"
    SNOOZED = "snoozed"
    CLOSED = "closed"


class Reason(StrEnum):
    """Why an alert was closed."""

    PAID = "paid"
    TALKED = "talked"
    ANSWERED = "answered"
    DONE = "done"
    DELETED = "deleted"
    EXPIRED = "expired"
    END_OF_DAY = "end_of_day"
    # Not of an end, but why it waits again: who has it never came to one, or the answer
    # that ended it never arrived.
    NOT_DONE = "not_done"
    NOT_DELIVERED = "not_delivered"


class Outcome(StrEnum):
    """How it ended for whoever waited."""

    SERVED = "served"
    TAKEN = "taken"
    RESOLVED = "resolved"
    FORGOTTEN = "forgotten"
    MISTAKE = "mistake"


class DispatchAction(StrEnum):
    """What became of sending an alert to somebody, and who has come or gone.

    ``sent`` is handed over, which says nothing of whether it arrived; ``confirmed`` is an
    answer or a receipt.
    """

    SENT = "sent"
    CONFIRMED = "confirmed"
    FAILED = "failed"
    ANSWERED = "answered"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    UNREACHED = "unreached"
    SHIFT_STARTED = "shift_started"
    SHIFT_ENDED = "shift_ended"


BY_TIME: Final = frozenset({Reason.EXPIRED, Reason.END_OF_DAY})


def outcome_of(state: State, reason: Reason) -> Outcome:
    """Return the outcome of an alert that a reason ends in a state."""
    if reason is Reason.DELETED:
        return Outcome.MISTAKE
    if reason is Reason.DONE:
        return Outcome.SERVED
    is_taken = state is State.ACKNOWLEDGED
    if reason in BY_TIME:
        return Outcome.TAKEN if is_taken else Outcome.FORGOTTEN
    return Outcome.SERVED if is_taken else Outcome.RESOLVED
