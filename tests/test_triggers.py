"""Triggers: through real automations and from real servers."""

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
    floor_registry as fr,
    label_registry as lr,
)
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    WebSocketGenerator,
)
import yaml

from custom_components.carbis_alerts import async_remove_config_entry_device
from custom_components.carbis_alerts.trigger import TRIGGERS
from simulator.faults import Faults
from simulator.green_api import GreenApiService
from simulator.pbx import PbxService
from simulator.qr_menu import QrMenuService

from .alerts import act, site_clock
from .automations import RAN, Runs, automate, ours
from .conftest import Recorder
from .helpers import CONNECTION, HUB_ACTIVITY, wait_for_state, wait_until
from .services import conftest as sources

pbx = sources.pbx
make_pbx = sources.make_pbx
pbx_entry = sources.pbx_entry
green_api = sources.green_api
make_whatsapp = sources.make_whatsapp

type MakeEntry = Callable[..., MockConfigEntry]

ANNA = "+79821234567"
GUEST = "79821234567@c.us"
PBX_CONNECTION = "binary_sensor.pbx_127_0_0_1_connection"
# The others bring what waits, in whichever way it came.
SINGLE = sorted({*TRIGGERS} - {"alert_waiting", "alerts_gone"})
ALERT_TRIGGERS = ("alert_opened", "alert_acknowledged", "alert_overdue", "alert_closed")
DOCS = Path(__file__).parent.parent / "docs"


@pytest.fixture
async def whatsapp(
    hass: HomeAssistant,
    green_api: GreenApiService,
    make_whatsapp: sources.MakeWhatsApp,
) -> MockConfigEntry:
    """Return a loaded WhatsApp account with one chat, its queue empty."""
    entry = make_whatsapp(green_api, chats={"Анна": GUEST})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await wait_for_state(hass, "binary_sensor.whatsapp_4567_connection", "on")
    await wait_until(lambda: not entry.runtime_data.source._late)
    return entry


async def test_each_trigger_fires_once_with_what_the_bus_says(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    pbx: PbxService,
    pbx_entry: MockConfigEntry,
    green_api: GreenApiService,
    whatsapp: MockConfigEntry,
    bus: Recorder,
    alerts: Recorder,
) -> None:
    runs = await automate(hass, {name: ours(name) for name in SINGLE})

    async def expect(*names: str) -> None:
        await runs.wait(len(names))
        await runs.all_done()
        assert sorted(runs.names) == sorted(names)
        published = bus.data + alerts.data
        for name in names:
            if not name.startswith("connection"):
                assert runs.brought(name)[0] in published
        for recorder in (runs, bus, alerts):
            recorder.events.clear()

    qr_menu.waiter_call("6")
    await expect("waiter_called", "alert_opened")
    qr_menu.waiter_call("6")
    await expect("waiter_called")
    qr_menu.add_dishes("6", ["Борщ"])
    await expect("dishes_added")
    qr_menu.pay("6")
    await expect("payment_received", "alert_closed")

    call = pbx.ring(ANNA, "107")
    await expect("call_incoming")
    pbx.answer(call)
    await expect("call_answered")
    pbx.hang_up(call, status="success", duration=3)
    await expect("call_ended")
    pbx.miss(pbx.ring(ANNA, "107"))
    await expect("call_incoming", "call_ended", "call_missed", "alert_opened")
    pbx.sms(ANNA, "hello")
    await expect("sms_received")

    green_api.message(GUEST, "A table for two?")
    await expect("message_received", "alert_opened")
    await act(hass, "acknowledge", device_id=await _device_of(hass, whatsapp, "Анна"))
    await expect("alert_acknowledged")
    # What comes at once would be the phone's own doing.
    green_api.write(GUEST, "Yes", after=10)
    await expect("alert_closed")

    pbx.faults.set(Faults(refuse=True))
    pbx.end_streams()
    await wait_for_state(hass, PBX_CONNECTION, "off")
    await expect("connection_lost")
    pbx.faults.clear()
    await wait_for_state(hass, PBX_CONNECTION, "on")
    await expect("connection_restored")


