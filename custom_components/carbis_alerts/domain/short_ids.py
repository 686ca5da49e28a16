"""Ids that are only compared, in the few bytes that many of them may take."""

from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import Final

# Characters of an id that is kept as it is.
KEPT_WHOLE: Final = 48
# Stands before the hash of a longer id, and before that of one that was packed.
HASHED: Final = "#"
PACKED: Final = "="
# Bytes of a packed id: of 50,000 at a time one new id in five billion is taken for another.
PACKED_BYTES: Final = 6
_PACKED_LENGTH: Final = len(PACKED) + PACKED_BYTES * 4 // 3


def short_id(text: str, most: int = KEPT_WHOLE) -> str:
    """Return an id as it is, of a longer one its hash."""
    if len(text) <= most and (text.isascii() or len(text.encode()) <= most):
        return text
    return HASHED + b64encode(_digest(text, 9)).decode()


def packed_id(short: str) -> str:
    """Return a short id as it comes back when it was packed."""
    return PACKED + b64encode(_packed(short)).decode()


def pack(shorts: Iterable[str]) -> str:
    """Return short ids in eight characters each."""
    return b64encode(b"".join(map(_packed, shorts))).decode()


def unpack(packed: object) -> Iterator[str]:
    """Yield what was packed; nothing where it is no such thing."""
    try:
        content = b64decode(packed) if isinstance(packed, str) else b""
    except Error, ValueError:
        return
    for at in range(0, len(content) - PACKED_BYTES + 1, PACKED_BYTES):
        yield PACKED + b64encode(content[at : at + PACKED_BYTES]).decode()


def _packed(short: str) -> bytes:
    """Return the bytes of a short id; of one that was packed before the same again."""
    if short.startswith(PACKED) and len(short) == _PACKED_LENGTH:
        try:
            return b64decode(short.removeprefix(PACKED), validate=True)
        except Error, ValueError:
            pass
    return _digest(short, PACKED_BYTES)


def _digest(text: str, size: int) -> bytes:
    return blake2b(text.encode("utf-8", "replace"), digest_size=size).digest()
