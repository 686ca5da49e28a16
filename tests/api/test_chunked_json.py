"""A document parsed in slices means the same as one parsed at once."""

from typing import cast, override
from unittest.mock import patch

from hypothesis import given, strategies as st
import orjson
import pytest

from custom_components.carbis_alerts.api import chunked_json
from custom_components.carbis_alerts.api.chunked_json import (
    LET_GO,
    MAX_TEXT,
    STEP,
    let_go_in_slices,
    parse_in_slices,
)
from custom_components.carbis_alerts.api.intake import LoopYield
from custom_components.carbis_alerts.api.types import Json

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON, st.sampled_from([0, orjson.OPT_INDENT_2]))
async def test_any_document_means_the_same(value: object, option: int) -> None:
    body = orjson.dumps(value, option=option)
    assert await parse_in_slices(body) == orjson.loads(body)


@given(JSON, st.data())
async def test_any_document_with_a_flaw_means_the_same_or_nothing(
    value: object, data: st.DataObject
) -> None:
    body = orjson.dumps({"x": [value]})
    at = data.draw(st.integers(0, len(body)))
    flawed = body[:at] + data.draw(st.binary(max_size=2)) + body[at + 1 :]
    try:
        expected = orjson.loads(flawed)
    except ValueError:
        with pytest.raises(ValueError, match=r"^"):
            await parse_in_slices(flawed)
    else:
        assert await parse_in_slices(flawed) == expected


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{} {}",
        b"[1,]",
        b"[1 2]",
        b'{"a" 1}',
        b'{"a": 1,}',
        b"{1: 2}",
        b"[NaN]",
        b"[[[[NaN]]]]",
        b'{"a": "\\ud800"}',
        b'["\xff"]',
        b"[" * 100_000,
        b"[" * 1100 + b"]" * 1100,
    ],
)
async def test_what_is_no_json_is_an_error(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"^"):
        await parse_in_slices(body)


@pytest.mark.parametrize(
    "unit", ["x", "Ё", r"\"", r"\\", r"\u0451", r"\ud83d\ude00", r"a\\\ud83d\ude00"]
)
@pytest.mark.parametrize(
    "shift",
    # Wherever within the longest of them a step ends.
    [0, 6, 12, *(pytest.param(n, marks=pytest.mark.slow) for n in range(13) if n % 6)],
)
async def test_of_a_text_that_nobody_reads_to_its_end_the_beginning_is_kept(
    unit: str, shift: int
) -> None:
    long = "." * shift + unit * (3 * MAX_TEXT // len(unit))
    body = f'{{"a": "{long}", "{long}": 1, "b": [2]}}'.encode()
    document = await parse_in_slices(body)
    assert isinstance(document, dict)
    first, second, last = document
    assert (first, last, document[last]) == ("a", "b", [2])
    whole: str = orjson.loads(f'"{long}"')
    for kept in (document[first], second):
        assert isinstance(kept, str)
        assert whole.startswith(kept)
        assert len(kept) > 4_000


async def test_a_long_text_is_read_in_steps_and_must_end() -> None:
    given = 0

    class Counting(LoopYield):
        @override
        async def give(self) -> None:
            nonlocal given
            given += 1

    body = '["' + r"\"" * MAX_TEXT + '"]'
    await parse_in_slices(body.encode(), Counting())
    assert given > 2 * MAX_TEXT / STEP
    for flaw in ("", "\\", '"', "]"):
        with pytest.raises(ValueError, match=r"^"):
            await parse_in_slices((body[:-2] + flaw).encode())


@given(
    st.lists(st.sampled_from(["ab", r"\\", r"\n", r"\u0041", r"\ud83d\ude00", r"\""])),
    st.integers(0, 80),
)
async def test_a_long_text_is_cut_between_two_characters(
    parts: list[str], kept: int
) -> None:
    text = "".join(parts)
    with patch.multiple(chunked_json, STEP=7, MAX_TEXT=kept, WINDOWS=(0, 0)):
        (value,) = cast(list[str], await parse_in_slices(f'["{text}"]'.encode()))
    whole: str = orjson.loads(f'"{text}"')
    assert whole.startswith(value)
    # A character is written with twelve signs at most.
    assert value == whole or len(value) >= (kept - 24) / 12


async def test_a_long_list_is_let_go_in_pieces_and_what_is_held_of_it_stays() -> None:
    yields = 0

    class Counting(LoopYield):
        @override
        async def give(self) -> None:
            nonlocal yields
            yields += 1

    event: Json = {"hash": "0x1", "dishes": [1, 2]}
    items: list[Json] = [{"n": number} for number in range(2 * LET_GO)]
    document: Json = {"result": True, "data": {"updates": [*items, event]}}
    by_number: Json = {"data": {"updates": {"0": event}}}
    documents: list[Json] = [document, by_number, None, "x", [[1], [2]]]
    for given_document in documents:
        await let_go_in_slices(given_document, Counting())
    assert document == {"result": True, "data": {"updates": []}}
    assert yields == 3 + 1
    assert event == {"hash": "0x1", "dishes": [1, 2]}


async def test_duplicate_keys_mean_the_last_and_long_numbers_what_they_do() -> None:
    body = b'{"a": 1, "a": [2], "n": ' + b"9" * 400 + b"}"
    try:
        expected = orjson.loads(body)
    except ValueError:
        with pytest.raises(ValueError, match=r"^"):
            await parse_in_slices(body)
    else:
        assert await parse_in_slices(body) == expected
