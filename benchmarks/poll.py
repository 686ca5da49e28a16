"""The cost of one poll: CPU of ours, divided by that of a bare GET and its parsing."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
import statistics
import time
from typing import Any, Final

import aiohttp
import orjson
from yarl import URL

from custom_components.carbis_alerts.api.qr_menu import QrMenuClient
from simulator.qr_menu import PATH, QrMenuService

from .house import TOKEN, a_house, add_entry

ROUNDS: Final = 30
POLLS: Final = 40

type Poll = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Ratios of CPU to the bare GET: of the medians, of the minima."""

    name: str
    median: float
    least: float


async def measure_polls() -> list[Cost]:
    """Compare, interleaved, for an answer without events and one with two."""
    costs: list[Cost] = []
    for name, events in (("empty", 0), ("two events", 2)):
        async with a_house() as hass, QrMenuService(token=TOKEN) as service:
            entry = await add_entry(hass, service, f"poll {name}")
            await service.wait_for_requests(2, timeout=30)
            source: Any = entry.runtime_data
            # Nobody polls but the measurement.
            await source.async_stop()
            for _ in range(events):
                service.waiter_call("6")
            async with aiohttp.ClientSession() as session:
                costs += await _compare(name, session, service, source.async_refresh)
    return costs


async def _compare(
    name: str, session: aiohttp.ClientSession, service: QrMenuService, poll: Poll
) -> list[Cost]:
    url = f"{service.url}{PATH}"
    client = QrMenuClient(session, URL(service.url), TOKEN)

    async def bare() -> None:
        async with session.get(
            url, params={"hash": "none"}, headers={"token": TOKEN}
        ) as answer:
            orjson.loads(await answer.read())

    async def ours() -> None:
        await client.fetch(None)

    polls: dict[str, Poll] = {
        "bare GET": bare,
        "bare GET again": bare,
        "our client": ours,
        "a poll in Home Assistant": poll,
    }
    seconds: dict[str, list[float]] = {what: [] for what in polls}
    for _ in range(ROUNDS):
        for what, function in polls.items():
            began = time.process_time()
            for _ in range(POLLS):
                await function()
            seconds[what].append(time.process_time() - began)
    floor = seconds["bare GET"]
    return [
        Cost(
            name=f"{what}, {name}",
            median=statistics.median(spent) / statistics.median(floor),
            least=min(spent) / min(floor),
        )
        for what, spent in seconds.items()
        if spent is not floor
    ]
