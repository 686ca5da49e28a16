"""Whatever services send: events, the entry's file, the board and memory stay small."""

import asyncio
from datetime import UTC, datetime
import json
import math
from pathlib import Path
import tracemalloc
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from hypothesis import HealthCheck, given, settings, strategies as st
import orjson
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.carbis_alerts.api.fields import MAX_AMOUNT, MAX_ID_LENGTH
from custom_components.carbis_alerts.api.green_api.parse import parse_received
from custom_components.carbis_alerts.api.json import read_json
from custom_components.carbis_alerts.api.pbx import PbxMessage, parse_message
from custom_components.carbis_alerts.api.qr_menu.parse import parse_updates
from custom_components.carbis_alerts.api.texts import line
from custom_components.carbis_alerts.board.hub import BOARD
from custom_components.carbis_alerts.domain.alerts import MAX_ALERTS
from custom_components.carbis_alerts.domain.contacts import Contacts
from custom_components.carbis_alerts.domain.events import Event
from custom_components.carbis_alerts.domain.packing import MAX_FILE, fitted, made
from custom_components.carbis_alerts.domain.pbx import PbxInterpreter
from custom_components.carbis_alerts.domain.phone_events import (
    Arrival as PhoneArrival,
    plain_event,
)
from custom_components.carbis_alerts.domain.rules import AlertKind, alert_key
from custom_components.carbis_alerts.runtime import large_file
from custom_components.carbis_alerts.runtime.devices import MAX_DEVICES, ChildDevice
from custom_components.carbis_alerts.runtime.runtime import ServiceRuntime
from custom_components.carbis_alerts.services.green_api import events as green_events
from custom_components.carbis_alerts.services.qr_menu import events as qr_events
from simulator.green_api import GreenApiService
from simulator.qr_menu import QrMenuService

from ..alerts import get_alerts
from ..conftest import Recorder
from ..helpers import HUB_ACTIVITY, state_of, storage_key, wait_until
from ..services.conftest import MakeWhatsApp

NOW = datetime(2026, 11, 28, 19, tzinfo=UTC)
# Bytes: of a bus event, which the recorder keeps up to 32 KiB of, and of a snapshot.
MAX_EVENT = 24 * 1024
MAX_SNAPSHOT = 5_000_000
MAX_MEMORY = 20_000_000
# Longer than anything that is kept, of characters that take the most in a file.
EMOJI, CONTROLS, MARKS = "😀" * 4_500, "\x01" * 4_500, '"\\' * 2_500
DIRECTED = "\u200e\u200f\u061c\u200b\u202e6\ufeff\n\t7"

