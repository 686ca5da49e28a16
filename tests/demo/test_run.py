"""Nothing is left behind, however the work ends."""

import asyncio
from asyncio.subprocess import PIPE
from collections.abc import Generator
import os
from pathlib import Path
import signal
import sys
from unittest.mock import patch

import pytest

from scripts.live_demo.errors import DemoError
from scripts.live_demo.processes import Child, Processes, environment
from scripts.live_demo.run import run

SLEEP = "import time; print('up', flush=True); time.sleep(60)"
DEAF = (
    "import signal\n"
    "for number in (signal.SIGINT, signal.SIGTERM): signal.signal(number, signal.SIG_IGN)\n"
)
PARENT = (
    "import subprocess, sys, time\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
    "print(child.pid, flush=True); time.sleep(60)"
)


@pytest.fixture(autouse=True)
def _impatient(tmp_path: Path) -> Generator[None]:
    endings = tuple(
        (number, 0.2) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
    )
    with (
        patch("scripts.live_demo.processes.ENDINGS", endings),
        patch("scripts.live_demo.run.DEATH_NOTICE", 0.2),
        patch("tempfile.tempdir", str(tmp_path)),
    ):
        yield
    assert list(tmp_path.iterdir()) == []


async def start(processes: Processes, code: str) -> tuple[Child, int]:
    """Start Python and return what it printed, if that is a number."""
    child = await processes.start("helper", sys.executable, "-c", code, speaks=True)
    first = await child.first_line()
    return child, int(first) if first.strip().isdigit() else 0


async def gone(pid: int) -> bool:
    """Wait until a process is gone, or waits for nothing but its new parent."""
    command = ("ps", "-o", "stat=", "-p", str(pid))
    for _ in range(50):
        ps = await asyncio.create_subprocess_exec(*command, stdout=PIPE)
        state, _ = await ps.communicate()
        if not state.strip() or state.startswith(b"Z"):
            return True
        await asyncio.sleep(0.05)
    return False


@pytest.mark.parametrize("code", [SLEEP, DEAF + SLEEP])
async def test_processes_end_with_the_work(code: str) -> None:
    children: list[Child] = []

    async def work(processes: Processes, folder: Path) -> None:
        (folder / "file").touch()
        children.append((await start(processes, code))[0])

    assert await run(work) == 0
    assert children[0].process.returncode is not None


async def test_children_of_processes_end_too() -> None:
    pids: list[int] = []

    async def work(processes: Processes, _: Path) -> None:
        pids.append((await start(processes, PARENT))[1])

    assert await run(work) == 0
    assert await gone(pids[0])


async def test_an_error_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    async def work(_processes: Processes, _folder: Path) -> None:
        raise DemoError("The lamp is broken.")

    assert await run(work) == 1
    assert capsys.readouterr().err == "demo: The lamp is broken.\n"


async def test_a_bug_is_not_hidden() -> None:
    async def work(_processes: Processes, _folder: Path) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await run(work)


async def test_a_process_that_dies_ends_the_work_with_its_last_words(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def work(processes: Processes, _: Path) -> None:
        await start(processes, "import sys; sys.exit('no more room')")
        await asyncio.sleep(30)

    assert await run(work) == 1
    errors = capsys.readouterr().err
    assert errors.startswith("no more room\n")
    assert errors.endswith("demo: helper ended with code 1 before the demo was over.\n")


async def test_a_death_explains_a_broken_connection(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def work(processes: Processes, _: Path) -> None:
        (await start(processes, SLEEP))[0].process.kill()
        raise DemoError("The connection is broken.")

    assert await run(work) == 1
    assert "helper was ended by SIGKILL" in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_ends_the_work(number: signal.Signals) -> None:
    async def work(processes: Processes, _: Path) -> None:
        await start(processes, SLEEP)
        os.kill(os.getpid(), number)
        await asyncio.sleep(30)

    assert await run(work) == 128 + number


async def test_work_that_waits_for_a_signal_ends_well() -> None:
    async def work(_processes: Processes, _folder: Path) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            return

    assert await run(work) == 0


def test_processes_know_nothing_of_the_users_settings(tmp_path: Path) -> None:
    own = {"PATH": "/bin", "HOME": "/home/me", "PYTHONPATH": "/x", "HTTP_PROXY": "y"}
    known = environment(own, tmp_path)
    assert (known["PATH"], known["HOME"]) == ("/bin", str(tmp_path))
    assert not known.keys() & {"PYTHONPATH", "HTTP_PROXY"}
