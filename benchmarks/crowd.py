"""How long Home Assistant answers nobody while 5,000 alerts change, seen from outside.

Run with ``python -m benchmarks.crowd``; a real Home Assistant, a board and two to-do
cards that look on, about two minutes.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
import sys
from tempfile import TemporaryDirectory
import time
from typing import Any, Final

import aiohttp

from custom_components.carbis_alerts.domain.alerts import MAX_ALERTS
from scripts.live_demo.processes import Processes
from scripts.live_demo.stream import Stream
from tests.real_site import RealSite

from .full_collections import Span, read_notes
from .hostility import set_up

# Those that the simulator's restaurant has.
TABLES: Final = 8
CALLS: Final = 100
PAUSE: Final = 0.003
# How often a question about what has become of it is asked, in seconds.
LOOK: Final = 0.2

HUB: Final = "qr_menu_127_0_0_1"
ACTIVITY: Final = f"event.{HUB}_activity"
TODO: Final = f"todo.{HUB}_alerts"
OPEN_CALLS: Final = f"sensor.{HUB}_open_calls"
BUTTON: Final = f"button.{HUB}_acknowledge_all"


@dataclass(slots=True)
class Held:
    """What was seen during a step, in seconds.

    ``work`` is what the event loop worked at most before it answered, ``ours`` the same
    but for Python's full garbage collections, ``cost`` what it worked in all.
    """

    name: str
    took: float
    cost: float
    longest: float
    work: float
    ours: float

    def row(self) -> str:
        """Return a row of a table."""
        return (
            f"| {self.name:<27} | {self.took:7.2f} s | {self.cost:7.2f} s"
            f" | {self.longest * 1e3:7.0f} ms"
            f" | {self.work * 1e3:7.0f} ms | {self.ours * 1e3:7.0f} ms |"
        )


class Crowd:
    """A Home Assistant with very many alerts, which is asked all the time."""

    def __init__(self, site: RealSite, entry_id: str, stream: Stream) -> None:
        """Take the site and the entry."""
        self._site = site
        self._entry_id = entry_id
        self.stream = stream
        self._clock = Path(f"/proc/{site.pid}/task/{site.pid}/schedstat")
        self._questions: list[tuple[Span, float]] = []

    @asynccontextmanager
    async def watched(self) -> AsyncGenerator[None]:
        """Ask all the time in the meantime, and look on as a board and two cards do."""
        todo = {"type": "todo/item/subscribe", "entity_id": TODO}
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(self._ask()),
                group.create_task(self._look_on({"type": "carbis_alerts/subscribe"})),
                group.create_task(self._look_on(todo)),
                group.create_task(self._look_on(todo)),
            ]
            await asyncio.sleep(1)
            yield
            for task in tasks:
                task.cancel()

    async def step(self, name: str, work: Callable[[], Awaitable[object]]) -> Held:
        """Do something; return how long nobody else was answered."""
        self._questions.clear()
        began, worked = time.perf_counter(), self._worked()
        await work()
        took, cost = time.perf_counter() - began, self._worked() - worked
        # What is left for the end of the second.
        await asyncio.sleep(1.5)
        collections = read_notes(self._site.config)
        held = Held(
            name,
            took,
            cost,
            longest=max(span.ended - span.began for span, _ in self._questions),
            work=max(worked for _, worked in self._questions),
            ours=max(
                worked
                for span, worked in self._questions
                if not any(
                    other.began < span.ended and span.began < other.ended
                    for other in collections
                )
            ),
        )
        print(held.row(), flush=True)
        return held

    async def fill(self, unchanged_for: timedelta, *, overdue: bool) -> None:
        """Have very many open alerts in the entry's file, and load it."""
        await self.stream.command(
            "config_entries/disable", entry_id=self._entry_id, disabled_by="user"
        )
        path = self._site.config / ".storage" / f"carbis_alerts.{self._entry_id}"
        await asyncio.to_thread(_fill, path, datetime.now(UTC) - unchanged_for, overdue)
        await self.enable()

    async def enable(self) -> None:
        """Load the entry."""
        await self.stream.command(
            "config_entries/disable", entry_id=self._entry_id, disabled_by=None
        )
        await self.until(lambda count: count is not None)

    async def until(self, is_reached: Callable[[int | None], bool]) -> None:
        """Wait until so many calls are open."""
        while True:
            state = await self.stream.state(OPEN_CALLS)
            is_known = state is not None and state.isdecimal()
            if is_reached(int(state or 0) if is_known else None):
                return
            await asyncio.sleep(LOOK)

    async def _socket(self) -> aiohttp.ClientWebSocketResponse:
        assistant = self._site.assistant
        socket = await self._site.session.ws_connect(
            f"{assistant.url}/api/websocket", max_msg_size=0
        )
        await socket.receive()
        await socket.send_json({"type": "auth", "access_token": assistant.token})
        await socket.receive()
        return socket

    async def _ask(self) -> None:
        async with await self._socket() as socket:
            for number in range(1, sys.maxsize):
                began, worked = time.perf_counter(), self._worked()
                await socket.send_json({"id": number, "type": "ping"})
                await socket.receive()
                span = Span(began, time.perf_counter())
                self._questions.append((span, self._worked() - worked))
                await asyncio.sleep(PAUSE)

    async def _look_on(self, command: dict[str, Any]) -> None:
        """Take what is sent, and read nothing: that would cost who asks."""
        async with await self._socket() as socket:
            await socket.send_json({"id": 1, **command})
            while (await socket.receive()).type is aiohttp.WSMsgType.TEXT:
                pass

    def _worked(self) -> float:
        return int(self._clock.read_text().split()[0]) / 1e9


