"""Text out of bytes whose encoding may be declared, wrong or mixed."""

import codecs
from collections.abc import Iterator
import re
from typing import Final

UTF_8: Final = "utf-8"
# What undeclared bytes are in the land of these services, where they are not UTF-8.
LIKELY: Final = "cp1251"
# Charsets that a service may declare, by Python's names: of others some are slow, and some
# are no charsets. Looked up here, outside of the event loop, since each is a module.
CHARSETS: Final = frozenset(
    codecs.lookup(name).name
    for name in (
        *(UTF_8, "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp866", "koi8-r"),
        *(
            "koi8-u",
            "mac-cyrillic",
            "latin-1",
            "ascii",
            *(f"cp125{n}" for n in range(9)),
        ),
        *("iso8859-2", "iso8859-5", "iso8859-9", "iso8859-15", "gb18030", "gbk"),
    )
)
# The longest mark first: that of UTF-32 begins like that of UTF-16.
MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# JSON begins with ASCII, so the zero bytes beside it show the width of a character.
WIDTHS: Final = (
    (re.compile(rb"[^\0]\0\0\0"), "utf-32-le"),
    (re.compile(rb"\0\0\0[^\0]"), "utf-32-be"),
    (re.compile(rb"[^\0]\0[^\0]\0"), "utf-16-le"),
    (re.compile(rb"\0[^\0]\0[^\0]"), "utf-16-be"),
)
# Bytes that are decoded at one go, and how many more until a byte of ASCII, where no
# charset of one byte and no UTF-8 can be cut in two.
PIECE: Final = 16 * 1024
MARGIN: Final = 1024
_ASCII: Final = re.compile(rb"[\x00-\x7f]")
# Characters of UTF-8, whole or cut off, and letters of a charset of one byte.
_WIDE: Final = re.compile(rb"[\xc2-\xf4][\x80-\xbf]+")
_NARROW: Final = re.compile(rb"[\xc0-\xff](?![\x80-\xbf])")
# Texts of a piece that are looked at one by one; of more than this it is done at once.
_MOST_TEXTS: Final = 1_000
# Letters of a charset of one byte that must be there: a single one is a damaged byte.
_LEAST_NARROW: Final = 2


def decoded(body: bytes, charset: str | None = None) -> Iterator[str]:
    """Yield the pieces of a text; what cannot be decoded costs itself alone.

    ``charset`` is what the service declares. No piece holds a lone surrogate.
    """
    body, wide = unmarked(body)
    declared = _known(charset)
    if (
        wide is None
        and declared is not None
        and declared.startswith(("utf-16", "utf-32"))
    ):
        wide = declared
    if wide is not None:
        yield body.decode(wide, "replace")
        return
    at = 0
    while at < len(body):
        end = at + PIECE
        if end < len(body) and (found := _ASCII.search(body, end, end + MARGIN)):
            end = found.start()
        yield _piece(body[at:end], declared)
        at = end


def unmarked(body: bytes) -> tuple[bytes, str | None]:
    """Return a body without byte order marks, and its charset where two bytes are one."""
    while body.startswith(codecs.BOM_UTF8):
        body = body.removeprefix(codecs.BOM_UTF8)
    for mark, charset in MARKS:
        if body.startswith(mark):
            return body.removeprefix(mark), charset
    for width, charset in WIDTHS:
        if width.match(body):
            return body, charset
    return body, None


def _known(charset: str | None) -> str | None:
    """Return Python's name of a declared charset, None where it is none of the usual."""
    try:
        name = codecs.lookup(charset.strip()).name if charset else None
    except LookupError, ValueError:
        return None
    return name if name in CHARSETS else None


def _piece(piece: bytes, declared: str | None) -> str:
    """Decode a piece: text by text where it is not UTF-8 as a whole."""
    try:
        return piece.decode()
    except UnicodeDecodeError:
        pass
    # Neither UTF-8 nor a charset of one byte has a quote within a character.
    texts = piece.split(b'"') if piece.count(b'"') < _MOST_TEXTS else [piece]
    # Among others that are no UTF-8 a short text is most likely none either.
    is_narrow = _is_narrow(piece)
    return '"'.join(_text(text, declared, is_narrow=is_narrow) for text in texts)


def _is_narrow(text: bytes) -> bool:
    """Return whether bytes look like letters of a charset of one byte."""
    narrow = len(_NARROW.findall(text))
    return narrow >= _LEAST_NARROW and narrow > len(_WIDE.findall(text))


def _text(text: bytes, declared: str | None, *, is_narrow: bool) -> str:
    """Decode one text as what it most likely is."""
    try:
        return text.decode()
    except UnicodeDecodeError:
        pass
    try:
        halves = text.decode(UTF_8, "surrogatepass")
    except UnicodeDecodeError:
        pass
    else:
        # Two halves in a row are one character.
        wide = halves.encode("utf-16-le", "surrogatepass")
        return wide.decode("utf-16-le", "replace")
    if declared is not None and declared not in {UTF_8, "ascii"}:
        return text.decode(declared, "replace")
    if is_narrow or _is_narrow(text):
        return text.decode(LIKELY, "replace")
    return text.decode(UTF_8, "replace")
