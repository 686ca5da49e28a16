"""Every fault of a PBX's event stream with the default settings: what it costs.

Faults that last do so for 20
seconds, long enough for the pauses between tries to grow; all of them happen at the
same time, each to a server and an entry of its own. The PBX replays nothing, so the
next event is one that it sends as soon as somebody listens again; lost is what was sent
as a whole while somebody listened.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from homeassistant.core import HomeAssistant

from simulator.pbx import PbxService
from tests.services.pbx_faults import FAULTS, Fault

from ..faults import fault_figures, what_is_seen
from ..figures import Figure
from ..rounds import Effort
from ..site import Published, a_site, add_pbx

LASTS: Final = 20.0
LIMIT: Final = 120.0
PAUSE: Final = 0.005
GUEST: Final = "+79821234567"


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
    async with PbxService() as service:
        entry = await add_pbx(hass, service.url, name)
        published = Published(hass, entry.entry_id)
        await service.wait_for_streams(1, timeout=LIMIT)
        runtime = entry.runtime_data
        service.sms(GUEST, "before")
        await published.wait(lambda: len(published.ids) == 1)
        async with fault.happens(service, runtime):
            ended = hass.loop.time()
            if fault.lasts:
                await asyncio.sleep(lasts)
                seen = what_is_seen(hass, entry.entry_id, runtime)
            else:
                failures = int(fault.error is not None)
                await _until(lambda: runtime.statistics.failures.total() >= failures)
                seen = what_is_seen(hass, entry.entry_id, runtime)
        if fault.lasts:
            ended = hass.loop.time()
        if fault.is_final:
            seen += "; stays until a person reloads"
            await hass.config_entries.async_reload(entry.entry_id)
        await _until(
            lambda: service.streams == 1 and entry.runtime_data.connection.is_up
        )
        service.sms(GUEST, "after")
        expected = 2 + len(fault.says)
        try:
            async with asyncio.timeout(LIMIT):
                await published.wait(lambda: len(published.ids) >= expected)
            seconds = published.times[published.ids[-1]] - ended
            # Whatever would come twice does so by now.
            await asyncio.sleep(1)
            streams = service.streams
        finally:
            await hass.config_entries.async_unload(entry.entry_id)
    return [
        *fault_figures(
            f"PBX: {name}",
            seconds=seconds,
            lost=max(0, expected - len(set(published.ids))),
            twice=len(published.ids) - len(set(published.ids)),
            seen=seen,
        ),
        Figure(name=f"PBX: {name}: connections", unit="", ours=streams, goal=1),
    ]


async def _until(condition: Callable[[], bool]) -> None:
    """Wait until something holds that signals nobody when it begins to."""
    async with asyncio.timeout(LIMIT):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(PAUSE)
