"""What all services have in common: listening, faults, and a record of requests."""

from abc import ABC, abstractmethod
import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
import time
from typing import ClassVar, Self, override

from aiohttp import HttpVersion11, web
import orjson

from .certificate import Certificate
from .faults import Faults, FaultSwitch, Turn
from .record import Record
from .server import Listener, reset
from .stream import Ending, Stream

JSON_TYPE = "application/json; charset=utf-8"
MAX_RECORDED = 1000
# Seconds that a test waits for what comes in any case: only what never comes takes longer,
# however busy the machine is.
PATIENCE = 60.0
_CHUNK = 65536
_SPACES = b" " * _CHUNK


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a service answers to a request."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    stream: Stream | None = None
    """Goes out instead of the body."""
    items: Sequence[int] | None = None
    """The numbers of what it hands out, for the record; None where it is no such answer."""

    @classmethod
    def json(
        cls, value: object, status: int = 200, *, items: Sequence[int] | None = None
    ) -> Self:
        """Return an answer with a JSON body."""
        return cls(
            status=status,
            body=orjson.dumps(value),
            headers={"Content-Type": JSON_TYPE},
            items=items,
        )

    @classmethod
    def text(cls, status: int, text: str | None = None) -> Self:
        """Return a plain answer; without a text it is the name of the status."""
        if text is None:
            text = (
                f"{status} {HTTPStatus(status).phrase}"
                if status in HTTPStatus
                else str(status)
            )
        return cls(
            status=status,
            body=text.encode(),
            headers={"Content-Type": "text/plain; charset=utf-8"},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRequest:
    """A request that came in."""

    time: float
    """time.monotonic() at its arrival."""
    method: str
    path: str
    cursor: str | None
    """What the client says that it has already."""
    token_ok: bool
    connection: int
    """The number of its TCP connection, from 1."""
    answer: str | None = None
    """A status, "reset", "cut" or "left" (the client went first); None while it waits.

    That of a stream is the status while it is open, then "ended", "reset", "cut" or "left".
    """


class BaseService(ABC):
    """A service on a port of its own, whatever its answers are: bodies or streams."""

    name: ClassVar[str]

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        certificate: Certificate | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare; nothing listens before start()."""
        self.clock = clock
        self.faults = FaultSwitch(self._apply)
        self.record = Record()
        self.received = 0
        self.answered = 0
        self._requests: dict[int, RecordedRequest] = {}
        self._waiting: set[int] = set()
        self._streams: list[Stream] = []
        self._progress = asyncio.Event()
        self._listener = Listener(
            self._handle,
            host=host,
            port=port,
            certificate=certificate,
            on_change=self._report,
        )

    async def __aenter__(self) -> Self:
        """Start."""
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        await self.stop()

    async def start(self) -> None:
        """Listen. Raises OSError where the port is taken."""
        await self._listener.start()

    async def stop(self) -> None:
        """Close everything without waiting for clients; start() takes the same port again."""
        self._streams.clear()
        await self._listener.stop()

    async def set_certificate(self, certificate: Certificate | None) -> None:
        """Change the certificate on the same port; None is plain HTTP. Connections are dropped."""
        self._restart(certificate)

    @property
    def host(self) -> str:
        """Return the address that it listens on."""
        return self._listener.host

    @property
    def port(self) -> int:
        """Return the port that it listens on."""
        return self._listener.port

    @property
    def url(self) -> str:
        """Return the address that clients use, without a slash at the end."""
        return self._listener.url

    @property
    def certificate(self) -> Certificate | None:
        """Return the certificate; None is plain HTTP."""
        return self._listener.certificate

    @property
    def connections(self) -> int:
        """Return how many TCP connections were accepted so far."""
        return self._listener.accepted

    @property
    def open_connections(self) -> int:
        """Return how many connections are open, their TLS handshake done."""
        return self._listener.open

    @property
    def requests(self) -> list[RecordedRequest]:
        """Return the last requests in the order of their arrival."""
        return list(self._requests.values())

    async def wait_until(
        self, condition: Callable[[], bool], timeout: float = PATIENCE
    ) -> None:
        """Wait until a condition on requests or connections holds. Raises TimeoutError."""
        async with asyncio.timeout(timeout):
            while not condition():
                await self._progress.wait()

    async def wait_for_requests(
        self, count: int = 1, timeout: float = PATIENCE
    ) -> None:
        """Wait until so many more requests were answered. Raises TimeoutError."""
        target = self.answered + count
        await self.wait_until(lambda: self.answered >= target, timeout)

    async def wait_for_arrivals(
        self, count: int = 1, timeout: float = PATIENCE
    ) -> None:
        """Wait until so many more requests came in, answered or not. Raises TimeoutError."""
        target = self.received + count
        await self.wait_until(lambda: self.received >= target, timeout)

    @abstractmethod
    async def respond(self, request: web.BaseRequest, token_ok: bool) -> Answer:
        """Answer a request, with a body or a stream."""

    @abstractmethod
    def token_ok(self, request: web.BaseRequest) -> bool:
        """Return whether a request carries the right token."""

    @abstractmethod
    def cursor(self, request: web.BaseRequest) -> str | None:
        """Return what the client says that it has already."""

    def answer_type(self, request: web.BaseRequest) -> str:
        """Return the content type of a good answer, and so of an empty one."""
        return JSON_TYPE

    def _apply(self, faults: Faults) -> None:
        for stream in self._streams:
            stream.hush(faults.half_open)
        if faults.refuse:
            self._streams.clear()
            self._listener.refuse()
        else:
            self._listener.accept()

    def _restart(self, certificate: Certificate | None) -> None:
        self._streams.clear()
        self._listener.restart(certificate)

    def _report(self) -> None:
        waiting, self._progress = self._progress, asyncio.Event()
        waiting.set()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self.received += 1
        number = self.received
        self._waiting.add(number)
        self._requests[number] = RecordedRequest(
            time=time.monotonic(),
            method=request.method,
            path=request.path,
            cursor=self.cursor(request),
            token_ok=self.token_ok(request),
            connection=self._listener.number(request),
        )
        if len(self._requests) > MAX_RECORDED:
            del self._requests[next(iter(self._requests))]
        self._report()
        outcome = "left"
        try:
            response, outcome = await self._respond(request, number)
        finally:
            self._note(number, outcome)
            if outcome != "200":
                self.record.note("failed", outcome=outcome)
        return response

    def _note(self, number: int, outcome: str) -> None:
        """Note what a request was answered with; of a stream also what became of it."""
        if number in self._waiting:
            self._waiting.remove(number)
            self.answered += outcome != "left"
        if number in self._requests:
            self._requests[number] = replace(self._requests[number], answer=outcome)
        self._report()

    async def _respond(
        self, request: web.BaseRequest, number: int
    ) -> tuple[web.StreamResponse, str]:
        while True:
            turn = self.faults.take()
            faults = turn.faults
            if faults.delay and await turn.changed(within=faults.delay):
                continue
            if not faults.half_open:
                break
            await turn.changed()
        if faults.reset:
            if request.transport is not None:
                reset(request.transport)
            return web.Response(), "reset"
        answer = await self._answer(request, faults)
        made = time.monotonic()
        response = web.StreamResponse(
            status=answer.status, headers={**answer.headers, **faults.headers}
        )
        if answer.stream is not None:
            return response, await self._send_stream(
                request, number, response, answer.stream, turn
            )
        size = max(len(answer.body), faults.body_size or 0)
        if faults.cut is not None:
            response.content_length = max(size, faults.cut + 1)
            response.force_close()
            await response.prepare(request)
            await _write(response, answer.body[: faults.cut], min(size, faults.cut))
            if request.transport is not None:
                request.transport.close()
            return response, "cut"
        response.content_length = size
        await response.prepare(request)
        if faults.drip is None:
            await _write(response, answer.body, size)
        else:
            await _drip(response, answer.body.ljust(size), faults.drip, turn.changed)
        await response.write_eof()
        if answer.items is not None:
            self.record.hand(answer.items, made)
        if faults.spoils:
            self.record.note("failed", outcome="spoilt")
        return response, str(answer.status)

    async def _send_stream(
        self,
        request: web.BaseRequest,
        number: int,
        response: web.StreamResponse,
        stream: Stream,
        turn: Turn,
    ) -> str:
        stream.number = number
        self._streams.append(stream)
        self.record.note("opened", stream=number)
        ending: Ending | None = None
        if request.version < HttpVersion11:
            # There are no chunks: the end of the connection is that of the body.
            response.force_close()
        try:
            await response.prepare(request)
            self._note(number, str(response.status))
            ending = await stream.send(response, turn)
        finally:
            if stream in self._streams:
                self._streams.remove(stream)
            self.record.note(
                "closed", stream=number, ending=ending.value if ending else "left"
            )
        if ending is Ending.ENDED:
            await response.write_eof()
        elif request.transport is not None:
            if ending is Ending.RESET:
                reset(request.transport)
            else:
                request.transport.close()
        return ending.value

    async def _answer(self, request: web.BaseRequest, faults: Faults) -> Answer:
        if faults.status is not None:
            return Answer.text(faults.status, faults.body)
        if faults.redirect is not None:
            return Answer(status=302, headers={"Location": faults.redirect})
        if faults.garbage is not False:
            html = {"Content-Type": "text/html; charset=utf-8"}
            return Answer(body=faults.garbage_text.encode(), headers=html)
        if faults.no_content:
            return Answer(status=204)
        if faults.empty:
            return Answer(headers={"Content-Type": self.answer_type(request)})
        return await self.respond(
            request, self.token_ok(request) and not faults.wrong_token
        )


class Service(BaseService):
    """A service that answers each request with one body."""

    @abstractmethod
    async def answer(self, request: web.BaseRequest, token_ok: bool) -> Answer:
        """Answer a request."""

    @override
    async def respond(self, request: web.BaseRequest, token_ok: bool) -> Answer:
        """Answer a request."""
        return await self.answer(request, token_ok)


async def _write(response: web.StreamResponse, body: bytes, size: int) -> None:
    """Write a body, then spaces up to a size."""
    if body:
        await response.write(body)
    left = size - len(body)
    while left > 0:
        await response.write(_SPACES[:left])
        left -= _CHUNK


async def _drip(
    response: web.StreamResponse,
    body: bytes,
    pause: float,
    changed: Callable[[float], Awaitable[bool]],
) -> None:
    """Write a body byte by byte; once the faults have changed, the rest at once."""
    for index in range(len(body)):
        await response.write(body[index : index + 1])
        if await changed(pause):
            await response.write(body[index + 1 :])
            return
