"""Processes of the demo: each in a group of its own, all ended whatever happens."""

import asyncio
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
import os
from pathlib import Path
import signal
from typing import Final

from .errors import DemoError

# How a process is asked to end, and the seconds that it has for it each time.
ENDINGS: Final = ((signal.SIGINT, 10.0), (signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0))
LOG_LINES: Final = 15


@dataclass(slots=True)
class Child:
    """A running process; what it says goes to a file."""

    name: str
    process: Process
    log: Path
    watch: asyncio.Task[None] | None = None

    @property
    def last_lines(self) -> list[str]:
        """Return the end of its log."""
        text = self.log.read_text("utf-8", "replace")
        return text.rstrip().splitlines()[-LOG_LINES:]

    async def first_line(self) -> bytes:
        """Return what it prints first; empty where it ends without a word."""
        assert self.process.stdout is not None  # noqa: S101
        return await self.process.stdout.readline()

    async def stop(self) -> None:
        """End it and its children: kindly, then firmly."""
        for number, patience in ENDINGS:
            if self.process.returncode is not None:
                break
            self._signal(number)
            with suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    await self.process.wait()
        # What it started may have outlived it.
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)


class Processes:
    """All processes of a demo."""

    def __init__(self, folder: Path, on_death: Callable[[DemoError], object]) -> None:
        """Prepare; logs and homes lie in the folder, a death is reported at once."""
        self._folder = folder
        self._on_death = on_death
        self.children: list[Child] = []

    async def start(
        self, name: str, *command: str, cwd: Path | None = None, speaks: bool = False
    ) -> Child:
        """Start a process that is not steered by the user's own environment.

        The output of one that speaks is to be read, that of others goes to the log.
        """
        log = self._folder / f"{name}.log"
        with log.open("wb") as file:
            process = await asyncio.create_subprocess_exec(
                *command,
                cwd=cwd,
                env=environment(os.environ, self._folder),
                stdin=DEVNULL,
                stdout=PIPE if speaks else file,
                stderr=file,
                start_new_session=True,
            )
        child = Child(name, process, log)
        self.children.append(child)
        child.watch = asyncio.create_task(self._watch(child))
        return child

    async def stop(self) -> None:
        """End all, the last one first, and return when they are gone."""
        for child in reversed(self.children):
            if child.watch is not None:
                child.watch.cancel()
            await child.stop()

    async def _watch(self, child: Child) -> None:
        code = await child.process.wait()
        how = (
            f"was ended by {signal.Signals(-code).name}"
            if code < 0
            else f"ended with code {code}"
        )
        text = f"{child.name} {how} before the demo was over."
        self._on_death(DemoError(text, child.last_lines))


def environment(own: Mapping[str, str], home: Path) -> dict[str, str]:
    """Return what a process gets to know: nothing of the user's settings."""
    return {
        "PATH": own.get("PATH", os.defpath),
        "HOME": str(home),
        "TMPDIR": str(home),
        "LC_ALL": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
    }
