"""WhatsApp through GREEN-API: from a real gateway's queue to the site, and back."""

from datetime import timedelta
import logging
from typing import Any
from unittest.mock import PropertyMock, patch

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import device_registry as dr, issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from simulator.faults import Faults
from simulator.green_api import GreenApiService

from ..conftest import Recorder
from ..helpers import entity_ids, state_of, storage_key, wait_for_state, wait_until
from ..timings import timed
from .conftest import MakeWhatsApp, each_messenger, repeated

CONNECTION = "binary_sensor.whatsapp_4567_connection"
STATE = "sensor.whatsapp_4567_account_state"
TODAY = "sensor.whatsapp_4567_messages_today"
HUB_MESSAGES = "event.whatsapp_4567_messages"
HUB_CALLS = "event.whatsapp_4567_calls"
GUEST = "79821234567@c.us"


@pytest.fixture
async def whatsapp(
    hass: HomeAssistant, green_api: GreenApiService, make_whatsapp: MakeWhatsApp
) -> MockConfigEntry:
    """Return a loaded entry with one chat, its queue empty."""
    entry = make_whatsapp(green_api, chats={"Анна": GUEST})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await wait_for_state(hass, CONNECTION, "on")
    await wait_until(lambda: not entry.runtime_data.source._late)
    return entry


async def test_a_message_reaches_the_bus_its_chat_and_is_deleted(
    hass: HomeAssistant,
    green_api: GreenApiService,
    whatsapp: MockConfigEntry,
    bus: Recorder,
) -> None:
    sent = green_api.message(GUEST, "Есть столик на двоих?", name="Анна Гость")
    (data,) = await bus.wait(1)
    await green_api.wait_until_empty()

    device = dr.async_get(hass).async_get(data["device_id"])
    assert device is not None
    assert device.name == "Анна"
    assert {key: data[key] for key in data if key != "time"} == {
        "source": "green_api",
        "type": "message",
        "code": "incomingMessageReceived",
        "event_id": data["event_id"],
        "late": False,
        "entry_id": whatsapp.entry_id,
        "entry_title": "WhatsApp …4567",
        "device_id": device.id,
        "entity_id": data["entity_id"],
        "messenger": "whatsapp",
        "chat_id": GUEST,
        "sender": GUEST,
        "sender_name": "Анна Гость",
        "message_id": sent["idMessage"],
        "message_type": "textMessage",
        "text": "Есть столик на двоих?",
        "media_url": None,
        "status": None,
        "caller": None,
        "direction": None,
        "state": None,
        "raw": None,
    }
    assert "incomingMessageReceived" in data["event_id"]
    for entity_id in (HUB_MESSAGES, data["entity_id"]):
        state = hass.states.get(entity_id)
        assert state is not None
        assert state.attributes["text"] == "Есть столик на двоих?"
    assert state_of(hass, TODAY) == "1"


async def test_a_stranger_and_a_call_belong_to_the_hub(
    hass: HomeAssistant,
    green_api: GreenApiService,
    whatsapp: MockConfigEntry,
    bus: Recorder,
) -> None:
    green_api.message("79990000000@c.us", "hello")
    green_api.call("79990000000", "offer")
    message, call = await bus.wait(2)
    assert message["entity_id"] == HUB_MESSAGES
    assert (call["type"], call["entity_id"]) == ("whatsapp_call", HUB_CALLS)
    assert (call["caller"], call["direction"], call["status"]) == (
        "79990000000@c.us",
        "incoming",
        "offer",
    )
    assert message["device_id"] == call["device_id"]


async def test_an_answer_and_its_statuses_are_published(
    hass: HomeAssistant,
    green_api: GreenApiService,
    whatsapp: MockConfigEntry,
    bus: Recorder,
) -> None:
    response = await hass.services.async_call(
        "carbis_alerts",
        "send_message",
        {
            "entry_id": whatsapp.entry_id,
            "phone": "8 (982) 123-45-67",
            "message": "Ждём вас!",
            "quoted_message_id": "ABC",
        },
        blocking=True,
        return_response=True,
    )
    (sent,) = await green_api.wait_for_sent(1)
    assert (sent.chat_id, sent.text, sent.quoted_message_id) == (
        GUEST,
        "Ждём вас!",
        "ABC",
    )
    assert response == {"message_id": sent.message_id}
    published = await bus.wait(4)
    assert [(data["type"], data["status"]) for data in published] == [
        ("message_sent", None),
        ("message_status", "sent"),
        ("message_status", "delivered"),
        ("message_status", "read"),
    ]
    assert len(set(bus.ids)) == 4


