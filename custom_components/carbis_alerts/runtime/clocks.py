"""How long ago something was stored, though the wall clock may have been set since."""

from contextlib import suppress
from pathlib import Path
import time
from typing import Any, Final


def _boot_id() -> str | None:
    """Return what distinguishes this run of the machine, None where nothing does."""
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    return None


# Read with the import, which Home Assistant does outside of its loop.
BOOT_ID: Final = _boot_id()


def read_clocks() -> dict[str, Any]:
    """Return what the clocks show, to be stored."""
    return {"boot": BOOT_ID, "monotonic": time.monotonic(), "wall": time.time()}


def wall_since(stored: object) -> float:
    """Return what the wall clock would show, had nobody set it since clocks were stored.

    The monotonic clock goes on over a crash of Home Assistant, but not of the machine:
    after that the wall clock is believed.
    """
    clocks = stored if isinstance(stored, dict) else {}
    then, wall = clocks.get("monotonic"), clocks.get("wall")
    if (
        BOOT_ID is not None
        and clocks.get("boot") == BOOT_ID
        and isinstance(then, float)
        and isinstance(wall, float)
        and (passed := time.monotonic() - then) >= 0
    ):
        return wall + passed
    return time.time()
