"""The actions on alerts: what they do, what they answer, what they refuse."""

from typing import Any

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
import voluptuous as vol

from simulator.qr_menu import QrMenuService

from .alerts import OPEN_CALLS, WAITER_CALLED, act, get_alerts, table_calls
from .conftest import Recorder
from .helpers import state_of, wait_for_state


async def refused(hass: HomeAssistant, action: str, **data: Any) -> str | None:
    """Return the key of the error with which an action is refused."""
    with pytest.raises(ServiceValidationError) as caught:
        await act(hass, action, **data)
    assert caught.value.translation_domain == "carbis_alerts"
    return caught.value.translation_key


# --- acknowledge -----------------------------------------------------------------------


async def test_an_alert_is_acknowledged_by_its_id_and_returned(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    opened = await table_calls(qr_menu, alerts, "6")
    await table_calls(qr_menu, alerts, "7")
    answer = await act(hass, "acknowledge", alert_id=opened["alert_id"], by="Анна")
    (alert,) = answer["alerts"]
    published = alerts.data[2]
    assert {key: published[key] for key in alert} == alert
    assert set(published) - set(alert) == {"action", "late", "reason"}
    assert (alert["state"], alert["by"]) == ("acknowledged", "Анна")
    assert state_of(hass, OPEN_CALLS) == "1"


@pytest.mark.parametrize(("by", "name"), [("Анна", "Анна"), ("", None), (None, None)])
async def test_it_is_by_who_the_action_says_else_by_the_user_who_acts(
    hass: HomeAssistant,
    hass_admin_user: MockUser,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    by: str | None,
    name: str | None,
) -> None:
    opened = await table_calls(qr_menu, alerts, "6")
    answer = await act(
        hass,
        "acknowledge",
        Context(user_id=hass_admin_user.id),
        alert_id=opened["alert_id"],
        **({} if by is None else {"by": by}),
    )
    assert answer["alerts"][0]["by"] == (name or hass_admin_user.name)


async def test_acknowledged_twice_is_no_error_and_returns_nothing(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    opened = await table_calls(qr_menu, alerts, "6")
    for count in (1, 0):
        answer = await act(hass, "acknowledge", alert_id=opened["alert_id"])
        assert len(answer["alerts"]) == count


async def test_without_asking_for_an_answer_it_works_too(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    opened = await table_calls(qr_menu, alerts, "6")
    await hass.services.async_call(
        "carbis_alerts",
        "acknowledge",
        {"alert_id": opened["alert_id"]},
        blocking=True,
    )
    assert state_of(hass, WAITER_CALLED) == "off"


async def test_an_unknown_or_closed_alert_and_no_target_are_errors(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    opened = await table_calls(qr_menu, alerts, "6")
    qr_menu.pay("6")
    await alerts.wait(2)
    assert await refused(hass, "acknowledge", alert_id="?") == "unknown_alert"
    closed = opened["alert_id"]
    assert await refused(hass, "acknowledge", alert_id=closed) == "unknown_alert"
    assert await refused(hass, "acknowledge") == "no_target"
    assert await refused(hass, "acknowledge", by="Anna") == "no_target"


# --- get_alerts ------------------------------------------------------------------------


async def test_alerts_are_returned_by_state_kind_and_entry(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    first = await table_calls(qr_menu, alerts, "5")
    await act(hass, "acknowledge", alert_id=first["alert_id"])
    await table_calls(qr_menu, alerts, "6")
    await table_calls(qr_menu, alerts, "7")
    qr_menu.pay("7")
    await alerts.wait(5)

    async def titles(**data: Any) -> list[str]:
        return [alert["title"] for alert in await get_alerts(hass, **data)]

    assert await titles() == ["5", "6"]
    assert await titles(state="open") == ["6"]
    assert await titles(state="acknowledged") == ["5"]
    assert await titles(state="closed") == ["7"]
    assert await titles(kind="waiter_call") == ["5", "6"]
    assert await titles(kind="message") == []
    assert await titles(entry_id=entry.entry_id, state="closed") == ["7"]


async def test_alerts_of_another_entry_are_left_out(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    await table_calls(qr_menu, alerts, "6")
    async with QrMenuService(token=qr_menu.token) as other:
        second = MockConfigEntry(
            domain="carbis_alerts",
            title="Station",
            data={**entry.data, "url": other.url},
            options=entry.options,
        )
        second.add_to_hass(hass)
        assert await hass.config_entries.async_setup(second.entry_id)
        await other.wait_for_requests(2)
        await table_calls(other, alerts, "6")
        assert len(await get_alerts(hass)) == 2
        (alert,) = await get_alerts(hass, entry_id=second.entry_id)
        assert alert["entry_title"] == "Station"
        assert await hass.config_entries.async_unload(second.entry_id)
        assert len(await get_alerts(hass)) == 1
        assert await refused(hass, "get_alerts", entry_id=second.entry_id) == (
            "entry_not_loaded"
        )


async def test_alerts_of_an_unknown_entry_are_an_error(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    assert await refused(hass, "get_alerts", entry_id="?") == "unknown_entry"
    other = MockConfigEntry(domain="sun")
    other.add_to_hass(hass)
    assert await refused(hass, "get_alerts", entry_id=other.entry_id) == (
        "unknown_entry"
    )


# --- raise_alert -----------------------------------------------------------------------


@pytest.mark.parametrize("table", ["6", 6, " 6 ", "1000006", 1000006, "Table 6"])
async def test_a_table_is_called_by_its_name_its_id_or_its_devices_name(
    hass: HomeAssistant,
    hass_admin_user: MockUser,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    bus: Recorder,
    alerts: Recorder,
    table: Any,
) -> None:
    table_id = str(qr_menu.restaurant.table("6").id)
    qr_menu.push({"code": "x", "table": table_id, "table_repr": {"name": "6"}})
    await bus.wait(1)
    if "1000006" in str(table):
        table = type(table)(table_id)
    context = Context(user_id=hass_admin_user.id)
    answer = await act(
        hass,
        "raise_alert",
        context,
        entry_id=entry.entry_id,
        table=table,
        text="Счёт",
    )
    (opened,) = alerts.data
    assert answer == {"alert_id": opened["alert_id"]}
    assert (opened["key"], opened["title"]) == (table_id, "6")
    assert (opened["action"], opened["text"]) == ("opened", "Счёт")
    assert alerts.events[0].context is context
    event = bus.data[1]
    assert (event["type"], event["code"]) == ("waiter_call", "raise_alert")
    assert (event["table_id"], event["table_name"]) == (table_id, "6")
    assert set(event) == set(bus.data[0])
    assert bus.events[1].context is context
    state = hass.states.get("event.table_6_activity")
    assert state is not None
    assert state.attributes["code"] == "raise_alert"
    assert state.context is context
    await wait_for_state(hass, WAITER_CALLED, "on")


async def test_raised_while_it_waits_is_a_repeat_of_the_same_alert(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    opened = await table_calls(qr_menu, alerts, "6")
    answer = await act(hass, "raise_alert", entry_id=entry.entry_id, table="6")
    assert answer["alert_id"] == opened["alert_id"]
    assert alerts.data[1]["count"] == 2


async def test_an_unknown_or_ambiguous_table_is_an_error(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder
) -> None:
    for number in (1, 2):
        qr_menu.push({"code": "x", "table": number, "table_repr": {"name": "VIP"}})
    await bus.wait(2)

    async def key(table: str) -> str | None:
        return await refused(hass, "raise_alert", entry_id=entry.entry_id, table=table)

    assert await key("VIP") == "ambiguous_table"
    assert await key("Table VIP") == "ambiguous_table"
    assert await key("66") == "unknown_table"
    assert await key("") == "unknown_table"
    answer = await act(hass, "raise_alert", entry_id=entry.entry_id, table="2")
    assert answer["alert_id"]


async def test_only_a_loaded_qr_menu_has_tables(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    assert await refused(hass, "raise_alert", entry_id="?", table="6") == (
        "unknown_entry"
    )
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert await refused(hass, "raise_alert", entry_id=entry.entry_id, table="6") == (
        "entry_not_loaded"
    )


# --- What is no such data --------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("acknowledge", {"alert_id": ["a"]}),
        ("acknowledge", {"alert_id": "a", "by": {"name": "Anna"}}),
        ("acknowledge", {"entity_id": "table 6"}),
        ("acknowledge", {"alert_id": "a", "who": "Anna"}),
        ("get_alerts", {"kind": "fire"}),
        ("get_alerts", {"state": "lost"}),
        ("get_alerts", {"entry_id": None}),
        ("get_alerts", {"limit": 5}),
        ("raise_alert", {"entry_id": "x"}),
        ("raise_alert", {"table": "6"}),
        ("raise_alert", {"entry_id": "x", "table": None}),
        ("raise_alert", {"entry_id": "x", "table": "6", "text": ["a"]}),
    ],
)
async def test_data_of_another_form_is_refused(
    hass: HomeAssistant, entry: MockConfigEntry, action: str, data: dict[str, Any]
) -> None:
    with pytest.raises(vol.Invalid):
        await act(hass, action, **data)


async def test_get_alerts_is_only_for_who_takes_the_answer(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    with pytest.raises(ServiceValidationError):
        await hass.services.async_call("carbis_alerts", "get_alerts", {}, blocking=True)
