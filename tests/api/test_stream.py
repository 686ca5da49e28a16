"""A connection to an event stream, against servers that do what real ones do."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from itertools import count
import socket
import ssl
import struct
import time
from types import SimpleNamespace
from typing import Self
from unittest.mock import patch

import aiohttp
import pytest
from yarl import URL

from custom_components.carbis_alerts.api import rhythm as rhythms, stream as module
from custom_components.carbis_alerts.api.errors import (
    AuthenticationError,
    CertificateError,
    ProtocolError,
    RateLimited,
    ServiceError,
    ServiceTimeout,
    ServiceUnavailable,
    StreamCompressed,
    StreamRefused,
)
from custom_components.carbis_alerts.api.event_stream import StreamEvent
from custom_components.carbis_alerts.api.intake import loop_yield
from custom_components.carbis_alerts.api.rhythm import Rhythm
from custom_components.carbis_alerts.api.stream import EventStream
from custom_components.carbis_alerts.api.transport import (
    STREAM_PIECE,
    Limits,
    Transport,
)
from simulator.certificate import Certificate, make_certificate
from simulator.service import PATIENCE

from ..plain import TOKEN
from .conftest import fails

PATH = "/sys/events"
# Long for a loopback, short for a person who waits for a test that fails.
PATIENT = Limits(connect=20, total=20)
HASTY = Limits(connect=20, total=0.1)
STREAM = "Content-Type: text/event-stream"


class Line:
    """A connection as its server has it."""

    def __init__(
        self,
        request: bytes,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        """Take a request that was read."""
        self.request = request
        self._reader = reader
        self._writer = writer

    @property
    def headers(self) -> dict[str, bytes]:
        """Return the request's headers."""
        fields = [line.partition(b": ") for line in self.request.split(b"\r\n")[1:]]
        return {name.decode().lower(): value for name, _, value in fields}

    async def answer(self, status: str = "200 OK", *headers: str) -> None:
        """Send the beginning of an answer."""
        lines = [f"HTTP/1.1 {status}", *headers, "", ""]
        await self.write("\r\n".join(lines).encode())

    async def write(self, data: bytes) -> None:
        """Send bytes."""
        self._writer.write(data)
        await self._writer.drain()

    def end(self) -> None:
        """End the line in good order."""
        self._writer.close()

    def reset(self) -> None:
        """End the line with a RST."""
        sock = self._writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    async def gone(self) -> None:
        """Wait until the client has closed the line."""
        async with asyncio.timeout(PATIENCE):
            with suppress(ConnectionError):
                assert await self._reader.read() == b""


