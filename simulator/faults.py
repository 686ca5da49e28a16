"""What can go wrong with a service, as one object, and the switch that sets it."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
import math
from typing import Any, Self

_ANSWERS = ("status", "redirect", "garbage", "no_content", "empty")
_GARBAGE = "<!DOCTYPE html><html><head><title>Router</title></head><body><h1>Welcome</h1></body></html>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """The faults of one service, all at a time; the default is none.

    A request meets them in this order: refuse, delay, half_open, reset, then one of status, redirect,
    garbage, no_content, empty or (with wrong_token or not) the service's own answer, then body_size, then
    cut or drip. A stream meets those that it was opened under, save body_size; while it is open, refuse
    drops it and half_open holds back what it is sent. Raises ValueError where they contradict each other or
    are out of range.
    """

    refuse: bool = False
    """The listening socket is closed, and so are the connections."""
    delay: float = 0.0
    """Seconds before the answer."""
    half_open: bool = False
    """The request is read and never answered."""
    reset: bool = False
    """The connection is reset (RST) instead of an answer."""
    wrong_token: bool = False
    """Every token is a wrong one."""
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    """Added to whatever is answered."""
    body: str | None = None
    """The body that goes with status."""
    redirect: str | None = None
    """302 to this URL."""
    garbage: bool | str = False
    """200 with HTML, or with this text."""
    no_content: bool = False
    """204."""
    empty: bool = False
    """200 with an empty body."""
    body_size: int | None = None
    """The body is filled up to this many bytes with spaces, so JSON stays JSON."""
    cut: int | None = None
    """The connection is closed after this many bytes of the body, though more are promised."""
    drip: float | None = None
    """The body goes out byte by byte with a pause of so many seconds."""
    times: int | None = None
    """The faults end after this many requests; the last one still meets them."""

    def __post_init__(self) -> None:
        """Check what the types do not say."""
        if (
            len(
                chosen := [
                    name
                    for name in _ANSWERS
                    if getattr(self, name) not in (None, False)
                ]
            )
            > 1
        ):
            raise ValueError(f"only one of these at a time: {', '.join(chosen)}")
        if self.status is not None and not 200 <= self.status <= 599:
            raise ValueError("status must be from 200 to 599")
        if self.body is not None and self.status is None:
            raise ValueError(
                "body goes with status only; garbage takes a text of its own"
            )
        if self.cut is not None and self.drip is not None:
            raise ValueError("only one of these at a time: cut, drip")
        for name in ("delay", "drip", "cut", "body_size"):
            value = getattr(self, name)
            if value is not None and not (math.isfinite(value) and value >= 0):
                raise ValueError(f"{name} must not be negative or infinite")
        if self.times is not None:
            if self.times < 1:
                raise ValueError("times must be 1 or more")
            if self.refuse:
                raise ValueError(
                    "times does not go with refuse: a refused connection is not seen"
                )
        for text in (*self.headers, *self.headers.values(), self.redirect or ""):
            if any(ord(character) < 32 for character in text):
                raise ValueError(
                    "headers and redirect must not hold control characters"
                )

    @property
    def garbage_text(self) -> str:
        """Return the body of a garbage answer."""
        return self.garbage if isinstance(self.garbage, str) else _GARBAGE

    @property
    def spoils(self) -> bool:
        """Return whether an answer of 200 is not the service's own."""
        return self.garbage is not False or self.empty

    @classmethod
    def from_json(cls, value: object) -> Self:
        """Read what as_json wrote; null stands for none. Raises ValueError with a text for people."""
        if value is None:
            return cls()
        if not isinstance(value, dict):
            raise ValueError("faults must be an object or null")  # noqa: TRY004 - one kind of error for all bad JSON
        value = underscored(value)
        if unknown := sorted(set(value) - set(_TYPES)):
            raise ValueError(
                f"unknown fault: {', '.join(unknown)}; known: {', '.join(_TYPES)}"
            )
        for name, given in value.items():
            expected, accepts = _TYPES[name]
            if not accepts(given):
                raise ValueError(f"{name} must be {expected}")
        return cls(**value)

    def as_json(self) -> dict[str, Any]:
        """Return what differs from the default."""
        default = type(self)()
        return {
            item.name: dict(value)
            if isinstance(value := getattr(self, item.name), Mapping)
            else value
            for item in fields(self)
            if getattr(self, item.name) != getattr(default, item.name)
        }


def underscored(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return an object whose names may have been written with hyphens. Raises ValueError."""
    names = [name.replace("-", "_") for name in value]
    if len(set(names)) < len(names):
        raise ValueError("a name is given twice, with a hyphen and with an underscore")
    return dict(zip(names, value.values(), strict=True))


def _is_bool(value: object) -> bool:
    return isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_count(value: object) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool))


def _is_text(value: object) -> bool:
    return value is None or isinstance(value, str)


def _is_headers(value: object) -> bool:
    return isinstance(value, dict) and all(
        isinstance(text, str) for text in value.values()
    )


_BOOL = ("true or false", _is_bool)
_COUNT = ("a whole number or null", _is_count)
_TEXT = ("a text or null", _is_text)
_TYPES: dict[str, tuple[str, Callable[[object], bool]]] = {
    "refuse": _BOOL,
    "delay": ("a number of seconds", _is_number),
    "half_open": _BOOL,
    "reset": _BOOL,
    "wrong_token": _BOOL,
    "status": _COUNT,
    "headers": ("an object of texts", _is_headers),
    "body": _TEXT,
    "redirect": _TEXT,
    "garbage": ("true, false or a text", lambda value: isinstance(value, bool | str)),
    "no_content": _BOOL,
    "empty": _BOOL,
    "body_size": _COUNT,
    "cut": _COUNT,
    "drip": (
        "a number of seconds or null",
        lambda value: value is None or _is_number(value),
    ),
    "times": _COUNT,
}


class Turn:
    """The faults that one request meets."""

    def __init__(self, faults: Faults, changed: asyncio.Event) -> None:
        """Keep the faults as they are now."""
        self.faults = faults
        self._changed = changed

    async def changed(self, within: float | None = None) -> bool:
        """Wait until other faults are set, at most so many seconds; return whether they were."""
        try:
            async with asyncio.timeout(within):
                await self._changed.wait()
        except TimeoutError:
            return False
        return True


class FaultSwitch:
    """The faults of a service as they are now."""

    def __init__(self, on_change: Callable[[Faults], None] | None = None) -> None:
        """Start without faults."""
        self._faults = Faults()
        self._left: int | None = None
        self._changed = asyncio.Event()
        self._on_change = on_change

    @property
    def current(self) -> Faults:
        """Return what the next request meets."""
        return self._faults

    def set(self, faults: Faults) -> None:
        """Replace all faults; requests that hang go on under the new ones."""
        self._faults = faults
        self._left = faults.times
        waiting, self._changed = self._changed, asyncio.Event()
        waiting.set()
        if self._on_change is not None:
            self._on_change(faults)

    def clear(self) -> None:
        """End all faults."""
        self.set(Faults())

    def take(self) -> Turn:
        """Return what a request meets, and count it."""
        turn = Turn(self._faults, self._changed)
        if self._left is not None:
            self._left -= 1
            if self._left == 0:
                # Those that hang still belong to the faults that end here: they are not woken.
                self._faults, self._left = Faults(), None
        return turn
