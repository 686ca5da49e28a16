"""A queue of WhatsApp messages: ours next to a bare loop on aiohttp.

The bare loop receives, parses and deletes each notification, and once a second writes a
file as large as ours. The simulator is a process of its own.
"""

import asyncio
from collections.abc import Callable
from functools import partial
import gc
from pathlib import Path
from tempfile import TemporaryDirectory
import time
from typing import Any, Final

import aiohttp
from homeassistant.core import HomeAssistant
import orjson
from yarl import URL

from custom_components.carbis_alerts.api.green_api import GreenApiClient

from ..figures import Figure, compare
from ..processes import a_simulator
from ..rounds import Effort, Run
from ..site import Published, a_site, add_whatsapp

NOTIFICATIONS: Final = 1_000
ROUNDS: Final = 7
GOAL: Final = 1.2
WRITE_INTERVAL: Final = 1.0


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

    async def fill(self, number: int) -> None:
        """Let guests write."""
        for _ in range(number):
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
    session: aiohttp.ClientSession,
    queue: Queue,
    number: int,
    target: Path,
    content: bytes,
    publish: Callable[[int], None] | None = None,
) -> None:
    """Receive, parse and delete until the queue is empty, and write a file meanwhile."""
    loop = asyncio.get_running_loop()
    next_write = 0.0
    receive, delete = queue.url("receiveNotification"), queue.url("deleteNotification")
    for index in range(number):
        async with session.get(receive, params={"receiveTimeout": "20"}) as answer:
            receipt = orjson.loads(await answer.read())["receiptId"]
        if publish is not None:
            publish(index)
        if loop.time() >= next_write:
            await loop.run_in_executor(None, target.write_bytes, content)
            next_write = loop.time() + WRITE_INTERVAL
        async with session.delete(f"{delete}/{receipt}") as answer:
            orjson.loads(await answer.read())


def publish_bare(hass: HomeAssistant, number: int) -> None:
    """Do what any integration has to for a message that waits: events and states.

    Two events, and three states: of an event entity, a count, and a list.
    """
    fields = {f"field_{index}": "Анна" for index in range(20)}
    for name in ("message", "alert"):
        hass.bus.async_fire(f"benchmark_{name}", {**fields, "number": number})
    hass.states.async_set("event.plain", str(number), {**fields, "number": number})
    for name in ("sensor.plain", "todo.plain"):
        hass.states.async_set(name, str(number), {"friendly_name": name})


async def drain_with_client(client: GreenApiClient, number: int) -> None:
    """Drain the queue with our client alone."""
    for _ in range(number):
        received = await client.receive()
        if received is None or received.receipt_id is None:
            raise RuntimeError("The queue ended too early")
        await client.delete(received.receipt_id)


async def measure(effort: Effort) -> list[Figure]:
    """Drain in turns: bare, our client, ours, bare."""
    number, rounds = effort.size(NOTIFICATIONS), effort.rounds(ROUNDS)
    with TemporaryDirectory() as folder:
        target = Path(folder, "floor")
        async with (
            a_simulator() as simulator,
            aiohttp.ClientSession() as session,
            a_site() as hass,
        ):
            entry = await add_whatsapp(hass, simulator)
            runtime: Any = entry.runtime_data
            queue = Queue(session, simulator)
            published = Published(hass, entry.entry_id)
            client = GreenApiClient(
                session,
                URL(simulator["green_api_url"]),
                simulator["green_api_instance_id"],
                simulator["green_api_token"],
            )

            async def ours() -> None:
                seen = len(published.ids)
                task = asyncio.create_task(runtime.source._async_session())  # noqa: SLF001
                await published.wait(lambda: len(published.ids) >= seen + number)
                while await queue.waiting():  # noqa: ASYNC110
                    await asyncio.sleep(0)
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

            async with runtime.task.async_paused():
                # Once for nothing: then the file is there, and as large as it gets.
                await queue.fill(number)
                await ours()
                await hass.async_block_till_done()
                stored = Path(hass.config.path(".storage"))
                content = await asyncio.to_thread(_stored, stored)
                bare = partial(drain_bare, session, queue, number, target, content)
                runs: dict[str, Run] = {
                    "floor": bare,
                    "ours": ours,
                    "our client alone": partial(drain_with_client, client, number),
                    "bare with events and states": partial(
                        bare, publish=partial(publish_bare, hass)
                    ),
                    "again": bare,
                }
                costs = await _drain(queue, number, runs, rounds)
            if (
                not len(published.ids)
                == len(set(published.ids))
                == number * (rounds + 1)
            ):
                raise RuntimeError("Not every notification was published once")
    return [
        compare(f"{number:,} WhatsApp messages, {what}", "µs", spent, goal=GOAL)
        for what, spent in costs.items()
    ]


async def _drain(
    queue: Queue, number: int, runs: dict[str, Run], rounds: int
) -> dict[str, dict[str, list[float]]]:
    """Return what each run took for a message, by the processor and by the clock."""
    clocks = {"processor": time.process_time, "time": time.perf_counter}
    costs: dict[str, dict[str, list[float]]] = {
        what: {name: [] for name in runs} for what in clocks
    }
    for _ in range(rounds):
        for name, run in runs.items():
            await queue.fill(number)
            gc.collect()
            began = {what: clock() for what, clock in clocks.items()}
            await run()
            for what, clock in clocks.items():
                costs[what][name].append((clock() - began[what]) / number * 1e6)
    return costs


def _stored(folder: Path) -> bytes:
    """Return the file of the entry."""
    return next(folder.glob("carbis_alerts.*")).read_bytes()
