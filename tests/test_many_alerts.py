"""Very many alerts: nobody waits while all of them change, and each is right in between."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

from homeassistant.components.todo.entity import TodoItem
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.carbis_alerts import todo
from custom_components.carbis_alerts.domain.actor import NOBODY
from custom_components.carbis_alerts.domain.alert import Alert
from custom_components.carbis_alerts.domain.waiting import BURST
from custom_components.carbis_alerts.services.raising import async_raise, device_called
from custom_components.carbis_alerts.waiting import WaitingBatches
from simulator.qr_menu import QrMenuService

from .alerts import (
    ACKNOWLEDGE_ALL,
    FORGOTTEN_TODAY,
    TODO,
    act,
    get_alerts,
    items,
    press,
    site_clock,
    table_calls,
)
from .automations import automate, ours
from .conftest import Recorder
from .crowd import CROWD, crowd_calls, guest_calls, one_at_a_time, yields_of
from .helpers import state_of, wait_until
from .timings import timed
from .work import lines_run

ACTIVITY = "event.qr_menu_127_0_0_1_activity"
# What comes of one slice each, but for those before and after.
YIELDS = CROWD - 5
# Lines that differ by chance: a heap is deeper, a name is longer.
ABOUT_THE_SAME = 30


@pytest.fixture(autouse=True)
def _one_at_a_time() -> Any:
    """Take many as slowly as can be."""
    with one_at_a_time():
        yield


@pytest.fixture(autouse=True)
async def _zone(hass: HomeAssistant) -> None:
    """Live where the clock of these tests does."""
    await hass.config.async_set_time_zone("UTC")


async def until(is_reached: Callable[[], bool]) -> None:
    """Wait turn by turn, so that it goes no further."""
    while not is_reached():  # noqa: ASYNC110
        await asyncio.sleep(0)


def states(alerts: list[Any]) -> dict[str, int]:
    """Return how many alerts are in each state."""
    found = [alert["state"] for alert in alerts]
    return {state: found.count(state) for state in found}


async def test_changing_all_yields_to_everybody_else_and_the_answer_has_all(
    hass: HomeAssistant, entry: MockConfigEntry, alerts: Recorder
) -> None:
    crowd_calls(entry)
    for action, state in (("acknowledge", "acknowledged"), ("reopen", "open")):
        before = len(alerts.events)
        answer, yields = await yields_of(act(hass, action, entity_id=ACTIVITY))
        assert states(answer["alerts"]) == {state: CROWD}
        assert yields >= YIELDS
        assert len(alerts.events) == before + CROWD
        assert {alert["state"] for alert in await get_alerts(hass)} == {state}
    _, yields = await yields_of(press(hass, ACKNOWLEDGE_ALL))
    assert yields >= YIELDS
    assert (state_of(hass, TODO), len(await items(hass))) == ("0", CROWD)
    _, yields = await yields_of(
        hass.services.async_call(
            "todo", "remove_completed_items", {"entity_id": TODO}, blocking=True
        )
    )
    assert yields >= YIELDS
    assert await items(hass) == []


async def test_what_changes_between_two_slices_is_not_overridden(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    crowd_calls(entry)
    book = entry.runtime_data.alerts.book
    called, gone, taken = book.alerts[-3:]
    task = asyncio.create_task(act(hass, "acknowledge", entity_id=ACTIVITY, by="Anna"))
    await until(lambda: book.open_count() < CROWD)
    guest_calls(entry, CROWD - 3)
    await act(hass, "acknowledge", alert_id=taken.alert_id, by="Boris")
    deleted = {"entity_id": TODO, "item": gone.alert_id}
    await hass.services.async_call("todo", "remove_item", deleted, blocking=True)
    assert book.open_count() > 2
    answer = await task

    assert states(answer["alerts"]) == {"acknowledged": CROWD - 3}
    # Nobody knew of the new call, so nobody has it.
    assert book.find(called.alert_id).count == 2
    assert book.open_count() == 1
    assert book.find(gone.alert_id) is None
    assert book.find(taken.alert_id).by == "Boris"


async def test_when_the_entry_goes_in_between_what_was_done_is_stored_and_the_rest_stays(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    crowd_calls(entry)
    book = entry.runtime_data.alerts.book
    task = asyncio.create_task(act(hass, "acknowledge", entity_id=ACTIVITY))
    await until(lambda: book.open_count() < CROWD)
    assert await hass.config_entries.async_unload(entry.entry_id)
    done = states((await task)["alerts"])["acknowledged"]
    assert 0 < done < CROWD
    assert await hass.config_entries.async_setup(entry.entry_id)
    left = await get_alerts(hass)
    assert states(left) == {"acknowledged": done, "open": CROWD - done}


async def test_very_many_are_overdue_and_expire_in_slices(
    hass: HomeAssistant, entry: MockConfigEntry, alerts: Recorder
) -> None:
    with site_clock("12:00") as clock:
        crowd_calls(entry)
        for passed, action in ((121, "overdue"), (3600, "closed")):
            alerts.events.clear()
            clock.begin(hass, seconds=passed)
            await until(lambda: bool(alerts.events))
            assert len(alerts.events) < CROWD
            await wait_until(lambda: len(alerts.events) >= CROWD)
            assert [event["action"] for event in alerts.data] == [action] * CROWD
        assert state_of(hass, FORGOTTEN_TODAY) == str(CROWD)


async def test_a_day_ends_in_slices_and_has_all_whom_it_forgot(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    with site_clock("05:58") as clock:
        # Have it begin the day of this clock.
        entry.runtime_data.alerts._timer.async_tick()
        await clock.wait(hass, seconds=60)
        crowd_calls(entry)
        await act(hass, "acknowledge", alert_id=(await get_alerts(hass))[0]["alert_id"])
        alerts.events.clear()
        clock.begin(hass, seconds=65)
        await until(lambda: bool(alerts.events))
        assert len(alerts.events) < CROWD
        # In the middle of it somebody calls again, of the new day, and a table does.
        guest_calls(entry, CROWD - 1)
        qr_menu.waiter_call("6")

        def is_over() -> bool:
            return (
                len(alerts.events) == CROWD and state_of(hass, FORGOTTEN_TODAY) == "0"
            )

        await wait_until(is_over)
        assert {event["reason"] for event in alerts.data} == {"end_of_day", None}
        waiting = await get_alerts(hass)
        assert [alert["count"] for alert in waiting] == [2, 1]
        state = hass.states.get(FORGOTTEN_TODAY)
        assert state is not None
        assert state.attributes["yesterday"] == CROWD - 2


async def test_a_start_with_very_many_yields_and_loses_none(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    crowd_calls(entry)
    before = await get_alerts(hass)
    assert await hass.config_entries.async_unload(entry.entry_id)
    _, yields = await yields_of(hass.config_entries.async_setup(entry.entry_id))
    assert yields >= YIELDS
    known = ("alert_id", "state", "count", "opened_at", "title")
    assert [[alert[key] for key in known] for alert in await get_alerts(hass)] == [
        [alert[key] for key in known] for alert in before
    ]


async def test_what_is_not_read_yet_is_stored_again(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    crowd_calls(entry)
    manager = entry.runtime_data.alerts
    stored = [alert.as_dict() for alert in manager.book.alerts]
    again = type(manager)(hass, entry, lambda *_: None)
    again.restore({"alerts": {"alerts": stored}})
    reading = asyncio.create_task(again.async_restored())
    await until(lambda: len(again.book) > 0)
    assert len(again.collect()["alerts"]["alerts"]()) == CROWD
    await reading
    assert len(again.book) == CROWD


async def test_what_is_stored_of_many_is_made_outside_of_the_loop(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    crowd_calls(entry)
    manager = entry.runtime_data.alerts
    with patch.object(
        Alert, "as_dict", autospec=True, side_effect=Alert.as_dict
    ) as made:
        later = manager.collect()["alerts"]["alerts"]
        assert made.call_count == 0
        # What changes meanwhile is stored with the next.
        guest_calls(entry, 7)
        assert [alert["count"] for alert in later()] == [1] * CROWD


async def test_one_event_is_as_much_work_however_many_wait(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    await table_calls(qr_menu, alerts, "6")
    runtime = entry.runtime_data
    device = device_called(runtime, "6", lambda _: True)

    def work() -> int:
        async_raise(runtime, device, None, None)
        return lines_run(lambda: async_raise(runtime, device, None, None))

    await items(hass)
    few = work()
    with patch.object(todo, "FEW", 10):
        crowd_calls(entry, 20 * CROWD)
        await items(hass)
        assert work() <= few + ABOUT_THE_SAME


async def test_automations_look_at_all_no_more_often_however_many_change(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    runs = await automate(hass, {"waits": ours("alert_waiting")})
    crowd_calls(entry)
    await act(hass, "reopen", alert_id=await _taken(hass))
    await runs.wait(BURST)
    with patch.object(
        WaitingBatches, "gather", autospec=True, side_effect=WaitingBatches.gather
    ) as look:
        await act(hass, "acknowledge", entity_id=ACTIVITY)
        await hass.async_block_till_done()
    # That nobody of the sum waits any more.
    assert look.call_count == 1


async def _taken(hass: HomeAssistant) -> str:
    """Have one of them be taken, and return its id."""
    alert_id: str = (await get_alerts(hass))[-1]["alert_id"]
    await act(hass, "acknowledge", alert_id=alert_id)
    return alert_id


async def test_a_long_list_is_not_sent_with_each_change(
    hass: HomeAssistant,
    hass_ws_client: WebSocketGenerator,
    entry: MockConfigEntry,
) -> None:
    clients = [await hass_ws_client(hass), await hass_ws_client(hass)]
    for client in clients:
        command = {"type": "todo/item/subscribe", "entity_id": TODO}
        await client.send_json_auto_id(command)
        assert (await client.receive_json())["success"]
        assert (await client.receive_json())["event"] == {"items": []}
    with patch.object(todo, "FEW", 3), timed(write_interval=0.2):
        crowd_calls(entry)
        for status, action in (
            ("needs_action", None),
            ("completed", "acknowledge"),
            ("needs_action", "reopen"),
        ):
            if action is not None:
                await act(hass, action, entity_id=ACTIVITY)
            for client in clients:
                shown: list[Any] = [{}]
                sent = 0
                while [item.get("status") for item in shown] != [status] * CROWD:
                    shown = (await client.receive_json())["event"]["items"]
                    sent += 1
                assert sent < CROWD
                names = [item["summary"] for item in shown]
                assert names == [f"Guest {number}" for number in range(CROWD)]
        await act(hass, "acknowledge", entity_id=ACTIVITY)
        completed = {"entity_id": TODO}
        await hass.services.async_call(
            "todo", "remove_completed_items", completed, blocking=True
        )
        for client in clients:
            while (await client.receive_json())["event"] != {"items": []}:
                pass


async def test_very_many_items_are_found_without_a_look_at_all_for_each(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    searched = 0

    def counted(shown: todo.LongList) -> Iterator[TodoItem]:
        nonlocal searched
        for item in search(shown):
            searched += 1
            yield item

    search = todo.LongList.__iter__
    crowd_calls(entry)
    with (
        patch.object(todo, "FEW", 3),
        patch.object(todo.LongList, "__iter__", counted),
    ):
        names = [f"Guest {number}" for number in range(CROWD)]
        assert [item["summary"] for item in await items(hass)] == names
        searched = 0
        gone = [item["uid"] for item in (await items(hass))[5:]]
        data = {"entity_id": TODO, "item": gone}
        await hass.services.async_call("todo", "remove_item", data, blocking=True)
        assert searched <= 3 * CROWD
        assert [item["summary"] for item in await items(hass)] == names[:5]


async def test_a_long_list_that_nobody_sees_remembers_nothing_of_what_is_gone(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    book = entry.runtime_data.alerts.book
    shown = hass.data["todo"].get_entity(TODO)
    with patch.object(todo, "FEW", 3):
        crowd_calls(entry, 5)
        for _ in range(20):
            crowd_calls(entry)
            for alert in book.alerts[5:]:
                await act(hass, "acknowledge", alert_id=alert.alert_id)
            await entry.runtime_data.alerts.async_delete(book.alerts[5:], NOBODY, None)
        assert not shown._changed
        assert len(shown._items) == 5
    assert len(await items(hass)) == 5
