"""Houses for the browser: nothing but a lamp in them, until somebody adds a service."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
import shutil

import aiohttp
import pytest_socket

from scripts.live_demo.processes import Processes
from tests.real_house import RealHouse

CONFIGURATION = """
automation: !include automations.yaml
frontend:
history:
logbook:
input_boolean:
  hall_lamp:
    name: Hall lamp
    icon: mdi:ceiling-light
"""
LAMP = "input_boolean.hall_lamp"


@asynccontextmanager
async def open_house(folder: Path) -> AsyncGenerator[RealHouse]:
    """Build a house that is not started yet, and leave no process of it behind."""
    # Before each test sockets are closed; a house lives longer than one.
    pytest_socket.enable_socket()
    processes = Processes(folder, lambda death: None)
    try:
        async with aiohttp.ClientSession() as session:
            house = RealHouse(session, processes, folder)
            await house.build()
            (house.config / "configuration.yaml").write_text(CONFIGURATION, "utf-8")
            (house.config / "automations.yaml").write_text("[]", "utf-8")
            yield house
    finally:
        await processes.stop()
        shutil.rmtree(folder, ignore_errors=True)
