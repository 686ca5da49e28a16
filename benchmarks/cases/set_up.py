"""Set-up and unload of an entry with known tables, next to as many plain entities."""

import time
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from custom_components.carbis_alerts.services.raising import async_raise

from ..figures import Figure, compare
from ..plain import plain_entry
from ..rounds import Effort
from ..site import a_restaurant

TABLES: Final = (0, 30, 300)
ROUNDS: Final = 7
GOAL: Final = 3.0


async def measure(effort: Effort) -> list[Figure]:
    """Measure sites of several sizes."""
    return [
        figure
        for tables in ((0, 3) if effort.quick else TABLES)
        for figure in await _measure(tables, effort.rounds(ROUNDS))
    ]


async def _measure(tables: int, rounds: int) -> list[Figure]:
    set_ups: dict[str, list[float]] = {"floor": [], "ours": [], "again": []}
    unloads: dict[str, list[float]] = {"floor": [], "ours": [], "again": []}
    async with a_restaurant(tables) as (hass, entry):
        runtime = entry.runtime_data
        # Every table waits: what its entities show is to be found out too.
        for device in list(runtime.devices.all.values()):
            async_raise(runtime, device, None, None)
        await hass.async_block_till_done()
        count = len(hass.states.async_entity_ids())
        plain = plain_entry(hass, tables, count)
        if not await hass.config_entries.async_setup(plain.entry_id):
            raise RuntimeError("The plain entities cannot be set up")
        await hass.async_block_till_done()
        for turn in range(rounds + 1):
            for name, which in (("floor", plain), ("ours", entry), ("again", plain)):
                unload, set_up = await _reload(hass, which)
                if turn:
                    unloads[name].append(unload)
                    set_ups[name].append(set_up)
            on = [
                state
                for state in hass.states.async_all("binary_sensor")
                if state.entity_id.endswith("_waiter_called") and state.state == "on"
            ]
            if len(on) != tables:
                raise RuntimeError("The tables were not set up as they were")
    return [
        compare(f"{what}, {tables} tables", "ms", costs, goal=goal, note=note)
        for what, costs, goal, note in (
            (
                "set-up",
                set_ups,
                GOAL if tables == max(TABLES) else None,
                f"floor: {count} plain entities",
            ),
            ("unload", unloads, None, "ours with the write of the file"),
        )
    ]


async def _reload(hass: HomeAssistant, entry: ConfigEntry) -> tuple[float, float]:
    """Return the processor time of an unload and a set-up in milliseconds."""
    began = time.process_time()
    if not await hass.config_entries.async_unload(entry.entry_id):
        raise RuntimeError("The entry cannot be unloaded")
    await hass.async_block_till_done()
    unloaded = time.process_time()
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return (unloaded - began) * 1e3, (time.process_time() - unloaded) * 1e3
