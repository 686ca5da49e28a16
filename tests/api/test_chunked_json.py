"""A document parsed in slices means the same as one parsed at once."""

from hypothesis import given, strategies as st
import orjson
import pytest

from custom_components.carbis_alerts.api.chunked_json import parse_in_slices

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


async def test_duplicate_keys_mean_the_last_and_long_numbers_what_they_do() -> None:
    body = b'{"a": 1, "a": [2], "n": ' + b"9" * 400 + b"}"
    try:
        expected = orjson.loads(body)
    except ValueError:
        with pytest.raises(ValueError, match=r"^"):
            await parse_in_slices(body)
    else:
        assert await parse_in_slices(body) == expected
