"""The QR menu's source: from a real server to the bus, devices and entities."""

from collections.abc import Callable
import time
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from homeassistant.core import CoreState, Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.carbis_alerts.api.intake import LoopYield
from custom_components.carbis_alerts.domain.journal import Journal
from simulator.faults import Faults
from simulator.qr_menu import QrMenuService

from ..alerts import act
from ..conftest import QR_READER, QR_SOURCE, Recorder
from ..helpers import (
    CONNECTION,
    HUB_ACTIVITY,
    entity_ids,
    state_of,
    storage_key,
    table_device,
    wait_for_state,
)
from ..timings import timed

RUNTIME = "custom_components.carbis_alerts.runtime"

type MakeEntry = Callable[..., MockConfigEntry]


async def test_a_waiter_call_reaches_bus_device_and_event_entities(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder
) -> None:
    pushed = qr_menu.waiter_call("6")

    (data,) = await bus.wait(1)

    device = dr.async_get(hass).async_get(data["device_id"])
    assert device is not None
    assert device.name == "Table 6"
    time = data.pop("time")
    assert time.endswith("+00:00")
    assert data == {
        "source": "qr_menu",
        "type": "waiter_call",
        "code": "waiter_call",
        "event_id": pushed["hash"],
        "late": False,
        "entry_id": entry.entry_id,
        "entry_title": "127.0.0.1",
        "device_id": device.id,
        "entity_id": "event.table_6_activity",
        "table_id": str(pushed["table"]),
        "table_name": "6",
        "order_id": None,
        "order_sum": None,
        "waiter": None,
        "dishes": None,
        "amount_due": None,
        "paid": None,
        "raw": None,
    }
    for entity_id in ("event.table_6_activity", HUB_ACTIVITY):
        state = hass.states.get(entity_id)
        assert state is not None
        assert state.attributes["event_type"] == "waiter_call"
        assert state.attributes["event_id"] == pushed["hash"]
        assert state.attributes["time"] == time


