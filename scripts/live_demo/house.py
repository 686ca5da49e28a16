"""Build the live house: simulator, Home Assistant, entries, dashboard."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
import json
import os
from pathlib import Path
import secrets
import socket
import sys
from typing import Any, Final

import aiohttp

from .account import step
from .errors import DemoError
from .home_assistant import PAUSE, HomeAssistant
from .house_files import ROOT, dashboard, write_house
from .pbx import Pbx
from .processes import Processes
from .qr_menu import QrMenu
from .service import Service
from .stream import Stream
from .whatsapp import WhatsApp
from .words import WORDS

LOOPBACK: Final = "127.0.0.1"
USER: Final = "demo"
EVENT: Final = "carbis_alerts_event"
DASHBOARD: Final = "demo-restaurant"
# In the order of their entries.
SERVICES: Final[tuple[type[Service], ...]] = (QrMenu, Pbx, WhatsApp)


@dataclass(frozen=True, slots=True)
class House:
    """A house that runs, and how to get in."""

    url: str
    control_url: str
    user: str
    password: str
    services: list[Service]
    stream: Stream


@asynccontextmanager
async def live_house(
    processes: Processes, folder: Path, *, language: str, port: int
) -> AsyncGenerator[House]:
    """Start all and set it up; the processes are ended by whoever owns them."""
    port = free_port(port)
    async with aiohttp.ClientSession() as session:
        simulator = await _start_simulator(processes)
        services = [
            service(session, simulator, WORDS[language]) for service in SERVICES
        ]
        assistant = await _start_home_assistant(
            processes, folder, session, language=language, port=port
        )
        password = secrets.token_hex(4)
        async with step("First user created and signed in", limit=30):
            await assistant.onboard(USER, password, language)
        async with step("All of Home Assistant is set up", limit=120):
            await assistant.wait_until_running()
            stream = await Stream.open(session, assistant.url, assistant.token)
        async with stream:
            await stream.listen(EVENT, "state_changed")
            found: dict[str, str] = {"control_url": simulator["control_url"]}
            for service in services:
                async with step(
                    f"{service.name} set up: {service.steps}; it answers", limit=30
                ):
                    found |= await _set_up(assistant, stream, service)
            async with step("Dashboard added", limit=15):
                await _add_dashboard(stream, language, found)
            yield House(
                url=assistant.url,
                control_url=simulator["control_url"],
                user=USER,
                password=password,
                services=services,
                stream=stream,
            )


def free_port(wanted: int) -> int:
    """Return a port that can be used now; 0 wants any."""
    try:
        with socket.create_server((LOOPBACK, wanted)) as server:
            port: int = server.getsockname()[1]
            return port
    except OSError as error:
        raise DemoError(
            f"Home Assistant cannot have port {wanted}: {os.strerror(error.errno or 0)}."
        ) from error


async def _start_simulator(processes: Processes) -> dict[str, Any]:
    async with step("Simulator started", limit=30):
        child = await processes.start(
            "simulator",
            *(sys.executable, "-m", "simulator"),
            *("--qr-menu-port", "0", "--pbx-port", "0", "--green-api-port", "0"),
            *("--control-port", "0", "--tls", "--pbx-token", secrets.token_hex(8)),
            cwd=ROOT,
            speaks=True,
        )
        started = await child.first_line()
    try:
        simulator: dict[str, Any] = json.loads(started)
    except ValueError as error:
        raise DemoError("The simulator does not tell its ports.") from error
    return simulator


async def _start_home_assistant(
    processes: Processes,
    folder: Path,
    session: aiohttp.ClientSession,
    *,
    language: str,
    port: int,
) -> HomeAssistant:
    assistant = HomeAssistant(session, f"http://{LOOPBACK}:{port}")
    async with step("Home Assistant started", limit=180):
        config = folder / "config"
        config.mkdir()
        write_house(config, language=language, port=port)
        await processes.start(
            "home-assistant",
            *(sys.executable, "-m", "homeassistant", "--config", str(config)),
            # All that the demo needs is installed; nothing shall be fetched meanwhile.
            *("--skip-pip", "--log-no-color"),
            # Elsewhere Python would take the checkout's component, not the copy.
            cwd=config,
        )
        await assistant.wait()
    return assistant


async def _set_up(
    assistant: HomeAssistant, stream: Stream, service: Service
) -> dict[str, str]:
    """Set up an entry with all that belongs to it; return the names for the dashboard.

    Until its service has answered nothing is told: what was there already is not news.
    """
    await service.prepare()
    entry_id = await assistant.set_up(service)
    connected = await _connected(stream, entry_id, "")
    if service.subentry is not None:
        await assistant.add(entry_id, service.subentry)
        # The entry is set up anew with what was added.
        await _connected(stream, entry_id, connected)
    entities = await _entities(stream, entry_id)
    return {
        f"{service.source}_{name}": value
        for name, value in {**entities, "entry_id": entry_id}.items()
    }


async def _connected(stream: Stream, entry_id: str, after: str) -> str:
    """Wait until an entry's service has answered after a time; return when it has."""
    while True:
        connection = (await _entities(stream, entry_id)).get("connection")
        for state in await stream.command("get_states"):
            if (
                state["entity_id"] == connection
                and state["state"] == "on"
                and state["last_changed"] > after
            ):
                return str(state["last_changed"])
        await asyncio.sleep(PAUSE)


async def _entities(stream: Stream, entry_id: str) -> dict[str, str]:
    """Return the entities of an entry's hub by their key."""
    return {
        entity["translation_key"]: entity["entity_id"]
        for entity in await stream.command("config/entity_registry/list")
        if entity["config_entry_id"] == entry_id
        and entity["config_subentry_id"] is None
    }


async def _add_dashboard(stream: Stream, language: str, found: dict[str, str]) -> None:
    """Put up the dashboard, as what a user sees first and in the demo's language."""
    config = dashboard(language, found)
    await stream.command(
        "lovelace/dashboards/create",
        url_path=DASHBOARD,
        title=config["views"][0]["title"],
        icon="mdi:silverware-fork-knife",
    )
    await stream.command("lovelace/config/save", url_path=DASHBOARD, config=config)
    await stream.command(
        "frontend/set_system_data", key="core", value={"default_panel": DASHBOARD}
    )
    await stream.command(
        "frontend/set_user_data",
        key="language",
        value={
            "language": language,
            "number_format": "language",
            "time_format": "language",
            "date_format": "language",
            "time_zone": "local",
            "first_weekday": "language",
        },
    )
