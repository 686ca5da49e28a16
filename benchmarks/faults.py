"""Every fault of a QR menu server with the default settings: what it costs.

``python -m benchmarks.faults`` prints a table. Every fault lasts 20 seconds, long enough
for the pauses between tries to grow; all of them happen at the same time, each to a
server and an entry of its own.
"""

import asyncio
from dataclasses import dataclass
import logging
import sys
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from custom_components.carbis_alerts.const import DOMAIN
from simulator.qr_menu import QrMenuService
from tests.sources.faults import FAULTS, Fault

from .house import TOKEN, Told, a_house, add_entry

LASTS: Final = 20.0
LIMIT: Final = 90.0
SEEN: Final = {
    "certificate_changed": "repair: certificate",
    "reauth": "asks for the token",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What a fault led to; ``seconds`` from its end to the event that it delayed."""

    name: str
    seen: str
    seconds: float
    lost: int
    twice: int


async def measure() -> list[Row]:
    """Let all faults happen and return what came of each."""
    async with a_house() as hass:
        return await asyncio.gather(
            *(_measure(hass, name, fault) for name, fault in FAULTS.items())
        )


async def _measure(hass: HomeAssistant, name: str, fault: Fault) -> Row:
    async with QrMenuService(token=TOKEN, certificate=fault.certificate) as service:
        entry = await add_entry(hass, service, name, **fault.entry_data(service))
        told = Told(hass, entry.entry_id)
        await service.wait_for_requests(2, timeout=LIMIT)
        expected = [service.waiter_call("5")["hash"], *fault.tells]
        await told.wait(lambda: bool(told.ids))
        async with fault.happens(service, hass):
            await asyncio.sleep(LASTS / 2)
            missed = service.waiter_call("6")["hash"]
            await asyncio.sleep(LASTS / 2)
            seen = what_is_seen(hass, entry.entry_id, entry.runtime_data)
        ended = hass.loop.time()
        expected.append(missed)
        try:
            async with asyncio.timeout(LIMIT):
                await told.wait(lambda: missed in told.times)
                await service.wait_for_requests(2, timeout=LIMIT)
        finally:
            await hass.config_entries.async_unload(entry.entry_id)
        return Row(
            name=name,
            seen=seen,
            seconds=max(0.0, told.times[missed] - ended),
            lost=len(set(expected) - set(told.ids)),
            twice=len(told.ids) - len(set(told.ids)),
        )


def what_is_seen(hass: HomeAssistant, entry_id: str, source: object) -> str:
    """Return what a user sees in the middle of it."""
    connected = bool(getattr(source, "connected", None))
    reason = str(getattr(source, "last_exception", None) or "").rstrip(".")
    asked = [
        flow["context"]["source"]
        for flow in hass.config_entries.flow.async_progress_by_handler(DOMAIN)
        if flow["context"].get("entry_id") == entry_id
    ] + [
        str(issue.translation_key)
        for _, issue in ir.async_get(hass).issues.items()
        if entry_id in issue.issue_id and issue.domain == DOMAIN
    ]
    state = "connection on" if connected else f"connection off: {reason}"
    return "; ".join([state, *(SEEN.get(what, what) for what in asked)])


def main() -> int:
    """Measure and print the table."""
    logging.disable(logging.CRITICAL)
    rows = asyncio.run(measure())
    print("| fault (20 s) | what the user sees | next event after | lost | twice |")
    print("| --- | --- | ---: | ---: | ---: |")
    for row in rows:
        print(
            f"| {row.name} | {row.seen} | {row.seconds:.1f} s | {row.lost} | {row.twice} |"
        )
    return int(any(row.lost or row.twice for row in rows))


if __name__ == "__main__":
    sys.exit(main())
