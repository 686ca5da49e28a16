"""How long Home Assistant answers nobody while a service is hostile, seen from outside."""

import argparse
import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import ExitStack, asynccontextmanager, suppress
import logging
import os
from pathlib import Path
import sys
from tempfile import TemporaryDirectory
from typing import Any, Final, Protocol, override

import aiohttp

from scripts.live_demo.messenger import Messenger
from scripts.live_demo.pbx import Pbx
from scripts.live_demo.processes import Processes
from scripts.live_demo.qr_menu import QrMenu
from scripts.live_demo.service import Service
from tests.real_site import RealSite

from .full_collections import add_notes
from .hostile_answers import ANSWER_KINDS, INSTANCE, TOKEN, hostile_services
from .hostile_pbx import KINDS, a_hostile_pbx
from .watching import Outcome, Watcher


class Hostile(Protocol):
    """A service that turns hostile when it is asked to."""

    def url(self, kind: str) -> str:
        """Return the address of the service with one kind of hostility."""

    def release(self, kind: str) -> None:
        """Have it turn hostile."""


class StreamedPbx(Pbx):
    """A PBX of the measurement's own address."""

    @override
    def answer(self, step: str, shown: Mapping[str, Any]) -> dict[str, Any]:
        answer = super().answer(step, shown)
        answer.pop("token", None)
        return answer


class HookedPbx(StreamedPbx):
    """The same with a hook."""

    @override
    def answer(self, step: str, shown: Mapping[str, Any]) -> dict[str, Any]:
        answer = super().answer(step, shown)
        return {**answer, "transport": "webhook"} if step == "pbx" else answer


class Gateway(Messenger):
    """A messenger's account that is ready."""

    @override
    async def prepare(self) -> None:
        """Leave it as it is."""


# Who is set up for which kinds: by how their names begin.
SERVICES: Final[dict[str, type[Service]]] = {
    "menu": QrMenu,
    "gateway": Gateway,
    "hook": HookedPbx,
}


async def measure(
    site: RealSite, service: Hostile, kind: str, seconds: float
) -> Outcome:
    """Add the service, have it turn hostile, and return what was seen."""
    url = service.url(kind)
    simulator = {
        **{f"{name}_url": url for name in ("pbx", "qr_menu", "green_api")},
        **{f"{name}_token": TOKEN for name in ("qr_menu", "green_api")},
        "pbx_token": "",
        "green_api_instance_id": INSTANCE,
    }
    await site.add(
        SERVICES.get(kind.partition(":")[0], StreamedPbx), simulator=simulator
    )
    # Of a busy machine the loop has its part, where that is allowed.
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, site.pid, -15)
    outcome = Outcome(kind=kind)
    watcher = Watcher(site, outcome)
    async with watcher.watching():
        await asyncio.to_thread(service.release, kind)
        await asyncio.sleep(seconds)
    await watcher.look_on(seconds)
    return outcome


async def set_up(site: RealSite) -> None:
    """Start a Home Assistant with a QR menu that notes its full collections."""
    await site.build()
    add_notes(site.config)
    await site.start()
    await site.welcome()
    await site.add(QrMenu)


@asynccontextmanager
async def a_restaurant(folder: Path) -> AsyncGenerator[RealSite]:
    """Run a Home Assistant with a QR menu."""
    processes = Processes(folder, lambda death: None)
    try:
        async with aiohttp.ClientSession() as session:
            site = RealSite(session, processes, folder)
            await set_up(site)
            yield site
    finally:
        await processes.stop()


async def run(kinds: list[str], seconds: float) -> list[Outcome]:
    """Measure each kind with a Home Assistant of its own."""
    outcomes = []
    with ExitStack() as stack:
        pbx = stack.enter_context(a_hostile_pbx())
        others = stack.enter_context(hostile_services())
        for kind in kinds:
            with TemporaryDirectory(prefix="carbis-alerts-hostility-") as folder:
                async with a_restaurant(Path(folder)) as site:
                    service = others if kind in ANSWER_KINDS else pbx
                    outcomes.append(await measure(site, service, kind, seconds))
            print(outcomes[-1].row(), flush=True)
    return outcomes


def _go_first() -> None:
    """Have answers noted when they come, on a busy machine too, where that is allowed."""
    with suppress(OSError):
        os.sched_setscheduler(
            0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(1)
        )


def main() -> int:
    """Measure and print."""
    kinds = (*KINDS, *ANSWER_KINDS)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=", ".join(kinds))
    parser.add_argument("--seconds", type=float, default=10.0)
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    _go_first()
    print(
        "| kind               | no answer    | work before  | ours      | collections"
        " | guests   | answers | events  | core  | memory   | board |"
    )
    print(
        "| ------------------ | -----------: | -----------: | --------: | ----------:"
        " | -------: | ------: | ------: | ----: | -------: | ----- |"
    )
    asyncio.run(run(options.kinds or list(kinds), options.seconds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
