"""Sites for the browser: nothing but a lamp in them, until somebody adds a service."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
import shutil

import aiohttp

from scripts.live_demo.processes import Processes
from tests.real_site import RealSite

CONFIGURATION = """
automation: !include automations.yaml
frontend:
history:
logbook:
input_boolean:
  lamp:
template:
  light:
    - name: {lamp}
      unique_id: lamp
      default_entity_id: light.hall_lamp
      icon: mdi:ceiling-light
      state: "{{{{ is_state('input_boolean.lamp', 'on') }}}}"
      turn_on:
        action: input_boolean.turn_on
        target:
          entity_id: input_boolean.lamp
      turn_off:
        action: input_boolean.turn_off
        target:
          entity_id: input_boolean.lamp
"""
LAMP = "light.hall_lamp"
LAMPS = {"en": "Hall lamp", "ru": "Лампа в зале"}


@asynccontextmanager
async def open_site(folder: Path, language: str) -> AsyncGenerator[RealSite]:
    """Build a site that is not started yet, and leave no process of it behind."""
    processes = Processes(folder, lambda death: None)
    try:
        async with aiohttp.ClientSession() as session:
            site = RealSite(session, processes, folder)
            await site.build()
            configuration = CONFIGURATION.format(lamp=LAMPS[language])
            (site.config / "configuration.yaml").write_text(configuration, "utf-8")
            (site.config / "automations.yaml").write_text("[]", "utf-8")
            yield site
    finally:
        await processes.stop()
        shutil.rmtree(folder, ignore_errors=True)
