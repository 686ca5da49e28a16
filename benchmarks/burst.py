"""10,000 events in one answer: all told, in order, once, and how long others wait."""

from dataclasses import dataclass
import time
from typing import Any, Final

import orjson

from simulator.faults import Faults
from simulator.qr_menu import QrMenuService

from .house import TOKEN, Told, a_house, add_entry
from .stall import watch_loop

EVENTS: Final = 10_000
TABLES: Final = 40
# What the issue allows, in seconds.
ALLOWED: Final = 0.050


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """Seconds: for all of it, the longest stall, and that of the same loop when idle."""

    answer_bytes: int
    seconds: float
    stall: float
    idle_stall: float


async def measure_burst() -> Burst:
    """Serve all events in one answer, made beforehand: the server costs nothing."""
    async with a_house() as hass, QrMenuService(token=TOKEN) as service:
        entry = await add_entry(hass, service, "burst")
        told = Told(hass, entry.entry_id)
        await service.wait_for_requests(2, timeout=30)
        hashes, answer = _answer()
        async with watch_loop() as idle:
            await service.wait_for_requests(1, timeout=30)
        began = time.perf_counter()
        async with watch_loop() as busy:
            service.faults.set(Faults(garbage=answer, times=1))
            await told.wait(lambda: len(told.ids) >= EVENTS)
            # With the store's write and the answers that follow.
            seconds = time.perf_counter() - began
            await service.wait_for_requests(2, timeout=60)
        if told.ids != hashes:
            raise RuntimeError("Not every event was told once and in order")
        return Burst(
            answer_bytes=len(answer.encode()),
            seconds=seconds,
            stall=busy.longest,
            idle_stall=idle.longest,
        )


def _answer() -> tuple[list[str], str]:
    """Return the hashes of events as the service words them, and the answer."""
    service = QrMenuService()
    events: list[dict[str, Any]] = []
    for number in range(EVENTS):
        event = (
            service.waiter_call("6")
            if number % 4
            else service.add_dishes("6", ["Борщ", "Чай"])
        )
        table = 1000 + number % TABLES
        name = {"id": table, "name": str(table), "max_guests": 4}
        events.append({**event, "table": table, "table_repr": name, "order": None})
        events[-1]["hash"] = f"0x{number:08x}"
    text = orjson.dumps({"result": True, "data": {"updates": events}}).decode()
    return [event["hash"] for event in events], text
