"""Unpack what is compressed, piece by piece, so that nobody has to take all of it."""

from collections.abc import Iterator
from typing import Any, Final
import zlib

from aiohttp import hdrs
from multidict import CIMultiDictProxy

from ..errors import ProtocolError

# What may be asked for: others need windows of up to 128 MiB to unpack a few bytes.
UNPACKED: Final = "gzip, deflate"
# Bytes that are unpacked at one go: less than a millisecond.
PIECE: Final = 64 * 1024

_PLAIN: Final = frozenset(("", "identity"))
_GZIP: Final = frozenset(("gzip", "x-gzip"))
_DEFLATE: Final = "deflate"
# Within zlib's form, and within none.
_WBITS_GZIP: Final = 16 + zlib.MAX_WBITS
_WBITS_RAW: Final = -zlib.MAX_WBITS
# The low half of the first byte of zlib's form.
_METHOD: Final = 8


def codings(headers: CIMultiDictProxy[str], *names: str) -> list[str]:
    """Return the codings that headers of these names declare, but for those that do nothing."""
    declared = (
        coding.strip().lower()
        for name in names
        for value in headers.getall(name, ())
        for coding in value.split(",")
    )
    return [coding for coding in declared if coding not in _PLAIN]


class Unpacker:
    """Unpack a body; raise ``ProtocolError`` for a coding that nobody asked for."""

    def __init__(self, headers: CIMultiDictProxy[str]) -> None:
        """Take the headers of the body."""
        found = codings(headers, hdrs.CONTENT_ENCODING)
        if len(found) > 1 or not {*found} <= {*_GZIP, _DEFLATE}:
            raise ProtocolError(
                "The answer is compressed in a way that was not asked for"
            )
        self._coding = found[0] if found else None
        self._inflating: Any = None
        self._is_over = False
        self._has_started = False

    def pieces(self, packed: bytes) -> Iterator[bytes]:
        """Yield what this part of the body holds, at most ``PIECE`` bytes at once."""
        if self._coding is None:
            yield packed
            return
        data, is_more = packed, bool(packed)
        while is_more and not self._is_over:
            if self._inflating is None:
                self._inflating = zlib.decompressobj(self._wbits(data))
            try:
                piece = self._inflating.decompress(data, PIECE)
            except zlib.error:
                if not self._has_started:
                    raise ProtocolError("The answer cannot be unpacked") from None
                # Junk behind the end.
                self._is_over = True
                return
            if self._inflating.eof:
                # What follows is another body of the same coding, or junk.
                data, self._inflating = self._inflating.unused_data, None
                self._has_started = True
                is_more = bool(data)
            else:
                data = self._inflating.unconsumed_tail
                # Some of it may be held back where all was consumed.
                is_more = bool(data or piece)
            yield piece

    def _wbits(self, data: bytes) -> int:
        """Return how the data is packed: some servers send deflate without a frame."""
        if self._coding in _GZIP:
            return _WBITS_GZIP
        return zlib.MAX_WBITS if data[0] & 0xF == _METHOD else _WBITS_RAW
