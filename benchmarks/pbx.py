"""What a call costs on its way from the PBX to the house, and how long it takes.

``python -m benchmarks.pbx`` prints three tables: the time from the server's write to the
bus, next to a bare loop on aiohttp that reads the same stream; the processor time of
our own code per event, next to what Home Assistant itself spends on one; and what a
burst of 100,000 events leaves in the memory. The server is a process of its own.
"""

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
import gc
from itertools import count, islice
import logging
import multiprocessing
from multiprocessing.connection import Connection
from operator import truediv
import socket
from statistics import median
import sys
import time
import tracemalloc
from typing import Any, Final, override
from unittest.mock import patch

import aiohttp
from homeassistant.components.event import EventEntity
from homeassistant.core import Context, Event, EventBus, HomeAssistant, callback
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.recorder import async_initialize_recorder, get_instance
from homeassistant.setup import async_setup_component
import orjson
from pytest_homeassistant_custom_component.common import MockEntityPlatform

from custom_components.carbis_alerts.api.event_stream import (
    CONTENT_TYPE,
    EventStreamDecoder,
)
from custom_components.carbis_alerts.api.pbx import parse_message
from custom_components.carbis_alerts.const import EVENT
from custom_components.carbis_alerts.model.journal import MAX_ENTRIES
from custom_components.carbis_alerts.sources.pbx import REPEAT_WINDOW

from .house import a_house, add_pbx

LATENCY_GOAL: Final = 1.3
OWN_GOAL: Final = 0.25
ROUNDS: Final = 15
# Events to each reader in a round, and the seconds between two.
PACED: Final = 60
PAUSE: Final = 0.003
# Calls in a round of the measurement of our own code; each is three events.
CALLS: Final = 200
BURST: Final = 100_000

EXTENSIONS: Final = 20
HEAD: Final = (
    f"HTTP/1.1 200 OK\r\nContent-Type: {CONTENT_TYPE}\r\n"
    "Transfer-Encoding: chunked\r\n\r\n"
).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Microseconds of the floor and of ours, and ratios."""

    name: str
    goal: float | None
    floor: float
    ours: float
    median: float
    least: float
    noise: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Bytes and entries of the journal around a burst."""

    events: int
    before: int
    full: int
    journal_full: int
    after: int
    journal_after: int


# What the server sends


def sms(number: int, mark: str) -> bytes:
    """Return an SMS; the mark is where the bus event has it too."""
    payload = {"sms_src": "+79821234567", "text": f"SMS {number}", "trunk": mark}
    return _message("incoming_sms", payload)