class Server:
    """A server that hands each connection to the test."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        """Listen with TLS where there is a context."""
        self._context = context
        self._lines: asyncio.Queue[Line] = asyncio.Queue()
        self.url = URL()
        self.accepted = 0

    async def __aenter__(self) -> Self:
        """Start."""
        self._server = await asyncio.start_server(
            self._accept, "127.0.0.1", 0, ssl=self._context
        )
        self.url = URL.build(
            scheme="http" if self._context is None else "https",
            host="127.0.0.1",
            port=self._server.sockets[0].getsockname()[1],
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop, with all connections."""
        self._server.close()
        self._server.abort_clients()
        await self._server.wait_closed()

    async def _accept(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.accepted += 1
        try:
            request = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError, ConnectionError:
            writer.close()
            return
        self._lines.put_nowait(Line(request, reader, writer))

    async def line(self) -> Line:
        """Return the next connection, its request read."""
        async with asyncio.timeout(PATIENCE):
            return await self._lines.get()


@pytest.fixture
async def server() -> AsyncGenerator[Server]:
    """Return a running server."""
    async with Server() as server:
        yield server


@pytest.fixture
def make(session: aiohttp.ClientSession) -> Callable[..., EventStream]:
    """Return a function that makes a stream, not yet connected."""

    def make(
        server: Server,
        *,
        last_event_id: str = "",
        fingerprint: str | None = None,
        limits: Limits = PATIENT,
    ) -> EventStream:
        transport = Transport(
            session, server.url, fingerprint=fingerprint, limits=limits
        )
        return EventStream(
            transport, PATH, headers={"token": TOKEN}, last_event_id=last_event_id
        )

    return make


async def connect(
    server: Server, stream: EventStream, *headers: str, status: str = "200 OK"
) -> Line:
    """Enter a stream whose server answers well; the caller closes it."""
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
        tasks.create_task(stream.__aenter__())
        line = await server.line()
        await line.answer(status, *(headers or (STREAM,)))
    return line


async def close(stream: EventStream) -> None:
    """Leave a stream."""
    await stream.__aexit__(None, None, None)


async def events_of(stream: EventStream, count: int) -> list[StreamEvent]:
    """Read until so many events have come."""
    events: list[StreamEvent] = []
    async with asyncio.timeout(PATIENCE):
        while len(events) < count:
            events += await stream.read()
    return events


async def refused(
    server: Server, stream: EventStream, status: str, *headers: str
) -> None:
    """Enter a stream that its server does not give; see that it is closed."""
    entering = asyncio.create_task(stream.__aenter__())
    line = await server.line()
    await line.answer(status, *headers)
    try:
        async with asyncio.timeout(PATIENCE):
            await entering
    finally:
        if status.startswith("204"):
            line.end()
        await line.gone()


# --- Open ------------------------------------------------------------------------------


async def test_a_stream_is_asked_for_with_its_headers_and_without_a_body(
    server: Server, make: Callable[..., EventStream]
) -> None:
    stream = make(server)
    line = await connect(server, stream)
    assert line.request.startswith(b"GET /sys/events HTTP/1.1\r\n")
    assert line.headers["accept"] == b"text/event-stream"
    assert line.headers["accept-encoding"] == b"identity"
    assert line.headers["cache-control"] == b"no-store"
    assert line.headers["token"] == TOKEN.encode()
    assert "last-event-id" not in line.headers
    assert "content-length" not in line.headers
    await close(stream)


@pytest.mark.parametrize(
    "content_type",
    ["text/event-stream", "text/event-stream; charset=utf-8", "Text/Event-Stream"],
)
async def test_events_come_as_they_are_written(
    server: Server, make: Callable[..., EventStream], content_type: str
) -> None:
    stream = make(server)
    line = await connect(server, stream, f"Content-Type: {content_type}")
    for number in range(3):
        await line.write(b"data: %d\n\n" % number)
        assert await events_of(stream, 1) == [StreamEvent("message", b"%d" % number)]
    await close(stream)


async def test_events_in_http_chunks_come_as_they_are_written(
    server: Server, make: Callable[..., EventStream]
) -> None:
    stream = make(server)
    line = await connect(server, stream, STREAM, "Transfer-Encoding: chunked")
    for text in ("Алло", "Да"):
        body = f"event: ring\ndata: {text}\n\n".encode()
        for position in range(len(body)):
            await line.write(b"1\r\n" + body[position : position + 1] + b"\r\n")
        assert await events_of(stream, 1) == [StreamEvent("ring", text.encode())]
    await close(stream)


@pytest.mark.parametrize(
    "header",
    [
        *(
            f"Content-Encoding: {coding}"
            for coding in (
                *("gzip", "x-gzip", "deflate", "br", "zstd", "ZSTD", "compress"),
                *("identity, gzip", "gzip, gzip", "new", "new, identity"),
            )
        ),
        "Content-Encoding: identity\r\nContent-Encoding: gzip",
        "Transfer-Encoding: gzip, chunked",
    ],
)
async def test_a_compressed_stream_is_refused_and_never_unpacked(
    server: Server, make: Callable[..., EventStream], header: str
) -> None:
    entering = asyncio.create_task(make(server).__aenter__())
    line = await server.line()
    head = f"HTTP/1.1 200 OK\r\n{STREAM}\r\n{header}\r\n\r\n".encode()
    # In the same piece; whoever unpacks it fails at that.
    body = b"1\r\n\xff\r\n" if "chunked" in header else b"\xff" * 99
    await line.write(head + body)
    with fails(StreamCompressed, "compresses its event stream", server.url):
        async with asyncio.timeout(10):
            await entering
    await line.gone()


@pytest.mark.parametrize("coding", ["identity", "Identity", ""])
async def test_a_stream_that_says_that_it_is_plain_is_taken(
    server: Server, make: Callable[..., EventStream], coding: str
) -> None:
    stream = make(server)
    line = await connect(server, stream, STREAM, f"Content-Encoding: {coding}")
    await line.write(b"data: x\n\n")
    assert await events_of(stream, 1) == [StreamEvent("message", b"x")]
    await close(stream)


@pytest.mark.parametrize(
    "flood",
    [
        pytest.param(b":\n" * 150_000, id="comments"),
        pytest.param(b"data: x\n\n" * 40_000, id="events"),
        pytest.param(b"data\n\n" * 50_000, id="empty events"),
        pytest.param(b"\x00\xff\n" * 100_000, id="no fields"),
        pytest.param(b"data: " + b"x" * 300_000, id="half an event"),
    ],
)
async def test_others_get_a_turn_with_each_piece_of_a_flood(
    server: Server,
    make: Callable[..., EventStream],
    monkeypatch: pytest.MonkeyPatch,
    flood: bytes,
) -> None:
    # So that each offer of a turn is taken, on a fast machine too.
    monkeypatch.setattr(loop_yield, "SLICE", 0.0)
    stream = make(server)
    line = await connect(server, stream)
    writing = asyncio.create_task(line.write(flood + b"\n\ndata: last\n\n"))
    others = count()

    async def alternate() -> None:
        while True:
            next(others)
            await asyncio.sleep(0)

    taking = asyncio.create_task(alternate())
    pieces = 0
    last: list[StreamEvent] = []
    async with asyncio.timeout(30):
        while last[-1:] != [StreamEvent("message", b"last")]:
            before = next(others)
            last = await stream.read() or last
            assert next(others) - before > 1
            pieces += 1
    assert pieces >= len(flood) / STREAM_PIECE
    taking.cancel()
    await writing
    await close(stream)


async def test_an_event_may_come_with_the_head_of_the_answer(
    server: Server, make: Callable[..., EventStream]
) -> None:
    stream = make(server)
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
        tasks.create_task(stream.__aenter__())
        line = await server.line()
        await line.write(f"HTTP/1.1 200 OK\r\n{STREAM}\r\n\r\ndata: x\n\n".encode())
    assert await events_of(stream, 1) == [StreamEvent("message", b"x")]
    await close(stream)


async def test_a_stream_that_is_over_at_once_is_read_to_its_end(
    server: Server, make: Callable[..., EventStream]
) -> None:
    stream = make(server)
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
        tasks.create_task(stream.__aenter__())
        line = await server.line()
        head = f"HTTP/1.1 200 OK\r\n{STREAM}\r\nContent-Length: 9\r\n\r\n"
        await line.write(head.encode() + b"data: x\n\n")
    assert await events_of(stream, 1) == [StreamEvent("message", b"x")]
    with fails(ServiceUnavailable, "has ended the stream", server.url):
        await stream.read()
    await close(stream)


async def test_the_kernel_finds_a_dead_peer_within_a_minute(
    server: Server, make: Callable[..., EventStream]
) -> None:
    stream = make(server)
    await connect(server, stream)
    sock = socket_of(stream)

    def tcp(option: int) -> int:
        return sock.getsockopt(socket.IPPROTO_TCP, option)

    assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
    questions = tcp(socket.TCP_KEEPINTVL) * tcp(socket.TCP_KEEPCNT)
    assert (tcp(socket.TCP_KEEPIDLE), questions) == (30, 30)
    await close(stream)


def socket_of(stream: EventStream) -> socket.socket:
    """Return the socket under a stream."""
    assert stream._response is not None
    connection = stream._response.connection
    assert connection is not None
    assert connection.transport is not None
    sock: socket.socket = connection.transport.get_extra_info("socket")
    return sock


async def test_a_socket_that_takes_no_options_is_no_reason_to_fail(
    server: Server,
    make: Callable[..., EventStream],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "KEEPALIVE", ((socket.IPPROTO_TCP, 12_345, 1),))
    stream = make(server)
    line = await connect(server, stream)
    await line.write(b"data: x\n\n")
    assert await events_of(stream, 1)
    await close(stream)


@pytest.mark.parametrize(
    "last_event_id", ["5", "ё☎", " x ", "a\tb", "\u2028\x85", "x" * 1024]
)
async def test_the_last_event_id_is_sent_in_utf8_and_kept(
    server: Server, make: Callable[..., EventStream], last_event_id: str
) -> None:
    stream = make(server, last_event_id=last_event_id)
    line = await connect(server, stream)
    assert line.headers["last-event-id"].strip() == last_event_id.encode().strip()
    await line.write(b"data: x\n\n")
    await events_of(stream, 1)
    assert stream.decoder.last_event_id == last_event_id
    await line.write(b"id: 6\ndata: x\n\n")
    await events_of(stream, 1)
    assert stream.decoder.last_event_id == "6"
    await close(stream)


@pytest.mark.parametrize("last_event_id", ["\x01", "a\x7f", "x" * 1025])
async def test_an_id_that_no_header_can_hold_is_not_sent(
    server: Server, make: Callable[..., EventStream], last_event_id: str
) -> None:
    stream = make(server, last_event_id=last_event_id)
    line = await connect(server, stream)
    assert "last-event-id" not in line.headers
    await close(stream)


async def test_the_servers_wish_for_a_pause_is_read(
    server: Server, make: Callable[..., EventStream]
) -> None:
    stream = make(server)
    line = await connect(server, stream)
    assert vars(stream.decoder)["retry"] is None
    await line.write(b"retry: 2500\ndata: x\n\n")
    await events_of(stream, 1)
    assert stream.decoder.retry == 2.5
    await close(stream)


# --- What is no stream -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "headers", "error", "match"),
    [
        ("204 No Content", (), StreamRefused, r"no event stream \(HTTP 204\)"),
        ("200 OK", ("Content-Type: text/html",), ProtocolError, "not an event stream"),
        ("200 OK", (), ProtocolError, "not an event stream"),
        ("200 OK", ("Content-Type: x",), ProtocolError, "not an event stream"),
        ("201 Created", (STREAM,), ProtocolError, "not an event stream"),
        ("206 Partial Content", (STREAM,), ProtocolError, "not an event stream"),
        ("401 Unauthorized", (), AuthenticationError, "HTTP 401"),
        ("403 Forbidden", (STREAM,), AuthenticationError, "HTTP 403"),
        ("404 Not Found", (), ProtocolError, "HTTP 404"),
        ("405 Method Not Allowed", (), ProtocolError, "HTTP 405"),
        ("429 Too Many Requests", (), RateLimited, "HTTP 429"),
        ("500 Internal Server Error", (STREAM,), ServiceUnavailable, "HTTP 500"),
        ("503 Service Unavailable", (), ServiceUnavailable, "HTTP 503"),
    ],
)
async def test_what_is_no_stream_is_an_error_and_its_connection_is_closed(
    server: Server,
    make: Callable[..., EventStream],
    status: str,
    headers: tuple[str, ...],
    error: type[ServiceError],
    match: str,
) -> None:
    stream = make(server)
    with fails(error, match, server.url):
        # Without a length the answer goes on until the connection is closed.
        await refused(server, stream, status, *headers)
    with fails(ServiceUnavailable, "is closed", server.url):
        await stream.read()


