"""What very many open alerts cost: one event more, and what changes all of them."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
import gc
from statistics import median
import time
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_component import DATA_INSTANCES
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.carbis_alerts.const import DOMAIN
from custom_components.carbis_alerts.domain.alert import Alert
from custom_components.carbis_alerts.domain.alerts import MAX_ALERTS
from custom_components.carbis_alerts.domain.lifecycle import State
from custom_components.carbis_alerts.domain.rules import AlertKind
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
        for name, run in steps(hass, entry, crowd).items():
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
    async with watch_loop() as stalls:
        await run()
        await hass.async_block_till_done()
    return Figure(
        name=f"longest hold: {name}",
        unit="ms",
        ours=stalls.longest * 1e3,
        goal=HELD,
        note=f"{time.perf_counter() - began:.2f} s, {stalls.yields:,} turns",
    )


def steps(
    hass: HomeAssistant, entry: MockConfigEntry, crowd: int
) -> dict[str, Callable[[], Awaitable[object]]]:
    """Return what changes or reads all alerts, each by its name."""

    def runtime() -> ServiceRuntime:
        found: ServiceRuntime = entry.runtime_data
        return found

    async def act(domain: str, action: str, **data: Any) -> None:
        await hass.services.async_call(
            domain, action, data, blocking=True, return_response=domain == DOMAIN
        )

    def entity(domain: str, key: str) -> Any:
        component: Any = hass.data[DATA_INSTANCES][domain]
        unique_id = runtime().devices.unique_id("hub", key)
        return next(e for e in component.entities if e.unique_id == unique_id)

    async def until(is_over: Callable[[], bool]) -> None:
        import asyncio

        while not is_over():
            await asyncio.sleep(0)

    async def acknowledge_all() -> None:
        await act(
            DOMAIN, "acknowledge", entity_id=entity("event", "activity").entity_id
        )

    async def reopen_all() -> None:
        await act(DOMAIN, "reopen", entity_id=entity("event", "activity").entity_id)

    async def press() -> None:
        await act(
            "button", "press", entity_id=entity("button", "acknowledge_all").entity_id
        )

    async def remove_completed() -> None:
        await act(
            "todo",
            "remove_completed_items",
            entity_id=entity("todo", "alerts").entity_id,
        )

    async def get_alerts() -> None:
        await act(DOMAIN, "get_alerts")

    async def store() -> None:
        await runtime().store._store.async_save(runtime().store._async_collect())  # noqa: SLF001

    async def clock() -> None:
        runtime().alerts.book.shift(timedelta(seconds=10))
        runtime().alerts._timer.async_schedule()  # noqa: SLF001
        await until(lambda: not runtime().alerts.book._times._owed)  # noqa: SLF001

    def later(**by: float) -> Callable[[], Awaitable[None]]:
        async def pass_by() -> None:
            timer = runtime().alerts._timer  # noqa: SLF001
            book = runtime().alerts.book
            book.shift(-timedelta(**by))
            timer.async_schedule()
            await until(
                lambda: not timer._is_behind and not book.is_behind(dt_util.utcnow())  # noqa: SLF001
            )

        return pass_by

    async def refill() -> None:
        await fill(hass, entry, crowd)

    async def end_of_day() -> None:
        alerts = runtime().alerts
        alerts.book.shift(-timedelta(days=1))
        alerts._figures.day -= timedelta(days=1)  # noqa: SLF001
        alerts._timer.async_tick()  # noqa: SLF001
        await until(lambda: not len(alerts.book))

    async def reload() -> None:
        await hass.config_entries.async_reload(entry.entry_id)
        await runtime().task.async_cancel()

    return {
        "get_alerts": get_alerts,
        "all stored": store,
        "the clock is set": clock,
        "reloaded": reload,
        "all overdue": later(seconds=121),
        "acknowledge all, by its action": acknowledge_all,
        "reopen all": reopen_all,
        "acknowledge all, by the button": press,
        "remove completed": remove_completed,
        "as many again": refill,
        "all expire": later(hours=2),
        "as many again, and": refill,
        "end of the day": end_of_day,
    }


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