async def test_an_alert_is_overdue_once(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    runs = await automate(
        hass,
        {
            "any": ours("alert_overdue", kind="waiter_call"),
            "other": ours("alert_overdue", kind="message"),
        },
    )
    with site_clock("19:00") as clock:
        qr_menu.waiter_call("6")
        await alerts.wait(1)
        await clock.wait(hass, seconds=119)
        assert runs.names == []
        await clock.wait(hass, seconds=2)
        await clock.wait(hass, seconds=121)
    assert runs.names == ["any"]
    assert runs.brought("any") == [alerts.data[1]]


async def _device_of(hass: HomeAssistant, entry: MockConfigEntry, name: str) -> str:
    (device,) = (
        device
        for device in dr.async_entries_for_config_entry(
            dr.async_get(hass), entry.entry_id
        )
        if device.name == name
    )
    return device.id


async def test_every_event_of_a_burst_runs_the_automation_once_and_in_order(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    pbx: PbxService,
    pbx_entry: MockConfigEntry,
) -> None:
    runs = await automate(
        hass, {"sms": ours("sms_received"), "calls": ours("waiter_called")}
    )
    for number in range(50):
        pbx.sms(ANNA, str(number))
        qr_menu.waiter_call(str(number % 8 + 1))
    await runs.wait(100)
    await runs.all_done()
    assert runs.counts == {"sms": 50, "calls": 50}
    texts = [event["text"] for event in runs.brought("sms")]
    assert texts == [str(number) for number in range(50)]
    assert len({event["event_id"] for event in runs.brought("calls")}) == 50


async def test_nothing_runs_because_something_comes_back(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    pbx: PbxService,
    pbx_entry: MockConfigEntry,
    bus: Recorder,
) -> None:
    qr_menu.waiter_call("6")
    pbx.miss(pbx.ring(ANNA, "107"))
    await bus.wait(4)
    runs = await automate(hass, {name: ours(name) for name in SINGLE})

    for it in (entry, pbx_entry):
        assert await hass.config_entries.async_reload(it.entry_id)
    await wait_for_state(hass, CONNECTION, "on")
    await wait_for_state(hass, PBX_CONNECTION, "on")
    await runs.all_done()
    assert runs.names == []

    # The automations have outlived the reload.
    qr_menu.waiter_call("7")
    pbx.sms(ANNA, "after")
    await runs.wait(3)
    await runs.all_done()
    assert runs.counts == {"waiter_called": 1, "alert_opened": 1, "sms_received": 1}


async def test_a_connection_that_comes_back_brings_no_event_again(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder
) -> None:
    qr_menu.waiter_call("6")
    await bus.wait(1)
    runs = await automate(hass, {name: ours(name) for name in SINGLE})
    qr_menu.faults.set(Faults(refuse=True))
    await wait_for_state(hass, CONNECTION, "off")
    qr_menu.faults.clear()
    await wait_for_state(hass, CONNECTION, "on")
    await runs.all_done()
    assert runs.names == ["connection_lost", "connection_restored"]
    assert runs.brought("connection_lost")[0]["connected"] is False
    assert runs.brought("connection_restored")[0] | {"time": ""} == {
        "connected": True,
        "late": False,
        "source": "qr_menu",
        "time": "",
        "entry_id": entry.entry_id,
        "entry_title": "127.0.0.1",
        "device_id": entry.runtime_data.devices.hub_id,
        "entity_id": HUB_ACTIVITY,
    }


async def test_late_events_are_left_out_where_an_automation_does_not_want_them(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry
) -> None:
    assert await hass.config_entries.async_unload(entry.entry_id)
    qr_menu.waiter_call("6")
    runs = await automate(
        hass,
        {
            "all": ours("waiter_called"),
            "fresh": ours("waiter_called", include_late=False),
            "all alerts": ours("alert_opened", include_late=True),
            "fresh alerts": ours("alert_opened", include_late=False),
        },
    )
    assert await hass.config_entries.async_setup(entry.entry_id)
    await runs.wait(2)
    await qr_menu.wait_for_requests(2)
    assert runs.counts == {"all": 1, "all alerts": 1}
    qr_menu.waiter_call("7")
    await runs.wait(6)
    await runs.all_done()
    assert runs.counts == {"all": 2, "all alerts": 2, "fresh": 1, "fresh alerts": 1}


async def test_payments_from_a_sum_on(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry
) -> None:
    runs = await automate(
        hass,
        {
            "any": ours("payment_received"),
            "exact": ours("payment_received", minimum_sum=186),
            "more": ours("payment_received", minimum_sum=186.01),
            "zero": ours("payment_received", minimum_sum=0),
        },
    )
    payment = {"code": "online_payment", "table": 6}
    qr_menu.push({**payment, "order": {"sum": 186}})
    qr_menu.push({**payment, "order": None})
    await runs.wait(5)
    await runs.all_done()
    assert runs.counts == {"any": 2, "exact": 1, "zero": 2}


async def test_calls_by_how_they_ended_and_whose_they_were(
    hass: HomeAssistant, pbx: PbxService, make_pbx: sources.MakePbx, bus: Recorder
) -> None:
    entry = make_pbx(
        pbx, contacts=({"name": "Анна", "number": "8 982 123-45-67", "vip": True},)
    )
    assert await hass.config_entries.async_setup(entry.entry_id)
    await pbx.wait_for_streams(1)
    missed = "call_missed"
    runs = await automate(
        hass,
        {
            "busy": ours("call_ended", status=["busy", "overload"]),
            "one status": ours("call_ended", status="no_answer"),
            "by name": ours(missed, caller=" анна "),
            "by number": ours(missed, caller="8 (982) 123-45-67"),
            "as yaml reads it": ours(missed, caller=79821234567),
            "another": ours(missed, caller="+7 999 000-00-00"),
            "anonymous": ours(missed, caller="anonymous"),
            "vip": ours(missed, vip_only=True),
            "another vip": ours(missed, vip_only=True, caller="+7 999 000-00-00"),
        },
    )
    pbx.miss(pbx.ring(ANNA, "107"))
    await bus.wait(3)
    await runs.all_done()
    assert runs.counts == dict.fromkeys(
        ("one status", "by name", "by number", "as yaml reads it", "vip"), 1
    )
    runs.clear()
    pbx.miss(pbx.ring("89990000000", "107"), status="busy")
    await bus.wait(6)
    await runs.all_done()
    assert runs.counts == {"busy": 1, "another": 1}
    runs.clear()
    pbx.miss(pbx.ring("anonymous", "107"))
    pbx.miss(pbx.ring("", "107"))
    await bus.wait(12)
    await runs.all_done()
    assert runs.counts == {"one status": 2, "anonymous": 2}


async def test_messages_by_who_wrote_and_what(
    hass: HomeAssistant,
    green_api: GreenApiService,
    whatsapp: MockConfigEntry,
    bus: Recorder,
) -> None:
    received = "message_received"
    runs = await automate(
        hass,
        {
            "name": ours(received, sender="анна гость"),
            "number": ours(received, sender="8 982 123-45-67"),
            "chat": ours(received, sender=GUEST),
            "group": ours(received, sender="120363000000000001@g.us"),
            "text": ours(received, text_contains="СТОЛИК"),
            "both": ours(received, sender="Анна Гость", text_contains="меню"),
        },
    )
    green_api.message(GUEST, "Есть столик?", name="Анна Гость")
    await bus.wait(1)
    await runs.all_done()
    assert runs.counts == dict.fromkeys(("name", "number", "chat", "text"), 1)
    runs.clear()
    green_api.message("120363000000000001@g.us", "меню", name="Пётр", sender=GUEST)
    green_api.message("79990000000", "", name="Пётр")
    await bus.wait(3)
    await runs.all_done()
    assert runs.counts == {"number": 1, "chat": 1, "group": 1}


async def test_alerts_by_their_kind(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    pbx: PbxService,
    pbx_entry: MockConfigEntry,
) -> None:
    runs = await automate(
        hass,
        {
            f"{name} {kinds}": ours(name, kind=kinds)
            for name in ("alert_opened", "alert_closed")
            for kinds in ("missed_call", ["waiter_call", "message"], "message")
        },
    )
    qr_menu.waiter_call("6")
    await runs.wait(1)
    pbx.miss(pbx.ring(ANNA, "107"))
    await runs.wait(2)
    qr_menu.pay("6")
    await runs.wait(3)
    pbx.answer(pbx.ring(ANNA, "107"))
    await runs.wait(4)
    await runs.all_done()
    assert runs.names == [
        "alert_opened ['waiter_call', 'message']",
        "alert_opened missed_call",
        "alert_closed ['waiter_call', 'message']",
        "alert_closed missed_call",
    ]


async def _pass_by(hass: HomeAssistant, **amount: float) -> None:
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(**amount))
    await hass.async_block_till_done()