TEXTS = (EMOJI, CONTROLS, MARKS, DIRECTED, "Ё" * 300, "x" * 199, "6", "")
SCALARS = st.sampled_from(
    [
        *TEXTS,
        *(None, True, 0, -1, 7, 1e308, -1e308, 2**63, 1e9, 0.1 + 0.2, "1e308", "12,50"),
    ]
)
KEYS = st.sampled_from(
    [
        *("hash", "code", "table", "table_repr", "id", "name", "invoice", "session"),
        *("order", "sum", "guid", "waiter", "dishes", "price", "count", "modifiers"),
        *("amount_due", "call_id", "call_src", "call_dst", "trunk", "record_id"),
        *("duration", "status", "sms_src", "text", "date", "number", "senderData"),
        *(
            "chatId",
            "sender",
            "senderName",
            "messageData",
            "typeMessage",
            "textMessage",
        ),
        *("idMessage", "downloadUrl", "from", "stateInstance", "timestamp"),
        *TEXTS[:5],
    ]
)
FLAT = st.dictionaries(KEYS, SCALARS, max_size=4)
VALUES = (
    SCALARS
    | FLAT
    | st.dictionaries(KEYS, SCALARS | FLAT, max_size=4)
    | st.lists(FLAT, max_size=2).map(lambda items: items * 150)
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=10)
CODES = st.sampled_from(["waiter_call", "online_payment", "dishes", *TEXTS])
EVENT_TYPES = st.sampled_from(
    [
        *("startup", "incoming_call", "outgoing_call", "start_talk", "call_end"),
        *("incoming_sms", "answer_elsewhere", *TEXTS),
    ]
)
WEBHOOKS = st.sampled_from(
    [
        *(
            "incomingMessageReceived",
            "outgoingMessageReceived",
            "outgoingMessageStatus",
        ),
        *("incomingCall", "stateInstanceChanged", *TEXTS),
    ]
)
PATIENT = settings(
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def assert_sane(event: Event) -> None:
    """Assert what holds of every event, whatever a service has sent."""
    data = event.as_dict()
    assert len(orjson.dumps(data)) <= MAX_EVENT
    for name, value in data.items():
        if isinstance(value, str) and name not in ("text", "media_url"):
            assert len(value) <= MAX_ID_LENGTH
        if name.endswith("name") or name == "waiter":
            assert value is None or (value == line(value) and len(value) <= 100)
        if isinstance(value, float):
            assert math.isfinite(value)
            assert abs(value) <= MAX_AMOUNT
    assert len(event.title) <= MAX_ID_LENGTH
    # Null is what a number becomes that is none.
    assert orjson.loads(orjson.dumps(data)) == data


@PATIENT
@given(st.lists(st.tuples(CODES, OBJECTS), min_size=1, max_size=3))
def test_any_event_of_a_menu_has_a_size(
    items: list[tuple[str, dict[str, Any]]],
) -> None:
    updates = [{**item, "code": code} for code, item in items]
    document = {"result": True, "data": {"updates": updates}}
    read = read_json(orjson.dumps(document, option=orjson.OPT_NON_STR_KEYS))
    found = asyncio.run(parse_updates(read))
    for event in found.events:
        made_event = qr_events.event_of(
            event, late=False, time=NOW, device_key=None, table_name=event.table_name
        )
        assert_sane(made_event)
        assert_sane(qr_events.plain_event_of(event, late=False, time=NOW))
        assert len((made_event.table_key or "").encode()) <= 105
    for item in found.malformed:
        assert len(orjson.dumps(item.shape)) <= MAX_EVENT


@PATIENT
@given(st.lists(st.tuples(EVENT_TYPES, OBJECTS), min_size=1, max_size=4))
def test_any_message_of_a_pbx_has_a_size(
    items: list[tuple[str, dict[str, Any]]],
) -> None:
    pbx = PbxInterpreter(Contacts())
    for now, (event_type, payload) in enumerate(items):
        body = orjson.dumps({"event_type": event_type, "payload": payload})
        message = parse_message(body)
        if not isinstance(message, PbxMessage):
            continue
        event_id = pbx.event_id(message)
        extension = pbx.extension(message)
        arrival = PhoneArrival(
            event_id=event_id, now=float(now), at=NOW, extension=extension
        )
        for event in pbx.interpret(message, arrival).events:
            assert_sane(event)
        assert_sane(plain_event(message, event_id, NOW))


@PATIENT
@given(WEBHOOKS, OBJECTS)
def test_any_notification_of_a_messenger_has_a_size(
    webhook: str, body: dict[str, Any]
) -> None:
    document = {"receiptId": 1, "body": {**body, "typeWebhook": webhook}}
    message = parse_received(read_json(orjson.dumps(document))).notification
    if message is None:
        return
    arrival = green_events.Arrival(at=NOW, late=False)
    event = green_events.event_of(
        message,
        arrival,
        device_key=None,
        chat_name=None,
        chat_key=message.chat_id,
        caller_key=message.caller,
        awaits_answer=True,
        is_answer=False,
    )
    assert_sane(event)
    assert_sane(green_events.plain_event_of(message, arrival))


# --- All of an entry --------------------------------------------------------------------


def fill(runtime: ServiceRuntime, *, name: str, text: str, alerts: int) -> None:
    """Have so many people wait, as their events would."""
    book = runtime.alerts.book
    now = datetime.now(UTC)
    for number in range(alerts):
        said = f"{number} {name}"[:100]
        book.open(
            AlertKind.MESSAGE,
            alert_key(f"name:{said}"),
            title=said,
            text=text,
            device_key=None,
            now=now,
        )


def written(runtime: ServiceRuntime) -> bytes:
    """Return what would be written now."""
    return orjson.dumps(fitted(made(runtime.store._async_collect())))


async def snapshot(hass: HomeAssistant) -> bytes:
    """Return what whoever opens the board gets."""
    sent: list[dict[str, Any]] = []
    leave = hass.data[BOARD].async_subscribe(sent.append)
    await wait_until(lambda: bool(sent))
    leave()
    return orjson.dumps(sent[0])


@pytest.mark.parametrize("name", ["😀" * 100, '"' * 100], ids=["emoji", "marks"])
async def test_five_thousand_who_wait_are_a_small_file_and_a_small_snapshot(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry, name: str
) -> None:
    runtime: ServiceRuntime = entry.runtime_data
    fill(runtime, name=name, text=name * 40, alerts=MAX_ALERTS)
    for number in range(MAX_DEVICES):
        said = f"{number} {name}"[:100]
        runtime.devices.all[f"table_name:{said}"] = ChildDevice(
            id=f"name:{said}",
            device_id=f"{number:032}",
            name=said,
            values={"bill": 0.1},
        )
    sizes = len(written(runtime)), len(await snapshot(hass))
    assert sizes[0] < MAX_FILE, sizes
    assert sizes[1] < MAX_SNAPSHOT, sizes
    assert runtime.alerts.book.open_count() == MAX_ALERTS


@pytest.mark.slow
async def test_ordinary_words_cost_as_much_memory_as_the_longest(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry
) -> None:
    runtime: ServiceRuntime = entry.runtime_data
    tracemalloc.start()
    try:
        fill(runtime, name="😀" * 100, text="😀" * 4_000, alerts=MAX_ALERTS)
        for number in range(60_000):
            runtime.journal.add(f"{number:0200}", float(number))
        held = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert held < MAX_MEMORY


async def test_a_table_whose_name_has_megabytes_has_a_short_one(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder
) -> None:
    huge = "😀" * 1_000_000
    for number in range(3):
        table = {"id": number + 5, "name": f"{number}{huge}"}
        qr_menu.push({"code": "waiter_call", "table": number + 5, "table_repr": table})
    events = await bus.wait(3)
    assert [event["table_name"] for event in events] == [
        f"{number}{'😀' * 98}…" for number in range(3)
    ]
    assert len(written(entry.runtime_data)) < 10_000
    assert len(await snapshot(hass)) < 20_000


async def test_tables_that_have_names_alone_are_distinguished_by_all_of_them(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder
) -> None:
    for name in ("Терраса 6\u200f", "x" * 500 + "6", "x" * 500 + "7", "x" * 500 + "6"):
        qr_menu.push(
            {"code": "waiter_call", "table": None, "table_repr": {"name": name}}
        )
    events = await bus.wait(4)
    assert events[0]["table_name"] == "Терраса 6"
    first, second, again = (event["device_id"] for event in events[1:])
    assert first == again != second


@pytest.mark.parametrize("sum_", [1e308, -1e308, "1e308", 1e9 + 1])
async def test_a_sum_that_nobody_pays_is_none(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    bus: Recorder,
    sum_: Any,
) -> None:
    for paid in (sum_, 250.5):
        qr_menu.push({"code": "online_payment", "table": 6, "order": {"sum": paid}})
    events = await bus.wait(2)
    assert [event["order_sum"] for event in events] == [None, 250.5]
    payments = "sensor.qr_menu_127_0_0_1_payments_today"
    assert float(state_of(hass, payments)) == 250.5


async def test_a_long_message_waits_with_all_its_words(
    hass: HomeAssistant,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
    alerts: Recorder,
) -> None:
    entry = make_whatsapp(green_api)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await wait_until(lambda: entry.runtime_data.journal.is_initialized)
    text = "Добрый вечер!\r\nМожно стол на восемь? 😀\n" * 90
    green_api.message("79821234567@c.us", text)
    (alert,) = await alerts.wait(1)
    assert alert["text"] == text
    assert (await get_alerts(hass))[0]["text"] == text


# --- A file of an earlier version -----------------------------------------------------


@pytest.fixture
def hass_config_dir(hass_tmp_config_dir: str) -> str:
    """Write to a folder of the test's own."""
    return hass_tmp_config_dir


@pytest.fixture
def hass_storage() -> dict[str, Any]:
    """Write for real."""
    return {}


def make_old(path: Path, name: str) -> int:
    """Make a file as the first version wrote it, with names of any length; return its size."""
    content: dict[str, Any] = json.loads(path.read_text("utf-8"))
    data = content["data"]
    (alert,) = data["alerts"]["alerts"]
    data["alerts"]["alerts"] = [
        {
            **alert,
            "alert_id": f"{number:026}",
            "key": f"{number}{name}",
            "title": f"{number}{name}",
            "text": f'\\"\n\x01{name}',
        }
        for number in range(400)
    ]
    # A few that are broken, and one whose time is none.
    data["alerts"]["alerts"][7:9] = [None, {**alert, "opened_at": "0000-00-00"}]
    data["places"] = {key: {"name": name * 9, "values": {}} for key in data["places"]}
    data["journal"]["seen"] |= {f"{number}{name}": 1.8e9 for number in range(9)}
    return path.write_bytes(orjson.dumps(content))


@pytest.mark.parametrize(
    "kind", ["Ё\\u", '"\\', "\x01"], ids=["letters", "marks", "controls"]
)
async def test_a_large_file_of_the_first_version_loses_words_and_nobody_who_waits(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    kind: str,
) -> None:
    qr_menu.waiter_call("6")
    await alerts.wait(1)
    assert await hass.config_entries.async_unload(entry.entry_id)
    path = Path(hass.config.path(".storage", storage_key(entry)))
    assert make_old(path, kind * 4_000) > large_file.LARGE
    with patch.object(
        hass, "async_add_executor_job", wraps=hass.async_add_executor_job
    ) as jobs:
        assert await hass.config_entries.async_setup(entry.entry_id)
    # Read and cut where nobody waits for it.
    assert any(call.args[0] is large_file.read_large for call in jobs.call_args_list)
    waiting = [alert["alert_id"] for alert in await get_alerts(hass)]
    assert waiting == [f"{number:026}" for number in range(400) if number not in (7, 8)]
    await wait_until(lambda: path.stat().st_size < MAX_FILE)
    qr_menu.waiter_call("7")
    await alerts.wait(2)
    assert state_of(hass, HUB_ACTIVITY) not in ("unknown", "unavailable")
