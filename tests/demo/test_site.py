"""Setting up the entries of the site."""

import asyncio
from typing import Any, override

import aiohttp
import pytest

from scripts.live_demo import site
from scripts.live_demo.dashboard import DASHBOARD, REGISTERED, Dashboard
from scripts.live_demo.errors import DemoError
from scripts.live_demo.home_assistant import HomeAssistant
from scripts.live_demo.messenger import Messenger
from scripts.live_demo.pbx import Pbx
from scripts.live_demo.service import Service, Subentry
from scripts.live_demo.stream import Stream
from scripts.live_demo.words import WORDS
from simulator.service import PATIENCE

from .test_site_files import FOUND as NAMES

ENTRY = "01ENTRY"
FOUND = {**NAMES, "qr_menu_entry_id": ENTRY}
SIMULATOR = {
    "pbx_url": "http://127.0.0.1:2",
    "pbx_token": "phone",
    "green_api_url": "http://127.0.0.1:3",
    "green_api_messenger": "max",
    "green_api_instance_id": "1101",
    "green_api_token": "chat",
}


class Assistant(HomeAssistant):
    """A Home Assistant of which each answer is known."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        """Give these answers, one after another."""
        self.asked: list[tuple[str, Any]] = []
        self._answers = list(answers)

    @override
    async def _request(self, method: str, path: str, **content: Any) -> dict[str, Any]:
        self.asked.append((path.rpartition("/")[2], content["json"]))
        return self._answers.pop(0)


class Site(Stream):
    """A connection sensor whose state changes each time that it is looked at."""

    def __init__(self, *times: str | None) -> None:
        """It is on since these times; None is off."""
        self._times = list(times)

    @override
    async def command(self, kind: str, **fields: object) -> Any:
        """Return what is known of the entities."""
        if kind == "get_states":
            since = self._times.pop(0)
            return [
                {"entity_id": "sensor.other", "state": "on", "last_changed": "9"},
                {
                    "entity_id": "binary_sensor.hub",
                    "state": "on" if since else "off",
                    "last_changed": since or "0",
                },
            ]
        assert kind == "config/entity_registry/list"
        return [
            entity("binary_sensor.hub", "connection"),
            entity("event.hub", "messages"),
            entity("event.chat", "messages", subentry="01CHAT"),
            entity("event.other", "calls", entry="01OTHER"),
        ]


def entity(
    entity_id: str,
    key: str,
    *,
    entry: str = ENTRY,
    subentry: str | None = None,
    device: str | None = None,
) -> dict[str, Any]:
    return {
        "device_id": device,
        "entity_id": entity_id,
        "translation_key": key,
        "config_entry_id": entry,
        "config_subentry_id": subentry,
    }


def form(step_id: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "form",
        "flow_id": "1",
        "step_id": step_id,
        "description_placeholders": None,
        **more,
    }


def service[T: Service](kind: type[T], session: aiohttp.ClientSession) -> T:
    return kind(session, SIMULATOR, WORDS["en"])


MENU = {**form("user"), "type": "menu"}
CREATED = {"type": "create_entry", "result": {"entry_id": ENTRY}}


async def test_set_up_goes_through_each_step() -> None:
    assistant = Assistant(MENU, form("green_api"), form("mend"), CREATED)
    async with aiohttp.ClientSession() as session:
        assert await assistant.set_up(service(Messenger, session)) == ENTRY
    assert [answer for _, answer in assistant.asked] == [
        {"handler": "carbis_alerts"},
        {"next_step_id": "green_api"},
        {"url": "http://127.0.0.1:3", "instance_id": "1101", "token": "chat"},
        {"confirm": True},
    ]


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (form("pbx", errors={"base": "timeout"}), "says: {'base': 'timeout'}"),
        ({"type": "abort", "reason": "already_configured"}, "already_configured"),
    ],
)
async def test_a_set_up_that_fails_is_reported(
    end: dict[str, Any], reason: str
) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(DemoError, match=f"The set-up of the PBX .*{reason}"):
            await Assistant(MENU, form("pbx"), end).set_up(service(Pbx, session))


async def test_a_subentry_that_is_refused_is_reported() -> None:
    end = form("user", errors={"number": "invalid_number"})
    with pytest.raises(DemoError, match=r"Adding a contact says.*invalid_number"):
        await Assistant(form("user"), end).add(ENTRY, Subentry("contact", {}))


async def test_the_entry_is_waited_for_again_after_the_subentry(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(site, "PAUSE", 0)
    added = {"type": "create_entry"}
    assistant = Assistant(MENU, form("pbx"), CREATED, form("user"), added)
    stream = Site(None, "1", "1", None, "2")
    async with asyncio.timeout(PATIENCE), aiohttp.ClientSession() as session:
        found = await site._set_up(assistant, stream, service(Pbx, session))
    assert found == {
        "pbx_connection": "binary_sensor.hub",
        "pbx_messages": "event.hub",
        "pbx_entry_id": ENTRY,
    }
    assert assistant.asked[3][1] == {"handler": [ENTRY, "contact"]}
    assert assistant.asked[4][1]["number"] == "8 (982) 123-45-67"


async def test_options_are_set_by_the_options_flow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(site, "PAUSE", 0)
    assistant = Assistant(form("init"), {"type": "create_entry"})
    stream = Site("1", "1", None, "2")
    async with asyncio.timeout(PATIENCE):
        await site._set_options(assistant, stream, ENTRY, {"overdue_after": 3})
    assert assistant.asked == [
        ("flow", {"handler": ENTRY}),
        ("1", {"overdue_after": 3}),
    ]


async def test_options_that_are_refused_are_reported() -> None:
    end = form("init", errors={"base": "unknown"})
    with pytest.raises(DemoError, match=r"Setting the options says.*unknown"):
        await Assistant(form("init"), end).set_options(ENTRY, {})


class Tables(Stream):
    """A site in which tables become known."""

    def __init__(self) -> None:
        """Know none yet."""
        self.listed: list[dict[str, Any]] = []
        self.saved: list[dict[str, Any]] = []
        self.listened: list[object] = []

    @override
    async def command(self, kind: str, **fields: object) -> Any:
        """Return the entities, and keep what is saved."""
        match kind:
            case "config/entity_registry/list":
                return self.listed
            case "subscribe_events":
                self.listened.append(fields["event_type"])
            case "lovelace/config/save":
                assert fields["url_path"] == DASHBOARD
                self.saved.append({**fields})
        return None


async def test_a_table_comes_onto_the_dashboard_once_it_is_whole() -> None:
    stream = Tables()
    shown = Dashboard(stream, "en", FOUND)
    await shown.add()
    await shown.follow()
    assert (stream.listened, len(stream.saved)) == ([REGISTERED], 1)

    stream.listed = [
        entity("button.hub", "acknowledge_all", device="hub"),
        entity("binary_sensor.table_6", "waiter_called", device="6"),
        entity("button.other", "acknowledge", device="7", entry="01OTHER"),
    ]
    await shown.update()
    assert len(stream.saved) == 1

    stream.listed.append(entity("button.table_6", "acknowledge", device="6"))
    await shown.update()
    await shown.update()
    assert len(stream.saved) == 2
    text = str(stream.saved[1])
    assert "binary_sensor.table_6" in text
    assert "button.table_6" in text
    assert "button.other" not in text
