"""What the board gets: everything that waits at first, then each change, once."""

from enum import StrEnum
from typing import Any, cast

from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.carbis_alerts.board.hub import BOARD
from custom_components.carbis_alerts.domain.rules import AlertKind
from simulator.faults import Faults
from simulator.green_api import GreenApiService
from simulator.pbx import PbxService
from simulator.qr_menu import QrMenuService

from ..alerts import act, table_calls
from ..conftest import Recorder
from ..crowd import CROWD, crowd_calls, one_at_a_time, yields_of
from ..helpers import wait_until
from ..services.conftest import MakeWhatsApp
from ..work import lines_run
from .conftest import LISTS, SUBSCRIBE, Look, Viewer

CALLER = "+79821234567"
GUEST = "79821234567@c.us"


async def test_the_snapshot_has_everything_that_waits(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    look: Look,
) -> None:
    opened = await table_calls(qr_menu, alerts, "6")
    viewer = await look()
    snapshot = viewer.snapshot
    device_id = opened["device_id"]

    assert snapshot["type"] == "snapshot"
    assert snapshot["may_act"] is True
    (shown,) = snapshot["entries"]
    assert shown["entry_id"] == entry.entry_id
    assert (shown["source"], shown["title"]) == ("qr_menu", "QR menu 127.0.0.1")
    assert (shown["loaded"], shown["connected"]) == (True, True)
    assert shown["overdue_after"] == 120
    assert shown["has_tables"] is True
    assert shown["todo_entity_id"] == "todo.qr_menu_127_0_0_1_alerts"
    assert (shown["figures"]["today"], shown["figures"]["forgotten"]) == (1, 0)
    (device,) = snapshot["places"]
    assert device == {
        "entry_id": entry.entry_id,
        "device_id": device_id,
        "kind": "table",
        "id": device["id"],
        "name": "Table 6",
    }
    (alert,) = snapshot["alerts"]
    assert (alert["alert_id"], alert["state"]) == (opened["alert_id"], "open")
    assert alert["device_id"] == device_id
    assert (snapshot["calls"], snapshot["messages"]) == ([], [])


async def test_an_alert_is_followed_from_call_to_close(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    hass_admin_user: MockUser,
    look: Look,
) -> None:
    viewer = await look()
    qr_menu.waiter_call("6")
    opened = await viewer.until("alerts", state="open")
    assert viewer.changes[-1]["places"] or viewer.changes[0]["places"]

    await viewer.client.send_json_auto_id(
        {
            "type": "call_service",
            "domain": "carbis_alerts",
            "service": "acknowledge",
            "service_data": {"alert_id": opened["alert_id"]},
        }
    )
    message = await viewer.client.receive_json()
    while message["type"] != "event":
        message = await viewer.client.receive_json()
    (taken,) = message["event"]["alerts"]
    assert (taken["state"], taken["by"]) == ("acknowledged", hass_admin_user.name)
    figures = message["event"]["entries"][0]["figures"]
    assert figures["answered"] == 1
    assert figures["answer_time"] is not None


async def test_a_closed_alert_is_published_as_closed(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    look: Look,
) -> None:
    opened = await table_calls(qr_menu, alerts, "6")
    viewer = await look()
    qr_menu.pay("6")
    closed = await viewer.until("alerts", state="closed")
    assert closed["alert_id"] == opened["alert_id"]
    assert (await look()).snapshot["alerts"] == []


async def test_one_call_is_one_change_of_one_table(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    look: Look,
) -> None:
    await table_calls(qr_menu, alerts, "3")
    await table_calls(qr_menu, alerts, "6")
    viewer = await look()
    qr_menu.waiter_call("3")
    await viewer.until("alerts", count=2)
    (change,) = viewer.changes
    assert len(change["alerts"]) == 1
    assert change["places"] == []


class LaterKind(StrEnum):
    """A kind of alert that the card has no words for."""

    BILL_REQUEST = "bill_request"