async def test_a_connection_must_be_away_for_as_long_as_is_asked(
    hass: HomeAssistant, pbx: PbxService, pbx_entry: MockConfigEntry
) -> None:
    runs = await automate(
        hass,
        {
            "at once": ours("connection_lost"),
            "5 minutes": ours("connection_lost", for_={"minutes": 5}),
            "back": ours("connection_restored"),
        },
    )
    # Shorter than asked.
    for _ in range(2):
        pbx.faults.set(Faults(refuse=True))
        pbx.end_streams()
        await wait_for_state(hass, PBX_CONNECTION, "off")
        await _pass_by(hass, minutes=4)
        pbx.faults.clear()
        await wait_for_state(hass, PBX_CONNECTION, "on")
        await _pass_by(hass, minutes=10)
    assert runs.names == ["at once", "back"] * 2

    runs.clear()
    pbx.faults.set(Faults(refuse=True))
    pbx.end_streams()
    await wait_for_state(hass, PBX_CONNECTION, "off")
    await _pass_by(hass, minutes=5, seconds=1)
    await _pass_by(hass, minutes=20)
    assert runs.names == ["at once", "5 minutes"]


async def test_a_reload_neither_loses_a_connection_again_nor_forgets_that_it_is_lost(
    hass: HomeAssistant, pbx: PbxService, pbx_entry: MockConfigEntry
) -> None:
    runs = await automate(
        hass,
        {
            "lost": ours("connection_lost"),
            "5 minutes": ours("connection_lost", for_="00:05:00"),
            "back": ours("connection_restored"),
        },
    )
    pbx.faults.set(Faults(refuse=True))
    pbx.end_streams()
    await wait_for_state(hass, PBX_CONNECTION, "off")
    assert await hass.config_entries.async_reload(pbx_entry.entry_id)
    await wait_for_state(hass, PBX_CONNECTION, "off")
    await runs.all_done()
    assert runs.names == ["lost"]

    pbx.faults.clear()
    assert await hass.config_entries.async_reload(pbx_entry.entry_id)
    await wait_for_state(hass, PBX_CONNECTION, "on")
    await _pass_by(hass, minutes=6)
    assert runs.names == ["lost", "back"]


