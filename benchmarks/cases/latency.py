"""From a service's write to the bus: ours next to a bare loop on aiohttp that fires too.

Every message carries the time at which it was written. The bare loop reads, parses and
fires an event with what it got, in the same process, on the same bus and at the same
pace. Calls are compared with one that writes as many plain states before, too: what an
automation looks at has to be there before the event that starts it.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from multiprocessing.connection import Connection
from statistics import median
import time
from typing import Any, Final

import aiohttp
from homeassistant.const import CONF_TOKEN, CONF_URL
from homeassistant.core import Event, HomeAssistant, callback
import orjson

from custom_components.carbis_alerts.const import CONF_INSTANCE_ID, CONF_SERVICE, EVENT

from ..figures import Figure, compare, nearly_all
from ..pbx_server import EXTENSIONS, KINDS, PbxServer, a_pbx_server
from ..processes import a_process
from ..rounds import Effort
from ..site import a_site, add_pbx, set_up

ROUNDS: Final = 9
EVENTS: Final = 60
GOAL: Final = 1.3
# Seconds between two writes: with the first the processor has gone to sleep meanwhile
# and its caches are others', with the second they are hardly.
PAUSES: Final = {"after a pause": 0.003, "in a row": 0.0006}
# States of a call that change before its events, on average.
STATES: Final = 4
BARE_EVENT: Final = "benchmark_event"
TOKEN: Final = "token"

type Latencies = list[float]


async def measure(effort: Effort) -> list[Figure]:
    """Measure the three services."""
    figures: list[Figure] = []
    for kind in KINDS:
        for rate, pause in PAUSES.items():
            figures += await _pbx(effort, kind, rate, pause)
    with a_process(_serve) as port:
        url = f"http://127.0.0.1:{port}"
        figures.append(await _asked(effort, "QR menu, answer to bus", url, _qr_menu))
        figures.append(await _asked(effort, "WhatsApp, answer to bus", url, _whatsapp))
    return figures


# Pushed: the PBX


async def _pbx(effort: Effort, kind: str, rate: str, pause: float) -> list[Figure]:
    events = effort.size(EVENTS)
    with a_pbx_server() as server:
        async with aiohttp.ClientSession() as session, a_site() as hass:
            readers: dict[str, Latencies] = {}
            for name, count in (("floor", 0), ("again", 0), ("states", STATES)):
                readers[name] = await _read_bare(hass, session, server, name, count)
            readers["ours"] = _listen(hass, EVENT, "trunk")
            await add_pbx(hass, server.url, "PBX")
            await server.accept()
            # Once around all extensions: then their devices exist.
            await server.rate(kind, 3 * EXTENSIONS, pause)
            costs: dict[str, list[float]] = {name: [] for name in readers}
            all_of_ours: Latencies = []
            for _ in range(effort.rounds(ROUNDS)):
                for taken in readers.values():
                    taken.clear()
                await server.rate(kind, events, pause)
                while len(readers["ours"]) < events:  # noqa: ASYNC110
                    await asyncio.sleep(pause)
                all_of_ours += readers["ours"]
                for name, taken in readers.items():
                    costs[name].append(median(taken))
    with_states = costs.pop("states")
    name = f"PBX, {kind}, write to bus, {rate}"
    slow = nearly_all(all_of_ours)
    figures = [compare(name, "µs", costs, goal=GOAL, p99=slow)]
    if kind == "calls":
        floor = {**costs, "floor": with_states, "again": with_states}
        figures.append(compare(f"{name} ÷ with {STATES} states", "µs", floor))
    return figures


async def _read_bare(
    hass: HomeAssistant,
    session: aiohttp.ClientSession,
    server: PbxServer,
    name: str,
    states: int,
) -> Latencies:
    """Read the stream as simply as can be."""
    taken = _listen(hass, f"{BARE_EVENT}_{name}", "trunk")

    async def read() -> None:
        number = 0
        async with session.get(server.url, timeout=aiohttp.ClientTimeout()) as response:
            async for chunk in response.content.iter_any():
                for block in chunk.split(b"\n\n")[:-1]:
                    message = orjson.loads(block.removeprefix(b"data: "))
                    number += 1
                    for state in range(states):
                        hass.states.async_set(f"sensor.plain_{state}", str(number))
                    hass.bus.async_fire(f"{BARE_EVENT}_{name}", message["payload"])

    reader = hass.async_create_background_task(read(), name)
    await server.accept()
    # Held by the site from now on.
    hass.data.setdefault(BARE_EVENT, []).append(reader)
    return taken


def _listen(hass: HomeAssistant, event_type: str, key: str) -> Latencies:
    """Note how long each event took in microseconds, by the time that it carries."""
    taken: Latencies = []

    @callback
    def note(event: Event[dict[str, Any]]) -> None:
        taken.append((time.monotonic_ns() - int(event.data[key])) / 1e3)

    hass.bus.async_listen(event_type, note)
    return taken


# Asked for: the QR menu and WhatsApp

type Get = Callable[[], Awaitable[Any]]
type Rival = Callable[[int], Awaitable[None]]


@asynccontextmanager
async def _qr_menu(
    hass: HomeAssistant, session: aiohttp.ClientSession, url: str
) -> AsyncGenerator[tuple[str, Rival, Rival]]:
    """Poll, with a pause between two polls."""
    data = {CONF_SERVICE: "qr_menu", CONF_URL: url, CONF_TOKEN: TOKEN}
    entry = await set_up(hass, "QR menu", data)
    runtime: Any = entry.runtime_data
    await hass.async_block_till_done()
    await asyncio.sleep(0.1)
    await runtime.task.async_cancel()

    async def bare(polls: int) -> None:
        for _ in range(polls):
            await asyncio.sleep(PAUSES["after a pause"])
            async with session.get(
                f"{url}/api/v4/events",
                params={"hash": "0x0"},
                headers={"token": TOKEN},
            ) as answer:
                document = orjson.loads(await answer.read())
            for event in document["data"]["updates"]:
                hass.bus.async_fire(BARE_EVENT, {"mark": event["order"]["guid"]})

    async def ours(polls: int) -> None:
        for _ in range(polls):
            await asyncio.sleep(PAUSES["after a pause"])
            await runtime.source.coordinator.async_refresh()

    yield "order_id", bare, ours


@asynccontextmanager
async def _whatsapp(
    hass: HomeAssistant, session: aiohttp.ClientSession, url: str
) -> AsyncGenerator[tuple[str, Rival, Rival]]:
    """Receive, publish, delete; the service takes a pause before it answers."""
    data = {
        CONF_SERVICE: "green_api",
        CONF_URL: url,
        CONF_INSTANCE_ID: "1101000001",
        CONF_TOKEN: TOKEN,
    }
    entry = await set_up(hass, "WhatsApp", data)
    runtime: Any = entry.runtime_data
    published = _listen(hass, EVENT, "text")
    instance = f"{url}/waInstance1101000001"

    async def bare(messages: int) -> None:
        for _ in range(messages):
            async with session.get(
                f"{instance}/receiveNotification/{TOKEN}",
                params={"receiveTimeout": "20"},
            ) as answer:
                document = orjson.loads(await answer.read())
            message = document["body"]["messageData"]["textMessageData"]
            hass.bus.async_fire(BARE_EVENT, {"mark": message["textMessage"]})
            delete = f"{instance}/deleteNotification/{TOKEN}/{document['receiptId']}"
            async with session.delete(delete) as answer:
                orjson.loads(await answer.read())

    async def ours(messages: int) -> None:
        wanted = len(published) + messages
        session = hass.async_create_background_task(
            runtime.source._async_session(),  # noqa: SLF001
            "session",
        )
        while len(published) < wanted:  # noqa: ASYNC110
            await asyncio.sleep(PAUSES["after a pause"])
        session.cancel()
        await asyncio.gather(session, return_exceptions=True)

    async with runtime.task.async_paused():
        yield "text", bare, ours


async def _asked(effort: Effort, name: str, url: str, service: Any) -> Figure:
    events = effort.size(EVENTS)
    all_of_ours: Latencies = []
    costs: dict[str, list[float]] = {"floor": [], "ours": [], "again": []}
    async with (
        aiohttp.ClientSession() as session,
        a_site() as hass,
        service(hass, session, url) as (key, bare, ours),
    ):
        bare_taken = _listen(hass, BARE_EVENT, "mark")
        our_taken = _listen(hass, EVENT, key)
        rivals = {
            "floor": (bare, bare_taken),
            "ours": (ours, our_taken),
            "again": (bare, bare_taken),
        }
        for turn in range(effort.rounds(ROUNDS) + 1):
            for which, (run, taken) in rivals.items():
                taken.clear()
                await run(events)
                if turn:
                    costs[which].append(median(taken))
                    if which == "ours":
                        all_of_ours += taken
    return compare(name, "µs", costs, goal=GOAL, p99=nearly_all(all_of_ours))


def _serve(started: Connection) -> None:
    """Answer each request with something new, stamped when it is written."""
    asyncio.run(_serve_for_ever(started))


async def _serve_for_ever(started: Connection) -> None:
    server = await asyncio.start_server(_answer_all, "127.0.0.1", 0)
    started.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


async def _answer_all(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    number = 0
    while True:
        try:
            request = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError, ConnectionResetError:
            return
        number += 1
        if b"/receiveNotification/" in request:
            await asyncio.sleep(PAUSES["after a pause"])
        document = _document(request, number)
        body = orjson.dumps(document)
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
        )


def _document(request: bytes, number: int) -> dict[str, Any]:
    """Return what is answered to a request."""
    mark = str(time.monotonic_ns())
    if b"/api/v4/events" in request:
        event = {
            "hash": f"0x{mark}",
            "code": "dishes_added",
            "table": 6,
            "order": {"guid": mark, "sum": 1200},
            "invoice": {"session": [{"name": "Чай", "count": 1, "price": 200}]},
        }
        return {"result": True, "data": {"updates": [event]}}
    if b"/getStateInstance/" in request:
        return {"stateInstance": "authorized"}
    if b"/deleteNotification/" in request:
        return {"result": True}
    guest = "79821234567@c.us"
    return {
        "receiptId": number,
        "body": {
            "typeWebhook": "incomingMessageReceived",
            "instanceData": {"idInstance": 1101000001, "wid": "79001234567@c.us"},
            "timestamp": int(time.time()),
            "idMessage": mark,
            "senderData": {"chatId": guest, "sender": guest, "senderName": "Анна"},
            "messageData": {
                "typeMessage": "textMessage",
                "textMessageData": {"textMessage": mark},
            },
        },
    }
