"""Which characters may stand for a character: those of its class."""

from functools import cache
from typing import Final
from unicodedata import category

DIGITS: Final = "0123456789"
LEADING: Final = "123456789"
LATIN: Final = "abcdefghijklmnopqrstuvwxyz"
HEX: Final = "abcdef"
CYRILLIC: Final = "абвгдежзийклмнопрстуфхцчшщъыьэюяё"
# Bytes that are no UTF-8, as Python decodes them: what follows a letter, capitals and small ones of
# windows-1251, what begins longer letters.
BYTES: Final = tuple(
    "".join(map(chr, range(0xDC00 + first, 0xDC00 + last)))
    for first, last in ((0x80, 0xC0), (0xC0, 0xE0), (0xE0, 0xF0), (0xF0, 0x100))
)
# Categories of which a character says something: letters, numbers, pictures, private ones.
_SAYING: Final = ("L", "N", "So", "Co")
# Characters of one script stand side by side in so many.
_PAGE: Final = 256

_COMMON: Final = {
    sign: alphabet
    for alphabet in (DIGITS, LATIN, CYRILLIC, *BYTES)
    for sign in alphabet
}


def alphabet_of(sign: str) -> str:
    """Return the characters that may stand for one, itself among them."""
    return _COMMON.get(sign) or _page(category(sign), ord(sign) // _PAGE, sign)


@cache
def _page(kind: str, page: int, sign: str) -> str:
    if not kind.startswith(_SAYING):
        return sign
    first = page * _PAGE
    signs = map(chr, range(first, first + _PAGE))
    return "".join(other for other in signs if category(other) == kind)
