"""A Home Assistant of a test's own."""

from collections.abc import AsyncGenerator
from pathlib import Path
import shutil

import aiohttp
import pytest

from scripts.live_demo.processes import Processes
from tests.real_house import RealHouse


@pytest.fixture
async def real_house(tmp_path: Path) -> AsyncGenerator[RealHouse]:
    """Return a house that runs, and leave no process of it behind."""
    processes = Processes(tmp_path, lambda death: None)
    try:
        async with aiohttp.ClientSession() as session:
            house = RealHouse(session, processes, tmp_path)
            await house.set_up()
            yield house
    finally:
        await processes.stop()
        shutil.rmtree(tmp_path, ignore_errors=True)