async def test_a_disabled_or_deleted_entry_is_not_missed(
    hass: HomeAssistant, pbx: PbxService, pbx_entry: MockConfigEntry
) -> None:
    runs = await automate(hass, {"5 minutes": ours("connection_lost", for_="00:05:00")})
    pbx.faults.set(Faults(refuse=True))
    pbx.end_streams()
    await wait_for_state(hass, PBX_CONNECTION, "off")
    await hass.config_entries.async_remove(pbx_entry.entry_id)
    await _pass_by(hass, minutes=6)
    assert runs.names == []


async def test_a_service_that_is_away_from_the_start_is_lost(
    hass: HomeAssistant, qr_menu: QrMenuService, make_entry: MakeEntry
) -> None:
    runs = await automate(hass, {"lost": ours("connection_lost")})
    qr_menu.faults.set(Faults(refuse=True))
    entry = make_entry(qr_menu)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await runs.wait(1)
    await wait_until(lambda: entry.runtime_data.statistics.failures.total() > 2)
    await runs.all_done()
    assert runs.names == ["lost"]


async def test_an_automation_that_is_turned_off_meanwhile_waits_no_more(
    hass: HomeAssistant, pbx: PbxService, pbx_entry: MockConfigEntry
) -> None:
    runs = await automate(hass, {"lost": ours("connection_lost", for_=60)})
    pbx.faults.set(Faults(refuse=True))
    pbx.end_streams()
    await wait_for_state(hass, PBX_CONNECTION, "off")
    await hass.services.async_call(
        "automation", "turn_off", {"entity_id": "automation.lost"}, blocking=True
    )
    await _pass_by(hass, minutes=6)
    assert runs.names == []


