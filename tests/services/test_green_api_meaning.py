"""What messages, calls and refusals of GREEN-API mean: through a real gateway's queue."""

from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulator.faults import Faults
from simulator.green_api import GreenApiService
from simulator.green_api_calls import Call, Method
from simulator.service import Answer

from ..conftest import Recorder
from ..helpers import storage_key, wait_for_state, wait_until
from ..timings import timed
from .conftest import MakeWhatsApp, repeated

CONNECTION = "binary_sensor.whatsapp_4567_connection"
STATE = "sensor.whatsapp_4567_account_state"
GUEST = "79821234567@c.us"
HIDDEN = "155508384251501@lid"
STRANGER = "79990000000@c.us"

type Body = dict[str, Any]


async def start(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Set up an entry, and wait until its queue was empty."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await wait_for_state(hass, CONNECTION, "on")
    await wait_until(lambda: not entry.runtime_data.source._late)


@pytest.fixture
async def whatsapp(
    hass: HomeAssistant, green_api: GreenApiService, make_whatsapp: MakeWhatsApp
) -> MockConfigEntry:
    """Return a loaded entry with one chat, its queue empty."""
    entry = make_whatsapp(green_api, chats={"Анна": GUEST})
    await start(hass, entry)
    return entry


def issue(kind: str, entry: MockConfigEntry, hass: HomeAssistant) -> Any:
    """Return an open repair."""
    return ir.async_get(hass).async_get_issue(
        "carbis_alerts", f"{kind}_{entry.entry_id}"
    )


# Direction, kinds and changes


@repeated
@pytest.mark.parametrize("sender", [None, "", "155508384251777@lid", GUEST])
async def test_what_the_phone_sends_is_ours_and_closes_whoever_is_named_as_sender(
    green_api: GreenApiService,
    whatsapp: MockConfigEntry,
    bus: Recorder,
    alerts: Recorder,
    sender: str | None,
) -> None:
    asked = green_api.message(GUEST, "Есть столик?")
    await alerts.wait(1)
    body = {
        **asked,
        "typeWebhook": "outgoingMessageReceived",
        "idMessage": "OURS",
        "timestamp": asked["timestamp"] + 30,
        "senderData": {"chatId": green_api.chat_id(GUEST), "sender": sender},
    }
    if sender is None:
        del body["senderData"]["sender"]
    green_api.push(body)
    (_, sent) = await bus.wait(2)
    chat_id = green_api.chat_id(GUEST)
    assert (sent["type"], sent["chat_id"]) == ("message_sent", chat_id)
    closed = (await alerts.wait(2))[1]
    assert (closed["action"], closed["reason"], closed["count"]) == (
        "closed",
        "answered",
        1,
    )


CHANGES: list[Body] = [
    {"typeMessage": "deletedMessage", "deletedMessageData": {"stanzaId": "F7"}},
    {
        "typeMessage": "editedMessage",
        "editedMessageData": {"textMessage": "b", "stanzaId": "F7"},
    },
    {
        "typeMessage": "pollUpdateMessage",
        "pollMessageData": {"stanzaId": "F7", "name": "Суп?", "votes": []},
    },
    {
        "typeMessage": "reactionMessage",
        "extendedTextMessageData": {"text": "👍"},
        "quotedMessage": {"stanzaId": "F7"},
    },
]


@repeated
@pytest.mark.parametrize("data", CHANGES, ids=lambda data: data["typeMessage"])
async def test_a_change_of_a_message_opens_repeats_and_closes_nothing(
    hass: HomeAssistant,
    green_api: GreenApiService,
    whatsapp: MockConfigEntry,
    bus: Recorder,
    alerts: Recorder,
    data: Body,
) -> None:
    incoming = green_api.message(GUEST, "", data=data)
    await bus.wait(1)
    assert alerts.events == []
    green_api.message(GUEST, "Есть столик?")
    green_api.message(GUEST, "", data=data)
    green_api.push(
        {
            **incoming,
            "typeWebhook": "outgoingMessageReceived",
            "idMessage": "OURS",
            "timestamp": incoming["timestamp"] + 30,
        }
    )
    changes = [item for item in await bus.wait(4) if item["type"] == "message_changed"]
    assert len(changes) == 3
    for change in changes:
        assert (change["message_type"], change["message_id"]) == (
            data["typeMessage"],
            "F7",
        )
        device = dr.async_get(hass).async_get(change["device_id"])
        assert device is not None
        assert device.name == "Анна"
    assert [alert["action"] for alert in alerts.data] == ["opened"]


@repeated
async def test_an_answer_by_a_button_waits_with_its_words(
    green_api: GreenApiService, whatsapp: MockConfigEntry, alerts: Recorder
) -> None:
    green_api.message(
        GUEST,
        "",
        data={
            "typeMessage": "templateButtonsReplyMessage",
            "templateButtonReplyMessage": {
                "selectedId": "1",
                "selectedDisplayText": "На двоих",
            },
        },
    )
    (opened,) = await alerts.wait(1)
    assert opened["text"] == "На двоих"


@repeated
async def test_a_mark_of_the_service_is_never_shown(
    green_api: GreenApiService, whatsapp: MockConfigEntry, alerts: Recorder
) -> None:
    green_api.message(STRANGER, "{{SWE001}}", name="{{SWE002}}")
    (opened,) = await alerts.wait(1)
    title = green_api.chat_id(STRANGER).removesuffix("@c.us")
    assert (opened["text"], opened["title"]) == (None, title)


@repeated
async def test_a_document_that_quotes_is_called_by_its_name(
    green_api: GreenApiService, whatsapp: MockConfigEntry, bus: Recorder
) -> None:
    for kind, name in (("application/pdf", "Меню.pdf"), ("image/jpeg", "1.jpg")):
        file = {"caption": "", "fileName": name, "mimeType": kind}
        data = {"typeMessage": "quotedMessage", "fileMessageData": file}
        green_api.message(STRANGER, "", data=data)
    assert [event["text"] for event in await bus.wait(2)] == ["Меню.pdf", None]


@pytest.mark.parametrize(
    "device", ["79990000000:12@c.us", "79990000000@s.whatsapp.net"]
)
async def test_whichever_device_somebody_writes_from_is_one_chat(
    green_api: GreenApiService,
    whatsapp: MockConfigEntry,
    bus: Recorder,
    alerts: Recorder,
    device: str,
) -> None:
    green_api.message(device, "one", name="")
    green_api.message(STRANGER, "two", name="")
    opened, repeated = await alerts.wait(2)
    assert [one["action"] for one in (opened, repeated)] == ["opened", "repeated"]
    assert (opened["key"], opened["title"]) == (STRANGER, "79990000000")
    assert opened["name"] == "+7 999 000-00-00"
    assert bus.data[0]["chat_id"] == device


@repeated
async def test_the_same_id_in_two_chats_is_two_messages(
    green_api: GreenApiService, whatsapp: MockConfigEntry, bus: Recorder
) -> None:
    one = green_api.message(GUEST, "one")
    guest, stranger = green_api.chat_id(GUEST), green_api.chat_id(STRANGER)
    people = {**one["senderData"], "chatId": stranger, "sender": stranger}
    green_api.push({**one, "senderData": people})
    green_api.push(one)
    green_api.message(GUEST, "last")
    named = await bus.wait(3)
    assert [event["chat_id"] for event in named] == [guest, stranger, guest]
    assert named[2]["text"] == "last"


# Answers that nobody typed


async def answers(
    green_api: GreenApiService, alerts: Recorder, after: int
) -> list[str]:
    """Let a guest write and the phone answer some seconds after; return what became of it."""
    asked = green_api.message(GUEST, "Есть столик?")
    await alerts.wait(1)
    with_time = {**asked, "typeWebhook": "outgoingMessageReceived", "idMessage": "OURS"}
    green_api.push({**with_time, "timestamp": asked["timestamp"] + after})
    green_api.message(STRANGER, "last")
    guest, stranger = green_api.chat_id(GUEST), green_api.chat_id(STRANGER)
    await wait_until(lambda: any(item["key"] == stranger for item in alerts.data))
    return [item["action"] for item in alerts.data if item["key"] == guest]


@repeated
@pytest.mark.parametrize(
    ("after", "option", "actions"),
    [
        (1, "not_automatic", ["opened"]),
        (5, "not_automatic", ["opened"]),
        (6, "not_automatic", ["opened", "closed"]),
        (1, "any", ["opened", "closed"]),
        (1, None, ["opened"]),
    ],
)
async def test_a_greeting_of_the_phone_is_no_answer_unless_one_says_so(
    hass: HomeAssistant,
    green_api: GreenApiService,
    whatsapp: MockConfigEntry,
    alerts: Recorder,
    after: int,
    option: str | None,
    actions: list[str],
) -> None:
    if option is not None:
        hass.config_entries.async_update_entry(whatsapp, options={"answers": option})
        await hass.async_block_till_done()
        await wait_until(lambda: not whatsapp.runtime_data.source._late)
    assert await answers(green_api, alerts, after) == actions


@repeated
async def test_a_greeting_that_waits_over_a_restart_is_no_answer_either(
    hass: HomeAssistant,
    green_api: GreenApiService,
    whatsapp: MockConfigEntry,
    bus: Recorder,
    alerts: Recorder,
) -> None:
    asked = green_api.message(GUEST, "Есть столик?")
    await alerts.wait(1)
    assert await hass.config_entries.async_unload(whatsapp.entry_id)
    green_api.push({**asked, "typeWebhook": "outgoingMessageReceived"})
    assert await hass.config_entries.async_setup(whatsapp.entry_id)
    await bus.wait(2)
    assert [item["action"] for item in alerts.data] == ["opened"]


@repeated
@pytest.mark.parametrize("reported_first", [True, False])
async def test_what_is_sent_from_here_is_an_answer_at_once(
    hass: HomeAssistant,
    green_api: GreenApiService,
    whatsapp: MockConfigEntry,
    bus: Recorder,
    alerts: Recorder,
    reported_first: bool,
) -> None:
    if not reported_first:
        green_api.settings["outgoingAPIMessageWebhook"] = "no"
    green_api.message(GUEST, "Есть столик?")
    await alerts.wait(1)
    response = await hass.services.async_call(
        "carbis_alerts",
        "send_message",
        {
            "entry_id": whatsapp.entry_id,
            "chat_id": green_api.chat_id(GUEST),
            "message": "Да",
        },
        blocking=True,
        return_response=True,
    )
    if not reported_first:
        assert response is not None
        data = {"typeMessage": "textMessage", "textMessageData": {"textMessage": "Да"}}
        id_ = str(response["message_id"])
        chat_id = green_api.chat_id(GUEST)
        green_api.push(green_api.writer.message_of_ours(chat_id, id_, data, api=True))
    closed = (await alerts.wait(2))[1]
    assert (closed["action"], closed["reason"]) == ("closed", "answered")


@repeated
async def test_what_another_program_sends_at_once_is_automatic_too(
    green_api: GreenApiService,
    whatsapp: MockConfigEntry,
    bus: Recorder,
    alerts: Recorder,
) -> None:
    green_api.message(GUEST, "Есть столик?")
    await alerts.wait(1)
    data = {"typeMessage": "textMessage", "textMessageData": {"textMessage": "Ждите"}}
    chat_id = green_api.chat_id(GUEST)
    green_api.push(green_api.writer.message_of_ours(chat_id, "X", data, api=True))
    await bus.wait(2)
    assert [item["action"] for item in alerts.data] == ["opened"]


@repeated
@pytest.mark.parametrize("status", ["failed", "noAccount", "delivered"])
async def test_an_answer_that_never_arrives_is_none(
    hass: HomeAssistant,
    green_api: GreenApiService,
    whatsapp: MockConfigEntry,
    bus: Recorder,
    alerts: Recorder,
    status: str,
) -> None:
    green_api.statuses = ("sent", status)
    green_api.message(GUEST, "Есть столик?")
    await alerts.wait(1)
    for chat_id in (GUEST, STRANGER):
        await hass.services.async_call(
            "carbis_alerts",
            "send_message",
            {
                "entry_id": whatsapp.entry_id,
                "chat_id": green_api.chat_id(chat_id),
                "message": "Да",
            },
            blocking=True,
        )
    await bus.wait(7)
    again = [] if status == "delivered" else ["reopened"]
    assert [item["action"] for item in alerts.data] == ["opened", "closed", *again]
    assert {item["key"] for item in alerts.data} == {green_api.chat_id(GUEST)}
    assert {item["title"] for item in alerts.data} == {"Анна"}


# Calls


async def test_a_call_in_vain_waits_at_the_entry_until_somebody_talks(
    green_api: GreenApiService,
    whatsapp: MockConfigEntry,
    bus: Recorder,
    alerts: Recorder,
) -> None:
    for status in ("offer", "missed"):
        green_api.call(STRANGER, status, call_id="C1")
    (opened,) = await alerts.wait(1)
    assert (opened["kind"], opened["action"], opened["key"], opened["title"]) == (
        "missed_call",
        "opened",
        "79990000000",
        "79990000000",
    )
    assert opened["device_id"] == whatsapp.runtime_data.devices.hub_id
    green_api.call(STRANGER, "missed", call_id="C2")
    assert (await alerts.wait(2))[1]["action"] == "repeated"
    green_api.call(STRANGER, "declined", call_id="C3")
    green_api.call(STRANGER, "offer", direction="outgoing", call_id="C4")
    green_api.call(STRANGER, "pickUp", direction="outgoing", call_id="C4")
    closed = (await alerts.wait(3))[2]
    assert (closed["action"], closed["reason"]) == ("closed", "talked")


# Which chat it is


@pytest.mark.parametrize(
    ("added", "named"),
    [
        (GUEST, HIDDEN),
        (HIDDEN, GUEST),
        ("525500001501@c.us", "5215500001501@c.us"),
    ],
)
async def test_a_chat_hears_what_comes_under_its_other_id(
    hass: HomeAssistant,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
    bus: Recorder,
    alerts: Recorder,
    added: str,
    named: str,
) -> None:
    green_api.other_ids = {added: named}
    entry = make_whatsapp(green_api, chats={"Анна": added})
    await start(hass, entry)
    await wait_until(lambda: entry.runtime_data.source.chats.own(named) == added)
    green_api.message(named, "Есть столик?")
    (opened,) = await alerts.wait(1)
    device = dr.async_get(hass).async_get(opened["device_id"])
    assert device is not None
    assert (device.name, opened["key"], opened["title"]) == ("Анна", added, "Анна")
    assert bus.data[0]["chat_id"] == named
    assert [kept.chat_id for kept in entry.runtime_data.messages.all] == [added]
    await hass.services.async_call(
        "notify",
        "send_message",
        {"entity_id": "notify.anna", "message": "Да"},
        blocking=True,
    )
    assert green_api.sent[0].chat_id == added
    assert (await alerts.wait(2))[1]["action"] == "closed"

    # Kept: nobody is asked again, and it is the chat's own after a restart too.
    assert await hass.config_entries.async_reload(entry.entry_id)
    await wait_for_state(hass, CONNECTION, "on")
    green_api.call(named, "missed")
    call = (await alerts.wait(3))[2]
    assert (call["kind"], call["title"]) == ("missed_call", "Анна")
    assert green_api.looked_up == [added]


async def test_a_lookup_that_fails_is_made_again_and_stops_no_message(
    hass: HomeAssistant,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
    bus: Recorder,
) -> None:
    check = green_api.methods["checkWhatsapp"]
    fails = True

    async def failing(call: Call) -> Answer:
        if fails:
            raise RuntimeError
        return await check.answer(call)

    green_api.methods["checkWhatsapp"] = Method("POST", failing)
    green_api.other_ids = {GUEST: HIDDEN}
    with timed(lookup_pause=0.01, max_lookup_pause=0.05):
        entry = make_whatsapp(green_api, chats={"Анна": GUEST})
        await start(hass, entry)
        green_api.message(HIDDEN, "one")
        (one,) = await bus.wait(1)
        hub = entry.runtime_data.devices.hub_id
        assert one["device_id"] == hub
        fails = False
        await wait_until(lambda: entry.runtime_data.source.chats.own(HIDDEN) == GUEST)
    green_api.message(HIDDEN, "two")
    assert (await bus.wait(2))[1]["device_id"] != hub
    assert entry.runtime_data.connection.is_up


async def test_an_alert_that_was_there_before_its_chat_was_known_is_answered_too(
    hass: HomeAssistant,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
    alerts: Recorder,
) -> None:
    green_api.other_ids = {GUEST: None}
    entry = make_whatsapp(green_api, chats={"Анна": GUEST})
    await start(hass, entry)
    asked = green_api.message(HIDDEN, "one")
    assert (await alerts.wait(1))[0]["key"] == HIDDEN
    green_api.other_ids = {GUEST: HIDDEN}
    assert await hass.config_entries.async_reload(entry.entry_id)
    await wait_until(lambda: entry.runtime_data.source.chats.own(HIDDEN) == GUEST)
    later = asked["timestamp"] + 30
    green_api.push(
        {**asked, "typeWebhook": "outgoingMessageReceived", "timestamp": later}
    )
    assert (await alerts.wait(2))[1]["action"] == "closed"


# Refusals


@repeated
@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        (
            "Instance account is expired. Renew your instance from personal area",
            "instance_expired",
            None,
        ),
        ('{"message": "Instance is deleted"}', "instance_deleted", None),
        ("custom webhook url is set", "webhook_url_set", None),
        ('{"message": "Something new"}', "service_refused", "Something new"),
    ],
)
async def test_a_refusal_is_a_repair_in_words_and_goes_by_itself(
    hass: HomeAssistant,
    green_api: GreenApiService,
    whatsapp: MockConfigEntry,
    text: str,
    kind: str,
    said: str | None,
) -> None:
    green_api.faults.set(Faults(status=400, body=text))
    await wait_until(lambda: issue(kind, whatsapp, hass) is not None)
    await wait_for_state(hass, CONNECTION, "off")
    assert issue(kind, whatsapp, hass).translation_placeholders.get("said") == said
    assert not hass.config_entries.flow.async_progress_by_handler("carbis_alerts")
    green_api.faults.clear()
    await wait_for_state(hass, CONNECTION, "on")
    await wait_until(lambda: issue(kind, whatsapp, hass) is None)


