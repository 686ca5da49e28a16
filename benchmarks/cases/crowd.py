"""What very many open alerts cost: one event more, and what changes all of them."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
import gc
from statistics import median
import time
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.carbis_alerts.const import DOMAIN
from custom_components.carbis_alerts.domain.alert import Alert
from custom_components.carbis_alerts.domain.alerts import MAX_ALERTS
from custom_components.carbis_alerts.domain.lifecycle import State
from custom_components.carbis_alerts.domain.rules import AlertKind
from custom_components.carbis_alerts.runtime.devices import HUB
from custom_components.carbis_alerts.runtime.runtime import ServiceRuntime
from custom_components.carbis_alerts.services.raising import async_raise

from ..figures import Figure, nearly_all
from ..rounds import Effort
from ..site import a_restaurant
from ..stall import watch_loop

TABLES: Final = 100
FEW: Final = 100
EVENTS: Final = 400
# How long anything else may wait, in milliseconds, and what an event may cost.
HELD: Final = 30.0
EVENT: Final = 2.0


async def measure(effort: Effort) -> list[Figure]:
    """Measure an event beside few and very many, then each thing that changes all."""
    crowd = effort.size(MAX_ALERTS - TABLES - 1)
    async with a_restaurant(TABLES) as (hass, entry):
        gc.collect()
        gc.freeze()
        few = await _events(hass, entry, effort)
        await fill(hass, entry, crowd)
        many = await _events(hass, entry, effort)
        figures = [
            Figure(
                name=f"an event, {crowd:,} alerts open, beside {FEW}",
                unit="ms",
                floor=median(few) * 1e3,
                ours=median(many) * 1e3,
                ratio=median(many) / median(few),
                goal=1.5,
                p99=nearly_all(many) * 1e3,
                note=f"goal of p99 {EVENT:g} ms",
            )
        ]
        all_of_them = Crowd(hass, entry, crowd)
        for name, run in all_of_them.steps().items():
            await all_of_them.fill()
            figures.append(await held(hass, name, run))
        gc.unfreeze()
    return figures


async def fill(hass: HomeAssistant, entry: MockConfigEntry, count: int) -> None:
    """Have so many alerts open, at all tables, as if they had been stored."""
    runtime: ServiceRuntime = entry.runtime_data
    keys = [*runtime.devices.all]
    now = dt_util.utcnow()
    for number in range(count):
        key = keys[number % len(keys)]
        alert = Alert(
            alert_id=f"crowd-{now.timestamp()}-{number}",
            kind=AlertKind.WAITER_CALL,
            key=f"crowd-{number}",
            title=f"Стол {number}",
            text="Принесите, пожалуйста, счёт",
            device_key=key,
            state=State.OPEN,
            count=1,
            opened_at=now,
            changed_at=now,
        )
        runtime.alerts.book.restore([alert.as_dict()])
    runtime.alert_events.async_publish([], None)
    await hass.async_block_till_done()


async def held(
    hass: HomeAssistant, name: str, run: Callable[[], Awaitable[object]]
) -> Figure:
    """Return how long the loop is held at a time while something is done."""
    # What Python's full collections look at is not ours alone.
    gc.collect()
    gc.freeze()
    began = time.perf_counter()
    # By what this thread worked: on a busy machine others hold it up too.
    async with watch_loop(time.thread_time) as stalls:
        await run()
        await hass.async_block_till_done()
    return Figure(
        name=f"longest hold: {name}",
        unit="ms",
        ours=stalls.longest * 1e3,
        goal=HELD,
        note=f"{time.perf_counter() - began:.2f} s, {stalls.yields:,} turns",
    )


class Crowd:
    """What changes or reads all alerts of an entry."""

    def __init__(self, hass: HomeAssistant, entry: MockConfigEntry, count: int) -> None:
        """Take how many there are."""
        self._hass = hass
        self._entry = entry
        self._count = count

    def steps(self) -> dict[str, Callable[[], Awaitable[object]]]:
        """Return each by its name, in an order in which there is something to do."""
        return {
            "get_alerts": partial(self.act, DOMAIN, "get_alerts"),
            "all stored": self.store,
            "the clock is set": partial(self.shift, timedelta(seconds=10)),
            "all overdue": partial(self.shift, timedelta(seconds=-121)),
            "acknowledge, by its action": partial(
                self.act, DOMAIN, "acknowledge", "event", "activity"
            ),
            "reopen": partial(self.act, DOMAIN, "reopen", "event", "activity"),
            "acknowledge, by the button": partial(
                self.act, "button", "press", "button", "acknowledge_all"
            ),
            "remove completed": partial(
                self.act, "todo", "remove_completed_items", "todo", "alerts"
            ),
            "all expire": partial(self.shift, timedelta(hours=-2)),
            "the day ends": self.end_day,
        }

    async def fill(self) -> None:
        """Have them open again."""
        if len(self._runtime.alerts.book) < self._count:
            await fill(self._hass, self._entry, self._count)

    @property
    def _runtime(self) -> ServiceRuntime:
        runtime: ServiceRuntime = self._entry.runtime_data
        return runtime

    async def act(self, domain: str, action: str, *entity: str) -> None:
        """Perform an action, on an entity of the hub's."""
        data = {}
        if entity:
            entity_domain, key = entity
            unique_id = self._runtime.devices.unique_id(HUB, key)
            registry = er.async_get(self._hass)
            data["entity_id"] = registry.async_get_entity_id(
                entity_domain, DOMAIN, unique_id
            )
        await self._hass.services.async_call(
            domain, action, data, blocking=True, return_response=domain == DOMAIN
        )

    async def store(self) -> None:
        """Write the entry's file."""
        store = self._runtime.store
        store.async_changed()
        await store._store.async_save(store._async_collect())  # noqa: SLF001

    async def shift(self, by: timedelta) -> None:
        """Set the clock, or let time pass; wait until nothing of it is left to do."""
        self._runtime.alerts.book.shift(by)
        await self._settled()

    async def end_day(self) -> None:
        """Let a day end."""
        self._runtime.alerts._figures.day -= timedelta(days=1)  # noqa: SLF001
        self._runtime.alerts.book.shift(timedelta(days=-1))
        await self._settled()

    async def _settled(self) -> None:
        alerts = self._runtime.alerts
        timer: Any = alerts._timer  # noqa: SLF001
        timer.async_tick()
        while timer._behind or alerts.book.is_behind(dt_util.utcnow()):  # noqa: ASYNC110, SLF001
            await asyncio.sleep(0)


async def _events(
    hass: HomeAssistant, entry: MockConfigEntry, effort: Effort
) -> list[float]:
    """Return what events cost, each at one of the tables."""
    runtime: ServiceRuntime = entry.runtime_data
    spent = []
    devices = [*runtime.devices.all.values()]
    for device in devices:
        async_raise(runtime, device, None, None)
    await hass.async_block_till_done()
    for number in range(effort.size(EVENTS)):
        began = time.thread_time()
        async_raise(runtime, devices[number % len(devices)], None, None)
        spent.append(time.thread_time() - began)
        if number % 20 == 0:
            await hass.async_block_till_done()
    await hass.async_block_till_done()
    return spent
