"""Every fault of a PBX's event stream with the default settings: what it costs.

``python -m benchmarks.pbx_faults`` prints a table. Faults that last do so for 20
seconds, long enough for the pauses between tries to grow; all of them happen at the
same time, each to a server and an entry of its own. The PBX replays nothing, so the
next event is one that it sends as soon as somebody listens again; lost is what was sent
as a whole while somebody listened.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
import logging
import sys
from typing import Final

from homeassistant.core import HomeAssistant

from simulator.pbx import PbxService
from tests.sources.pbx_faults import FAULTS, Fault

from .faults import what_is_seen
from .house import Told, a_house, add_pbx

LASTS: Final = 20.0
LIMIT: Final = 120.0
PAUSE: Final = 0.005
GUEST: Final = "+79821234567"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What a fault led to; ``seconds`` from its end to the next event.

    Of a fault that is over at once its end is its beginning. ``streams`` are those that
    were open then.
    """

    name: str
    seen: str
    seconds: float
    lost: int
    twice: int
    streams: int


async def measure() -> list[Row]:
    """Let all faults happen and return what came of each."""
    async with a_house() as hass:
        return await asyncio.gather(
            *(_measure(hass, name, fault) for name, fault in FAULTS.items())
        )


async def _measure(hass: HomeAssistant, name: str, fault: Fault) -> Row:
    async with PbxService() as service:
        entry = await add_pbx(hass, service.url, name)
        told = Told(hass, entry.entry_id)
        await service.wait_for_streams(1, timeout=LIMIT)
        source = entry.runtime_data
        service.sms(GUEST, "before")
        await told.wait(lambda: len(told.ids) == 1)
        async with fault.happens(service, source):
            ended = hass.loop.time()
            if fault.lasts:
                await asyncio.sleep(LASTS)
                seen = what_is_seen(hass, entry.entry_id, source)
            else:
                failures = int(fault.error is not None)
                await _until(lambda: source.statistics.failures.total() >= failures)
                seen = what_is_seen(hass, entry.entry_id, source)
        if fault.lasts:
            ended = hass.loop.time()
        if fault.is_final:
            seen += "; stays until a person reloads"
            await hass.config_entries.async_reload(entry.entry_id)
        await _until(
            lambda: service.streams == 1 and entry.runtime_data.last_update_success
        )
        service.sms(GUEST, "after")
        expected = 2 + len(fault.tells)
        try:
            async with asyncio.timeout(LIMIT):
                await told.wait(lambda: len(told.ids) >= expected)
            seconds = told.times[told.ids[-1]] - ended
            # Whatever would come twice does so by now.
            await asyncio.sleep(1)
            streams = service.streams
        finally:
            await hass.config_entries.async_unload(entry.entry_id)
        return Row(
            name=name,
            seen=seen,
            seconds=seconds,
            lost=max(0, expected - len(set(told.ids))),
            twice=len(told.ids) - len(set(told.ids)),
            streams=streams,
        )


async def _until(condition: Callable[[], bool]) -> None:
    """Wait until something holds that tells nobody when it begins to."""
    async with asyncio.timeout(LIMIT):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(PAUSE)


def main() -> int:
    """Measure and print the table."""
    logging.disable(logging.CRITICAL)
    rows = asyncio.run(measure())
    print(
        "| fault | what the user sees | next event after | lost | twice | connections |"
    )
    print("| --- | --- | ---: | ---: | ---: | ---: |")
    for row in rows:
        print(
            f"| {row.name} | {row.seen} | {row.seconds:.1f} s | {row.lost} |"
            f" {row.twice} | {row.streams} |"
        )
    return int(any(row.lost or row.twice or row.streams != 1 for row in rows))


if __name__ == "__main__":
    sys.exit(main())
