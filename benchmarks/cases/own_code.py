"""The processor time of our own code for an event, and whether it grows with the site.

Our own code is all of it with Home Assistant's part made to cost nothing. It is compared
with what Home Assistant takes to fire one event and to write one event entity: with its
recorder, as every site has it, and without.
"""

from collections.abc import Coroutine, Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager
from functools import partial
from itertools import count, cycle, islice
from typing import Any, Final, override
from unittest.mock import patch

from homeassistant.components.event import EventEntity
from homeassistant.core import Context, EventBus, HomeAssistant, callback
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.recorder import get_instance
from pytest_homeassistant_custom_component.common import MockEntityPlatform

from custom_components.carbis_alerts.api.event_stream import EventStreamDecoder
from custom_components.carbis_alerts.api.pbx import parse_message
from custom_components.carbis_alerts.const import EVENT
from custom_components.carbis_alerts.services.raising import async_raise

from ..figures import Figure, compare
from ..pbx_server import EXTENSIONS, KINDS, PbxServer, a_pbx_server
from ..rounds import Effort, alternate
from ..site import a_restaurant, a_site, add_pbx, start_recorder

ROUNDS: Final = 9
# Events in a round; a call is three.
EVENTS: Final = 600
GOAL: Final = 0.25
SMALL: Final = 3
LARGE: Final = 300
GROWTH_GOAL: Final = 1.1


async def measure(effort: Effort) -> list[Figure]:
    """Measure SMS and calls, then waiter calls in a small and a large site."""
    figures: list[Figure] = []
    with a_pbx_server() as server:
        for is_recorded in (True, False):
            for kind in KINDS:
                async with a_site() as hass:
                    if is_recorded:
                        await start_recorder(hass)
                    figures.append(await _own(hass, server, kind, effort, is_recorded))
    return [*figures, await _growth(effort)]


async def _own(
    hass: HomeAssistant,
    server: PbxServer,
    kind: str,
    effort: Effort,
    is_recorded: bool,
) -> Figure:
    entry = await add_pbx(hass, server.url, "PBX")
    await server.accept()
    runtime: Any = entry.runtime_data
    entity = PlainEvent()
    await MockEntityPlatform(hass, domain="event").async_add_entities([entity])
    data: dict[str, Any] = {}
    hass.bus.async_listen_once(EVENT, callback(lambda event: data.update(event.data)))
    events = effort.size(EVENTS)
    blocks = (KINDS[kind](number, "GSM1") for number in count(10**6))

    async def take(number: int) -> None:
        decoder = EventStreamDecoder()
        for block in islice(blocks, number):
            for event in decoder.push(block):
                await runtime.source.async_handle(parse_message(event.data))

    async def ours() -> None:
        with without_home_assistant():
            await take(events)

    async def floor() -> None:
        attributes = dict(data)
        for _ in range(events):
            context = Context()
            hass.bus.async_fire(EVENT, data, context=context)
            entity.publish(attributes, context)
        if is_recorded:
            await get_instance(hass).async_block_till_done()

    await take(3 * EXTENSIONS)
    costs = await alternate(
        {"floor": floor, "ours": ours, "again": floor},
        effort.rounds(ROUNDS),
        units=events,
    )
    what = "with recorder" if is_recorded else "no recorder"
    return compare(
        f"own code, {kind}, ÷ one event and one entity, {what}",
        "µs",
        costs,
        goal=GOAL if is_recorded else None,
    )


async def _growth(effort: Effort) -> Figure:
    """Let a few tables call, again and again, where there are few and where many."""
    async with AsyncExitStack() as stack:
        runs: dict[str, partial[Coroutine[Any, Any, None]]] = {}
        for name, tables in (("floor", SMALL), ("ours", effort.size(LARGE))):
            hass, entry = await stack.enter_async_context(a_restaurant(tables))
            runtime = entry.runtime_data
            devices = cycle(list(runtime.devices.all.values())[:SMALL])
            runs[name] = partial(_call, hass, runtime, devices, effort.size(EVENTS))
        costs = await alternate(
            {**runs, "again": runs["floor"]},
            effort.rounds(ROUNDS),
            units=effort.size(EVENTS),
        )
    return compare(
        f"an event at {LARGE} tables ÷ at {SMALL}", "µs", costs, goal=GROWTH_GOAL
    )


async def _call(
    hass: HomeAssistant, source: Any, devices: Iterator[Any], events: int
) -> None:
    for _ in range(events):
        async_raise(source, next(devices), None, None)
    await hass.async_block_till_done()


class PlainEvent(EventEntity):
    """An event entity as Home Assistant has it."""

    _attr_should_poll = False
    _attr_name = "Plain"

    def __init__(self) -> None:
        """Take its only type of event."""
        self._attr_event_types = ["call"]

    @callback
    def publish(self, attributes: dict[str, Any], context: Context) -> None:
        """Show an event."""
        self._trigger_event("call", attributes)
        self.async_set_context(context)
        self.async_write_ha_state()


class QuietBus(EventBus):
    """Stands for a bus that costs nothing."""

    @override
    def async_fire(self, *_: Any, **__: Any) -> None:
        """Do nothing."""


@contextmanager
def without_home_assistant() -> Iterator[None]:
    """Let what Home Assistant does with an event cost nothing."""
    with ExitStack() as stack:
        stack.enter_context(patch.object(EventBus, "async_fire", QuietBus.async_fire))
        for owner, name in (
            (Entity, "_async_write_ha_state"),
            (EventEntity, "_trigger_event"),
        ):
            stack.enter_context(patch.object(owner, name, lambda *_: None))
        yield
