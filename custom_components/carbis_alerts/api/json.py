"""The one reader of JSON that services send: strict and fast, and where that fails forgiving.

Real devices and gateways write half an emoji, raw control characters, byte order marks,
trailing commas, zero bytes, NaN, and charsets other than UTF-8. Each such thing costs
itself, never the document. What ends too early is an error all the same.
"""

from collections.abc import Iterator
from json import JSONDecoder
import math
import re
from typing import Final

import orjson

from .charset import decoded
from .chunked_json import parse_in_slices, parse_text_in_slices
from .intake import LoopYield
from .types import Json

# Bytes of a document that are read at one go: a few milliseconds.
READ_WHOLE: Final = 128 * 1024
# Bytes of a document that is read the forgiving way: at one go, and in turns.
FORGIVEN_WHOLE: Final = 32 * 1024
MAX_FORGIVEN: Final = 8 * 1024 * 1024
# Characters that are looked at in one step, so that the event loop gets its turn.
STEP: Final = 8 * 1024
# The longest number of which anything is kept, in characters.
MAX_NUMBER_LENGTH: Final = 400

# What may follow a document and means nothing.
JUNK: Final = re.compile(r"[\s\x00-\x1f\ufeff}\],;]*+")
JUNK_BYTES: Final = b" \t\r\n\0,;"
# Within a step all that is fine as it is; each part must end within the step, so that none
# is taken for fine whose end says otherwise.
_FINE: Final = re.compile(
    r"(?:"
    r"[ \t\n\r{}\[\]:]++"
    r'|"(?:[^"\\\x00-\x1f]++|\\["\\/bfnrt]|\\u(?![dD][89a-fA-F])[0-9a-fA-F]{4})*+"'
    r"|,(?=[ \t\n\r]*+[^,}\]\s\x00-\x1f\ufeff])"
    r"|(?:true|false|null)(?=[ \t\n\r,}\]])"
    r"|-?+(?:0|[1-9][0-9]{0,17}+)(?:\.[0-9]{1,18}+)?+(?=[ \t\n\r,}\]])"
    r")++"
)
_BLANK: Final = r"[\s\x00-\x1f\ufeff]"
_COMMAS: Final = re.compile(rf",(?:{_BLANK}|,)*+")
_BLANKS: Final = re.compile(rf"{_BLANK}{{1,{STEP}}}+")
# No number, by the names that programs have for it.
_NO_NUMBER: Final = re.compile(r"[-+]?+(?:nan|inf(?:inity)?+)(?!\w)", re.IGNORECASE)
_NUMBER: Final = re.compile(r"[-+]?+[0-9]++(?:\.[0-9]*+)?+(?:[eE][-+]?+[0-9]++)?+")
_WORD: Final = re.compile(r"(?:true|false|null)(?!\w)")
# Parts of a text: what is fine, a pair of surrogates, an escape of any kind.
_TEXT: Final = re.compile(
    rf'[^"\\\x00-\x1f]{{1,{STEP}}}+'
    r"|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|\\u[0-9a-fA-F]{4}"
    r'|\\["\\/bfnrt]'
)
_CONTROLS: Final = re.compile(rf"[\x00-\x1f]{{1,{STEP}}}+")
_ESCAPES: Final = {code: f"\\u{code:04x}" for code in range(0x20)}
_HALF: Final = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
_REPLACEMENT: Final = "\ufffd"
_DECODER: Final = JSONDecoder()


def read_json(body: bytes, charset: str | None = None) -> Json:
    """Return what a document means; raise ``ValueError`` where it is none.

    ``charset`` is what the service declares. No text holds a lone surrogate, each number
    is finite. What is long is for ``read_long_json``: here it is read strictly alone.
    """
    try:
        document: Json = orjson.loads(body)
    except ValueError:
        if len(body) > FORGIVEN_WHOLE:
            raise
        return _read_forgiving(body, charset)
    return document


