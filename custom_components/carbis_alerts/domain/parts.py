"""A long text in the parts that a messenger takes, each ended at a sentence if it can be."""

from collections.abc import Iterator
import re
from typing import Final
from unicodedata import category

# The end of a sentence, with what closes it, or of a line.
_SENTENCE: Final = re.compile(r"[.!?…]+[\"'»”’)\]]*(?=\s)|\n")
_BLANK: Final = re.compile(r"\s")
# Characters that are looked back for one that does not go on from the one before.
_LONGEST_SIGN: Final = 16
_JOINER: Final = "\N{ZERO WIDTH JOINER}"
# Colours of skin, and the letters that flags are made of.
_TONES: Final = range(0x1F3FB, 0x1F400)
_FLAGS: Final = range(0x1F1E6, 0x1F200)


def length(text: str) -> int:
    """Return the length of a text as messengers count it, in units of UTF-16."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def parts_of(text: str, most: int) -> Iterator[str]:
    """Yield a text in parts of at most so many units of UTF-16, in order.

    What stands in it is in one of them, less blanks between two. A text that fits is one
    part, as it is.
    """
    if length(text) <= most:
        yield text
        return
    begin = 0
    while begin < len(text):
        end = begin + len(_fitting(text[begin : begin + most], most))
        if end < len(text):
            end = _cut(text, begin, end)
        if part := text[begin:end].rstrip():
            yield part
        begin = end
        while begin < len(text) and text[begin].isspace():
            begin += 1


def _fitting(text: str, most: int) -> str:
    """Return the beginning of a text that is not longer than so many units."""
    while (excess := length(text) - most) > 0:
        # Each character is one unit or two.
        text = text[: len(text) - (excess + 1) // 2]
    return text


def _cut(text: str, begin: int, end: int) -> int:
    """Return where a part ends that cannot be longer: half of it at least is filled."""
    least = begin + (end - begin) // 2
    for pattern in (_SENTENCE, _BLANK):
        # One more is looked at: what follows a sentence is not of it.
        found = [
            match.end() if pattern is _SENTENCE else match.start()
            for match in pattern.finditer(text, least, end + 1)
        ]
        if fitting := [cut for cut in found if least < cut <= end]:
            return fitting[-1]
    for cut in range(end, max(least, end - _LONGEST_SIGN), -1):
        if not _goes_on(text[cut - 1], text[cut]):
            return cut
    return end


def _goes_on(before: str, sign: str) -> bool:
    """Return whether a character is shown as one with what stands before it."""
    return (
        category(sign).startswith("M")
        or _JOINER in (before, sign)
        or ord(sign) in _TONES
        or (ord(sign) in _FLAGS and ord(before) in _FLAGS)
    )
