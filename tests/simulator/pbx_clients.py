"""Plain clients of the PBX: one that reads streams, one that has a hook."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from hashlib import md5
from typing import Any

import aiohttp
from aiohttp import web
import orjson
import pytest

from simulator.pbx import EVENTS_PATH, SUBSCRIBE_PATH, PbxService


@asynccontextmanager
async def listening(
    session: aiohttp.ClientSession, pbx: PbxService, **options: Any
) -> AsyncGenerator[aiohttp.ClientResponse]:
    """Open a stream, whatever the answer is."""
    async with session.get(
        pbx.url + EVENTS_PATH, allow_redirects=False, **options
    ) as response:
        yield response


async def block(response: aiohttp.ClientResponse) -> bytes:
    """Read up to the next empty line."""
    return await response.content.readuntil(b"\n\n")


async def event(response: aiohttp.ClientResponse) -> Any:
    """Read a message in its plainest form."""
    text = await block(response)
    assert text.startswith(b"data: ")
    assert text.count(b"\n") == 2
    return orjson.loads(text[6:])


async def payload(response: aiohttp.ClientResponse, event_type: str) -> Any:
    """Read a message of a type; return its payload."""
    message = await event(response)
    assert message["event_type"] == event_type
    return message["payload"]


async def cut_off(response: aiohttp.ClientResponse) -> None:
    """Expect that the body breaks off."""
    with pytest.raises(aiohttp.ClientPayloadError):
        await response.content.read()


class Hook:
    """A client's web hook."""

    def __init__(self) -> None:
        """Prove itself in JSON, and take everything."""
        self.url = ""
        self.dialect = "json"
        self.statuses: list[int] = []
        """What is answered first; then 200."""
        self.got: list[Any] = []
        self.types: list[str | None] = []

    async def handle(self, request: web.BaseRequest) -> web.Response:
        """Take a message."""
        body = await request.read()
        self.types.append(request.headers.get("Content-Type"))
        if self.statuses and (status := self.statuses.pop(0)) != 200:
            return web.Response(status=status, text="Ой")
        try:
            message = orjson.loads(body)
        except orjson.JSONDecodeError:
            message = body
        if isinstance(message, dict) and message.get("event_type") == "verification":
            proof = md5(message["payload"].encode()).hexdigest()  # noqa: S324 - the service's own way
            if self.dialect == "json":
                return web.json_response({"result": proof})
            return web.Response(text=proof if self.dialect == "plain" else "nothing")
        self.got.append(message)
        return web.Response()

    @property
    def kinds(self) -> list[str]:
        """Return the types of the messages that came."""
        return [message["event_type"] for message in self.got]


@asynccontextmanager
async def running_hook() -> AsyncGenerator[Hook]:
    """Run a hook on a port of its own."""
    hook = Hook()
    runner = web.ServerRunner(web.Server(hook.handle), shutdown_timeout=0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        hook.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
        yield hook
    finally:
        await runner.cleanup()


async def subscribe(
    session: aiohttp.ClientSession,
    pbx: PbxService,
    body: object,
    headers: Mapping[str, str] | None = None,
) -> tuple[int, Any]:
    """Ask for a subscription."""
    data = body if isinstance(body, bytes) else orjson.dumps(body)
    async with session.post(
        pbx.url + SUBSCRIBE_PATH, data=data, headers=headers or {}
    ) as response:
        return response.status, orjson.loads(await response.read())
