"""From a guest's press to people's phones, and back: with Home Assistant's real phones."""

from copy import deepcopy
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.carbis_alerts.const import DOMAIN
from custom_components.carbis_alerts.team.dispatcher import Dispatcher
from custom_components.carbis_alerts.team.unreached import UnreachedToday
from simulator.qr_menu import QrMenuService

from ..alerts import act, table_calls
from ..automations import automate
from ..blueprints.staff import Staff
from ..fixtures import Recorder
from ..helpers import state_of, wait_until
from ..timings import timed
from .dispatching import (
    ONCE,
    SOON,
    dispatched as dispatched,  # noqa: PLC0414 - fixtures of theirs that are fixtures here
    done,
    make,
    press,
    shown,
    staff as staff,  # noqa: PLC0414
    with_phones,
)


async def test_a_press_reaches_people_and_who_takes_it_has_it(
    hass: HomeAssistant,
    staff: Staff,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    dispatched: Recorder,
) -> None:
    await make(hass, with_phones(staff, "Anna", "Boris"))
    alert = await table_calls(qr_menu, alerts, "6")
    for name in ("Anna", "Boris"):
        sent = await done(dispatched, "sent", person=name)
        assert (sent["channel"], sent["step"], sent["attempt"]) == (
            "mobile_app",
            "At once",
            1,
        )
        assert (sent["alert_id"], sent["name"]) == (alert["alert_id"], "Table 6")
        (push,) = shown(staff, name).values()
        assert (push["title"], push["message"]) == ("Table 6", "Calls a waiter")
    await press(staff, "Anna", "I'm coming")
    await done(dispatched, "confirmed", person="Anna", channel="mobile_app")
    answered = await done(dispatched, "answered", person="Anna")
    taken = alerts.data[-1]
    assert (taken["action"], taken["by"]) == ("acknowledged", "Anna")
    assert taken["person_id"] == answered["person_id"]
    for name in ("Anna", "Boris"):
        await done(dispatched, "withdrawn", person=name)
        assert shown(staff, name) == {}
    # Boris presses too: it is Anna's, and his phone says so.
    await press(staff, "Boris", "I'm coming")
    await wait_until(lambda: bool(shown(staff, "Boris")))
    (push,) = shown(staff, "Boris").values()
    assert push["message"].startswith("Too late. Taken: Anna, after ")
    assert alerts.data[-1]["person_id"] == answered["person_id"]


async def test_whoever_declines_is_followed_by_the_next_at_once(
    hass: HomeAssistant,
    staff: Staff,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    dispatched: Recorder,
) -> None:
    people = with_phones(staff, "Anna", "Boris")
    team = await make(hass, people, ({**ONCE, "to": ["nobody"]}, SOON))
    anna = next(iter(team.subentries))
    hass.config_entries.async_update_subentry(
        team,
        next(one for one in team.subentries.values() if one.title == "At once"),
        data={"after": 0, "to": [anna]},
    )
    await hass.async_block_till_done()
    await table_calls(qr_menu, alerts, "6")
    await done(dispatched, "sent", person="Anna")
    assert shown(staff, "Boris") == {}
    await press(staff, "Anna", "Not me")
    await done(dispatched, "declined", person="Anna")
    await done(dispatched, "sent", person="Boris", step="Shift")
    await done(dispatched, "withdrawn", person="Anna")
    assert shown(staff, "Anna") == {}
    assert [one["person"] for one in dispatched.data if one["action"] == "sent"] == [
        "Anna",
        "Boris",
    ]


async def test_a_phone_of_another_answers_for_nobody(
    hass: HomeAssistant,
    staff: Staff,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    dispatched: Recorder,
) -> None:
    await make(hass, with_phones(staff, "Anna", "Boris"))
    await table_calls(qr_menu, alerts, "6")
    await done(dispatched, "sent", person="Anna")
    (push,) = shown(staff, "Anna").values()
    await staff.phones["Boris"].fire(push["data"]["actions"][0]["action"])
    await hass.async_block_till_done()
    assert alerts.data[-1]["action"] == "opened"
    assert not [one for one in dispatched.data if one["action"] == "answered"]


