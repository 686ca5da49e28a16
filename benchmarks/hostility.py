"""How long Home Assistant answers nobody while a PBX is hostile, seen from outside."""

import argparse
import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
import logging
import math
import os
from pathlib import Path
import sys
from tempfile import TemporaryDirectory
import time
from typing import Any, Final, override

import aiohttp

from scripts.live_demo.pbx import Pbx
from scripts.live_demo.processes import Processes
from scripts.live_demo.qr_menu import QrMenu
from tests.real_site import RealSite

from .full_collections import Span, add_notes, read_notes
from .hostile_pbx import KINDS, HostilePbx, a_hostile_pbx

# Between two questions, in seconds.
PAUSE: Final = 0.005
GUEST_PAUSE: Final = 1.0
# Nobody waits longer for an answer.
PATIENCE: Final = 60.0


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What was seen during one kind of hostility: times in seconds.

    ``work`` is what the event loop worked at most before it answered: a busy machine
    makes every answer late, but not that. ``ours`` is the longest but for Python's full
    garbage collections, ``collections`` how many there were.
    """

    kind: str
    work: float = 0.0
    longest: float = 0.0
    ours: float = 0.0
    collections: int = 0
    guests: float = 0.0
    answers: int = 0
    published: int = 0
    board: str = "stays"

    def row(self) -> str:
        """Return a row of a table."""
        return (
            f"| {self.kind:<16} | {self.longest * 1e3:9,.0f} ms | {self.work * 1e3:9,.0f} ms"
            f" | {self.ours * 1e3:6,.0f} ms | {self.collections:11}"
            f" | {self.guests:6.2f} s | {self.answers:7,} | {self.published:7,} | {self.board} |"
        )


class Service(Pbx):
    """A PBX of the measurement's own address."""

    @override
    def answer(self, step: str, shown: Any) -> dict[str, Any]:
        answer = super().answer(step, shown)
        answer.pop("token", None)
        return answer


class Watcher:
    """Asks Home Assistant all the time, follows its events, and calls as a guest."""

    def __init__(self, site: RealSite, outcome: Outcome) -> None:
        """Prepare."""
        self._site = site
        self._outcome = outcome
        self._seen: dict[str, asyncio.Future[float]] = {}
        self._closing = False
        self._questions: list[Span] = []
        # The main thread's time on a processor, in nanoseconds, comes first in it.
        self._clock = Path(f"/proc/{site.pid}/task/{site.pid}/schedstat")

    @asynccontextmanager
    async def watching(self) -> AsyncGenerator[None]:
        """Watch in the meantime."""
        following = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            board = group.create_task(self._follow(following))
            await following.wait()
            tasks = [
                group.create_task(self._ask_socket()),
                group.create_task(self._ask_http()),
            ]
            guests = group.create_task(self._call())
            yield
            self._closing = True
            await guests
            for task in (*tasks, board):
                task.cancel()
        self._take_out(read_notes(self._site.config))

    def _take_out(self, collections: list[Span]) -> None:
        """Separate what Python's full collections took from what everything else did."""
        first = self._questions[0].began
        meanwhile = [span for span in collections if span.ended > first]
        self._outcome.collections = len(meanwhile)
        self._outcome.ours = max(span.without(meanwhile) for span in self._questions)

    async def _socket(self) -> aiohttp.ClientWebSocketResponse:
        assistant = self._site.assistant
        ws = await self._site.session.ws_connect(
            f"{assistant.url}/api/websocket", max_msg_size=0
        )
        await ws.receive_json()
        await ws.send_json({"type": "auth", "access_token": assistant.token})
        await ws.receive_json()
        return ws

    @contextmanager
    def _question(self) -> Iterator[None]:
        """Note how long an answer takes, and how much work comes before it."""
        began, worked = time.perf_counter(), self._worked()
        yield
        outcome = self._outcome
        self._questions.append(span := Span(began, time.perf_counter()))
        outcome.longest = max(outcome.longest, span.ended - span.began)
        outcome.work = max(outcome.work, self._worked() - worked)
        outcome.answers += 1

    def _worked(self) -> float:
        return int(self._clock.read_text().split()[0]) / 1e9

    async def _ask_socket(self) -> None:
        async with await self._socket() as ws:
            for number in range(1, sys.maxsize):
                with self._question():
                    await ws.send_json({"id": number, "type": "ping"})
                    await ws.receive()
                await asyncio.sleep(PAUSE)

    async def _ask_http(self) -> None:
        url = f"{self._site.assistant.url}/manifest.json"
        timeout = aiohttp.ClientTimeout(total=PATIENCE)
        while True:
            with self._question():
                async with self._site.session.get(url, timeout=timeout) as answer:
                    await answer.read()
            await asyncio.sleep(PAUSE)

    async def _follow(self, following: asyncio.Event) -> None:
        """Read all that happens, as a board does; come back where it is thrown out."""
        while True:
            async with await self._socket() as ws:
                for number, kind in enumerate(
                    ("carbis_alerts_event", "carbis_alerts_alert", "state_changed"), 1
                ):
                    command = {"id": number, "type": "subscribe_events"}
                    await ws.send_json({**command, "event_type": kind})
                following.set()
                async for message in ws:
                    self._take(message.data)
            self._outcome.board = "thrown out"

    def _take(self, text: str) -> None:
        self._outcome.published += text.count('"event_type":"carbis_alerts_event"')
        for event_id, seen in self._seen.items():
            if not seen.done() and event_id in text:
                seen.set_result(time.perf_counter())

    async def _call(self) -> None:
        """Call the waiter again and again."""
        while not self._closing:
            began = time.perf_counter()
            event_id = await self._site.call_waiter("6")
            seen = self._seen[event_id] = asyncio.get_running_loop().create_future()
            try:
                async with asyncio.timeout(PATIENCE):
                    waited = await seen - began
            except TimeoutError:
                waited = math.inf
            self._outcome.guests = max(self._outcome.guests, waited)
            del self._seen[event_id]
            await asyncio.sleep(GUEST_PAUSE)


