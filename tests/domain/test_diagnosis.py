"""What may stand in the diagnostics file, whatever is handed in."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.carbis_alerts.api.fields import shape
from custom_components.carbis_alerts.domain.diagnosis import (
    KEYS,
    MAX_KEYS,
    NOT_JSON,
    OTHER,
    TYPES,
    Schema,
    allowed,
    clock,
    count,
    counts,
    flag,
    form,
    is_set,
    length,
    listed,
    moment,
    nested,
    number,
    word,
)

SCHEMA: Schema = {
    "count": count,
    "number": number,
    "flag": flag,
    "is_set": is_set,
    "length": length,
    "moment": moment,
    "clock": clock,
    "word": word("known", "words"),
    "listed": listed(nested({"code": word("known"), "shape": form})),
    "counts": counts("known"),
    "form": form,
}
OURS = {*SCHEMA, *KEYS, *TYPES, OTHER, NOT_JSON, "known", "words", "code", "shape"}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def texts(value: object) -> Iterator[str]:
    """Yield all texts in a document, keys too."""
    match value:
        case str():
            yield value
        case dict():
            for key in value:
                yield key
                yield from texts(value[key])
        case list():
            for item in value:
                yield from texts(item)


@given(st.dictionaries(st.sampled_from(sorted(SCHEMA)), ANYTHING))
def test_whatever_is_handed_in_only_words_of_ours_come_out(given: Any) -> None:
    made = allowed(SCHEMA, given)
    assert made.keys() == SCHEMA.keys()
    # What is a moment or a time of day has no other form than theirs.
    times = {str(made.pop("moment")), str(made.pop("clock"))}
    assert all(set(text) <= set("0123456789-:+TNone") for text in times)
    assert {text for text in texts(made) if not text.startswith("?")} <= OURS
    assert all(text[1:].isdigit() for text in texts(made) if text.startswith("?"))


@given(ANYTHING)
def test_a_form_has_no_key_that_anybody_may_have_written(document: Any) -> None:
    found = [*texts(form(shape(document)))]
    assert {text for text in found if not text.startswith("?")} <= OURS


def test_a_form_shows_how_a_document_is_made() -> None:
    document: Any = {
        "table": 6,
        "Ivanov": "x",
        "+79001234567": {"name": "Anna", "host.example": None},
        "dishes": [{"price": 1.5}, {}],
    }
    assert form(shape(document)) == {
        "?1": {"?1": "NoneType", "name": "str"},
        "?2": "str",
        "dishes": [{"price": "float"}],
        "table": "int",
    }
    assert form("not JSON: text") == NOT_JSON
    assert form("something else") == OTHER
    assert len(form(dict.fromkeys(map(str, range(1000)), "str")) or "") == MAX_KEYS  # type: ignore[arg-type] # an object


@pytest.mark.parametrize(
    ("kind", "value", "made"),
    [
        (count, 5, 5),
        (count, True, None),
        (count, "5", None),
        (count, 79_001_234_567_000, None),
        (number, 1.23456, 1.235),
        (number, float("nan"), None),
        (number, float("inf"), None),
        (flag, 1, None),
        (flag, False, False),
        (is_set, "secret", True),
        (is_set, None, False),
        (length, ["+79001234567"], 1),
        (moment, datetime(2026, 1, 1, tzinfo=UTC), "2026-01-01T00:00:00+00:00"),
        (moment, "Anna", None),
        (clock, "06:00:00", "06:00:00"),
        (clock, "Anna", None),
        (word("a"), "a", "a"),
        (word("a"), "Anna", OTHER),
        (word("a"), None, None),
        (word("a"), ["a"], OTHER),
        (counts("a"), {"a": 2, "Anna": 1, "Boris": 3}, {"a": 2, OTHER: 4}),
        (listed(count), [1, "Anna"], [1, None]),
        (listed(count), "Anna", []),
    ],
)
def test_each_kind_of_field_takes_what_is_of_it(
    kind: Any, value: object, made: object
) -> None:
    assert kind(value) == made
