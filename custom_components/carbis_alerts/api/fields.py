"""Read fields out of JSON that may hold anything: a value of the type, or None.

Real servers send ids as numbers or strings and numbers as strings; both are accepted.
"""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from itertools import islice
import math
import sys
from typing import Final

import orjson

from .texts import line, shortened, whole, writable
from .types import Json

# Characters of a name: of a table, a dish, a person.
MAX_NAME: Final = 100
# Characters of an id, a number, a code. Real ones have 10 to 40.
MAX_ID_LENGTH: Final = 200
# Bytes of one of them in a file: a longer one is no id of any service.
MAX_ID_BYTES: Final = 2 * MAX_ID_LENGTH
# Characters of what somebody wrote.
MAX_TEXT: Final = 4_000
# Bytes of an address of the web.
MAX_URL: Final = 2_000
# A number of a size with which nothing can be reckoned is none.
MAX_NUMBER: Final = 1e15
# No restaurant has a sum of this size, and no call has so many seconds.
MAX_AMOUNT: Final = 1e9
# Bytes in JSON of the object of an event, and of the dishes of one: with names and ids no
# event has more than 24 KiB. The recorder keeps 32 KiB of one, with what is added to it on
# the way, and of a larger one nothing.
MAX_RAW: Final = 20_000
MAX_DISHES: Final = 18_000
# What stands for a part that was left out.
LEFT_OUT: Final = "…"
# Bytes that a value of a pruned object may have in any case.
_LEAST: Final = 40
# Keys of a shape.
MAX_SHAPE: Final = 60


