"""An alert: what waits for a person, and what became of it. Times are aware."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
import math
from typing import Any, Final, Self

from ..api.fields import as_code, as_key, as_words
from .actor import Actor
from .lifecycle import Action, Outcome, Reason, State
from .rules import AlertKind, alert_key

# Characters of an id of ours.
MAX_ID: Final = 40
# A snooze is no longer than this.
MAX_SNOOZE: Final = timedelta(minutes=240)
# A clock that was never set shows 1970; outside of these no span can be added.
FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 9000
NONE: Final = timedelta()
# The ends that somebody came to, or that needed nobody.
ANSWERED: Final = frozenset({Outcome.SERVED, Outcome.TAKEN, Outcome.RESOLVED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Something that waits for a person.

    ``key`` is what makes two of them the same, ``title`` what a person calls it,
    ``place`` the key of the device that it belongs to (None: the hub). ``opened_at``
    is when it last began to wait; ``answered`` whether an acknowledgement of it counts as
    the answer, ``wait`` after how many seconds where that is the present one; ``in_bulk``
    whether it was acknowledged together with all others. Until ``snoozed_until`` an open
    one is silent. ``by`` and ``person_id`` are who changed it last.
    """

    alert_id: str
    kind: AlertKind
    key: str
    title: str
    text: str | None
    device_key: str | None
    opened_at: datetime
    changed_at: datetime
    state: State = State.OPEN
    count: int = 1
    acknowledged_at: datetime | None = None
    by: str | None = None
    person_id: str | None = None
    answered: bool = False
    wait: float | None = None
    overdue: bool = False
    closed_at: datetime | None = None
    outcome: Outcome | None = None
    snoozed_until: datetime | None = None
    in_bulk: bool = False

    @property
    def actor(self) -> Actor:
        """Return who changed it last: whoever has it where it is acknowledged."""
        return Actor(self.by, self.person_id)

    def age(self, now: datetime) -> float:
        """Return for how many seconds it has waited, or waited until acknowledged."""
        until = self.acknowledged_at
        if until is None:
            until = self.changed_at if self.state is State.CLOSED else now
        return max(0.0, (until - self.opened_at).total_seconds())

    def was_in_time(self, overdue_after: timedelta) -> bool:
        """Return whether somebody had what has ended, or it was resolved, before overdue.

        Who acknowledges all at once has none of them: then it is the end that counts.
        """
        if self.overdue or self.outcome not in ANSWERED:
            return False
        until = None if self.in_bulk else self.acknowledged_at
        if until is None:
            if self.outcome is Outcome.TAKEN:
                return False
            until = self.changed_at
        return until - self.opened_at < overdue_after

    def as_dict(self) -> dict[str, Any]:
        """Return what to store."""
        return {
            "alert_id": self.alert_id,
            "kind": self.kind.value,
            "key": self.key,
            "title": self.title,
            "text": self.text,
            "place": self.device_key,
            "state": self.state.value,
            "count": self.count,
            "opened_at": self.opened_at.isoformat(),
            "changed_at": self.changed_at.isoformat(),
            "acknowledged_at": (
                self.acknowledged_at.isoformat() if self.acknowledged_at else None
            ),
            "by": self.by,
            "person_id": self.person_id,
            "answered": self.answered,
            "wait": self.wait,
            "overdue": self.overdue,
            "closed_at": self.closed_at.isoformat() if self.closed_at else None,
            "outcome": self.outcome.value if self.outcome else None,
            "snoozed_until": (
                self.snoozed_until.isoformat() if self.snoozed_until else None
            ),
            "in_bulk": self.in_bulk,
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Return what was stored; raise ``ValueError`` or the like if it is not that."""
        acknowledged_at = stored["acknowledged_at"]
        # What a file of the first version does not have, or what is none, is not known.
        closed_at, outcome = stored.get("closed_at"), stored.get("outcome")
        changed_at = as_stored_moment(stored["changed_at"])
        return cls(
            alert_id=str(stored["alert_id"])[:MAX_ID],
            kind=AlertKind(stored["kind"]),
            key=alert_key(str(stored["key"])),
            title=as_code(str(stored["title"])) or "",
            text=as_words(_text(stored["text"])),
            device_key=as_key(_text(stored["place"])),
            state=State(stored["state"]),
            count=max(1, int(stored["count"])),
            opened_at=as_stored_moment(stored["opened_at"]),
            changed_at=changed_at,
            acknowledged_at=as_stored_moment(acknowledged_at)
            if acknowledged_at
            else None,
            by=as_code(_text(stored["by"])),
            person_id=as_code(_text(stored.get("person_id"))),
            answered=stored["answered"] is True,
            wait=_seconds(stored.get("wait")),
            overdue=stored["overdue"] is True,
            closed_at=as_stored_moment(closed_at) if closed_at else None,
            outcome=next((known for known in Outcome if known == outcome), None),
            snoozed_until=_snoozed_until(stored.get("snoozed_until"), changed_at),
            in_bulk=stored.get("in_bulk") is True,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """Something that became of an alert, and the alert after it.

    ``wait`` is given with the first answer, the seconds until it, and when that is taken
    back; ``answered_by`` is the id of the person whose answer it is. ``ended`` is the opening that a new press ended, ``is_repeat`` whether it came
    so soon that nobody was there meanwhile. ``revived`` is how an alert had ended by an
    answer that never arrived.
    """

    action: Action
    alert: Alert
    late: bool = False
    reason: Reason | None = None
    wait: float | None = None
    answered_by: str | None = None
    ended: Alert | None = None
    is_repeat: bool = False
    revived: Alert | None = None


def done_by(alert: Alert, by: Actor) -> Alert:
    """Return an alert that somebody changed."""
    return replace(alert, by=by.name, person_id=by.person_id)


def waiting_again(alert: Alert, opened_at: datetime) -> Alert:
    """Return an alert that waits again, since then; its answer was before."""
    return replace(
        alert,
        state=State.OPEN,
        opened_at=opened_at,
        acknowledged_at=None,
        by=None,
        person_id=None,
        answered=True,
        wait=None,
        overdue=False,
        snoozed_until=None,
        in_bulk=False,
    )


def ended(alert: Alert, outcome: Outcome, now: datetime, by: Actor) -> Alert:
    """Return an alert that has come to its end."""
    return replace(
        done_by(alert, by),
        state=State.CLOSED,
        changed_at=now,
        closed_at=now,
        outcome=outcome,
        snoozed_until=None,
    )


def shifted(alert: Alert, by: timedelta) -> Alert:
    """Return an alert by a clock that was set; what passed for it stays the same."""
    return replace(
        alert,
        opened_at=alert.opened_at + by,
        changed_at=alert.changed_at + by,
        acknowledged_at=alert.acknowledged_at + by if alert.acknowledged_at else None,
        closed_at=alert.closed_at + by if alert.closed_at else None,
        snoozed_until=alert.snoozed_until + by if alert.snoozed_until else None,
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _seconds(value: object) -> float | None:
    """Return a stored wait, None where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value < math.inf else None


def _snoozed_until(value: object, since: datetime) -> datetime | None:
    """Return a stored end of a snooze, None where no snooze ends then."""
    if not value:
        return None
    until = as_stored_moment(value)
    return until if NONE <= until - since <= MAX_SNOOZE else None


def as_stored_moment(value: object) -> datetime:
    """Return a stored time; raise ``ValueError`` where it is none or has no zone."""
    moment = datetime.fromisoformat(str(value))
    if moment.tzinfo is None:
        raise ValueError("a time without zone")
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError("a time with which nothing can be reckoned")
    return moment
