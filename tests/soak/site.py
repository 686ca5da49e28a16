"""A restaurant in processes of its own: the simulator, and a Home Assistant with a probe."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
import secrets
import shutil
import sys
from typing import Any, Final

import aiohttp
import yaml

from scripts.live_demo.errors import DemoError
from scripts.live_demo.home_assistant import HomeAssistant
from scripts.live_demo.processes import Processes
from scripts.live_demo.site import (
    LOOPBACK,
    SERVICES,
    free_port,
    start_simulator,
    wait_connected,
)
from scripts.live_demo.site_files import write_site
from scripts.live_demo.stream import Stream
from scripts.live_demo.words import WORDS

PROBE: Final = "carbis_soak_probe"
# Alerts come to their end within the soak, and journals to their full size: a little
# after the QR menu itself forgets.
OPTIONS: Final = {"overdue_after": 20}
TABLE_OPTIONS: Final = {**OPTIONS, "close_after": 1}
WINDOW: Final = 330.0
AUTOMATIONS: Final = [
    {
        "id": name,
        "alias": name,
        "mode": "parallel",
        "triggers": [{"trigger": f"carbis_alerts.{name}", **options}],
        "actions": [{"event": "soak_seen"}],
    }
    for name, options in (
        ("waiter_called", {}),
        ("alert_overdue", {}),
        ("connection_lost", {"options": {"for": "00:00:12"}}),
    )
]


class SoakSite:
    """A site that runs: its entries, what people do in it, and what its probe says."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        assistant: HomeAssistant,
        stream: Stream,
        simulator: Mapping[str, Any],
    ) -> None:
        """Take what was started."""
        self._session = session
        self._assistant = assistant
        self._control_url: str = simulator["control_url"]
        self._asking = asyncio.Lock()
        self._stream = stream
        self.simulator = simulator
        self.entries: dict[str, str] = {}

    async def set_up(self) -> None:
        """Set up an entry of each service, and wait until it answers."""
        for kind in SERVICES:
            service = kind(self._session, self.simulator, WORDS["en"])
            entry_id = await self._assistant.set_up(service)
            connected = await wait_connected(self._stream, entry_id, "")
            if service.subentry is not None:
                await self._assistant.add(entry_id, service.subentry)
                connected = await wait_connected(self._stream, entry_id, connected)
            is_menu = service.source == "qr_menu"
            options = TABLE_OPTIONS if is_menu else OPTIONS
            await self._assistant.set_options(entry_id, options)
            await wait_connected(self._stream, entry_id, connected)
            self.entries[service.source] = entry_id
        for source in ("qr_menu", "green_api"):
            await self.command(
                f"{PROBE}/shorten", entry_id=self.entries[source], seconds=WINDOW
            )

    async def events(self) -> Stream:
        """Return a connection that hears of what the component publishes."""
        stream = await Stream.open(
            self._session, self._assistant.url, self._assistant.token
        )
        await stream.listen("carbis_alerts_event")
        return stream

    async def command(self, kind: str, **fields: object) -> Any:
        """Return what Home Assistant answers to a command."""
        async with self._asking:
            return await self._stream.command(kind, **fields)

    async def census(self) -> dict[str, Any]:
        """Return what of ours is alive."""
        found: dict[str, Any] = await self.command(f"{PROBE}/census")
        return found

    async def acknowledge(self) -> None:
        """Let somebody have all that waits, and clear the lists: calls wait for days."""
        alerts = await self._act("carbis_alerts.get_alerts", state="open")
        for alert in alerts["alerts"]:
            # It may have come to its end meanwhile.
            with suppress(DemoError):
                await self._act("carbis_alerts.acknowledge", alert_id=alert["alert_id"])
        await self.command(
            "call_service",
            domain="todo",
            service="remove_completed_items",
            service_data={"entity_id": "all"},
        )

    async def disable(self, entry_id: str) -> None:
        """Unload an entry, as a person does."""
        await self.command(
            "config_entries/disable", entry_id=entry_id, disabled_by="user"
        )

    async def remove(self, entry_id: str) -> None:
        """Remove an entry, as a person does."""
        url = f"{self._assistant.url}/api/config/config_entries/entry/{entry_id}"
        headers = {"Authorization": f"Bearer {self._assistant.token}"}
        async with self._session.delete(url, headers=headers) as answer:
            answer.raise_for_status()

    async def publish(self, path: str, content: object = None) -> dict[str, Any]:
        """Have the simulator do something."""
        url = self._control_url + path
        async with self._session.post(url, json=content) as answer:
            answer.raise_for_status()
            published: dict[str, Any] = await answer.json()
            return published

    async def state(self) -> dict[str, Any]:
        """Return what the simulator knows of its services."""
        async with self._session.get(f"{self._control_url}/state") as answer:
            state: dict[str, Any] = await answer.json()
            return state

    async def _act(self, action: str, **data: object) -> Any:
        async with self._asking:
            return await self._stream.ask(action, **data)


@asynccontextmanager
async def soak_site(processes: Processes, folder: Path) -> AsyncGenerator[SoakSite]:
    """Start all and set it up; the processes are ended by whoever owns them."""
    config = folder / "config"
    config.mkdir()
    port = free_port(0)
    write_site(config, language="en", port=port)
    (config / "automations.yaml").write_text(yaml.safe_dump(AUTOMATIONS), "utf-8")
    with (config / "configuration.yaml").open("a", encoding="utf-8") as file:
        file.write(f"\n{PROBE}:\n")
    shutil.copytree(
        Path(__file__).parent / "probe",
        config / "custom_components" / PROBE,
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    async with aiohttp.ClientSession() as session:
        simulator = await start_simulator(processes)
        await processes.start(
            "home-assistant",
            *(sys.executable, "-m", "homeassistant", "--config", str(config)),
            *("--skip-pip", "--log-no-color"),
            # Elsewhere Python would take the checkout's component, not the copy.
            cwd=config,
        )
        assistant = HomeAssistant(session, f"http://{LOOPBACK}:{port}")
        await assistant.wait()
        await assistant.onboard("soak", secrets.token_hex(8), "en")
        await assistant.wait_until_running()
        async with await Stream.open(session, assistant.url, assistant.token) as stream:
            # The first log-in's token ends after half an hour.
            assistant.token = await stream.command(
                "auth/long_lived_access_token", client_name="soak", lifespan=1
            )
            site = SoakSite(session, assistant, stream, simulator)
            await site.set_up()
            yield site
