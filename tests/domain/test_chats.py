"""Chats by each of their ids, and answers that nobody typed: what is kept and restored."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from custom_components.carbis_alerts.api.green_api.messengers import (
    MAX,
    MESSENGERS,
    TELEGRAM,
    WHATSAPP,
    Messenger,
    named,
    of_instance,
)
from custom_components.carbis_alerts.domain.answers import KEPT, Answers
from custom_components.carbis_alerts.domain.chats import (
    ChatIds,
    chat_id_of,
    is_written_as_phone,
    messenger_title,
)

NUMBER, HIDDEN, OTHER = "79821234567@c.us", "155508384251501@lid", "79990000000@c.us"
GROUP = "120363043968066561@g.us"
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def test_only_people_are_looked_up_and_each_once() -> None:
    chats = ChatIds(WHATSAPP)
    chats.set_chats([NUMBER, GROUP, OTHER])
    assert chats.unknown == [NUMBER, OTHER]
    chats.learn(NUMBER, {HIDDEN})
    assert chats.unknown == [OTHER]
    assert [chats.own(HIDDEN), chats.own(OTHER), chats.own(None)] == [
        NUMBER,
        OTHER,
        None,
    ]


def test_what_is_kept_is_of_chats_that_are_there() -> None:
    before = ChatIds(WHATSAPP)
    before.set_chats([NUMBER, OTHER])
    before.learn(NUMBER, {HIDDEN})
    after = ChatIds(WHATSAPP)
    after.restore(before.as_dict())
    after.set_chats([NUMBER])
    assert after.own(HIDDEN) == NUMBER
    after.set_chats([OTHER])
    assert after.own(HIDDEN) == HIDDEN
    assert after.as_dict() == {}


def test_a_chats_own_id_is_no_other_chats() -> None:
    chats = ChatIds(WHATSAPP)
    chats.set_chats([NUMBER, HIDDEN])
    chats.learn(NUMBER, {HIDDEN})
    assert chats.own(HIDDEN) == HIDDEN


@pytest.mark.parametrize(
    "stored", [{NUMBER: "x"}, {NUMBER: [5, None, "x", GROUP]}, {NUMBER: {}}]
)
def test_what_is_no_id_is_passed_over(stored: dict[str, Any]) -> None:
    chats = ChatIds(WHATSAPP)
    chats.restore(stored)
    chats.set_chats([NUMBER])
    assert chats.own(NUMBER) == NUMBER
    assert chats.own(GROUP) == GROUP


@pytest.mark.parametrize(("after", "counts"), [(0, False), (5, False), (6, True)])
def test_answers_are_restored_and_what_is_none_passed_over(
    after: int, counts: bool
) -> None:
    before = Answers(automatic_count=False)
    before.written(NUMBER, NOW)
    before.written(NUMBER, NOW - timedelta(hours=1))
    before.sent("A")
    before.answered("B", "alert-1")
    before.answered("C", "alert-2")
    before.failed("C")
    answers = Answers(automatic_count=False)
    answers.restore({"written": {"x": "never", "y": 5}, "sent": [1], "answers": "B"})
    answers.restore(before.as_dict())
    at = NOW + timedelta(seconds=after)
    assert answers.is_answer(NUMBER, "X", at, by_api=False) is counts
    assert answers.is_answer(NUMBER, "A", at, by_api=True)
    assert answers.is_answer(OTHER, "X", at, by_api=False)
    assert [answers.answered_by(message) for message in ("B", "C", None)] == [
        "alert-1",
        None,
        None,
    ]


def test_answers_that_a_version_before_stored_are_known_without_what_they_ended() -> (
    None
):
    answers = Answers(automatic_count=False)
    answers.restore({"answers": ["B", 5, {}]})
    assert (answers.answered_by("B"), answers.answered_by("5")) == ("", None)


def test_what_is_kept_of_chats_and_messages_has_a_bound() -> None:
    answers = Answers(automatic_count=False)
    for number in range(KEPT + 5):
        answers.written(str(number), NOW)
        answers.sent(str(number))
    kept = answers.as_dict()
    assert len(kept["written"]) == len(kept["sent"]) == KEPT
    assert not answers.is_answer(str(KEPT), "X", NOW, by_api=False)
    assert answers.is_answer("0", "X", NOW, by_api=False)


def test_a_messenger_is_known_by_its_name() -> None:
    assert {name: row.title for name, row in MESSENGERS.items()} == {
        "whatsapp": "WhatsApp",
        "max": "MAX",
        "telegram": "Telegram",
    }
    assert [messenger_title(name) for name in ("max", None, "x")] == [
        "MAX",
        "WhatsApp",
        "WhatsApp",
    ]
    assert WHATSAPP.number_of("79001234567:12@c.us") == "79001234567"
    assert WHATSAPP.number_of(HIDDEN) is None


@pytest.mark.parametrize(
    ("instance_id", "messenger"),
    [
        ("1101000001", WHATSAPP),
        ("7103000001", WHATSAPP),
        ("3100000001", MAX),
        ("4100000001", TELEGRAM),
        ("5500000001", None),
        # Old instances of WhatsApp have shorter ids, with any beginning.
        ("31012345", None),
        ("410", None),
        ("", None),
        ("31000000011", None),
    ],
)
def test_an_instance_is_of_a_messenger(
    instance_id: str, messenger: Messenger | None
) -> None:
    assert of_instance(instance_id) is messenger


@pytest.mark.parametrize(
    ("said", "messenger"),
    [
        ("v3", MAX),
        (" V3", MAX),
        ("max", MAX),
        ("telegram", TELEGRAM),
        ("whatsapp", WHATSAPP),
        ("viber", None),
        ("", None),
        (None, None),
        (3, None),
    ],
)
def test_the_service_names_its_messenger(
    said: object, messenger: Messenger | None
) -> None:
    assert named(said) is messenger


@pytest.mark.parametrize("messenger", [MAX, TELEGRAM])
@pytest.mark.parametrize("text", ["10000000", " -10000000000000 ", "79821234567"])
def test_where_ids_are_numbers_a_number_is_one(messenger: Messenger, text: str) -> None:
    assert chat_id_of(text, messenger) == text.strip()


@pytest.mark.parametrize("messenger", [MAX, TELEGRAM])
@pytest.mark.parametrize(
    "text", ["+7 982 123-45-67", NUMBER, GROUP, "", "-", "1.5", "--5", "٥٥٥٥٥٥٥٥"]
)
def test_where_ids_are_numbers_nothing_else_is_one(
    messenger: Messenger, text: str
) -> None:
    with pytest.raises(ValueError, match="Neither"):
        chat_id_of(text, messenger)


@pytest.mark.parametrize(
    ("text", "is_phone"),
    [
        ("+79821234567", True),
        ("8 (982) 123-45-67", True),
        ("79821234567", True),
        ("375291234567", True),
        ("10000000", False),
        ("-10000000000000", False),
        ("49301234567", False),
        ("+49 30 1234567", True),
    ],
)
def test_digits_are_a_phone_number_where_they_look_like_one(
    text: str, is_phone: bool
) -> None:
    assert is_written_as_phone(text) is is_phone


@pytest.mark.parametrize("messenger", [MAX, TELEGRAM])
def test_where_ids_hold_no_numbers_who_was_added_by_one_is_looked_up(
    messenger: Messenger,
) -> None:
    chats = ChatIds(messenger)
    chats.set_chats(["10000000", "-5", NUMBER, OTHER])
    assert chats.unknown == [NUMBER, OTHER]
    assert chats.address(NUMBER) == NUMBER
    chats.learn(NUMBER, {"20000000"})
    chats.learn(OTHER, ())
    assert chats.unknown == []
    assert [chats.own("20000000"), chats.address(NUMBER)] == [NUMBER, "20000000"]
    assert [chats.address("10000000"), chats.address("-5")] == ["10000000", "-5"]

    after = ChatIds(messenger)
    after.restore(chats.as_dict())
    after.set_chats([NUMBER, OTHER])
    # Nobody has the other number: that is kept too.
    assert after.unknown == []
    assert after.address(NUMBER) == "20000000"


def test_what_is_kept_of_another_messengers_ids_is_asked_again() -> None:
    before = ChatIds(WHATSAPP)
    before.set_chats([NUMBER])
    before.learn(NUMBER, {HIDDEN})
    after = ChatIds(MAX)
    after.restore(before.as_dict())
    after.set_chats([NUMBER])
    assert after.unknown == [NUMBER]


def test_a_chat_of_whatsapp_is_written_to_by_its_own_id() -> None:
    chats = ChatIds(WHATSAPP)
    chats.set_chats([NUMBER])
    chats.learn(NUMBER, {HIDDEN})
    assert chats.address(NUMBER) == NUMBER


@pytest.mark.parametrize("messenger", [MAX, TELEGRAM])
def test_an_id_that_version_0_1_took_for_a_number_is_one(messenger: Messenger) -> None:
    chats = ChatIds(messenger)
    chats.set_chats(["10000000@c.us"])
    assert chats.unknown == []
    assert chats.own("10000000") == "10000000@c.us"
    assert chats.address("10000000@c.us") == "10000000"
