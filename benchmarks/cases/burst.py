"""10,000 events in one answer: all published, in order, once, and how long others wait."""

import time
from typing import Any, Final

import orjson

from simulator.faults import Faults
from simulator.qr_menu import QrMenuService

from ..figures import Figure
from ..rounds import Effort
from ..site import TOKEN, Published, a_site, add_entry
from ..stall import watch_loop

EVENTS: Final = 10_000
TABLES: Final = 40
# What may be, in seconds.
ALLOWED: Final = 0.050


async def measure(effort: Effort) -> list[Figure]:
    """Serve all events in one answer, made beforehand: the server costs nothing."""
    count = effort.size(EVENTS)
    async with a_site() as hass, QrMenuService(token=TOKEN) as service:
        entry = await add_entry(hass, service, "burst")
        published = Published(hass, entry.entry_id)
        await service.wait_for_requests(2, timeout=30)
        hashes, answer = _answer(count)
        async with watch_loop() as idle:
            await service.wait_for_requests(1, timeout=30)
        began = time.perf_counter()
        async with watch_loop() as busy:
            service.faults.set(Faults(garbage=answer, times=1))
            await published.wait(lambda: len(published.ids) >= count)
            # With the store's write and the answers that follow.
            seconds = time.perf_counter() - began
            await service.wait_for_requests(2, timeout=60)
        if published.ids != hashes:
            raise RuntimeError("Not every event was published once and in order")
        return [
            Figure(
                name=f"{count:,} events in one answer: longest hold of the loop",
                unit="ms",
                ours=busy.longest * 1e3,
                goal=ALLOWED * 1e3,
                note=(
                    f"{len(answer.encode()) / 1e6:.1f} MB, all published in {seconds:.1f} s;"
                    f" {idle.longest * 1e3:.1f} ms with nothing to do"
                ),
            )
        ]


def _answer(count: int) -> tuple[list[str], str]:
    """Return the hashes of events as the service words them, and the answer."""
    service = QrMenuService()
    events: list[dict[str, Any]] = []
    for number in range(count):
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
