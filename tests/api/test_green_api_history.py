"""GREEN-API's lists of messages, as the gateway gives them and as it may not."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any

import aiohttp
from hypothesis import given, strategies as st
import pytest
from yarl import URL

from custom_components.carbis_alerts.api.errors import ProtocolError
from custom_components.carbis_alerts.api.green_api import (
    MESSENGERS,
    WHATSAPP,
    GreenApiClient,
    GreenApiHistory,
    Listed,
    parse_notification,
)
from custom_components.carbis_alerts.api.green_api.history import (
    MAX_LISTED,
    _read,
    in_order,
)
from custom_components.carbis_alerts.api.intake import LoopYield
from simulator.green_api import GreenApiService
from simulator.green_api_history import listed

NUMBER = "+79821234567"
NOW = datetime.now(UTC)

type Body = dict[str, Any]


@pytest.fixture(params=MESSENGERS)
async def green(request: pytest.FixtureRequest) -> AsyncGenerator[GreenApiService]:
    """Return a running gateway of each messenger."""
    async with GreenApiService(messenger=request.param) as service:
        yield service


@pytest.fixture
async def session() -> AsyncGenerator[aiohttp.ClientSession]:
    """Return a session."""
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def history(green: GreenApiService, session: aiohttp.ClientSession) -> GreenApiHistory:
    """Return what asks the gateway."""
    client = GreenApiClient(
        session,
        URL(green.url),
        green.instance_id,
        green.token,
        messenger=green.messenger,
    )
    return GreenApiHistory(client, LoopYield())


KINDS: dict[str, Body] = {
    "text": {
        "typeMessage": "textMessage",
        "textMessageData": {"textMessage": "Есть столик?"},
    },
    "link": {
        "typeMessage": "extendedTextMessage",
        "extendedTextMessageData": {"text": "Вот: https://a.b", "title": "Меню"},
    },
    "picture": {
        "typeMessage": "imageMessage",
        "fileMessageData": {
            "downloadUrl": "https://a.b/c.jpg",
            "caption": "Это вы?",
            "fileName": "c.jpg",
            "mimeType": "image/jpeg",
        },
    },
    "document": {
        "typeMessage": "documentMessage",
        "fileMessageData": {
            "downloadUrl": "https://a.b/c.pdf",
            "caption": "",
            "fileName": "Банкет.pdf",
            "mimeType": "application/pdf",
        },
    },
    "location": {
        "typeMessage": "locationMessage",
        "locationMessageData": {"nameLocation": "Дом", "address": "Ленина, 1"},
    },
    "contact": {
        "typeMessage": "contactMessage",
        "contactMessageData": {"displayName": "Пётр", "vcard": "BEGIN:VCARD"},
    },
    "quote": {
        "typeMessage": "quotedMessage",
        "extendedTextMessageData": {"text": "Да", "stanzaId": "F1"},
        "quotedMessage": {"stanzaId": "F1", "textMessage": "В семь?"},
    },
}


@pytest.mark.parametrize("kind", KINDS)
async def test_a_message_is_the_same_in_the_list_and_in_the_queue(
    green: GreenApiService, history: GreenApiHistory, kind: str
) -> None:
    body = green.message(NUMBER, "", "Анна", data=KINDS[kind])
    queued = parse_notification(body, None, green.messenger)
    (one,) = await history.incoming(60)
    found = one.as_notification(green.messenger)
    assert queued is not None
    assert found is not None
    assert one.is_message
    assert one.key == queued.message_key
    for name in (
        *("kind", "code", "key", "timestamp", "chat_id", "sender", "sender_name"),
        *("message_id", "message_type", "text", "media_url", "is_group"),
        "awaits_answer",
    ):
        assert getattr(found, name) == getattr(queued, name), name


async def test_of_a_group_it_is_one_in_the_list_too(
    green: GreenApiService, history: GreenApiHistory
) -> None:
    group = (
        "120363043968066561@g.us" if green.messenger is WHATSAPP else "-1001234567890"
    )
    green.message(group, "Кто завтра?", sender=NUMBER)
    (one,) = await history.incoming(60)
    found = one.as_notification(green.messenger)
    assert found is not None
    assert found.is_group
    assert not found.awaits_answer
    assert found.sender == green.chat_id(NUMBER)


async def test_they_come_from_the_oldest_to_the_newest_within_the_minutes(
    green: GreenApiService, history: GreenApiHistory
) -> None:
    now = green.writer.now()
    for index, ago in enumerate((7200, 600, 600, 60)):
        green.message(NUMBER, str(index))
        green.history.incoming[-1]["timestamp"] = now - ago
    texts = [one.raw["textMessage"] for one in await history.incoming(60)]
    assert texts == ["1", "2", "3"]
    assert len(await history.incoming(1440)) == 4
    assert green.history.asked[-1] == ("lastIncomingMessages", 1440)


async def test_what_was_sent_is_listed_with_what_became_of_it(
    green: GreenApiService, history: GreenApiHistory
) -> None:
    green.write(NUMBER, "Ждём вас")
    green.message(NUMBER, "Спасибо")
    (sent,) = await history.outgoing(60)
    assert not sent.is_by_api
    assert not sent.has_failed
    green.history.outgoing[0] |= {"statusMessage": "noAccount", "sendByApi": True}
    (sent,) = await history.outgoing(60)
    assert sent.is_by_api
    assert sent.has_failed


async def test_the_newest_are_taken_of_a_longer_list(
    green: GreenApiService, history: GreenApiHistory
) -> None:
    item = listed(green.message(NUMBER, "a"))
    green.history.incoming[:] = [
        {**item, "idMessage": f"F{number}"} for number in range(MAX_LISTED + 10)
    ]
    taken = await history.incoming(60)
    assert len(taken) == MAX_LISTED
    assert (taken[0].raw["idMessage"], taken[-1].raw["idMessage"]) == (
        "F10",
        f"F{MAX_LISTED + 9}",
    )


@pytest.mark.parametrize("answer", [{}, {"message": "no"}, "", 5, True])
async def test_what_is_no_list_is_an_error(
    green: GreenApiService,
    history: GreenApiHistory,
    monkeypatch: pytest.MonkeyPatch,
    answer: Any,
) -> None:
    async def call(*_: Any, **__: Any) -> Any:
        return answer

    monkeypatch.setattr(history._client, "call", call)
    with pytest.raises(ProtocolError):
        await history.incoming(60)


@pytest.mark.parametrize("empty", [None, []])
async def test_an_empty_one_is_empty(
    history: GreenApiHistory, monkeypatch: pytest.MonkeyPatch, empty: Any
) -> None:
    async def call(*_: Any, **__: Any) -> Any:
        return empty

    monkeypatch.setattr(history._client, "call", call)
    assert await history.incoming(60) == []


async def test_how_many_wait_is_said(
    green: GreenApiService, history: GreenApiHistory
) -> None:
    assert await history.queue_length() == 0
    green.message(NUMBER, "a")
    assert await history.queue_length() == 1


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"count": "3"}, 3),
        # With a Cyrillic letter, as one of the descriptions has it.
        ({"\u0441ount": 4}, 4),
        ({}, None),
        ({"count": -1}, None),
        ({"count": None}, None),
        ([], None),
        (None, None),
    ],
)
async def test_the_count_is_read_by_either_name(
    history: GreenApiHistory,
    monkeypatch: pytest.MonkeyPatch,
    answer: Any,
    expected: int | None,
) -> None:
    async def call(*_: Any, **__: Any) -> Any:
        return answer

    monkeypatch.setattr(history._client, "call", call)
    if expected is None:
        with pytest.raises(ProtocolError):
            await history.queue_length()
    else:
        assert await history.queue_length() == expected


# Whatever it holds

ITEM: Body = {
    "type": "incoming",
    "idMessage": "F1",
    "chatId": "79821234567@c.us",
    "timestamp": int(NOW.timestamp()),
    "typeMessage": "textMessage",
    "textMessage": "a",
}


def read(item: Any, messenger: str = "whatsapp") -> Listed | None:
    """Read something as a message that came."""
    return _read(item, "incoming", MESSENGERS[messenger], NOW)


@pytest.mark.parametrize(
    "item",
    [
        *(None, 5, "a", [], {}),
        {**ITEM, "type": "outgoing"},
        {**ITEM, "idMessage": None},
        {**ITEM, "idMessage": {"a": 1}},
        {**ITEM, "chatId": ""},
        {**ITEM, "chatId": ["a"]},
        {**ITEM, "idMessage": "F" * 500},
    ],
)
def test_what_is_no_message_is_passed_over(item: Any) -> None:
    assert read(item) is None


@pytest.mark.parametrize("messenger", ["max", "telegram"])
def test_ids_may_be_numbers(messenger: str) -> None:
    texts = read({**ITEM, "chatId": "10000000", "idMessage": "77"}, messenger)
    numbers = read({**ITEM, "chatId": 10000000, "idMessage": 77}, messenger)
    assert texts is not None
    assert numbers is not None
    assert texts.key == numbers.key == "10000000:77"
    for one in (texts, numbers):
        found = one.as_notification(MESSENGERS[messenger])
        assert found is not None
        assert found.key == f"{messenger}:incomingMessageReceived:10000000:77"


@pytest.mark.parametrize(
    "change",
    [
        {"typeMessage": "reactionMessage"},
        {"typeMessage": "editedMessage"},
        {"typeMessage": "deletedMessage"},
        {"typeMessage": "pollUpdateMessage"},
        {"isDeleted": True},
    ],
)
def test_what_changes_a_message_or_is_deleted_is_none_to_be_read(change: Body) -> None:
    one = read({**ITEM, **change})
    assert one is not None
    assert not one.is_message


def test_one_without_a_time_stays_beside_its_neighbour() -> None:
    at = int(NOW.timestamp()) - 1000
    times = {"a": at, "b": None, "c": at + 5, "d": "soon", "e": at + 9}
    items = [
        read({**ITEM, "idMessage": name, "timestamp": time})
        for name, time in times.items()
    ]
    ones = [one for one in items if one is not None]
    for given_order in (ones, ones[::-1]):
        ordered = [one.key for one in in_order(given_order)]
        assert sorted(ordered) == [*"abcde"]
        assert [key for key in ordered if key in "ace"] == [*"ace"]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.sampled_from([*ITEM, "x"]), inner, max_size=6)
        ),
    )
)
def test_nothing_that_json_can_be_raises(value: Any) -> None:
    for item in (value, {**ITEM, "typeMessage": value, "textMessage": value}):
        one = read(item)
        if one is not None:
            assert one.is_message in {True, False}
            one.as_notification(WHATSAPP)
            in_order([one, one])