async def test_targets_select_tables_their_entities_and_the_whole_entry(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    bus: Recorder,
    make_entry: MakeEntry,
) -> None:
    qr_menu.waiter_call("6")
    qr_menu.waiter_call("7")
    six, seven = (data["device_id"] for data in await bus.wait(2))
    hub = entry.runtime_data.devices.hub_id
    devices, entities = dr.async_get(hass), er.async_get(hass)
    floor = fr.async_get(hass).async_create("Ground")
    areas = ar.async_get(hass)
    hall = areas.async_create("Hall", floor_id=floor.floor_id)
    bar = areas.async_create("Bar")
    label = lr.async_get(hass).async_create("Anna's")
    for device in (hub, six):
        devices.async_update_device(device, area_id=hall.id)
    devices.async_update_device(seven, labels={label.label_id})
    entities.async_update_entity("button.table_7_acknowledge", area_id=bar.id)
    async with QrMenuService(token=qr_menu.token) as other:
        assert await hass.config_entries.async_setup(
            make_entry(other, url=other.url).entry_id
        )
        await other.wait_for_requests(2)
        targets: dict[str, Any] = {
            "all": None,
            "empty": {},
            "six": {"device_id": six},
            "six twice": {
                "device_id": [six],
                "entity_id": ["binary_sensor.table_6_waiter_called"],
            },
            "event of six": {"entity_id": "event.table_6_activity"},
            "bill of six": {"entity_id": "sensor.table_6_bill"},
            "both": {"device_id": [six, seven]},
            "hub": {"device_id": hub},
            "event of hub": {"entity_id": HUB_ACTIVITY},
            "sensor of hub": {"entity_id": CONNECTION},
            "hall": {"area_id": hall.id},
            "bar": {"area_id": bar.id},
            "ground": {"floor_id": floor.floor_id},
            "label": {"label_id": label.label_id},
            "nothing": {"device_id": "gone", "area_id": "gone", "entity_id": "sun.sun"},
        }
        runs = await automate(
            hass,
            {name: ours("waiter_called", target) for name, target in targets.items()},
        )
        everywhere = {"all", "empty"}
        of_hub = {"hub", "event of hub"}
        of_six = {"six", "six twice", "event of six", "bill of six", "both"}
        for service, table, expected in (
            (qr_menu, "6", everywhere | of_hub | of_six | {"hall", "ground"}),
            (qr_menu, "7", everywhere | of_hub | {"both", "label", "bar"}),
            (qr_menu, "8", everywhere | of_hub),
            (other, "6", everywhere),
        ):
            runs.clear()
            service.waiter_call(table)
            await runs.wait(len(expected))
            await runs.all_done()
            assert sorted(runs.names) == sorted(expected)


async def test_what_has_no_device_is_the_hubs(
    hass: HomeAssistant, pbx: PbxService, pbx_entry: MockConfigEntry, bus: Recorder
) -> None:
    pbx.ring(ANNA, "107")
    extension = (await bus.wait(1))[0]["device_id"]
    area = ar.async_get(hass).async_create("Reception")
    hub = pbx_entry.runtime_data.devices.hub_id
    dr.async_get(hass).async_update_device(hub, area_id=area.id)
    runs = await automate(
        hass,
        {
            "extension": ours("sms_received", {"device_id": extension}),
            "hub": ours("sms_received", {"device_id": hub}),
            "area": ours("sms_received", {"area_id": area.id}),
            "sensor": ours("sms_received", {"entity_id": PBX_CONNECTION}),
            "lost": ours("connection_lost", {"entity_id": PBX_CONNECTION}),
            "not lost": ours("connection_lost", {"device_id": extension}),
        },
    )
    pbx.sms(ANNA, "hello")
    await runs.wait(3)
    pbx.end_streams()
    pbx.faults.set(Faults(refuse=True))
    await runs.wait(4)
    await runs.all_done()
    assert sorted(runs.names) == ["area", "hub", "lost", "sensor"]


