"""One connection to an event stream: open, read, notice its death, close."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
import re
import socket
import time
from types import TracebackType
from typing import Final, Self

import aiohttp
from aiohttp import hdrs

from .errors import (
    ProtocolError,
    ServiceError,
    ServiceUnavailable,
    StreamCompressed,
    StreamRefused,
)
from .event_stream import CONTENT_TYPE, EventStreamDecoder, StreamEvent
from .intake import SLICE, codings
from .recorder import Exchange, Kind
from .rhythm import Rhythm
from .transport import STREAM_PIECE, Transport, describe

# The coding that is none.
PLAIN: Final = "identity"

# The kernel asks an idle peer after 30 s, and gives it up after three more questions
# 10 s apart: a dead one is found within 60 s. The services promise no heartbeat.
KEEPALIVE: Final = (
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    # macOS has another name for the idle time.
    (socket.IPPROTO_TCP, getattr(socket, "TCP_KEEPIDLE", 0x10), 30),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 10),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3),
)

# An id that a header can hold: others would keep the line down for good.
_SENDABLE_ID: Final = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]{1,1024}")


class EventStream:
    """A connection to an event stream, for as long as it is entered."""

    def __init__(
        self,
        transport: Transport,
        path: str,
        *,
        headers: Mapping[str, str],
        last_event_id: str = "",
    ) -> None:
        """Say where, and after which event the last connection ended."""
        self._transport = transport
        self._path = path
        self._headers = {
            "Accept": CONTENT_TYPE,
            # Some kilobytes unpack to so much that Home Assistant would stand still.
            "Accept-Encoding": PLAIN,
            "Cache-Control": "no-store",
            **headers,
        }
        if _SENDABLE_ID.fullmatch(last_event_id):
            self._headers["Last-Event-ID"] = last_event_id
        self._response: aiohttp.ClientResponse | None = None
        self._rhythm = Rhythm()
        self.decoder = EventStreamDecoder(raw=True)
        self.decoder.last_event_id = last_event_id

    @property
    def patience(self) -> float | None:
        """Return how many seconds of silence are allowed, None while none is known."""
        return self._rhythm.patience

    @property
    def charset(self) -> str | None:
        """Return the charset that the server declares for its data."""
        # A header with a flaw of its own declares nothing.
        with suppress(ValueError):
            return None if self._response is None else self._response.charset
        return None

    async def __aenter__(self) -> Self:
        """Connect; raise a ``ServiceError`` where there is no stream."""
        response = await self._transport.open(self._path, headers=self._headers)
        try:
            if response.status == 204:
                raise StreamRefused(
                    "The server has no event stream (HTTP 204)", status=204
                )
            if response.status != 200 or response.content_type != CONTENT_TYPE:
                raise ProtocolError("What answers is not an event stream")
            if _is_compressed(response):
                raise StreamCompressed(
                    "The server compresses its event stream although it was asked not to"
                )
        except ServiceError:
            response.close()
            raise
        _watch(response)
        self._response = response
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the connection at once."""
        if self._response is not None:
            self._response.close()
            self._response = None

    async def read(self) -> list[StreamEvent]:
        """Wait for something to come and return the events that it completes.

        No more is read than the service's budget has, and others get a turn within: what
        is not read waits at the service. Raise ``ServiceUnavailable`` where the stream has
        ended or is dead, and ``ProtocolError`` for an event that is too large.
        """
        failure: ServiceError
        if self._response is None:
            raise ServiceUnavailable("The stream is closed")
        budget = self._transport.budget
        await budget.ready()
        began = time.monotonic()
        try:
            async with asyncio.timeout(self._rhythm.patience):
                chunk = await self._response.content.read(STREAM_PIECE)
        except TimeoutError:
            failure = ServiceUnavailable("The server's heartbeats have stopped")
        # A RuntimeError is aiohttp's word for a connection that has just gone.
        except (aiohttp.ClientError, OSError, RuntimeError) as err:
            if left := _left(self._response.content):
                # The next reading meets the end.
                return self._decoded(left)
            failure = describe(err)
        else:
            if time.monotonic() - began > SLICE:
                budget.loop_yield.begin()
            if chunk:
                return self._decoded(chunk)
            failure = ServiceUnavailable("The server has ended the stream")
        self._transport.tap.take(
            Exchange(kind=Kind.STREAM, error=type(failure).__name__)
        )
        raise failure

    def _decoded(self, chunk: bytes) -> list[StreamEvent]:
        """Decode a chunk and learn from it how often the server speaks."""
        budget = self._transport.budget
        budget.read(len(chunk))
        comments = self.decoder.comments
        events = self.decoder.push(chunk)
        if not events:
            # Comments and parts of an event cost as much as a message.
            budget.count()
        if events:
            self._rhythm.interrupt()
            if self._transport.tap.recorder is not None:
                self._record(events)
        if self.decoder.comments > comments:
            self._rhythm.beat(time.monotonic())
        return events

    def _record(self, events: list[StreamEvent]) -> None:
        """Hand on what came to whoever records."""
        charset = self.charset
        for event in events:
            self._transport.tap.take(
                Exchange(
                    kind=Kind.STREAM,
                    event=event.type,
                    content_type=charset and f"{CONTENT_TYPE}; charset={charset}",
                    body=event.data,
                )
            )


def _left(body: aiohttp.StreamReader) -> bytes:
    """Return what came before a connection broke: aiohttp keeps it behind the error."""
    error = body.exception()
    if error is None:
        return b""
    # aiohttp has no other way to what it has read, and forgets nothing.
    body.set_exception(None)  # type: ignore[arg-type]
    try:
        return body.read_nowait()
    finally:
        body.set_exception(error)


def _is_compressed(response: aiohttp.ClientResponse) -> bool:
    """Return whether the body is anything but the plain one that was asked for."""
    found = codings(response.headers, hdrs.CONTENT_ENCODING, hdrs.TRANSFER_ENCODING)
    return any(coding != "chunked" for coding in found)


def _watch(response: aiohttp.ClientResponse) -> None:
    """Notice the end of a connection, also one that nobody announces."""
    connection = response.connection
    protocol = connection.protocol if connection is not None else None
    closed = protocol.closed if protocol is not None else None
    if protocol is None or protocol.transport is None or closed is None:
        # It is over already; what has come can be read.
        return
    closed.add_done_callback(partial(_end_body, response.content))
    sock = protocol.transport.get_extra_info("socket")
    # Where the peer is gone already the system may refuse; reading shows it.
    with suppress(OSError):
        for option in KEEPALIVE:
            sock.setsockopt(*option)


def _end_body(body: aiohttp.StreamReader, closed: asyncio.Future[None]) -> None:
    """End a body with its connection.

    Where aiohttp cannot parse what comes, it drops the connection and leaves whoever
    reads the body waiting for ever.
    """
    # Looked at, or asyncio would log it.
    with suppress(asyncio.CancelledError):
        closed.exception()
    if not body.is_eof() and body.exception() is None:
        body.set_exception(aiohttp.ClientPayloadError())
