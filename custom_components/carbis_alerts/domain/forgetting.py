"""Take somebody out of what is stored, wherever it stands."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
import re
from typing import Any, Final

from .alert import Alert
from .shown import NOTHING

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

    Of a list the items go in which it stands itself, of an object the fields. What holds
    it only further down stays, without it.
    """
    match document:
        case dict():
            found = [
                (key, without(value, is_meant))
                for key, value in document.items()
                if not (is_meant(key) or _is_meant(value, is_meant))
            ]
            removed = len(document) - len(found) + sum(one[1] for _, one in found)
            return {key: kept for key, (kept, _) in found}, removed
        case list():
            rows = [
                without(row, is_meant) for row in document if not _has(row, is_meant)
            ]
            removed = len(document) - len(rows) + sum(count for _, count in rows)
            return [kept for kept, _ in rows], removed
    return document, 0


def without_number(document: Mapping[str, Any], is_meant: Meant) -> tuple[Any, int]:
    """Return what an entry stores without a number.

    Waits stay, and are nobody's. Who only mentions the number goes on to wait.
    """
    section = document.get("alerts")
    waits = _part(section, "waits_today").get("waits")
    removed = 0
    if isinstance(section, dict) and isinstance(waits, list):
        nameless = [[one[0], ""] if _has(one, is_meant) else one for one in waits]
        alerts = [_without_text(one, is_meant) for one in _rows(section)]
        removed = sum(
            new is not old for new, old in zip(alerts, _rows(section), strict=True)
        )
        section = {
            **section,
            "alerts": alerts or section.get("alerts"),
            "waits_today": {**section["waits_today"], "waits": nameless},
        }
        document = {**document, "alerts": section}
    kept, count = without(document, is_meant)
    return kept, removed + count


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
    """Return a document with a dash for somebody's names, and in how many texts."""
    patterns = [re.compile(rf"(?<!\w){re.escape(word)}(?!\w)") for word in words]
    changed = 0

    def replaced(value: Any) -> Any:
        nonlocal changed
        match value:
            case str():
                text = value
                for pattern in patterns:
                    text = pattern.sub(NOTHING, text)
                changed += text != value
                return text
            case dict():
                return {replaced(key): replaced(one) for key, one in value.items()}
            case list():
                return [replaced(one) for one in value]
        return value

    return replaced(document), changed


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


def _without_text(alert: Any, is_meant: Meant) -> Any:
    """Return a stored alert without a guest's words, where only those are meant."""
    stored = alert.as_dict() if isinstance(alert, Alert) else alert
    if not isinstance(stored, dict) or not _is_meant(stored.get("text"), is_meant):
        return alert
    if _has({**stored, "text": None}, is_meant):
        return alert
    if isinstance(alert, Alert):
        return replace(alert, text=None)
    return {**stored, "text": None}


def _is_meant(value: object, is_meant: Meant) -> bool:
    return isinstance(value, str) and is_meant(value)


def _has(item: object, is_meant: Meant) -> bool:
    """Return whether what is meant is an item, or stands in it itself."""
    match item:
        case Alert():
            return any(map(is_meant, texts(item)))
        case dict():
            return any(_is_meant(value, is_meant) for value in item.values())
        case list():
            return any(_is_meant(value, is_meant) for value in item)
    return _is_meant(item, is_meant)


def _rows(section: object) -> list[Any]:
    rows = section.get("alerts") if isinstance(section, dict) else None
    return rows if isinstance(rows, list) else []


def _part(section: object, name: str) -> dict[str, Any]:
    part = section.get(name) if isinstance(section, dict) else None
    return part if isinstance(part, dict) else {}
