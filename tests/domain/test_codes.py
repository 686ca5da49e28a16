"""Codes that are a menu's own."""

from typing import Any

import pytest

from custom_components.carbis_alerts.api.fields import as_code
from custom_components.carbis_alerts.domain.codes import (
    ENOUGH,
    MAX_ASKED,
    MAX_CODES,
    Meaning,
    SeenCodes,
    meanings_of,
    rows_of,
)


def times(codes: SeenCodes, code: str | None, count: int) -> list[bool]:
    """Return what comes of an unknown code that comes so often."""
    return [codes.note(code, is_unknown=True) for _ in range(count)]


def again(codes: SeenCodes, *answered: str) -> SeenCodes:
    """Return the codes after a restart."""
    restored = SeenCodes(answered)
    restored.restore(codes.as_list())
    return restored


def test_its_owner_is_asked_once_what_a_code_means() -> None:
    codes = SeenCodes(())
    assert times(codes, "bill", 2) == [False, False]
    codes = again(codes)
    assert codes.asked == []
    assert times(codes, "bill", 3) == [True, False, False]
    codes = again(codes)
    assert codes.asked == codes.all == ["bill"]
    codes.answer("bill")
    assert codes.asked == []
    assert times(codes, "bill", 9) == [False] * 9
    # The meaning was taken back: they know where it stands.
    codes = again(again(codes, "bill"))
    assert not any(times(codes, "bill", 9))
    assert codes.all == ["bill"]


def test_what_is_answered_in_the_options_is_no_longer_asked() -> None:
    codes = SeenCodes(())
    times(codes, "bill", ENOUGH)
    codes = again(codes, "bill")
    assert codes.asked == []
    assert codes.all == ["bill"]


@pytest.mark.parametrize("code", [None, "waiter_call", "online_payment"])
def test_what_is_known_is_never_asked(code: str | None) -> None:
    codes = SeenCodes(())
    assert not any(times(codes, code, 9))
    assert codes.all == []


def test_what_explains_itself_is_proposed_and_not_asked() -> None:
    codes = SeenCodes(())
    assert not any(codes.note("add_dishes", is_unknown=False) for _ in range(9))
    assert codes.all == ["add_dishes"]


def test_whoever_sends_any_code_asks_little() -> None:
    codes = SeenCodes(("mine",))
    times(codes, "mine", 1)
    for number in range(1_000):
        times(codes, f"code {number}", ENOUGH)
    assert len(codes.all) == MAX_CODES
    assert codes.asked == [f"code {number}" for number in range(MAX_ASKED)]
    assert "mine" in codes.all
    codes.answer("code 0")
    assert times(codes, "code 999", 1) == [True]


@pytest.mark.parametrize(
    "stored", [None, "x", {}, [None], [["a"], ["a", "b", 0, 0], [1, 1, 1, 1], [""]]]
)
def test_what_is_no_code_is_not_taken_over(stored: object) -> None:
    codes = SeenCodes(())
    codes.restore(stored)
    assert codes.all == []


@pytest.mark.parametrize(
    ("stored", "rows"),
    [
        (None, []),
        ("x", []),
        ({"code": "a", "meaning": "ignore"}, []),
        ([None, "a", {}, {"code": "a"}, {"code": "", "meaning": "ignore"}], []),
        ([{"code": "a", "meaning": "no such"}, {"code": "a", "meaning": None}], []),
        (
            [{"code": " a ", "meaning": "ignore"}, {"code": 5, "meaning": "ignore"}],
            [{"code": "a", "meaning": "ignore"}, {"code": "5", "meaning": "ignore"}],
        ),
        (
            [
                {"code": "a", "meaning": "ignore"},
                {"code": "a", "meaning": "bill_request", "more": 1},
            ],
            [{"code": "a", "meaning": "bill_request"}],
        ),
    ],
)
def test_rows_are_read_whatever_was_stored(stored: Any, rows: Any) -> None:
    assert rows_of(stored) == rows


@pytest.mark.parametrize("said", ["x" * 5_000, "ё" * 120, "a\nb\u200b", "😀" * 80])
def test_a_code_as_it_arrives_has_its_meaning(said: str) -> None:
    code = as_code(said)
    assert code is not None
    assert meanings_of([{"code": code, "meaning": "ignore"}]) == {code: Meaning.IGNORE}
    codes = SeenCodes(())
    times(codes, code, 1)
    assert again(codes).all == [code]


def test_what_is_known_means_what_it_says() -> None:
    rows = [
        {"code": "waiter_call", "meaning": "ignore"},
        {"code": "online_payment", "meaning": "waiter_call"},
        {"code": "bill", "meaning": "bill_request"},
    ]
    assert meanings_of(rows) == {"bill": Meaning.BILL_REQUEST}