async def test_the_notify_entity_of_a_chat_writes_to_it(
    hass: HomeAssistant, green_api: GreenApiService, whatsapp: MockConfigEntry
) -> None:
    (notify,) = [
        entity_id
        for entity_id in entity_ids(hass, whatsapp).values()
        if entity_id.startswith("notify.")
    ]
    for data in ({"message": "one"}, {"message": "two", "title": "Меню"}):
        await hass.services.async_call(
            "notify", "send_message", {"entity_id": notify, **data}, blocking=True
        )
    sent = await green_api.wait_for_sent(2)
    assert [message.text for message in sent] == ["one", "*Меню*\ntwo"]
    assert {message.chat_id for message in sent} == {GUEST}


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ({"message": "x"}, "no_recipient"),
        ({"message": "x", "phone": "anonymous"}, "invalid_recipient"),
        ({"message": " ", "phone": "+79821234567"}, "text_length"),
        ({"message": "x" * 200_001, "phone": "+79821234567"}, "text_length"),
        ({"message": "x", "phone": "+79821234567", "entry_id": "?"}, "unknown_entry"),
    ],
)
async def test_a_message_that_cannot_be_sent_is_refused_in_words(
    hass: HomeAssistant, whatsapp: MockConfigEntry, data: dict[str, str], key: str
) -> None:
    with pytest.raises(ServiceValidationError) as caught:
        await hass.services.async_call(
            "carbis_alerts",
            "send_message",
            {"entry_id": whatsapp.entry_id, **data},
            blocking=True,
        )
    assert caught.value.translation_key == key


@repeated
@pytest.mark.parametrize(
    ("fault", "key"),
    [
        (Faults(refuse=True), "send_unavailable"),
        (Faults(status=401), "send_not_accepted"),
        (
            Faults(status=400, body='{"message": "instance account not authorized"}'),
            "send_not_authorized",
        ),
        (Faults(status=466), "send_quota"),
        (Faults(status=429), "send_rate"),
        (Faults(status=400, body="{}"), "send_refused"),
    ],
)
async def test_a_service_that_does_not_send_is_published_in_words(
    hass: HomeAssistant,
    green_api: GreenApiService,
    whatsapp: MockConfigEntry,
    fault: Faults,
    key: str,
) -> None:
    green_api.faults.set(fault)
    with pytest.raises(HomeAssistantError) as caught:
        await hass.services.async_call(
            "carbis_alerts",
            "send_message",
            {
                "entry_id": whatsapp.entry_id,
                "chat_id": green_api.chat_id(GUEST),
                "message": "x",
            },
            blocking=True,
        )
    assert caught.value.translation_key == key
    assert green_api.token not in str(caught.value)


async def test_an_entry_that_is_not_loaded_or_not_whatsapp_sends_nothing(
    hass: HomeAssistant, whatsapp: MockConfigEntry, entry: MockConfigEntry
) -> None:
    async def send(entry_id: str) -> str | None:
        with pytest.raises(ServiceValidationError) as caught:
            await hass.services.async_call(
                "carbis_alerts",
                "send_message",
                {"entry_id": entry_id, "chat_id": GUEST, "message": "x"},
                blocking=True,
            )
        return caught.value.translation_key

    assert await send(entry.entry_id) == "cannot_send"
    assert await hass.config_entries.async_unload(whatsapp.entry_id)
    assert await send(whatsapp.entry_id) == "entry_not_loaded"


# The queue


@each_messenger
async def test_a_day_of_waiting_messages_drains_in_order_late_and_each_once(
    hass: HomeAssistant,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
    bus: Recorder,
) -> None:
    texts = [f"message {number}" for number in range(100)]
    for text in texts:
        green_api.message(GUEST, text)
    entry = make_whatsapp(green_api)
    assert await hass.config_entries.async_setup(entry.entry_id)
    data = await bus.wait(100)
    await green_api.wait_until_empty()
    await wait_until(lambda: not entry.runtime_data.source._late)
    green_api.message(GUEST, "now")
    await bus.wait(101)

    assert [event["text"] for event in data[:100]] == texts
    assert all(event["late"] for event in data[:100])
    assert bus.data[100]["late"] is False
    assert green_api.most_readers == 1


