"""A real Home Assistant starts with the folders that released versions wrote."""

from collections.abc import AsyncGenerator
from pathlib import Path
import re
import shutil
from typing import Any, override

import aiohttp
import pytest

from scripts.live_demo.processes import Processes
from scripts.live_demo.site_files import write_site

from .checks import check_alerts, check_states, connections
from .folder import V0_1_0, Address, Placed, install, with_url
from .restaurant import GUEST, GUEST_CHAT, Restaurant
from .services import FIRST, SECOND

# Of the log, what the integration says or is named in. Home Assistant detects what
# blocks its loop, and what is used in a way that is deprecated.
COMPLAINT = re.compile(
    r"ERROR|CRITICAL|Traceback|(Error|Exception):|Detected|[Dd]eprecat"
)
# How often each automation runs in the test below. Those of connections wait for
# minutes or ran at the start; those of late and closed alerts have tests of their own.
RUNS = {
    "waiter_called": 1,
    "dishes_added": 1,
    "payment_received": 1,
    "call_incoming": 1,
    "call_answered": 1,
    "call_ended": 1,
    "call_missed": 1,
    "sms_received": 1,
    "message_received": 1,
    "alert_opened": 1,
    "alert_acknowledged": 1,
    "alert_closed": 1,
    "has_open_alerts": 1,
    "entity_state": 1,
}


class Upgraded(Restaurant):
    """A Home Assistant whose folder another version wrote."""

    placed: Placed

    async def start_with(self, source: Path) -> None:
        """Start with a stored folder, until every service has answered."""
        self.simulator = await self.start_simulator(*FIRST)
        self.second = await self.start_simulator(*SECOND)
        self.config.mkdir()
        write_site(self.config, language="en", port=self._port)
        self.placed = install(
            source,
            self.config,
            {
                "qr_menu": Address(
                    self.simulator["qr_menu_url"], self.simulator["qr_menu_fingerprint"]
                ),
                "pbx": Address(self.simulator["pbx_url"]),
                "hook_pbx": Address(self.second["pbx_url"]),
                "whatsapp": Address(self.simulator["green_api_url"]),
            },
        )
        configuration = self.config / "configuration.yaml"
        text = configuration.read_text("utf-8")
        configuration.write_text(with_url(text, self.assistant.url), "utf-8")
        self.entries = {
            name: entry["entry_id"]
            for name, entry in self.placed.expected["entries"].items()
        }
        await self.start()
        await self.welcome()
        for connection in connections(self.placed):
            await self.wait_for(connection, "on")

    @override
    async def set_up(self) -> None:
        await self.start_with(V0_1_0)

    async def states(self) -> dict[str, str]:
        """Return the states of all entities."""
        async with await self.stream() as stream:
            states = await stream.command("get_states")
        return {state["entity_id"]: state["state"] for state in states}

    async def shown_options(self, entry_id: str) -> dict[str, Any]:
        """Return what the form of an entry's options shows."""
        url = f"{self.assistant.url}/api/config/config_entries/options/flow"
        headers = {"Authorization": f"Bearer {self.assistant.token}"}
        async with self.session.post(
            url, headers=headers, json={"handler": entry_id}
        ) as answer:
            form = await answer.json()
        return {
            field["name"]: field["description"]["suggested_value"]
            for field in form["data_schema"]
            if "suggested_value" in field.get("description", {})
        }

    async def fire(self, event_type: str) -> None:
        """Fire an event that nothing but a test fires."""
        async with await self.stream() as stream:
            await stream.command("fire_event", event_type=event_type)

    def complaints(self) -> list[str]:
        """Return what the log says of errors with the integration."""
        log = (self.config.parent / "home-assistant.log").read_text("utf-8")
        return [
            line
            for line in log.splitlines()
            if COMPLAINT.search(line) and "carbis_alerts" in line
        ]


@pytest.fixture
async def upgraded(tmp_path: Path) -> AsyncGenerator[Upgraded]:
    """Return a Home Assistant that runs, and leave no process of it behind."""
    processes = Processes(tmp_path, lambda death: None)
    try:
        async with aiohttp.ClientSession() as session:
            this = Upgraded(session, processes, tmp_path)
            await this.set_up()
            yield this
    finally:
        await processes.stop()
        shutil.rmtree(tmp_path, ignore_errors=True)


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_a_real_home_assistant_goes_on_with_the_folder_of_0_1_0(
    upgraded: Upgraded,
) -> None:
    placed = upgraded.placed

    check_states(placed, await upgraded.states())
    check_alerts(
        placed, await upgraded.alerts() + await upgraded.alerts(state="closed")
    )
    for name, options in placed.options.items():
        shown = await upgraded.shown_options(upgraded.entries[name])
        assert {key: shown[key] for key in options} == options
    async with await upgraded.stream() as stream:
        issues = (await stream.command("repairs/list_issues"))["issues"]
    # There is no broker here, and so nothing that publishes to one.
    assert [
        issue["issue_id"]
        for issue in issues
        if not issue["issue_id"].endswith("mqtt.publish")
    ] == []

    await upgraded.fire("look")
    await upgraded.call_waiter("3")
    await upgraded.call_waiter("6")
    await upgraded.wait_for("binary_sensor.window", "on")
    await upgraded.acknowledge("3", by="Anna")
    await upgraded.publish("/qr-menu/tables/Терраса 1/dishes")
    await upgraded.publish("/qr-menu/tables/6/dishes")
    await upgraded.publish("/qr-menu/tables/6/pay")
    await upgraded.miss(GUEST, upgraded.simulator)
    await upgraded.miss(GUEST, upgraded.second)
    await upgraded.talk(upgraded.simulator)
    await upgraded.publish(
        "/pbx/sms", {"from": GUEST, "text": "Late"}, simulator=upgraded.second
    )
    await upgraded.publish(
        "/green-api/messages", {"chat": GUEST_CHAT, "text": "A table for nine?"}
    )
    for name, times in RUNS.items():
        await upgraded.wait_for(f"counter.{name}", str(times))

    again = next(a for a in await upgraded.alerts() if a["title"] == "3")
    assert (again["state"], again["count"], again["by"]) == ("acknowledged", 3, "Anna")
    await upgraded.fire("act")
    await upgraded.wait_for_alerts("8")
    assert upgraded.complaints() == []