async def test_where_nobody_can_be_reached_it_is_said_and_counted(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    dispatched: Recorder,
) -> None:
    team = await make(hass, {"Anna": {}}, (ONCE, SOON))
    alert = await table_calls(qr_menu, alerts, "6")
    failed = await done(dispatched, "failed", person="Anna")
    assert failed["error"]
    unreached = await done(dispatched, "unreached")
    assert unreached["alert_id"] == alert["alert_id"]
    assert [one["step"] for one in dispatched.data if one["action"] == "failed"] == [
        "At once",
        "Shift",
    ]
    assert team.runtime_data.part(UnreachedToday).today == 1
    issues = ir.async_get(hass)
    issue_id = f"nobody_reachable_{team.entry_id}"
    assert issues.async_get_issue(DOMAIN, issue_id)
    # Somebody gets a way: it goes by itself with the next look.
    anna = next(one for one in team.subentries.values() if one.title == "Anna")
    way = {"channel": "notify", "entity_id": "notify.display"}
    assert await async_setup_component(hass, "notify", {})
    hass.states.async_set("notify.display", "unknown")
    hass.config_entries.async_update_subentry(team, anna, data={"channels": [way]})
    await hass.async_block_till_done()
    await wait_until(lambda: not issues.async_get_issue(DOMAIN, issue_id))


async def test_the_ladder_goes_on_over_a_restart_of_the_team(
    hass: HomeAssistant,
    staff: Staff,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    dispatched: Recorder,
) -> None:
    """Nothing comes twice, and the next step when it is due."""
    team = await make(hass, with_phones(staff, "Anna"), (ONCE, SOON))
    await table_calls(qr_menu, alerts, "6")
    await done(dispatched, "sent", person="Anna", step="At once")
    tags = list(shown(staff, "Anna"))
    for _ in range(2):
        assert await hass.config_entries.async_reload(team.entry_id)
        await hass.async_block_till_done()
    assert len(staff.pushes.of("Anna")) == 1
    dispatcher: Dispatcher = team.runtime_data.part(Dispatcher)
    (climb,) = dispatcher.plan.climbs.values()
    later = climb.began + 601
    with patch(
        "custom_components.carbis_alerts.team.moments.time",
        SimpleNamespace(monotonic=lambda: later),
    ):
        dispatcher.async_tick()
        await done(dispatched, "sent", person="Anna", step="Shift")
    assert list(shown(staff, "Anna")) == tags


async def test_what_was_taken_while_the_team_was_away_is_taken_back(
    hass: HomeAssistant,
    staff: Staff,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    dispatched: Recorder,
) -> None:
    team = await make(hass, with_phones(staff, "Anna"))
    alert = await table_calls(qr_menu, alerts, "6")
    await done(dispatched, "sent", person="Anna")
    assert await hass.config_entries.async_unload(team.entry_id)
    await act(hass, "acknowledge", alert_id=alert["alert_id"], by="Igor")
    assert shown(staff, "Anna")
    assert await hass.config_entries.async_setup(team.entry_id)
    await done(dispatched, "withdrawn", person="Anna")
    assert shown(staff, "Anna") == {}


async def test_what_waited_while_there_was_no_team_is_announced(
    hass: HomeAssistant,
    staff: Staff,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    dispatched: Recorder,
) -> None:
    await table_calls(qr_menu, alerts, "6")
    await make(hass, with_phones(staff, "Anna"))
    await done(dispatched, "sent", person="Anna")


async def test_snoozed_is_silent_and_comes_again(
    hass: HomeAssistant,
    staff: Staff,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    dispatched: Recorder,
) -> None:
    await make(hass, with_phones(staff, "Anna"))
    alert = await table_calls(qr_menu, alerts, "6")
    await done(dispatched, "sent", person="Anna")
    await act(hass, "snooze", alert_id=alert["alert_id"], minutes=5)
    await done(dispatched, "withdrawn", person="Anna")
    assert shown(staff, "Anna") == {}
    await act(hass, "reopen", alert_id=alert["alert_id"])
    await done(dispatched, "sent", person="Anna", attempt=2)
    await wait_until(lambda: bool(shown(staff, "Anna")))


