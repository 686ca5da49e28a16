"""Real processes: two simulators, and a Home Assistant that is treated badly."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
import json
import os
from pathlib import Path
import shutil
import signal
import sys
import time
from typing import Any, Final, override

import aiohttp

from scripts.live_demo.errors import DemoError
from scripts.live_demo.home_assistant import DOMAIN, PAUSE, HomeAssistant
from scripts.live_demo.messenger import Messenger
from scripts.live_demo.pbx import Pbx
from scripts.live_demo.processes import Child, Processes
from scripts.live_demo.qr_menu import QrMenu
from scripts.live_demo.service import Service
from scripts.live_demo.site import LOOPBACK, free_port, wait_connected
from scripts.live_demo.site_files import COMPONENT, ROOT, write_site
from scripts.live_demo.stream import Stream
from scripts.live_demo.words import WORDS

from .ledger import History, Life, Line, Span

HERE: Final = Path(__file__).parent
WITNESS: Final = "chaos_witness"
CONFIGURATION: Final = """
homeassistant:
  name: Chaos
  country: RU
  internal_url: {url}
config:
recorder:
  commit_interval: 1
logger:
  default: warning
chaos_witness:
"""
# Its start is to be seen through, however busy the machine is.
STARTING: Final = 240.0
ENDING: Final = 120.0
# What Home Assistant may take to answer while it is busy.
TIMEOUT: Final = aiohttp.ClientTimeout(total=60)
# How far the clock is set at most while nobody is there to notice: what is remembered
# of events is as old as the wall clock says after a start.
UNSEEN_JUMP: Final = 300.0


class HookPbx(Pbx):
    """The second PBX, which posts to a hook."""

    name = "PBX with a hook"

    @override
    def answer(self, step: str, shown: Mapping[str, Any]) -> dict[str, Any]:
        """Choose the web hook."""
        answer = super().answer(step, shown)
        return {**answer, "transport": "webhook"} if step == "pbx" else answer


SERVICES: Final[Mapping[Line, type[Service]]] = {
    Line.QR_MENU: QrMenu,
    Line.PBX: Pbx,
    Line.HOOK: HookPbx,
    Line.GREEN_API: Messenger,
}


class ChaosSite:
    """A site with four entries, and a history of what was done to it."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        processes: Processes,
        folder: Path,
        component: Path | None = None,
    ) -> None:
        """Prepare; another component than the checkout's may be tried."""
        self._session = session
        self._processes = processes
        self._folder = folder
        self._component = component
        self.config = folder / "config"
        self._machine = folder / "machine.json"
        self._state: dict[str, Any] = {"offset": 0.0, "full": False}
        self._child: Child | None = None
        self._doing = asyncio.Lock()
        self.simulators: dict[Line, dict[str, Any]] = {}
        self.entries: dict[Line, str] = {}
        self.history = History()
        port = free_port(0)
        self.assistant = HomeAssistant(session, f"http://{LOOPBACK}:{port}")
        self._port = port

    @property
    def is_up(self) -> bool:
        """Return whether Home Assistant has started and is not asked to end."""
        return bool(self.history.sessions) and (
            self.history.sessions[-1].ready
            < time.monotonic()
            < self.history.sessions[-1].asked_to_end
        )

    async def set_up(self) -> None:
        """Start everything for the first time, and set up all entries."""
        first = await self._start_simulator("simulator", "--tls")
        second = await self._start_simulator("second-simulator")
        self.simulators = dict.fromkeys(Line, first) | {Line.HOOK: second}
        self.config.mkdir()
        write_site(self.config, language="en", port=self._port)
        (self.config / "configuration.yaml").write_text(
            CONFIGURATION.format(url=self.assistant.url), "utf-8"
        )
        custom = self.config / COMPONENT.parent
        shutil.copytree(HERE / WITNESS, custom / WITNESS)
        if self._component is not None:
            shutil.rmtree(self.config / COMPONENT)
            shutil.copytree(self._component, self.config / COMPONENT)
        self._write_machine()
        await self.start()
        await self.assistant.onboard("demo", "demo-password", "en")
        await self.assistant.wait_until_running()
        async with await self.stream() as stream:
            # The first one ends after half an hour, or when the clock is set.
            self.assistant.token = await stream.command(
                "auth/long_lived_access_token", client_name="chaos", lifespan=3650
            )
        for line, kind in SERVICES.items():
            service = kind(self._session, self.simulators[line], WORDS["en"])
            self.entries[line] = await self.assistant.set_up(service)
        async with await self.stream() as stream:
            for entry_id in self.entries.values():
                await wait_connected(stream, entry_id, "")
        # A hard kill would lose the log-in and the entries, which are no business of ours.
        await self._wait_until_stored()
        self.history.sessions[-1].ready = time.monotonic()

    # Life and death

    async def start(self) -> None:
        """Start Home Assistant and wait until it runs."""
        life = Life(time.monotonic())
        self.history.sessions.append(life)
        self._child = await self._processes.start(
            f"home-assistant-{len(self.history.sessions)}",
            *(sys.executable, "-P", str(HERE / "machine.py"), str(self._machine)),
            *("--config", str(self.config), "--skip-pip", "--log-no-color"),
            cwd=self.config,
        )
        async with asyncio.timeout(STARTING):
            if not self.assistant.token:
                await self.assistant.wait()
                return
            while True:
                # Nothing answers yet, then not everything.
                with suppress(aiohttp.ClientError, DemoError):
                    await self.assistant.wait_until_running()
                    break
                await asyncio.sleep(PAUSE)
        life.ready = time.monotonic()
        # It may have changed while nobody listened.
        self._describe_machine()

    async def end(self, number: signal.Signals) -> None:
        """End Home Assistant with a signal, and wait until it is gone."""
        assert self._child is not None
        life = self.history.sessions[-1]
        life.killed = number is signal.SIGKILL
        life.asked_to_end = time.monotonic()
        self._child.process.send_signal(number)
        async with asyncio.timeout(ENDING):
            await self._child.process.wait()
        life.ended = time.monotonic()

    async def away(self, number: signal.Signals, seconds: float) -> None:
        """End Home Assistant, and start it again after a while."""
        async with self._doing:
            await self.end(number)
            await asyncio.sleep(seconds)
            await self.start()

    async def end_for_good(self) -> None:
        """End Home Assistant in order, once nobody does anything to it."""
        async with self._doing:
            await self.end(signal.SIGTERM)

    # The machine

    def set_clock(self, by: float) -> None:
        """Set the wall clock forward or back, never before the run's beginning."""
        if not self.is_up:
            by = max(-UNSEEN_JUMP, min(by, UNSEEN_JUMP))
        self._state["offset"] = max(0.0, self._state["offset"] + by)
        self._describe_machine()

    def fill_disk(self) -> Span:
        """Let the disk be full."""
        span = Span(time.monotonic())
        self.history.full.append(span)
        self._state["full"] = True
        self._describe_machine()
        return span

    def free_disk(self, span: Span) -> None:
        """Let there be room again."""
        if self.history.full[-1] is span:
            self._state["full"] = False
            self._describe_machine()
        span.ended = time.monotonic()

    # Entries

    async def reload(self, line: Line) -> None:
        """Reload an entry."""
        async with self._broken(line):
            await self._ask(
                "POST",
                f"/api/config/config_entries/entry/{self.entries[line]}/reload",
            )

    async def reconfigure(self, line: Line, host: str) -> bool:
        """Enter another name of the same host; return whether the service agreed."""
        async with self._broken(line):
            path = "/api/config/config_entries/flow"
            step = await self._ask(
                "POST", path, {"handler": DOMAIN, "entry_id": self.entries[line]}
            )
            answers: dict[str, Any] = {
                "reconfigure": self._answer(line, host),
                "certificate": {"trust": True},
                "mend": {"confirm": True},
            }
            while step["type"] == "form" and not step.get("errors"):
                answer = answers[step["step_id"]]
                step = await self._ask("POST", f"{path}/{step['flow_id']}", answer)
            if step["type"] == "form":
                await self._ask("DELETE", f"{path}/{step['flow_id']}")
                return False
            return bool(step["reason"] == "reconfigure_successful")

    async def change_options(self, line: Line, number: int) -> None:
        """Change an entry's options."""
        async with self._broken(line):
            options = {"overdue_after": 60 + number}
            if line is Line.QR_MENU:
                options["poll_interval"] = 1 + number % 3
            await self.assistant.set_options(self.entries[line], options)

    async def fix(self) -> int:
        """Do what repairs ask a person for; return how many there were."""
        async with await self.stream() as stream:
            issues = (await stream.command("repairs/list_issues"))["issues"]
        wanted = [
            issue["issue_id"]
            for issue in issues
            if issue["domain"] == DOMAIN
            and issue["translation_key"] in ("certificate_changed", "stream_refused")
        ]
        for issue_id in wanted:
            line = next(
                line for line, entry_id in self.entries.items() if entry_id in issue_id
            )
            async with self._broken(line):
                path = "/api/repairs/issues/fix"
                step = await self._ask(
                    "POST", path, {"handler": DOMAIN, "issue_id": issue_id}
                )
                if step["type"] == "form":
                    await self._ask("POST", f"{path}/{step['flow_id']}", {})
        return len(wanted)

    async def stream(self) -> Stream:
        """Return a connection to what happens."""
        return await Stream.open(
            self._session, self.assistant.url, self.assistant.token
        )

    # The services

    async def control(
        self, line: Line, method: str, path: str, body: object = None
    ) -> Any:
        """Ask the control port of a line's service."""
        url = self.simulators[line]["control_url"] + path
        async with self._session.request(
            method, url, json=body, timeout=TIMEOUT
        ) as response:
            response.raise_for_status()
            return await response.json()

    # Inner

    def _broken(self, line: Line) -> _Break:
        return _Break(self, line, self._doing)

    async def wait_until_loaded(self, line: Line) -> None:
        """Wait until an entry stands, unless Home Assistant goes."""
        # What was asked for is begun by then.
        await asyncio.sleep(0.5)
        path = f"/api/config/config_entries/entry?domain={DOMAIN}"
        while self.is_up:
            for entry in await self._ask("GET", path):
                if (
                    entry["entry_id"] == self.entries[line]
                    and entry["state"] == "loaded"
                ):
                    return
            await asyncio.sleep(PAUSE)

    def _answer(self, line: Line, host: str) -> dict[str, Any]:
        """Return what a person enters in the form of a line."""
        simulator = self.simulators[line]
        kind = "pbx" if line is Line.HOOK else line.value
        answer = {
            "url": simulator[f"{kind}_url"].replace(LOOPBACK, host),
            "token": simulator[f"{kind}_token"],
        }
        if line is Line.GREEN_API:
            answer["instance_id"] = simulator["green_api_instance_id"]
        if kind == "pbx":
            answer["transport"] = "webhook" if line is Line.HOOK else "sse"
        return answer

    async def _ask(self, method: str, path: str, body: object = None) -> Any:
        async with self._session.request(
            method,
            self.assistant.url + path,
            json=body,
            headers={"Authorization": f"Bearer {self.assistant.token}"},
            timeout=TIMEOUT,
        ) as response:
            if not response.ok:
                raise DemoError(f"{method} {path}: {response.status}")
            return await response.json()

    async def _start_simulator(self, name: str, *options: str) -> dict[str, Any]:
        child = await self._processes.start(
            name,
            *(sys.executable, "-m", "simulator"),
            *("--qr-menu-port", "0", "--pbx-port", "0", "--green-api-port", "0"),
            *("--control-port", "0", "--pbx-token", "token-of-the-pbx"),
            *("--pbx-device-id", f"device-of-the-{name}", *options),
            cwd=ROOT,
            speaks=True,
        )
        published: dict[str, Any] = json.loads(await child.first_line())
        return published

    async def _wait_until_stored(self) -> None:
        storage = self.config / ".storage"
        wanted = {
            "auth": '"chaos"',
            "core.config_entries": self.entries[Line.GREEN_API],
        }
        while not all(  # noqa: ASYNC110
            (storage / name).exists() and text in (storage / name).read_text("utf-8")
            for name, text in wanted.items()
        ):
            await asyncio.sleep(PAUSE)

    def _describe_machine(self) -> None:
        self._write_machine()
        life = self.history.sessions[-1]
        # Until it runs, a signal may come before anybody handles it.
        if self._child is not None and life.ready < time.monotonic() < life.ended:
            with suppress(ProcessLookupError):
                os.kill(self._child.process.pid, signal.SIGUSR1)

    def _write_machine(self) -> None:
        new = self._machine.with_suffix(".new")
        new.write_text(json.dumps(self._state), "utf-8")
        new.replace(self._machine)


class _Break:
    """A time in which somebody works at an entry; only one at a time does."""

    def __init__(self, site: ChaosSite, line: Line, doing: asyncio.Lock) -> None:
        self._site = site
        self._line = line
        self._doing = doing
        self._span = Span(0.0)

    async def __aenter__(self) -> None:
        await self._doing.acquire()
        self._span = Span(time.monotonic())
        self._site.history.breaks[self._line].append(self._span)

    async def __aexit__(self, *_: object) -> None:
        try:
            await self._site.wait_until_loaded(self._line)
        finally:
            self._span.ended = time.monotonic()
            self._doing.release()
