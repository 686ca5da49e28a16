"""The one reader: what devices write that is no strict JSON costs itself alone."""

import asyncio
import time
from typing import Any

from hypothesis import given, strategies as st
import orjson
import pytest

from custom_components.carbis_alerts.api import json
from custom_components.carbis_alerts.api.charset import decoded
from custom_components.carbis_alerts.api.json import (
    FORGIVEN_WHOLE,
    MAX_FORGIVEN,
    read_json,
    read_long_json,
)

RUSSIAN = '{"text": "Привет, столик №6", "n": 1}'
MEANT = {"text": "Привет, столик №6", "n": 1}

FORGIVEN: list[tuple[bytes, Any]] = [
    (b'"\\ud83d hello"', "\ufffd hello"),
    (b'"\\ude00\\ud83d"', "\ufffd\ufffd"),
    (b'["\\ud83d", "\\ud83d\\ude00"]', ["\ufffd", "😀"]),
    (b'"\xed\xa0\xbd hi"', "\ufffd hi"),
    (b'"\xed\xa0\xbd\xed\xb8\x80"', "😀"),
    (b'"a\tb\nc\x11d\0"', "a\tb\nc\x11d\0"),
    (b"\xef\xbb\xbf\xef\xbb\xbf{}", {}),
    (b"\0{}", {}),
    (b"{}\0", {}),
    (b"{}}}", {}),
    (b"[1]]\r\n", [1]),
    (b"{};", {}),
    (b"[1, 2, ]", [1, 2]),
    (b"[1,,2]", [1, 2]),
    (b'{"a": {"b": [1,],},}', {"a": {"b": [1]}}),
    (b"[NaN, Infinity, -Infinity, nan]", [None] * 4),
    (b"[1e999, -1e999, " + b"9" * 400 + b", 1" + b"0" * 5000 + b"]", [None] * 4),
    (b"[18446744073709551616, NaN]", [1.8446744073709552e19, None]),
    (b"[18446744073709551615, 12.5, -0.5e1, NaN]", [2**64 - 1, 12.5, -5.0, None]),
    (b'{"a": 1, "a": 2,}', {"a": 2}),
    (b'"\\x41 \\\' \\u12"', "x41 ' \ufffd12"),
    (b'"caf\xff"', "caf\ufffd"),
    ('["Привет"'.encode() + b', "\xd0"]', ["Привет", "\ufffd"]),
    ('["Привет", "'.encode() + "Привет".encode("cp1251") + b'"]', ["Привет"] * 2),
]


@pytest.mark.parametrize(("body", "meant"), FORGIVEN)
async def test_what_is_no_strict_json_costs_itself_alone(
    body: bytes, meant: Any
) -> None:
    assert read_json(body) == meant
    padded = body.ljust(FORGIVEN_WHOLE * 5)
    assert await read_long_json(padded) == meant


@pytest.mark.parametrize(
    ("charset", "declared"),
    [
        ("utf-8", None),
        ("utf-8", "windows-1251"),
        ("utf-8-sig", "utf-8"),
        ("cp1251", None),
        ("cp1251", "windows-1251"),
        ("cp1251", "Windows-1251 "),
        ("cp866", "cp866"),
        ("utf-16", None),
        ("utf-16", "utf-16"),
        ("utf-16-le", None),
        ("utf-16-be", "utf-16"),
        ("utf-32", None),
        ("cp1251", "punycode"),
        ("cp1251", "zip"),
        ("cp1251", "no such\0charset"),
    ],
)
async def test_a_charset_is_taken_as_declared_or_as_it_is(
    charset: str, declared: str | None
) -> None:
    body = RUSSIAN.encode(charset)
    assert read_json(body, declared) == MEANT
    several = f"[{','.join([RUSSIAN] * 4_000)}]".encode(charset)
    assert await read_long_json(several, declared) == [MEANT] * 4_000


def test_koi8_r_has_to_be_declared() -> None:
    assert read_json('"Привет"'.encode("koi8-r"), "KOI8-R") == "Привет"


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"  ", b"\0", b"\xef\xbb\xbf", b"x", b"<html>", b"{} {}", b"[1 2]"),
        *(b'{"a": 1', b'{"a": 1,', b'{"a":', b'["a', b'["a\\', b"[1,", b"tru", b"}"),
        *(b'{"a": undefined}', b"{1: 2}", b"\xff\xfe[", b"[" * 2000 + b"]" * 2000),
        *(
            b"[" * 20_000,
            b'{"a":' * 20_000,
            b"]" * 20_000,
            b"," * 20_000,
            b'"\\"' * 9_999,
        ),
    ],
)
async def test_what_ends_too_early_or_means_nothing_is_an_error(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"^"):
        read_json(body)
    with pytest.raises(ValueError, match=r"^"):
        await read_long_json(body.ljust(FORGIVEN_WHOLE * 5))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON)
async def test_any_document_of_python_is_read_with_finite_numbers(
    value: object,
) -> None:
    body = _dumped(value)
    found = read_json(body)
    assert orjson.loads(orjson.dumps(found)) == found
    assert await read_long_json(body.ljust(FORGIVEN_WHOLE * 5)) == found


def _dumped(value: object) -> bytes:
    import json as standard

    return standard.dumps(value).encode()


@given(st.binary(max_size=300), st.sampled_from([None, "cp1251", "utf-16", "koi8-r"]))
async def test_any_bytes_are_a_document_that_can_be_written_or_a_value_error(
    body: bytes, charset: str | None
) -> None:
    "".join(decoded(body, charset)).encode()
    for data in (body, b'{"a": "' + body + b'"}', b'{"a": "' + body + b'",]'):
        try:
            found = read_json(data, charset)
        except ValueError:
            continue
        orjson.dumps(found)


def test_what_is_long_is_read_strictly_alone_where_nobody_gets_a_turn() -> None:
    body = b'["' + b"x" * FORGIVEN_WHOLE + b'",]'
    with pytest.raises(ValueError, match=r"^"):
        read_json(body)
    assert read_json(body.replace(b",]", b"]")) == ["x" * FORGIVEN_WHOLE]


@pytest.mark.parametrize(
    "item",
    [
        b'{"hash":"0x1","code":"waiter_call","name":"\\ud83d"}',
        b'"\t\\x\xff"',
        b"NaN",
        b"[1,]",
        b'"' + b"\\ud83d" * 9_000 + b'"',
        b'"' + b"\xf0" * 60_000 + b'"',
    ],
)
async def test_a_long_document_holds_nobody_up(item: bytes) -> None:
    body = b"[" + b",".join([item] * (300_000 // len(item))) + b",]"
    loop_yield = 0
    task = asyncio.create_task(_read(body))
    began = time.thread_time()
    while not task.done():
        loop_yield += 1
        await asyncio.sleep(0)
    spent = time.thread_time() - began
    assert isinstance(task.result(), list)
    # On the average, by the time of this thread alone: others may be busy.
    assert spent < loop_yield * 0.05 + 0.05


async def _read(body: bytes) -> object:
    return await read_long_json(body)


async def test_what_is_far_too_long_is_not_looked_at_twice() -> None:
    body = b"[0,]".ljust(MAX_FORGIVEN + 1)
    with pytest.raises(ValueError, match=r"^"):
        await read_long_json(body)
    assert await read_long_json(b"[0]".ljust(MAX_FORGIVEN + 1)) == [0]


def test_a_strict_document_is_never_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json, "decoded", None)
    assert read_json('{"a": "Привет"}'.encode(), "windows-1251") == {"a": "Привет"}
