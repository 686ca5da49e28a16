"""Read fields out of JSON that may hold anything: a value of the type, or None.

Real servers send ids as numbers or strings and numbers as strings; both are accepted.
"""

from collections.abc import Mapping
from itertools import islice
import math
from typing import Final

from .transport import Json

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
            return value.strip() or None
        case bool():
            return None
        case float():
            if not math.isfinite(value):
                return None
            return str(int(value) if value.is_integer() else value)
        case int():
            return str(value)
        case _:
            return None


def as_number(value: Json) -> float | None:
    """Return a finite number; a text such as "12,50" counts as one."""
    match value:
        case bool():
            return None
        case int() | float():
            number = float(value)
        case str():
            text = "".join(value.split()).replace(",", ".")
            if "_" in text:
                return None
            try:
                number = float(text)
            except ValueError:
                return None
        case _:
            return None
    return number if math.isfinite(number) else None


def prune(value: Json, *, depth: int = 20, values: int = MAX_VALUES) -> Json:
    """Return a copy without what is nested deeper than anything can serialise.

    Of what has more values than anybody can look at, the first are kept.
    """
    return _Pruned(values).copy(value, depth)


class _Pruned:
    """A copy in the making, with how much it may still have."""

    def __init__(self, values: int) -> None:
        self._left = values

    def copy(self, value: Json, depth: int) -> Json:
        self._left -= 1
        match value:
            case dict():
                if not depth:
                    return LEFT_OUT
                items = {
                    key: self.copy(item, depth - 1)
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
            case _:
                return value


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
