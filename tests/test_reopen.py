"""What is taken by mistake and given back: the guest has waited all the time."""

import time
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.carbis_alerts.const import ALERT_EVENT
from simulator.qr_menu import QrMenuService

from .alerts import (
    ANSWER_TIME,
    CALLS_TODAY,
    OPEN_CALLS,
    TODO,
    WAITER_CALLED,
    act,
    get_alerts,
    items,
    press,
    site_clock,
    table_calls,
)
from .automations import automate, ours
from .conftest import Recorder
from .helpers import state_of
from .sites import life

ALERTS = "custom_components.carbis_alerts.runtime.alert_timer"
BUTTON = "button.table_6_acknowledge"


@pytest.fixture(autouse=True)
async def _zone(hass: HomeAssistant) -> None:
    """Live where the clock of these tests does."""
    await hass.config.async_set_time_zone("UTC")


def waits(hass: HomeAssistant) -> tuple[str, Any, Any, Any]:
    """Return the figures of how long guests waited."""
    state = hass.states.get(ANSWER_TIME)
    assert state is not None
    longest, at, median = map(
        state.attributes.get, ("longest_wait", "longest_wait_at", "median")
    )
    return state.state, longest, at, median


async def give_back(hass: HomeAssistant, alert: dict[str, Any], way: str) -> None:
    """Give an alert back by the action, or by the to-do list."""
    if way == "action":
        await act(hass, "reopen", alert_id=alert["alert_id"], by="Anna")
        return
    data = {"entity_id": TODO, "item": alert["alert_id"], "status": "needs_action"}
    await hass.services.async_call("todo", "update_item", data, blocking=True)


@pytest.mark.parametrize("way", ["action", "to-do list"])
async def test_a_guest_who_is_given_back_has_waited_all_the_time(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    way: str,
) -> None:
    with site_clock("19:00") as clock:
        await hass.config_entries.async_reload(entry.entry_id)
        opened = await table_calls(qr_menu, alerts, "6")
        await table_calls(qr_menu, alerts, "6")
        other = await table_calls(qr_menu, alerts, "7")
        clock.pass_by(seconds=20)
        await act(hass, "acknowledge", alert_id=other["alert_id"])
        await clock.wait(hass, seconds=570)
        assert [data["action"] for data in alerts.data[3:]] == [
            "acknowledged",
            "overdue",
        ]
        await press(hass, BUTTON)
        assert waits(hass) == ("305.0", 590, "6", 305)
        clock.pass_by(seconds=4)

        await give_back(hass, opened, way)
        back = alerts.data[-1]
        assert (back["action"], back["state"], back["reason"]) == (
            "reopened",
            "open",
            None,
        )
        assert (back["opened_at"], back["age"]) == (opened["opened_at"], 594)
        assert (back["count"], back["overdue"]) == (2, True)
        assert (back["acknowledged_at"], back["outcome"]) == (None, None)
        assert waits(hass) == ("20.0", 20, "7", 20)
        assert (state_of(hass, WAITER_CALLED), state_of(hass, OPEN_CALLS)) == (
            "on",
            "1",
        )
        (item, _) = await items(hass)
        assert (item["status"], item["description"]) == ("needs_action", "×2")

        count = len(alerts.events)
        await clock.wait(hass, seconds=6)
        assert len(alerts.events) == count
        await press(hass, BUTTON)
        assert waits(hass) == ("310.0", 600, "6", 310)
        assert state_of(hass, CALLS_TODAY) == "3"


