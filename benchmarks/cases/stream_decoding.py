"""What the event stream costs: processor time per event, as a ratio to a floor.

The floor reads the same bytes from the same server and parses the same messages, cut out
beforehand. The server is a process of its own. Beside ours are the libraries that one
would take instead; each event's data is parsed everywhere.
"""

from bisect import bisect_right
from collections.abc import AsyncIterable, Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from multiprocessing.connection import Connection
import socket
import time
from typing import Any, Final

import aiohttp
import axio_sse
import httpx
import httpx_sse
from ld_eventsource import AsyncSSEClient
from ld_eventsource.config.async_connect_strategy import AsyncConnectStrategy
import orjson
from yarl import URL

from custom_components.carbis_alerts.api.event_stream import CONTENT_TYPE
from custom_components.carbis_alerts.api.stream import EventStream
from custom_components.carbis_alerts.api.transport import Transport

from ..figures import Figure, compare
from ..processes import a_process
from ..rounds import Effort, alternate

ROUNDS: Final = 7
# Between the chunks that come one by one, in seconds: long enough for each to be read
# before the next, which is how a telephone rings.
PAUSE: Final = 0.0003


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A form of stream, and the ratio that it may cost, None where noise decides."""

    name: str
    goal: float | None
    events: int
    fields: bool = False
    chunked: bool = False
    paced: bool = False

    def messages(self) -> list[bytes]:
        """Return the messages."""
        return [
            orjson.dumps(
                {
                    "device_id": "Y7d6hP0mQ2v1u8Zk3nR5tA==",
                    "event_type": "incoming_call",
                    "payload": {
                        "call_id": number,
                        "call_src": f"+7982{number % 10_000_000:07}",
                        "call_dst": str(100 + number % 20),
                        "trunk": "GSM1",
                    },
                }
            )
            for number in range(self.events)
        ]

    def blocks(self) -> list[bytes]:
        """Return the blocks of the stream."""
        if self.fields:
            return [
                b"event: incoming_call\nid: %d\ndata: %b\n\n" % (number, message)
                for number, message in enumerate(self.messages())
            ]
        return [b"data: %b\n\n" % message for message in self.messages()]


CASES: Final = {
    "data": Case(name="in bulk, data only", goal=1.6, events=20_000),
    "fields": Case(
        name="in bulk, event, id and data", goal=2.0, events=20_000, fields=True
    ),
    "chunks": Case(
        name="each event an HTTP chunk", goal=1.15, events=20_000, chunked=True
    ),
    "paced": Case(
        name="each event an HTTP chunk, one by one",
        goal=None,
        events=2_000,
        chunked=True,
        paced=True,
    ),
}


async def measure(effort: Effort) -> list[Figure]:
    """Measure all cases; the floor, ours and the libraries take turns."""
    figures: list[Figure] = []
    with a_process(serve) as port:
        url = URL.build(scheme="http", host="127.0.0.1", port=port)
        async with aiohttp.ClientSession() as session, httpx.AsyncClient() as client:
            for path, case in list(CASES.items())[:: 2 if effort.quick else 1]:
                figures.append(
                    await _measure(session, client, url / path, case, effort)
                )
    return figures


async def _measure(
    session: aiohttp.ClientSession,
    client: httpx.AsyncClient,
    url: URL,
    case: Case,
    effort: Effort,
) -> Figure:
    messages = case.messages()
    ends = list(accumulate(map(len, case.blocks())))

    async def floor() -> int:
        count = size = 0
        async with session.get(url) as response:
            while chunk := await response.content.readany():
                size += len(chunk)
                whole = bisect_right(ends, size)
                for message in messages[count:whole]:
                    orjson.loads(message)
                count = whole
        return count

    async def ours() -> int:
        count = 0
        transport = Transport(session, url.origin())
        async with EventStream(transport, url.path, headers={}) as stream:
            while count < case.events:
                for event in await stream.read():
                    orjson.loads(event.data)
                    count += 1
        return count

    async def checked(run: Callable[[], Awaitable[int]]) -> None:
        if (count := await run()) != case.events:
            raise RuntimeError(f"{count} of {case.events} events came")

    runs = {
        "floor": floor,
        "ours": ours,
        **_libraries(session, client, url, case.events),
        "again": floor,
    }
    costs = await alternate(
        {name: partial(checked, run) for name, run in runs.items()},
        effort.rounds(ROUNDS),
        units=case.events,
    )
    return compare(f"event stream, {case.name}", "µs", costs, goal=case.goal)


def _libraries(
    session: aiohttp.ClientSession, client: httpx.AsyncClient, url: URL, events: int
) -> dict[str, Callable[[], Awaitable[int]]]:
    """Return what one would take instead."""

    async def axio() -> int:
        async with session.get(url) as response:
            return await _read(axio_sse.events(response.content.iter_any()), events)

    async def launchdarkly() -> int:
        strategy = AsyncConnectStrategy.http(str(url), session=session)
        async with AsyncSSEClient(strategy) as stream:
            return await _read(stream.events, events)

    async def httpx_library() -> int:
        async with httpx_sse.aconnect_sse(client, "GET", str(url)) as source:
            return await _read(source.aiter_sse(), events)

    return {
        "axio-sse": axio,
        "launchdarkly-eventsource": launchdarkly,
        "httpx-sse": httpx_library,
    }


async def _read(stream: AsyncIterable[Any], events: int) -> int:
    """Parse the data of each event; return how many there were."""
    count = 0
    async for event in stream:
        orjson.loads(event.data)
        count += 1
        if count == events:
            # Some would connect again at the end.
            break
    return count


def serve(started: Connection) -> None:
    """Answer one request after the other; the path is the case."""
    answers = {path: _answer(case) for path, case in CASES.items()}
    with socket.create_server(("127.0.0.1", 0)) as listener:
        started.send(listener.getsockname()[1])
        while True:
            connection, _ = listener.accept()
            with connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                request = b""
                while not request.endswith(b"\r\n\r\n"):
                    request += connection.recv(65_536)
                path = request.split(b" ", 2)[1].decode().removeprefix("/")
                for piece in answers[path]:
                    connection.sendall(piece)
                    if CASES[path].paced:
                        time.sleep(PAUSE)


def _answer(case: Case) -> list[bytes]:
    """Return what is written for a case, write by write."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {CONTENT_TYPE}\r\n".encode()
    if not case.chunked:
        return [head + b"Connection: close\r\n\r\n", b"".join(case.blocks())]
    head += b"Transfer-Encoding: chunked\r\n\r\n"
    chunks = [b"%x\r\n%b\r\n" % (len(block), block) for block in case.blocks()]
    if case.paced:
        return [head, *chunks, b"0\r\n\r\n"]
    return [head, b"".join(chunks), b"0\r\n\r\n"]
