"""The command: a live site to play with, or the proof that it works."""

import argparse
import asyncio
from functools import partial
import os
from pathlib import Path
import sys

from custom_components.carbis_alerts.api.green_api.messengers import MESSENGERS

from .account import say
from .dashboard import REGISTERED
from .lines import line
from .once import OPTIONS, prove
from .processes import Processes
from .run import run
from .site import Site, live_site
from .words import WORDS


def main(arguments: list[str] | None = None) -> int:
    """Read the command line, run, and return the exit code."""
    options = parser().parse_args(arguments)
    try:
        return asyncio.run(run(partial(_work, options)))
    except BrokenPipeError:
        # Nobody reads any more; Python's own flush at its end must not complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1


def parser() -> argparse.ArgumentParser:
    """Return the command line's parser."""
    result = argparse.ArgumentParser(
        prog="scripts/demo",
        description="A live site: simulated services, a real Home Assistant with Carbis Alerts, lamps. All of it is temporary.",
    )
    result.add_argument(
        "--once",
        action="store_true",
        help="make one alert of each kind, follow it to what the site does about it, and end",
    )
    result.add_argument(
        "--language",
        choices=sorted(WORDS),
        default="en",
        help="language of Home Assistant and of what is printed (%(default)s)",
    )
    result.add_argument(
        "--messenger",
        choices=sorted(MESSENGERS),
        default="max",
        help="whose account the third entry is (%(default)s)",
    )
    result.add_argument(
        "--port", type=_port, default=0, help="Home Assistant's port (any that is free)"
    )
    return result


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError("must be from 0 to 65535")
    return port


async def _work(
    options: argparse.Namespace, processes: Processes, folder: Path
) -> None:
    async with live_site(
        processes,
        folder,
        language=options.language,
        port=options.port,
        messenger=options.messenger,
        options=OPTIONS if options.once else {},
    ) as site:
        if options.once:
            for service in site.services:
                await prove(site.stream, service)
        else:
            await _show(site, options.language, options.messenger)


async def _show(site: Site, language: str, messenger: str) -> None:
    """Say where to look, then what happens, until somebody stops it."""
    say(
        f"""
Home Assistant       {site.url}
                     user {site.user}, password {site.password}
The restaurant       {site.control_url}
                     be the guest there: table, telephone, {MESSENGERS[messenger].title}
Ctrl-C ends it all and leaves nothing behind.
"""
    )
    await site.dashboard.follow()
    for service in site.services:
        await service.open()
    try:
        while True:
            event = await site.stream.next_event()
            if event.type == REGISTERED:
                await site.dashboard.update()
                await site.team.sort(
                    site.stream, site.dashboard.found["qr_menu_entry_id"]
                )
            elif text := line(event, language):
                say(text)
    except asyncio.CancelledError:
        say("\nEnding.")
