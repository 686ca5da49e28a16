"""Somebody is taken out of documents of any form."""

from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.carbis_alerts.domain.forgetting import (
    ids_meant,
    number_meant,
    texts,
    without,
    without_number,
    without_person,
    without_words,
)

ID = "01PERSON"
TEXTS = st.sampled_from(["a", ID, f"person_{ID}", "01OTHER", "", "79821234567"])
DOCUMENTS = st.recursive(
    TEXTS | st.none() | st.integers(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4)
    ),
    max_leaves=20,
)


@given(st.dictionaries(TEXTS, DOCUMENTS, max_size=5))
def test_nothing_of_whom_is_meant_is_left_and_the_rest_stays(
    document: dict[str, Any],
) -> None:
    is_meant = ids_meant({ID})
    kept, removed = without(document, is_meant)
    assert not any(map(is_meant, texts(kept)))
    assert bool(removed) == any(map(is_meant, texts(document)))
    if not removed:
        assert kept == document
    assert without(kept, is_meant) == (kept, 0)


@pytest.mark.parametrize(
    "text",
    [
        "+79821234567",
        "8 (982) 123-45-67",
        "79821234567@c.us",
        "true_79821234567@c.us_3EB0",
        "Call me: 982 123 45 67, please",
    ],
)
def test_a_number_is_known_in_any_spelling(text: str) -> None:
    assert number_meant("+7 982 123-45-67")(text)


@pytest.mark.parametrize("text", ["", "Anna", "+79827654321", "98212345670", "1234567"])
def test_another_number_is_another(text: str) -> None:
    assert not number_meant("+7 982 123-45-67")(text)


def test_a_short_number_is_meant_whole() -> None:
    is_meant = number_meant("107")
    assert is_meant("extension_107")
    assert not is_meant("1070")
    with pytest.raises(ValueError, match="No telephone number"):
        number_meant("Anna")


def test_a_namesake_keeps_what_is_his() -> None:
    mine = {"alert_id": "1", "by": "Anna", "person_id": ID, "title": "Anna"}
    old = {"alert_id": "2", "by": "Anna", "person_id": None, "title": "6"}
    others = {"alert_id": "3", "by": "Anna", "person_id": "01OTHER", "title": "7"}
    stored = {"alerts": {"alerts": [mine, old, others]}}
    kept, removed = without_person(stored, ID, {"Anna"})
    nobodys = {"by": None, "person_id": None}
    assert kept["alerts"]["alerts"] == [{**mine, **nobodys}, {**old, **nobodys}, others]
    assert removed == 2


def test_the_tills_waiter_of_that_name_is_gone_and_guests_of_that_name_are_not() -> (
    None
):
    stored = {
        "alerts": {"alerts": [{"alert_id": "1", "by": None, "title": "Anna"}]},
        "waiters": {
            "seen": [["7", "Anna"], ["8", "Boris"]],
            "orders": [
                ["1", "table 6", "7", "Anna", 5],
                ["2", "table 7", "8", "Boris", 5],
            ],
        },
    }
    kept, removed = without_person(stored, ID, {"Anna"})
    assert kept["alerts"] == stored["alerts"]
    assert kept["waiters"] == {
        "seen": [["8", "Boris"]],
        "orders": [["2", "table 7", "8", "Boris", 5]],
    }
    assert removed == 2


def test_what_others_were_sent_stays_without_the_name() -> None:
    document = {"text": "Anna, 14 s", "other": "Annabel", "rows": [["Anna"], ["x"]]}
    kept = {"text": "—, 14 s", "other": "Annabel", "rows": [["—"], ["x"]]}
    assert without_words(document, {"Anna"}) == (kept, 2)


def test_an_alert_on_its_way_to_others_stays() -> None:
    others = {"person_id": "01OTHER", "token": "2"}
    climb = {
        "alert_id": "1",
        "declined": [ID],
        "deliveries": [{"person_id": ID}, others],
    }
    kept, removed = without({"climbs": [climb]}, ids_meant({ID}))
    assert kept == {
        "climbs": [{"alert_id": "1", "declined": [], "deliveries": [others]}]
    }
    assert removed == 2


def test_who_only_mentions_a_number_goes_on_to_wait() -> None:
    own = {"alert_id": "1", "key": "79821234567", "title": "Anna", "text": None}
    other = {
        "alert_id": "2",
        "key": "79827654321",
        "title": "B",
        "text": "+79821234567",
    }
    stored = {
        "alerts": {
            "alerts": [own, other],
            "waits_today": {"waits": [[3.0, "+79821234567"], [4.0, "B"]]},
        }
    }
    kept, removed = without_number(stored, number_meant("+79821234567"))
    assert kept["alerts"]["alerts"] == [{**other, "text": None}]
    assert kept["alerts"]["waits_today"]["waits"] == [[3.0, ""], [4.0, "B"]]
    assert removed == 2
