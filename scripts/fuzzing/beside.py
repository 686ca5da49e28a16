"""Damage one place of what a service sends: what stands beside it must come through."""

from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import UTC, datetime
from functools import cache
import json
import math
from pathlib import Path
import random
from typing import Any, Final

import orjson

from custom_components.carbis_alerts.api.fields import MAX_NUMBER, MAX_TEXT
from custom_components.carbis_alerts.api.green_api import parse_received
from custom_components.carbis_alerts.api.json import read_json
from custom_components.carbis_alerts.api.pbx import messages_in, parse_message
from custom_components.carbis_alerts.api.qr_menu import parse_event, parse_updates
from custom_components.carbis_alerts.api.times import as_moment

from .targets import finish, hold

CORPUS: Final = Path(__file__).parent / "corpus"
SERVICES: Final = ("qr_menu", "pbx", "green_api")

# What stands in a place until the damage is put there.
MARK: Final = "\ue000mark\ue000"
MARKED: Final = orjson.dumps(MARK)
# Put into the middle of a text, as bytes of the document.
PIECES: Final = (
    *(b"\\ud83d", b"\\ude00", b"\\ude00\\ud83d", b"\xed\xa0\xbd", b"\xed\xb8\x80"),
    *(b"\x11", b"\t", b"\n", b"\r", b"\0", b"\x1b[31m", b"\x7f", b"\\u0000", b"\\u12"),
    *(b"\xff", b"\xd0", b"\xf0\x9f\x98", b"\xc0\x80", b"\\x41", b"\\'", b"\\ "),
    *("\u200e\u202e\u2066".encode(), "\u200d\ufeff".encode(), b"x" * 5_000, b"\\n" * 9),
)
# Put in place of a value.
VALUES: Final = (
    *(b"NaN", b"Infinity", b"-Infinity", b"nan", b"1e999", b"-1e308", b"1e308", b"-0"),
    *(
        b"18446744073709551616",
        b"-9223372036854775809",
        b"9" * 400,
        b"1" * 5_000,
        b"007",
    ),
    *(
        b"true",
        b"false",
        b"null",
        b"[]",
        b"{}",
        b"[,]",
        b'{"a": 1,}',
        b"[1, 2,]",
        b'""',
    ),
    *(b'"0000-00-00 00:00:00"', b'"2026-02-30 10:00:00"', b'"2026-11-21 19:00:60"'),
    *(b'"0001-01-01T00:00:00"', b'"9999-12-31T23:59:59-12:00"', b'"1e400"', b'" "'),
    *(
        b"[" * 30 + b"]" * 30,
        b'{"a":' * 30 + b"1" + b"}" * 30,
        b'["\\ud83d"]',
        b"0.1e1",
    ),
    *(
        b'"' + b"9" * 9_000 + b'"',
        b"[" + b"0," * 3_000 + b"]",
        b'{"id": [], "name": {}}',
    ),
)
# Put before and behind the whole.
BEFORE: Final = (b"", b"\xef\xbb\xbf", b"\xef\xbb\xbf\xef\xbb\xbf", b"\r\n ", b"\0")
BEHIND: Final = (b"", b"\0", b"}", b"]", b"}}\n", b"\0\0\r\n", b",", b";", b"\x1a")
CHARSETS: Final = (
    *(("cp1251", None), ("cp1251", "windows-1251"), ("koi8-r", "KOI8-R")),
    *(
        ("utf-16", None),
        ("utf-16", "utf-16"),
        ("utf-16-be", None),
        ("utf-16-le", "utf-16"),
    ),
    *(("cp866", "cp866"), ("utf-8", "windows-1251"), ("utf-8", "no-such-charset")),
    *(("utf-8", "punycode"), ("utf-8-sig", None), ("utf-32", None)),
)
# Hold all of an object, or a hash of it.
WHOLE: Final = frozenset(("raw", "digest", "key", "event_id", "shape"))

type Spot = tuple[str | int, ...]
type Read = Callable[[bytes, str | None], list[dict[str, Any]]]


def corpus(service: str) -> list[Any]:
    """Return the objects that a service sends."""
    objects: list[Any] = json.loads((CORPUS / f"{service}.json").read_text("utf-8"))
    return objects


def run(inputs: int, seed: int) -> None:
    """Try so many inputs; raise with the input at the first finding."""
    rng = random.Random(f"beside{seed}")  # noqa: S311
    objects = {service: corpus(service) for service in SERVICES}
    for count in range(inputs):
        service = SERVICES[count % len(SERVICES)]
        several = rng.sample(objects[service], 3)
        if service != "qr_menu" and rng.random() < 0.5:
            several = several[:1]
        _try(rng, service, several)


def _try(rng: random.Random, service: str, objects: list[Any]) -> None:
    """Damage one place and look at all the others."""
    if service == "green_api":
        objects = objects[:1]
    read = READERS[service]
    which = rng.randrange(len(objects))
    expected = read(_written(service, objects), None)
    kind = rng.randrange(4)
    if kind == 0:
        data, charset = _damaged_whole(rng, _written(service, objects))
        _compare(read, data, charset, expected, None, frozenset())
        return
    spot = rng.choice(list(_spots(objects[which])))
    value = _at(objects[which], spot)
    damage = rng.choice(VALUES)
    if kind == 1 and isinstance(value, str):
        at = rng.randint(0, len(value))
        begin, end = (orjson.dumps(part)[1:-1] for part in (value[:at], value[at:]))
        damage = b'"%b%b%b"' % (begin, rng.choice(PIECES), end)
    marked = [*objects]
    marked[which] = _replaced(objects[which], spot, MARK)
    data = _written(service, marked).replace(MARKED, damage, 1)
    depends = _dependent(service, orjson.dumps(objects[which]), spot)
    _compare(read, data, None, expected, which, depends)


