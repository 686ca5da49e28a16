"""What real devices write that is no strict JSON, through a running Home Assistant."""

from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp.test_utils import TestClient
from homeassistant.const import CONF_WEBHOOK_ID
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import orjson
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from simulator.faults import Faults
from simulator.green_api import GreenApiService
from simulator.pbx import PbxService
from simulator.qr_menu import QrMenuService

from ..conftest import Recorder
from ..helpers import storage_key, wait_for_state, wait_until
from .conftest import MakePbx, MakeWhatsApp

GUEST = "79821234567@c.us"
HOOK = "a-secret-of-64-characters"


def message(text: str, number: int = 1) -> dict[str, Any]:
    return {
        "typeWebhook": "incomingMessageReceived",
        "timestamp": int(datetime.now(UTC).timestamp()),
        "idMessage": f"F7AEC1B7086ECDC7E6E45923F5ED{number:04}",
        "senderData": {"chatId": GUEST, "sender": GUEST, "senderName": "Пётр"},
        "messageData": {
            "typeMessage": "textMessage",
            "textMessageData": {"textMessage": text},
        },
    }


@pytest.fixture
async def whatsapp(
    hass: HomeAssistant, green_api: GreenApiService, make_whatsapp: MakeWhatsApp
) -> MockConfigEntry:
    """Return a loaded entry that has seen its queue empty."""
    entry = make_whatsapp(green_api)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await wait_until(lambda: entry.runtime_data.journal.is_initialized)
    return entry


async def test_half_an_emoji_costs_itself_and_the_queue_goes_on(
    green_api: GreenApiService, whatsapp: MockConfigEntry, bus: Recorder
) -> None:
    half = orjson.dumps({"receiptId": 5, "body": message("@ hello")})
    green_api.push_raw(half.replace(b"@", b"\\ud83d"), receipt=5)
    green_api.push(message("second", 2))
    texts = [data["text"] for data in await bus.wait(2)]
    assert texts == ["\ufffd hello", "second"]
    await green_api.wait_until_empty()


@pytest.mark.parametrize(
    "head",
    [
        b'{"receiptId": 5, "body": {"typeWebhook": undefined}}',
        b'{"receiptId":"5","body":{"typeWebhook":"incomingMessageReceived","mess',
        b'{"body": <html>, "receiptId": 5}\n',
    ],
    ids=["no JSON", "cut off each time", "a receipt at the end"],
)
async def test_a_head_that_cannot_be_read_is_deleted_and_counted(
    green_api: GreenApiService, whatsapp: MockConfigEntry, bus: Recorder, head: bytes
) -> None:
    green_api.push_raw(head, receipt=5)
    green_api.push(message("second", 2))
    (data,) = await bus.wait(1)
    assert data["text"] == "second"
    await green_api.wait_until_empty()
    assert whatsapp.runtime_data.statistics.malformed == 1
    assert list(whatsapp.runtime_data.statistics.malformed_shapes) == [
        {"body": "str", "receiptId": "str"}
    ]


async def test_a_head_that_was_cut_off_once_is_published_after_all(
    green_api: GreenApiService, whatsapp: MockConfigEntry, bus: Recorder
) -> None:
    whole = green_api.push(message("whole"))
    green_api.faults.set(Faults(garbage=orjson.dumps(whole)[:60].decode(), times=1))
    green_api.end_polls()
    (data,) = await bus.wait(1)
    assert data["text"] == "whole"
    assert whatsapp.runtime_data.statistics.malformed == 0


@pytest.mark.parametrize("by_status", [True, False])
async def test_a_quota_that_is_used_up_is_a_repair_and_the_queue_goes_on(
    hass: HomeAssistant,
    green_api: GreenApiService,
    whatsapp: MockConfigEntry,
    bus: Recorder,
    by_status: bool,
) -> None:
    quota = {"receiptId": 5, "body": {"typeWebhook": "quotaExceeded", "timestamp": 1}}
    if by_status:
        body = orjson.dumps(quota).decode()
        green_api.faults.set(Faults(status=466, body=body, times=1))
        green_api.end_polls()
    else:
        green_api.push(quota["body"])
    (data,) = await bus.wait(1)
    assert (data["type"], data["code"]) == ("other", "quotaExceeded")
    green_api.push(message("second", 2))
    assert (await bus.wait(2))[1]["text"] == "second"
    await green_api.wait_until_empty()
    issue = f"quota_exceeded_{whatsapp.entry_id}"
    assert ir.async_get(hass).async_get_issue("carbis_alerts", issue) is not None


@pytest.mark.parametrize(
    "date",
    [
        *("0000-00-00 00:00:00", "2026-02-30 10:00:00", "0001-01-01T00:00:00"),
        *("2026-11-21 19:00:60", "9999-12-31T23:59:59", 10**15, [], "1970-01-01 00:00"),
    ],
)
async def test_an_sms_without_a_date_that_can_be_has_the_time_of_arrival(
    pbx: PbxService, pbx_entry: MockConfigEntry, bus: Recorder, date: Any
) -> None:
    payload = {"sms_src": "Bank", "text": "Code", "trunk": "GSM1", "date": date}
    pbx.push({"event_type": "incoming_sms", "payload": payload})
    pbx.ring("+79820000001", "107")
    sms, call = await bus.wait(2)
    assert (sms["type"], sms["text"], call["type"]) == ("sms", "Code", "incoming_call")
    age = datetime.now(UTC) - datetime.fromisoformat(sms["time"])
    assert timedelta() <= age < timedelta(minutes=5)


