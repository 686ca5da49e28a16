"""A queue of 1,000 WhatsApp notifications: ours next to a bare loop on aiohttp.

``python -m benchmarks.green_api`` prints a table. The bare loop receives, parses and
deletes each notification, and once a second writes a file as large as ours. The
simulator is a process of its own. The bare loop is measured twice in each round: how
far the two are apart is the noise.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
import gc
import logging
from operator import truediv
from pathlib import Path
from statistics import median
import sys
from tempfile import TemporaryDirectory
import time
from typing import Any, Final

import aiohttp
from homeassistant.const import CONF_TOKEN, CONF_URL
from homeassistant.core import HomeAssistant
import orjson
from yarl import URL

from custom_components.carbis_alerts.api.green_api import GreenApiClient
from custom_components.carbis_alerts.const import CONF_INSTANCE_ID, CONF_SERVICE

from .house import Told, a_house, set_up
from .processes import a_simulator

NOTIFICATIONS: Final = 1_000
ROUNDS: Final = 7
GOAL: Final = 1.2
WRITE_INTERVAL: Final = 1.0

type Drain = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """Seconds that a queue took: of the processor, and of the day."""

    cpu: float
    wall: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """Ours to the bare loop, and how far two bare loops are apart."""

    name: str
    goal: float | None
    floor: float
    ours: float
    median: float
    least: float
    noise: float


class Queue:
    """The queue of a gateway in another process."""

    def __init__(
        self, session: aiohttp.ClientSession, simulator: dict[str, Any]
    ) -> None:
        """Take what the simulator says of itself."""
        self._session = session
        self._simulator = simulator
        self._sent = 0

    def url(self, method: str) -> str:
        """Return the address of a method of the API."""
        return "/".join(
            (
                self._simulator["green_api_url"],
                f"waInstance{self._simulator['green_api_instance_id']}",
                method,
                self._simulator["green_api_token"],
            )
        )

    async def fill(self) -> None:
        """Let guests write."""
        for _ in range(NOTIFICATIONS):
            self._sent += 1
            guest = f"7982{self._sent % 20:07}@c.us"
            body = {
                "typeWebhook": "incomingMessageReceived",
                "instanceData": {
                    "idInstance": 1101000001,
                    "wid": "79001234567@c.us",
                    "typeInstance": "whatsapp",
                },
                "timestamp": int(time.time()),
                "idMessage": f"F7AEC1B7086ECDC7E6E45923F5{self._sent:014X}",
                "senderData": {
                    "chatId": guest,
                    "sender": guest,
                    "chatName": "Анна",
                    "senderName": "Анна",
                    "senderContactName": "",
                },
                "messageData": {
                    "typeMessage": "textMessage",
                    "textMessageData": {"textMessage": "Есть столик на двоих?"},
                },
            }
            async with self._session.post(
                f"{self._simulator['green_api_url']}/", json=body
            ) as answer:
                answer.raise_for_status()

    async def waiting(self) -> int:
        """Return how many notifications wait."""
        async with self._session.get(f"{self._simulator['control_url']}/state") as said:
            state = orjson.loads(await said.read())
        return int(state["green_api"]["queued"])


async def drain_bare(
    session: aiohttp.ClientSession, queue: Queue, target: Path, content: bytes
) -> None:
    """Receive, parse and delete until the queue is empty, and write a file meanwhile."""
    loop = asyncio.get_running_loop()
    next_write = 0.0
    receive, delete = queue.url("receiveNotification"), queue.url("deleteNotification")
    for _ in range(NOTIFICATIONS):
        async with session.get(receive, params={"receiveTimeout": "20"}) as answer:
            receipt = orjson.loads(await answer.read())["receiptId"]
        if loop.time() >= next_write:
            await loop.run_in_executor(None, target.write_bytes, content)
            next_write = loop.time() + WRITE_INTERVAL
        async with session.delete(f"{delete}/{receipt}") as answer:
            orjson.loads(await answer.read())


async def drain_with_client(client: GreenApiClient) -> None:
    """Drain the queue with our client alone."""
    for _ in range(NOTIFICATIONS):
        received = await client.receive()
        if received is None or received.receipt_id is None:
            raise RuntimeError("The queue ended too early")
        await client.delete(received.receipt_id)


@asynccontextmanager
async def a_source(
    hass: HomeAssistant, simulator: dict[str, Any]
) -> AsyncGenerator[Any]:
    """Set up an account and keep it away from the queue."""
    entry = await set_up(
        hass,
        "WhatsApp …4567",
        {
            CONF_SERVICE: "green_api",
            CONF_URL: simulator["green_api_url"],
            CONF_INSTANCE_ID: simulator["green_api_instance_id"],
            CONF_TOKEN: simulator["green_api_token"],
        },
    )
    source: Any = entry.runtime_data
    async with source.async_paused():
        yield entry


async def measure(rounds: int = ROUNDS) -> list[Ratio]:
    """Drain in turns: bare, ours, bare."""
    with TemporaryDirectory() as folder:
        target = Path(folder, "floor")
        async with (
            a_simulator() as simulator,
            aiohttp.ClientSession() as session,
            a_house() as hass,
            a_source(hass, simulator) as entry,
        ):
            queue = Queue(session, simulator)
            told = Told(hass, entry.entry_id)
            stored = Path(hass.config.path(".storage"))

            async def bare() -> None:
                await drain_bare(session, queue, target, content)

            async def ours() -> None:
                seen = len(told.ids)
                task = asyncio.create_task(entry.runtime_data._async_session())  # noqa: SLF001
                await told.wait(lambda: len(told.ids) >= seen + NOTIFICATIONS)
                while await queue.waiting():  # noqa: ASYNC110
                    await asyncio.sleep(0)
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

            # Once for nothing: then the file is there, and as large as it gets.
            await queue.fill()
            await ours()
            await hass.async_block_till_done()
            content = await asyncio.to_thread(_stored, stored)
            client = GreenApiClient(
                session,
                URL(simulator["green_api_url"]),
                simulator["green_api_instance_id"],
                simulator["green_api_token"],
            )

            async def ours_alone() -> None:
                await drain_with_client(client)

            runs: dict[str, Drain] = {
                "bare": bare,
                "client": ours_alone,
                "ours": ours,
                "again": bare,
            }
            spent: dict[str, list[Spent]] = {name: [] for name in runs}
            for _ in range(rounds):
                for name, run in runs.items():
                    await queue.fill()
                    spent[name].append(await _spent(run))
            if not len(told.ids) == len(set(told.ids)) == NOTIFICATIONS * (rounds + 1):
                raise RuntimeError("Not every notification was told once")
    return [
        _ratio(f"{what}: {title}", spent, name, read, goal)
        for what, read in READINGS.items()
        for name, title, goal in (
            ("client", "our client alone", None),
            ("ours", "all of it in Home Assistant", GOAL),
        )
    ]


def _stored(folder: Path) -> bytes:
    """Return the file of the entry."""
    return next(folder.glob("carbis_alerts.*")).read_bytes()


async def _spent(run: Drain) -> Spent:
    gc.collect()
    cpu, wall = time.process_time(), time.perf_counter()
    await run()
    return Spent(cpu=time.process_time() - cpu, wall=time.perf_counter() - wall)


READINGS: Final[dict[str, Callable[[Spent], float]]] = {
    "processor": lambda spent: spent.cpu,
    "time": lambda spent: spent.wall,
}


def _ratio(
    title: str,
    spent: dict[str, list[Spent]],
    name: str,
    read: Callable[[Spent], float],
    goal: float | None,
) -> Ratio:
    bare, ours, again = (
        [read(one) for one in spent[which]] for which in ("bare", name, "again")
    )
    floors = [(first + second) / 2 for first, second in zip(bare, again, strict=True)]
    return Ratio(
        name=title,
        goal=goal,
        floor=median(floors),
        ours=median(ours),
        median=median(map(truediv, ours, floors, strict=True)),
        least=min(ours) / min(bare + again),
        noise=median(
            max(first, second) / min(first, second)
            for first, second in zip(bare, again, strict=True)
        )
        - 1,
    )


def main() -> int:
    """Measure and print the table."""
    logging.disable(logging.CRITICAL)
    ratios = asyncio.run(measure())
    print(f"{NOTIFICATIONS:,} notifications")
    print("| | bare loop | ours | ratio (median) | (least) | goal | noise |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for ratio in ratios:
        goal = "" if ratio.goal is None else f"{ratio.goal:.2f}"
        print(
            f"| {ratio.name} | {ratio.floor:.2f} s | {ratio.ours:.2f} s |"
            f" {ratio.median:.2f} | {ratio.least:.2f} | {goal} | {ratio.noise:.0%} |"
        )
    return int(
        any(ratio.goal is not None and ratio.median > ratio.goal for ratio in ratios)
    )


if __name__ == "__main__":
    sys.exit(main())
