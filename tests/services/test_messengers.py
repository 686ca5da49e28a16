"""What MAX and Telegram have otherwise than WhatsApp: through a real gateway's queue."""

from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.carbis_alerts.domain.shown import shown
from custom_components.carbis_alerts.services.green_api.description import GREEN_API
from simulator.green_api import GreenApiService

from ..conftest import Recorder
from ..helpers import entity_ids, state_of, wait_for_state, wait_until
from .conftest import MakeWhatsApp, all_messengers

CONNECTION = "binary_sensor.whatsapp_4567_connection"
GUEST = "79821234567@c.us"
STRANGER = "79990000000@c.us"
TITLES = {"whatsapp": "WhatsApp", "max": "MAX", "telegram": "Telegram"}
GROUPS = {
    "whatsapp": "120363043968066561@g.us",
    "max": "-68066561",
    "telegram": "-68066561",
}
others = pytest.mark.parametrize("green_api", ["max", "telegram"], indirect=True)

type Body = dict[str, Any]


async def start(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Set up an entry, and wait until its queue was empty."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass, entry)


async def settle(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Wait until an entry's queue was empty."""
    await wait_for_state(hass, CONNECTION, "on")
    await wait_until(lambda: not entry.runtime_data.source._late)


@pytest.fixture
async def account(
    hass: HomeAssistant, green_api: GreenApiService, make_whatsapp: MakeWhatsApp
) -> MockConfigEntry:
    """Return a loaded entry with one chat, its queue empty."""
    entry = make_whatsapp(green_api, chats={"Анна": GUEST})
    await start(hass, entry)
    return entry


def chat(name: str, chat_id: str) -> ConfigSubentry:
    """Return a chat as it is stored."""
    return ConfigSubentry(
        data=MappingProxyType({"name": name, "chat_id": chat_id}),
        subentry_type="chat",
        title=name,
        unique_id=None,
    )


def hub_of(hass: HomeAssistant, entry: MockConfigEntry) -> dr.DeviceEntry:
    """Return the device of an account."""
    hub = dr.async_get(hass).async_get(entry.runtime_data.devices.hub_id)
    assert isinstance(hub, dr.DeviceEntry)
    return hub


@all_messengers
async def test_a_message_waits_at_its_chat_and_is_answered_there(
    hass: HomeAssistant,
    green_api: GreenApiService,
    account: MockConfigEntry,
    bus: Recorder,
    alerts: Recorder,
) -> None:
    green_api.message(GUEST, "Есть столик?", name="Анна Гость")
    (message,) = await bus.wait(1)
    name = green_api.messenger.name
    assert (message["messenger"], message["chat_id"]) == (
        name,
        green_api.chat_id(GUEST),
    )
    assert message["event_id"].startswith(f"{name}:")
    (opened,) = await alerts.wait(1)
    assert (opened["name"], opened["key"]) == ("Анна", green_api.chat_id(GUEST))
    await hass.services.async_call(
        "notify",
        "send_message",
        {"entity_id": "notify.anna", "message": "Да", "title": "Меню"},
        blocking=True,
    )
    bold = green_api.messenger.bold
    (sent,) = green_api.sent
    assert (sent.chat_id, sent.text) == (
        green_api.chat_id(GUEST),
        f"{bold}Меню{bold}\nДа",
    )
    assert (await alerts.wait(2))[1]["reason"] == "answered"


@all_messengers
async def test_devices_and_entities_are_those_of_the_messenger(
    hass: HomeAssistant, green_api: GreenApiService, account: MockConfigEntry
) -> None:
    assert hub_of(hass, account).model == TITLES[green_api.messenger.name]
    messages = hass.states.get("event.whatsapp_4567_messages")
    assert messages is not None
    assert messages.attributes["icon"] == green_api.messenger.icon
    calls = er.async_get(hass).async_get("event.whatsapp_4567_calls")
    assert calls is not None
    # It reports no calls, so that nobody need see them.
    assert (calls.disabled_by is None) is green_api.messenger.has_calls


@all_messengers
async def test_what_is_written_in_a_group_is_published_and_nobodys_to_answer(
    green_api: GreenApiService,
    account: MockConfigEntry,
    bus: Recorder,
    alerts: Recorder,
) -> None:
    group = GROUPS[green_api.messenger.name]
    green_api.message(group, "Кто на смене?", sender=STRANGER)
    green_api.message(GUEST, "last")
    (first, _) = await bus.wait(2)
    assert (first["type"], first["chat_id"]) == ("message", group)
    assert first["sender"] == green_api.chat_id(STRANGER)
    assert [alert["key"] for alert in alerts.data] == [green_api.chat_id(GUEST)]


@pytest.mark.parametrize("green_api", ["telegram"], indirect=True)
@pytest.mark.parametrize("kind", ["channel", "supergroup"])
async def test_what_the_service_calls_a_group_or_channel_is_one_whatever_its_id(
    green_api: GreenApiService,
    account: MockConfigEntry,
    bus: Recorder,
    alerts: Recorder,
    kind: str,
) -> None:
    green_api.message(STRANGER, "Новости", chat_type=kind)
    green_api.message(GUEST, "last")
    await bus.wait(2)
    assert [alert["key"] for alert in alerts.data] == [green_api.chat_id(GUEST)]


@others
async def test_a_group_that_has_grown_is_another_chat_and_opens_nothing(
    hass: HomeAssistant,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
    bus: Recorder,
    alerts: Recorder,
) -> None:
    entry = make_whatsapp(green_api, chats={"Кухня": "-68066561"})
    await start(hass, entry)
    # Whoever adds the account to a group of the same name must not be taken for it.
    for group in ("-68066561", "-1001234567890"):
        green_api.message(group, "Готово", name="Кухня", sender=STRANGER)
    before, after = await bus.wait(2)
    devices = entry.runtime_data.devices
    assert before["device_id"] == devices.all["chat_-68066561"].device_id
    assert after["device_id"] == devices.hub_id
    await hass.services.async_call(
        "notify",
        "send_message",
        {"entity_id": "notify.kukhnia", "message": "Да"},
        blocking=True,
    )
    assert green_api.sent[0].chat_id == "-68066561"
    assert alerts.events == []

    # Only Telegram's groups grow so. A person decides, by adding the chat.
    key = ("carbis_alerts", f"group_moved_{entry.entry_id}_-68066561")
    issue = ir.async_get(hass).async_get_issue(*key)
    assert (issue is not None) is (green_api.messenger.name == "telegram")
    if issue is not None:
        assert issue.translation_placeholders is not None
        assert issue.translation_placeholders["chat_id"] == shown("-1001234567890")
        hass.config_entries.async_add_subentry(entry, chat("Кухня", "-1001234567890"))
        await hass.async_block_till_done()
        assert ir.async_get(hass).async_get_issue(*key) is None
        await settle(hass, entry)
        green_api.message("-1001234567890", "Ещё", name="Кухня", sender=STRANGER)
        await bus.wait(4)
        assert ir.async_get(hass).async_get_issue(*key) is None


@others
async def test_ids_as_numbers_are_the_same_as_text(
    green_api: GreenApiService,
    account: MockConfigEntry,
    bus: Recorder,
    alerts: Recorder,
) -> None:
    body = green_api.message(GUEST, "one")
    people = body["senderData"]
    number = int(people["chatId"])
    green_api.push(
        {
            **body,
            "idMessage": int(body["idMessage"]),
            "senderData": {**people, "chatId": number, "sender": number},
        }
    )
    group = {**people, "chatId": -68066561, "sender": number}
    green_api.push({**body, "senderData": group})
    green_api.message(GUEST, "two")
    published = await bus.wait(3)
    await green_api.wait_until_empty()
    chat_id = str(number)
    assert [event["chat_id"] for event in published] == [chat_id, "-68066561", chat_id]
    assert all(isinstance(event["message_id"], str) for event in published)
    assert [alert["action"] for alert in alerts.data] == ["opened", "repeated"]


@others
async def test_ids_that_are_unique_within_a_chat_only_are_two(
    hass: HomeAssistant,
    green_api: GreenApiService,
    account: MockConfigEntry,
    bus: Recorder,
    alerts: Recorder,
) -> None:
    green_api.statuses = ()
    one = green_api.message(GUEST, "one")
    two = green_api.message(STRANGER, "two")
    assert one["idMessage"] == two["idMessage"]
    await alerts.wait(2)
    for chat in (GUEST, STRANGER):
        await hass.services.async_call(
            "carbis_alerts",
            "send_message",
            {
                "entry_id": account.entry_id,
                "chat_id": green_api.chat_id(chat),
                "message": "Да",
            },
            blocking=True,
        )
    await alerts.wait(4)
    one_id, other_id = (sent.message_id for sent in green_api.sent)
    assert one_id == other_id
    # The answer to one of them fails; the other's has the same id.
    chat_id = green_api.chat_id(STRANGER)
    green_api.push(green_api.writer.status(chat_id, other_id, "failed", api=True))
    again = (await alerts.wait(5))[4]
    assert (again["action"], again["key"]) == ("reopened", chat_id)


CHANGES = ("editedMessage", "deletedMessage")


@all_messengers
@pytest.mark.parametrize("kind", CHANGES)
async def test_an_edited_or_deleted_message_is_a_change_of_that_message(
    green_api: GreenApiService,
    account: MockConfigEntry,
    bus: Recorder,
    alerts: Recorder,
    kind: str,
) -> None:
    first = green_api.message(GUEST, "На двоих")
    changed = {"stanzaId": first["idMessage"], "textMessage": "На троих"}
    green_api.message(GUEST, "", data={"typeMessage": kind, f"{kind}Data": changed})
    (_, change) = await bus.wait(2)
    assert (change["type"], change["message_id"]) == (
        "message_changed",
        first["idMessage"],
    )
    assert [alert["action"] for alert in alerts.data] == ["opened"]


# Set up as another messenger's


def as_of_0_1(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Leave of an entry what version 0.1 has stored."""
    data = {key: entry.data[key] for key in entry.data if key != "messenger"}
    hass.config_entries.async_update_entry(entry, data=data)


@pytest.mark.parametrize("name", ["WhatsApp …4567", "Бронь"])
@others
async def test_an_entry_of_0_1_becomes_that_of_its_messenger_and_keeps_all_ids(
    hass: HomeAssistant,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
    bus: Recorder,
    name: str,
) -> None:
    entry = make_whatsapp(green_api, messenger="whatsapp")
    hass.config_entries.async_update_entry(entry, title=name)
    # Of an account with nothing to read version 0.1 made the same.
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    before = entity_ids(hass, entry)
    assert await hass.config_entries.async_unload(entry.entry_id)
    as_of_0_1(hass, entry)

    assert await hass.config_entries.async_setup(entry.entry_id)
    title = TITLES[green_api.messenger.name]
    assert entry.data["messenger"] == green_api.messenger.name
    assert entry.data["title"] == f"{title} …4567"
    assert entry.title == (f"{title} …4567" if name != "Бронь" else name)
    assert entity_ids(hass, entry) == before
    assert hub_of(hass, entry).model == title
    green_api.message(GROUPS["max"], "Кто на смене?", sender=STRANGER)
    (event,) = await bus.wait(1)
    assert event["messenger"] == green_api.messenger.name


async def test_an_entry_of_0_1_stays_one_of_whatsapp(
    hass: HomeAssistant,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
    bus: Recorder,
) -> None:
    entry = make_whatsapp(green_api)
    as_of_0_1(hass, entry)
    before = dict(entry.data)
    await start(hass, entry)
    green_api.message(GUEST, "one")
    (event,) = await bus.wait(1)
    assert event["messenger"] == "whatsapp"
    assert dict(entry.data) == before


@others
async def test_what_notifications_say_is_believed_once_and_nothing_is_lost(
    hass: HomeAssistant,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
    bus: Recorder,
    alerts: Recorder,
) -> None:
    # An id that says nothing.
    green_api.instance_id = "5500000001"
    entry = make_whatsapp(green_api)
    as_of_0_1(hass, entry)
    await start(hass, entry)
    before = entity_ids(hass, entry)
    first = green_api.message(GROUPS["max"], "Кто на смене?", sender=STRANGER)
    (event,) = await bus.wait(1)
    await green_api.wait_until_empty()
    name = green_api.messenger.name
    assert (event["messenger"], event["text"]) == (name, "Кто на смене?")
    assert (entry.data["messenger"], entry.title) == (name, f"{TITLES[name]} …4567")
    assert entity_ids(hass, entry) == before
    assert hub_of(hass, entry).model == TITLES[name]

    # Another word changes nothing any more, after a restart either.
    await settle(hass, entry)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass, entry)
    data = {**first["instanceData"], "typeInstance": "whatsapp"}
    green_api.push({**first, "idMessage": "5", "instanceData": data})
    assert (await bus.wait(2))[1]["messenger"] == name
    assert entry.data["messenger"] == name
    assert alerts.events == []
    assert state_of(hass, "sensor.whatsapp_4567_messages_today") == "2"


@others
async def test_a_chat_that_was_added_by_a_number_is_looked_up_once(
    hass: HomeAssistant,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
    bus: Recorder,
) -> None:
    entry = make_whatsapp(green_api)
    guest = green_api.chat_id(GUEST)
    # As version 0.1 stored it: in WhatsApp's form.
    hass.config_entries.async_add_subentry(entry, chat("Анна", GUEST))
    await start(hass, entry)
    await wait_until(lambda: entry.runtime_data.source.chats.own(guest) == GUEST)
    green_api.message(GUEST, "Есть столик?")
    (event,) = await bus.wait(1)
    assert event["chat_id"] == guest
    device = dr.async_get(hass).async_get(event["device_id"])
    assert device is not None
    assert device.name == "Анна"
    await hass.services.async_call(
        "notify",
        "send_message",
        {"entity_id": "notify.anna", "message": "Да"},
        blocking=True,
    )
    assert green_api.sent[0].chat_id == guest
    assert await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass, entry)
    assert entry.runtime_data.source.chats.own(guest) == GUEST
    assert green_api.looked_up == [guest]


# Where it is


GENERAL = "https://api.green-api.com"


@pytest.mark.parametrize(
    ("url", "instance_id", "messenger", "address"),
    [
        (GENERAL, "1101000001", "auto", GENERAL),
        (GENERAL, "3100000001", "auto", "https://3100.api.green-api.com"),
        (f"{GENERAL}/v3/", "3100000001", "auto", "https://3100.api.green-api.com"),
        (GENERAL, "4100000001", "auto", "https://4100.api.green-api.com"),
        # What the id says goes before a choice; a wrong one the account shows.
        (GENERAL, " 3100000001 ", "whatsapp", "https://3100.api.green-api.com"),
        (GENERAL, "5500000001", "max", "https://3100.api.green-api.com"),
        (GENERAL, "5500000001", "auto", GENERAL),
        ("http://10.0.0.5:80/v3", "3100000001", "auto", "http://10.0.0.5"),
        (
            "https://3100.api.green-api.com/v3/waInstance3100000001/qr/s3cret",
            "3100000001",
            "auto",
            "https://3100.api.green-api.com",
        ),
        (
            "https://7103.api.greenapi.com",
            "7103000001",
            "auto",
            "https://7103.api.greenapi.com",
        ),
        ("https://x.example/green", "3100000001", "max", "https://x.example/green"),
    ],
)
def test_at_the_general_address_the_messengers_own_is_taken(
    url: str, instance_id: str, messenger: str, address: str
) -> None:
    entered = {"url": url, "instance_id": instance_id, "messenger": messenger}
    assert str(GREEN_API.form.address(entered)).rstrip("/") == address
