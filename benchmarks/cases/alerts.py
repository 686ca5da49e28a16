"""What alerts cost: one transition in a site where every table waits."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
import gc
from statistics import median
import time
from typing import Any, Final

from homeassistant.core import Event, HomeAssistant, callback
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.carbis_alerts.const import ALERT_EVENT
from custom_components.carbis_alerts.domain.actor import Actor
from custom_components.carbis_alerts.domain.alert import Alert
from custom_components.carbis_alerts.runtime.runtime import ServiceRuntime
from custom_components.carbis_alerts.services.raising import async_raise

from ..figures import Figure, nearly_all
from ..rounds import Effort
from ..site import a_restaurant

TABLES: Final = 300
# Presses of a day: each table is called and answered five times.
ALERTS: Final = 3_000


async def measure(effort: Effort) -> list[Figure]:
    """Measure a transition, the states that it writes, and the entry's timers."""
    tables = effort.size(TABLES)
    async with a_restaurant(tables) as (hass, entry):
        spent, written, timers = await _transitions(hass, entry, effort)
    return [
        Figure(
            name=f"an alert's transition, {tables} tables waiting",
            unit="µs",
            ours=median(spent) * 1e6,
            p99=nearly_all(spent) * 1e6,
            note=f"{len(spent):,} transitions, {written / len(spent):.1f} states each",
        ),
        Figure(name="timers of an entry", unit="", ours=timers, goal=1),
    ]


async def _transitions(
    hass: HomeAssistant, entry: MockConfigEntry, effort: Effort
) -> tuple[list[float], int, int]:
    """Let all tables call, be answered, and call again, as in a day."""
    runtime: ServiceRuntime = entry.runtime_data
    devices = list(runtime.devices.all.values())
    published = written = 0

    @callback
    def note(_: Event[Any]) -> None:
        nonlocal published
        published += 1

    @callback
    def note_write(_: Event[Any]) -> None:
        nonlocal written
        written += 1

    hass.bus.async_listen(ALERT_EVENT, note)
    hass.bus.async_listen("state_changed", note_write)
    spent: list[float] = []
    # As Home Assistant does once it has started.
    gc.collect()
    gc.freeze()

    def timed(function: Callable[[], object]) -> None:
        # Of this thread: the disk is written in another.
        began = time.thread_time()
        function()
        spent.append(time.thread_time() - began)

    for turn in range(max(2, effort.size(ALERTS) // len(devices))):
        for device in devices:
            timed(lambda device=device: async_raise(runtime, device, None, None))  # type: ignore[misc]
        await hass.async_block_till_done()
        if turn % 2:
            # All that are open, one by one, as people acknowledge them.
            for alert in runtime.alerts.book.alerts:
                timed(partial(_acknowledge, runtime, alert))
            await hass.async_block_till_done()
    if published != len(spent):
        raise RuntimeError(f"{published} of {len(spent)} transitions were published")
    job = runtime.alerts._timer._job  # noqa: SLF001
    timers = sum(
        not handle.cancelled() and str(job) in str(handle._args)  # noqa: SLF001
        for handle in hass.loop._scheduled  # type: ignore[attr-defined]  # noqa: SLF001
    )
    gc.unfreeze()
    return spent, written, timers


def _acknowledge(runtime: ServiceRuntime, alert: Alert) -> None:
    """Acknowledge one, which takes no turn of the loop."""
    with suppress(StopIteration):
        runtime.alerts.async_acknowledge([alert], Actor("Анна"), None).send(None)
