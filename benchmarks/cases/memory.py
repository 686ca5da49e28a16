"""Memory: of an entry with many tables at rest, and what a burst of events leaves."""

import asyncio
import gc
import tracemalloc
from typing import Any, Final
from unittest.mock import patch

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import Event, HomeAssistant, callback

from custom_components.carbis_alerts.const import EVENT
from custom_components.carbis_alerts.domain.journal import MAX_ENTRIES

from ..figures import Figure
from ..pbx_server import PbxServer, a_pbx_server
from ..plain import plain_entry
from ..rounds import Effort
from ..site import a_restaurant, a_site, add_pbx

TABLES: Final = 300
BURST: Final = 100_000
MIB: Final = 1024 * 1024
ENTITIES_GOAL: Final = 4.0
GROWTH_GOAL: Final = 0.5
# For how long, in seconds, the measured source knows a repeat; else a minute.
REPEAT_WINDOW: Final = 2.0
PAUSE: Final = 0.003


async def measure(effort: Effort) -> list[Figure]:
    """Measure both."""
    return [await _at_rest(effort.size(TABLES)), *await _burst(effort.size(BURST))]


async def _at_rest(tables: int) -> Figure:
    """Set up an entry and as many plain entities, one after the other."""
    async with a_restaurant(tables) as (hass, entry):
        count = len(hass.states.async_entity_ids())
        plain = plain_entry(hass, tables, count)
        # Both once before: what is made once, such as modules and registries.
        await hass.config_entries.async_setup(plain.entry_id)
        for known in (plain, entry):
            await _unload(hass, known)
        tracemalloc.start()
        sizes: list[float] = []
        for known in (plain, entry):
            before = _size()
            await hass.config_entries.async_setup(known.entry_id)
            await hass.async_block_till_done()
            sizes.append((_size() - before) / MIB)
            await _unload(hass, known)
        tracemalloc.stop()
    floor, ours = sizes
    return Figure(
        name=f"memory, {tables} tables above {count} plain entities",
        unit="MiB",
        ours=ours - floor,
        goal=ENTITIES_GOAL,
        note=f"{ours:.2f} MiB and {floor:.2f} MiB",
    )


async def _unload(hass: HomeAssistant, entry: ConfigEntry) -> None:
    if not await hass.config_entries.async_unload(entry.entry_id):
        raise RuntimeError("The entry cannot be unloaded")
    await hass.async_block_till_done()


async def _burst(burst: int) -> list[Figure]:
    """Send a burst, wait until no repeat of it is known, and send one more event."""
    window = patch(
        "custom_components.carbis_alerts.services.pbx.source.REPEAT_WINDOW",
        REPEAT_WINDOW,
    )
    with window, a_pbx_server() as server:
        async with a_site() as hass:
            entry = await add_pbx(hass, server.url, "PBX")
            await server.accept()
            source: Any = entry.runtime_data
            published = [0]

            @callback
            def note(_: Event[Any]) -> None:
                published[0] += 1

            hass.bus.async_listen(EVENT, note)
            # Once before, for whatever is made once.
            await _send(server, published, 1_000)
            await _settle(server, published)
            tracemalloc.start()
            before = _size()
            await _send(server, published, burst)
            full, known = _size(), len(source.journal)
            await _settle(server, published)
            after = _size()
            tracemalloc.stop()
    return [
        Figure(
            name=f"memory, growth after {burst:,} events",
            unit="MiB",
            ours=(after - before) / MIB,
            goal=GROWTH_GOAL,
            note=f"while repeats of them are known {(full - before) / MIB:.1f} MiB",
        ),
        Figure(name="ids known at most", unit="", ours=known, goal=MAX_ENTRIES),
    ]


async def _settle(server: PbxServer, published: list[int]) -> None:
    """Wait until what came before is forgotten and written."""
    await asyncio.sleep(REPEAT_WINDOW + 1)
    await _send(server, published, 1)
    await asyncio.sleep(2)


async def _send(server: PbxServer, published: list[int], events: int) -> None:
    """Send a burst of SMS and wait until the site knows all of it."""
    wanted = published[0] + events
    await server.burst("SMS", events)
    while published[0] < wanted:  # noqa: ASYNC110
        await asyncio.sleep(PAUSE)


def _size() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]