@repeated
async def test_what_cannot_be_understood_is_counted_and_never_stops_the_queue(
    green_api: GreenApiService, whatsapp: MockConfigEntry, bus: Recorder
) -> None:
    green_api.push({"no": "type", "text": "secret"})
    green_api.push({"typeWebhook": "quotaExceeded", "quotaData": {"used": 5}})
    green_api.push(
        {
            "typeWebhook": "incomingMessageReceived",
            "idMessage": "X",
            "senderData": {"chatId": GUEST},
            "messageData": {"typeMessage": "pollMessage"},
        }
    )
    other, poll = await bus.wait(2)
    await green_api.wait_until_empty()
    assert (other["type"], other["code"]) == ("other", "quotaExceeded")
    assert other["raw"]["quotaData"] == {"used": 5}
    assert (poll["type"], poll["text"]) == ("message", None)
    statistics = whatsapp.runtime_data.statistics
    assert statistics.malformed == 1
    assert "secret" not in str(statistics.as_dict())


@repeated
async def test_a_deletion_that_failed_is_made_again_and_nothing_published_twice(
    hass: HomeAssistant,
    green_api: GreenApiService,
    whatsapp: MockConfigEntry,
    bus: Recorder,
) -> None:
    with patch.object(green_api, "_delete", side_effect=RuntimeError):
        green_api.message(GUEST, "hello")
        await wait_for_state(hass, CONNECTION, "off")
    await wait_for_state(hass, CONNECTION, "on")
    await green_api.wait_until_empty()
    assert len(bus.events) == 1
    assert whatsapp.runtime_data.statistics.repeats >= 1


@repeated
async def test_a_head_of_the_queue_without_receipt_is_not_asked_for_without_pause(
    hass: HomeAssistant, green_api: GreenApiService, whatsapp: MockConfigEntry
) -> None:
    green_api.push_raw({"body": {"typeWebhook": "x"}})
    await wait_for_state(hass, CONNECTION, "off")
    await wait_until(lambda: whatsapp.runtime_data.connection.backoff.failures >= 3)
    green_api.clear()
    await wait_for_state(hass, CONNECTION, "on")


@repeated
async def test_another_reader_is_noticed_and_forgotten(
    hass: HomeAssistant,
    green_api: GreenApiService,
    whatsapp: MockConfigEntry,
    bus: Recorder,
) -> None:
    issue = ("carbis_alerts", f"second_reader_{whatsapp.entry_id}")
    registry = ir.async_get(hass)
    delete = green_api._delete

    def gone(receipt: str | None) -> bool:
        delete(receipt)
        return False

    with patch.object(green_api, "_delete", gone):
        for number in range(3):
            assert registry.async_get_issue(*issue) is None
            green_api.message(GUEST, f"message {number}")
            await bus.wait(number + 1)
            await green_api.wait_until_empty()
        await wait_until(lambda: registry.async_get_issue(*issue) is not None)
    with timed(stolen_within=0.0):
        green_api.message(GUEST, "mine")
        await wait_until(lambda: registry.async_get_issue(*issue) is None)


@repeated
async def test_an_overlap_that_the_service_says_is_a_repair(
    hass: HomeAssistant, green_api: GreenApiService, whatsapp: MockConfigEntry
) -> None:
    green_api.faults.set(Faults(status=409))
    issue = ("carbis_alerts", f"second_reader_{whatsapp.entry_id}")
    await wait_until(lambda: ir.async_get(hass).async_get_issue(*issue) is not None)


# Faults


FAULTS = {
    "refused": Faults(refuse=True),
    "reset": Faults(reset=True),
    "cut off": Faults(cut=3),
    "html": Faults(garbage=True),
    "a list": Faults(garbage="[1]"),
    "a string": Faults(garbage='"x"'),
    "401": Faults(status=401),
    "403": Faults(status=403),
    "404": Faults(status=404),
    "429": Faults(status=429, headers={"Retry-After": "0"}),
    "503": Faults(status=503),
    "starting": Faults(
        status=400, body='{"message": "instance in starting process try later"}'
    ),
    "redirected elsewhere": Faults(redirect="http://127.0.0.2:1/"),
    "half open": Faults(half_open=True),
}


