"""The to-do list of an entry: what waits, to be ticked off."""

from datetime import datetime, timedelta
from typing import Any

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from simulator.qr_menu import QrMenuService

from .alerts import TODO, WAITER_CALLED, act, items, press, site_clock, table_calls
from .conftest import Recorder
from .helpers import state_of


async def todo(
    hass: HomeAssistant, action: str, context: Context | None = None, **data: Any
) -> None:
    """Do something with the list, as its card does."""
    await hass.services.async_call(
        "todo", action, {"entity_id": TODO, **data}, blocking=True, context=context
    )


async def refused(hass: HomeAssistant, action: str, **data: Any) -> str | None:
    """Return the key of the error with which the list refuses."""
    with pytest.raises(ServiceValidationError) as caught:
        await todo(hass, action, **data)
    return caught.value.translation_key


async def test_an_item_says_where_what_how_often_who_and_until_when(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    opened = await table_calls(qr_menu, alerts, "6")
    due = datetime.fromisoformat(opened["opened_at"]) + timedelta(seconds=120)
    (item,) = await items(hass)
    assert datetime.fromisoformat(item.pop("due")) == due
    assert item == {
        "uid": opened["alert_id"],
        "summary": "Table 6",
        "status": "needs_action",
    }
    assert state_of(hass, TODO) == "1"

    await act(
        hass, "raise_alert", entry_id=entry.entry_id, table="6", text="Счёт картой"
    )
    await act(hass, "acknowledge", alert_id=opened["alert_id"], by="Анна")
    (item,) = await items(hass)
    at = datetime.fromisoformat(alerts.data[-1]["acknowledged_at"])
    local = dt_util.as_local(at)
    assert item["description"] == f"Счёт картой · ×2 · Анна, {local:%H:%M}"
    assert (item["status"], item["completed"]) == ("completed", at.isoformat())
    assert "due" not in item
    assert state_of(hass, TODO) == "0"


@pytest.mark.parametrize(
    ("language", "by", "said"),
    [
        ("en", "Anna", "Anna, snoozed until 19:10"),
        ("ru", "Анна", "Анна, отложено до 19:10"),
        ("ru", None, "отложено до 19:10"),
    ],
)
async def test_an_item_says_who_snoozed_it_until_when_and_no_more_once_it_waits(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    language: str,
    by: str | None,
    said: str,
) -> None:
    await hass.config.async_update(language=language, time_zone="Europe/Moscow")
    with site_clock("16:00") as clock:
        await hass.config_entries.async_reload(entry.entry_id)
        opened = await table_calls(qr_menu, alerts, "6")
        who: dict[str, Any] = {"by": by} if by else {}
        await act(hass, "snooze", alert_id=opened["alert_id"], **who)
        (item,) = await items(hass)
        assert (item["status"], item["description"]) == ("needs_action", said)
        assert "completed" not in item
        await clock.wait(hass, minutes=10)
        (item,) = await items(hass)
        assert "description" not in item
        await act(hass, "acknowledge", alert_id=opened["alert_id"], **who)
        (item,) = await items(hass)
        assert item.get("description") == (f"{by}, 19:10" if by else None)
        assert item["completed"] == clock.utcnow().isoformat()
        # Whoever gives it back has it no more.
        await act(hass, "reopen", alert_id=opened["alert_id"], **who)
        (item,) = await items(hass)
        assert {"description", "completed"}.isdisjoint(item)


async def test_what_is_never_overdue_has_no_due_time(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    hass.config_entries.async_update_entry(
        entry, options={**entry.options, "overdue_after": 0}
    )
    await hass.async_block_till_done()
    await table_calls(qr_menu, alerts, "6")
    (item,) = await items(hass)
    assert "due" not in item


async def test_ticked_it_is_acknowledged_and_unticked_it_waits_again(
    hass: HomeAssistant,
    hass_admin_user: MockUser,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    opened = await table_calls(qr_menu, alerts, "6")
    context = Context(user_id=hass_admin_user.id)
    item = opened["alert_id"]

    await todo(
        hass, "update_item", context, item=item, rename="Table 6", status="completed"
    )
    assert alerts.data[1]["action"] == "acknowledged"
    assert alerts.data[1]["by"] == hass_admin_user.name
    assert alerts.events[1].context is context
    assert state_of(hass, WAITER_CALLED) == "off"

    await todo(hass, "update_item", context, item=item, status="needs_action")
    again = alerts.data[2]
    assert (again["action"], again["state"]) == ("reopened", "open")
    assert again["opened_at"] == opened["opened_at"]
    assert (again["alert_id"], again["count"]) == (item, 1)
    assert again["by"] == hass_admin_user.name
    assert state_of(hass, WAITER_CALLED) == "on"

    for status in ("needs_action", "completed", "completed"):
        await todo(hass, "update_item", item="Table 6", status=status)
    assert len(alerts.events) == 4


async def test_deleted_it_is_closed(
    hass: HomeAssistant,
    hass_admin_user: MockUser,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    for table in ("6", "7"):
        await table_calls(qr_menu, alerts, table)
    context = Context(user_id=hass_admin_user.id)
    await todo(hass, "remove_item", context, item=["Table 6"])
    data = alerts.data[2]
    assert (data["action"], data["reason"], data["title"]) == ("closed", "deleted", "6")
    assert data["by"] == hass_admin_user.name
    assert [item["summary"] for item in await items(hass)] == ["Table 7"]


async def test_completed_items_are_cleared_away_as_deleted(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    for table in ("6", "7"):
        await table_calls(qr_menu, alerts, table)
    await press(hass, "button.table_6_acknowledge")
    await todo(hass, "remove_completed_items")
    assert (alerts.data[-1]["title"], alerts.data[-1]["reason"]) == ("6", "deleted")
    assert [item["summary"] for item in await items(hass)] == ["Table 7"]


@pytest.mark.parametrize("name", ["6", " 6 ", "Table 6"])
async def test_an_added_item_calls_the_table_of_its_name(
    hass: HomeAssistant,
    hass_admin_user: MockUser,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    bus: Recorder,
    alerts: Recorder,
    name: str,
) -> None:
    qr_menu.add_dishes("6", [{"name": "Суп", "price": 250, "count": 1}])
    await bus.wait(1)
    context = Context(user_id=hass_admin_user.id)
    await todo(hass, "add_item", context, item=name)
    assert bus.data[1]["code"] == "raise_alert"
    assert (alerts.data[0]["action"], alerts.data[0]["title"]) == ("opened", "6")
    assert alerts.events[0].context is context
    (item,) = await items(hass)
    assert item["summary"] == "Table 6"


async def test_an_added_item_that_is_no_table_is_an_error(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder
) -> None:
    for number in (1, 2):
        qr_menu.push({"code": "x", "table": number, "table_repr": {"name": "VIP"}})
    await bus.wait(2)
    assert await refused(hass, "add_item", item="Buy milk") == "unknown_table"
    assert await refused(hass, "add_item", item="VIP") == "ambiguous_table"
    assert await items(hass) == []


async def test_an_item_cannot_be_renamed(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    opened = await table_calls(qr_menu, alerts, "6")
    item = opened["alert_id"]
    key = await refused(
        hass, "update_item", item=item, rename="Table 7", status="completed"
    )
    assert key == "alert_not_renamed"
    assert state_of(hass, WAITER_CALLED) == "on"


async def test_a_list_that_shows_a_devices_old_name_can_still_be_ticked(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    opened = await table_calls(qr_menu, alerts, "6")
    dr.async_get(hass).async_update_device(opened["device_id"], name_by_user="Terrace")
    await todo(
        hass,
        "update_item",
        item=opened["alert_id"],
        rename="Table 6",
        status="completed",
    )
    (item,) = await items(hass)
    assert (item["summary"], item["status"]) == ("Terrace", "completed")


async def test_an_item_that_is_gone_is_an_error(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    opened = await table_calls(qr_menu, alerts, "6")
    qr_menu.pay("6")
    await alerts.wait(2)
    for action in ("update_item", "remove_item"):
        status = {"status": "completed"} if action == "update_item" else {}
        key = await refused(hass, action, item=opened["alert_id"], **status)
        assert key == "item_not_found"
    source = hass.data["todo"].get_entity(TODO)
    with pytest.raises(ServiceValidationError) as caught:
        await source.async_delete_todo_items([opened["alert_id"]])
    assert caught.value.translation_key == "unknown_alert"


async def test_a_card_is_reported_of_each_change(
    hass: HomeAssistant,
    hass_ws_client: WebSocketGenerator,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    client = await hass_ws_client(hass)
    await client.send_json_auto_id({"type": "todo/item/subscribe", "entity_id": TODO})
    assert (await client.receive_json())["success"]
    assert (await client.receive_json())["event"] == {"items": []}

    await table_calls(qr_menu, alerts, "6")
    (item,) = (await client.receive_json())["event"]["items"]
    assert (item["summary"], item["status"]) == ("Table 6", "needs_action")
    await table_calls(qr_menu, alerts, "6")
    (item,) = (await client.receive_json())["event"]["items"]
    assert item["description"] == "×2"
    await press(hass, "button.table_6_acknowledge")
    (item,) = (await client.receive_json())["event"]["items"]
    assert item["status"] == "completed"
    qr_menu.pay("6")
    assert (await client.receive_json())["event"] == {"items": []}