async def test_two_alerts_of_one_table_are_sent_and_taken_each_by_itself(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    look: Look,
) -> None:
    call = await table_calls(qr_menu, alerts, "6")
    viewer = await look()
    runtime = entry.runtime_data
    (device,) = runtime.devices.all
    transitions = runtime.alerts.book.open(
        cast(AlertKind, LaterKind.BILL_REQUEST),
        "6",
        title="6",
        text="by card",
        device_key=device,
        now=dt_util.utcnow(),
    )
    runtime.alert_events.async_publish(transitions, None)

    bill = await viewer.until("alerts", kind="bill_request")
    assert (bill["state"], bill["title"], bill["text"]) == ("open", "6", "by card")
    assert bill["device_id"] == call["device_id"]
    shown = (await look()).snapshot["alerts"]
    assert {alert["kind"] for alert in shown} == {"waiter_call", "bill_request"}

    await act(hass, "acknowledge", alert_id=bill["alert_id"], by="Анна")
    taken = await viewer.until("alerts", by="Анна")
    assert taken["alert_id"] == bill["alert_id"]
    states = {a["kind"]: a["state"] for a in (await look()).snapshot["alerts"]}
    assert states == {"waiter_call": "open", "bill_request": "acknowledged"}


async def test_a_message_of_a_group_is_marked_as_one(
    hass: HomeAssistant,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
    look: Look,
) -> None:
    entry = make_whatsapp(green_api)
    assert await hass.config_entries.async_setup(entry.entry_id)
    viewer = await look()
    green_api.message("120363000000000001@g.us", "Всем привет", "Анна")
    message = await viewer.until("messages", text="Всем привет")
    assert message["is_group"] is True


async def test_a_call_is_followed_from_ringing_to_its_end(
    hass: HomeAssistant, pbx: PbxService, pbx_entry: MockConfigEntry, look: Look
) -> None:
    viewer = await look()
    call_id = pbx.ring(CALLER, "107")
    ringing = await viewer.until("calls", state="ringing")
    assert ringing == {
        "entry_id": pbx_entry.entry_id,
        "call_id": ringing["call_id"],
        "device_id": ringing["device_id"],
        "direction": "incoming",
        "state": "ringing",
        "caller": CALLER,
        "caller_name": None,
        "vip": False,
        "name": "+7 982 123-45-67",
        "extension": "107",
        "trunk": ringing["trunk"],
        "since": ringing["since"],
    }
    device = dr.async_get(hass).async_get(ringing["device_id"])
    assert isinstance(device, dr.DeviceEntry)
    assert device.via_device_id is not None
    assert (await look()).snapshot["calls"] == [ringing]

    pbx.miss(call_id)
    (gone,) = await viewer.until_removed("calls")
    assert gone == {"entry_id": pbx_entry.entry_id, "call_id": ringing["call_id"]}


async def test_messages_are_published_with_chat_and_text(
    hass: HomeAssistant,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
    look: Look,
) -> None:
    entry = make_whatsapp(green_api)
    assert await hass.config_entries.async_setup(entry.entry_id)
    viewer = await look()
    green_api.message(GUEST, "Столик на двоих?", "Анна")
    message = await viewer.until("messages", chat_id=GUEST)
    assert (message["text"], message["sender_name"]) == ("Столик на двоих?", "Анна")
    assert message["type"] == "message"
    assert message["is_group"] is False
    assert viewer.snapshot["entries"][0]["has_tables"] is False
    assert (await look()).snapshot["messages"] == [message]


async def test_a_message_that_waits_is_known_after_a_restart(
    hass: HomeAssistant,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
    alerts: Recorder,
    look: Look,
) -> None:
    entry = make_whatsapp(green_api)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await wait_until(lambda: not entry.runtime_data.source._late)
    green_api.message(GUEST, "Столик на двоих?", "Анна")
    await alerts.wait(1)
    assert await hass.config_entries.async_reload(entry.entry_id)
    (message,) = (await look()).snapshot["messages"]
    assert (message["chat_id"], message["text"]) == (GUEST, "Столик на двоих?")


