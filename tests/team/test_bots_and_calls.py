"""From a guest's press to people by Telegram and by telephone, and back."""

from collections.abc import AsyncGenerator, Generator
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulator.pbx import PbxService
from simulator.qr_menu import QrMenuService

from ..alerts import table_calls
from ..fixtures import Recorder
from ..helpers import wait_until
from ..services.conftest import (
    MakePbx,
    make_pbx as make_pbx,  # noqa: PLC0414 - fixtures of theirs that are fixtures here
    pbx as pbx,  # noqa: PLC0414
)
from ..timings import timed
from .channels.bot_api import ANNA, BORIS, BotApi, chat_at, running_bot
from .dispatching import (
    ONCE,
    dispatched as dispatched,  # noqa: PLC0414
    done,
    make,
)


@pytest.fixture(autouse=True)
def _often() -> Generator[None]:
    """Look at calls often."""
    with timed(call_look=0.01):
        yield


@pytest.fixture
async def api(hass: HomeAssistant) -> AsyncGenerator[BotApi]:
    """Return a server of bots, with a bot of Home Assistant's at it."""
    assert await async_setup_component(hass, "http", {})
    async with BotApi().serve() as server, running_bot(hass, server):
        yield server


def _button(api: BotApi, label: str) -> tuple[str, int]:
    """Return what a button of the last message sends back, and that message."""
    sent = api.of("sendMessage")[-1]
    (row,) = sent["reply_markup"]["inline_keyboard"]
    (data,) = (button["callback_data"] for button in row if button["text"] == label)
    return data, max(api.messages)


async def test_a_button_of_telegram_takes_an_alert(
    hass: HomeAssistant,
    api: BotApi,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    dispatched: Recorder,
) -> None:
    hall = chat_at(hass, "Hall")
    await make(
        hass,
        {
            "Anna": {"channels": [{**hall, "user_id": str(ANNA["id"])}]},
        },
    )
    await table_calls(qr_menu, alerts, "6")
    sent = await done(dispatched, "sent", person="Anna")
    assert sent["channel"] == "telegram"
    assert api.of("sendMessage")[-1]["text"] == "Table 6\nCalls a waiter"
    data, message_id = _button(api, "I'm coming")
    # In a group anybody may press, and takes nothing.
    api.press(data, message_id, user=BORIS, query_id=1)
    (shown,) = await api.wait_for("answerCallbackQuery")
    assert shown["text"]
    assert alerts.data[-1]["action"] == "opened"
    api.press(data, message_id, user=ANNA, query_id=2)
    await done(dispatched, "answered", person="Anna", channel="telegram")
    assert (alerts.data[-1]["action"], alerts.data[-1]["by"]) == (
        "acknowledged",
        "Anna",
    )
    await done(dispatched, "withdrawn", person="Anna")
    (edited,) = await api.wait_for("editMessageText")
    assert "Anna" in edited["text"]
    assert "reply_markup" not in edited
    # The button is still on another device of hers.
    api.press(data, message_id, user=ANNA, query_id=3)
    (*_, shown) = await api.wait_for("answerCallbackQuery", 3)
    assert shown["text"]


async def _phoned(
    hass: HomeAssistant, pbx: PbxService, make_pbx: MakePbx, *numbers: str
) -> list[dict[str, Any]]:
    """Return the addresses of telephones that a PBX phones."""
    entry = make_pbx(pbx, device_url=pbx.url)
    hass.config_entries.async_update_entry(entry, options={"call_scenario": "staff"})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await pbx.wait_for_streams(1)
    return [
        {"channel": "call", "entry_id": entry.entry_id, "number": number}
        for number in numbers
    ]


async def test_a_pressed_key_takes_an_alert(
    hass: HomeAssistant,
    pbx: PbxService,
    make_pbx: MakePbx,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    dispatched: Recorder,
) -> None:
    ways = await _phoned(hass, pbx, make_pbx, "+79820000001")
    await make(hass, {"Anna": {"channels": ways}})
    await table_calls(qr_menu, alerts, "6")
    assert (await done(dispatched, "sent"))["channel"] == "call"
    pbx.auto_calls.end("talk_ok", {"result#1": "1"})
    await done(dispatched, "answered", person="Anna", channel="call")
    assert alerts.data[-1]["by"] == "Anna"


async def test_who_is_not_reached_by_a_call_is_tried_by_the_next_way(
    hass: HomeAssistant,
    pbx: PbxService,
    make_pbx: MakePbx,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    dispatched: Recorder,
) -> None:
    ways = await _phoned(hass, pbx, make_pbx, "101", "102")
    boris = await _phoned(hass, pbx, make_pbx, "103")
    await make(
        hass,
        {"Anna": {"channels": ways}, "Boris": {"channels": boris, "role": "manager"}},
        (ONCE, {"name": "Managers", "after": 600, "to": ["managers"]}),
    )
    pbx.auto_calls.by_itself = ("busy", {})
    await table_calls(qr_menu, alerts, "6")
    # Each once, and then the next step at once: nobody of this one was reached.
    await done(dispatched, "sent", step="Managers")
    await wait_until(lambda: len(pbx.auto_calls.tasks) >= 3)
    assert [task.number for task in pbx.auto_calls.tasks if task.number != "103"] == [
        "101",
        "102",
    ]
    failed = [one for one in dispatched.data if one["action"] == "failed"]
    assert {one["error"] for one in failed} == {"Nobody took the call."}


async def test_a_call_ends_when_somebody_else_has_the_alert(
    hass: HomeAssistant,
    pbx: PbxService,
    make_pbx: MakePbx,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    dispatched: Recorder,
) -> None:
    ways = await _phoned(hass, pbx, make_pbx, "101")
    await make(hass, {"Anna": {"channels": ways}})
    alert = await table_calls(qr_menu, alerts, "6")
    await done(dispatched, "sent")
    await hass.services.async_call(
        "carbis_alerts",
        "acknowledge",
        {"alert_id": alert["alert_id"], "by": "Boris"},
        blocking=True,
    )
    await done(dispatched, "withdrawn", channel="call")
    assert pbx.auto_calls.ringing is None


async def test_a_restart_loses_no_call_and_no_key(
    hass: HomeAssistant,
    pbx: PbxService,
    make_pbx: MakePbx,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    dispatched: Recorder,
) -> None:
    (anna,) = await _phoned(hass, pbx, make_pbx, "101")
    team = await make(hass, {"Anna": {"channels": [anna]}})
    await table_calls(qr_menu, alerts, "6")
    await table_calls(qr_menu, alerts, "7")
    await wait_until(lambda: sum(x["action"] == "sent" for x in dispatched.data) == 2)
    for entry_id in (team.entry_id, anna["entry_id"]):
        assert await hass.config_entries.async_unload(entry_id)
    assert len(pbx.auto_calls.tasks) == 1
    for entry_id in (anna["entry_id"], team.entry_id):
        assert await hass.config_entries.async_setup(entry_id)
    await _take(pbx, alerts, 1)
    await _take(pbx, alerts, 2)
    assert [task.number for task in pbx.auto_calls.tasks] == ["101", "101"]


async def _take(pbx: PbxService, alerts: Recorder, count: int) -> None:
    """Press the key that takes an alert, the call being the one of a number."""
    await wait_until(lambda: pbx.auto_calls.ringing is not None)
    pbx.auto_calls.end("talk_ok", {"result#1": "1"})
    await wait_until(
        lambda: sum(x["action"] == "acknowledged" for x in alerts.data) == count
    )
