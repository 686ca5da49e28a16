"""The bodies that are being read: so many at a time, each of a size and in a time."""

import asyncio
from collections import Counter
from http import HTTPStatus
from typing import Final

from aiohttp import web

from ...api.pbx.models import BROKEN_OFF, TOO_LARGE, TOO_SLOW, TURNED_AWAY

# A message of the PBX has some hundred bytes; compressed or not.
MAX_BODY: Final = 64 * 1024
# Seconds in which a body has to be there.
READ_TIMEOUT: Final = 10.0
# Bodies of a hook that are read at a time: one is there in milliseconds.
MAX_OPEN: Final = 32


class Unread(Exception):
    """A body that was not read to its end; ``shape`` is what is counted."""

    def __init__(self, status: HTTPStatus, shape: str) -> None:
        super().__init__(shape)
        self.status = status
        self.shape = shape


class OpenBodies:
    """Read the bodies that come to a hook."""

    def __init__(self) -> None:
        """Begin with none."""
        # When each has to be there, and from where it comes; the oldest first.
        self._open: dict[asyncio.Timeout, str | None] = {}
        self.counts: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._open)

    async def async_read(self, request: web.Request) -> bytes:
        """Return a body; raise ``Unread`` for one that nobody can read."""
        shape = TOO_SLOW
        try:
            async with asyncio.timeout(READ_TIMEOUT) as limit:
                self._make_room()
                self._open[limit] = request.remote
                try:
                    body = await _read(request)
                finally:
                    if self._open.pop(limit, limit) is limit:
                        shape = TURNED_AWAY
            if body is not None:
                return body
            status, shape = HTTPStatus.REQUEST_ENTITY_TOO_LARGE, TOO_LARGE
        except TimeoutError:
            status = HTTPStatus.REQUEST_TIMEOUT
        except Exception:  # noqa: BLE001 - the HTTP server's own, of many kinds
            # It breaks off, or is not in the encoding that it claims.
            status, shape = HTTPStatus.BAD_REQUEST, BROKEN_OFF
        self.counts[shape] += 1
        raise Unread(status, shape)

    def _make_room(self) -> None:
        """Give up a body where too many are open: the oldest of whoever has most."""
        if len(self._open) < MAX_OPEN:
            return
        counts = Counter(self._open.values())
        most = max(counts.values())
        oldest = next(
            limit for limit in self._open if counts[self._open[limit]] == most
        )
        del self._open[oldest]
        oldest.reschedule(0)


async def _read(request: web.Request) -> bytes | None:
    """Return a body, None for one that is too large.

    The HTTP server unpacks it, as far as it is read. Requests of Home Assistant Cloud have
    no length, and a stream that only reads; it begins again each time that it is asked for.
    """
    body, content = bytearray(), request.content
    while chunk := await content.read(MAX_BODY + 1 - len(body)):
        body += chunk
        if len(body) > MAX_BODY:
            return None
    return bytes(body)
