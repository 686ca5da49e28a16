"""How much of what a service sends is passed on, and how fast.

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

# Bytes of events that may come at once, and each second for ever. A busy restaurant
# has 5,000 events a day, some 300 bytes a second; the rest is for bursts and floods.
BURST: Final = 1024 * 1024 * 1024
RATE: Final = 4 * 1024.0
# Bytes of a line that may be read at once, and each second for ever, whatever is in
# them. With the overhead these are 500 messages, then 50 a second: a PBX has a few, and
# automations have to follow.
LINE_BURST: Final = 2 * 1024 * 1024
LINE_RATE: Final = 200 * 1024.0
# What an event costs besides its own size: states, alerts, rows of databases.
OVERHEAD: Final = 4 * 1024

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


class TokenBucket:
    """Bytes that may go on: many at once, then so many a second."""

    def __init__(self, burst: float = BURST, rate: float = RATE) -> None:
        """Begin with all of the burst."""
        self._burst = burst
        self._rate = rate
        self._left = burst
        self._at: float | None = None

    def spend(self, count: int, now: float) -> None:
        """Note that so many bytes went on; ``now`` is of a monotonic clock."""
        self._refill(now)
        self._left -= count + OVERHEAD

    def wait(self, now: float) -> float:
        """Return for how many seconds nothing more may go on."""
        self._refill(now)
        return max(0.0, -self._left / self._rate)

    def is_taxed(self, now: float) -> bool:
        """Return whether more than a sixteenth of the burst has gone."""
        self._refill(now)
        return self._left < self._burst * 15 / 16

    def _refill(self, now: float) -> None:
        if self._at is not None:
            passed = max(0.0, now - self._at)
            self._left = min(self._burst, self._left + passed * self._rate)
        self._at = now


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
