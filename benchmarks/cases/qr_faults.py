"""Every fault of a QR menu server with the default settings: what it costs.

Every fault lasts 20 seconds, long enough
for the pauses between tries to grow; all of them happen at the same time, each to a
server and an entry of its own.
"""

import asyncio
from typing import Final

from homeassistant.core import HomeAssistant

from simulator.qr_menu import QrMenuService
from tests.services.faults import FAULTS, Fault

from ..faults import fault_figures, what_is_seen
from ..figures import Figure
from ..rounds import Effort
from ..site import TOKEN, Published, a_site, add_entry

LASTS: Final = 20.0
LIMIT: Final = 90.0


async def measure(effort: Effort) -> list[Figure]:
    """Let all faults happen and return what came of each."""
    lasts = 2.0 if effort.quick else LASTS
    async with a_site() as hass:
        rows = await asyncio.gather(
            *(_measure(hass, name, fault, lasts) for name, fault in FAULTS.items())
        )
    return [figure for row in rows for figure in row]


async def _measure(
    hass: HomeAssistant, name: str, fault: Fault, lasts: float
) -> list[Figure]:
    async with QrMenuService(token=TOKEN, certificate=fault.certificate) as service:
        entry = await add_entry(hass, service, name, **fault.entry_data(service))
        published = Published(hass, entry.entry_id)
        await service.wait_for_requests(2, timeout=LIMIT)
        expected = [service.waiter_call("5")["hash"], *fault.says]
        await published.wait(lambda: bool(published.ids))
        async with fault.happens(service, hass):
            await asyncio.sleep(lasts / 2)
            missed = service.waiter_call("6")["hash"]
            await asyncio.sleep(lasts / 2)
            seen = what_is_seen(hass, entry.entry_id, entry.runtime_data)
        ended = hass.loop.time()
        expected.append(missed)
        try:
            async with asyncio.timeout(LIMIT):
                await published.wait(lambda: missed in published.times)
                await service.wait_for_requests(2, timeout=LIMIT)
        finally:
            await hass.config_entries.async_unload(entry.entry_id)
    return fault_figures(
        f"QR menu: {name}",
        seconds=max(0.0, published.times[missed] - ended),
        lost=len(set(expected) - set(published.ids)),
        twice=len(published.ids) - len(set(published.ids)),
        seen=seen,
    )
