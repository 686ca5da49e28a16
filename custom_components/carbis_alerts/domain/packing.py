"""The file of an entry, packed where it would be larger than any restaurant's is.

What a part stores is of a form that people can read. Of a flood it has so much that the
same is written in fewer bytes: ids by short hashes, alerts as rows. What is left of the
largest file goes to words, names and texts, and the longest of them are cut.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import groupby
from typing import Any, Final

import orjson

from ..api.fields import json_length
from .alert import Alert
from .alert_rows import WORD_COLUMNS, alert_of, row_of
from .short_ids import pack, short_id, unpack
from .words import cut_to, level

type Data = dict[str, Any]

# Bytes of a file, and of what is in it beside an entry's own.
MAX_FILE: Final = 1_000_000
MAX_DATA: Final = MAX_FILE - 2_000
# Of what is packed so much is kept: ids of events and their owners, calls and their legs.
# An answer of a queue has 20,000 events at most.
PACKED_IDS: Final = 20_000
PACKED_OWNERS: Final = 3_000
PACKED_CALLS: Final = 100
PACKED_LEGS: Final = 30
# Groups of ids of one time.
GROUPS: Final = 200
# Bytes of an id that is only compared, and of the form of what cannot be read.
MAX_ID: Final = 20
MAX_FORM: Final = 800
# Waits of which it is known whose they were.
NAMED_WAITS: Final = 20
# The key of what is packed.
PACKED: Final = "packed"
# Beside it, where rows have something in common.
PEOPLE: Final = "people"


def made(data: Mapping[str, Any]) -> Data:
    """Return what a part stores, with what it left to be made later."""
    return {
        key: made(value)
        if isinstance(value, dict)
        else value()
        if callable(value)
        else value
        for key, value in data.items()
    }


def fitted(data: Data) -> Data:
    """Return what is written: as it is, or packed where that would be too large."""
    if len(orjson.dumps(data)) <= MAX_DATA:
        return data
    packed = {
        key: _PACK[key](value) if key in _PACK else value for key, value in data.items()
    }
    excess = len(orjson.dumps(packed)) - MAX_DATA
    if excess > 0:
        words = [*_words(packed)]
        lengths = [json_length(holder[key]) for holder, key in words]
        most = level(lengths, sum(lengths) - excess)
        for (holder, key), length in zip(words, lengths, strict=True):
            if length > most:
                holder[key] = cut_to(holder[key], most)
    return packed


def is_large(data: Data) -> bool:
    """Return whether something in a file is packed, or takes a while to be read."""
    alerts = _dict(data.get("alerts")).get("alerts")
    return (
        isinstance(alerts, dict)
        or (isinstance(alerts, list) and len(alerts) > PACKED_CALLS)
        or any(PACKED in _dict(data.get(key)) for key in ("places", "hashes"))
        or any(PACKED in _dict(_dict(data.get(key)).get(part)) for key, part in _PARTS)
    )


def unpacked(data: Data) -> Data:
    """Return what parts restore; what is no such thing is passed over."""
    return {
        key: _UNPACK[key](value)
        if key in _UNPACK and isinstance(value, dict)
        else value
        for key, value in data.items()
    }


# Ids


def _packed_journal(journal: Data) -> Data:
    """Return a journal with the newest ids, together where their times are alike."""
    seen = [*journal["seen"].items()][-PACKED_IDS:]
    step = max(1.0, (seen[-1][1] - seen[0][1]) / GROUPS) if seen else 1.0
    groups = [
        # The later time: what is known for a little longer is a repeat all the same.
        [ids[-1][1], pack(key for key, _ in ids)]
        for ids in ([*ids] for _, ids in groupby(seen, lambda one: one[1] // step))
    ]
    return {**journal, "seen": {PACKED: groups}}


def _journal(journal: Data) -> Data:
    groups = _dict(journal.get("seen")).get(PACKED)
    if not isinstance(groups, list):
        return journal
    seen = {
        key: float(group[0])
        for group in groups
        if isinstance(group, list)
        and len(group) == 2
        and isinstance(group[0], int | float)
        for key in unpack(group[1])
    }
    return {**journal, "seen": seen}


def _packed_hashes(hashes: Mapping[str, str]) -> Data:
    newest = [*hashes.items()][-PACKED_OWNERS:]
    keys, subjects = (pack(one[index] for one in newest) for index in (0, 1))
    return {PACKED: [keys, subjects]}


def _hashes(hashes: Data) -> Data:
    columns = hashes.get(PACKED)
    if not isinstance(columns, list) or len(columns) != 2:
        return hashes
    return dict(zip(unpack(columns[0]), unpack(columns[1]), strict=False))


def _packed_keys(keys: Iterable[str]) -> Data:
    return {PACKED: pack(keys)}


def _keys(keys: Data) -> list[str]:
    return [*unpack(keys.get(PACKED))]


# Alerts and their figures


def _packed_alerts(section: Data) -> Data:
    people: dict[str, int] = {}
    rows = [row_of(one, people) for one in section["alerts"]]
    packed = {**section, "alerts": {PACKED: rows, PEOPLE: [*people]}}
    waits = section["waits_today"]
    named = len(waits["waits"]) - NAMED_WAITS
    packed["waits_today"] = {
        **waits,
        "waits": [
            [round(seconds, 1), title] if index >= named else round(seconds, 1)
            for index, (seconds, title) in enumerate(waits["waits"])
        ],
    }
    return packed


def _alerts(section: Data) -> Data:
    """Return alerts ready to be kept, and their figures."""
    stored = section.get("alerts")
    rows = stored.get(PACKED) if isinstance(stored, dict) else stored
    alerts: list[Alert] = []
    is_packed = isinstance(stored, dict)
    people = stored.get(PEOPLE) if isinstance(stored, dict) else None
    people = people if isinstance(people, list) else []
    for row in rows if isinstance(rows, list) else ():
        with suppress(KeyError, IndexError, OverflowError, TypeError, ValueError):
            alerts.append(Alert.from_dict(alert_of(row, people) if is_packed else row))
    waits = section.get("waits_today")
    if isinstance(waits, dict) and isinstance(waits.get("waits"), list):
        whole = [one if isinstance(one, list) else [one, ""] for one in waits["waits"]]
        waits = {**waits, "waits": whole}
    return {**section, "alerts": alerts, "waits_today": waits}


# Devices, calls, messages


def _packed_devices(devices: Mapping[str, Data]) -> Data:
    return {
        PACKED: [
            [short_id(key, MAX_ID), device["name"], *filter(None, [device["values"]])]
            for key, device in devices.items()
        ]
    }


def _devices(devices: Data) -> Data:
    rows = devices.get(PACKED)
    if not isinstance(rows, list):
        return devices
    return {
        str(row[0]): {"name": row[1], "values": row[2] if len(row) > 2 else {}}
        for row in rows
        if isinstance(row, list) and len(row) > 1
    }


def _packed_calls(calls: list[Data]) -> list[Data]:
    return [
        {
            **call,
            **{
                name: short_id(call[name], MAX_ID)
                for name in ("call_id", "trunk", "caller")
                if call[name] is not None
            },
            "legs": dict([*call["legs"].items()][-PACKED_LEGS:]),
        }
        for call in calls[-PACKED_CALLS:]
    ]


def _packed_answers(answers: Data) -> Data:
    return {
        name: {short_id(key, MAX_ID): value for key, value in kept.items()}
        if isinstance(kept, dict)
        else [short_id(key, MAX_ID) for key in kept]
        for name, kept in answers.items()
    }


def _packed_forms(kinds: list[Data]) -> list[Data]:
    return [
        kind
        if len(orjson.dumps(kind["form"])) <= MAX_FORM
        else {**kind, "form": "too long to be kept"}
        for kind in kinds
    ]


# By the names of what parts store.
_PACK: Final[Mapping[str, Callable[[Any], Any]]] = {
    "journal": _packed_journal,
    "hashes": _packed_hashes,
    "old_keys": _packed_keys,
    "alerts": _packed_alerts,
    "places": _packed_devices,
    "calls": _packed_calls,
    "answers": _packed_answers,
    "unreadable": _packed_forms,
    # Of a flood nobody serves the tables; the next orders say who does.
    "waiters": lambda _: {},
}
_UNPACK: Final[Mapping[str, Callable[[Data], Any]]] = {
    "journal": _journal,
    "hashes": _hashes,
    "old_keys": _keys,
    "alerts": _alerts,
    "places": _devices,
}
_PARTS: Final = (("journal", "seen"),)


def _words(data: Data) -> Iterator[tuple[list[Any], int]]:
    """Yield where the words of what is packed stand."""
    for row in data.get("places", {}).get(PACKED, ()):
        if row[1] is not None:
            yield row, 1
    for row in data["alerts"]["alerts"][PACKED]:
        for column in WORD_COLUMNS:
            if column < len(row) and isinstance(row[column], str):
                yield row, column
    for wait in data["alerts"]["waits_today"]["waits"][-NAMED_WAITS:]:
        yield wait, 1


def _dict(value: object) -> Data:
    return value if isinstance(value, dict) else {}
