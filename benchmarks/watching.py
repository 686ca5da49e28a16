"""Watch a Home Assistant from outside: ask it, follow its events, call as a guest."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
import math
import os
from pathlib import Path
import sys
import time
from typing import Final

import aiohttp

from tests.real_site import RealSite

from .full_collections import Span, read_notes

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
    # Of one processor, while nobody asks, and of memory the most more than before: bytes.
    share: float = 0.0
    memory: int = 0
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
            f"| {self.kind:<18} | {self.longest * 1e3:9,.0f} ms | {self.work * 1e3:9,.0f} ms"
            f" | {self.ours * 1e3:6,.0f} ms | {self.collections:11}"
            f" | {self.guests:6.2f} s | {self.answers:7,} | {self.published:7,}"
            f" | {self.share:5.0%} | {self.memory / 2**20:5,.0f} MB | {self.board} |"
        )


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
        self._before = memory_of(site.pid)

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

    async def look_on(self, seconds: float) -> None:
        """Note what all of Home Assistant costs while nobody asks it anything."""
        worked = _time_of(self._site.pid)
        await asyncio.sleep(seconds)
        self._outcome.share = (_time_of(self._site.pid) - worked) / seconds
        self._outcome.memory = memory_of(self._site.pid) - self._before

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


def memory_of(process: int) -> int:
    """Return the most memory that a process has had, in bytes."""
    for line in Path(f"/proc/{process}/status").read_text("utf-8").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("The system does not say it")


def _time_of(process: int) -> float:
    """Return for how many seconds a process has worked, all of its threads."""
    fields = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