def _read_forgiving(body: bytes, charset: str | None) -> Json:
    """Return what a short document means that is no strict JSON."""
    text = "".join(_fixed("".join(decoded(body, charset))))
    try:
        _, end = _DECODER.raw_decode(text, _start(text))
    except RecursionError:
        raise ValueError("nested too deeply") from None
    _check_rest(text, end)
    document: Json = orjson.loads(text[:end])
    return document


async def read_long_json(
    body: bytes, charset: str | None = None, loop_yield: LoopYield | None = None
) -> Json:
    """Return what ``read_json`` does, giving the event loop its turns meanwhile."""
    if len(body) <= FORGIVEN_WHOLE:
        return read_json(body, charset)
    loop_yield = loop_yield or LoopYield()
    try:
        if len(body) <= READ_WHOLE:
            return read_json(body)
        return await parse_in_slices(body, loop_yield)
    except ValueError:
        if len(body) > MAX_FORGIVEN:
            raise
    pieces: list[str] = []
    for piece in decoded(body, charset):
        await loop_yield.give()
        pieces.append(piece)
    text = "".join(pieces)
    pieces.clear()
    for piece in _fixed(text):
        await loop_yield.give()
        pieces.append(piece)
    text = "".join(pieces)
    document, end = await parse_text_in_slices(text, _start(text), loop_yield)
    _check_rest(text, end)
    return document


def _start(text: str) -> int:
    """Return where a document begins."""
    return len(text) - len(text.lstrip())


def _check_rest(text: str, end: int) -> None:
    """Raise where something follows the document that may mean something."""
    if JUNK.fullmatch(text, end) is None:
        raise ValueError("something follows the document")


def _fixed(text: str) -> Iterator[str]:
    """Yield strict JSON, piece by piece, of what means JSON."""
    at = 0
    while at < len(text):
        if fine := _FINE.match(text, at, at + STEP):
            yield fine[0]
            at = fine.end()
            continue
        match text[at]:
            case '"':
                at += 1
                yield '"'
                while at < len(text) and text[at] != '"':
                    piece, at = _part(text, at)
                    yield piece
                if at == len(text):
                    raise ValueError("a text does not end")
                at += 1
                yield '"'
            case ",":
                found = _COMMAS.match(text, at)
                at = len(text) if found is None else found.end()
                # One that nothing follows says nothing; of some in a row one says all.
                if text[at : at + 1] not in ("}", "]", ""):
                    yield ","
            case _:
                piece, at = _token(text, at)
                yield piece


def _part(text: str, at: int) -> tuple[str, int]:
    """Return a part of a text as JSON has it, and where the next one begins."""
    if found := _TEXT.match(text, at):
        part = found[0]
        if len(part) == 6 and _HALF.fullmatch(part):
            part = _REPLACEMENT
        return part, found.end()
    if found := _CONTROLS.match(text, at):
        # They should have been written as escapes.
        return found[0].translate(_ESCAPES), found.end()
    escaped = text[at + 1 : at + 2]
    if escaped == "u" or escaped < " ":
        return _REPLACEMENT, at + min(len(escaped), 1) + 1
    # JavaScript takes any character behind a backslash.
    return escaped, at + 2


def _token(text: str, at: int) -> tuple[str, int]:
    """Return what stands outside of texts as JSON has it, and where the next begins."""
    if found := _BLANKS.match(text, at):
        return " ", found.end()
    if found := _NO_NUMBER.match(text, at):
        return "null", found.end()
    if found := _WORD.match(text, at):
        return found[0], found.end()
    if found := _NUMBER.match(text, at):
        return _number(found[0]), found.end()
    if text[at] in "{}[]:":
        return text[at], at + 1
    if JUNK.fullmatch(text, at):
        return text[at:], len(text)
    raise ValueError("not JSON")


def _number(text: str) -> str:
    """Return a number as JSON has it; null for one that nothing can hold."""
    if len(text) > MAX_NUMBER_LENGTH:
        return "null"
    if text.lstrip("-+").isdecimal() and len(text) <= 20:
        return str(int(text))
    number = float(text)
    return repr(number) if math.isfinite(number) else "null"
