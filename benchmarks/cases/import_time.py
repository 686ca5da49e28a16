"""How long the component takes to import in a Home Assistant that runs already."""

import asyncio
from asyncio.subprocess import PIPE
from statistics import median
import sys
from typing import Final

from ..figures import Figure, nearly_all
from ..rounds import Effort

ROUNDS: Final = 7
# What a site has loaded anyway, then ours: all that an entry makes it import.
PROGRAM: Final = """
import sys, time
import homeassistant.bootstrap
import homeassistant.components.automation.config
from homeassistant.components import (
    binary_sensor, button, event, http, notify, sensor, todo, webhook, websocket_api
)
from homeassistant.helpers import aiohttp_client, condition, storage, trigger
before, began = len(sys.modules), time.process_time()
import custom_components.carbis_alerts
from custom_components.carbis_alerts import binary_sensor
from custom_components.carbis_alerts import button
from custom_components.carbis_alerts import condition
from custom_components.carbis_alerts import config_flow
from custom_components.carbis_alerts import diagnostics
from custom_components.carbis_alerts import event
from custom_components.carbis_alerts import logbook
from custom_components.carbis_alerts import notify
from custom_components.carbis_alerts import repairs
from custom_components.carbis_alerts import sensor
from custom_components.carbis_alerts import system_health
from custom_components.carbis_alerts import todo
from custom_components.carbis_alerts import trigger
print(time.process_time() - began, len(sys.modules) - before)
"""


async def measure(effort: Effort) -> list[Figure]:
    """Import it in new processes."""
    spent: list[float] = []
    modules = ""
    for _ in range(effort.rounds(ROUNDS) + 1):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", PROGRAM, stdout=PIPE
        )
        said, _ = await process.communicate()
        seconds, modules = said.decode().split()
        spent.append(float(seconds) * 1e3)
    # The first one may have compiled.
    times = spent[1:]
    return [
        Figure(
            name="import of the component",
            unit="ms",
            ours=median(times),
            p99=nearly_all(times),
            note=f"{modules} modules that were not there; done in the executor",
        )
    ]