def _fill(path: Path, since: datetime, overdue: bool) -> None:
    stored = json.loads(path.read_text("utf-8"))
    alerts = stored["data"]["alerts"]
    tables = [f"table_{number}" for number in range(1, TABLES + 1)]
    alerts["alerts"] = [
        {
            "alert_id": f"crowd-{since.timestamp()}-{number}",
            "kind": "waiter_call",
            "key": f"crowd-{number}",
            "title": f"Стол {number}",
            "text": "Принесите, пожалуйста, счёт",
            "place": tables[number % TABLES],
            "state": "open",
            "count": 1,
            "opened_at": since.isoformat(),
            "changed_at": since.isoformat(),
            "acknowledged_at": None,
            "by": None,
            "person_id": None,
            "answered": False,
            "overdue": overdue,
        }
        for number in range(MAX_ALERTS - TABLES)
    ]
    path.write_text(json.dumps(stored), "utf-8")


async def run(crowd: Crowd, site: RealSite) -> list[Held]:
    """Do all that changes very many alerts."""
    stream = crowd.stream

    async def call() -> None:
        for number in range(CALLS):
            await site.call_waiter(str(1 + number % TABLES))
            await asyncio.sleep(0.02)
        await asyncio.sleep(3)

    async def expire() -> None:
        await crowd.fill(timedelta(minutes=61), overdue=True)
        await crowd.until(lambda count: count == 0)

    async def end_day() -> None:
        await crowd.fill(timedelta(days=1), overdue=True)
        await crowd.until(lambda count: count == 0)

    held = []
    async with crowd.watched():
        for name, work in {
            "nothing": lambda: asyncio.sleep(5),
            f"{CALLS} events, {TABLES} alerts": call,
            "loaded": lambda: crowd.fill(timedelta(), overdue=False),
            f"{CALLS} events": call,
            "acknowledged by the action": lambda: stream.ask(
                "carbis_alerts.acknowledge", entity_id=ACTIVITY
            ),
            "all returned": lambda: stream.ask("carbis_alerts.get_alerts"),
            "reopened": lambda: stream.ask("carbis_alerts.reopen", entity_id=ACTIVITY),
            "acknowledged by the button": lambda: stream.act(
                "button.press", entity_id=BUTTON
            ),
            "completed removed": lambda: stream.act(
                "todo.remove_completed_items", entity_id=TODO
            ),
            "loaded, all overdue": lambda: crowd.fill(
                timedelta(minutes=10), overdue=False
            ),
            "loaded, all expired": expire,
            "loaded, the day has ended": end_day,
        }.items():
            held.append(await crowd.step(name, work))
    return held


async def measure() -> list[Held]:
    """Measure with a Home Assistant of its own."""
    with TemporaryDirectory(prefix="carbis-alerts-crowd-") as name:
        processes = Processes(Path(name), lambda death: None)
        try:
            async with aiohttp.ClientSession() as session:
                site = RealSite(session, processes, Path(name))
                await set_up(site)
                for table in range(1, TABLES + 1):
                    await site.call_waiter(str(table))
                async with await site.stream() as stream:
                    entries = await stream.command("config_entries/get")
                    (entry_id,) = (
                        entry["entry_id"]
                        for entry in entries
                        if entry["domain"] == "carbis_alerts"
                    )
                    crowd = Crowd(site, entry_id, stream)
                    await crowd.until(lambda count: count == TABLES)
                    return await run(crowd, site)
        finally:
            await processes.stop()


def main() -> int:
    """Measure and print."""
    print(
        f"| {'step':<27} |      took |      cost |  no answer |       work |       ours |"
    )
    print(
        f"| {'-' * 27} | --------: | --------: | ---------: | ---------: | ---------: |"
    )
    asyncio.run(measure())
    return 0


if __name__ == "__main__":
    sys.exit(main())
