"""Triggers: from an event to an automation's first action, and what others cost.

The floor is Home Assistant's own ``event`` trigger with the same filter, on the same
events, in a site of its own; both are measured in turns.
"""

from contextlib import AsyncExitStack
from dataclasses import replace
import statistics
import time
from typing import Any, Final

from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.setup import async_setup_component

from custom_components.carbis_alerts.const import EVENT
from custom_components.carbis_alerts.domain.events import Event, TableEvent
from custom_components.carbis_alerts.runtime.devices import HUB
from simulator.qr_menu import QrMenuService

from ..figures import Figure, compare, nearly_all
from ..rounds import Effort
from ..site import TOKEN, Published, a_site, add_entry

AUTOMATIONS: Final = 200
ROUNDS: Final = 40
EVENTS: Final = 25


class _Rival:
    """A site whose automations use one kind of trigger."""

    def __init__(self, hass: HomeAssistant, runtime: Any, event: Event) -> None:
        """Take the entry's runtime, and what is published."""
        self._hass = hass
        self._runtime = runtime
        self._event = event
        self._ran_at = 0.0
        self._number = 0
        self.device_id = runtime.devices.all[event.device_key].device_id
        self.latencies: list[float] = []
        self.costs: list[float] = []
        self.every_latency: list[float] = []
        hass.services.async_register("benchmark", "act", self._act)

    @callback
    def _act(self, _: ServiceCall) -> None:
        self._ran_at = time.perf_counter()

    async def automate(self, triggers: list[dict[str, Any]]) -> None:
        """Set up automations, each with one trigger."""
        automations = [
            {
                "id": str(number),
                "alias": f"Automation {number}",
                "mode": "queued",
                # Traces of either would be the same.
                "trace": {"stored_traces": 0},
                "triggers": [trigger],
                "actions": [{"action": "benchmark.act"}],
            }
            for number, trigger in enumerate(triggers)
        ]
        if not await async_setup_component(
            self._hass, "automation", {"automation": automations}
        ):
            raise RuntimeError("The automations cannot be set up")
        await self._hass.async_block_till_done()

    async def measure(self) -> None:
        """Publish some events; note the median time to the action, and all of it."""
        latencies: list[float] = []
        costs: list[float] = []
        for _ in range(EVENTS):
            self._number += 1
            event = replace(self._event, event_id=f"benchmark-{self._number}")
            self._ran_at = 0.0
            began = time.perf_counter()
            self._runtime.publisher.async_publish(event)
            await self._hass.async_block_till_done()
            costs.append(time.perf_counter() - began)
            if not self._ran_at:
                raise RuntimeError("No automation ran")
            latencies.append(self._ran_at - began)
        self.every_latency += latencies
        self.latencies.append(statistics.median(latencies))
        self.costs.append(statistics.median(costs))


async def measure(effort: Effort) -> list[Figure]:
    """Compare one automation, and many of which one matches."""
    many = effort.size(AUTOMATIONS)
    return [
        await _compare("event to action", effort, others=0, cost=False),
        await _compare(
            f"event to action, {many} automations, one matches",
            effort,
            others=many - 1,
            cost=True,
        ),
    ]


async def _compare(name: str, effort: Effort, *, others: int, cost: bool) -> Figure:
    async with AsyncExitStack() as stack:
        theirs, ours = [await _rival(stack) for _ in range(2)]
        await theirs.automate(
            [
                {
                    "trigger": "event",
                    "event_type": EVENT,
                    "event_data": {"type": "waiter_call", "device_id": device_id},
                }
                for device_id in _devices(theirs, others)
            ]
        )
        await ours.automate(
            [
                {
                    "trigger": "carbis_alerts.waiter_called",
                    "target": {"device_id": device_id},
                }
                for device_id in _devices(ours, others)
            ]
        )
        for _ in range(effort.rounds(ROUNDS)):
            await theirs.measure()
            await ours.measure()
            await theirs.measure()
        spent, floors = (
            [seconds * 1e6 for seconds in (rival.costs if cost else rival.latencies)]
            for rival in (ours, theirs)
        )
        return compare(
            name,
            "µs",
            {"floor": floors[::2], "ours": spent, "again": floors[1::2]},
            p99=nearly_all(ours.every_latency) * 1e6,
            note="floor: Home Assistant's event trigger",
        )


def _devices(rival: _Rival, others: int) -> list[str]:
    """Return a table that is there, and others that do not call."""
    return [rival.device_id, *(f"table-{number}" for number in range(others))]


async def _rival(stack: AsyncExitStack) -> _Rival:
    hass = await stack.enter_async_context(a_site())
    service = await stack.enter_async_context(QrMenuService(token=TOKEN))
    entry = await add_entry(hass, service, "triggers")
    events: list[Event] = []
    runtime: Any = entry.runtime_data
    runtime.signals.listen_events(
        HUB, TableEvent.entity, lambda event, *_: events.append(event)
    )
    published = Published(hass, entry.entry_id)
    await service.wait_for_requests(2, timeout=30)
    service.waiter_call("6")
    await published.wait(lambda: bool(published.ids))
    # Nobody polls but the measurement.
    await runtime.async_stop()
    (event,) = events
    return _Rival(hass, runtime, event)
