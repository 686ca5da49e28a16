"""Real servers on loopback, and a plain client."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson
import pytest

from simulator.qr_menu import PATH, QrMenuService
from simulator.service import PATIENCE

TOKEN = "secret"


@pytest.fixture(autouse=True)
def sockets(socket_enabled: None) -> None:
    """Let these tests listen on loopback."""


@dataclass
class Reply:
    """What a client got."""

    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        """Return the body as JSON."""
        return orjson.loads(self.body)

    @property
    def updates(self) -> list[Any]:
        """Return the events of an answer of the QR menu."""
        updates: list[Any] = self.json["data"]["updates"]
        return updates


class Client:
    """Somebody who uses the control port."""

    def __init__(self, session: aiohttp.ClientSession, url: str, part: str) -> None:
        """Look at one part of the state."""
        self._session = session
        self._part = part
        self.url = url

    async def post(
        self, path: str, value: object = None, *, data: bytes | None = None
    ) -> tuple[int, Any]:
        """Post JSON, or bytes."""
        body = (
            {"data": data}
            if data is not None
            else {}
            if value is None
            else {"json": value}
        )
        async with self._session.post(self.url + path, **body) as response:
            return response.status, await response.json()

    async def state(self) -> dict[str, Any]:
        """Return the part of the state."""
        async with self._session.get(self.url + "/state") as response:
            state: dict[str, Any] = (await response.json())[self._part]
            return state

    async def get(self, path: str) -> tuple[int, str, str]:
        """Return the status, type and text of a page."""
        async with self._session.get(self.url + path) as response:
            return response.status, response.content_type, await response.text()


type Ask = Callable[..., Awaitable[Reply]]


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """Provide a client that gives up after five seconds."""
    timeout = aiohttp.ClientTimeout(total=PATIENCE)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        yield session


@pytest.fixture
async def service() -> AsyncIterator[QrMenuService]:
    """Provide a running QR menu."""
    async with QrMenuService(token=TOKEN) as service:
        yield service


@pytest.fixture
def ask(service: QrMenuService, session: aiohttp.ClientSession) -> Ask:
    """Provide a poll of the QR menu."""

    async def ask(
        cursor: str | None = "none", *, token: str | None = TOKEN, **options: Any
    ) -> Reply:
        return await fetch(session, service.url, cursor, token=token, **options)

    return ask


async def fetch(
    session: aiohttp.ClientSession,
    url: str,
    cursor: str | None = "none",
    *,
    token: str | None = TOKEN,
    method: str = "GET",
    path: str = PATH,
    **options: Any,
) -> Reply:
    """Poll a QR menu."""
    async with session.request(
        method,
        url + path,
        params={} if cursor is None else {"hash": cursor},
        headers={} if token is None else {"token": token},
        allow_redirects=False,
        **options,
    ) as response:
        return Reply(response.status, await response.read(), dict(response.headers))
