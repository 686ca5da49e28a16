"""What all tests share; plain rooms are tested without importing Home Assistant."""

from collections.abc import AsyncGenerator
from itertools import islice
import sys

from hypothesis import HealthCheck, settings
import pytest

from simulator.qr_menu import QrMenuService

from .plain import TOKEN
from .rooms import PLUGIN

if PLUGIN in sys.modules:
    from .fixtures import (
        QR_READER,
        QR_SOURCE,
        Recorder,
        _quick,
        _site,
        alerts,
        bus,
        enable_event_loop_debug,
        entry,
        make_entry,
    )

__all__ = [
    "QR_READER",
    "QR_SOURCE",
    "TOKEN",
    "Recorder",
    "_quick",
    "_site",
    "alerts",
    "bus",
    "enable_event_loop_debug",
    "entry",
    "make_entry",
]

# A machine that is busy makes no test fail, and neither does luck: examples are the same
# each time. Others come with ``--hypothesis-profile=exploring``, each night.
settings.register_profile(
    "exploring",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
)
settings.register_profile("steady", settings.get_profile("exploring"), derandomize=True)
settings.load_profile("steady")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Let slow tests come first, some on each worker: none begins when all else ends."""
    workers: int = getattr(config, "workerinput", {}).get("workercount", 1)
    slow = [item for item in items if item.get_closest_marker("slow")]
    rest = iter([item for item in items if not item.get_closest_marker("slow")])
    count = len(items)
    items.clear()
    # Each worker begins with one such part of all.
    for worker in range(workers):
        size = count * (worker + 1) // workers - count * worker // workers
        first = slow[worker::workers]
        items += [*first, *islice(rest, max(0, size - len(first)))]
    items += rest


@pytest.fixture
async def qr_menu() -> AsyncGenerator[QrMenuService]:
    """Return a running QR menu server."""
    async with QrMenuService(token=TOKEN) as service:
        yield service
