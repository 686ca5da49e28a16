"""Fields of JSON that may hold anything."""

from hashlib import sha256
from typing import Any

from hypothesis import given, strategies as st
import orjson
import pytest

from custom_components.carbis_alerts.api.fields import (
    MAX_ID_LENGTH,
    MAX_RAW,
    as_amount,
    as_code,
    as_id,
    as_key,
    as_list,
    as_name,
    as_number,
    as_object,
    as_text,
    as_url,
    as_words,
    digest,
    prune,
    shape,
)
from custom_components.carbis_alerts.api.types import Json

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
)


def nest(depth: int, core: Json = None) -> Json:
    """Return a value within so many objects and lists, by turns."""
    for level in range(depth):
        core = {"deeper": core} if level % 2 else [core]
    return core


@pytest.mark.parametrize("value", [None, True, 0, 1.5, "text", "", [], [{}]])
def test_what_is_no_object_is_an_empty_one(value: Json) -> None:
    assert as_object(value) == {}


def test_an_object_stays_as_it_is() -> None:
    assert as_object({"a": None}) == {"a": None}


@pytest.mark.parametrize("value", [None, True, 0, 1.5, "text", "", {}, {"a": []}])
def test_what_is_no_list_is_an_empty_one(value: Json) -> None:
    assert as_list(value) == []


def test_a_list_stays_as_it_is() -> None:
    assert as_list([None, {}]) == [None, {}]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("6", "6"),
        ("  Терраса 6 \n", "Терраса 6"),
        ("🍽️ 6", "🍽️ 6"),
        ("ы" * 4_000, "ы" * 4_000),
        ("ы" * 10_000, "ы" * 3_999 + "…"),
        ("", None),
        (" \t\n", None),
        (6, "6"),
        (0, "0"),
        (-1, "-1"),
        (6.0, "6"),
        (-0.0, "0"),
        (6.5, "6.5"),
        (2**64 - 1, "18446744073709551615"),
        (1e22, "10000000000000000000000"),
        (float("nan"), None),
        (float("inf"), None),
        (float("-inf"), None),
        (True, None),
        (False, None),
        (None, None),
        ([], None),
        (["6"], None),
        ({"name": "6"}, None),
    ],
)
def test_a_text_is_a_text_or_a_number(value: Json, text: str | None) -> None:
    assert as_text(value) == text


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (12, 12.0),
        (0, 0.0),
        (12.5, 12.5),
        (-3, -3.0),
        (10**15, 1e15),
        (10**15 + 1, None),
        (2**64 - 1, None),
        (10**400, None),
        (1e308, None),
        (-1e308, None),
        ("12", 12.0),
        ("12.50", 12.5),
        ("12,50", 12.5),
        (" 1 234,50 ", 1234.5),
        ("1\u00a0234\u202f567.5", 1234567.5),
        ("-7", -7.0),
        ("1e3", 1000.0),
        ("", None),
        ("   ", None),
        ("free", None),
        ("12 ₽", None),
        ("1,234.50", None),
        ("1_000", None),
        ("0x10", None),
        ("nan", None),
        ("NaN", None),
        ("inf", None),
        ("-Infinity", None),
        ("1e999", None),
        ("9" * 5000, None),
        (float("nan"), None),
        (float("inf"), None),
        (float("-inf"), None),
        (True, None),
        (False, None),
        (None, None),
        ([12], None),
        ({"sum": 12}, None),
    ],
)
def test_a_number_is_a_finite_number_or_a_text_of_one(
    value: Json, number: float | None
) -> None:
    assert as_number(value) == number


@pytest.mark.parametrize(
    ("value", "name", "id_", "key", "words"),
    [
        ("6", "6", "6", "6", "6"),
        (6.0, "6", "6", "6", "6"),
        (" 6\u200e ", "6", "6\u200e", "6\u200e", " 6\u200e "),
        ("x" * 100, "x" * 100, "x" * 100, "x" * 100, "x" * 100),
        ("x" * 200, "x" * 99 + "…", "x" * 200, "x" * 200, "x" * 200),
        ("x" * 201, "x" * 99 + "…", None, sha256(b"x" * 201).hexdigest(), "x" * 201),
        (
            "x" * 5000,
            "x" * 99 + "…",
            None,
            sha256(b"x" * 5000).hexdigest(),
            "x" * 4000,
        ),
        ("ы" * 200, "ы" * 99 + "…", "ы" * 200, "ы" * 200, "ы" * 200),
        (
            "😀" * 101,
            "😀" * 99 + "…",
            None,
            sha256(("😀" * 101).encode()).hexdigest(),
            "😀" * 101,
        ),
        (
            "a\x00\x1bb\r\n\tc",
            "ab c",
            "a\x00\x1bb\r\n\tc",
            "a\x00\x1bb\r\n\tc",
            "ab\r\n\tc",
        ),
        (" ", None, None, None, None),
        ("\u200b", None, "\u200b", "\u200b", "\u200b"),
        ("\x00", None, "\x00", "\x00", None),
        (10**400, None, None, None, None),
        (True, None, None, None, None),
        ({}, None, None, None, None),
    ],
)
def test_a_text_is_cut_by_what_it_is(
    value: Json, name: str | None, id_: str | None, key: str | None, words: str | None
) -> None:
    assert as_name(value) == name
    assert as_id(value) == id_
    assert as_key(value) == key
    assert as_words(value) == words