@repeated
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
async def test_after_a_fault_nothing_is_missing_and_nobody_hears_a_secret(
    hass: HomeAssistant,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
    bus: Recorder,
    fault: Faults,
    caplog: pytest.LogCaptureFixture,
) -> None:
    from custom_components.carbis_alerts.api.transport import Limits

    caplog.set_level(logging.DEBUG)
    with timed(
        limits=Limits(connect=0.2, total=0.2),
        receive_timeout=0,
        least_receive_timeout=0,
    ):
        entry = make_whatsapp(green_api)
        assert await hass.config_entries.async_setup(entry.entry_id)
        await wait_for_state(hass, CONNECTION, "on")
        green_api.message(GUEST, "before")
        await bus.wait(1)

        green_api.faults.set(fault)
        await wait_for_state(hass, CONNECTION, "off")
        green_api.message(GUEST, "a secret table for two")
        await wait_until(lambda: entry.runtime_data.connection.backoff.failures >= 2)
        green_api.faults.clear()
        await wait_for_state(hass, CONNECTION, "on")
        await bus.wait(2)
        await green_api.wait_until_empty()

    assert [data["text"] for data in bus.data] == ["before", "a secret table for two"]
    assert state_of(hass, HUB_MESSAGES) != "unavailable"
    ours = "\n".join(
        f"{record.getMessage()} {record.exc_text or ''}"
        for record in caplog.records
        if record.name.startswith("custom_components")
    )
    for secret in (green_api.token, "79821234567", "a secret table"):
        assert secret not in ours


@repeated
async def test_a_proxy_that_cuts_long_polls_makes_them_shorter(
    green_api: GreenApiService, whatsapp: MockConfigEntry, bus: Recorder
) -> None:
    assert whatsapp.runtime_data.source.client.receive_timeout == 20
    green_api.poll_time = 30

    def drop() -> bool:
        # More than once: the first time the HTTP client itself tries again.
        green_api.drop_polls()
        return bool(whatsapp.runtime_data.source.client.receive_timeout == 5)

    await wait_until(drop)
    green_api.message(GUEST, "after")
    await bus.wait(1)


@repeated
async def test_a_used_up_quota_is_a_repair_and_tried_slowly(
    hass: HomeAssistant, green_api: GreenApiService, whatsapp: MockConfigEntry
) -> None:
    issue = ("carbis_alerts", f"quota_exceeded_{whatsapp.entry_id}")
    green_api.faults.set(Faults(status=466))
    await wait_until(lambda: ir.async_get(hass).async_get_issue(*issue) is not None)
    await wait_for_state(hass, CONNECTION, "off")
    asked = green_api.received
    await hass.async_block_till_done()
    assert green_api.received == asked
    green_api.faults.clear()
    assert await hass.config_entries.async_reload(whatsapp.entry_id)
    await wait_for_state(hass, CONNECTION, "on")
    await wait_until(lambda: ir.async_get(hass).async_get_issue(*issue) is None)


# The account


async def test_the_accounts_state_is_shown_and_a_broken_one_is_a_repair(
    hass: HomeAssistant,
    green_api: GreenApiService,
    whatsapp: MockConfigEntry,
    bus: Recorder,
) -> None:
    kinds = ("account_state", "account_restricted", "not_linked", "instance_expired")
    issues = {("carbis_alerts", f"{kind}_{whatsapp.entry_id}"): kind for kind in kinds}
    assert state_of(hass, STATE) == "authorized"
    for count, (state, shown, repairs) in enumerate(
        [
            ("notAuthorized", "not_authorized", ["not_linked"]),
            ("sleepMode", "sleep_mode", []),
            ("yellowCard", "yellow_card", ["account_restricted"]),
            ("suspended", "suspended", ["account_restricted"]),
            ("pendingPassword", "pending_password", ["not_linked"]),
            ("somethingNew", "other", []),
            ("blocked", "blocked", ["account_state"]),
            ("authorized", "authorized", []),
        ],
        start=1,
    ):
        green_api.set_state(state)
        data = (await bus.wait(count))[-1]
        assert (data["type"], data["state"]) == ("account_state", state)
        assert state_of(hass, STATE) == shown
        found = [issues[key] for key in ir.async_get(hass).issues if key in issues]
        assert found == repairs


@repeated
async def test_an_account_that_is_not_linked_is_published_by_the_services_error_too(
    hass: HomeAssistant, green_api: GreenApiService, whatsapp: MockConfigEntry
) -> None:
    green_api.faults.set(
        Faults(status=400, body='{"message": "instance account not authorized"}')
    )
    await wait_for_state(hass, STATE, "not_authorized")


# The day, the restart, the secrets


