"""Parse a long JSON document in slices, so that the event loop is not held up."""

from contextlib import suppress
from json import JSONDecoder
import re
from typing import Final

import orjson

from .intake import LoopYield
from .types import Json

# Characters of a list or an object that are parsed at one go; longer ones are taken
# apart. The first is what most have, the second what takes a few milliseconds.
WINDOWS: Final = (4 * 1024, 128 * 1024)
# How deep something that long may be nested.
LEVELS: Final = 100
# Finds where a value ends; what it means is always said by orjson.
DECODER: Final = JSONDecoder()
WHITESPACE: Final = re.compile(r"[ \t\n\r]*")
# Characters that are kept of a text: nobody reads more, and to take one apart takes long.
MAX_TEXT: Final = 1024 * 1024
# Characters of a text that are looked at in one step.
STEP: Final = 64 * 1024
_TEXT: Final = re.compile(r'(?:[^"\\]++|\\.)*+', re.DOTALL)
# Items of a list that are let go at one go.
LET_GO: Final = 1_000
# Characters at the end in which an escape, and the half of a pair before it, may begin.
CUT_OFF: Final = 12
# The first half of a pair whose second may have been cut off.
_HALF: Final = re.compile(r"(?<!\\)((?:\\\\)*)\\u[dD][89abAB][0-9a-fA-F]{2}\Z")
# An escape that may have been cut off within.
_ESCAPE: Final = re.compile(r"(?<!\\)((?:\\\\)*)\\u[0-9a-fA-F]{0,3}\Z")


async def parse_in_slices(body: bytes, loop_yield: LoopYield | None = None) -> Json:
    """Return what ``orjson.loads`` returns, or raise ``ValueError`` as it does.

    Of texts that are longer than anybody reads the beginning is returned.
    """
    text = body.decode()
    value, end = await parse_text_in_slices(
        text, _skip(text, 0), loop_yield or LoopYield()
    )
    if _skip(text, end) != len(text):
        raise ValueError("something follows the document")
    return value


async def parse_text_in_slices(
    text: str, at: int, loop_yield: LoopYield
) -> tuple[Json, int]:
    """Return the document that begins there, and where it ends."""
    try:
        return await _value(text, at, LEVELS, loop_yield)
    except RecursionError:
        raise ValueError("nested too deeply") from None


async def let_go_in_slices(
    document: Json, loop_yield: LoopYield, levels: int = 2
) -> None:
    """Empty the long lists of a document that is done with, so many levels within it.

    What is in them may be a million objects, and to free them takes as long as others
    wait. What somebody else still holds of it stays as it is.
    """
    match document:
        case dict() if levels:
            for item in document.values():
                await let_go_in_slices(item, loop_yield, levels - 1)
        case list():
            while document:
                await loop_yield.give()
                del document[-LET_GO:]


async def _value(
    text: str, at: int, levels: int, loop_yield: LoopYield
) -> tuple[Json, int]:
    """Return the value that begins here, and where it ends."""
    await loop_yield.give()
    opening = text[at : at + 1]
    if opening not in ("{", "[", '"'):
        return _whole(text, at)
    for window in WINDOWS:
        piece = text[at : at + window]
        with suppress(ValueError):
            value, end = _whole(piece, 0)
            return value, at + end
        if len(piece) < window:
            raise ValueError("not JSON")
    if opening == '"':
        return await _long_text(text, at, loop_yield)
    if not levels:
        raise ValueError("nested too deeply")
    if opening == "{":
        return await _object(text, at, levels, loop_yield)
    return await _list(text, at, levels, loop_yield)


async def _object(
    text: str, at: int, levels: int, loop_yield: LoopYield
) -> tuple[Json, int]:
    result: dict[str, Json] = {}
    at = _skip(text, at + 1)
    if text[at : at + 1] == "}":
        return result, at + 1
    while True:
        key, at = await _value(text, at, 0, loop_yield)
        at = _skip(text, at)
        if not isinstance(key, str) or text[at : at + 1] != ":":
            raise ValueError("not an object")
        at = _skip(text, at + 1)
        result[key], at = await _value(text, at, levels - 1, loop_yield)
        at, is_last = _separator(text, at, "}")
        if is_last:
            return result, at


async def _list(
    text: str, at: int, levels: int, loop_yield: LoopYield
) -> tuple[Json, int]:
    result: list[Json] = []
    at = _skip(text, at + 1)
    if text[at : at + 1] == "]":
        return result, at + 1
    while True:
        item, at = await _value(text, at, levels - 1, loop_yield)
        result.append(item)
        at, is_last = _separator(text, at, "]")
        if is_last:
            return result, at


async def _long_text(text: str, at: int, loop_yield: LoopYield) -> tuple[str, int]:
    """Return the beginning of a text, and where the text ends."""
    kept = end = at + 1
    while text[end : end + 1] != '"':
        await loop_yield.give()
        found = _TEXT.match(text, end, end + STEP)
        if found is None or found.end() == end:
            raise ValueError("a text does not end")
        end = found.end()
        if end - at <= MAX_TEXT:
            kept = end
    raw = text[at:kept]
    if kept < end:
        raw = _without_part(raw)
    value: str = orjson.loads(f'{raw}"')
    return value, end + 1


def _without_part(raw: str) -> str:
    """Return the beginning of a text without an escape that is cut off within."""
    # A search through all of it takes longer than a step may.
    at = len(raw[:-CUT_OFF].rstrip("\\"))
    return raw[:at] + _HALF.sub(r"\1", _ESCAPE.sub(r"\1", raw[at:]))


def _whole(text: str, at: int) -> tuple[Json, int]:
    _, end = DECODER.raw_decode(text, at)
    value: Json = orjson.loads(text[at:end])
    return value, end


def _separator(text: str, at: int, closing: str) -> tuple[int, bool]:
    """Return where it goes on behind a comma or the end, and whether it was the end."""
    at = _skip(text, at)
    found = text[at : at + 1]
    if found not in (",", closing):
        raise ValueError("neither the next one nor the end")
    return (at + 1, True) if found == closing else (_skip(text, at + 1), False)


def _skip(text: str, at: int) -> int:
    found = WHITESPACE.match(text, at)
    return at if found is None else found.end()
