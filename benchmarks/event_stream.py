"""What the event stream costs: processor time per event, as a ratio to a floor.

``python -m benchmarks.event_stream`` prints a table. The floor reads the same bytes from
the same server and parses the same messages, cut out beforehand. The server is a process
of its own. The floor is measured twice in each round: how far the two are apart is the
noise.
"""

import asyncio
from bisect import bisect_right
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
import gc
from itertools import accumulate
import multiprocessing
from multiprocessing.connection import Connection
from operator import truediv
import socket
from statistics import median
import sys
import time
from typing import Final

import aiohttp
import orjson
from yarl import URL

from custom_components.carbis_alerts.api.event_stream import CONTENT_TYPE
from custom_components.carbis_alerts.api.stream import EventStream
from custom_components.carbis_alerts.api.transport import Transport

ROUNDS: Final = 15
# Between the chunks that come one by one, in seconds: long enough for each to be read
# before the next, which is how a telephone rings.
PAUSE: Final = 0.0003

type Run = Callable[[], Awaitable[int]]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamCost:
    """What a case costs: microseconds per event, and ratios to the floor."""

    name: str
    goal: float | None
    floor: float
    ours: float
    median: float
    least: float
    noise: float


async def measure_streams(rounds: int = ROUNDS) -> list[StreamCost]:
    """Measure all cases; the floor and ours take turns."""
    costs: list[StreamCost] = []
    with _server() as url:
        async with aiohttp.ClientSession() as session:
            for path, case in CASES.items():
                costs.append(await _measure(session, url, path, case, rounds))
    return costs


async def _measure(
    session: aiohttp.ClientSession, url: URL, path: str, case: Case, rounds: int
) -> StreamCost:
    messages = case.messages()
    ends = list(accumulate(map(len, case.blocks())))

    async def floor() -> int:
        count = size = 0
        async with session.get(url / path) as response:
            while chunk := await response.content.readany():
                size += len(chunk)
                whole = bisect_right(ends, size)
                for message in messages[count:whole]:
                    orjson.loads(message)
                count = whole
        return count

    async def ours() -> int:
        count = 0
        transport = Transport(session, url)
        async with EventStream(transport, path, headers={}) as stream:
            while count < case.events:
                for event in await stream.read():
                    orjson.loads(event.data)
                    count += 1
        return count

    runs = {"floor": floor, "ours": ours, "again": floor}
    for run in runs.values():
        await _cost(run, case.events)
    costs: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            costs[name].append(await _cost(run, case.events))
    floors = [
        (first + second) / 2
        for first, second in zip(costs["floor"], costs["again"], strict=True)
    ]
    return StreamCost(
        name=case.name,
        goal=case.goal,
        floor=median(floors),
        ours=median(costs["ours"]),
        median=median(map(truediv, costs["ours"], floors, strict=True)),
        least=min(costs["ours"]) / min(costs["floor"] + costs["again"]),
        noise=median(
            max(first, second) / min(first, second)
            for first, second in zip(costs["floor"], costs["again"], strict=True)
        )
        - 1,
    )


async def _cost(run: Run, events: int) -> float:
    """Return the processor time of a run in microseconds per event."""
    gc.collect()
    begun = time.process_time()
    count = await run()
    spent = time.process_time() - begun
    if count != events:
        raise RuntimeError(f"{count} of {events} events came")
    return spent / events * 1e6


@contextmanager
def _server() -> Iterator[URL]:
    """Run the server in a process of its own."""
    context = multiprocessing.get_context("spawn")
    ours, its = context.Pipe()
    process = context.Process(target=serve, args=(its,), daemon=True)
    process.start()
    try:
        yield URL.build(scheme="http", host="127.0.0.1", port=ours.recv())
    finally:
        process.terminate()
        process.join()


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


def main() -> int:
    """Measure and print the table."""
    costs = asyncio.run(measure_streams())
    print("| stream | floor | ours | ratio (median) | (least) | goal | noise |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for cost in costs:
        goal = "" if cost.goal is None else f"{cost.goal:.2f}"
        print(
            f"| {cost.name} | {cost.floor:.2f} µs | {cost.ours:.2f} µs |"
            f" {cost.median:.2f} | {cost.least:.2f} | {goal} | {cost.noise:.0%} |"
        )
    return int(any(cost.goal is not None and cost.median > cost.goal for cost in costs))


if __name__ == "__main__":
    sys.exit(main())
