"""Recordings played: what a service sent to somebody else, sent again to whoever asks."""

import asyncio
import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
import re
import time
from typing import Any, Final, Self

FORMAT: Final = 1
# A time further from the beginning of a recording is none of what happened then.
NEAR: Final = timedelta(days=2)
_DATE: Final = re.compile(
    r"(?<!\d)\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?!\d))?|(?<![\w.])\d{10}(?:\d{3})?(?![\w.])"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """An exchange to play: when, in seconds from the first one, and what came."""

    at: float
    kind: str
    method: str
    path: str
    query: Mapping[str, str]
    status: int | None
    content_type: str
    body: bytes
    error: str | None


class Recording:
    """A recording, as the diagnostics file holds it."""

    def __init__(self, document: Mapping[str, Any], now: datetime) -> None:
        """Take its object; raise ``ValueError`` where it is none that is known."""
        if document.get("format") != FORMAT:
            raise ValueError("this recording is of another version")
        self.service = str(document["service"])
        base = datetime.fromisoformat(document["base"])
        exchanges = [one for one in document["exchanges"] if one.get("kind") != "start"]
        if not exchanges:
            raise ValueError("nothing was recorded")
        first = exchanges[0]["at"]
        self.exchanges = [
            _played(one, one["at"] - first, base, now - timedelta(seconds=first))
            for one in exchanges
        ]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a diagnostics file, or the part of it that is the recording."""
        try:
            document = json.loads(path.read_text("utf-8"))
        except ValueError as error:
            raise ValueError(f"{path} is no JSON: {error}") from error
        for key in ("data", "recording"):
            if isinstance(document, dict) and key in document:
                document = document[key]
        if not isinstance(document, dict) or not document.get("exchanges"):
            raise ValueError(f"there is no recording in {path}")
        try:
            return cls(document, datetime.now(UTC))
        except (KeyError, TypeError) as error:
            raise ValueError(f"the recording in {path} is damaged: {error}") from error


class Player:
    """What of a recording is due; it begins when it is first asked for something."""

    def __init__(self, exchanges: Sequence[Played], speed: float = 1.0) -> None:
        """Take what to play, and how many times faster than it was."""
        self._exchanges = exchanges
        self._speed = speed
        self._began: float | None = None
        self.played = 0

    @property
    def state(self) -> dict[str, Any]:
        """Return how far it is."""
        return {"exchanges": len(self._exchanges), "played": self.played}

    def begin(self) -> None:
        """Let time run, if it does not yet."""
        if self._began is None:
            self._began = time.monotonic()

    @property
    def wait(self) -> float | None:
        """Return in how many seconds the next is due; None where there is none."""
        if self._began is None or self.played == len(self._exchanges):
            return None
        due = self._began + self._exchanges[self.played].at / self._speed
        return max(0.0, due - time.monotonic())

    def take(self) -> Played | None:
        """Return the next, if it is due."""
        if self.wait != 0.0:
            return None
        self.played += 1
        return self._exchanges[self.played - 1]

    async def next(self, within: float | None = None) -> Played | None:
        """Wait for the next; None where none is due within so many seconds."""
        wait = self.wait
        if wait is None or (within is not None and wait > within):
            if within is None:
                return None
            await asyncio.sleep(within)
            return None
        await asyncio.sleep(wait)
        return self.take()


def _played(
    exchange: Mapping[str, Any], at: float, base: datetime, now: datetime
) -> Played:
    """Return an exchange with the times of now."""
    if "body_base64" in exchange:
        body = base64.b64decode(exchange["body_base64"])
    else:
        body = _dated(exchange.get("body", ""), base, now).encode()
    return Played(
        at=at,
        kind=exchange["kind"],
        method=exchange.get("method", ""),
        path=exchange.get("path", ""),
        query=exchange.get("query", {}),
        status=exchange.get("status"),
        content_type=exchange.get("content_type", ""),
        body=body,
        error=exchange.get("error"),
    )


def _dated(text: str, base: datetime, now: datetime) -> str:
    """Return a text whose times near the recording's beginning are near now."""
    shift = now.replace(microsecond=0) - base

    def instead(found: re.Match[str]) -> str:
        part = found[0]
        try:
            if "-" not in part:
                unit = 1000 if len(part) > 10 else 1
                moment = datetime.fromtimestamp(int(part) / unit, UTC)
                shifted = int(part) + int(shift.total_seconds()) * unit
                return str(shifted) if abs(moment - base) <= NEAR else part
            moment = datetime.fromisoformat(part).replace(tzinfo=UTC)
            if abs(moment - base) > NEAR:
                return part
            return (
                (moment + shift)
                .strftime("%Y-%m-%d{}%H:%M:%S")
                .format(part[10:11])[: len(part)]
            )
        except ValueError, OverflowError:
            return part

    return _DATE.sub(instead, text)