def as_object(value: Json) -> Mapping[str, Json]:
    """Return an object, or an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: Json) -> list[Json]:
    """Return a list, or an empty one."""
    return value if isinstance(value, list) else []


def as_text(value: Json) -> str | None:
    """Return a text that is not empty; numbers become text, 6.0 becomes "6"."""
    match value:
        case str():
            return shortened(value.strip(), MAX_TEXT) or None
        case bool():
            return None
        case float():
            if not math.isfinite(value):
                return None
            return str(int(value) if value.is_integer() else value)
        case int():
            # Python writes no number of thousands of digits.
            return str(value) if abs(value) < 2**64 else None
        case _:
            return None


def as_name(value: Json) -> str | None:
    """Return a name: one line of 100 characters at most, of what people see.

    Names are compared, and two that look the same are to be the same.
    """
    text = as_text(value)
    return None if text is None else shortened(line(text), MAX_NAME) or None


def as_code(value: Json) -> str | None:
    """Return a code, a status, a number or a trunk: one line of 200 characters at most.

    They are compared: two that differ still do where they are cut.
    """
    text = as_text(value)
    if text is None:
        return None
    text = line(text)
    if _is_short(text):
        return text or None
    kept = text[:180]
    if json_length(kept) > MAX_ID_BYTES - 20:
        kept = text[:80]
    return f"{kept}{LEFT_OUT}{_hash(str(value))[:16]}"


def as_id(value: Json) -> str | None:
    """Return an id as it came, None where it has no length that an id can have.

    It is not cut: two that begin alike would be one.
    """
    text = value.strip() if isinstance(value, str) else as_text(value)
    return text if text and _is_short(text) else None


def as_key(value: Json, most: int = MAX_ID_BYTES) -> str | None:
    """Return what is only compared: an id, or in place of a longer one a hash.

    ``most`` is how many bytes of it may be kept.
    """
    text = value.strip() if isinstance(value, str) else as_text(value)
    if not text:
        return None
    return text if _is_short(text, most) else _hash(text)


def as_words(value: Json) -> str | None:
    """Return what somebody wrote: 4,000 characters at most; None for nothing."""
    if isinstance(value, str):
        words = writable(value[:MAX_TEXT])
        return words if words and not words.isspace() else None
    return as_text(value)


def as_url(value: Json) -> str | None:
    """Return an address of the web; a part of one leads nowhere."""
    if not isinstance(value, str):
        return None
    url = value.strip()
    if not url.startswith(("https://", "http://")) or len(url) > MAX_URL:
        return None
    return url if json_length(url) - 2 <= MAX_URL else None


def as_number(value: Json) -> float | None:
    """Return a number that can be reckoned with; a text such as "12,50" counts as one."""
    match value:
        case bool():
            return None
        case int() | float():
            number = value
        case str() if len(value) <= MAX_ID_LENGTH:
            text = "".join(value.split()).replace(",", ".")
            if "_" in text:
                return None
            try:
                number = float(text)
            except ValueError:
                return None
        case _:
            return None
    # Also false for what is no number.
    return float(number) if -MAX_NUMBER <= number <= MAX_NUMBER else None


def as_amount(value: Json) -> float | None:
    """Return a sum, a price, a count or a duration; None for what no restaurant has."""
    number = as_number(value)
    return number if number is not None and abs(number) <= MAX_AMOUNT else None


def prune(value: Json, *, depth: int = 20, most: int = MAX_RAW) -> Json:
    """Return a copy that has so many bytes in JSON at most, and is not nested deeply.

    Of what is larger the first values are kept, and of long texts the beginning.
    """
    return _Pruned(most).copy(value, depth)


class _Pruned:
    """A copy in the making, with how many bytes it may still have."""

    def __init__(self, most: int) -> None:
        # Marks of what is left out, and the object itself, take some.
        self._left = most - 16 * len(LEFT_OUT)

    def copy(self, value: Json, depth: int) -> Json:
        match value:
            case dict() | list() if not depth:
                return self._text(LEFT_OUT)
            case dict() | list():
                # What follows shall have room too.
                kept = self._left // 8
                self._left -= kept + 3
                copied = (
                    self._dict(value, depth)
                    if isinstance(value, dict)
                    else self._list(value, depth)
                )
                self._left += kept
                return copied
            case str():
                return self._text(value)
            case _:
                # With a comma; null and true are longer in JSON's words.
                self._left -= len(repr(value)) + 2
                return value

    def _dict(self, value: dict[str, Json], depth: int) -> Json:
        items: dict[str, Json] = {}
        for key, item in value.items():
            if self._left < _LEAST:
                items[LEFT_OUT] = True
                break
            items[self._text(key, MAX_NAME)] = self.copy(item, depth - 1)
        return items

    def _list(self, value: list[Json], depth: int) -> Json:
        copies: list[Json] = []
        for item in value:
            if self._left < _LEAST:
                copies.append(LEFT_OUT)
                break
            copies.append(self.copy(item, depth - 1))
        return copies

    def _text(self, text: str, most: int = MAX_TEXT) -> str:
        """Return a text, or its beginning: what follows shall have room too."""
        text = shortened(text, most)
        length = json_length(text)
        while length > max(_LEAST, self._left // 2):
            text = shortened(text, max(1, len(text) // 2))
            length = json_length(text)
            if len(text) == 1:
                break
        self._left -= length + 2
        return text


def without_halves(value: Json) -> Json:
    """Return a copy whose texts can be written."""
    match value:
        case str():
            return whole(value)
        case dict():
            return {whole(key): without_halves(item) for key, item in value.items()}
        case list():
            return [without_halves(item) for item in value]
        case _:
            return value


def digest(value: Json) -> str:
    """Return a short hash of all of a value, whatever the order of its keys."""
    try:
        content = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        # Nested more deeply than anything can serialise.
        pruned = prune(value, most=sys.maxsize)
        content = orjson.dumps(pruned, option=orjson.OPT_SORT_KEYS)
    return sha256(content).hexdigest()[:16]


def json_length(text: str) -> int:
    """Return how many bytes a text takes in JSON, with its quotes."""
    return len(orjson.dumps(text))


def shape(value: Json) -> Json:
    """Return the keys and types of a value without any content, for diagnostics."""
    return _shape(value, 3, iter(range(MAX_SHAPE)))


def _shape(value: Json, depth: int, room: Iterator[int]) -> Json:
    match value:
        case dict() if depth:
            return {
                line(key[:40]): _shape(value[key], depth - 1, room)
                for key in sorted(islice(value, 20))
                if next(room, None) is not None
            }
        case list() if depth:
            return [_shape(item, depth - 1, room) for item in value[:1]]
        case _:
            return type(value).__name__


def _is_short(text: str, most: int = MAX_ID_BYTES) -> bool:
    """Return whether a text has no more characters and bytes than an id may have."""
    if len(text) > min(most, MAX_ID_LENGTH):
        return False
    return (text.isascii() and text.isprintable()) or json_length(text) - 2 <= most


def _hash(text: str) -> str:
    return sha256(text.encode("utf-8", "replace")).hexdigest()