def call(number: int, mark: str) -> bytes:
    """Return the next event of one call after the other: ring, talk, end."""
    step = number % 3
    payload: dict[str, Any] = {"call_id": number // 3, "trunk": mark}
    if step < 2:
        payload["call_src"] = f"+7982{number // 3:07}"
        payload["call_dst"] = str(100 + number // 3 % EXTENSIONS)
    else:
        payload |= {"record_id": str(number), "duration": 42, "status": "success"}
    return _message(("incoming_call", "start_talk", "call_end")[step], payload)


KINDS: Final = {"SMS": sms, "calls": call}


def _message(event_type: str, payload: dict[str, Any]) -> bytes:
    message = {
        "device_id": "Y7d6hP0mQ2v1u8Zk3nR5tA==",
        "event_type": event_type,
        "payload": payload,
    }
    return b"data: %b\n\n" % orjson.dumps(message)


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def serve(commands: Connection) -> None:
    """Do what the measurement says: accept streams, and send to them."""
    streams: list[socket.socket] = []
    numbers = {kind: count() for kind in KINDS}
    with socket.create_server(("127.0.0.1", 0)) as listener:
        commands.send(listener.getsockname()[1])
        while True:
            command, *arguments = commands.recv()
            if command == "accept":
                stream, _ = listener.accept()
                stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                request = b""
                while not request.endswith(b"\r\n\r\n"):
                    request += stream.recv(65_536)
                stream.sendall(HEAD)
                streams.append(stream)
            elif command == "pace":
                kind, events = arguments
                for number in islice(numbers[kind], events):
                    for stream in streams:
                        mark = str(time.monotonic_ns())
                        stream.sendall(_chunk(KINDS[kind](number, mark)))
                        time.sleep(PAUSE)
            else:
                kind, events = arguments
                data = b"".join(
                    _chunk(KINDS[kind](number, ""))
                    for number in islice(numbers[kind], events)
                )
                for stream in streams:
                    stream.sendall(data)
            commands.send(None)


class Server:
    """A server in a process of its own that does as it is told."""

    def __init__(self, commands: Connection) -> None:
        """Wait until it listens."""
        self._commands = commands
        self.url = f"http://127.0.0.1:{commands.recv()}"

    async def do(self, command: str, *arguments: Any) -> None:
        """Have a command done."""
        self._commands.send((command, *arguments))
        await asyncio.to_thread(self._commands.recv)


@contextmanager
def a_server() -> Iterator[Server]:
    """Run the server."""
    context = multiprocessing.get_context("spawn")
    ours, its = context.Pipe()
    process = context.Process(target=serve, args=(its,), daemon=True)
    process.start()
    try:
        yield Server(ours)
    finally:
        process.terminate()
        process.join()


# From the server's write to the bus


@asynccontextmanager
async def a_bare_reader(
    session: aiohttp.ClientSession, server: Server
) -> AsyncGenerator[list[int]]:
    """Read the stream as simply as can be; yield how long each event took (ns)."""
    taken: list[int] = []

    async def read() -> None:
        async with session.get(server.url, timeout=aiohttp.ClientTimeout()) as response:
            async for chunk in response.content.iter_any():
                for block in chunk.split(b"\n\n")[:-1]:
                    message = orjson.loads(block.removeprefix(b"data: "))
                    sent = int(message["payload"]["trunk"])
                    taken.append(time.monotonic_ns() - sent)

    task = asyncio.create_task(read())
    await server.do("accept")
    yield taken
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def measure_latency() -> list[Row]:
    """Send to two bare readers and to the house in turns."""
    rows: list[Row] = []
    for kind in KINDS:
        with a_server() as server:
            async with (
                aiohttp.ClientSession() as session,
                a_house() as hass,
                a_bare_reader(session, server) as first,
                a_bare_reader(session, server) as second,
            ):
                ours: list[int] = []
                _listen(hass, ours)
                await add_pbx(hass, server.url, "PBX")
                await server.do("accept")
                # Once around all extensions: then their devices exist.
                await server.do("pace", kind, 3 * EXTENSIONS)
                rounds: list[tuple[float, float, float]] = []
                for _ in range(ROUNDS):
                    for taken in (first, second, ours):
                        taken.clear()
                    await server.do("pace", kind, PACED)
                    while len(ours) < PACED:  # noqa: ASYNC110
                        await asyncio.sleep(PAUSE)
                    rounds.append((median(first), median(second), median(ours)))
                rows.append(
                    _row(
                        f"{kind}, from the write to the bus",
                        LATENCY_GOAL,
                        [(one / 1e3, two / 1e3, own / 1e3) for one, two, own in rounds],
                    )
                )
    return rows


def _listen(hass: HomeAssistant, taken: list[int]) -> None:
    @callback
    def note(event: Event[dict[str, Any]]) -> None:
        taken.append(time.monotonic_ns() - int(event.data["trunk"]))

    hass.bus.async_listen(EVENT, note)


# The processor time of our own code


class PlainEvent(EventEntity):
    """An event entity as Home Assistant has it."""

    _attr_should_poll = False
    _attr_name = "Plain"

    def __init__(self) -> None:
        """Take its only type of event."""
        self._attr_event_types = ["call"]

    @callback
    def tell(self, attributes: dict[str, Any], context: Context) -> None:
        """Show an event."""
        self._trigger_event("call", attributes)
        self.async_set_context(context)
        self.async_write_ha_state()


class QuietBus(EventBus):
    """Stands for a bus that costs nothing."""

    @override
    def async_fire(self, *_: Any, **__: Any) -> None:
        """Do nothing."""


@contextmanager
def without_home_assistant() -> Iterator[None]:
    """Let what Home Assistant does with an event cost nothing."""
    with ExitStack() as stack:
        stack.enter_context(patch.object(EventBus, "async_fire", QuietBus.async_fire))
        for owner, name in (
            (Entity, "_async_write_ha_state"),
            (EventEntity, "_trigger_event"),
        ):
            stack.enter_context(patch.object(owner, name, lambda *_: None))
        yield


async def measure_own() -> list[Row]:
    """Compare our own code with what Home Assistant spends, without and with recorder.

    Every house has a recorder unless somebody has taken it out.
    """
    rows: list[Row] = []
    with a_server() as server:
        for kind in KINDS:
            for is_recorded in (False, True):
                async with a_house() as hass:
                    if is_recorded:
                        await _start_recorder(hass)
                    rows.append(await _measure_own(hass, server, kind, is_recorded))
    return rows


async def _measure_own(
    hass: HomeAssistant, server: Server, kind: str, is_recorded: bool
) -> Row:
    entry = await add_pbx(hass, server.url, "PBX")
    await server.do("accept")
    source: Any = entry.runtime_data
    entity = PlainEvent()
    await MockEntityPlatform(hass, domain="event").async_add_entities([entity])
    data: dict[str, Any] = {}
    hass.bus.async_listen_once(EVENT, callback(lambda event: data.update(event.data)))
    blocks = (KINDS[kind](number, "GSM1") for number in count(10**6))

    async def ours(blocks: list[bytes]) -> None:
        decoder = EventStreamDecoder()
        for block in blocks:
            for event in decoder.feed(block):
                await source.async_handle(parse_message(event.data))

    async def floor(blocks: list[bytes]) -> None:
        attributes = dict(data)
        for _ in blocks:
            context = Context()
            hass.bus.async_fire(EVENT, data, context=context)
            entity.tell(attributes, context)
        if is_recorded:
            await get_instance(hass).async_block_till_done()

    await ours(list(islice(blocks, 3 * EXTENSIONS)))
    rounds: list[tuple[float, float, float]] = []
    for _ in range(ROUNDS):
        batch = list(islice(blocks, 3 * CALLS))
        one = await _cost(floor(batch), len(batch))
        two = await _cost(floor(batch), len(batch))
        with without_home_assistant():
            own = await _cost(ours(batch), len(batch))
        rounds.append((one, two, own))
    what = "with recorder" if is_recorded else "core alone"
    return _row(f"{kind}, our own code ÷ {what}", OWN_GOAL, rounds)


async def _start_recorder(hass: HomeAssistant) -> None:
    async_initialize_recorder(hass)
    url = f"sqlite:///{hass.config.path('home-assistant_v2.db')}"
    if not await async_setup_component(hass, "recorder", {"recorder": {"db_url": url}}):
        raise RuntimeError("The recorder does not start")
    await get_instance(hass).async_recorder_ready.wait()


async def _cost(run: Coroutine[Any, Any, None], events: int) -> float:
    """Return the processor time of a run in microseconds per event."""
    gc.collect()
    begun = time.process_time()
    await run
    return (time.process_time() - begun) / events * 1e6


def _row(
    name: str, goal: float | None, rounds: list[tuple[float, float, float]]
) -> Row:
    floors = [(one + two) / 2 for one, two, _ in rounds]
    ours = [own for _, _, own in rounds]
    return Row(
        name=name,
        goal=goal,
        floor=median(floors),
        ours=median(ours),
        median=median(map(truediv, ours, floors, strict=True)),
        least=min(ours) / min(min(one, two) for one, two, _ in rounds),
        noise=median(max(one, two) / min(one, two) for one, two, _ in rounds) - 1,
    )


# What a burst leaves


async def measure_memory() -> Memory:
    """Send a burst, wait until no repeat of it is known, and send one more event."""
    with a_server() as server:
        async with a_house() as hass:
            entry = await add_pbx(hass, server.url, "PBX")
            await server.do("accept")
            told = [0]

            @callback
            def note(_: Event[dict[str, Any]]) -> None:
                told[0] += 1

            hass.bus.async_listen(EVENT, note)
            source: Any = entry.runtime_data
            # Once before, for whatever is made once.
            await _send(server, told, 1_000)
            await asyncio.sleep(REPEAT_WINDOW + 1)
            await _send(server, told, 1)
            gc.collect()
            tracemalloc.start()
            before = tracemalloc.get_traced_memory()[0]
            await _send(server, told, BURST)
            # With the write of the store.
            await asyncio.sleep(2)
            gc.collect()
            full, journal_full = tracemalloc.get_traced_memory()[0], len(source.journal)
            await asyncio.sleep(REPEAT_WINDOW + 1)
            await _send(server, told, 1)
            await asyncio.sleep(2)
            gc.collect()
            after = tracemalloc.get_traced_memory()[0]
            tracemalloc.stop()
            return Memory(
                events=told[0],
                before=before,
                full=full,
                journal_full=journal_full,
                after=after,
                journal_after=len(source.journal),
            )


async def _send(server: Server, told: list[int], events: int) -> None:
    """Send a burst of SMS and wait until the house knows all of it."""
    wanted = told[0] + events
    await server.do("burst", "SMS", events)
    while told[0] < wanted:  # noqa: ASYNC110
        await asyncio.sleep(PAUSE)


def main() -> int:
    """Measure and print the tables."""
    logging.disable(logging.CRITICAL)
    rows = [*asyncio.run(measure_latency()), *asyncio.run(measure_own())]
    print("| PBX | floor | ours | ratio (median) | (least) | goal | noise |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for row in rows:
        print(
            f"| {row.name} | {row.floor:.0f} µs | {row.ours:.0f} µs |"
            f" {row.median:.2f} | {row.least:.2f} | {row.goal:.2f} | {row.noise:.0%} |"
        )
    sys.stdout.flush()
    memory = asyncio.run(measure_memory())
    print(f"\nA burst of {BURST:,} events: {memory.events:,} told")
    print(
        f"  while repeats of it are known   {memory.full - memory.before:+11,} bytes,"
        f" {memory.journal_full:,} in the journal (at most {MAX_ENTRIES:,})"
    )
    print(
        f"  after that                      {memory.after - memory.before:+11,} bytes,"
        f" {memory.journal_after:,} in the journal"
    )
    return int(
        memory.journal_full > MAX_ENTRIES
        or any(row.goal is not None and row.median > row.goal for row in rows)
    )


if __name__ == "__main__":
    sys.exit(main())
