"""Let a real site work for a while, and look every minute at what of ours is alive."""

import argparse
import asyncio
from contextlib import suppress
import json
import os
from pathlib import Path
import random
import sys
from tempfile import TemporaryDirectory
import time
from typing import Any, Final

from scripts.live_demo.account import say
from scripts.live_demo.errors import DemoError
from scripts.live_demo.processes import Processes

from .ledger import Ledger
from .outages import ENDS_STREAM, plan
from .site import SoakSite, soak_site
from .traffic import Traffic
from .verdict import Curve, left_over

LOOK: Final = 60.0
PATHS: Final = {
    "qr_menu": "/qr-menu/events",
    "pbx": "/pbx/events",
    "green_api": "/green-api/notifications",
}
# Events that the last outage has held back come within this, in seconds.
LAST_COME: Final = 60.0
PAUSE: Final = 0.1


def main() -> int:
    """Read the command line, soak, and return 0 where all is well."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--rate", type=float, default=3, help="events a second")
    parser.add_argument("--outages", type=int, default=40)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures")
    options = parser.parse_args()
    os.nice(10)
    say(f"Seed {options.seed}")
    with TemporaryDirectory(prefix="soak", ignore_cleanup_errors=True) as folder:
        return asyncio.run(_run(options, Path(folder)))


async def _run(options: argparse.Namespace, folder: Path) -> int:
    dead: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def died(error: DemoError) -> None:
        if not dead.done():
            dead.set_exception(error)

    processes = Processes(folder, died)
    try:
        async with soak_site(processes, folder) as site:
            soak = Soak(site, options)
            await soak.run(options.minutes * 60)
            if dead.done():
                dead.result()
            figures = await soak.end()
    finally:
        await processes.stop()
    if options.json is not None:
        options.json.write_text(json.dumps(figures, indent=1), "utf-8")
    for fault in figures["faults"]:
        say(fault)
    return bool(figures["faults"])


class Soak:
    """What happens in the site meanwhile, and what is written down of it."""

    def __init__(self, site: SoakSite, options: argparse.Namespace) -> None:
        """Begin a ledger and a curve."""
        self._site = site
        self._seed: int = options.seed
        self._outages: int = options.outages
        self._rate: float = options.rate
        self._ledger = Ledger()
        self._curve = Curve()
        self._pbx_is_away = False

    async def run(self, seconds: float) -> None:
        """Let guests come, services fail, and people answer, for so many seconds."""
        self._listening = asyncio.create_task(self._listen(await self._site.events()))
        before = await self._site.census()
        self._curve.add(0.0, before)
        acts = (self._guests, self._failures, self._people, self._snapshots)
        ends = time.monotonic() + seconds
        async with asyncio.TaskGroup() as group:
            for act in acts:
                group.create_task(act(ends))

    async def end(self) -> dict[str, Any]:
        """Wait for what is still to come, remove all entries; return the figures."""
        with suppress(TimeoutError):
            await self._ledger.all_came(*PATHS, timeout=LAST_COME)
        self._listening.cancel()
        entries = list(self._site.entries.values())
        for entry_id in entries:
            await self._site.disable(entry_id)
        unloaded = await self._site.census()
        for entry_id in entries:
            await self._site.remove(entry_id)
        removed = await self._site.census()
        remains = {
            entry_id: await self._site.command(
                "carbis_soak_probe/remains", entry_id=entry_id
            )
            for entry_id in entries
        }
        ledger = self._ledger
        verdict = {
            "lost": ledger.lost(),
            "twice": ledger.twice(),
            "unknown": ledger.unknown(),
            "out of order": ledger.out_of_order(),
            "grew": self._curve.growth(),
            "left after unloading": left_over(unloaded),
            "left after removal": left_over(removed),
            "remains": {key: what for key, what in remains.items() if what},
        }
        given = {name: len(marks) for name, marks in ledger.given.items()}
        say(f"{ledger.events} events; given {given}; {self._outages} outages")
        return {
            "seed": self._seed,
            "events": ledger.events,
            "given": given,
            "outages": self._outages,
            "curve": self._curve.points,
            "unloaded": unloaded,
            "removed": removed,
            "faults": [f"{name}: {what}" for name, what in verdict.items() if what],
        }

    async def _listen(self, stream: Any) -> None:
        async with stream:
            while True:
                self._ledger.arrive((await stream.next_event()).data)

    async def _guests(self, ends: float) -> None:
        """Let guests call, order, pay, phone and write."""
        traffic = Traffic(self._seed)
        began, published = time.monotonic(), 0
        while time.monotonic() < ends:
            for happening in traffic.some(1):
                published += 1
                # What a PBX sends while nobody listens is lost by its nature.
                if happening.service == "pbx" and self._pbx_is_away:
                    continue
                self._ledger.give(happening.service, happening.mark)
                await self._site.publish(PATHS[happening.service], happening.content)
            ahead = began + published / self._rate - time.monotonic()
            await asyncio.sleep(max(0.0, ahead))

    async def _failures(self, ends: float) -> None:
        """Let services fail for a while, one after another."""
        chance = random.Random(self._seed)
        pause = (ends - time.monotonic()) / (self._outages + 1)
        began = time.monotonic()
        for number, (service, fault) in enumerate(plan(self._seed, self._outages), 1):
            await asyncio.sleep(began + number * pause - time.monotonic())
            if service == "pbx":
                self._pbx_is_away = True
                await self._ledger.all_came("pbx", timeout=LAST_COME)
            await self._site.publish("/faults", {service: fault})
            if service == "pbx":
                await self._site.publish(chance.choice(ENDS_STREAM))
            await asyncio.sleep(min(chance.uniform(2, 20), pause / 2))
            await self._site.publish("/faults", {service: {}})
            if service == "pbx":
                # A stream that was opened under a fault keeps it.
                await self._site.publish(ENDS_STREAM[0])
                while not (await self._site.state())["pbx"]["streams"]:  # noqa: ASYNC110
                    await asyncio.sleep(PAUSE)
                self._pbx_is_away = False

    async def _people(self, ends: float) -> None:
        """Let somebody come to all who wait, now and then."""
        while time.monotonic() < ends:
            await self._site.acknowledge()
            await asyncio.sleep(15)

    async def _snapshots(self, ends: float) -> None:
        """Take a census every minute."""
        began, number = time.monotonic(), 0
        while (at := began + (number := number + 1) * LOOK) <= ends:
            await asyncio.sleep(at - time.monotonic())
            self._curve.add(number * LOOK, await self._site.census())


if __name__ == "__main__":
    sys.exit(main())
