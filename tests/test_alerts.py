"""The life of an alert in the site, from a guest's call to its end."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
import re
import time
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from homeassistant.core import Context, CoreState, Event, HomeAssistant, callback
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import WebSocketGenerator
import yaml

from custom_components.carbis_alerts.const import ALERT_EVENT, EVENT
from simulator.qr_menu import QrMenuService

from .alerts import (
    ACKNOWLEDGE,
    ACKNOWLEDGE_ALL,
    ANSWER_TIME,
    CALLS_TODAY,
    IN_TIME,
    OPEN_CALLS,
    PAYMENTS_TODAY,
    TODO,
    WAITER_CALLED,
    Writes,
    act,
    both,
    get_alerts,
    items,
    number_of,
    press,
    site_clock,
    table_calls,
)
from .conftest import Recorder
from .helpers import HUB_ACTIVITY, state_of, storage_key, table_device, wait_for_state
from .sites import Disk, life

ALERTS = "custom_components.carbis_alerts.runtime.alert_timer"
ACTIVITY = "event.table_6_activity"


@pytest.fixture(autouse=True)
async def _zone(hass: HomeAssistant) -> None:
    """Live where the clock of these tests does."""
    await hass.config.async_set_time_zone("UTC")


async def change_options(
    hass: HomeAssistant, entry: MockConfigEntry, **options: Any
) -> None:
    """Change options as the form does; the entry starts again."""
    hass.config_entries.async_update_entry(entry, options={**entry.options, **options})
    await hass.async_block_till_done()


# --- Open ------------------------------------------------------------------------------


async def test_a_call_opens_an_alert_with_every_field(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry
) -> None:
    alerts = Recorder(hass, ALERT_EVENT)
    data = await table_calls(qr_menu, alerts, "6")

    table = str(qr_menu.restaurant.table("6").id)
    device = table_device(hass, entry, table)
    assert device is not None
    opened_at = datetime.fromisoformat(data["opened_at"])
    assert opened_at.utcoffset() == timedelta()
    assert datetime.now(UTC) - opened_at < timedelta(seconds=10)
    assert 0 <= data["age"] < 10
    assert data == {
        "action": "opened",
        "late": False,
        "reason": None,
        "outcome": None,
        "snoozed_until": None,
        "alert_id": data["alert_id"],
        "kind": "waiter_call",
        "state": "open",
        "key": table,
        "title": "6",
        "name": "Table 6",
        "text": None,
        "count": 1,
        "opened_at": data["opened_at"],
        "acknowledged_at": None,
        "closed_at": None,
        "overdue": False,
        "age": data["age"],
        "by": None,
        "person_id": None,
        "source": "qr_menu",
        "entry_id": entry.entry_id,
        "entry_title": "127.0.0.1",
        "device_id": device.id,
        "entity_id": ACTIVITY,
    }


async def test_what_automations_look_at_is_there_before_what_starts_them(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry
) -> None:
    seen: list[tuple[str, ...]] = []

    @callback
    def look(event: Event[Any]) -> None:
        states = map(hass.states.get, (WAITER_CALLED, OPEN_CALLS, CALLS_TODAY, TODO))
        seen.append(
            (str(event.event_type), *(state.state if state else "" for state in states))
        )

    for event_type in (EVENT, ALERT_EVENT):
        hass.bus.async_listen(event_type, look)
    qr_menu.waiter_call("6")
    await wait_for_state(hass, WAITER_CALLED, "on")
    await hass.async_block_till_done()

    assert seen == [
        (EVENT, "on", "1", "1", "1"),
        (ALERT_EVENT, "on", "1", "1", "1"),
    ]


async def test_the_event_and_what_became_of_the_alert_have_one_context(
    qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder, alerts: Recorder
) -> None:
    await table_calls(qr_menu, alerts, "6")
    assert bus.events[0].context is alerts.events[0].context


async def test_a_second_press_is_a_repeat_of_the_same_alert(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    first = await table_calls(qr_menu, alerts, "6")
    second = await table_calls(qr_menu, alerts, "6")
    await table_calls(qr_menu, alerts, "7")

    assert (second["action"], second["count"]) == ("repeated", 2)
    assert second["alert_id"] == first["alert_id"]
    assert second["opened_at"] == first["opened_at"]
    assert state_of(hass, OPEN_CALLS) == "2"
    assert state_of(hass, CALLS_TODAY) == "3"


async def test_a_call_of_no_table_waits_at_the_hub(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    qr_menu.push({"code": "waiter_call", "table": None})
    (data,) = await alerts.wait(1)
    assert (data["key"], data["title"], data["name"]) == ("", "No table", "No table")
    assert data["device_id"] == entry.runtime_data.devices.hub_id
    assert data["entity_id"] == HUB_ACTIVITY
    assert state_of(hass, OPEN_CALLS) == "1"
    await press(hass, ACKNOWLEDGE_ALL)
    assert state_of(hass, OPEN_CALLS) == "0"


async def test_other_events_of_a_table_open_nothing(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    bus: Recorder,
    alerts: Recorder,
) -> None:
    qr_menu.add_dishes("6", [{"name": "Суп", "price": 250, "count": 1}])
    qr_menu.push({"code": "feedback", "table": 1000006})
    qr_menu.pay("6")
    await bus.wait(3)
    assert alerts.events == []
    assert state_of(hass, WAITER_CALLED) == "off"
    assert state_of(hass, CALLS_TODAY) == "0"


async def test_a_call_found_after_an_interruption_opens_an_alert_that_is_late(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    assert await hass.config_entries.async_unload(entry.entry_id)
    qr_menu.waiter_call("6")
    assert await hass.config_entries.async_setup(entry.entry_id)
    (data,) = await alerts.wait(1)
    assert (data["action"], data["late"]) == ("opened", True)


# --- Acknowledge -----------------------------------------------------------------------


@pytest.mark.parametrize("button", [ACKNOWLEDGE, ACKNOWLEDGE_ALL])
async def test_a_button_acknowledges_for_the_user_who_presses_it(
    hass: HomeAssistant,
    hass_admin_user: MockUser,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    button: str,
) -> None:
    opened = await table_calls(qr_menu, alerts, "6")
    await table_calls(qr_menu, alerts, "7")

    context = Context(user_id=hass_admin_user.id)
    await press(hass, button, context)

    data = alerts.data[2]
    assert (data["action"], data["state"]) == ("acknowledged", "acknowledged")
    assert data["alert_id"] == opened["alert_id"]
    assert data["by"] == hass_admin_user.name
    assert data["acknowledged_at"] > data["opened_at"]
    assert alerts.events[2].context == context
    assert state_of(hass, WAITER_CALLED) == "off"
    left = 0 if button == ACKNOWLEDGE_ALL else 1
    assert number_of(hass, OPEN_CALLS) == left
    assert len(alerts.events) == 4 - left
    changed = hass.states.get(WAITER_CALLED)
    assert changed is not None
    assert changed.state == "off"


async def test_an_automation_is_nobody_and_the_alert_is_acknowledged(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    opened = await table_calls(qr_menu, alerts, "6")
    context = Context()
    await act(hass, "acknowledge", context, alert_id=opened["alert_id"])
    assert alerts.data[1]["action"] == "acknowledged"
    assert alerts.data[1]["by"] is None
    assert alerts.events[1].context == context


async def test_of_two_phones_at_once_the_first_has_it(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    opened = await table_calls(qr_menu, alerts, "6")
    answers = await both(
        *(
            act(hass, "acknowledge", alert_id=opened["alert_id"], by=name)
            for name in ("Anna", "Boris")
        )
    )
    assert [len(answer["alerts"]) for answer in answers] == [1, 0]
    assert [(data["action"], data["by"]) for data in alerts.data] == [
        ("opened", None),
        ("acknowledged", "Anna"),
    ]


async def test_a_call_after_the_acknowledgement_opens_the_alert_again(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    opened = await table_calls(qr_menu, alerts, "6")
    await press(hass, ACKNOWLEDGE)
    again = await table_calls(qr_menu, alerts, "6")
    assert (again["action"], again["count"]) == ("opened", 2)
    assert again["alert_id"] == opened["alert_id"]
    assert again["opened_at"] > opened["opened_at"]
    assert (again["acknowledged_at"], again["by"]) == (None, None)
    assert state_of(hass, WAITER_CALLED) == "on"


async def test_a_button_where_nothing_waits_says_nothing(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    await table_calls(qr_menu, alerts, "6")
    for _ in range(2):
        await press(hass, ACKNOWLEDGE)
    await press(hass, ACKNOWLEDGE_ALL)
    assert len(alerts.events) == 2


# --- The end ---------------------------------------------------------------------------


async def test_a_payment_closes_the_call_of_its_table_only(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    await table_calls(qr_menu, alerts, "6")
    await table_calls(qr_menu, alerts, "7")
    await press(hass, ACKNOWLEDGE)
    qr_menu.pay("6")
    data = (await alerts.wait(4))[3]
    assert (data["action"], data["reason"], data["title"]) == ("closed", "paid", "6")
    assert data["state"] == "closed"
    assert state_of(hass, OPEN_CALLS) == "1"
    assert [alert["title"] for alert in await get_alerts(hass)] == ["7"]


async def test_overdue_is_published_once_and_then_it_expires(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    with site_clock("19:00") as clock:
        await table_calls(qr_menu, alerts, "6")
        await clock.wait(hass, seconds=119)
        assert len(alerts.events) == 1
        await clock.wait(hass, seconds=1)
        data = (await alerts.wait(2))[1]
        assert (data["action"], data["state"], data["age"]) == ("overdue", "open", 120)
        assert data["late"] is False
        assert state_of(hass, WAITER_CALLED) == "on"

        await clock.wait(hass, minutes=57, seconds=59)
        assert len(alerts.events) == 2
        await clock.wait(hass, seconds=1)
        data = (await alerts.wait(3))[2]
        assert (data["action"], data["reason"]) == ("closed", "expired")
        assert data["age"] == 3600
        assert state_of(hass, WAITER_CALLED) == "off"


async def test_options_say_when_it_is_overdue_and_for_how_long_it_is_kept(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    with site_clock("19:00") as clock:
        await table_calls(qr_menu, alerts, "6")
        await change_options(hass, entry, overdue_after=30, close_after=1)
        await clock.wait(hass, seconds=30)
        await clock.wait(hass, seconds=30)
        assert [data["action"] for data in alerts.data] == [
            "opened",
            "overdue",
            "closed",
        ]
        await change_options(hass, entry, overdue_after=0, close_after=10)
        await table_calls(qr_menu, alerts, "6")
        await clock.wait(hass, minutes=10)
        assert [data["action"] for data in alerts.data[3:]] == ["opened", "closed"]


async def test_a_table_that_is_deleted_keeps_its_alert_until_somebody_has_it(
    hass: HomeAssistant,
    hass_ws_client: WebSocketGenerator,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    assert await async_setup_component(hass, "config", {})
    client = await hass_ws_client(hass)
    opened = await table_calls(qr_menu, alerts, "6")

    assert (await client.remove_device(opened["device_id"]))["success"]
    await hass.async_block_till_done()

    assert hass.states.get(WAITER_CALLED) is None
    assert state_of(hass, OPEN_CALLS) == "1"
    (item,) = await items(hass)
    assert item["summary"] == "Table 6"
    (alert,) = await get_alerts(hass)
    assert alert["device_id"] == entry.runtime_data.devices.hub_id
    assert alert["entity_id"] == HUB_ACTIVITY

    again = await table_calls(qr_menu, alerts, "6")
    assert (again["action"], again["alert_id"]) == ("repeated", opened["alert_id"])
    assert again["entity_id"] == ACTIVITY
    assert state_of(hass, WAITER_CALLED) == "on"
    await press(hass, ACKNOWLEDGE)
    assert alerts.data[-1]["action"] == "acknowledged"


async def test_an_alert_of_a_deleted_table_can_be_acknowledged_and_ends(
    hass: HomeAssistant,
    hass_ws_client: WebSocketGenerator,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    assert await async_setup_component(hass, "config", {})
    client = await hass_ws_client(hass)
    opened = await table_calls(qr_menu, alerts, "6")
    assert (await client.remove_device(opened["device_id"]))["success"]
    await hass.async_block_till_done()
    await press(hass, ACKNOWLEDGE_ALL)
    assert state_of(hass, OPEN_CALLS) == "0"
    qr_menu.pay("6")
    data = (await alerts.wait(3))[2]
    assert (data["action"], data["reason"]) == ("closed", "paid")


# --- The day ---------------------------------------------------------------------------


async def test_at_the_venues_hour_counts_begin_again_and_what_is_old_is_closed(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    with site_clock("05:50") as clock:
        await change_options(hass, entry, close_after=60)
        await table_calls(qr_menu, alerts, "6")
        await table_calls(qr_menu, alerts, "7")
        await press(hass, ACKNOWLEDGE)
        qr_menu.add_dishes("8", [{"name": "Суп", "price": 250, "count": 2}])
        qr_menu.pay("8")
        await wait_for_state(hass, PAYMENTS_TODAY, "500.0")
        assert state_of(hass, CALLS_TODAY) == "2"
        for entity_id in (CALLS_TODAY, PAYMENTS_TODAY):
            state = hass.states.get(entity_id)
            assert state is not None
            assert state.attributes["last_reset"] == "2026-03-04T06:00:00+00:00"

        before = len(alerts.events)
        await clock.wait(hass, minutes=10)

        ended = alerts.data[before:]
        assert {
            (data["action"], data["reason"]) for data in ended if data["reason"]
        } == {("closed", "end_of_day")}
        assert await get_alerts(hass) == []
        for entity_id, value in (
            (CALLS_TODAY, "0"),
            (PAYMENTS_TODAY, "0.0"),
        ):
            state = hass.states.get(entity_id)
            assert state is not None
            assert state.state == value
            assert state.attributes["last_reset"] == "2026-03-05T06:00:00+00:00"
        assert state_of(hass, ANSWER_TIME) == "unknown"

        await table_calls(qr_menu, alerts, "6")
        assert state_of(hass, CALLS_TODAY) == "1"
        assert alerts.data[-1]["count"] == 1


async def test_a_call_in_the_last_seconds_of_the_day_does_not_delay_its_end(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    with site_clock("05:59") as clock:
        await hass.config_entries.async_reload(entry.entry_id)
        await clock.wait(hass, seconds=30)
        await table_calls(qr_menu, alerts, "6")
        await clock.wait(hass, seconds=30)
        data = (await alerts.wait(2))[1]
        assert (data["action"], data["reason"]) == ("closed", "end_of_day")
        assert state_of(hass, CALLS_TODAY) == "0"


async def test_a_call_after_the_hour_belongs_to_the_new_day_however_late_the_timer(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    with site_clock("05:59") as clock:
        await hass.config_entries.async_reload(entry.entry_id)
        await table_calls(qr_menu, alerts, "6")
        clock.pass_by(minutes=2)
        await table_calls(qr_menu, alerts, "7")
        assert state_of(hass, CALLS_TODAY) == "1"
        await clock.wait(hass)
        await clock.wait(hass, minutes=60)
        assert state_of(hass, CALLS_TODAY) == "1"
        closed = [data for data in alerts.data if data["reason"] == "end_of_day"]
        assert [data["title"] for data in closed] == ["6"]


async def test_the_hour_is_an_option(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    with site_clock("03:20") as clock:
        await change_options(hass, entry, daily_reset="03:30:00")
        await table_calls(qr_menu, alerts, "6")
        await clock.wait(hass, minutes=10)
        assert alerts.data[-1]["reason"] == "end_of_day"
        state = hass.states.get(CALLS_TODAY)
        assert state is not None
        assert state.attributes["last_reset"] == "2026-03-05T03:30:00+00:00"


async def test_answer_time_is_the_mean_of_first_acknowledgements_only(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    def shown() -> tuple[str, Any, Any, Any]:
        state = hass.states.get(ANSWER_TIME)
        assert state is not None
        return (
            state.state,
            state.attributes["longest_wait"],
            state.attributes["longest_wait_at"],
            state.attributes["median"],
        )

    with site_clock("19:00") as clock:
        await hass.config_entries.async_reload(entry.entry_id)
        assert shown() == ("unknown", None, None, None)
        for table, wait in (("6", 10), ("7", 20), ("8", 90)):
            opened = await table_calls(qr_menu, alerts, table)
            clock.pass_by(seconds=wait)
            await act(hass, "acknowledge", alert_id=opened["alert_id"])
        assert shown() == ("40.0", 90.0, "8", 20.0)

        # Called once more, not at once: the first answer was the answer.
        clock.pass_by(minutes=5)
        again = await table_calls(qr_menu, alerts, "6")
        clock.pass_by(seconds=600)
        await act(hass, "acknowledge", alert_id=again["alert_id"])
        # Paid or dismissed: nobody came.
        await table_calls(qr_menu, alerts, "5")
        clock.pass_by(seconds=600)
        qr_menu.pay("5")
        count = len(alerts.events)
        await alerts.wait(count + 1)
        gone = await table_calls(qr_menu, alerts, "4")
        await hass.services.async_call(
            "todo",
            "remove_item",
            {"entity_id": TODO, "item": gone["alert_id"]},
            blocking=True,
        )
        assert alerts.data[-1]["reason"] == "deleted"
        assert shown() == ("40.0", 90.0, "8", 20.0)


# --- Restart, and clocks that jump -----------------------------------------------------


async def test_after_a_restart_all_is_as_it_was_and_nothing_is_published_twice(
    qr_menu: QrMenuService, hass_storage: dict[str, Any]
) -> None:
    disk = Disk(hass_storage)
    with site_clock("19:00") as clock:
        async with life(qr_menu) as first:
            await first.settle()
            hass, alerts = first.hass, Recorder(first.hass, ALERT_EVENT)
            await table_calls(qr_menu, alerts, "6")
            await table_calls(qr_menu, alerts, "6")
            await table_calls(qr_menu, alerts, "7")
            clock.pass_by(seconds=30)
            await act(hass, "acknowledge", alert_id=alerts.data[2]["alert_id"], by="A")
            await table_calls(qr_menu, alerts, "8")
            qr_menu.pay("8")
            await alerts.wait(6)
            before = await get_alerts(hass)
            closed = await get_alerts(hass, state="closed")
            figures = [
                state_of(hass, each)
                for each in (CALLS_TODAY, PAYMENTS_TODAY, ANSWER_TIME, OPEN_CALLS, TODO)
            ]
            assert figures[:1] + figures[2:] == ["4", "30.0", "1", "1"]
            await first.stop()
        disk.keep()
        async with life(qr_menu) as second:
            alerts = Recorder(second.hass, ALERT_EVENT)
            await second.settle()
            hass = second.hass
            assert await get_alerts(hass) == before
            assert await get_alerts(hass, state="closed") == closed
            assert figures == [
                state_of(hass, each)
                for each in (CALLS_TODAY, PAYMENTS_TODAY, ANSWER_TIME, OPEN_CALLS, TODO)
            ]
            assert state_of(hass, WAITER_CALLED) == "on"
            assert alerts.events == []


async def test_what_became_overdue_or_too_old_meanwhile_is_published_once(
    qr_menu: QrMenuService, hass_storage: dict[str, Any]
) -> None:
    with site_clock("19:00") as clock:
        async with life(qr_menu) as first:
            await first.settle()
            await table_calls(qr_menu, Recorder(first.hass, ALERT_EVENT), "6")
            clock.pass_by(seconds=100)
            await table_calls(qr_menu, Recorder(first.hass, ALERT_EVENT), "7")
        clock.pass_by(seconds=3550)
        async with life(qr_menu) as second:
            alerts = Recorder(second.hass, ALERT_EVENT)
            await second.settle()
            published = [(data["title"], data["action"]) for data in alerts.data]
            assert sorted(published) == [
                ("6", "closed"),
                ("6", "overdue"),
                ("7", "overdue"),
            ]
            assert state_of(second.hass, WAITER_CALLED) == "off"
        async with life(qr_menu) as third:
            alerts = Recorder(third.hass, ALERT_EVENT)
            await third.settle()
            assert alerts.events == []
            (alert,) = await get_alerts(third.hass)
            assert (alert["title"], alert["age"]) == ("7", 3550)


async def test_nothing_is_published_before_home_assistant_has_started(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    with site_clock("19:00") as clock:
        await table_calls(qr_menu, alerts, "6")
        assert await hass.config_entries.async_unload(entry.entry_id)
        clock.pass_by(minutes=10)
        hass.set_state(CoreState.starting)
        assert await hass.config_entries.async_setup(entry.entry_id)
        await clock.wait(hass, minutes=1)
        assert len(alerts.events) == 1
        assert state_of(hass, WAITER_CALLED) == "on"
        hass.set_state(CoreState.running)
        hass.bus.async_fire("homeassistant_started")
        data = (await alerts.wait(2))[1]
        assert data["action"] == "overdue"


@pytest.mark.parametrize("hours", [-100, -1, 1, 100])
async def test_a_clock_that_is_set_makes_nothing_overdue_and_nothing_young(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    hours: int,
) -> None:
    with site_clock("12:00") as clock:
        await hass.config_entries.async_reload(entry.entry_id)
        await table_calls(qr_menu, alerts, "6")
        clock.pass_by(seconds=60)
        clock.pass_by(hours=hours)
        jumped = SimpleNamespace(
            monotonic=time.monotonic, time=lambda: time.time() + hours * 3600
        )
        with patch(f"{ALERTS}.time", jumped):
            again = await table_calls(qr_menu, alerts, "6")
            assert (again["action"], again["age"]) == ("repeated", 60)
            await clock.wait(hass, seconds=59)
            assert len(alerts.events) == 2
            # The two clocks are not read in the same instant.
            await clock.wait(hass, seconds=1.1)
            assert (await alerts.wait(3))[2]["action"] == "overdue"


async def test_a_clock_that_was_behind_at_the_start_keeps_alerts_and_ages(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    with site_clock("19:00") as clock:
        await hass.config_entries.async_reload(entry.entry_id)
        await table_calls(qr_menu, alerts, "6")
        clock.pass_by(seconds=50)
        await table_calls(qr_menu, alerts, "6")
        clock.pass_by(hours=-3)
        await hass.config_entries.async_reload(entry.entry_id)
        (alert,) = await get_alerts(hass)
        assert alert["age"] == 50
        assert state_of(hass, CALLS_TODAY) == "2"
        await clock.wait(hass, seconds=70)
        assert alerts.data[-1]["action"] == "overdue"


async def test_a_file_of_a_version_without_alerts_is_read(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    await table_calls(qr_menu, alerts, "6")
    assert await hass.config_entries.async_unload(entry.entry_id)
    data = hass_storage[storage_key(entry)]["data"]
    del data["alerts"]
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert state_of(hass, WAITER_CALLED) == "off"
    assert state_of(hass, CALLS_TODAY) == "0"
    assert (await table_calls(qr_menu, alerts, "6"))["action"] == "opened"


@pytest.mark.parametrize(
    "edited",
    [
        None,
        [],
        {"alerts": 5, "events_today": [], "day": 7},
        {"alerts": [{}], "events_today": {"value": "x"}, "waits_today": {"waits": 5}},
    ],
)
async def test_an_edited_book_is_read_as_far_as_it_makes_sense(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    edited: Any,
) -> None:
    assert await hass.config_entries.async_unload(entry.entry_id)
    hass_storage[storage_key(entry)]["data"]["alerts"] = edited
    assert await hass.config_entries.async_setup(entry.entry_id)
    await table_calls(qr_menu, alerts, "6")
    assert state_of(hass, CALLS_TODAY) == "1"


# --- What is written and kept ----------------------------------------------------------


async def test_each_transition_writes_what_it_changes_once_and_nothing_else(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    with site_clock("19:00") as clock:
        await hass.config_entries.async_reload(entry.entry_id)
        for table in ("6", "7"):
            await table_calls(qr_menu, alerts, table)
            await hass.async_block_till_done()
        writes = Writes(hass)

        def once(*entity_ids: str) -> dict[str, int]:
            return dict.fromkeys(entity_ids, 1)

        events = (HUB_ACTIVITY, ACTIVITY)
        await table_calls(qr_menu, alerts, "6")
        await hass.async_block_till_done()
        assert writes.take() == once(*events, CALLS_TODAY, TODO)

        clock.pass_by(seconds=10)
        await press(hass, ACKNOWLEDGE)
        await hass.async_block_till_done()
        pressed = once(ACKNOWLEDGE, WAITER_CALLED, OPEN_CALLS, ANSWER_TIME, TODO)
        assert writes.take() == pressed

        await press(hass, ACKNOWLEDGE)
        await hass.async_block_till_done()
        assert writes.take() == once(ACKNOWLEDGE)

        await table_calls(qr_menu, alerts, "6")
        await hass.async_block_till_done()
        # So soon: what was taken is no answer.
        assert writes.take() == once(
            *events, WAITER_CALLED, OPEN_CALLS, CALLS_TODAY, ANSWER_TIME, IN_TIME, TODO
        )

        # Overdue is no state of an entity.
        await clock.wait(hass, seconds=120)
        assert alerts.data[-1]["action"] == "overdue"
        assert writes.take() == {}

        qr_menu.pay("6")
        await alerts.wait(len(alerts.events) + 1)
        await hass.async_block_till_done()
        assert writes.take() == once(
            *events,
            WAITER_CALLED,
            OPEN_CALLS,
            PAYMENTS_TODAY,
            IN_TIME,
            TODO,
            "sensor.table_6_bill",
        )


async def test_one_timer_serves_all_alerts(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    ours = entry.runtime_data.alerts._timer._job

    def timers() -> int:
        return sum(
            not handle.cancelled() and str(ours) in str(handle._args)
            for handle in hass.loop._scheduled  # type: ignore[attr-defined]
        )

    assert timers() == 1
    for table in ("4", "5", "6", "7"):
        await table_calls(qr_menu, alerts, table)
    assert timers() == 1
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert timers() == 0


async def test_what_changes_often_or_names_people_is_not_recorded(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    await table_calls(qr_menu, alerts, "6")
    state = hass.states.get(ANSWER_TIME)
    assert state is not None
    assert state.state_info is not None
    assert {"longest_wait", "longest_wait_at", "median"} <= state.state_info[
        "unrecorded_attributes"
    ]


# --- Automations of the documentation --------------------------------------------------

DOCS = Path(__file__).parent.parent / "docs"


def automations(page: str) -> list[dict[str, Any]]:
    """Return the automations that a page of the documentation shows."""
    blocks = re.findall(
        r"```yaml\n(.*?)```", (DOCS / page).read_text("utf-8"), re.DOTALL
    )
    shown = map(yaml.safe_load, blocks)
    return [block for block in shown if "alias" in block]


@pytest.mark.parametrize("page", ["alerts.md", "actions.md"])
async def test_the_automations_of_the_documentation_can_be_used(
    hass: HomeAssistant, entry: MockConfigEntry, page: str
) -> None:
    shown = automations(page)
    assert shown
    assert await async_setup_component(hass, "automation", {"automation": shown})
    await hass.async_block_till_done()
    states = {state.name: state.state for state in hass.states.async_all("automation")}
    assert states == {automation["alias"]: "on" for automation in shown}


async def set_up_button(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Set up the documentation's automations of a button on table 6."""
    ours = [each for each in automations("alerts.md") if "table 6" in each["alias"]]
    for action in (action for each in ours for action in each["actions"]):
        if "entry_id" in action["data"]:
            action["data"]["entry_id"] = entry.entry_id
    assert len(ours) == 2
    assert await async_setup_component(hass, "automation", {"automation": ours})