@pytest.mark.parametrize(
    ("status", "error"), [("429 X", RateLimited), ("503 X", ServiceUnavailable)]
)
async def test_the_pause_that_a_server_asks_for_is_reported(
    server: Server,
    make: Callable[..., EventStream],
    status: str,
    error: type[ServiceUnavailable],
) -> None:
    with fails(error, status[:3], server.url) as caught:
        await refused(server, make(server), status, "Retry-After: 7")
    assert caught.value.retry_after == 7.0


async def test_204_is_reported_with_its_status(
    server: Server, make: Callable[..., EventStream]
) -> None:
    with fails(StreamRefused, "204", server.url) as caught:
        await refused(server, make(server), "204 No Content")
    assert caught.value.status == 204


async def test_a_server_that_is_not_there_is_unavailable(
    make: Callable[..., EventStream],
) -> None:
    async with Server() as server:
        stream = make(server)
    with fails(ServiceUnavailable, "does not accept connections", server.url):
        await stream.__aenter__()


async def test_a_server_that_does_not_answer_has_a_limit(
    server: Server, make: Callable[..., EventStream]
) -> None:
    with fails(ServiceTimeout, "did not answer in time", server.url):
        await make(server, limits=HASTY).__aenter__()
    await (await server.line()).gone()


async def test_the_limit_is_for_the_beginning_alone(
    server: Server, make: Callable[..., EventStream]
) -> None:
    stream = make(server)
    line = await connect(server, stream)
    reading = asyncio.create_task(stream.read())
    await asyncio.sleep(0)
    loop = asyncio.get_running_loop()
    with patch.object(loop, "time", lambda: time.monotonic() + 3600):
        # All that waits for a time of the last hour gets its turn.
        for _ in range(10):
            await asyncio.sleep(0)
        assert not reading.done()
    await line.write(b"data: x\n\n")
    assert await reading == [StreamEvent("message", b"x")]
    await close(stream)