async def test_the_action_takes_a_target_and_answers_with_what_it_changed(
    hass: HomeAssistant,
    hass_admin_user: MockUser,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    opened = await table_calls(qr_menu, alerts, "6")
    assert await act(hass, "reopen", entity_id=WAITER_CALLED) == {"alerts": []}
    await press(hass, BUTTON)
    context = Context(user_id=hass_admin_user.id)
    answer = await act(hass, "reopen", context, entity_id=WAITER_CALLED)
    (alert,) = answer["alerts"]
    assert (alert["alert_id"], alert["state"]) == (opened["alert_id"], "open")
    assert alert["by"] == hass_admin_user.name
    assert alerts.events[-1].context is context
    with pytest.raises(ServiceValidationError):
        await act(hass, "reopen")
    with pytest.raises(ServiceValidationError):
        await act(hass, "reopen", alert_id="no such")


async def test_who_may_not_acknowledge_may_not_give_back(
    hass: HomeAssistant,
    hass_read_only_user: MockUser,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    opened = await table_calls(qr_menu, alerts, "6")
    await press(hass, BUTTON)
    context = Context(user_id=hass_read_only_user.id)
    with pytest.raises(Unauthorized):
        await act(hass, "reopen", context, alert_id=opened["alert_id"])
    assert len(alerts.events) == 2


async def test_it_is_overdue_at_once_where_its_time_passed_meanwhile(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    with site_clock("19:00") as clock:
        opened = await table_calls(qr_menu, alerts, "6")
        clock.pass_by(seconds=20)
        await press(hass, BUTTON)
        await clock.wait(hass, seconds=110)
        await act(hass, "reopen", alert_id=opened["alert_id"])
        await clock.wait(hass)
        assert [data["action"] for data in alerts.data] == [
            "opened",
            "acknowledged",
            "reopened",
            "overdue",
        ]
        assert alerts.data[-1]["age"] == 130


async def test_only_a_guests_new_press_begins_a_new_age(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    with site_clock("19:00") as clock:
        await hass.config_entries.async_reload(entry.entry_id)
        opened = await table_calls(qr_menu, alerts, "6")
        clock.pass_by(seconds=30)
        await press(hass, BUTTON)
        clock.pass_by(minutes=6)
        again = await table_calls(qr_menu, alerts, "6")
        assert (again["action"], again["age"], again["count"]) == ("opened", 0, 2)
        clock.pass_by(seconds=10)
        await press(hass, BUTTON)
        clock.pass_by(seconds=10)
        answer = await act(hass, "reopen", alert_id=opened["alert_id"])
        (back,) = answer["alerts"]
        assert (back["opened_at"], back["age"]) == (again["opened_at"], 20)
        # The first answer was one: it stays.
        assert waits(hass) == ("30.0", 30, "6", 30)


@pytest.mark.parametrize("hours", [-5, 3, 100])
async def test_a_clock_that_is_set_meanwhile_changes_no_age(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    hours: int,
) -> None:
    with site_clock("12:00") as clock:
        await hass.config_entries.async_reload(entry.entry_id)
        opened = await table_calls(qr_menu, alerts, "6")
        clock.pass_by(seconds=60)
        await press(hass, BUTTON)
        clock.pass_by(hours=hours, seconds=5)
        jumped = SimpleNamespace(
            monotonic=time.monotonic, time=lambda: time.time() + hours * 3600
        )
        with patch(f"{ALERTS}.time", jumped):
            answer = await act(hass, "reopen", alert_id=opened["alert_id"])
        (back,) = answer["alerts"]
        assert back["age"] == 65
        assert waits(hass) == ("unknown", None, None, None)


@pytest.mark.parametrize("hours", [-5, 3])
async def test_who_waits_for_long_enough_is_shown_in_time_by_a_clock_that_was_set(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    hours: int,
) -> None:
    ahead = 0
    moved = SimpleNamespace(
        monotonic=time.monotonic, time=lambda: time.time() + ahead * 3600
    )
    with site_clock("12:00") as clock, patch(f"{ALERTS}.time", moved):
        await hass.config_entries.async_reload(entry.entry_id)
        runs = await automate(hass, {"waits": ours("alert_waiting", older_than=60)})
        await table_calls(qr_menu, alerts, "6")
        await hass.async_block_till_done()
        ahead = hours
        clock.pass_by(hours=hours)
        clock.begin(hass, seconds=61)
        assert [one["name"] for one in await runs.wait(1)] == ["waits"]
        assert len(alerts.events) == 1


async def test_a_restart_between_loses_neither_age_nor_answer(
    qr_menu: QrMenuService, hass_storage: dict[str, Any]
) -> None:
    with site_clock("19:00") as clock:
        async with life(qr_menu) as first:
            await first.settle()
            alerts = Recorder(first.hass, ALERT_EVENT)
            opened = await table_calls(qr_menu, alerts, "6")
            # As it is stored nobody waits so exactly.
            clock.pass_by(seconds=50.0371)
            await act(first.hass, "acknowledge", alert_id=opened["alert_id"])
            assert float(waits(first.hass)[0]) == pytest.approx(50, abs=0.1)
        clock.pass_by(seconds=19.9629)
        async with life(qr_menu) as second:
            await second.settle()
            hass = second.hass
            assert float(waits(hass)[0]) == pytest.approx(50, abs=0.1)
            await act(hass, "reopen", alert_id=opened["alert_id"])
            (alert,) = await get_alerts(hass)
            assert (alert["opened_at"], alert["age"]) == (opened["opened_at"], 70)
            assert waits(hass) == ("unknown", None, None, None)


async def test_an_answer_of_the_day_before_is_gone_by_itself(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    with site_clock("05:59") as clock:
        await hass.config_entries.async_reload(entry.entry_id)
        opened = await table_calls(qr_menu, alerts, "6")
        clock.pass_by(seconds=30)
        await press(hass, BUTTON)
        # The timer of the day is late.
        clock.pass_by(seconds=40)
        await act(hass, "reopen", alert_id=opened["alert_id"])
        assert waits(hass) == ("unknown", None, None, None)
        await clock.wait(hass, seconds=5)
        await press(hass, BUTTON)
        assert waits(hass) == ("75.0", 75, "6", 75)


async def test_the_trigger_of_what_waits_takes_what_waits_again(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    runs = await automate(
        hass,
        {
            "any": ours("alert_opened"),
            "calls": ours("alert_opened", kind=["missed_call"]),
        },
    )
    opened = await table_calls(qr_menu, alerts, "6")
    await press(hass, BUTTON)
    await act(hass, "reopen", alert_id=opened["alert_id"])
    await runs.wait(2)
    await runs.all_done()
    assert runs.counts == {"any": 2}
    assert [data["action"] for data in runs.brought("any")] == ["opened", "reopened"]
