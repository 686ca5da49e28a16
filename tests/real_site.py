"""Real processes: the simulator and a Home Assistant that is stopped and started."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
import signal
import sys
from typing import Any

import aiohttp
import yaml

from scripts.live_demo.errors import DemoError
from scripts.live_demo.home_assistant import PAUSE, HomeAssistant
from scripts.live_demo.processes import Child, Processes
from scripts.live_demo.qr_menu import QrMenu
from scripts.live_demo.service import Service
from scripts.live_demo.site import LOOPBACK, free_port, start_simulator, wait_connected
from scripts.live_demo.site_files import write_site
from scripts.live_demo.stream import Stream
from scripts.live_demo.words import WORDS

OWNER = "demo"
PASSWORD = "demo-password"

# A late waiter call, and nothing else, turns on what nothing else touches.
AUTOMATION = {
    "id": "late_call",
    "alias": "Late call",
    "triggers": [
        {
            "trigger": "event",
            "event_type": "carbis_alerts_event",
            "event_data": {"type": "waiter_call", "late": True},
        }
    ],
    "actions": [
        {
            "action": "input_boolean.turn_on",
            "target": {"entity_id": "input_boolean.late_call"},
        }
    ],
}


class RealSite:
    """A Home Assistant in a process of its own, with a QR menu set up."""

    def __init__(
        self, session: aiohttp.ClientSession, processes: Processes, folder: Path
    ) -> None:
        """Prepare; nothing is started yet."""
        self.session = session
        self._processes = processes
        self._port = free_port(0)
        self._child: Child | None = None
        self.config = folder / "config"
        self.simulator: dict[str, Any] = {}
        """What the simulator said of itself."""
        self.assistant = HomeAssistant(session, f"http://{LOOPBACK}:{self._port}")

    async def set_up(self) -> None:
        """Start everything for the first time."""
        await self.build()
        await self.start()
        await self.welcome()
        await self.add(QrMenu)

    async def build(self) -> None:
        """Start the simulator, and write what Home Assistant reads at its first start."""
        self.simulator = await self.start_simulator()
        self.config.mkdir()
        write_site(self.config, language="en", port=self._port)
        self._add_automation()

    async def start_simulator(self, *options: str) -> dict[str, Any]:
        """Start another restaurant; return what it says of itself."""
        return await start_simulator(self._processes, *options)

    async def welcome(self) -> None:
        """Create the owner."""
        await self.assistant.onboard(OWNER, PASSWORD, "en")
        await self.assistant.wait_until_running()

    async def add(
        self, kind: type[Service], *, simulator: Mapping[str, Any] | None = None
    ) -> str:
        """Set up one of a simulator's services; return the entry's id when it answers."""
        service = kind(self.session, simulator or self.simulator, WORDS["en"])
        await service.prepare()
        entry_id = await self.assistant.set_up(service)
        async with await self.stream() as stream:
            await wait_connected(stream, entry_id, "")
        return entry_id

    async def start(self) -> None:
        """Start Home Assistant and wait until it runs."""
        self._child = await self._processes.start(
            "home-assistant",
            *(sys.executable, "-m", "homeassistant", "--config", str(self.config)),
            *("--skip-pip", "--log-no-color"),
            # Elsewhere Python would take the checkout's component, not the copy.
            cwd=self.config,
        )
        if not self.assistant.token:
            await self.assistant.wait()
            return
        # Nothing answers yet, then not everything.
        while True:
            try:
                await self.assistant.wait_until_running()
            except aiohttp.ClientConnectionError, DemoError:
                await asyncio.sleep(PAUSE)
            else:
                return

    async def end(self, number: signal.Signals) -> None:
        """End Home Assistant with a signal and wait until it is gone."""
        assert self._child is not None
        self._child.process.send_signal(number)
        await self._child.process.wait()

    @property
    def pid(self) -> int:
        """Return the process of Home Assistant."""
        assert self._child is not None
        return self._child.process.pid

    async def call_waiter(self, table: str) -> str:
        """Let guests call the waiter; return the event's id."""
        event_id: str = (await self.publish(f"/qr-menu/tables/{table}/call"))["hash"]
        return event_id

    async def publish(
        self,
        path: str,
        content: object = None,
        *,
        simulator: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Ask something of a simulator's control page, the site's own if none is named."""
        url = (simulator or self.simulator)["control_url"] + path
        async with self.session.post(url, json=content) as answer:
            assert answer.ok, await answer.text()
            published: dict[str, Any] = await answer.json()
            return published

    async def wait_until_written(self, event_id: str) -> None:
        """Wait until an event stands in the entry's file: what comes later may repeat."""
        storage = self.config / ".storage"
        while not any(  # noqa: ASYNC110
            event_id in path.read_text("utf-8")
            for path in storage.glob("carbis_alerts.*")
        ):
            await asyncio.sleep(PAUSE)

    async def stream(self) -> Stream:
        """Return a connection to what happens."""
        return await Stream.open(self.session, self.assistant.url, self.assistant.token)

    async def wait_for(self, entity_id: str, state: str) -> dict[str, Any]:
        """Wait until an entity has a state; return it with its attributes."""
        async with await self.stream() as stream:
            while True:
                states = await stream.command("get_states")
                for found in states:
                    if (found["entity_id"], found["state"]) == (entity_id, state):
                        return dict(found)
                await asyncio.sleep(PAUSE)

    def _add_automation(self) -> None:
        automations = self.config / "automations.yaml"
        rules = yaml.safe_load(automations.read_text("utf-8"))
        automations.write_text(yaml.safe_dump([*rules, AUTOMATION]), "utf-8")
        configuration = self.config / "configuration.yaml"
        text = configuration.read_text("utf-8")
        assert "\ninput_boolean:\n" in text
        configuration.write_text(
            text.replace("\ninput_boolean:\n", "\ninput_boolean:\n  late_call:\n"),
            "utf-8",
        )