async def test_a_target_follows_the_site(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder
) -> None:
    qr_menu.waiter_call("6")
    six = (await bus.wait(1))[0]["device_id"]
    devices = dr.async_get(hass)
    areas, floors = ar.async_get(hass), fr.async_get(hass)
    terrace = areas.async_create("Terrace")
    floor = floors.async_create("Roof")
    runs = await automate(
        hass,
        {
            "device": ours("waiter_called", {"device_id": six}),
            "area": ours("waiter_called", {"area_id": terrace.id}),
            "floor": ours("waiter_called", {"floor_id": floor.floor_id}),
        },
    )

    async def ran_for_a_call() -> list[str]:
        runs.clear()
        seen = len(bus.events)
        qr_menu.waiter_call("6")
        await bus.wait(seen + 1)
        await runs.all_done()
        return sorted(runs.names)

    assert await ran_for_a_call() == ["device"]
    devices.async_update_device(six, area_id=terrace.id)
    assert await ran_for_a_call() == ["area", "device"]
    areas.async_update(terrace.id, floor_id=floor.floor_id)
    assert await ran_for_a_call() == ["area", "device", "floor"]
    devices.async_update_device(six, area_id=None)
    assert await ran_for_a_call() == ["device"]

    # Deleted, the table comes back with its next event, as the same device.
    device = devices.async_get(six)
    assert isinstance(device, dr.DeviceEntry)
    assert await async_remove_config_entry_device(hass, entry, device)
    devices.async_remove_device(six)
    await hass.async_block_till_done()
    assert await ran_for_a_call() == ["device"]


async def test_two_entries_have_tables_of_their_own(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    make_entry: MakeEntry,
    bus: Recorder,
) -> None:
    async with QrMenuService(token=qr_menu.token) as other:
        second = make_entry(other)
        assert await hass.config_entries.async_setup(second.entry_id)
        await other.wait_for_requests(2)
        qr_menu.waiter_call("6")
        await bus.wait(1)
        other.waiter_call("6")
        first_six, second_six = (data["device_id"] for data in await bus.wait(2))
        runs = await automate(
            hass,
            {
                "first": ours("waiter_called", {"device_id": first_six}),
                "second": ours("waiter_called", {"device_id": second_six}),
                "second hub": ours(
                    "waiter_called", {"device_id": second.runtime_data.devices.hub_id}
                ),
            },
        )
        other.waiter_call("6")
        await runs.wait(2)
        qr_menu.waiter_call("6")
        await runs.wait(3)
        await runs.all_done()
        assert sorted(runs.names[:2]) == ["second", "second hub"]
        assert runs.names[2:] == ["first"]
        assert runs.brought("first")[0]["entry_id"] == entry.entry_id


async def test_a_run_is_a_child_of_the_event(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder
) -> None:
    runs = await automate(
        hass, {"call": ours("waiter_called"), "alert": ours("alert_opened")}
    )
    qr_menu.waiter_call("6")
    await runs.wait(2)
    assert {event.context.parent_id for event in runs.events} == {
        bus.events[0].context.id
    }


async def test_trying_without_a_guest_runs_them_too(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder
) -> None:
    qr_menu.waiter_call("6")
    six = (await bus.wait(1))[0]["device_id"]
    runs = await automate(
        hass,
        {"call": ours("waiter_called", {"device_id": six}, include_late=False)},
    )
    await act(hass, "raise_alert", entry_id=entry.entry_id, table="6", text="try")
    await runs.wait(1)
    assert runs.brought("call") == [bus.data[1]]
    assert bus.data[1]["code"] == "raise_alert"


async def test_what_an_automation_does_at_once_is_published_after_what_set_it_off(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry
) -> None:
    order: list[str] = []

    @callback
    def note(event: Any) -> None:
        order.append(event.data["name"])

    hass.bus.async_listen(RAN, note)
    publish = {
        name: {
            "alias": name,
            "triggers": [ours(name)],
            "actions": [{"event": RAN, "event_data": {"name": name}}],
        }
        for name in ("waiter_called", "alert_opened", "alert_acknowledged")
    }
    at_once = {
        "alias": "at once",
        "triggers": [ours("waiter_called")],
        "actions": [
            {
                "action": "carbis_alerts.acknowledge",
                "target": {"device_id": "{{ trigger.event.device_id }}"},
            }
        ],
    }
    assert await async_setup_component(
        hass, "automation", {"automation": [at_once, *publish.values()]}
    )
    qr_menu.waiter_call("6")
    await wait_until(lambda: len(order) == 3)
    assert order == ["waiter_called", "alert_opened", "alert_acknowledged"]


async def test_automations_that_come_and_go_are_heard_from_their_time_on(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder
) -> None:
    qr_menu.waiter_call("6")
    await bus.wait(1)
    runs = await automate(
        hass, {"stays": ours("waiter_called"), "goes": ours("waiter_called")}
    )
    expected = (("turn_off", {"stays"}), ("turn_on", {"stays", "goes"}))
    for count, (action, names) in enumerate(expected, start=2):
        await hass.services.async_call(
            "automation", action, {"entity_id": "automation.goes"}, blocking=True
        )
        runs.clear()
        qr_menu.waiter_call("6")
        await bus.wait(count)
        await runs.all_done()
        assert sorted(runs.names) == sorted(names)