# --- Redirects -------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_to_the_same_origin_is_followed_with_the_credentials(
    server: Server, make: Callable[..., EventStream], status: int
) -> None:
    stream = make(server)
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
        tasks.create_task(stream.__aenter__())
        first = await server.line()
        await first.answer(f"{status} Moved", "Location: /v2/events")
        second = await server.line()
        await first.gone()
        assert second.request.startswith(b"GET /v2/events ")
        assert second.headers["token"] == TOKEN.encode()
        await second.answer("200 OK", STREAM)
    await second.write(b"data: x\n\n")
    assert await events_of(stream, 1)
    await close(stream)
    await second.gone()


async def test_a_redirect_to_another_origin_gets_no_credentials(
    server: Server, make: Callable[..., EventStream]
) -> None:
    async with Server() as other:
        location = f"Location: {other.url / 'sys/events'}"
        with fails(ProtocolError, "redirects to another", server.url, other.url):
            await refused(server, make(server), "301 Moved", location)
        assert other.accepted == 0


# --- Ends ------------------------------------------------------------------------------


@pytest.mark.parametrize("chunked", [False, True])
async def test_an_end_in_good_order_is_reported_after_the_last_event(
    server: Server, make: Callable[..., EventStream], chunked: bool
) -> None:
    stream = make(server)
    headers = [STREAM, "Transfer-Encoding: chunked"] if chunked else [STREAM]
    line = await connect(server, stream, *headers)
    block = b"data: x\n\ndata: y\n"
    await line.write(b"11\r\n%b\r\n0\r\n\r\n" % block if chunked else block)
    line.end()
    assert await events_of(stream, 1) == [StreamEvent("message", b"x")]
    with fails(ServiceUnavailable, "has ended the stream", server.url):
        await stream.read()
    await close(stream)


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_reset_in_the_middle_of_an_event_is_reported_and_the_event_is_not(
    server: Server, make: Callable[..., EventStream], chunked: bool
) -> None:
    stream = make(server)
    headers = [STREAM, "Transfer-Encoding: chunked"] if chunked else [STREAM]
    line = await connect(server, stream, *headers)
    block = b"data: x\n\ndata: y"
    await line.write(b"10\r\n%b\r\n" % block if chunked else block)
    assert await events_of(stream, 1) == [StreamEvent("message", b"x")]
    line.reset()
    with fails(ServiceUnavailable, "cut off|has ended", server.url):
        await stream.read()
    await close(stream)


