"""Texts of others: cut to a length, and without what nobody sees."""

import re
from typing import Final

_MARK: Final = "…"
# Signs that nobody sees, and that mean nothing in a name.
_UNSEEN: Final = re.compile(
    "[\xad\u061c\u180e\u200b\u200c\u200e\u200f\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb]"
    # One emoji is put together of several by a joiner; anywhere else it is unseen.
    "|(?<![\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])\u200d"
    "|\u200d(?![\u2190-\u2bff\U0001f000-\U0001faff])"
    # Letters of flags, of which only a flag is made.
    "|(?<![\U0001f3f4\U000e0020-\U000e007f])[\U000e0000-\U000e007f]+"
)
_BREAKS: Final = re.compile("[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+")
# Turn the direction of what follows, in lists and in other people's texts too.
_DIRECTIONS: Final = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_CONTROLS: Final = dict.fromkeys(
    (*range(0x20), *range(0x7F, 0xA0), *map(ord, _DIRECTIONS))
)
# What means nothing in a text of several lines either, and takes six characters in a file.
_UNWRITTEN: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def whole(text: str) -> str:
    """Return a text without halves of characters, of which nothing can be written.

    Two halves in a row are one character; each other one is U+FFFD. Templates make such texts.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def shortened(text: str, length: int) -> str:
    """Return a text of a length at most, with a mark where something is missing."""
    return text if len(text) <= length else f"{text[: length - 1]}{_MARK}"


def line(text: str) -> str:
    """Return a text as one line, of what people see, that leaves others alone.

    What emoji are made of stays.
    """
    if text.isascii() and text.isprintable():
        return text.strip()
    return _BREAKS.sub(" ", _UNSEEN.sub("", text)).translate(_CONTROLS).strip()


def one_line(text: str) -> str:
    """Return a name as a list can show it: a line with single blanks."""
    return " ".join(line(text).split())


def writable(text: str) -> str:
    """Return a text, of several lines even, without controls that mean nothing in it."""
    return text if text.isprintable() else _UNWRITTEN.sub("", text)
