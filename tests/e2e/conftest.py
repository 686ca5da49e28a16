"""A Home Assistant of a test's own."""

from collections.abc import AsyncGenerator
from pathlib import Path
import shutil

import aiohttp
import pytest

from scripts.live_demo.processes import Processes
from tests.real_site import RealSite


@pytest.fixture
async def real_site(tmp_path: Path) -> AsyncGenerator[RealSite]:
    """Return a site that runs, and leave no process of it behind."""
    processes = Processes(tmp_path, lambda death: None)
    try:
        async with aiohttp.ClientSession() as session:
            site = RealSite(session, processes, tmp_path)
            await site.set_up()
            yield site
    finally:
        await processes.stop()
        shutil.rmtree(tmp_path, ignore_errors=True)