@pytest.mark.parametrize(
    ("headers", "data"),
    [
        (("Transfer-Encoding: chunked",), b"10\r\ndata: y"),
        (("Transfer-Encoding: chunked",), b"no number\r\n"),
        (("Content-Length: 100",), b"data: y"),
    ],
    ids=["within a chunk", "no chunk", "before its length"],
)
async def test_a_body_that_is_cut_or_broken_is_reported(
    server: Server,
    make: Callable[..., EventStream],
    headers: tuple[str, ...],
    data: bytes,
) -> None:
    stream = make(server)
    line = await connect(server, stream, STREAM, *headers)
    await line.write(data)
    line.end()
    with fails(ServiceUnavailable, "cut off", server.url):
        await events_of(stream, 1)
    await close(stream)


async def test_an_event_over_the_limit_is_reported(
    server: Server, make: Callable[..., EventStream]
) -> None:
    stream = make(server)
    stream.decoder._max_event = 1000
    line = await connect(server, stream)
    await line.write(b"data: " + b"x" * 2000)
    with fails(ProtocolError, "too large", server.url):
        await events_of(stream, 1)
    await close(stream)
    await line.gone()


async def test_leaving_closes_the_connection_at_once(
    server: Server, make: Callable[..., EventStream]
) -> None:
    stream = make(server)
    line = await connect(server, stream)
    await line.write(b"data: x\n\ndata: y\n\n")
    await events_of(stream, 1)
    await close(stream)
    await line.gone()
    with fails(ServiceUnavailable, "is closed", server.url):
        await stream.read()
    # And once more is nothing.
    await close(stream)


async def test_who_is_cancelled_while_reading_leaves_no_connection(
    server: Server, make: Callable[..., EventStream]
) -> None:
    async def listen() -> None:
        async with make(server) as stream:
            await stream.read()

    task = asyncio.create_task(listen())
    line = await server.line()
    await line.answer("200 OK", STREAM)
    await line.write(b"data: x")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await line.gone()