@cache
def _dependent(service: str, written: bytes, spot: Spot) -> frozenset[str]:
    """Return what changes where something else, or nothing, is in a place of an object."""
    read, given = READERS[service], orjson.loads(written)
    (expected,) = read(_written(service, [given]), None)
    depends = set(WHOLE)
    others: tuple[object, ...] = (
        None,
        "another",
        77,
        "77",
        0,
        -1,
        [],
        {},
        {"dishes": []},
        REMOVED,
    )
    for other in others:
        (there,) = read(_written(service, [_replaced(given, spot, other)]), None)
        depends |= {
            name
            for name, before in expected.items()
            if name not in there or there[name] != before
        }
    return frozenset(depends)


def _compare(
    read: Read,
    data: bytes,
    charset: str | None,
    expected: list[dict[str, Any]],
    which: int | None,
    depends: frozenset[str],
) -> None:
    """Raise where something is lost that is not in the damaged place."""
    try:
        found = read(data, charset)
        hold("nothing is lost", len(found) == len(expected))
        for number, (one, before) in enumerate(zip(found, expected, strict=True)):
            _hold_limits(one)
            for name, value in before.items():
                if number != which or name not in depends:
                    hold(f"{name} comes through", one.get(name) == value)
    except Exception as err:
        err.add_note(f"input: {data!r}, charset: {charset}")
        raise


def _damaged_whole(rng: random.Random, data: bytes) -> tuple[bytes, str | None]:
    """Return a document with something around it, or in another charset."""
    if rng.random() < 0.5:
        return rng.choice(BEFORE) + data + rng.choice(BEHIND), None
    charset, declared = rng.choice(CHARSETS)
    text = data.decode()
    try:
        return text.encode(charset), declared
    except UnicodeEncodeError:
        return data, declared


def _hold_limits(found: dict[str, Any]) -> None:
    """Raise where something is too long, too large or cannot be written."""
    orjson.dumps(found, default=str)
    for name, value in found.items():
        if isinstance(value, str) and name != "challenge":
            hold("a text has a length", len(value) <= MAX_TEXT)
        if isinstance(value, float):
            hold(
                "a number is finite", math.isfinite(value) and abs(value) <= MAX_NUMBER
            )


# --- Places of an object ---------------------------------------------------------------

REMOVED: Final = object()


def _spots(value: Any, before: Spot = ()) -> Iterator[Spot]:
    """Yield each place in an object, the object itself left out."""
    items: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    for key, item in items:
        yield (*before, key)
        yield from _spots(item, (*before, key))


def _at(value: Any, spot: Spot) -> Any:
    for key in spot:
        value = value[key]
    return value


def _replaced(value: Any, spot: Spot, new: Any) -> Any:
    """Return a copy with something else in a place."""
    if not spot:
        return new
    key, *rest = spot
    items: list[tuple[Any, Any]] = list(
        value.items() if isinstance(value, dict) else enumerate(value)
    )
    changed = [
        (at, _replaced(item, tuple(rest), new) if at == key else item)
        for at, item in items
        if not (at == key and not rest and new is REMOVED)
    ]
    if isinstance(value, dict):
        return dict(changed)
    return [item for _, item in changed]


# --- The services ----------------------------------------------------------------------


def _written(service: str, objects: list[Any]) -> bytes:
    """Return what the service sends."""
    if service == "qr_menu":
        return orjson.dumps({"result": True, "data": {"updates": objects}})
    return orjson.dumps(objects[0] if len(objects) == 1 else objects)


def _fields(found: Any) -> dict[str, Any]:
    """Return what was understood; keys say what it is."""
    return {field.name: getattr(found, field.name) for field in fields(found)}


def _qr_menu(data: bytes, charset: str | None) -> list[dict[str, Any]]:
    document: Any = read_json(data, charset)
    updates = finish(parse_updates(document))
    items = document["data"]["updates"]
    hold(
        "each is taken or malformed",
        len(updates.events) + len(updates.malformed) == len(items),
    )
    found = map(parse_event, items)
    return [{} if event is None else _fields(event) for event in found]


def _pbx(data: bytes, charset: str | None) -> list[dict[str, Any]]:
    messages = messages_in(data, charset)
    found = [_fields(parse_message(message, charset)) for message in messages]
    for message in found:
        as_moment(message.get("date"), datetime.now(UTC))
    return found


def _green_api(data: bytes, charset: str | None) -> list[dict[str, Any]]:
    received = parse_received(read_json(data, charset))
    notification = received.notification
    found = {} if notification is None else _fields(notification)
    return [{**found, "receipt_id": received.receipt_id, "shape": received.shape}]


READERS: Final[dict[str, Read]] = {
    "qr_menu": _qr_menu,
    "pbx": _pbx,
    "green_api": _green_api,
}
