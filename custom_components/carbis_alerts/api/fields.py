"""Read fields out of JSON that may hold anything: a value of the type, or None.

Real servers send ids as numbers or strings and numbers as strings; both are accepted.
"""

from collections.abc import Mapping
from hashlib import sha256
from itertools import islice
import math
import sys
from typing import Final

import orjson

from .texts import shortened, whole, without_unseen
from .types import Json

# Characters of what is one word or line: a name, a number, an id, a code, a status. The
# contract of places, alerts, files and lists that hold them.
MAX_NAME: Final = 200
# An id becomes part of an address and of a registry's key; real ones have 10 to 40
# characters.
MAX_ID_LENGTH: Final = MAX_NAME
# Characters of what somebody wrote.
MAX_TEXT: Final = 4_000
MAX_URL: Final = 2_000
# No restaurant has an amount of this size, and sums of smaller ones stay exact.
MAX_NUMBER: Final = 1e15
# What stands for a part that was left out.
LEFT_OUT: Final = "…"
# Lists, objects and values that are looked at: a real event has some hundred, and work
# on it is not shared out into slices.
MAX_VALUES: Final = 10_000


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
    """Return a name, a number or a code, of a length and without signs that nobody sees.

    Names are compared, and two that look the same are to be the same.
    """
    text = as_text(value)
    if text is None:
        return None
    return shortened(without_unseen(text).strip(), MAX_NAME) or None


def as_id(value: Json) -> str | None:
    """Return an id as it came, None where it has no length that an id can have.

    It is not cut: two that begin alike would be one.
    """
    if isinstance(value, str):
        value = value.strip()
        return value if 0 < len(value) <= MAX_ID_LENGTH else None
    text = as_text(value)
    return text if text is not None and len(text) <= MAX_ID_LENGTH else None


def as_key(value: Json) -> str | None:
    """Return what is only compared: an id, or in place of a longer one a hash."""
    if isinstance(value, str) and len(text := value.strip()) > MAX_NAME:
        return sha256(text.encode("utf-8", "replace")).hexdigest()
    return as_id(value)


def as_words(value: Json) -> str | None:
    """Return what somebody wrote, as it came but for its length; None for nothing."""
    if isinstance(value, str):
        return value[:MAX_TEXT] if value.strip() else None
    return as_text(value)


def as_url(value: Json) -> str | None:
    """Return an address of the web; a part of one leads nowhere."""
    if not isinstance(value, str):
        return None
    url = value.strip()
    is_url = url.startswith(("https://", "http://")) and len(url) <= MAX_URL
    return url if is_url else None


def as_number(value: Json) -> float | None:
    """Return a number that can be reckoned with; a text such as "12,50" counts as one."""
    match value:
        case bool():
            return None
        case int() | float():
            number = value
        case str() if len(value) <= MAX_NAME:
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


def prune(
    value: Json,
    *,
    depth: int = 20,
    values: int = MAX_VALUES,
    words: int = MAX_TEXT,
) -> Json:
    """Return a copy without what is nested deeper than anything can serialise.

    Of what has more values than anybody can look at, the first are kept, and of texts
    their beginning.
    """
    return _Pruned(values, words).copy(value, depth)


class _Pruned:
    """A copy in the making, with how much it may still have."""

    def __init__(self, values: int, words: int) -> None:
        self._left = values
        self._words = words

    def copy(self, value: Json, depth: int) -> Json:
        self._left -= 1
        match value:
            case dict():
                if not depth:
                    return LEFT_OUT
                items = {
                    shortened(key, MAX_NAME): self.copy(item, depth - 1)
                    for key, item in islice(value.items(), max(0, self._left))
                    if self._left > 0
                }
                return items if len(items) == len(value) else {**items, LEFT_OUT: True}
            case list():
                if not depth:
                    return LEFT_OUT
                copies = [
                    self.copy(item, depth - 1)
                    for item in islice(value, max(0, self._left))
                    if self._left > 0
                ]
                return copies if len(copies) == len(value) else [*copies, LEFT_OUT]
            case str():
                return shortened(value, self._words)
            case _:
                return value


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
    whole = prune(value, words=sys.maxsize)
    return sha256(orjson.dumps(whole, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


def shape(value: Json, *, depth: int = 3) -> Json:
    """Return the keys and types of a value without any content, for diagnostics."""
    match value:
        case dict() if depth:
            return {
                key[:40]: shape(value[key], depth=depth - 1)
                for key in sorted(islice(value, 20))
            }
        case list() if depth:
            return [shape(item, depth=depth - 1) for item in value[:1]]
        case _:
            return type(value).__name__