async def test_one_automation_that_fails_keeps_nothing_from_the_others(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry
) -> None:
    failing = {
        "alias": "fails",
        "triggers": [
            {
                **ours("waiter_called"),
                "variables": {"x": "{{ 1 / 0 }}"},
            }
        ],
        "actions": [{"event": RAN, "event_data": {"name": "fails"}}],
    }
    working = {
        "alias": "works",
        "triggers": [ours("waiter_called")],
        "actions": [{"event": RAN, "event_data": {"name": "works"}}],
    }
    runs = Runs(hass)
    assert await async_setup_component(
        hass, "automation", {"automation": [failing, working]}
    )
    qr_menu.waiter_call("6")
    await runs.wait(1)
    await runs.all_done()
    assert runs.names == ["works"]


UNKNOWN = ours("waiter_fell")
WRONG = {
    "a word for a sum": ours("payment_received", minimum_sum="much"),
    "a sum below zero": ours("payment_received", minimum_sum=-1),
    "a sum that is none": ours("payment_received", minimum_sum="nan"),
    "a list for late": ours("waiter_called", include_late=[1]),
    "a word for late": ours("waiter_called", include_late="perhaps"),
    "an unknown kind": ours("alert_opened", kind="fire"),
    "a map for a kind": ours("alert_opened", kind={"a": 1}),
    "a list for a caller": ours("call_missed", caller=["Anna", "Eva"]),
    "a word for important": ours("call_missed", vip_only="some"),
    "a map for a text": ours("message_received", text_contains={"a": 1}),
    "a map for a status": ours("call_ended", status={"a": 1}),
    "a word for a time": ours("connection_lost", for_="long"),
    "a time below zero": ours("connection_lost", for_=-5),
    "an option of another": ours("waiter_called", minimum_sum=5),
    "an option beside": {**ours("waiter_called"), "include_late": True},
    "a list of options": {**ours("waiter_called"), "options": [1]},
    "a word for a target": {**ours("waiter_called"), "target": "table 6"},
    "an unknown target": ours("waiter_called", {"table": "6"}),
    "an unknown trigger": UNKNOWN,
}


@pytest.mark.parametrize("trigger", WRONG.values(), ids=list(WRONG))
async def test_a_wrong_option_is_an_error(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    hass_ws_client: WebSocketGenerator,
    trigger: dict[str, Any],
) -> None:
    for component in ("automation", "config"):
        assert await async_setup_component(hass, component, {})
    websocket = await hass_ws_client(hass)
    await websocket.send_json_auto_id({"type": "validate_config", "triggers": trigger})
    answer = await websocket.receive_json()
    assert answer["result"]["triggers"]["valid"] is False

    client = await hass_client()
    saved = await client.post(
        "/api/config/automation/config/wrong",
        json={"alias": "wrong", "triggers": [trigger], "actions": []},
    )
    assert saved.status == HTTPStatus.BAD_REQUEST
    assert "malformed" in (await saved.json())["message"] or trigger is UNKNOWN


def _automations(page: str) -> list[dict[str, Any]]:
    """Return the YAML examples of a page that are whole automations."""
    blocks = (DOCS / page).read_text().split("```yaml\n")[1:]
    examples = [yaml.safe_load(block.partition("```")[0]) for block in blocks]
    return [
        example
        for example in examples
        if isinstance(example, dict) and "triggers" in example
    ]


@pytest.mark.parametrize("page", ["triggers.md", "conditions.md"])
async def test_the_examples_of_the_documentation_load(
    hass: HomeAssistant, page: str, caplog: pytest.LogCaptureFixture
) -> None:
    examples = _automations(page)
    assert len(examples) > 2
    assert await async_setup_component(hass, "automation", {"automation": examples})
    await hass.async_block_till_done()
    states = hass.states.async_all("automation")
    assert [state.state for state in states] == ["on"] * len(examples)
    assert "rror" not in caplog.text
    # Their timers end with them.
    await hass.services.async_call(
        "automation", "turn_off", {"entity_id": "all"}, blocking=True
    )