async def test_whoever_gives_it_back_may_take_it_again(
    hass: HomeAssistant,
    staff: Staff,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    dispatched: Recorder,
) -> None:
    """It is the same opening, with a message of its own."""
    team = await make(hass, with_phones(staff, "Anna"))
    anna = next(one for one, sub in team.subentries.items() if sub.title == "Anna")
    alert = await table_calls(qr_menu, alerts, "6")
    await done(dispatched, "sent", person="Anna")
    await press(staff, "Anna", "I'm coming")
    await done(dispatched, "withdrawn", person="Anna")
    await act(hass, "reopen", alert_id=alert["alert_id"], person_id=anna)
    await wait_until(lambda: bool(shown(staff, "Anna")))
    await press(staff, "Anna", "I'm coming")
    await wait_until(
        lambda: [one["action"] for one in dispatched.data].count("answered") == 2
    )
    assert alerts.data[-1]["state"] == "acknowledged"


async def test_a_burst_is_announced_in_sum_after_the_tenth(
    hass: HomeAssistant,
    staff: Staff,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    dispatched: Recorder,
) -> None:
    """Two hundred tables call: ten pushes, and one that says who else waits."""
    await make(hass, with_phones(staff, "Anna"))
    with patch("custom_components.carbis_alerts.team.summaries.FIRST", 0.1):
        for table in range(1, 201):
            qr_menu.push({"code": "waiter_call", "table": table})
        await alerts.wait(200)
        await wait_until(
            lambda: (
                len([one for one in dispatched.data if one["action"] == "sent"]) == 200
            )
        )
    assert {one["alert_id"] for one in dispatched.data} == {
        one["alert_id"] for one in alerts.data
    }
    pushed = staff.pushes.of("Anna")
    assert len(pushed) <= 13
    in_sum = [push for tag, push in shown(staff, "Anna").items() if "-more-" in tag]
    assert in_sum[0]["message"].endswith("…")
    # When all of them are gone, so is the sum.
    await act(hass, "close", entity_id="event.qr_menu_127_0_0_1_activity")
    await wait_until(lambda: shown(staff, "Anna") == {})


async def test_a_way_that_is_none_is_passed_over(
    hass: HomeAssistant,
    staff: Staff,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    dispatched: Recorder,
) -> None:
    """The next of the person's ways is tried, then the next step."""
    people = with_phones(staff, "Anna", "Boris")
    people["Anna"]["channels"] = [{"channel": "pigeon"}]
    await make(hass, people, ({**ONCE, "to": ["zone"]}, SOON))
    await table_calls(qr_menu, alerts, "6")
    await done(dispatched, "failed", person="Anna", channel="pigeon")
    await done(dispatched, "sent", person="Boris", step="At once")
    assert not [one for one in dispatched.data if one["step"] == "Shift"]


@pytest.mark.parametrize("moment", ["in_flight", "handed_over", "taken"])
async def test_a_kill_loses_nothing_and_repeats_what_was_in_flight(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    staff: Staff,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    dispatched: Recorder,
    moment: str,
) -> None:
    """The disk is as it was at each moment of a message's life."""
    with timed(write_interval=0.0):
        team = await make(hass, with_phones(staff, "Anna"))
        key = f"{DOMAIN}.{team.entry_id}"
        if moment == "in_flight":
            staff.pushes.hang("Anna")
        alert = await table_calls(qr_menu, alerts, "6")
        await wait_until(lambda: bool(staff.pushes.of("Anna")))
        if moment != "in_flight":
            await done(dispatched, "sent", person="Anna")
            await wait_until(lambda: "handed_over" in str(hass_storage[key]))
        kept = deepcopy(hass_storage[key])
        if moment == "taken":
            await act(hass, "acknowledge", alert_id=alert["alert_id"], by="Igor")
            # The kill comes before the phone hears of it.
            hass.bus.async_fire("nothing")
        assert await hass.config_entries.async_unload(team.entry_id)
        before = len(staff.pushes.of("Anna"))
        hass_storage[key] = kept
        staff.pushes.release("Anna")
        assert await hass.config_entries.async_setup(team.entry_id)
        await hass.async_block_till_done()
        if moment == "in_flight":
            await done(dispatched, "sent", person="Anna")
            assert len(staff.pushes.of("Anna")) == 2
            assert len(shown(staff, "Anna")) == 1
        elif moment == "handed_over":
            assert len(staff.pushes.of("Anna")) == before
            assert len(shown(staff, "Anna")) == 1
        else:
            await wait_until(lambda: shown(staff, "Anna") == {})


