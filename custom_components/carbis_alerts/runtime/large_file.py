"""A file of an earlier version that is far too large: read without what made it so."""

from pathlib import Path
import re
from typing import Any, Final

import orjson

# Bytes of a file that is read as it is: no version writes one of this size any more.
LARGE: Final = 4 * 1024 * 1024
# Bytes of a text that is kept of a large file.
MAX_TEXT: Final = 1_000
_TEXTS: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_BEGINNING: Final = re.compile(
    rb'"(?:[^"\\]|\\u[0-9a-fA-F]{4}|\\[^u]){0,%d}' % MAX_TEXT, re.DOTALL
)


def read_large(path: Path) -> dict[str, Any] | None:
    """Return the content of a large file with its texts cut, None for any other.

    Not in the event loop.
    """
    try:
        if path.stat().st_size <= LARGE:
            return None
        document = orjson.loads(_with_short_texts(path.read_bytes()))
    except OSError, ValueError:
        return None
    return document if isinstance(document, dict) else None


def _with_short_texts(content: bytes) -> bytes:
    """Return JSON whose texts have a length."""
    parts: list[bytes] = []
    at = 0
    for found in _TEXTS.finditer(content):
        start, end = found.span()
        if end - start > MAX_TEXT and (begins := _BEGINNING.match(content, start)):
            text = begins[0].decode(errors="ignore").encode() + b'"'
            parts += (content[at:start], text)
            at = end
    return b"".join((*parts, content[at:]))
