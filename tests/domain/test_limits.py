"""What a service may put into the site: how large, how fast, in which signs."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, strategies as st
import orjson
import pytest

from custom_components.carbis_alerts.api.texts import shortened
from custom_components.carbis_alerts.domain.events import Event, EventType, Source
from custom_components.carbis_alerts.domain.limits import (
    MAX_EVENT,
    fitted,
    one_line,
    size,
)

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=15,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Anything(Event):
    """An event whose fields may be anything."""

    source = Source.QR_MENU
    type = EventType.OTHER
    entity = "activity"

    text: Any = None
    dishes: Any = None
    sum: Any = None


def event(code: str | None = "x", **data: Any) -> Anything:
    time = datetime(2026, 11, 22, tzinfo=UTC)
    return Anything(code=code, event_id="1", time=time, **data)


def length(found: Event) -> int:
    return len(orjson.dumps({**found.own(), "code": found.code}))


@given(st.dictionaries(st.text(max_size=5), ANYTHING, max_size=5))
def test_an_event_of_a_usual_size_stays_as_it_is(data: dict[str, Any]) -> None:
    given_event = event(raw=data)
    assert fitted(given_event) is given_event


@given(
    st.dictionaries(st.sampled_from(["text", "raw", "dishes", "sum"]), ANYTHING),
    st.integers(1, 5_000),
)
def test_any_event_fits(data: dict[str, Any], times: int) -> None:
    large: dict[str, Any] = {key: [value] * times for key, value in data.items()}
    found = fitted(event(**large))
    assert length(found) <= MAX_EVENT


@pytest.mark.parametrize(
    "data",
    [
        {"text": "ё" * 1_000_000},
        {"text": "\x00" * 1_000_000},
        {"raw": {str(number): "😀" * 100_000 for number in range(15)}},
        {"raw": {"x" * 100_000: {"y" * 100_000: 1}}},
        {
            "raw": {
                str(n): {str(m): ["z" * 99] * 99 for m in range(99)} for n in range(9)
            }
        },
        {"dishes": [{"name": "Борщ", "modifiers": [{"name": "x" * 999}] * 9}] * 999},
    ],
    ids=["text", "controls", "texts", "keys", "deep", "dishes"],
)
def test_the_largest_event_fits(data: dict[str, Any]) -> None:
    found = fitted(event(code="c" * 1_000_000, **data))
    assert length(found) <= MAX_EVENT
    assert found.code is not None
    assert found.code.startswith("c")
    assert size(found) <= MAX_EVENT


def test_a_long_message_is_kept_as_far_as_it_fits() -> None:
    text = "Добрый день! " * 2_000
    cut = fitted(event(text=text)).text
    assert len(cut) >= 5_000
    assert text.startswith(cut.removesuffix("…"))
    assert cut.endswith("…")
    short = "Добрый день! " * 900
    assert fitted(event(text=short)).text == short


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("6", "6"),
        ("  Столик\n6\t ", "Столик 6"),
        ("\x1b[31mred\x07", "[31mred"),
        ("a\x00b\x7fc\x9bd", "abcd"),
        ("\u202eelbat\u202c", "elbat"),
        ("\u2066x\u2069", "x"),
        ("👨‍👩‍👧 семья", "👨‍👩‍👧 семья"),
        ("شاي", "شاي"),
        ("{{ states() }}<b>", "{{ states() }}<b>"),
        ("\u202e", ""),
    ],
)
def test_a_name_is_one_line_that_leaves_the_others_alone(name: str, line: str) -> None:
    assert one_line(name) == line


def test_what_is_cut_says_so() -> None:
    assert shortened("abc", 3) == "abc"
    assert shortened("abcd", 3) == "ab…"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("6\u200e", "6"),
        ("\u200fVIP\u061c \u200b2\ufeff", "VIP 2"),
        ("a\u200db\u200cc\u2060d\xade", "abcde"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("🧑🏽\u200d🍳 ❤\ufe0f\u200d🔥", "🧑🏽\u200d🍳 ❤\ufe0f\u200d🔥"),
        ("🏴\U000e0067\U000e0062\U000e007f", "🏴\U000e0067\U000e0062\U000e007f"),
        ("6\U000e0067\U000e0062", "6"),
    ],
)
def test_a_sign_that_nobody_sees_is_not_part_of_a_name(text: str, shown: str) -> None:
    assert one_line(text) == shown
