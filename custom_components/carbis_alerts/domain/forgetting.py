"""Take somebody out of what is stored, wherever it stands."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
import re
from typing import Any, Final

from .alert import Alert

type Meant = Callable[[str], bool]

# Digits that stand apart, as people write a number.
_APART: Final = re.compile(r"(?<=[0-9])[ ()./\u00a0\u2010-\u2015-]+(?=[0-9])")
_DIGITS: Final = re.compile(r"[0-9]+")
# So many last digits are the same number, with whatever code of a country before them.
_OWN_DIGITS: Final = 10


def number_meant(number: str) -> Meant:
    """Return what says whether a text has a telephone number, in any spelling.

    Raise ``ValueError`` for what has no digits.
    """
    digits = "".join(_DIGITS.findall(number))
    if not digits:
        raise ValueError("No telephone number")
    own = digits[-_OWN_DIGITS:]
    is_whole = len(digits) < _OWN_DIGITS

    def is_meant(text: str) -> bool:
        if not any(map(str.isdigit, text)):
            return False
        runs = {*_DIGITS.findall(text), *_DIGITS.findall(_APART.sub("", text))}
        return any(run == own if is_whole else run.endswith(own) for run in runs)

    return is_meant


def ids_meant(ids: Collection[str]) -> Meant:
    """Return what says whether a text has one of some ids in it."""
    return lambda text: any(id_ in text for id_ in ids)


def linked(document: object, is_meant: Meant) -> set[str]:
    """Return the texts that stand in lists under what is meant: other ids of the same."""
    found: set[str] = set()
    if isinstance(document, dict):
        for key, value in document.items():
            if is_meant(key) and isinstance(value, list):
                found |= {one for one in value if isinstance(one, str)}
            found |= linked(value, is_meant)
    return found


def without(document: Any, is_meant: Meant) -> tuple[Any, int]:
    """Return a document without what is meant, and how much that was.

    A row of a list goes whole where anything in it is meant, of an object the field.
    """
    if isinstance(document, dict):
        kept: dict[str, Any] = {}
        removed = 0
        for key, value in document.items():
            if is_meant(key) or (isinstance(value, str) and is_meant(value)):
                removed += 1
                continue
            kept[key], count = without(value, is_meant)
            removed += count
        return kept, removed
    if isinstance(document, list):
        rows = [row for row in document if not any(map(is_meant, texts(row)))]
        return rows, len(document) - len(rows)
    return document, 0


def without_number(document: Mapping[str, Any], is_meant: Meant) -> tuple[Any, int]:
    """Return what an entry stores without a number; its waits stay, and are nobody's."""
    section = document.get("alerts")
    waits = _part(section, "waits_today").get("waits")
    if isinstance(section, dict) and isinstance(waits, list):
        nameless = [
            [wait[0], ""] if any(map(is_meant, texts(wait))) else wait for wait in waits
        ]
        section = {
            **section,
            "waits_today": {**section["waits_today"], "waits": nameless},
        }
        document = {**document, "alerts": section}
    return without(document, is_meant)


def without_person(
    document: Mapping[str, Any], person_id: str, names: Collection[str]
) -> tuple[Any, int]:
    """Return what an entry stores without a person.

    Guests go on to wait; who had or had had them is not known any more.
    """
    removed = 0
    section = document.get("alerts")
    alerts = _rows(section)
    if isinstance(section, dict) and alerts:
        named = [_without_actor(one, person_id, names) for one in alerts]
        removed = sum(new is not old for new, old in zip(named, alerts, strict=True))
        document = {**document, "alerts": {**section, "alerts": named}}
    waiters = document.get("waiters")
    if isinstance(waiters, dict):
        # By the till's name too.
        waiters, count = without(waiters, lambda text: text in names)
        document, removed = {**document, "waiters": waiters}, removed + count
    kept, count = without(document, ids_meant({person_id}))
    return kept, removed + count


def without_words(document: Any, words: Collection[str]) -> tuple[Any, int]:
    """Return a document without texts that have whole words of somebody."""
    patterns = [re.compile(rf"(?<!\w){re.escape(word)}(?!\w)") for word in words]
    return without(document, lambda text: any(one.search(text) for one in patterns))


def texts(document: object) -> Iterator[str]:
    """Yield all texts of a document, keys too."""
    match document:
        case str():
            yield document
        case Alert():
            yield from texts(document.as_dict())
        case dict():
            for key, value in document.items():
                yield key
                yield from texts(value)
        case list():
            for value in document:
                yield from texts(value)


def _without_actor(alert: Any, person_id: str, names: Collection[str]) -> Any:
    """Return a stored alert without who acted, where that is the person."""
    stored = alert.as_dict() if isinstance(alert, Alert) else alert
    if not isinstance(stored, dict):
        return alert
    whose = stored.get("person_id")
    if whose != person_id and (whose is not None or stored.get("by") not in names):
        return alert
    if isinstance(alert, Alert):
        return replace(alert, by=None, person_id=None)
    return {**stored, "by": None, "person_id": None}


def _rows(section: object) -> list[Any]:
    rows = section.get("alerts") if isinstance(section, dict) else None
    return rows if isinstance(rows, list) else []


def _part(section: object, name: str) -> dict[str, Any]:
    part = section.get(name) if isinstance(section, dict) else None
    return part if isinstance(part, dict) else {}