@pytest.mark.parametrize(
    ("code", "kept"),
    [
        ("+7 (982) 123-45-67\u200e", "+7 (982) 123-45-67"),
        ("x" * 200, "x" * 200),
        ("ы" * 200, "ы" * 200),
        ("x" * 201, "x" * 180 + "…"),
        ("😀" * 101, "😀" * 80 + "…"),
    ],
)
def test_a_code_that_is_cut_is_still_distinguished(code: str, kept: str) -> None:
    found = as_code(code)
    assert found is not None
    assert found.startswith(kept)
    assert len(found) <= MAX_ID_LENGTH
    other = as_code(f"{code[:-1]}!")
    assert other is not None
    assert other != found


@pytest.mark.parametrize("value", [1e9 + 1, -1e10, 1e308, "1e12", float("nan")])
def test_what_no_restaurant_has_is_no_sum(value: Json) -> None:
    assert as_amount(value) is None
    assert as_amount(1e9) == 1e9


def test_two_keys_of_few_bytes_are_two() -> None:
    long = "Терраса " * 9
    assert as_key("6", 20) == "6"
    assert as_key(long, 20) == sha256(long.strip().encode()).hexdigest()


@given(
    st.recursive(
        SCALARS | st.text(max_size=3_000),
        lambda inner: (
            st.lists(inner, max_size=300)
            | st.dictionaries(st.text(max_size=300), inner, max_size=300)
        ),
        max_leaves=600,
    ),
    st.sampled_from([2_000, MAX_RAW]),
)
def test_what_is_pruned_has_a_size(value: Json, most: int) -> None:
    assert len(orjson.dumps(prune(value, most=most))) <= most


@pytest.mark.parametrize(
    "value",
    [
        {str(number): "😀" * 4_000 for number in range(99)},
        {"\x00" * 999 + str(number): "\x00" * 9_999 for number in range(99)},
        {"x" * 100_000: {"y" * 100_000: 1}},
        [[0.1 + 0.2] * 9_999] * 99,
        [{}] * 99_999,
        [[None] * 9, [True] * 9_999],
    ],
    ids=["emoji", "controls", "keys", "numbers", "objects", "words"],
)
def test_the_largest_object_has_a_size(value: Json) -> None:
    assert 200 < len(orjson.dumps(prune(value))) <= MAX_RAW


@given(
    st.recursive(
        SCALARS,
        lambda inner: st.dictionaries(
            st.text(min_size=60, max_size=80), inner, max_size=30
        ),
        max_leaves=300,
    )
)
def test_a_shape_has_a_size(value: Json) -> None:
    assert len(orjson.dumps(shape(value))) <= 20_000


@pytest.mark.parametrize(
    ("value", "url"),
    [
        (" https://host/x ", "https://host/x"),
        ("https://host/".ljust(2000, "x"), "https://host/".ljust(2000, "x")),
        ("https://host/".ljust(2001, "x"), None),
        ("javascript:alert(1)", None),
        (7, None),
    ],
)
def test_an_address_is_whole_or_none(value: Json, url: str | None) -> None:
    assert as_url(value) == url


def test_texts_of_an_object_are_cut_and_their_hash_is_of_all() -> None:
    one: Json = {"k" * 300: "x" * 5000}
    other: Json = {"k" * 300: "x" * 4999 + "y"}
    assert prune(one) == prune(other) == {"k" * 99 + "…": "x" * 3999 + "…"}
    assert digest(one) != digest(other)


@pytest.mark.parametrize("depth", [0, 1, 19, 20])
def test_what_is_nested_a_little_is_kept_whole(depth: int) -> None:
    assert prune(nest(depth, "core")) == nest(depth, "core")


@pytest.mark.parametrize("depth", [21, 22, 1000])
def test_what_is_nested_too_deeply_is_cut_and_can_be_serialised(depth: int) -> None:
    pruned = prune(nest(depth, "core"))
    text = orjson.dumps(pruned).decode()
    assert "…" in text
    assert "core" not in text


def test_pruning_leaves_the_value_itself_alone() -> None:
    value: dict[str, Any] = {"a": [{"b": 1}]}
    assert prune(value, depth=1) == {"a": "…"}
    assert value == {"a": [{"b": 1}]}


@given(
    st.recursive(
        SCALARS,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.text(max_size=5), inner, max_size=3)
        ),
        max_leaves=10,
    )
)
def test_pruning_changes_nothing_that_is_nested_less(value: Json) -> None:
    assert prune(value, depth=50) == value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "NoneType"),
        (True, "bool"),
        (1, "int"),
        (1.5, "float"),
        ("secret", "str"),
        ([], []),
        ({}, {}),
        (["secret", 1], ["str"]),
        ({"b": 1, "a": "secret"}, {"a": "str", "b": "int"}),
        ({"a": {"b": {"c": {"d": "secret"}}}}, {"a": {"b": {"c": "dict"}}}),
        ([[[["secret"]]]], [[["list"]]]),
        ({"k" * 100: 1}, {"k" * 40: "int"}),
        (
            {f"{key:02}": 1 for key in range(30)},
            {f"{key:02}": "int" for key in range(20)},
        ),
    ],
)
def test_a_shape_is_keys_and_types_without_values(value: Json, expected: Json) -> None:
    assert shape(value) == expected