async def test_an_sms_in_another_charset_is_published_on_the_stream(
    pbx: PbxService, pbx_entry: MockConfigEntry, bus: Recorder
) -> None:
    text = '{"event_type":"incoming_sms","payload":{"sms_src":"\x11Ия","text":"Столик\tна 19"}}'
    pbx.push(text.encode("cp1251"))
    (data,) = await bus.wait(1)
    assert (data["sender"], data["text"]) == ("Ия", "Столик\tна 19")


@pytest.mark.parametrize("call_id", [None, "", {}])
async def test_a_call_without_an_id_is_published_as_the_message_says(
    pbx: PbxService, pbx_entry: MockConfigEntry, bus: Recorder, call_id: Any
) -> None:
    payload = {"call_id": call_id, "call_src": "+79820000001", "call_dst": "107"}
    pbx.push({"event_type": "incoming_call", "payload": payload})
    (data,) = await bus.wait(1)
    assert (data["caller"], data["direction"]) == ("+79820000001", "incoming")
    assert data["extension"] == "107"


@pytest.fixture
async def web(
    hass: HomeAssistant,
    hass_client_no_auth: ClientSessionGenerator,
    pbx: PbxService,
    make_pbx: MakePbx,
) -> TestClient[Any, Any]:
    """Return a client of Home Assistant, whose hook the PBX has taken."""
    assert await async_setup_component(hass, "webhook", {})
    client = await hass_client_no_auth()
    hass.config.internal_url = str(client.make_url("")).rstrip("/")
    entry = make_pbx(pbx, transport="webhook", **{CONF_WEBHOOK_ID: HOOK})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await wait_for_state(hass, "binary_sensor.pbx_127_0_0_1_connection", "on")
    return client


SMS = '{"device_id":"%s","event_type":"incoming_sms","payload":{"sms_src":"1","text":"%s"}}'


@pytest.mark.parametrize(
    ("form", "content_type", "texts"),
    [
        (lambda sms: sms("Привет").encode("cp1251"), "text/plain; charset=windows-1251", ["Привет"]),
        (lambda sms: sms("Привет").encode("cp1251"), "application/json", ["Привет"]),
        (lambda sms: f"[{sms('a')},{sms('b')}]".encode(), "application/json", ["a", "b"]),
        (lambda sms: (sms("a")[:-1] + ",}").encode(), "application/json", ["a"]),
        (lambda sms: f"id=1&data={sms('a').replace(' ', '+')}".encode(), "application/x-www-form-urlencoded", ["a"]),
    ],
    ids=["declared", "undeclared", "a list of two", "a trailing comma", "a form"],
)  # fmt: skip
async def test_a_hooks_body_is_read_where_it_can_be(
    web: TestClient[Any, Any],
    pbx: PbxService,
    bus: Recorder,
    form: Any,
    content_type: str,
    texts: list[str],
) -> None:
    body = form(lambda text: SMS % (pbx.device_id, text))
    answer = await web.post(
        f"/api/webhook/{HOOK}", data=body, headers={"Content-Type": content_type}
    )
    assert answer.status == 200
    assert [data["text"] for data in await bus.wait(len(texts))] == texts


async def test_a_hooks_body_that_cannot_be_read_is_counted_with_its_shape(
    hass: HomeAssistant, web: TestClient[Any, Any]
) -> None:
    (entry,) = hass.config_entries.async_entries("carbis_alerts")
    for body in (b"<xml/>", b'{"a": 1}'):
        # Taken all the same, or the PBX would send it for ever.
        assert (await web.post(f"/api/webhook/{HOOK}", data=body)).status == 200
    shapes = list(entry.runtime_data.statistics.malformed_shapes)
    assert shapes == ["not JSON: markup", {"a": "int"}]


async def test_two_guests_with_one_hash_are_both_published_and_neither_again(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder
) -> None:
    for table in (5, 7):
        call = {"hash": "0x5", "code": "waiter_call", "table": table}
        qr_menu.push(call, add_hash=False)
    found = [(data["event_id"], data["table_id"]) for data in await bus.wait(2)]
    assert found == [("0x5", "5"), ("0x5:waiter_call:7", "7")]
    assert await hass.config_entries.async_reload(entry.entry_id)
    qr_menu.waiter_call("8")
    assert len(await bus.wait(3)) == 3


async def test_a_file_that_is_far_too_large_is_cut_when_it_is_read(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    hass_storage: dict[str, Any],
) -> None:
    qr_menu.waiter_call("6")
    await alerts.wait(1)
    assert await hass.config_entries.async_unload(entry.entry_id)
    file = hass_storage[storage_key(entry)]
    stored = file["data"]
    huge = "Ё" * 1_000_000
    (alert,) = stored["alerts"]["alerts"]
    stored["alerts"]["alerts"] = [
        {**alert, **dict.fromkeys(("key", "title", "text", "place", "by"), huge)},
        {**alert, "key": "other", "opened_at": "9999-12-31T23:59:59-12:00"},
    ]
    stored["alerts"]["day"] = "0000-00-00"
    stored["alerts"]["payments_today"] |= {"total": 1e308}
    stored["alerts"]["waits_today"]["waits"] = [[1.0, huge], [1e308, "x"]]
    stored["places"] = {
        key: {"name": huge, "values": {"bill": 1e308}} for key in stored["places"]
    }
    stored["journal"]["seen"][huge] = stored["journal"]["seen"].popitem()[1]
    stored["journal"]["cursor"] = huge
    stored["last_answer"] = "0001-01-01T00:00:00+14:00"

    assert await hass.config_entries.async_setup(entry.entry_id)
    assert await hass.config_entries.async_unload(entry.entry_id)
    again = hass_storage[storage_key(entry)]["data"]
    assert len(orjson.dumps(again)) < 20_000
    assert len(again["alerts"]["alerts"]) == 1
    assert again["alerts"]["payments_today"]["total"] == 0.0
