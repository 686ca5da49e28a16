"""Read the body of an answer, within limits."""

from contextlib import suppress
from typing import Final

import aiohttp

from ..loop_yield import LoopYield
from .limits import Limits

# Before each value of a JSON document stands one of them. Those within texts count too.
VALUE_SIGNS: Final = (b",", b"[", b"{")
# What a body may hold that is empty.
NOTHING: Final = b" \t\r\n\0\xef\xbb\xbf"
# Chunks of a body that is too large in which something may be saved.
BEGINNING: Final = 4


async def read_body(
    response: aiohttp.ClientResponse, limits: Limits
) -> tuple[bytes, str | None]:
    """Read the body; beyond the limits its beginning, and what is wrong with it."""
    limit = limits.body
    too_large = f"The answer is larger than {limit} bytes"
    if (response.content_length or 0) > limit:
        return await response.content.readany(), too_large
    chunks: list[bytes] = []
    size = values = 0
    loop_yield = LoopYield()
    while not response.content.at_eof():
        # What is unpacked is there at once: reading alone gives nothing away.
        await loop_yield.give()
        chunk = await response.content.readany()
        size += len(chunk)
        values += sum(map(chunk.count, VALUE_SIGNS))
        chunks.append(chunk)
        if size > limit:
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
