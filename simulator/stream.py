"""A body that goes out as it is written, until it is ended."""

import asyncio
from collections import deque
from collections.abc import Callable
from enum import StrEnum

from aiohttp import web

from .faults import Turn


class Ending(StrEnum):
    """How a stream ends."""

    ENDED = "ended"
    """The body is complete."""
    RESET = "reset"
    CUT = "cut"
    """The connection is closed before the body is complete."""


class Stream:
    """What one client gets; each write goes out at once, as a chunk of its own."""

    def __init__(self) -> None:
        """Begin without an end."""
        self.number = 0
        """That of the request that it answers."""
        self._parts: deque[tuple[memoryview, Callable[[], None] | None]] = deque()
        self._ending: Ending | None = None
        self._left: int | None = None
        self._silent = False
        self._changed = asyncio.Event()

    def write(self, data: bytes, sent: Callable[[], None] | None = None) -> None:
        """Send bytes; sent() is called when the last of them has gone out."""
        if data:
            self._parts.append((memoryview(data), sent))
            self._changed.set()

    def end(self, ending: Ending) -> None:
        """End after what was written so far; at once where the stream is silent."""
        self._ending = ending
        self._changed.set()

    def cut_after(self, count: int) -> None:
        """Cut the body after so many more bytes."""
        self._left = count
        self._changed.set()

    def hush(self, silent: bool) -> None:
        """Hold back whatever is written, or let it go."""
        self._silent = silent
        self._changed.set()

    async def send(self, response: web.StreamResponse, turn: Turn) -> Ending:
        """Send what is written until the end; return how it ends."""
        if turn.faults.cut is not None:
            self._left = turn.faults.cut
        pause = turn.faults.drip
        while True:
            self._changed.clear()
            if self._left == 0:
                return Ending.CUT
            if self._ending is not None and (self._silent or not self._parts):
                return self._ending
            if self._silent or not self._parts:
                await self._changed.wait()
                continue
            part, sent = self._take(None if pause is None else 1)
            await response.write(part)
            if sent is not None:
                sent()
            if pause is not None and await turn.changed(within=pause):
                pause = None

    def _take(self, most: int | None) -> tuple[memoryview, Callable[[], None] | None]:
        part, sent = self._parts.popleft()
        size = min(
            limit for limit in (len(part), most, self._left) if limit is not None
        )
        if size < len(part):
            self._parts.appendleft((part[size:], sent))
            sent = None
        if self._left is not None:
            self._left -= size
        return part[:size], sent
