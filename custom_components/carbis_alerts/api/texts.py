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


def without_unseen(text: str) -> str:
    """Return a text without signs that nobody sees; what emoji are made of stays."""
    return text if text.isascii() else _UNSEEN.sub("", text)