async def test_an_entry_that_is_away_is_published_with_the_time_of_its_last_answer(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry, look: Look
) -> None:
    viewer = await look()
    qr_menu.faults.set(Faults(refuse=True))
    away = await viewer.until("entries", connected=False)
    assert away["loaded"] is True
    assert away["last_answer"] is not None
    qr_menu.faults.set(Faults())
    back = await viewer.until("entries", connected=True)
    assert back["last_answer"] is None


async def test_an_entry_that_is_reloaded_keeps_its_alerts_on_the_board(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    look: Look,
) -> None:
    await table_calls(qr_menu, alerts, "6")
    viewer = await look()
    assert await hass.config_entries.async_unload(entry.entry_id)
    await viewer.until("entries", loaded=False)
    newcomer = await look()
    assert [alert["state"] for alert in newcomer.snapshot["alerts"]] == ["open"]
    assert await hass.config_entries.async_setup(entry.entry_id)
    await viewer.until("entries", loaded=True)
    qr_menu.waiter_call("6")
    await viewer.until("alerts", count=2)
    for change in viewer.changes:
        assert all(not change["removed"][name] for name in LISTS)


async def test_an_entry_that_is_disabled_or_removed_leaves_the_board(
    hass: HomeAssistant, entry: MockConfigEntry, look: Look
) -> None:
    viewer = await look()
    await hass.config_entries.async_set_disabled_by(
        entry.entry_id, ConfigEntryDisabler.USER
    )
    assert await viewer.until_removed("entries") == [entry.entry_id]
    await hass.config_entries.async_set_disabled_by(entry.entry_id, None)
    await viewer.until("entries", loaded=True)
    await hass.config_entries.async_remove(entry.entry_id)
    assert await viewer.until_removed("entries") == [entry.entry_id]


async def test_a_table_whose_device_is_deleted_leaves_the_board(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    look: Look,
    hass_ws_client: WebSocketGenerator,
) -> None:
    assert await async_setup_component(hass, "config", {})
    device_id = (await table_calls(qr_menu, alerts, "6"))["device_id"]
    viewer = await look()
    client: Any = await hass_ws_client(hass)
    await client.remove_device(device_id)
    assert await viewer.until_removed("places") == [device_id]


async def test_two_who_look_see_the_same(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    look: Look,
) -> None:
    first, second = await look(), await look()
    qr_menu.waiter_call("6")
    alert = await first.until("alerts", state="open")
    assert await second.until("alerts", state="open") == alert
    await act(hass, "acknowledge", alert_id=alert["alert_id"], by="Анна")
    assert (await first.until("alerts", by="Анна"))["state"] == "acknowledged"
    assert (await second.until("alerts", by="Анна"))["state"] == "acknowledged"


