"""Run the demo until told to stop, and leave nothing behind."""

import argparse
import asyncio
from contextlib import suppress
import os
from pathlib import Path
import shutil
import signal
import sys
import tempfile

from .account import say
from .errors import DemoError
from .house import House, live_house
from .lines import line
from .once import prove
from .processes import Processes
from .words import WORDS

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# An end of a process may be seen first as a connection that breaks.
DEATH_NOTICE = 1.0


class Interrupted(Exception):
    """Somebody told the demo to stop."""

    def __init__(self, number: signal.Signals) -> None:
        """Keep the signal."""
        super().__init__(number.name)
        self.code = 128 + number


def main(arguments: list[str] | None = None) -> int:
    """Read the command line, run, and return the exit code."""
    options = parser().parse_args(arguments)
    try:
        return asyncio.run(_run(options))
    except DemoError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Nobody reads any more; Python's own flush at the end must not complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def parser() -> argparse.ArgumentParser:
    """Return the command line's parser."""
    result = argparse.ArgumentParser(
        prog="scripts/demo",
        description="A live house: simulated services, a real Home Assistant with Carbis Alerts, lamps. Everything is temporary.",
    )
    result.add_argument(
        "--once",
        action="store_true",
        help="make one alert of each kind, follow it to a lamp that turns on, and end",
    )
    result.add_argument(
        "--language",
        choices=sorted(WORDS),
        default="en",
        help="Home Assistant's language (%(default)s)",
    )
    result.add_argument(
        "--port",
        type=_port,
        default=0,
        help="Home Assistant's port (any that is free)",
    )
    return result


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError("must be from 0 to 65535")
    return port


async def _run(options: argparse.Namespace) -> int:
    """Run the demo's work until it is done, a process dies or a signal comes."""
    loop = asyncio.get_running_loop()
    stop: asyncio.Future[Exception] = loop.create_future()

    def end(reason: Exception) -> None:
        if not stop.done():
            stop.set_result(reason)

    for number in SIGNALS:
        loop.add_signal_handler(number, end, Interrupted(number))
    folder = Path(tempfile.mkdtemp(prefix="carbis-alerts-demo-"))
    processes = Processes(folder, end)
    work = loop.create_task(_work(options, processes, folder))
    try:
        await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
        if work.done() and work.exception() is not None:
            await asyncio.wait({stop}, timeout=DEATH_NOTICE)
        work.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await work
        ...
    finally:
        await processes.stop()
        shutil.rmtree(folder, ignore_errors=True)