@repeated
async def test_a_suspended_account_is_a_state_and_no_wrong_token(
    hass: HomeAssistant, green_api: GreenApiService, whatsapp: MockConfigEntry
) -> None:
    green_api.faults.set(Faults(status=403, body="Forbidden: account is suspended"))
    await wait_for_state(hass, STATE, "suspended")
    assert issue("account_restricted", whatsapp, hass) is not None
    assert not hass.config_entries.flow.async_progress_by_handler("carbis_alerts")


@repeated
@pytest.mark.parametrize("as_answer", [True, False])
async def test_a_notice_of_the_quota_is_a_repair_and_the_queue_goes_on(
    hass: HomeAssistant,
    green_api: GreenApiService,
    whatsapp: MockConfigEntry,
    bus: Recorder,
    as_answer: bool,
) -> None:
    notice = {"typeWebhook": "quotaExceeded", "quotaData": {"method": "x", "used": 5}}
    if as_answer:
        body = '{"receiptId": 7, "body": {"typeWebhook": "quotaExceeded"}}'
        green_api.faults.set(Faults(status=466, body=body, times=1))
    else:
        green_api.push(notice)
    await bus.wait(1)
    green_api.message(GUEST, "after")
    assert [event["type"] for event in await bus.wait(2)] == ["other", "message"]
    await green_api.wait_until_empty()
    assert issue("quota_exceeded", whatsapp, hass) is not None
    assert whatsapp.runtime_data.connection.is_up