async def test_one_after_the_other_gets_a_snapshot_however_many_come_at_once(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    board = hass.data[BOARD]
    sent: list[Any] = []
    leave = [board.async_subscribe(sent.append) for _ in range(CROWD)]

    async def wait() -> None:
        await wait_until(lambda: len(sent) == CROWD)

    _, yields = await yields_of(wait())
    assert yields >= CROWD - 5
    assert {message["type"] for message in sent} == {"snapshot"}
    for gone in leave:
        gone()


async def test_no_viewer_costs_nothing(
    hass: HomeAssistant, entry: MockConfigEntry, look: Look
) -> None:
    board = hass.data[BOARD]
    listeners = entry.runtime_data.signals._changes
    viewer, other = await look(), await look()
    assert len(listeners) == 1
    await viewer.leave()
    assert len(listeners) == 1
    await other.client.close()
    await wait_until(lambda: not listeners)
    assert not board._shown


async def test_whoever_is_no_administrator_sees_and_acts(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    hass_admin_user: MockUser,
    look: Look,
) -> None:
    hass_admin_user.groups = [await _group(hass, "system-users")]
    opened = await table_calls(qr_menu, alerts, "6")
    viewer = await look()
    assert viewer.snapshot["may_act"] is True
    assert viewer.snapshot["alerts"][0]["alert_id"] == opened["alert_id"]


async def test_whoever_may_only_look_is_notified_and_cannot_act(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    look: Look,
    hass_read_only_access_token: str,
) -> None:
    opened = await table_calls(qr_menu, alerts, "6")
    viewer = await look(hass_read_only_access_token)
    assert viewer.snapshot["may_act"] is False
    for service, data in (
        ("acknowledge", {"alert_id": opened["alert_id"]}),
        ("raise_alert", {"entry_id": entry.entry_id, "table": "6"}),
    ):
        await viewer.client.send_json_auto_id(
            {
                "type": "call_service",
                "domain": "carbis_alerts",
                "service": service,
                "service_data": data,
            }
        )
        answer = await viewer.client.receive_json()
        assert answer["error"]["message"] == "Unauthorized"
    assert len(alerts.events) == 1


async def test_a_right_that_is_given_meanwhile_counts(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    look: Look,
    hass_read_only_user: MockUser,
    hass_read_only_access_token: str,
) -> None:
    viewer = await look(hass_read_only_access_token)
    assert viewer.snapshot["may_act"] is False
    hass_read_only_user.groups = [await _group(hass, "system-users")]
    hass_read_only_user.invalidate_cache()
    qr_menu.waiter_call("6")
    assert (await viewer.receive())["may_act"] is True


async def test_whoever_may_see_nothing_gets_nothing(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_admin_user: MockUser,
    hass_ws_client: WebSocketGenerator,
) -> None:
    hass_admin_user.groups = []
    client: Any = await hass_ws_client(hass)
    await client.send_json_auto_id(SUBSCRIBE)
    answer = await client.receive_json()
    assert answer["error"]["code"] == "unauthorized"


@pytest.mark.parametrize("way", ["groups", "policy"])
async def test_a_right_that_is_taken_meanwhile_ends_it(
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    look: Look,
    hass_read_only_user: MockUser,
    hass_read_only_access_token: str,
    way: str,
) -> None:
    viewer = await look(hass_read_only_access_token)
    if way == "groups":
        hass_read_only_user.groups = []
        hass_read_only_user.invalidate_cache()
    else:
        hass_read_only_user.mock_policy({"entities": {"domains": {"light": True}}})
    await table_calls(qr_menu, alerts, "6")
    answer = await viewer.client.receive_json()
    assert (answer["type"], answer["error"]["code"]) == ("result", "unauthorized")
    await table_calls(qr_menu, alerts, "7")
    await viewer.client.send_json_auto_id({"type": "ping"})
    assert (await viewer.client.receive_json())["type"] == "pong"


async def _group(hass: HomeAssistant, group_id: str) -> Any:
    return await hass.auth.async_get_group(group_id)


async def test_very_many_alerts_are_sent_in_slices_and_whole(
    hass: HomeAssistant, entry: MockConfigEntry, look: Look
) -> None:
    with one_at_a_time():
        crowd_calls(entry)
        viewer = await look()
        names = [alert["name"] for alert in viewer.snapshot["alerts"]]
        assert names == [f"Guest {number}" for number in range(CROWD)]
        await act(hass, "acknowledge", entity_id="event.qr_menu_127_0_0_1_activity")
        taken = [
            alert
            for change in await changes_until(viewer, CROWD)
            for alert in change["alerts"]
        ]
        assert [alert["name"] for alert in taken] == names
        assert {alert["state"] for alert in taken} == {"acknowledged"}
        assert len(viewer.changes) >= CROWD
        newcomer = await look()
        assert [a["state"] for a in newcomer.snapshot["alerts"]] == [
            "acknowledged"
        ] * CROWD


async def test_one_alert_is_as_much_work_for_the_board_however_many_wait(
    hass: HomeAssistant, entry: MockConfigEntry, look: Look
) -> None:
    board = hass.data[BOARD]
    await look()

    def work() -> int:
        crowd_calls(entry, 1)
        return lines_run(board._async_flush, "board")

    work()
    few = work()
    crowd_calls(entry, 20 * CROWD)
    await hass.async_block_till_done()
    await look()
    assert work() <= few + 30


async def changes_until(viewer: Viewer, count: int) -> list[dict[str, Any]]:
    """Return the changes with so many alerts."""
    while sum(len(change["alerts"]) for change in viewer.changes) < count:
        viewer.changes.append(await viewer.receive())
    return viewer.changes
