"""Build the live site: simulator, Home Assistant, entries, dashboard."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
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

from custom_components.carbis_alerts.api.green_api.messengers import MESSENGERS

from .account import step
from .dashboard import Dashboard
from .errors import DemoError
from .home_assistant import PAUSE, HomeAssistant
from .messenger import Messenger
from .pbx import Pbx
from .processes import Processes
from .qr_menu import QrMenu
from .service import Service
from .site_files import ROOT, write_site
from .stream import Stream
from .team import Team
from .words import WORDS

LOOPBACK: Final = "127.0.0.1"
USER: Final = "demo"
EVENTS: Final = (
    *("carbis_alerts_event", "carbis_alerts_alert", "carbis_alerts_dispatch"),
    "state_changed",
)
# In the order of their entries.
SERVICES: Final[tuple[type[Service], ...]] = (QrMenu, Pbx, Messenger)


@dataclass(frozen=True, slots=True)
class Site:
    """A site that runs, and how to get in."""

    url: str
    control_url: str
    user: str
    password: str
    services: list[Service]
    team: Team
    stream: Stream
    dashboard: Dashboard


@asynccontextmanager
async def live_site(
    processes: Processes,
    folder: Path,
    *,
    language: str,
    port: int,
    messenger: str,
    options: Mapping[str, Mapping[str, Any]],
) -> AsyncGenerator[Site]:
    """Start all and set it up; the processes are ended by whoever owns them.

    The options are by the service's source; what is not given stays at its default.
    """
    port = free_port(port)
    async with (
        aiohttp.ClientSession() as session,
        Team(session, WORDS[language]) as team,
    ):
        simulator = await start_simulator(processes, "--messenger", messenger)
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
            await stream.listen(*EVENTS)
            found: dict[str, str] = {
                "control_url": simulator["control_url"],
                "messenger": MESSENGERS[messenger].title,
            }
            for service in services:
                async with step(
                    f"{service.name} set up: {service.steps}; it answers", limit=30
                ):
                    found |= await _set_up(assistant, stream, service)
                if changed := options.get(service.source):
                    shown = ", ".join(
                        f"{key} {_in_words(value)}" for key, value in changed.items()
                    )
                    async with step(
                        f"{service.name}'s options set, for this proof only: {shown}",
                        limit=30,
                    ):
                        entry_id = found[f"{service.source}_entry_id"]
                        await _set_options(assistant, stream, entry_id, changed)
            async with step("Users made; their phones registered", limit=30):
                await team.arrive(assistant, stream)
            async with step(
                "Team set up: form, zones, shift plan",
                limit=30,
            ):
                await team.open_zones(stream)
                await team.set_up(assistant, stream)
                found |= team.found | {
                    f"team_{name}": value
                    for name, value in (await _entities(stream, team.entry_id)).items()
                }
            for service in services:
                if isinstance(service, QrMenu):
                    service.team = team
            shown_on = Dashboard(stream, language, found)
            async with step("Dashboard added", limit=15):
                await shown_on.add()
            yield Site(
                url=assistant.url,
                control_url=simulator["control_url"],
                user=USER,
                password=password,
                services=services,
                team=team,
                stream=stream,
                dashboard=shown_on,
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


async def start_simulator(processes: Processes, *options: str) -> dict[str, Any]:
    """Start a simulator with all its services; return what it says of itself."""
    async with step("Simulator started", limit=30):
        child = await processes.start(
            "simulator",
            *(sys.executable, "-m", "simulator"),
            *("--qr-menu-port", "0", "--pbx-port", "0", "--green-api-port", "0"),
            *("--control-port", "0", "--tls", "--pbx-token", secrets.token_hex(8)),
            *options,
            cwd=ROOT,
            speaks=True,
        )
        started = await child.first_line()
    try:
        simulator: dict[str, Any] = json.loads(started)
    except ValueError as error:
        raise DemoError("The simulator does not print its ports.") from error
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
        write_site(config, language=language, port=port)
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

    Until its service has answered nothing is published: what was there already is not news.
    """
    await service.prepare()
    entry_id = await assistant.set_up(service)
    connected = await wait_connected(stream, entry_id, "")
    if service.subentry is not None:
        await assistant.add(entry_id, service.subentry)
        # The entry is set up again with what was added.
        await wait_connected(stream, entry_id, connected)
    entities = await _entities(stream, entry_id)
    service.entry_id, service.entities = entry_id, entities
    return {
        f"{service.source}_{name}": value
        for name, value in {**entities, "entry_id": entry_id}.items()
    }


async def _set_options(
    assistant: HomeAssistant,
    stream: Stream,
    entry_id: str,
    options: Mapping[str, Any],
) -> None:
    """Set an entry's options, and wait until it works with them."""
    connected = await wait_connected(stream, entry_id, "")
    await assistant.set_options(entry_id, options)
    await wait_connected(stream, entry_id, connected)


def _in_words(value: Any) -> str:
    """Return an option's value as it is printed; rows as what each has, in order."""
    if not isinstance(value, list):
        return str(value)
    return ", ".join(" = ".join(map(str, row.values())) for row in value)


async def wait_connected(stream: Stream, entry_id: str, after: str) -> str:
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