@repeated
async def test_what_the_service_does_not_find_any_more_is_deleted(
    green_api: GreenApiService, whatsapp: MockConfigEntry, bus: Recorder
) -> None:
    green_api.message(GUEST, "one")
    await bus.wait(1)
    await green_api.wait_until_empty()
    source = whatsapp.runtime_data.source
    green_api.faults.set(Faults(status=500, body="findUnAckedMessage", times=1))
    assert await source.client.delete(5) is False


# Times, and ids of before


@repeated
@pytest.mark.parametrize(
    ("age", "late", "is_kept"),
    [
        (timedelta(seconds=30), False, True),
        (timedelta(seconds=90), True, True),
        (timedelta(hours=23), True, True),
        (timedelta(hours=25), False, False),
        (timedelta(seconds=-30), False, True),
        (timedelta(minutes=-5), False, False),
    ],
)
async def test_what_is_dated_long_before_it_came_is_late(
    green_api: GreenApiService,
    whatsapp: MockConfigEntry,
    bus: Recorder,
    age: timedelta,
    late: bool,
    is_kept: bool,
) -> None:
    green_api.settings["incomingWebhook"] = "no"
    body = green_api.message(GUEST, "Есть столик?")
    named = dt_util.utc_from_timestamp(body["timestamp"] - age.total_seconds())
    green_api.push({**body, "timestamp": int(named.timestamp())})
    (event,) = await bus.wait(1)
    assert event["late"] is late
    at = dt_util.parse_datetime(event["time"])
    assert at is not None
    assert (at == named) is is_kept
    assert is_kept or abs(at - dt_util.utcnow()) < timedelta(seconds=60)


async def test_what_version_0_1_has_published_is_not_published_again(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
    bus: Recorder,
) -> None:
    old = green_api.message(GUEST, "old")
    green_api.message(GUEST, "new")
    entry = make_whatsapp(green_api)
    seen = {f"incomingMessageReceived:{old['idMessage']}": dt_util.utcnow().timestamp()}
    hass_storage[storage_key(entry)] = {
        "version": 1,
        "minor_version": 1,
        "key": storage_key(entry),
        "data": {"journal": {"cursor": None, "begun": True, "seen": seen}},
    }
    await start(hass, entry)
    await green_api.wait_until_empty()
    assert [event["text"] for event in bus.data] == ["new"]

    # Over another restart too, and for a day only.
    assert await hass.config_entries.async_reload(entry.entry_id)
    green_api.push(old)
    await green_api.wait_until_empty()
    assert len(bus.events) == 1
    source = entry.runtime_data.source
    tomorrow = dt_util.utcnow() + timedelta(hours=25)
    assert source._publishing._old_keys.has(*seen, dt_util.utcnow())
    assert not source._publishing._old_keys.has(*seen, tomorrow)