async def measure(
    site: RealSite, pbx: HostilePbx, kind: str, seconds: float
) -> Outcome:
    """Add the PBX, have it turn hostile, and return what was seen."""
    simulator = {"pbx_url": pbx.url(kind), "pbx_token": ""}
    await site.add(Service, simulator=simulator)
    # Of a busy machine the loop has its part, where that is allowed.
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, site.pid, -15)
    outcome = Outcome(kind=kind)
    async with Watcher(site, outcome).watching():
        await asyncio.to_thread(pbx.release, kind)
        await asyncio.sleep(seconds)
    return outcome


async def set_up(site: RealSite) -> None:
    """Start a Home Assistant with a QR menu that notes its full collections."""
    await site.build()
    add_notes(site.config)
    await site.start()
    await site.welcome()
    await site.add(QrMenu)


@asynccontextmanager
async def a_restaurant(folder: Path) -> AsyncGenerator[RealSite]:
    """Run a Home Assistant with a QR menu."""
    processes = Processes(folder, lambda death: None)
    try:
        async with aiohttp.ClientSession() as session:
            site = RealSite(session, processes, folder)
            await set_up(site)
            yield site
    finally:
        await processes.stop()


async def run(kinds: list[str], seconds: float) -> list[Outcome]:
    """Measure each kind with a Home Assistant of its own."""
    outcomes = []
    with a_hostile_pbx() as pbx:
        for kind in kinds:
            with TemporaryDirectory(prefix="carbis-alerts-hostility-") as folder:
                async with a_restaurant(Path(folder)) as site:
                    outcomes.append(await measure(site, pbx, kind, seconds))
            print(outcomes[-1].row(), flush=True)
    return outcomes


def _go_first() -> None:
    """Have answers noted when they come, on a busy machine too, where that is allowed."""
    with suppress(OSError):
        os.sched_setscheduler(
            0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(1)
        )


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=", ".join(KINDS))
    parser.add_argument("--seconds", type=float, default=10.0)
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    _go_first()
    print(
        "| kind             | no answer    | work before  | ours      | collections"
        " | guests   | answers | events  | board |"
    )
    print(
        "| ---------------- | -----------: | -----------: | --------: | ----------:"
        " | -------: | ------: | ------: | ----- |"
    )
    asyncio.run(run(options.kinds or list(KINDS), options.seconds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
