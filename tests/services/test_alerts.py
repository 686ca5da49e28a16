"""Missed calls and messages that wait for somebody: what opens them, what ends them."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceNotSupported
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulator.green_api import GreenApiService
from simulator.pbx import PbxService

from ..alerts import act, get_alerts, items, press, site_clock
from ..conftest import Recorder
from ..helpers import state_of, wait_for_state, wait_until
from .conftest import MakePbx, MakeWhatsApp

CALLER = "+79821234567"
PBX_TODO = "todo.pbx_127_0_0_1_alerts"
PBX_TODAY = "sensor.pbx_127_0_0_1_missed_calls_today"
WHATSAPP_TODO = "todo.whatsapp_4567_alerts"
WHATSAPP_TODAY = "sensor.whatsapp_4567_messages_today"
WHATSAPP_CONNECTION = "binary_sensor.whatsapp_4567_connection"
GUEST = "79821234567@c.us"
GROUP = "120363043968066561@g.us"


async def missed(pbx: PbxService, alerts: Recorder, caller: str = CALLER) -> Any:
    """Let a call be missed, and return what became of an alert by it."""
    before = len(alerts.events)
    pbx.miss(pbx.ring(caller, "107"))
    return (await alerts.wait(before + 1))[-1]


# --- Missed calls ----------------------------------------------------------------------


async def test_a_missed_call_waits_with_every_field(
    hass: HomeAssistant,
    pbx: PbxService,
    pbx_entry: MockConfigEntry,
    bus: Recorder,
    alerts: Recorder,
) -> None:
    data = await missed(pbx, alerts)
    assert data == {
        "action": "opened",
        "late": False,
        "reason": None,
        "outcome": None,
        "alert_id": data["alert_id"],
        "kind": "missed_call",
        "state": "open",
        "key": "79821234567",
        "title": CALLER,
        "name": "+7 982 123-45-67",
        "text": None,
        "count": 1,
        "opened_at": data["opened_at"],
        "acknowledged_at": None,
        "closed_at": None,
        "snoozed_until": None,
        "overdue": False,
        "age": data["age"],
        "by": None,
        "person_id": None,
        "source": "pbx",
        "entry_id": pbx_entry.entry_id,
        "entry_title": "127.0.0.1",
        "device_id": bus.data[-1]["device_id"],
        "entity_id": "event.extension_107_calls",
    }
    assert state_of(hass, PBX_TODAY) == "1"
    assert state_of(hass, PBX_TODO) == "1"


async def test_a_number_written_differently_is_the_same_caller(
    hass: HomeAssistant,
    pbx: PbxService,
    pbx_entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    await missed(pbx, alerts)
    data = await missed(pbx, alerts, "89821234567")
    assert (data["action"], data["count"]) == ("repeated", 2)
    assert state_of(hass, PBX_TODAY) == "2"


@pytest.mark.parametrize("anonymous", ["anonymous", ""])
async def test_anonymous_calls_are_each_their_own(
    hass: HomeAssistant,
    pbx: PbxService,
    pbx_entry: MockConfigEntry,
    alerts: Recorder,
    anonymous: str,
) -> None:
    first = await missed(pbx, alerts, anonymous)
    second = await missed(pbx, alerts, anonymous)
    assert [data["action"] for data in alerts.data] == ["opened", "opened"]
    assert first["key"] != second["key"]
    pbx.answer(pbx.ring(anonymous, "107"))
    await missed(pbx, alerts)
    assert len(await get_alerts(hass, state="open")) == 3


async def test_a_contacts_name_is_the_title_and_the_item(
    hass: HomeAssistant, pbx: PbxService, make_pbx: MakePbx, alerts: Recorder
) -> None:
    contact = {"name": "Анна", "number": CALLER, "vip": False}
    entry = make_pbx(pbx, contacts=(contact,))
    assert await hass.config_entries.async_setup(entry.entry_id)
    await pbx.wait_for_streams(1)
    assert (await missed(pbx, alerts))["title"] == "Анна"
    (item,) = await items(hass, PBX_TODO)
    assert item["summary"] == "Анна"


@pytest.mark.parametrize("direction", ["incoming", "outgoing"])
async def test_a_talk_with_that_number_in_either_direction_ends_it(
    hass: HomeAssistant,
    pbx: PbxService,
    pbx_entry: MockConfigEntry,
    alerts: Recorder,
    direction: str,
) -> None:
    await missed(pbx, alerts)
    await missed(pbx, alerts, "+79990000000")
    again = "8 982 123-45-67"
    call = pbx.ring(again, "105") if direction == "incoming" else pbx.dial("105", again)
    pbx.answer(call)
    data = (await alerts.wait(3))[2]
    assert (data["action"], data["reason"]) == ("closed", "talked")
    assert data["title"] == CALLER
    (left,) = await get_alerts(hass)
    assert left["title"] == "+79990000000"


async def test_a_call_back_that_nobody_takes_ends_nothing(
    hass: HomeAssistant,
    pbx: PbxService,
    pbx_entry: MockConfigEntry,
    bus: Recorder,
    alerts: Recorder,
) -> None:
    await missed(pbx, alerts)
    pbx.hang_up(pbx.dial("107", CALLER), status="no_answer")
    await bus.wait(5)
    assert len(alerts.events) == 1
    assert state_of(hass, PBX_TODO) == "1"


async def test_a_missed_call_is_acknowledged_and_cannot_be_added_by_hand(
    hass: HomeAssistant,
    pbx: PbxService,
    pbx_entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    await missed(pbx, alerts)
    await press(hass, "button.pbx_127_0_0_1_acknowledge_all")
    assert alerts.data[1]["action"] == "acknowledged"
    assert state_of(hass, PBX_TODO) == "0"
    with pytest.raises(ServiceNotSupported):
        await hass.services.async_call(
            "todo", "add_item", {"entity_id": PBX_TODO, "item": "6"}, blocking=True
        )


async def test_a_pbx_has_no_tables_to_call(
    hass: HomeAssistant, pbx_entry: MockConfigEntry
) -> None:
    with pytest.raises(Exception, match="by hand") as caught:
        await act(hass, "raise_alert", entry_id=pbx_entry.entry_id, table="6")
    assert getattr(caught.value, "translation_key", None) == "cannot_raise"


async def test_missed_calls_are_kept_over_a_restart_and_overdue_once(
    hass: HomeAssistant,
    pbx: PbxService,
    pbx_entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    with site_clock("19:00") as clock:
        opened = await missed(pbx, alerts)
        assert await hass.config_entries.async_unload(pbx_entry.entry_id)
        clock.pass_by(minutes=3)
        for _ in range(2):
            await hass.config_entries.async_reload(pbx_entry.entry_id)
            await pbx.wait_for_streams(1)
        assert [data["action"] for data in alerts.data] == ["opened", "overdue"]
        (item,) = await items(hass, PBX_TODO)
        assert item["uid"] == opened["alert_id"]
        assert state_of(hass, PBX_TODAY) == "1"


# --- Messages --------------------------------------------------------------------------


@pytest.fixture
async def whatsapp(
    hass: HomeAssistant, green_api: GreenApiService, make_whatsapp: MakeWhatsApp
) -> MockConfigEntry:
    """Return a loaded entry with one chat, its queue empty."""
    entry = make_whatsapp(green_api, chats={"Анна": GUEST})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await wait_for_state(hass, WHATSAPP_CONNECTION, "on")
    await wait_until(lambda: not entry.runtime_data.source._late)
    return entry


async def test_a_message_waits_with_every_field(
    hass: HomeAssistant,
    green_api: GreenApiService,
    whatsapp: MockConfigEntry,
    bus: Recorder,
    alerts: Recorder,
) -> None:
    green_api.message(GUEST, "Есть столик?", name="Anna P.")
    (data,) = await alerts.wait(1)
    assert data == {
        "action": "opened",
        "late": False,
        "reason": None,
        "outcome": None,
        "alert_id": data["alert_id"],
        "kind": "message",
        "state": "open",
        "key": GUEST,
        "title": "Анна",
        "name": "Анна",
        "text": "Есть столик?",
        "count": 1,
        "opened_at": data["opened_at"],
        "acknowledged_at": None,
        "closed_at": None,
        "snoozed_until": None,
        "overdue": False,
        "age": data["age"],
        "by": None,
        "person_id": None,
        "source": "green_api",
        "entry_id": whatsapp.entry_id,
        "entry_title": "WhatsApp …4567",
        "device_id": bus.data[0]["device_id"],
        "entity_id": bus.data[0]["entity_id"],
    }
    (item,) = await items(hass, WHATSAPP_TODO)
    assert (item["summary"], item["description"]) == ("Анна", "Есть столик?")

    green_api.message(GUEST, "На двоих")
    again = (await alerts.wait(2))[1]
    assert (again["action"], again["count"]) == ("repeated", 2)
    assert again["text"] == "На двоих"
    assert state_of(hass, WHATSAPP_TODAY) == "2"


async def test_a_strangers_message_has_the_name_they_give_themselves_or_the_number(
    green_api: GreenApiService, whatsapp: MockConfigEntry, alerts: Recorder
) -> None:
    green_api.message("79990000000@c.us", "hello", name="Boris")
    green_api.message("79990000001@c.us", "hello", name="")
    await alerts.wait(2)
    assert [data["title"] for data in alerts.data] == ["Boris", "79990000001"]
    assert alerts.data[0]["device_id"] == whatsapp.runtime_data.devices.hub_id
    assert alerts.data[0]["entity_id"] == "event.whatsapp_4567_messages"


async def test_groups_reactions_and_status_broadcasts_wait_for_nobody(
    hass: HomeAssistant,
    green_api: GreenApiService,
    whatsapp: MockConfigEntry,
    bus: Recorder,
    alerts: Recorder,
) -> None:
    reaction = {
        "typeMessage": "reactionMessage",
        "extendedTextMessageData": {"text": "👍"},
    }
    green_api.message(GROUP, "hello", sender=GUEST)
    green_api.message(GUEST, "👍", data=reaction)
    green_api.message("status@broadcast", "my day", sender=GUEST)
    green_api.message("120363043968066561@newsletter", "news", sender=GUEST)
    green_api.call("79821234567", "offer")
    await bus.wait(5)
    assert [data["type"] for data in bus.data] == [
        *("message", "message_changed", "message", "message", "whatsapp_call")
    ]
    assert bus.data[1]["message_type"] == "reactionMessage"
    assert alerts.events == []
    assert state_of(hass, WHATSAPP_TODO) == "0"


@pytest.mark.parametrize("from_here", [True, False])
async def test_an_answer_from_here_or_from_the_phone_ends_it(
    hass: HomeAssistant,
    green_api: GreenApiService,
    whatsapp: MockConfigEntry,
    alerts: Recorder,
    from_here: bool,
) -> None:
    green_api.message("79990000000@c.us", "hello")
    green_api.message(GUEST, "hello")
    await alerts.wait(2)
    if from_here:
        await act(
            hass,
            "send_message",
            entry_id=whatsapp.entry_id,
            phone="8 982 123-45-67",
            message="Ждём вас!",
        )
    else:
        # What comes at once is the phone's own doing.
        green_api.write(GUEST, "Ждём вас!", after=10)
    data = (await alerts.wait(3))[2]
    assert (data["action"], data["reason"]) == ("closed", "answered")
    assert data["key"] == GUEST
    (left,) = await get_alerts(hass, kind="message")
    assert left["key"] == "79990000000@c.us"


async def test_the_first_start_opens_nothing_and_a_later_one_does(
    hass: HomeAssistant,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
    bus: Recorder,
    alerts: Recorder,
) -> None:
    green_api.message(GUEST, "long ago")
    entry = make_whatsapp(green_api)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await bus.wait(1)
    await wait_until(lambda: not entry.runtime_data.source._late)
    assert alerts.events == []
    assert state_of(hass, WHATSAPP_TODO) == "0"

    assert await hass.config_entries.async_unload(entry.entry_id)
    green_api.message(GUEST, "while nobody looked")
    assert await hass.config_entries.async_setup(entry.entry_id)
    (data,) = await alerts.wait(1)
    assert (data["action"], data["late"]) == ("opened", True)


async def test_a_chats_device_means_its_messages(
    hass: HomeAssistant,
    green_api: GreenApiService,
    whatsapp: MockConfigEntry,
    alerts: Recorder,
) -> None:
    green_api.message("79990000000@c.us", "hello")
    green_api.message(GUEST, "hello")
    await alerts.wait(2)
    device = alerts.data[1]["device_id"]
    answer = await act(hass, "acknowledge", device_id=device)
    assert [alert["key"] for alert in answer["alerts"]] == [GUEST]
