"""How much of what a service sends is passed on.

A service in the hands of somebody hostile must not fill databases, lists and disks.
"""

from dataclasses import replace
from itertools import islice
from typing import Any, Final

import orjson

from ..api.texts import shortened, without_unseen
from .events import Event

# Bytes of an event in JSON. The recorder keeps 32 KiB of a bus event, with what is
# added to it on the way, and of a larger one nothing.
MAX_EVENT: Final = 24 * 1024
# Characters of a text, items of a list or an object, and its levels: from what nearly
# all have to what fits in any case, ever fewer.
STEPS: Final = (
    *((20_000, 1_000, 20), (10_000, 200, 12), (5_000, 50, 8)),
    *((2_000, 20, 5), (1_000, 5, 3), (250, 2, 1)),
)
# Characters of a text that the database gets with an entity's state, of 16 KiB in all.
MAX_RECORDED: Final = 500
# Characters of an alert's title and text: it waits in lists and is stored.
MAX_TITLE: Final = 200
MAX_ALERT_TEXT: Final = 4_000

# Turn the direction of what follows, in lists and in other people's texts too.
_DIRECTIONS: Final = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_CONTROLS: Final = {
    code: None
    for code in (*range(0x20), *range(0x7F, 0xA0), *map(ord, _DIRECTIONS))
    if chr(code) not in "\t\n\v\f\r\x85"
}


def fitted[E: Event](event: E) -> E:
    """Return an event that everything can hold; nearly all do as they are."""
    content: dict[str, Any] = {**event.own(), "code": event.code}
    if _fits(content):
        return event
    for words, items, levels in STEPS:
        content = {
            key: _cut(value, words, items, levels) for key, value in content.items()
        }
        if _fits(content):
            break
    return replace(event, **content)


def size(event: Event) -> int:
    """Return how many bytes the service's own fields of an event have in JSON."""
    return len(orjson.dumps(event.own()))


def one_line(text: str) -> str:
    """Return a name as a list can show it: a line that leaves the others alone."""
    return " ".join(without_unseen(text).translate(_CONTROLS).split())


def _fits(content: dict[str, Any]) -> bool:
    return len(orjson.dumps(content)) <= MAX_EVENT


def _cut(value: Any, words: int, items: int, levels: int) -> Any:
    """Return a value with so many characters, items and levels at most."""
    match value:
        case str():
            return shortened(value, words)
        case list() | dict() if not levels:
            return type(value)()
        case list():
            return [_cut(item, words, items, levels - 1) for item in value[:items]]
        case dict():
            return {
                shortened(key, words): _cut(value[key], words, items, levels - 1)
                for key in islice(value, items)
            }
        case _:
            return value
