"""Read the body of an answer, within limits."""

from contextlib import suppress
from typing import Final

import aiohttp

from ..intake import Budget, Unpacker
from .limits import Limits

# Before each value of a JSON document stands one of them. Those within texts count too.
VALUE_SIGNS: Final = (b",", b"[", b"{")
# What a body may hold that is empty.
NOTHING: Final = b" \t\r\n\0\xef\xbb\xbf"
# Chunks of a body that is too large in which something may be saved.
BEGINNING: Final = 4


async def read_body(
    response: aiohttp.ClientResponse, limits: Limits, budget: Budget
) -> tuple[bytes, str | None]:
    """Read the body, unpacked; beyond the limits its beginning, and what is wrong with it."""
    limit = limits.body
    too_large = f"The answer is larger than {limit} bytes"
    unpacker = Unpacker(response.headers)
    chunks: list[bytes] = []
    packed = size = values = 0
    while not response.content.at_eof():
        part = await response.content.readany()
        packed += len(part)
        for chunk in unpacker.pieces(part):
            # What came is there at once: reading alone gives nothing away.
            await budget.loop_yield.give()
            budget.read(len(chunk))
            size += len(chunk)
            values += sum(map(chunk.count, VALUE_SIGNS))
            chunks.append(chunk)
            if max(size, packed, response.content_length or 0) > limit:
                return b"".join(chunks[:BEGINNING]), too_large
            if values > limits.values:
                return b"".join(chunks[:BEGINNING]), "The answer has too many values"
    return chunks[0] if len(chunks) == 1 else b"".join(chunks), None


def charset_of(response: aiohttp.ClientResponse) -> str | None:
    """Return the charset that an answer declares."""
    # A header with a flaw of its own declares nothing.
    with suppress(ValueError):
        return response.charset
    return None