async def test_a_button_on_the_table_calls_the_waiter_like_a_guest(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    bus: Recorder,
    alerts: Recorder,
) -> None:
    qr_menu.add_dishes("6", [{"name": "Суп", "price": 250, "count": 1}])
    await bus.wait(1)
    await set_up_button(hass, entry)
    pressed = {"device_ieee": "00:15:8d:00:02:aa:bb:06", "command": "single"}
    hass.bus.async_fire("zha_event", pressed)
    await bus.wait(2)

    event = bus.data[1]
    assert (event["type"], event["code"]) == ("waiter_call", "raise_alert")
    assert (event["table_name"], event["entity_id"]) == ("6", ACTIVITY)
    assert event["late"] is False
    opened = (await alerts.wait(1))[0]
    assert (opened["action"], opened["title"], opened["text"]) == (
        "opened",
        "6",
        "Button",
    )
    assert state_of(hass, WAITER_CALLED) == "on"
    assert alerts.events[0].context.parent_id is not None

    qr_menu.waiter_call("6")
    hass.bus.async_fire("zha_event", {**pressed, "command": "double"})
    hass.bus.async_fire("zha_event", pressed)
    repeated = (await alerts.wait(3))[2]
    assert (repeated["action"], repeated["count"]) == ("repeated", 3)
    hass.bus.async_fire("zha_event", {**pressed, "command": "hold"})
    taken = (await alerts.wait(4))[3]
    assert (taken["action"], taken["by"]) == ("acknowledged", "the button")
    qr_menu.pay("6")
    assert (await alerts.wait(5))[4]["action"] == "closed"
    assert state_of(hass, CALLS_TODAY) == "3"