async def test_others_get_a_turn_with_each_event_of_a_first_answer(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    make_entry: MakeEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for number in range(50):
        qr_menu.waiter_call(str(1 + number % 5))
    steps: list[str] = []
    give, add = LoopYield.give, Journal.add

    async def offer(self: LoopYield) -> None:
        steps.append("turn")
        await give(self)

    def mark(self: Journal, event_id: str, now: float) -> None:
        steps.append("mark")
        add(self, event_id, now)

    monkeypatch.setattr(LoopYield, "give", offer)
    monkeypatch.setattr(Journal, "add", mark)
    entry = make_entry(qr_menu)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await qr_menu.wait_for_requests(2)
    assert steps.count("mark") >= 50
    assert "mark mark" not in " ".join(steps)


async def test_an_order_and_its_payment_are_published_with_sums_and_dishes(
    qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder
) -> None:
    qr_menu.add_dishes("6", [{"name": "Борщ", "price": 350, "count": 2}])
    qr_menu.pay("6")

    added, paid = await bus.wait(2)

    assert added["type"] == "dishes_added"
    assert added["dishes"] == [
        {"name": "Борщ", "count": 2.0, "price": 350.0, "sum": 700.0, "modifiers": []}
    ]
    assert added["amount_due"] == 700.0
    assert paid["type"] == "online_payment"
    assert paid["order_sum"] == 700.0
    assert paid["order_id"] is not None
    assert paid["waiter"] is not None


async def test_an_unknown_code_is_published_as_other_with_its_name_and_object(
    qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder
) -> None:
    pushed = qr_menu.push({"code": "feedback", "table": None, "stars": 5})

    (data,) = await bus.wait(1)

    assert (data["type"], data["code"]) == ("other", "feedback")
    assert data["raw"] == pushed
    assert data["entity_id"] == HUB_ACTIVITY


async def test_the_first_start_says_nothing_of_what_was_there(
    hass: HomeAssistant, qr_menu: QrMenuService, make_entry: MakeEntry, bus: Recorder
) -> None:
    qr_menu.waiter_call("5")
    entry = make_entry(qr_menu)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await qr_menu.wait_for_requests(2)

    new = qr_menu.waiter_call("6")

    assert [data["event_id"] for data in await bus.wait(1)] == [new["hash"]]
    assert table_device(hass, entry, new["table"]) is not None


async def test_the_first_answer_creates_its_tables_silently(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    make_entry: MakeEntry,
    bus: Recorder,
    alerts: Recorder,
) -> None:
    old = [qr_menu.waiter_call("5"), qr_menu.add_dishes("6"), qr_menu.waiter_call("5")]
    qr_menu.push({"code": "waiter_call", "table_repr": {"name": "Терраса"}})
    qr_menu.push({"code": "waiter_call", "table": None})
    entry = make_entry(qr_menu)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await qr_menu.wait_for_requests(2)

    names = [device.name for device in tables(hass, entry)]
    assert sorted(names, key=str) == ["Table 5", "Table 6", "Терраса"]
    assert state_of(hass, "binary_sensor.table_5_waiter_called") == "off"
    assert state_of(hass, "event.table_5_activity") == "unknown"
    assert not bus.events
    assert not alerts.events
    # The first that comes is published where the tables are already.
    new = qr_menu.waiter_call("5")
    (data,) = await bus.wait(1)
    device = table_device(hass, entry, old[0]["table"])
    assert device is not None
    assert (data["event_id"], data["device_id"]) == (new["hash"], device.id)
    assert len(tables(hass, entry)) == 3


def tables(hass: HomeAssistant, entry: MockConfigEntry) -> list[dr.DeviceEntry]:
    """Return the devices of an entry below its hub."""
    found = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    return [device for device in found if device.via_device_id is not None]


# How often it is asked


async def test_by_default_the_server_is_asked_as_fast_as_it_bears(
    hass: HomeAssistant, qr_menu: QrMenuService, make_entry: MakeEntry
) -> None:
    entry = make_entry(qr_menu)
    hass.config_entries.async_update_entry(entry, options={})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await qr_menu.wait_for_requests(3)
    report = entry.runtime_data.source.diagnostics()
    assert 0.25 <= report["poll_interval"] <= 5.0
    assert report["answer_time"] > 0.0
    # It asks for fewer: twice the interval from now on, its own pause besides.
    faults = Faults(status=429, headers={"Retry-After": "1"}, times=1)
    qr_menu.faults.set(faults)
    await qr_menu.wait_for_requests(2)
    refused, again = qr_menu.requests[-2:]
    assert again.time - refused.time >= 1.0
    report = entry.runtime_data.source.diagnostics()
    assert report["poll_interval"] >= 0.5


async def test_half_an_hour_without_an_event_is_asked_less_until_the_next_one(
    hass: HomeAssistant, qr_menu: QrMenuService, make_entry: MakeEntry, bus: Recorder
) -> None:
    entry = make_entry(qr_menu)
    hass.config_entries.async_update_entry(entry, options={})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await qr_menu.wait_for_requests(4)
    source = entry.runtime_data.source
    later = SimpleNamespace(monotonic=lambda: time.monotonic() + 31 * 60)
    with patch(f"{QR_READER}.time", later):
        assert source.diagnostics()["poll_interval"] >= 1.0
        qr_menu.waiter_call("6")
        await bus.wait(1)
        report = source.diagnostics()
    fast = min(5.0, max(0.25, 25 * report["answer_time"]))
    assert report["poll_interval"] == pytest.approx(fast, rel=0.02)


async def test_an_interval_that_is_stored_stays(
    hass: HomeAssistant, qr_menu: QrMenuService, make_entry: MakeEntry
) -> None:
    entry = make_entry(qr_menu)
    hass.config_entries.async_update_entry(entry, options={"poll_interval": 2})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await qr_menu.wait_for_requests(1)
    assert entry.runtime_data.source.diagnostics()["poll_interval"] == 2.0


@pytest.mark.parametrize(("seconds", "late"), [(65, False), (75, True)])
async def test_late_is_after_ten_seconds_and_the_present_interval(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    make_entry: MakeEntry,
    bus: Recorder,
    seconds: int,
    late: bool,
) -> None:
    entry = make_entry(qr_menu)
    hass.config_entries.async_update_entry(entry, options={"poll_interval": 60})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await wait_for_state(hass, CONNECTION, "on")
    qr_menu.waiter_call("6")
    later = SimpleNamespace(monotonic=lambda: time.monotonic() + seconds)
    with patch(f"{QR_SOURCE}.time", later):
        await entry.runtime_data.source.async_request_refresh()
        (data,) = await bus.wait(1)
    assert data["late"] is late


async def test_a_burst_arrives_in_order_and_each_once(
    qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder
) -> None:
    pushed = [qr_menu.waiter_call(str(1 + index % 8))["hash"] for index in range(500)]

    await bus.wait(500)
    await qr_menu.wait_for_requests(2)

    assert bus.ids == pushed


async def test_the_same_hash_twice_in_one_answer_is_one_event(
    qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder
) -> None:
    first = qr_menu.waiter_call("6")
    qr_menu.push(first)
    last = qr_menu.waiter_call("7")

    await bus.wait(2)
    await qr_menu.wait_for_requests(2)

    assert bus.ids == [first["hash"], last["hash"]]


CALL: dict[str, Any] = {"code": "waiter_call", "hash": "0x1"}


@pytest.mark.parametrize("at_once", [True, False], ids=["one answer", "two answers"])
@pytest.mark.parametrize("answer", ["all", "nothing", "error"])
async def test_a_hash_at_two_tables_is_two_guests_each_published_once(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    bus: Recorder,
    at_once: bool,
    answer: Any,
) -> None:
    qr_menu.unknown_cursor = answer
    events: list[dict[str, Any]] = [
        {"table": 5},
        {"table": 7},
        {"table": 5, "code": "bill_request"},
    ]
    # Behind a cursor of the same hash only the whole queue shows it.
    with timed(whole_interval=0):
        for count, event in enumerate(events, start=1):
            qr_menu.push({**CALL, **event})
            if not at_once:
                await bus.wait(count)
                await qr_menu.wait_for_requests(2)
        await bus.wait(3)
        await qr_menu.wait_for_requests(3)
    # The same hash, code and table again are a repeat.
    qr_menu.push({**CALL, "table": 7})
    await qr_menu.wait_for_requests(3)
    assert qr_menu.requests[-1].cursor in ("0x1", "none")
    assert await hass.config_entries.async_reload(entry.entry_id)
    await qr_menu.wait_for_requests(3)
    new = qr_menu.waiter_call("6")
    await bus.wait(4)

    assert bus.ids == [
        "0x1",
        "0x1:waiter_call:7",
        "0x1:bill_request:5",
        new["hash"],
    ]
    assert [data["table_id"] for data in bus.data[:3]] == ["5", "7", "5"]
    with timed(whole_interval=0):
        await qr_menu.wait_for_requests(3)
    assert len(bus.events) == 4


async def test_a_hash_of_the_first_answer_ever_may_be_another_tables_later(
    hass: HomeAssistant, qr_menu: QrMenuService, make_entry: MakeEntry, bus: Recorder
) -> None:
    qr_menu.push({**CALL, "table": 5})
    entry = make_entry(qr_menu)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await qr_menu.wait_for_requests(2)
    with timed(whole_interval=0):
        qr_menu.push({**CALL, "table": 7})
        await bus.wait(1)
        await qr_menu.wait_for_requests(2)
    assert bus.ids == ["0x1:waiter_call:7"]


async def test_an_event_without_hash_is_published_once_though_it_is_listed_again(
    qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder
) -> None:
    qr_menu.push({"code": "waiter_call", "table": 1000006}, add_hash=False)
    await bus.wait(1)
    await qr_menu.wait_for_requests(3)

    assert len(bus.events) == 1
    assert bus.ids[0].startswith("content:")


async def test_what_is_no_event_is_passed_over_and_counted_once(
    qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder
) -> None:
    rubbish: Any
    for rubbish in (None, 7, "waiter_call", [], {}, {"table": 1000006}):
        qr_menu.push(rubbish, add_hash=False)
    good = qr_menu.waiter_call("6")

    await bus.wait(1)
    await qr_menu.wait_for_requests(2)

    assert bus.ids == [good["hash"]]
    assert entry.runtime_data.statistics.malformed == 6


async def test_the_cursor_is_that_of_the_last_event(
    qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder
) -> None:
    pushed = qr_menu.waiter_call("6")
    await bus.wait(1)
    await qr_menu.wait_for_requests(2)

    assert qr_menu.requests[-1].cursor == pushed["hash"]


# Late events


async def test_what_waits_after_a_restart_is_late_and_the_next_is_not(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder
) -> None:
    before = qr_menu.waiter_call("5")
    await bus.wait(1)
    assert await hass.config_entries.async_unload(entry.entry_id)
    missed = qr_menu.waiter_call("6")
    assert await hass.config_entries.async_setup(entry.entry_id)
    await bus.wait(2)
    new = qr_menu.waiter_call("7")
    await bus.wait(3)

    assert bus.ids == [before["hash"], missed["hash"], new["hash"]]
    assert [data["late"] for data in bus.data] == [False, True, False]


@pytest.mark.parametrize(("interruption", "late"), [(0.0, True), (60.0, False)])
async def test_after_an_outage_what_was_missed_is_late_if_it_was_long(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    bus: Recorder,
    interruption: float,
    late: bool,
) -> None:
    with timed(interruption=interruption):
        qr_menu.faults.set(Faults(status=503))
        await wait_for_state(hass, CONNECTION, "off")
        qr_menu.waiter_call("6")
        qr_menu.faults.clear()
        (data,) = await bus.wait(1)
        assert data["late"] is late
        await wait_for_state(hass, CONNECTION, "on")


async def test_a_lost_file_makes_what_waits_late_not_lost(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    bus: Recorder,
) -> None:
    assert await hass.config_entries.async_unload(entry.entry_id)
    del hass_storage[storage_key(entry)]
    missed = qr_menu.waiter_call("6")
    assert await hass.config_entries.async_setup(entry.entry_id)

    (data,) = await bus.wait(1)

    assert (data["event_id"], data["late"]) == (missed["hash"], True)


async def test_nothing_is_asked_or_published_before_home_assistant_has_started(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    make_entry: MakeEntry,
    entry: MockConfigEntry,
    bus: Recorder,
) -> None:
    assert await hass.config_entries.async_unload(entry.entry_id)
    missed = qr_menu.waiter_call("6")
    asked = qr_menu.received
    hass.set_state(CoreState.starting)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await entry.runtime_data.source.async_request_refresh()
    await hass.async_block_till_done()
    assert qr_menu.received == asked
    assert state_of(hass, CONNECTION) == "unknown"

    hass.set_state(CoreState.running)
    hass.bus.async_fire("homeassistant_started")

    (data,) = await bus.wait(1)
    assert (data["event_id"], data["late"]) == (missed["hash"], True)


# Cursors that the server no longer has


@pytest.mark.parametrize("answer", ["all", "nothing", "error"])
async def test_a_cursor_that_the_server_lost_loses_no_event_and_repeats_none(
    qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder, answer: Any
) -> None:
    qr_menu.unknown_cursor = answer
    old = qr_menu.waiter_call("4")
    kept = qr_menu.waiter_call("5")
    await bus.wait(2)
    with timed(whole_interval=0):
        qr_menu.forget(kept["hash"])
        new = qr_menu.waiter_call("6")
        await bus.wait(3)
        await qr_menu.wait_for_requests(3)

    assert bus.ids == [old["hash"], kept["hash"], new["hash"]]
    assert [data["late"] for data in bus.data] == [False] * 3


async def test_an_idle_queue_is_read_from_its_beginning_only_now_and_then(
    qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder
) -> None:
    pushed = qr_menu.waiter_call("6")
    await bus.wait(1)
    await qr_menu.wait_for_requests(5)

    assert {request.cursor for request in qr_menu.requests[-4:]} == {pushed["hash"]}


# Hashes that come again


@pytest.mark.parametrize(
    ("minutes", "times"), [(14, 1), (16, 2), (600, 2)], ids=["14 min", "16 min", "10 h"]
)
async def test_a_hash_that_comes_again_long_after_it_was_last_listed_is_a_new_event(
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    bus: Recorder,
    minutes: int,
    times: int,
) -> None:
    event = {"code": "waiter_call", "hash": "0x1", "table": 1000006}
    qr_menu.push(event)
    await bus.wait(1)
    await qr_menu.wait_for_requests(2)
    qr_menu.clear()
    await qr_menu.wait_for_requests(2)
    later = SimpleNamespace(
        monotonic=lambda: time.monotonic() + minutes * 60, time=time.time
    )
    with (
        patch(f"{QR_SOURCE}.time", later),
        patch(f"{QR_READER}.time", later),
        patch(f"{RUNTIME}.connection.time", later),
        patch(f"{RUNTIME}.delivery.time", later),
        patch(f"{RUNTIME}.publisher.time", later),
    ):
        await qr_menu.wait_for_requests(3)
        qr_menu.push(event)
        other = qr_menu.waiter_call("7")
        await bus.wait(times + 1)
        await qr_menu.wait_for_requests(2)

    assert bus.ids == ["0x1"] * times + [other["hash"]]
    assert [data["late"] for data in bus.data] == [False] * (times + 1)


# Tables


async def test_tables_and_bills_are_there_after_a_restart(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder
) -> None:
    pushed = qr_menu.add_dishes("6", [{"name": "Суп", "price": 250, "count": 1}])
    await bus.wait(1)
    assert state_of(hass, "sensor.table_6_bill") == "250.0"
    before = entity_ids(hass, entry)

    assert await hass.config_entries.async_reload(entry.entry_id)

    assert state_of(hass, "sensor.table_6_bill") == "250.0"
    assert entity_ids(hass, entry) == before
    state = hass.states.get("event.table_6_activity")
    assert state is not None
    assert state.attributes["event_id"] == pushed["hash"]


async def test_the_bill_follows_what_is_due_and_is_nothing_once_paid(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder
) -> None:
    table = {"table": 42, "table_repr": {"id": 42, "name": "42"}}
    steps: list[tuple[dict[str, Any], str]] = [
        ({"code": "waiter_call", "invoice": None, "order": None}, "unknown"),
        ({"code": "x", "invoice": {"to_pay": "100,50"}, "order": {"sum": 7}}, "100.5"),
        ({"code": "waiter_call", "invoice": None, "order": None}, "100.5"),
        ({"code": "x", "order": {"sum": 186}}, "186.0"),
        ({"code": "online_payment", "order": {"sum": 186}}, "0.0"),
    ]
    for count, (event, bill) in enumerate(steps, start=1):
        qr_menu.push({**table, **event})
        await bus.wait(count)
        assert state_of(hass, "sensor.table_42_bill") == bill
    state = hass.states.get("sensor.table_42_bill")
    assert state is not None
    assert state.attributes["unit_of_measurement"] == hass.config.currency


async def test_the_bill_is_written_before_the_bus_says(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder
) -> None:
    seen: list[str] = []

    @callback
    def look(_: Event) -> None:
        seen.append(state_of(hass, "sensor.table_6_bill"))

    hass.bus.async_listen("carbis_alerts_event", look)
    qr_menu.add_dishes("6", [{"name": "Суп", "price": 250, "count": 1}])
    await bus.wait(1)
    assert seen == ["250.0"]


async def test_a_table_is_renamed_with_the_service_and_keeps_its_ids(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder
) -> None:
    event = {"code": "waiter_call", "table": 42}
    qr_menu.push({**event, "table_repr": {"id": 42, "name": "42"}})
    await bus.wait(1)
    before = entity_ids(hass, entry)
    qr_menu.push({**event, "table_repr": {"id": 42, "name": "Терраса 😀"}})
    await bus.wait(2)
    qr_menu.push({**event, "table_repr": None})
    await bus.wait(3)

    device = table_device(hass, entry, 42)
    assert device is not None
    assert device.name == "Терраса 😀"
    assert entity_ids(hass, entry) == before
    assert bus.data[2]["table_name"] == "Терраса 😀"


async def test_a_table_without_name_is_called_by_its_number(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder
) -> None:
    qr_menu.push({"code": "waiter_call", "table": "42"})
    await bus.wait(1)
    device = table_device(hass, entry, 42)
    assert device is not None
    assert device.name == "Table 42"


async def test_a_table_without_id_goes_by_its_name(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    bus: Recorder,
    alerts: Recorder,
) -> None:
    def push(code: str, **more: Any) -> None:
        qr_menu.push(
            {"code": code, "table": None, "table_repr": {"name": "VIP"}, **more}
        )

    push("waiter_call")
    (data,) = await bus.wait(1)
    device = dr.async_get(hass).async_get(data["device_id"])
    assert device is not None
    assert device.name is not None
    assert device.name.endswith("VIP")
    assert (data["table_id"], data["table_name"]) == (None, "VIP")
    assert data["entity_id"] != HUB_ACTIVITY
    opened = (await alerts.wait(1))[0]
    assert (opened["key"], opened["device_id"]) == ("name:VIP", device.id)
    # A table whose id is that name is another one.
    qr_menu.push({"code": "waiter_call", "table": "VIP", "table_repr": {"name": "8"}})
    await alerts.wait(2)
    assert alerts.data[1]["action"] == "opened"
    assert alerts.data[1]["device_id"] != device.id

    assert await hass.config_entries.async_reload(entry.entry_id)
    raised = await act(hass, "raise_alert", entry_id=entry.entry_id, table=device.name)
    assert raised["alert_id"] == opened["alert_id"]
    repeated = (await alerts.wait(3))[2]
    assert (repeated["action"], repeated["count"]) == ("repeated", 2)
    assert (bus.data[2]["table_id"], bus.data[2]["table_name"]) == (None, "VIP")
    push("online_payment", order={"sum": 500})
    closed = (await alerts.wait(4))[3]
    assert (closed["alert_id"], closed["reason"]) == (opened["alert_id"], "paid")
    bills = [
        state.state
        for state in hass.states.async_all("sensor")
        if state.entity_id.endswith("_bill") and state.state != "unknown"
    ]
    assert bills == ["0.0"]


async def test_what_has_no_table_belongs_to_the_hub(
    qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder, alerts: Recorder
) -> None:
    tables: list[dict[str, Any]] = [
        {},
        {"table": None, "table_repr": {"id": "", "name": " "}},
    ]
    for table in tables:
        qr_menu.push({"code": "waiter_call", **table})
    events = await bus.wait(2)
    assert {data["entity_id"] for data in events} == {HUB_ACTIVITY}
    opened, repeated = await alerts.wait(2)
    assert (opened["key"], repeated["key"]) == ("", "")
    assert (opened["action"], repeated["action"]) == ("opened", "repeated")


async def test_a_very_long_name_is_cut_once_for_event_and_list(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder
) -> None:
    name = "Очень длинное имя " * 300
    qr_menu.push(
        {"code": "waiter_call", "table": 42, "table_repr": {"id": 42, "name": name}}
    )
    await bus.wait(1)
    device = table_device(hass, entry, 42)
    assert device is not None
    assert device.name is not None
    assert len(device.name) <= 110
    assert bus.data[0]["table_name"] == f"{name[:99]}…"


async def test_device_names_are_in_the_language_of_the_site(
    hass: HomeAssistant, qr_menu: QrMenuService, make_entry: MakeEntry, bus: Recorder
) -> None:
    hass.config.language = "ru"
    entry = make_entry(qr_menu)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await qr_menu.wait_for_requests(2)
    pushed = qr_menu.waiter_call("6")
    await bus.wait(1)
    device = table_device(hass, entry, pushed["table"])
    assert device is not None
    assert device.name == "Столик 6"
    hub = dr.async_get(hass).async_get(device.via_device_id or "")
    assert hub is not None
    assert hub.name == "QR-меню 127.0.0.1"