async def test_todays_messages_begin_again_at_six(
    hass: HomeAssistant,
    green_api: GreenApiService,
    whatsapp: MockConfigEntry,
    bus: Recorder,
) -> None:
    runtime = whatsapp.runtime_data
    green_api.message(GUEST, "one")
    await bus.wait(1)
    assert state_of(hass, TODAY) == "1"
    tomorrow = runtime.alerts.day_began + timedelta(days=1)
    with patch.object(
        type(runtime.alerts),
        "day_began",
        new_callable=PropertyMock,
        return_value=tomorrow,
    ):
        async_fire_time_changed(hass, tomorrow)
        await hass.async_block_till_done()
        assert state_of(hass, TODAY) == "0"
        state = hass.states.get(TODAY)
        assert state is not None
        assert state.attributes["last_reset"] == tomorrow.isoformat()


async def test_counts_state_and_chats_are_there_after_a_restart(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    green_api: GreenApiService,
    whatsapp: MockConfigEntry,
    bus: Recorder,
) -> None:
    green_api.message(GUEST, "one")
    await bus.wait(1)
    before = entity_ids(hass, whatsapp)
    green_api.faults.set(Faults(refuse=True))
    assert await hass.config_entries.async_reload(whatsapp.entry_id)
    assert state_of(hass, TODAY) == "1"
    assert state_of(hass, STATE) == "authorized"
    assert entity_ids(hass, whatsapp) == before
    assert set(before) == {
        "hub_acknowledge_all",
        "hub_alerts",
        "hub_messages",
        "hub_calls",
        "hub_account_state",
        "hub_answer_time",
        "hub_forgotten_today",
        "hub_waiting_since",
        "hub_messages_today",
        "hub_connection",
        f"chat_{GUEST}_messages",
        f"chat_{GUEST}_chat",
    }
    assert green_api.token not in str(hass_storage[storage_key(whatsapp)])


async def test_nothing_is_fetched_before_home_assistant_has_started(
    hass: HomeAssistant, green_api: GreenApiService, make_whatsapp: MakeWhatsApp
) -> None:
    hass.set_state(CoreState.starting)
    entry = make_whatsapp(green_api)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert green_api.received == 0
    hass.set_state(CoreState.running)
    hass.bus.async_fire("homeassistant_started")
    await wait_for_state(hass, CONNECTION, "on")


@repeated
async def test_a_refused_token_asks_for_a_new_one(
    hass: HomeAssistant, green_api: GreenApiService, whatsapp: MockConfigEntry
) -> None:
    token, green_api.token = green_api.token, "a" * 50
    await wait_for_state(hass, CONNECTION, "off")
    await wait_until(
        lambda: bool(
            hass.config_entries.flow.async_progress_by_handler("carbis_alerts")
        )
    )
    green_api.token = token
    await wait_for_state(hass, CONNECTION, "on")
    assert not hass.config_entries.flow.async_progress_by_handler("carbis_alerts")


@repeated
async def test_unloading_ends_the_long_poll_at_once(
    hass: HomeAssistant, green_api: GreenApiService, whatsapp: MockConfigEntry
) -> None:
    green_api.poll_time = 60
    await green_api.wait_for_readers(1)
    assert await hass.config_entries.async_unload(whatsapp.entry_id)
    assert whatsapp.state is ConfigEntryState.NOT_LOADED
    await green_api.wait_until(lambda: green_api.readers == 0)


async def test_a_chats_device_goes_with_its_subentry_only(
    hass: HomeAssistant,
    hass_ws_client: WebSocketGenerator,
    whatsapp: MockConfigEntry,
) -> None:
    assert await async_setup_component(hass, "config", {})
    client = await hass_ws_client(hass)
    (device,) = whatsapp.runtime_data.devices.all.values()
    response = await client.remove_device(device.device_id)
    assert not response["success"]


@repeated
@pytest.mark.parametrize(("age", "late"), [(60, True), (0, False)])
async def test_an_answer_that_is_slow_says_by_its_time_what_has_waited(
    hass: HomeAssistant,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
    bus: Recorder,
    alerts: Recorder,
    age: int,
    late: bool,
) -> None:
    green_api.poll_time = 30
    entry = make_whatsapp(green_api)
    # Every answer counts as one that was waited for, as those of a slow service do.
    with timed(empty_after=-1.0):
        assert await hass.config_entries.async_setup(entry.entry_id)
        await green_api.wait_for_readers(1)
        body = green_api.message(GUEST, "Есть столик на двоих?")
        if age:
            green_api.clear()
            green_api.push({**body, "timestamp": body["timestamp"] - age})
        (data,) = await bus.wait(1)
        await green_api.wait_until_empty()
    assert data["late"] is late
    assert len(alerts.events) == (0 if late else 1)