async def test_who_is_cancelled_while_connecting_leaves_no_connection(
    server: Server, make: Callable[..., EventStream]
) -> None:
    task = asyncio.create_task(make(server).__aenter__())
    line = await server.line()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await line.gone()


# --- Certificates ----------------------------------------------------------------------


async def test_a_pinned_certificate_is_trusted_and_its_line_closes_at_once(
    certificate: Certificate, make: Callable[..., EventStream]
) -> None:
    async with Server(certificate.ssl_context()) as server:
        stream = make(server, fingerprint=certificate.fingerprint)
        line = await connect(server, stream)
        await line.write(b"data: x\n\n")
        assert await events_of(stream, 1) == [StreamEvent("message", b"x")]
        await close(stream)
        await line.gone()


async def test_another_certificate_gets_no_credentials(
    certificate: Certificate, make: Callable[..., EventStream]
) -> None:
    async with Server(certificate.ssl_context()) as server:
        pinned = make_certificate().fingerprint
        with fails(CertificateError, "has changed", server.url) as caught:
            await make(server, fingerprint=pinned).__aenter__()
        assert caught.value.fingerprint == certificate.fingerprint
        with fails(CertificateError, "not trusted", server.url):
            await make(server).__aenter__()
        assert server._lines.empty()


# --- Heartbeats ------------------------------------------------------------------------


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Return the clock by which heartbeats are timed; it stands still."""
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


async def heartbeat(line: Line, stream: EventStream) -> None:
    """Send a heartbeat and have it read."""
    await line.write(b": ping\n\n")
    async with asyncio.timeout(PATIENCE):
        assert await stream.read() == []


async def test_heartbeats_that_stop_end_a_line(
    server: Server,
    make: Callable[..., EventStream],
    clock: SimpleNamespace,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream = make(server)
    line = await connect(server, stream)
    for _ in range(4):
        assert stream.patience is None
        clock.now += 15
        await heartbeat(line, stream)
    assert stream.patience == 45
    # An event is no heartbeat, but a sign of life.
    await line.write(b"data: x\n\n")
    assert await events_of(stream, 1)
    clock.now += 40
    await heartbeat(line, stream)
    assert stream.patience == 45

    monkeypatch.setattr(rhythms, "MISSED_HEARTBEATS", 0.001)
    with fails(ServiceUnavailable, "heartbeats have stopped", server.url):
        await stream.read()
    await close(stream)
    await line.gone()


async def test_a_line_without_heartbeats_may_be_idle_for_ever(
    server: Server, make: Callable[..., EventStream], clock: SimpleNamespace
) -> None:
    stream = make(server)
    line = await connect(server, stream)
    for number in range(10):
        clock.now += 3600
        await line.write(b"data: %d\n\n" % number)
        await events_of(stream, 1)
    assert stream.patience is None
    await close(stream)


def rhythm(*times: float) -> Rhythm:
    """Return what is learned from heartbeats at these times."""
    rhythm = Rhythm()
    for moment in times:
        rhythm.beat(moment)
    return rhythm


@pytest.mark.parametrize(
    ("times", "patience"),
    [
        ((), None),
        ((0, 15, 30), None),
        ((0, 15, 30, 45), 45),
        ((0, 15, 31, 44), 48),
        ((0, 60, 75, 90, 105), 45),
        ((0, 15, 30, 45, 105), 180),
        ((0, 1, 2, 3), 15),
        ((0, 0.5, 1, 1.5, 2, 2.5, 3), 15),
    ],
)
def test_three_missed_heartbeats_of_the_slowest_of_the_last_are_a_dead_line(
    times: tuple[float, ...], patience: float | None
) -> None:
    assert rhythm(*times).patience == patience


def test_a_greeting_of_many_comments_is_one_heartbeat() -> None:
    assert rhythm(0, 0.001, 0.002, 0.003, 0.004).patience is None
    assert rhythm(0, 0.1, 0.2, 30, 30.1, 60, 60.1).patience is None
    assert rhythm(0, 0.1, 0.2, 30, 30.1, 60, 60.1, 90).patience == 90


def test_the_time_around_an_event_is_no_interval() -> None:
    learning = rhythm(0, 15, 30)
    learning.interrupt()
    learning.beat(31)
    assert learning.patience is None
    learning.beat(46)
    assert learning.patience == 45
