"""GREEN-API's notifications and answers, as the gateway gives them and as it may not."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime
from functools import partial
import logging
from typing import Any

import aiohttp
from hypothesis import given, strategies as st
import orjson
import pytest
from yarl import URL

from custom_components.carbis_alerts.api.errors import (
    AccountUnusable,
    AuthenticationError,
    CertificateError,
    ProtocolError,
    QuotaExceeded,
    RateLimited,
    RequestRefused,
    SecondReader,
    ServiceError,
    ServiceTimeout,
    ServiceUnavailable,
)
from custom_components.carbis_alerts.api.fields import MAX_ID_LENGTH
from custom_components.carbis_alerts.api.green_api import (
    WHATSAPP,
    GreenApiClient,
    Notification,
    Received,
    parse_notification,
    parse_received,
    problems,
)
from custom_components.carbis_alerts.api.green_api.client import MAX_ANSWER
from custom_components.carbis_alerts.api.green_api.content import WORDS
from custom_components.carbis_alerts.api.green_api.kinds import KINDS
from custom_components.carbis_alerts.api.green_api.settings import WANTED_SETTINGS
from custom_components.carbis_alerts.api.transport import Limits
from custom_components.carbis_alerts.api.transport.failures import MAX_EXPLANATION
from custom_components.carbis_alerts.api.types import Json
from custom_components.carbis_alerts.domain.chats import chat_id_of
from simulator.certificate import Certificate
from simulator.faults import Faults
from simulator.green_api import GreenApiService

from .conftest import leaks, raw_server

INSTANCE = "1101000001"
TOKEN = "d75b3a66374942c5b3c019c698abc2067e151558acbd412345"
ACCOUNT = "79001234567@c.us"
GUEST = "79821234567@c.us"
TEXT = "Столик на двоих, пожалуйста"
PATIENT = Limits(connect=20, total=20)
HASTY = Limits(connect=20, total=0.1)

type Make = Callable[..., GreenApiClient]


@pytest.fixture
async def green() -> AsyncGenerator[GreenApiService]:
    """Return a running gateway."""
    async with GreenApiService(instance_id=INSTANCE, token=TOKEN) as service:
        yield service


@pytest.fixture
def make(session: aiohttp.ClientSession) -> Make:
    """Return a function that makes a client."""

    def make(
        url: str | URL,
        *,
        instance: str = INSTANCE,
        token: str = TOKEN,
        limits: Limits = PATIENT,
        **more: Any,
    ) -> GreenApiClient:
        return GreenApiClient(session, URL(url), instance, token, limits=limits, **more)

    return make


@pytest.fixture
def client(green: GreenApiService, make: Make) -> GreenApiClient:
    """Return a client of the gateway."""
    return make(green.url)


def body(**fields: Any) -> dict[str, Any]:
    """Return a message of a guest."""
    return {
        "typeWebhook": "incomingMessageReceived",
        "instanceData": {
            "idInstance": int(INSTANCE),
            "wid": ACCOUNT,
            "typeInstance": "whatsapp",
        },
        "timestamp": 1588091580,
        "idMessage": "F7AEC1B7086ECDC7E6E45923F5EDB825",
        "senderData": {"chatId": GUEST, "sender": GUEST, "senderName": "Иван"},
        "messageData": {
            "typeMessage": "textMessage",
            "textMessageData": {"textMessage": TEXT},
        },
        **fields,
    }


def parse(given: object, receipt: str | None = "488645") -> Notification:
    """Parse what is a notification, out of real JSON text."""
    found = parse_notification(orjson.loads(orjson.dumps(given)), receipt)
    assert found is not None
    return found


def message(data: object, kind: str = "incomingMessageReceived") -> Notification:
    """Parse a message with these data."""
    return parse(body(typeWebhook=kind, messageData=data))


# --- Whole notifications ---------------------------------------------------------------


def test_a_message_is_read_whole() -> None:
    assert parse(body()) == Notification(
        messenger=WHATSAPP,
        kind="message",
        code="incomingMessageReceived",
        key=f"whatsapp:incomingMessageReceived:{GUEST}:F7AEC1B7086ECDC7E6E45923F5EDB825",
        old_key="incomingMessageReceived:F7AEC1B7086ECDC7E6E45923F5EDB825",
        timestamp=datetime(2020, 4, 28, 16, 33, tzinfo=UTC),
        chat_id=GUEST,
        chat_name=None,
        sender=GUEST,
        sender_name="Иван",
        message_id="F7AEC1B7086ECDC7E6E45923F5EDB825",
        message_type="textMessage",
        text=TEXT,
        media_url=None,
        caller=None,
        direction=None,
        status=None,
        state=None,
        raw=body(),
        named=WHATSAPP,
    )
    assert not parse(body()).is_group
    assert not parse(body()).is_status_broadcast


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        *KINDS.items(),
        ("statusInstanceChanged", "other"),
        ("deviceInfo", "other"),
        ("quotaExceeded", "other"),
        ("incomingBlock", "other"),
        ("somethingNew", "other"),
        ("СобытиеНовое 🛎", "other"),
    ],
)
def test_each_type_has_its_kind_and_keeps_its_name(code: str, kind: str) -> None:
    found = parse(body(typeWebhook=code))
    assert (found.kind, found.code) == (kind, code)
    assert found.raw == body(typeWebhook=code)


def test_a_type_that_is_a_number_is_still_a_name() -> None:
    assert (parse(body(typeWebhook=7)).kind, parse(body(typeWebhook=7)).code) == (
        "other",
        "7",
    )


@pytest.mark.parametrize("status", ["pending", "sent", "read", "failed", "newStatus"])
def test_a_status_of_a_message_is_read(status: str) -> None:
    found = parse(
        {
            "typeWebhook": "outgoingMessageStatus",
            "chatId": GUEST,
            "idMessage": "A1",
            "status": status,
            "timestamp": "1588091580",
        }
    )
    assert (found.kind, found.chat_id, found.message_id, found.status) == (
        "message_status",
        GUEST,
        "A1",
        status,
    )
    assert found.key == f"whatsapp:outgoingMessageStatus:{GUEST}:A1:{status}"
    assert found.old_key == f"outgoingMessageStatus:A1:{status}"


@pytest.mark.parametrize(
    ("code", "direction"), [("incomingCall", "incoming"), ("outgoingCall", "outgoing")]
)
@pytest.mark.parametrize("status", ["offer", "pickUp", "hangUp", "hungUp", None])
def test_a_call_has_a_caller_and_a_direction(
    code: str, direction: str, status: str | None
) -> None:
    found = parse(
        {
            "from": GUEST,
            "typeWebhook": code,
            "idMessage": "C1",
            "status": status,
            "duration": 7,
            "isVideo": False,
        }
    )
    assert (found.kind, found.caller, found.direction, found.status) == (
        "whatsapp_call",
        GUEST,
        direction,
        status,
    )
    assert found.key == f"whatsapp:{code}:{GUEST}:C1" + (f":{status}" if status else "")
    assert found.old_key == f"{code}:C1" + (f":{status}" if status else "")


def test_the_accounts_state_is_read_and_the_sockets_is_something_else() -> None:
    found = parse({"typeWebhook": "stateInstanceChanged", "stateInstance": "blocked"})
    assert (found.kind, found.state) == ("account_state", "blocked")
    found = parse({"typeWebhook": "statusInstanceChanged", "statusInstance": "offline"})
    assert (found.kind, found.state) == ("other", "offline")


@pytest.mark.parametrize(
    ("sender", "wid"),
    [
        (ACCOUNT, ACCOUNT),
        ("79001234567:12@c.us", ACCOUNT),
        ("155508384251501@lid", ACCOUNT),
        (GUEST, ACCOUNT),
        (GUEST, None),
        ("", ACCOUNT),
        (None, None),
        ([], {}),
    ],
)
def test_an_outgoing_message_is_ours_whoever_is_named_as_its_sender(
    sender: Json, wid: Json
) -> None:
    found = parse(
        body(
            typeWebhook="outgoingMessageReceived",
            instanceData={"wid": wid},
            senderData={"chatId": GUEST, "sender": sender},
        )
    )
    assert (found.kind, found.chat_id, found.text) == ("message_sent", GUEST, TEXT)
    assert not found.awaits_answer


@pytest.mark.parametrize("code", ["incomingMessageReceived", "outgoingMessageReceived"])
@pytest.mark.parametrize(
    ("data", "text", "changed"),
    [
        (
            {
                "typeMessage": "editedMessage",
                "editedMessageData": {"textMessage": "a", "stanzaId": "F7"},
            },
            "a",
            "F7",
        ),
        (
            {
                "typeMessage": "editedMessage",
                "editedMessageData": {"caption": "a", "stanzaId": "F7"},
                "quotedMessage": {"stanzaId": "F8", "textMessage": "b"},
            },
            "a",
            "F7",
        ),
        ({"editedMessageData": {"textMessage": "a"}}, "a", "OWN"),
        (
            {"typeMessage": "deletedMessage", "deletedMessageData": {"stanzaId": "F7"}},
            None,
            "F7",
        ),
        (
            {
                "typeMessage": "reactionMessage",
                "extendedTextMessageData": {"text": "👍"},
                "quotedMessage": {"stanzaId": "F7", "participant": ACCOUNT},
            },
            "👍",
            "F7",
        ),
        (
            {
                "typeMessage": "pollUpdateMessage",
                "pollMessageData": {
                    "stanzaId": "F7",
                    "name": "Суп?",
                    "votes": [{"optionName": "Да", "optionVoters": [GUEST]}],
                },
            },
            "Суп?",
            "F7",
        ),
    ],
)
def test_a_change_of_a_message_is_no_message(
    code: str, data: dict[str, Json], text: str | None, changed: str
) -> None:
    found = parse(body(typeWebhook=code, idMessage="OWN", messageData=data))
    assert (found.kind, found.text, found.message_id) == (
        "message_changed",
        text,
        changed,
    )
    assert not found.awaits_answer


def test_each_change_of_one_message_has_a_key() -> None:
    edited = {
        "typeMessage": "editedMessage",
        "editedMessageData": {"textMessage": "a", "stanzaId": "F7"},
    }
    deleted = {
        "typeMessage": "deletedMessage",
        "deletedMessageData": {"stanzaId": "F7"},
    }
    keys = {
        parse(body(idMessage="F7", messageData=data, timestamp=moment)).key
        for data in (edited, deleted, body()["messageData"])
        for moment in (1588091580, 1588091590)
    }
    assert len(keys) == 5


@pytest.mark.parametrize(
    ("code", "status", "awaits"),
    [
        ("incomingCall", "missed", True),
        ("incomingCall", "offer", False),
        ("incomingCall", "declined", False),
        ("outgoingCall", "missed", False),
    ],
)
def test_who_called_in_vain_awaits_an_answer(
    code: str, status: str, awaits: bool
) -> None:
    found = parse({"typeWebhook": code, "from": GUEST, "status": status})
    assert found.awaits_answer is awaits


@pytest.mark.parametrize("nothing", [None, [], "x", 5, True, {}])
def test_parts_that_are_missing_leave_their_fields_unknown(nothing: Json) -> None:
    found = parse(
        body(
            instanceData=nothing,
            senderData=nothing,
            messageData=nothing,
            idMessage=None,
            timestamp=None,
        )
    )
    assert found.kind == "message"
    assert {
        found.timestamp,
        found.chat_id,
        found.sender,
        found.sender_name,
        found.message_id,
        found.message_type,
        found.text,
        found.media_url,
    } == {None}
    assert not found.is_group
    assert not found.is_status_broadcast


def test_a_message_without_a_chat_is_of_its_senders() -> None:
    assert parse(body(senderData={"sender": GUEST})).chat_id == GUEST
    sent = body(typeWebhook="outgoingAPIMessageReceived", senderData={"sender": "me"})
    assert parse(sent).chat_id is None


@pytest.mark.parametrize(
    ("names", "name"),
    [
        ({"senderName": "Ваня 🍷"}, "Ваня 🍷"),
        ({"senderName": "", "senderContactName": "Иван Петров"}, "Иван Петров"),
        ({"senderName": "Ваня", "senderContactName": "Иван Петров"}, "Иван Петров"),
        ({"senderName": "Ваня", "senderContactName": ""}, "Ваня"),
        ({"senderName": 7}, "7"),
        ({"chatName": "Группа"}, None),
        ({}, None),
    ],
)
def test_a_sender_is_called_as_staff_call_him(
    names: dict[str, Json], name: str | None
) -> None:
    found = parse(body(senderData={"chatId": GUEST, "sender": GUEST, **names}))
    assert found.sender_name == name
    assert found.chat_name == names.get("chatName")


@pytest.mark.parametrize(
    ("chat", "group", "broadcast"),
    [
        (GUEST, False, False),
        ("120363043968066561@g.us", True, False),
        ("79001234567-1588091580@g.us", True, False),
        ("status@broadcast", False, True),
        ("120363043968066561@newsletter", False, True),
        ("12345678901234@lid", False, False),
    ],
)
def test_groups_and_broadcasts_are_distinguished(
    chat: str, group: bool, broadcast: bool
) -> None:
    found = parse(body(senderData={"chatId": chat, "sender": GUEST}))
    assert (found.chat_id, found.sender) == (chat, GUEST)
    assert (found.is_group, found.is_status_broadcast) == (group, broadcast)


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        (1588091580, "2020-04-28T16:33:00"),
        ("1588091580", "2020-04-28T16:33:00"),
        (1588091580.5, "2020-04-28T16:33:00.500000"),
        (1588091580000, "2020-04-28T16:33:00"),
        (0, None),
        (-5, None),
        (1e300, None),
        (2**63, None),
        (True, None),
        ("yesterday", None),
        ("nan", None),
        (None, None),
        ([1588091580], None),
    ],
)
def test_a_time_is_seconds_or_milliseconds_in_utc(
    value: Json, moment: str | None
) -> None:
    found = parse(body(timestamp=value)).timestamp
    assert found == (moment and datetime.fromisoformat(f"{moment}+00:00"))


# --- Texts and media -------------------------------------------------------------------


FILE = {
    "downloadUrl": "https://example.com/a.jpg",
    "caption": "Наш столик 🌿",
    "fileName": "a.jpg",
    "mimeType": "image/jpeg",
}


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"typeMessage": "textMessage", "textMessageData": {"textMessage": "a"}}, "a"),
        ({"typeMessage": "textMessage", "textMessageData": "a"}, "a"),
        (
            {
                "typeMessage": "extendedTextMessage",
                "extendedTextMessageData": {"text": "a", "title": "b"},
            },
            "a",
        ),
        (
            {
                "typeMessage": "quotedMessage",
                "extendedTextMessageData": {"text": "a"},
                "quotedMessage": {"stanzaId": "F7", "textMessage": "b"},
            },
            "a",
        ),
        # The documents do not agree about the place.
        (
            {"typeMessage": "textMessage", "extendedTextMessageData": {"text": "a"}},
            "a",
        ),
        (
            {"typeMessage": "quotedMessage", "textMessageData": {"textMessage": "a"}},
            "a",
        ),
        (
            {
                "typeMessage": "contactMessage",
                "contactMessageData": {"displayName": "Пётр", "vcard": "BEGIN:VCARD"},
            },
            "Пётр",
        ),
        ({"typeMessage": "pollMessage", "pollMessageData": {"name": "Суп?"}}, "Суп?"),
        ({"typeMessage": "textMessage", "textMessageData": {"textMessage": 6.0}}, "6"),
        (
            {
                "typeMessage": "textMessage",
                "textMessageData": {"textMessage": "  a\n\n b "},
            },
            "  a\n\n b ",
        ),
        (
            {"typeMessage": "textMessage", "textMessageData": {"textMessage": " "}},
            None,
        ),
        ({"typeMessage": "textMessage", "textMessageData": None}, None),
        ({"typeMessage": "textMessage", "textMessageData": []}, None),
        ({"typeMessage": "textMessage"}, None),
        ({"typeMessage": "somethingNew", "text": "a"}, "a"),
        ({"typeMessage": 7, "textMessageData": {"textMessage": "a"}}, "a"),
        ({"textMessageData": {"textMessage": "a"}}, "a"),
        # Buttons, lists and templates: what was chosen, what was written.
        *(
            ({"typeMessage": kind, key: {"selectedId": "1", name: "Да"}}, "Да")
            for kind, key, name in (
                *(
                    (kind, key, "selectedDisplayText")
                    for kind in (
                        "templateButtonsReplyMessage",
                        "templateButtonReplyMessage",
                    )
                    for key in (
                        "templateButtonReplyMessage",
                        "templateButtonsReplyMessage",
                    )
                ),
                *(
                    ("interactiveButtonsResponse", "interactiveButtonsResponse", name)
                    for name in ("selectedDisplayText", "selectedButtonText")
                ),
                (
                    "buttonsResponseMessage",
                    "buttonsResponseMessage",
                    "selectedButtonText",
                ),
                ("listResponseMessage", "listResponseMessage", "title"),
                ("interactiveButtonsReply", "interactiveButtonsReply", "contentText"),
                ("interactiveButtonsReply", "interactiveButtonsReply", "body"),
                ("interactiveButtons", "interactiveButtons", "contentText"),
                ("templateMessage", "templateMessage", "contentText"),
                ("buttonsMessage", "buttonsMessage", "contentText"),
                ("listMessage", "listMessage", "contentText"),
                ("orderMessage", "orderMessage", "message"),
                ("orderMessage", "orderMessage", "orderTitle"),
                ("groupInviteMessage", "groupInviteMessageData", "caption"),
                ("groupInviteMessage", "groupInviteMessageData", "groupName"),
            )
        ),
        (
            {
                "typeMessage": "listMessage",
                "listMessage": {
                    "title": "Меню",
                    "contentText": "Что принести?",
                    "footer": "Карбис",
                    "buttonText": "Выбрать",
                    "sections": [{"title": "Супы", "rows": [{"title": "Борщ"}]}],
                },
            },
            "Что принести?",
        ),
        (
            {
                "typeMessage": "quotedMessage",
                "fileMessageData": {"caption": "Вот этот", "fileName": "1.jpg"},
                "quotedMessage": {"stanzaId": "F7", "textMessage": "Который?"},
            },
            "Вот этот",
        ),
        (
            {
                "typeMessage": "quotedMessage",
                "quotedMessage": {"stanzaId": "F7", "textMessage": "Который?"},
            },
            None,
        ),
        (
            {
                "typeMessage": "contactsArrayMessage",
                "messageData": {
                    "contacts": [
                        {"displayName": "Анна", "vcard": "BEGIN:VCARD"},
                        {
                            "displayName": "{{SWE001}}",
                            "vcard": "BEGIN:VCARD\nN:К;П;;;\nFN:Пётр К.\nEND:VCARD",
                        },
                    ]
                },
            },
            "Анна, Пётр К.",
        ),
        ({"typeMessage": "documentMessage", "fileMessageData": {"fileName": "a"}}, "a"),
        ({"typeMessage": "imageMessage", "fileMessageData": {"fileName": "a"}}, None),
        # Marks of the service are no words.
        *(
            (
                {
                    "typeMessage": "textMessage",
                    "textMessageData": {"textMessage": words},
                },
                left,
            )
            for words, left in (
                ("{{SWE001}}", None),
                ("{{swe001}}", None),
                (" {{SWE001}}\n{{SWE003}} ", None),
                ("Столик {{SWE001}}на двоих", "Столик на двоих"),
                ("{{имя}}, столик", "{{имя}}, столик"),
            )
        ),
    ],
)
@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("incomingMessageReceived", "message"),
        ("outgoingMessageReceived", "message_sent"),
    ],
)
def test_the_words_are_found_wherever_they_stand(
    code: str, kind: str, data: dict[str, Json], text: str | None
) -> None:
    found = message(data, code)
    assert (found.kind, found.text) == (kind, text)


def test_what_is_nested_without_end_has_no_words() -> None:
    inner: Json = {"text": "a"}
    for _ in range(600):
        inner = {"x": inner}
    found = parse_notification(body(messageData={"data": inner}), None)
    assert found is not None
    assert found.text is None
    wide: dict[str, Json] = {str(number): {} for number in range(2_000)}
    assert message({"typeMessage": "new", **wide, "data": {"text": "a"}}).text is None


@pytest.mark.parametrize(
    "kind", ["imageMessage", "videoMessage", "documentMessage", "audioMessage"]
)
def test_a_file_has_a_caption_and_an_address(kind: str) -> None:
    found = message({"typeMessage": kind, "fileMessageData": FILE})
    assert (found.text, found.media_url) == (
        "Наш столик 🌿",
        "https://example.com/a.jpg",
    )
    found = message({"typeMessage": kind, "fileMessageData": {**FILE, "caption": ""}})
    name = "a.jpg" if kind == "documentMessage" else None
    assert (found.text, found.media_url) == (name, "https://example.com/a.jpg")


@pytest.mark.parametrize("address", ["{{SWE002}}", "", None, 5, "ftp://a", {}])
def test_what_is_no_address_of_a_file_is_none(address: Json) -> None:
    data = {"typeMessage": "imageMessage", "fileMessageData": {"downloadUrl": address}}
    assert message(data).media_url is None


@pytest.mark.parametrize(
    ("location", "text"),
    [
        ({"nameLocation": "Карбис", "address": "ул. Мира, 5"}, "Карбис, ул. Мира, 5"),
        ({"nameLocation": "", "address": "ул. Мира, 5"}, "ул. Мира, 5"),
        ({"nameLocation": "Карбис", "address": "Карбис"}, "Карбис"),
        ({"latitude": 56.25, "longitude": "43.5", "address": ""}, "56.25, 43.5"),
        ({}, None),
        (None, None),
    ],
)
def test_a_location_is_given_in_words_else_by_its_coordinates(
    location: Json, text: str | None
) -> None:
    data = {"typeMessage": "locationMessage", "locationMessageData": location}
    assert message(data).text == text


# --- Keys ------------------------------------------------------------------------------


def test_a_key_is_the_type_the_message_and_its_status() -> None:
    keys = {
        parse(body(typeWebhook=code, status=status), receipt).key
        for code in ("outgoingMessageStatus", "incomingMessageReceived")
        for status in (None, "sent", "read")
        for receipt in ("1", "2", None)
    }
    assert len(keys) == 6


def test_without_a_message_the_key_is_the_receipt_and_the_time() -> None:
    state = {"typeWebhook": "stateInstanceChanged", "timestamp": 5}
    assert parse(state, "7").key == "stateInstanceChanged:7:5"
    assert parse(state, "7").key == parse({**state, "new": 1}, "7").key
    assert parse(state, "8").key != parse(state, "7").key
    assert parse({"typeWebhook": "x"}, "7").key == "x:7"


def test_without_a_receipt_the_content_is_the_key() -> None:
    state = {"typeWebhook": "stateInstanceChanged", "timestamp": 5}
    keys = {parse({**state, "stateInstance": value}, None).key for value in "aabc"}
    assert len(keys) == 3
    assert parse(state, None) == parse(dict(reversed(state.items())), None)


def test_a_key_has_the_length_of_one() -> None:
    long = "x" * MAX_ID_LENGTH
    keys = {
        parse(body(typeWebhook=long[:-1] + last, idMessage=long[:-1] + last)).key
        for last in "xy"
    }
    assert len(keys) == 2
    assert all(len(key) <= MAX_ID_LENGTH for key in keys)
    # A longer id is none.
    assert parse(body(idMessage="x" * 201)).key.endswith(":488645:1588091580")


# --- What is received ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("receipt", "receipt_id"),
    [
        (488645, "488645"),
        ("488645", "488645"),
        (488645.0, "488645"),
        (2**64 - 1, "18446744073709551615"),
        ("a-b_c", "a-b_c"),
        (None, None),
        ("", None),
        (True, None),
        ("../x", None),
        ("1/2", None),
        ({}, None),
        ("1" * 201, None),
    ],
)
def test_a_receipt_is_a_number_or_a_text(receipt: Json, receipt_id: str | None) -> None:
    found = parse_received({"receiptId": receipt, "body": body()})
    assert found == Received(
        receipt_id=receipt_id, notification=parse(body(), receipt_id), shape=None
    )


def test_a_receipt_or_its_cover_may_be_missing() -> None:
    assert parse_received({"body": body()}).receipt_id is None
    assert parse_received(body()).notification == parse(body(), None)


@pytest.mark.parametrize(
    "poison",
    [
        None,
        [],
        [body()],
        "incomingMessageReceived",
        7,
        {},
        {"type": "incomingMessageReceived"},
        {"typeWebhook": None},
        {"typeWebhook": ""},
        {"typeWebhook": {}},
        {"typeWebhook": "x" * 201},
        body(typeWebhook=True),
    ],
)
def test_what_is_no_notification_has_a_receipt_and_a_shape_without_content(
    poison: Json,
) -> None:
    found = parse_received({"receiptId": 5, "body": poison})
    assert (found.receipt_id, found.notification) == ("5", None)
    assert isinstance(found.shape, dict)
    assert found.shape["receiptId"] == "int"
    assert "7982" not in repr(found)
    assert TEXT not in repr(found)


def test_what_has_a_receipt_alone_can_be_deleted() -> None:
    assert parse_received({"receiptId": 5}) == Received(
        receipt_id="5", notification=None, shape={"receiptId": "int"}
    )


@pytest.mark.parametrize("document", [True, 5, "null", [], [body()], {}, {"a": 1}])
def test_what_cannot_be_of_this_service_is_a_protocol_error(document: Json) -> None:
    with pytest.raises(ProtocolError, match="not one of GREEN-API"):
        parse_received(document)


KEYS = st.sampled_from(
    (
        *("typeWebhook", "instanceData", "wid", "timestamp", "idMessage", "status"),
        *("senderData", "chatId", "sender", "senderName", "messageData", "from"),
        *("typeMessage", "textMessageData", "textMessage", "fileMessageData"),
        *("caption", "downloadUrl", "locationMessageData", "latitude", "text"),
        *("extendedTextMessageData", "stateInstance", "statusInstance"),
        *("editedMessageData", "quotedMessage", "stanzaId", "vcard", *WORDS),
    )
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=10)
    | st.sampled_from([*KINDS, "textMessage", "imageMessage", "locationMessage", GUEST])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(KEYS | st.text(max_size=5), inner, max_size=5)
    ),
    max_leaves=12,
)


@given(
    VALUES
    | st.fixed_dictionaries(
        {"body": VALUES | st.dictionaries(KEYS, VALUES, max_size=8)},
        optional={"receiptId": SCALARS},
    )
)
def test_any_json_is_a_notification_a_shape_or_a_named_error(document: Json) -> None:
    document = orjson.loads(orjson.dumps(document))
    try:
        found = parse_received(document)
    except ProtocolError:
        return
    notification = found.notification
    if notification is None:
        assert orjson.dumps(found.shape)
        return
    assert 0 < len(notification.key) <= MAX_ID_LENGTH
    assert notification == parse_received(document).notification
    assert orjson.dumps(dict(notification.raw))
    assert orjson.dumps([notification.text, notification.timestamp])


def test_the_raw_object_of_something_unknown_can_always_be_serialised() -> None:
    deep = orjson.loads(b'{"typeWebhook":"x","a":' + b"[" * 900 + b"]" * 900 + b"}")
    found = parse_notification(deep, None)
    assert found is not None
    assert len(orjson.dumps(dict(found.raw))) < 100


# --- Chat ids and settings -------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "chat_id"),
    [
        ("+7 (982) 123-45-67", GUEST),
        ("8 982 123 45 67", GUEST),
        ("89821234567", GUEST),
        ("9821234567", GUEST),
        ("79821234567", GUEST),
        ("007-982-123-45-67", GUEST),
        (" +7.982.123.45.67 ", GUEST),
        ("+7 982 123‑45‑67", GUEST),
        ("(982) 123-45-67", GUEST),
        ("+49 30 901820", "4930901820@c.us"),
        ("+375291234567", "375291234567@c.us"),
        (GUEST, GUEST),
        (f" {GUEST} ", GUEST),
        ("120363043968066561@g.us", "120363043968066561@g.us"),
        ("79001234567-1588091580@g.us", "79001234567-1588091580@g.us"),
        ("12345678901234@lid", "12345678901234@lid"),
    ],
)
def test_a_phone_number_or_a_chat_id_is_one_chat(text: str, chat_id: str) -> None:
    assert chat_id_of(text) == chat_id


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "+",
        "107",
        "1234567",
        "1" * 16,
        "Иван",
        "7982123456x",
        "٧٩٨٢١٢٣٤٥٦٧",
        "@c.us",
        "79821234567@",
        "79821234567@example.com",
        "Иван@c.us",
        "79821234567@c.us/../x",
        "status@broadcast",
        "+7982\n1234567",
    ],
)
def test_rubbish_is_no_chat_and_is_reported_without_repeating_it(text: str) -> None:
    with pytest.raises(ValueError, match="Neither a phone number") as caught:
        chat_id_of(text)
    assert not text.strip() or text.strip("+ ") not in str(caught.value) or text == "+"


GOOD: dict[str, Json] = {"webhookUrl": "", **dict.fromkeys(WANTED_SETTINGS, "yes")}


@pytest.mark.parametrize(
    ("settings", "changes"),
    [
        (GOOD, {}),
        ({**GOOD, "webhookUrl": None, "incomingWebhook": " YES "}, {}),
        ({**GOOD, "incomingWebhook": True}, {}),
        ({"webhookUrl": ""}, {}),
        ({**GOOD, "webhookUrl": "https://crm.example"}, {"webhookUrl": ""}),
        ({**GOOD, "stateWebhook": "no"}, {"stateWebhook": "yes"}),
        (
            {**GOOD, "incomingWebhook": None, "outgoingWebhook": ""},
            {"incomingWebhook": "yes", "outgoingWebhook": "yes"},
        ),
        ({**GOOD, "deviceWebhook": "no"}, {}),
    ],
)
def test_what_has_to_change_in_the_settings_is_reported(
    settings: dict[str, Json], changes: dict[str, Json]
) -> None:
    assert problems(settings) == changes
    assert problems({**settings, **changes}) == {}


# --- The client against a server -------------------------------------------------------


async def test_a_notification_stays_until_it_is_deleted(
    green: GreenApiService, client: GreenApiClient
) -> None:
    green.message(GUEST, TEXT, name="Иван")
    green.set_state("yellowCard")

    first = await client.receive()
    again = await client.receive()
    assert first is not None
    assert first == again
    assert first.notification is not None
    assert first.notification.text == TEXT
    assert first.receipt_id is not None
    assert await client.delete(first.receipt_id) is True
    assert await client.delete(int(first.receipt_id)) is False

    second = await client.receive()
    assert second is not None
    assert second.notification is not None
    assert second.notification.state == "yellowCard"


async def test_a_hundred_are_read_in_order_over_one_connection(
    green: GreenApiService, client: GreenApiClient
) -> None:
    for number in range(100):
        green.message(GUEST, str(number))
    for number in range(100):
        received = await client.receive()
        assert received is not None
        assert received.notification is not None
        assert received.receipt_id is not None
        assert received.notification.text == str(number)
        assert await client.delete(received.receipt_id)
    assert green.queue == []
    assert green.connections == 1


@pytest.mark.parametrize("form", ["null", "nothing"])
async def test_a_long_poll_without_news_is_none_and_keeps_its_connection(
    green: GreenApiService, client: GreenApiClient, form: Any
) -> None:
    green.empty_answer = form
    for _ in range(3):
        waiting = asyncio.create_task(client.receive())
        await green.wait_for_readers()
        green.end_polls()
        assert await waiting is None
    assert green.connections == 1


@pytest.mark.parametrize(
    "fault",
    [
        Faults(empty=True),
        Faults(no_content=True),
        Faults(empty=True, body_size=9),
        Faults(garbage=" null\r\n"),
    ],
)
async def test_each_form_of_nothing_is_none(
    green: GreenApiService, client: GreenApiClient, fault: Faults
) -> None:
    green.faults.set(fault)
    assert await client.receive() is None


async def test_a_long_poll_ends_as_soon_as_something_comes(
    green: GreenApiService, client: GreenApiClient
) -> None:
    waiting = asyncio.create_task(client.receive())
    await green.wait_for_readers()
    green.message(GUEST, TEXT)
    received = await waiting
    assert received is not None
    assert received.notification is not None
    assert received.notification.text == TEXT


async def test_the_time_to_wait_is_reported_and_does_not_count_as_silence(
    green: GreenApiService, make: Make
) -> None:
    client = make(green.url, limits=HASTY, receive_timeout=20)
    green.poll_time = 0.3
    assert await client.receive() is None
    client = make(green.url, limits=HASTY, receive_timeout=0)
    green.poll_time = 20
    with pytest.raises(ServiceTimeout):
        await client.receive()


async def test_the_time_to_wait_goes_into_the_request(make: Make) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnull"
    async with raw_server(answer) as raw:
        assert await make(raw.url, receive_timeout=7).receive() is None
    line = raw.received.split(b"\r\n")[0].decode()
    assert line == (
        f"GET /waInstance{INSTANCE}/receiveNotification/{TOKEN}?receiveTimeout=7 HTTP/1.1"
    )


async def test_one_request_at_a_time_waits_for_the_queue(
    green: GreenApiService, client: GreenApiClient
) -> None:
    tasks = [asyncio.create_task(client.receive()) for _ in range(3)]
    await green.wait_for_readers()
    green.message(GUEST, TEXT)
    results = await asyncio.gather(*tasks)
    assert results[0] == results[1] == results[2]
    assert green.most_readers == 1


@pytest.mark.parametrize("path", ["", "/", "/base", "/base/", "/a/b/"])
async def test_an_address_may_have_a_path_and_a_slash(make: Make, path: str) -> None:
    answer = (
        b'HTTP/1.1 200 OK\r\nContent-Length: 29\r\n\r\n{"stateInstance":"authorized"}'
    )
    answer = answer.replace(b"29", b"30")
    async with raw_server(answer) as raw:
        assert await make(f"{raw.url}".rstrip("/") + path).state() == "authorized"
    expected = f"{path.rstrip('/')}/waInstance{INSTANCE}/getStateInstance/{TOKEN}"
    assert raw.received.split()[1].decode() == expected


async def test_state_and_settings_are_read_and_changed(
    green: GreenApiService, client: GreenApiClient
) -> None:
    assert await client.state() == "authorized"
    green.settings |= {"webhookUrl": "https://crm.example", "incomingWebhook": "no"}
    changes = problems(await client.settings())
    assert changes == {"webhookUrl": "", "incomingWebhook": "yes"}

    before = dict(green.settings)
    await client.set_settings(changes)
    assert green.settings == {**before, **changes}
    assert problems(await client.settings()) == {}


async def test_settings_that_are_not_taken_are_a_refusal(
    green: GreenApiService, client: GreenApiClient
) -> None:
    with pytest.raises(RequestRefused):
        await client.set_settings({"unknownSetting": "yes"})
    green.faults.set(Faults(garbage='{"saveSettings": false}'))
    with pytest.raises(RequestRefused, match="does not take the settings"):
        await client.set_settings({"incomingWebhook": "yes"})


async def test_a_text_is_sent_and_what_becomes_of_it_is_reported(
    green: GreenApiService, client: GreenApiClient
) -> None:
    message_id = await client.send_text(GUEST, "Ждём вас 🍷", quoted_message_id="F7AE")
    (sent,) = green.sent
    assert (sent.message_id, sent.chat_id, sent.text, sent.quoted_message_id) == (
        message_id,
        GUEST,
        "Ждём вас 🍷",
        "F7AE",
    )
    published = [parse(document["body"]) for document in green.queue]
    assert [(item.kind, item.status, item.message_id) for item in published] == [
        ("message_sent", None, message_id),
        ("message_status", "sent", message_id),
        ("message_status", "delivered", message_id),
        ("message_status", "read", message_id),
    ]
    assert (published[0].text, published[0].chat_id) == ("Ждём вас 🍷", GUEST)
    await client.send_text(GUEST, "Да")
    assert green.sent[1].quoted_message_id is None


async def test_a_text_that_is_not_taken_is_a_refusal(
    green: GreenApiService, client: GreenApiClient
) -> None:
    with pytest.raises(RequestRefused):
        await client.send_text("nobody", "a")
    green.faults.set(Faults(garbage='{"idMessage": null}'))
    with pytest.raises(RequestRefused, match="does not take the message"):
        await client.send_text(GUEST, "a")


@pytest.mark.parametrize(
    ("chat", "other", "ids"),
    [
        (GUEST, "155508384251501@lid", {"155508384251501@lid"}),
        ("155508384251501@lid", GUEST, {GUEST}),
        ("525500001501@c.us", "5215500001501@c.us", {"5215500001501@c.us"}),
        (GUEST, GUEST, set()),
        (GUEST, None, set()),
    ],
)
async def test_the_other_ids_of_a_person_are_looked_up(
    green: GreenApiService,
    client: GreenApiClient,
    chat: str,
    other: str | None,
    ids: set[str],
) -> None:
    green.other_ids = {chat: other}
    assert await client.other_ids(chat) == ids
    assert green.looked_up == [chat]


async def test_a_lookup_takes_what_is_an_id_and_nothing_else(
    green: GreenApiService, client: GreenApiClient
) -> None:
    given = {"chatId": "x@c.us", "lid": 5, "phone": 79821234568, "phoneNumber": [1]}
    green.faults.set(Faults(garbage=orjson.dumps(given).decode(), times=1))
    assert await client.other_ids(GUEST) == {"79821234568@c.us"}
    green.faults.set(Faults(garbage="[]", times=1))
    with pytest.raises(ProtocolError):
        await client.other_ids(GUEST)


async def test_a_deletion_of_what_the_service_does_not_find_is_false(
    green: GreenApiService, client: GreenApiClient
) -> None:
    words = "findUnAckedMessage: cannot find unacked message"
    green.faults.set(Faults(status=500, body=words, times=1))
    assert await client.delete(5) is False
    green.faults.set(Faults(status=500, body=words, times=1))
    with pytest.raises(ServiceUnavailable, match="500"):
        await client.state()
    green.faults.set(Faults(status=500, times=1))
    with pytest.raises(ServiceUnavailable, match="500"):
        await client.delete(5)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("bad request data", "bad request data"),
        ('{"message": "Limit of chats is reached."}', "Limit of chats is reached."),
        ('{"error": "Bad Request", "message": null}', "Bad Request"),
        (f"{TOKEN} for 79821234567@c.us: {TEXT}", "for"),
        ('{"path": "/waInstance1/x"}', None),
        ("", None),
        ("a" * 5_000, None),
    ],
)
async def test_an_unknown_refusal_is_in_the_services_own_words(
    green: GreenApiService, client: GreenApiClient, text: str, said: str | None
) -> None:
    green.faults.set(Faults(status=400, body=text))
    with pytest.raises(RequestRefused) as caught:
        await client.receive()
    assert caught.value.said == said


async def test_a_pinned_certificate_is_trusted_and_no_other(
    make: Make, certificate: Certificate
) -> None:
    async with GreenApiService(
        instance_id=INSTANCE, token=TOKEN, certificate=certificate
    ) as green:
        with pytest.raises(CertificateError):
            await make(green.url).state()
        assert green.requests == []
        client = make(green.url, fingerprint=certificate.fingerprint)
        assert await client.state() == "authorized"


# --- Failures --------------------------------------------------------------------------


CALLS: dict[str, Callable[[GreenApiClient], Any]] = {
    "receive": lambda client: client.receive(),
    "delete": lambda client: client.delete(488646),
    "state": lambda client: client.state(),
    "settings": lambda client: client.settings(),
    "other_ids": lambda client: client.other_ids(GUEST),
    "set_settings": lambda client: client.set_settings({"incomingWebhook": "yes"}),
    "send": lambda client: client.send_text(GUEST, TEXT),
}
each_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())


async def failure[E: ServiceError](
    call: Callable[[GreenApiClient], Any],
    client: GreenApiClient,
    url: str,
    error: type[E],
    match: str,
) -> E:
    """Expect exactly this error, that shows nothing it must not."""
    with pytest.raises(error, match=match) as caught:
        await call(client)
    assert type(caught.value) is error
    secrets = {TOKEN, INSTANCE, "79821234567", TEXT, url, url.removeprefix("http://")}
    assert leaks(caught.value, secrets) == []
    return caught.value


STATUSES: list[tuple[int, str, type[ServiceError], str]] = [
    (400, "instance account not authorized", AccountUnusable, "not authorized"),
    (400, "Instance Account NOT Authorized", AccountUnusable, "not authorized"),
    # Which of both it is, its state says.
    (400, "instance is starting or not authorized", ServiceUnavailable, "starting"),
    (
        400,
        '{"message": "Instance account is expired. Renew your instance"}',
        AccountUnusable,
        "instance expired",
    ),
    (400, "Instance is deleted", AccountUnusable, "instance deleted"),
    (400, "custom webhook url is set", AccountUnusable, "webhook url set"),
    (403, "Account is suspended", AccountUnusable, "account restricted"),
    (400, "instance in starting process try later", ServiceUnavailable, "starting"),
    (400, "bad request data", RequestRefused, "refuses the request"),
    (400, "", RequestRefused, "refuses the request"),
    (401, "Unauthorized", AuthenticationError, "401"),
    (403, "Forbidden, calls overlap", AuthenticationError, "403"),
    (404, "", ProtocolError, "404"),
    (408, "", ServiceUnavailable, "408"),
    (409, "", SecondReader, "Another program"),
    (429, "Too Many Requests, they overlap", RateLimited, "429"),
    (466, '{"invokeStatus": {"status": "QUOTE_EXCEEDED"}}', QuotaExceeded, "quota"),
    (499, "Client Closed Request", ServiceUnavailable, "gave up"),
    (500, "receiveNotification overlapped", SecondReader, "Another program"),
    (500, "", ServiceUnavailable, "500"),
    (502, "", ServiceUnavailable, "502"),
    (503, "", ServiceUnavailable, "503"),
    (504, "<html>Gateway Time-out</html>", ServiceUnavailable, "504"),
]


@each_call
@pytest.mark.parametrize(("status", "text", "error", "match"), STATUSES)
async def test_a_status_and_its_message_are_a_named_error(
    green: GreenApiService,
    client: GreenApiClient,
    call: Callable[[GreenApiClient], Any],
    status: int,
    text: str,
    error: type[ServiceError],
    match: str,
) -> None:
    green.message(GUEST, TEXT)
    content = f"{TOKEN} {GUEST} {TEXT} {text}"
    green.faults.set(Faults(status=status, body=content, times=1))
    found = await failure(call, client, green.url, error, match)
    if not isinstance(found, AuthenticationError):
        assert vars(found)["status"] == status

    await call(client)
    assert green.connections == 1


async def test_a_pause_that_the_service_asks_for_is_reported(
    green: GreenApiService, client: GreenApiClient
) -> None:
    green.faults.set(Faults(status=429, headers={"Retry-After": "7"}))
    found = await failure(CALLS["receive"], client, green.url, RateLimited, "429")
    assert found.retry_after == 7.0


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Faults(status=400, body="not authorized", cut=0), RequestRefused),
        (Faults(status=400, body="not authorized", drip=3600), RequestRefused),
        (
            Faults(status=400, body="x" * MAX_EXPLANATION + "not authorized"),
            RequestRefused,
        ),
        (
            Faults(status=400, body="not authorized", body_size=10_000_000),
            AccountUnusable,
        ),
    ],
)
async def test_an_explanation_that_does_not_come_or_does_not_end_is_none(
    green: GreenApiService, make: Make, fault: Faults, error: type[ServiceError]
) -> None:
    # Its status has to come within the limit, and the rest does not.
    limits = Limits(connect=20, total=2) if fault.drip else PATIENT
    green.faults.set(fault)
    client = make(green.url, limits=limits, receive_timeout=0)
    await failure(CALLS["receive"], client, green.url, error, "HTTP|authorized")
    green.faults.clear()
    assert await make(green.url).state() == "authorized"


async def test_a_request_that_is_cancelled_while_it_is_explained_leaves_nothing(
    green: GreenApiService, client: GreenApiClient
) -> None:
    green.faults.set(Faults(status=400, body="not authorized", drip=3600))
    waiting = asyncio.create_task(client.state())
    await green.wait_for_arrivals()
    # Its first byte has come, and no other will.
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(waiting, 0.1)
    await green.wait_until(lambda: green.open_connections == 0)


@each_call
@pytest.mark.parametrize(
    ("fault", "error", "match"),
    [
        (Faults(refuse=True), ServiceUnavailable, "does not accept"),
        (Faults(reset=True), ServiceUnavailable, "cut off"),
        (Faults(cut=0), ServiceUnavailable, "cut off"),
        (Faults(cut=3), ServiceUnavailable, "cut off"),
        (Faults(half_open=True), ServiceTimeout, "in time"),
        (Faults(drip=60), ServiceTimeout, "in time"),
        (Faults(garbage=True), ProtocolError, "not JSON"),
        (Faults(garbage='{"receiptId": 4'), ProtocolError, "not JSON"),
        (Faults(garbage="\ufeff["), ProtocolError, "not JSON"),
        (Faults(wrong_token=True), AuthenticationError, "401"),
        (Faults(redirect="https://example.com/"), ProtocolError, "redirects"),
    ],
)
async def test_a_fault_is_a_named_error_and_the_next_answer_is_good(
    green: GreenApiService,
    make: Make,
    call: Callable[[GreenApiClient], Any],
    fault: Faults,
    error: type[ServiceError],
    match: str,
) -> None:
    green.message(GUEST, TEXT)
    slow = fault.half_open or fault.drip is not None
    client = make(green.url, limits=HASTY if slow else PATIENT, receive_timeout=0)
    green.faults.set(fault)
    await failure(call, client, green.url, error, match)
    green.faults.clear()
    await call(make(green.url))


async def test_a_head_that_is_larger_than_any_notification_can_be_deleted(
    green: GreenApiService, client: GreenApiClient
) -> None:
    large = {"receiptId": 7, "body": {"text": "x" * MAX_ANSWER}}
    green.faults.set(Faults(garbage=orjson.dumps(large).decode()))
    # Once it may be the connection's fault.
    with pytest.raises(ProtocolError, match="larger than 4194304 bytes"):
        await client.receive()
    assert await client.receive() == Received(
        receipt_id="7", notification=None, shape={"body": "str", "receiptId": "str"}
    )


@each_call
@pytest.mark.parametrize("document", ['"x"', "[]", "7", "true", "{}", '{"a": null}'])
async def test_json_of_something_else_is_a_named_error(
    green: GreenApiService,
    client: GreenApiClient,
    call: Callable[[GreenApiClient], Any],
    document: str,
) -> None:
    green.faults.set(Faults(garbage=document))
    with pytest.raises(ProtocolError):
        await call(client)


@pytest.mark.parametrize("document", ["null", '{"result": null}', '{"result": 1}'])
async def test_a_deletion_is_true_or_false_and_nothing_else(
    green: GreenApiService, client: GreenApiClient, document: str
) -> None:
    green.faults.set(Faults(garbage=document))
    with pytest.raises(ProtocolError):
        await client.delete(5)


async def test_a_long_poll_that_a_proxy_cuts_is_asked_again_once_then_unavailable(
    green: GreenApiService, client: GreenApiClient
) -> None:
    def polling(arrivals: int) -> bool:
        return green.received == arrivals and green.readers == 1

    # aiohttp itself repeats a request that changes nothing, once.
    waiting = asyncio.create_task(client.receive())
    for arrivals in (1, 2):
        await green.wait_until(partial(polling, arrivals))
        green.drop_polls()
    with pytest.raises(ServiceUnavailable, match="cut off") as caught:
        await waiting
    assert (type(caught.value), caught.value.status) == (ServiceUnavailable, None)
    assert green.received == 2
    assert await client.state() == "authorized"


async def test_the_same_queue_goes_on_after_a_restart(
    green: GreenApiService, client: GreenApiClient
) -> None:
    green.message(GUEST, TEXT)
    before = await client.receive()
    await green.restart(keep_queue=True)
    assert await client.receive() == before
    await green.restart(keep_queue=False)
    waiting = asyncio.create_task(client.receive())
    await green.wait_for_readers()
    green.end_polls()
    assert await waiting is None


async def test_a_second_reader_is_an_error_where_the_service_says(
    green: GreenApiService, make: Make
) -> None:
    green.overlap = "refuse"
    first = asyncio.create_task(make(green.url).receive())
    await green.wait_for_readers()
    await failure(
        CALLS["receive"], make(green.url), green.url, SecondReader, "Another program"
    )
    green.end_polls()
    assert await first is None


async def test_a_second_reader_shows_in_deletions_that_come_too_late(
    green: GreenApiService, make: Make
) -> None:
    green.message(GUEST, TEXT)
    ours, theirs = make(green.url), make(green.url)
    mine, stolen = await ours.receive(), await theirs.receive()
    assert mine is not None
    assert stolen is not None
    assert mine.receipt_id is not None
    assert stolen.receipt_id is not None
    assert await theirs.delete(stolen.receipt_id) is True
    assert await ours.delete(mine.receipt_id) is False


async def test_an_account_that_is_not_linked_is_reported_when_something_is_sent(
    green: GreenApiService, client: GreenApiClient
) -> None:
    green.set_state("notAuthorized")
    await failure(CALLS["send"], client, green.url, AccountUnusable, "not authorized")
    green.set_state("starting")
    await failure(CALLS["send"], client, green.url, ServiceUnavailable, "starting")
    assert await client.state() == "starting"


@pytest.mark.parametrize(
    ("instance", "token", "match"),
    [
        ("1101000002", TOKEN, "403"),
        (INSTANCE, "wrong", "401"),
        (INSTANCE, "", "cannot be one"),
        ("", TOKEN, "cannot be one"),
        (INSTANCE, "../../other", "cannot be one"),
        (INSTANCE, "a/b", "cannot be one"),
        (INSTANCE, "a?b=c#d", "cannot be one"),
        ("110 1", TOKEN, "cannot be one"),
        (INSTANCE, "токен", "cannot be one"),
    ],
)
async def test_wrong_credentials_are_reported_as_such(
    green: GreenApiService, make: Make, instance: str, token: str, match: str
) -> None:
    client = make(green.url, instance=instance, token=token)
    with pytest.raises(AuthenticationError, match=match):
        await client.receive()
    assert len(green.requests) == (match != "cannot be one")


async def test_spaces_around_the_credentials_do_no_harm(
    green: GreenApiService, make: Make
) -> None:
    client = make(green.url, instance=f" {INSTANCE}\n", token=f"\t{TOKEN} ")
    assert await client.state() == "authorized"


async def test_no_log_says_a_secret(
    green: GreenApiService, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    green.message(GUEST, TEXT)
    client = make(green.url, limits=HASTY, receive_timeout=0)
    for fault in (
        Faults(status=400, body=TEXT),
        Faults(reset=True),
        Faults(half_open=True),
        Faults(garbage=True),
        Faults(cut=1),
    ):
        green.faults.set(fault)
        for call in CALLS.values():
            with pytest.raises(ServiceError):
                await call(client)
    for secret in (TOKEN, "79821234567", TEXT):
        assert secret not in caplog.text
    assert TOKEN not in repr(client)
