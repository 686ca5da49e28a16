"""What the tests of the clients share: servers that misbehave, and a plain session."""

import asyncio
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
import ssl
import traceback
from typing import Any, ClassVar, override

import aiohttp
from aiohttp import web
import pytest
from yarl import URL

from custom_components.carbis_alerts.api.errors import ServiceError
from simulator.certificate import Certificate, make_certificate
from simulator.service import Answer, Service

from ..plain import TOKEN


@pytest.fixture(autouse=True)
def _site(socket_enabled: None) -> None:
    """Reach the loopback; nothing here needs Home Assistant."""


@pytest.fixture(autouse=True)
def _quick() -> None:
    """Nothing here polls."""


@pytest.fixture
async def session() -> AsyncGenerator[aiohttp.ClientSession]:
    """Return a plain session, as it comes."""
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture(scope="session")
def certificate() -> Certificate:
    """Return a self-signed certificate."""
    return make_certificate()


class Routes(Service):
    """A server that answers as configured, path by path."""

    name: ClassVar[str] = "routes"

    def __init__(self, certificate: Certificate | None = None) -> None:
        """Answer 404 until configured otherwise."""
        super().__init__(certificate=certificate)
        self.answers: dict[str, Answer] = {}

    def redirect(
        self, path: str, location: str | None, status: int = 302
    ) -> Mapping[str, str]:
        """Redirect a path; return the headers that do it."""
        headers = {} if location is None else {"Location": location}
        self.answers[path] = Answer(status=status, headers=headers)
        return headers

    @override
    def token_ok(self, request: web.BaseRequest) -> bool:
        return request.headers.get("token") == TOKEN

    @override
    def cursor(self, request: web.BaseRequest) -> str | None:
        return request.query.get("hash")

    @override
    async def answer(self, request: web.BaseRequest, token_ok: bool) -> Answer:
        return self.answers.get(request.path, Answer.text(404))


@pytest.fixture
async def routes() -> AsyncGenerator[Routes]:
    """Return a running server without any path."""
    async with Routes() as service:
        yield service


@pytest.fixture
async def other_routes() -> AsyncGenerator[Routes]:
    """Return another one, on a port of its own."""
    async with Routes() as service:
        yield service


class RawServer:
    """A server that writes bytes, whatever they are, and keeps what it received before."""

    def __init__(
        self, answer: bytes | None, *, await_request: bool, stay: bool = False
    ) -> None:
        """Answer with bytes and close, or with None keep silent."""
        self.url = URL()
        self.received = bytearray()
        self.ended = asyncio.Event()
        self._answer = answer
        self._await_request = await_request
        self._stay = stay

    async def handle(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Serve one connection."""
        try:
            if self._answer is None:
                await self._read_all(reader)
                return
            if self._await_request:
                self.received += await reader.readuntil(b"\r\n\r\n")
            writer.write(self._answer)
            await writer.drain()
            if self._stay:
                await self._read_all(reader)
        except OSError, asyncio.IncompleteReadError:
            # The client went first.
            pass
        finally:
            self.ended.set()
            writer.close()

    async def _read_all(self, reader: asyncio.StreamReader) -> None:
        while data := await reader.read(4096):
            self.received += data


@asynccontextmanager
async def raw_server(
    answer: bytes | None,
    *,
    scheme: str = "http",
    await_request: bool = True,
    stay: bool = False,
    context: ssl.SSLContext | None = None,
) -> AsyncGenerator[RawServer]:
    """Run a raw server; ``scheme`` is what its address says, ``context`` its TLS."""
    raw = RawServer(answer, await_request=await_request, stay=stay)
    server = await asyncio.start_server(raw.handle, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    raw.url = URL.build(scheme=scheme, host="127.0.0.1", port=port)
    try:
        yield raw
    finally:
        server.close()
        server.abort_clients()
        await server.wait_closed()


@contextmanager
def fails[E: ServiceError](
    expected: type[E], match: str, *urls: URL | str
) -> Generator[pytest.ExceptionInfo[E]]:
    """Expect exactly this error, and that nothing of it shows a secret or an address."""
    with pytest.raises(expected, match=match) as caught:
        yield caught
    assert type(caught.value) is expected
    secrets = {TOKEN}
    for url in map(URL, urls):
        secrets |= {str(url), str(url.host), str(url.port), f"{url.host}:{url.port}"}
    assert leaks(caught.value, secrets) == []


def leaks(err: BaseException, secrets: set[str]) -> list[str]:
    """Return the texts of an error and of all that it drags along that show a secret."""
    texts = ["".join(traceback.format_exception(err))]
    pending: list[BaseException | None] = [err]
    seen: set[int] = set()
    while pending:
        if (current := pending.pop()) is None or id(current) in seen:
            continue
        seen.add(id(current))
        attributes: dict[str, Any] = vars(current)
        texts += [str(current), repr(current), repr(current.args), repr(attributes)]
        pending += [current.__cause__, current.__context__]
    return [text for text in texts if any(secret in text for secret in secrets)]
