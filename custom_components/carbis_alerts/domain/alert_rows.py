"""Alerts as rows, of which thousands fit into a file."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from .short_ids import short_id

# Bytes of a key.
MAX_KEY: Final = 20
# In the order of a row: what most have stands first, and nothing at the end is written.
KINDS: Final = ("waiter_call", "missed_call", "message", "bill_request", "order")
STATES: Final = ("open", "acknowledged", "closed")
ANSWERED: Final = 1
OVERDUE: Final = 2
IN_BULK: Final = 4
# So often which of the people it is that is listed, from 1 on.
PERSON: Final = 8
# People that are listed.
MAX_PEOPLE: Final = 500
# Columns of words.
WORD_COLUMNS: Final = (7, 9, 10)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
# Stands for the key in the key of a device.
_KEY: Final = "*"
# What is not among the columns, by its name.
_COLUMNS: Final = frozenset(
    {
        *("alert_id", "kind", "state", "answered", "overdue", "in_bulk", "count"),
        *(
            "opened_at",
            "changed_at",
            "key",
            "title",
            "place",
            "text",
            "by",
            "acknowledged_at",
        ),
        *("wait", "closed_at", "outcome"),
    }
)


def row_of(alert: dict[str, Any], people: dict[str, int] | None = None) -> list[Any]:
    """Return the row of what an alert stores.

    ``people`` lists the ids of people, which many rows have in common; it grows.
    """
    person = 0
    if people is not None and (person_id := alert.get("person_id")) is not None:
        if person_id in people or len(people) < MAX_PEOPLE:
            person = 1 + people.setdefault(person_id, len(people))
        alert = {**alert, "person_id": None}
    key = short_id(alert["key"], MAX_KEY)
    opened = _ticks(alert["opened_at"])
    changed = _ticks(alert["changed_at"])
    kind = alert["kind"]
    row: list[Any] = [
        alert["alert_id"],
        KINDS.index(kind) if kind in KINDS else kind,
        STATES.index(alert["state"]),
        ANSWERED * alert["answered"]
        + OVERDUE * alert["overdue"]
        + IN_BULK * alert["in_bulk"]
        + PERSON * person,
        alert["count"],
        opened,
        changed - opened,
        alert["title"],
        key,
        alert["text"],
        alert["by"],
        _device(alert["place"], alert["key"], key),
        _since(alert["acknowledged_at"], changed),
        alert["wait"],
        _since(alert["closed_at"], changed),
        alert["outcome"],
        {
            name: value
            for name, value in alert.items()
            if name not in _COLUMNS and value not in (None, False)
        }
        or None,
    ]
    while row[-1] is None:
        row.pop()
    return row


def alert_of(row: list[Any], people: Sequence[object] = ()) -> dict[str, Any]:
    """Return what a row was made of; raise ``ValueError`` or the like where it is none."""
    full = [*row, *[None] * 17]
    kind, state, flags, opened, changed = full[1], full[2], full[3], full[5], full[6]
    key, device = full[8], full[11]
    moment = opened + changed
    person = flags // PERSON
    named = {"person_id": people[person - 1]} if 0 < person <= len(people) else {}
    return {
        **(full[16] or {}),
        **named,
        "alert_id": full[0],
        "kind": KINDS[kind] if isinstance(kind, int) else kind,
        "key": key,
        "title": full[7],
        "text": full[9],
        "place": device.removesuffix(_KEY) + key if _is_own(device) else device,
        "state": STATES[state],
        "count": full[4],
        "opened_at": _moment(opened),
        "changed_at": _moment(moment),
        "acknowledged_at": _moment(moment + full[12]) if full[12] is not None else None,
        "by": full[10],
        "answered": bool(flags & ANSWERED),
        "wait": full[13],
        "overdue": bool(flags & OVERDUE),
        "in_bulk": bool(flags & IN_BULK),
        "closed_at": _moment(moment + full[14]) if full[14] is not None else None,
        "outcome": full[15],
    }


def _device(device: str | None, whole: str, key: str) -> str | None:
    """Return the key of a device, which mostly ends with that of its alerts."""
    if device is None:
        return None
    if whole and device.endswith(whole):
        return device.removesuffix(whole) + _KEY
    return None if device.endswith(_KEY) else short_id(device, MAX_KEY)


def _is_own(device: object) -> bool:
    return isinstance(device, str) and device.endswith(_KEY)


def _ticks(moment: str) -> int:
    return (datetime.fromisoformat(moment) - _EPOCH) // _MICROSECOND


def _since(moment: str | None, changed: int) -> int | None:
    return None if moment is None else _ticks(moment) - changed


def _moment(ticks: int) -> str:
    return (_EPOCH + ticks * _MICROSECOND).isoformat()
