"""Run work that owns processes and a folder, and leave nothing of them behind."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
import shutil
import signal
import sys
import tempfile
from typing import Any, Final

from .errors import DemoError
from .processes import Processes

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# The death of a process may be seen first as a connection that breaks.
DEATH_NOTICE: Final = 1.0

type Work = Callable[[Processes, Path], Coroutine[object, object, None]]


async def run(work: Work) -> int:
    """Work until it is done, a process dies or a signal comes; return the exit code.

    Work that is stopped by a signal and then returns, ends well; else the code is the
    signal's. Only the work is ever cancelled: the end of what it started is not.
    """
    loop = asyncio.get_running_loop()
    stop: asyncio.Future[signal.Signals | DemoError] = loop.create_future()

    def end(reason: signal.Signals | DemoError) -> None:
        if not stop.done():
            stop.set_result(reason)

    # One that is ignored stays so: nohup wants the demo to outlive its terminal.
    numbers = [
        number
        for number in SIGNALS
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN
    ]
    for number in numbers:
        loop.add_signal_handler(number, end, number)
    folder = Path(tempfile.mkdtemp(prefix="carbis-alerts-demo-"))
    processes = Processes(folder, end)
    try:
        return await _until_stopped(work, processes, folder, stop)
    finally:
        await processes.stop()
        shutil.rmtree(folder, ignore_errors=True)
        for number in numbers:
            loop.remove_signal_handler(number)


async def _until_stopped(
    work: Work,
    processes: Processes,
    folder: Path,
    stop: asyncio.Future[signal.Signals | DemoError],
) -> int:
    task = asyncio.create_task(work(processes, folder))
    either: set[asyncio.Future[Any]] = {task, stop}
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    if task.done() and task.exception() is not None:
        await asyncio.wait({stop}, timeout=DEATH_NOTICE)
    if not stop.done():
        return _outcome(task, processes)
    task.cancel()
    await asyncio.wait({task})
    match stop.result():
        case DemoError() as error:
            return _report(error, processes)
        case number if task.cancelled():
            return 128 + number
    return _outcome(task, processes)


def _outcome(task: asyncio.Task[None], processes: Processes) -> int:
    """Return the exit code of work that ended by itself."""
    try:
        task.result()
    except DemoError as error:
        return _report(error, processes)
    return 0


def _report(error: DemoError, processes: Processes) -> int:
    """Print what went wrong, with the end of the logs; return the exit code."""
    logs = [child.last_lines for child in processes.children]
    for lines in logs if error.log is None else [error.log]:
        if lines:
            print(*lines, "", sep="\n", file=sys.stderr)
    print(f"demo: {error}", file=sys.stderr)
    return 1