async def test_a_step_has_a_lamp_lit_and_put_out_when_it_is_taken(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    dispatched: Recorder,
) -> None:
    """By real scripts, with what waits; one that is gone costs itself."""
    assert await async_setup_component(
        hass, "input_boolean", {"input_boolean": {"lamp": {}}}
    )
    assert await async_setup_component(hass, "input_text", {"input_text": {"said": {}}})
    lamp = {"entity_id": "input_boolean.lamp"}
    said = {
        "action": "input_text.set_value",
        "data": {
            "entity_id": "input_text.said",
            "value": "{{ name }}: {{ alert.kind }}, {{ step }}",
        },
    }
    scripts = {
        "come": {"sequence": [{"action": "input_boolean.turn_on", "data": lamp}, said]},
        "gone": {"sequence": [{"action": "input_boolean.turn_off", "data": lamp}]},
        "endless": {"sequence": [{"wait_template": "{{ false }}"}]},
    }
    assert await async_setup_component(hass, "script", {"script": scripts})
    step = {
        **ONCE,
        "to": [],
        "actions": ["script.none", "script.endless", "script.come"],
        "on_taken": ["script.gone"],
    }
    await make(hass, {"Anna": {}}, (step, SOON))
    alert = await table_calls(qr_menu, alerts, "6")
    failed = await done(dispatched, "failed", channel="actions")
    assert "script.none" in failed["error"]
    await wait_until(lambda: state_of(hass, "input_boolean.lamp") == "on")
    await wait_until(
        lambda: state_of(hass, "input_text.said") == "Table 6: waiter_call, At once"
    )
    # Whoever is there has seen it: the next step has its time.
    assert not [one for one in dispatched.data if one["step"] == "Shift"]
    await act(hass, "acknowledge", alert_id=alert["alert_id"])
    await wait_until(lambda: state_of(hass, "input_boolean.lamp") == "off")


async def test_declining_by_the_action_is_of_a_person(
    hass: HomeAssistant,
    staff: Staff,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    dispatched: Recorder,
) -> None:
    team = await make(hass, with_phones(staff, "Anna", "Boris"))
    anna = next(one for one, sub in team.subentries.items() if sub.title == "Anna")
    alert = await table_calls(qr_menu, alerts, "6")
    for name in ("Anna", "Boris"):
        await done(dispatched, "sent", person=name)
    await hass.services.async_call(
        DOMAIN,
        "decline",
        {"alert_id": alert["alert_id"], "person_id": anna},
        blocking=True,
    )
    await done(dispatched, "declined", person="Anna")
    await done(dispatched, "withdrawn", person="Anna")
    assert shown(staff, "Boris")
    for data in (
        {"alert_id": "none", "person_id": anna},
        {"alert_id": alert["alert_id"]},
        {"alert_id": alert["alert_id"], "person_id": "nobody"},
    ):
        with pytest.raises(ServiceValidationError):
            await hass.services.async_call(DOMAIN, "decline", data, blocking=True)


async def test_automations_start_with_a_step_and_when_nobody_comes(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    dispatched: Recorder,
) -> None:
    runs = await automate(
        hass,
        {
            "step": {
                "trigger": f"{DOMAIN}.alert_step_due",
                "options": {"step": "At once"},
            },
            "another": {
                "trigger": f"{DOMAIN}.alert_step_due",
                "options": {"step": "Other"},
            },
            "end": {"trigger": f"{DOMAIN}.alert_unreached"},
        },
    )
    await make(hass, {"Anna": {}}, (ONCE, SOON))
    await table_calls(qr_menu, alerts, "6")
    await done(dispatched, "unreached")
    await wait_until(lambda: {*runs.names} == {"step", "end"})
    (step,), (end,) = runs.brought("step"), runs.brought("end")
    assert (step["action"], step["name"], step["attempt"]) == ("step_due", "Table 6", 1)
    assert (end["action"], end["name"]) == ("unreached", "Table 6")
