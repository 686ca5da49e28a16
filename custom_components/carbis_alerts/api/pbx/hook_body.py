"""The messages in a body that came to a hook, however senders wrap them."""

from collections.abc import Iterator
import re
from typing import Final
from urllib.parse import parse_qsl

import orjson

from ..charset import decoded
from ..json import read_json
from ..types import Json
from .parse import MAX_MESSAGE

# Messages that may come to a hook in one body.
MAX_MESSAGES: Final = 100
# What may stand before the first sign of a body.
BEFORE: Final = b" \t\r\n\0\xef\xbb\xbf\xff\xfe"
# How a form begins, of either kind.
FORM: Final = re.compile(rb"\s*[\w.%\[\]-]{1,100}=")
PARTS: Final = re.compile(rb"\s*(--[^\r\n]{1,100})\r?\n")
PART: Final = re.compile(
    rb"\r?\n[^\r\n]*\bname=\"?([\w.\[\]-]{1,100})(?:[^\r\n]*\r?\n)+?\r?\n(.*)",
    re.DOTALL,
)
EVENT_TYPE: Final = "event_type"
PAYLOAD: Final = "payload"
# A field within the payload, as forms write it.
WITHIN: Final = re.compile(r"payload\[(\w+)\]")


def messages_in(data: bytes, charset: str | None = None) -> list[bytes]:
    """Return the messages of a hook's body.

    It is one message, a list of some, one on each line, or a form: with either of them in a
    field, or with the fields of a message. What is none of these is returned as it came.
    """
    if len(data) > MAX_MESSAGE:
        return [data]
    try:
        data = _from_form(data, charset)
        if not data.lstrip(BEFORE).startswith(b"["):
            return _lines(data)
        document = read_json(data, charset)
    except ValueError:
        return [data]
    items = document if isinstance(document, list) else []
    return [orjson.dumps(item) for item in items[:MAX_MESSAGES]] or [data]


def _lines(data: bytes) -> list[bytes]:
    """Return the messages of a body that has one on each line."""
    lines = [line for line in data.split(b"\n") if line.strip(BEFORE)]
    begins = all(line.lstrip(BEFORE).startswith(b"{") for line in lines)
    ends = all(line.rstrip(BEFORE).endswith(b"}") for line in lines)
    return lines[:MAX_MESSAGES] if len(lines) > 1 and begins and ends else [data]


def _from_form(data: bytes, charset: str | None) -> bytes:
    """Return the JSON of a form; what is none as it came."""
    if FORM.match(data):
        fields = parse_qsl(data, max_num_fields=MAX_MESSAGES)
    elif found := PARTS.match(data):
        fields = list(_parts(data, found[1]))
    else:
        return data
    message: dict[str, Json] = {}
    payload: dict[str, Json] = {}
    for key, value in fields:
        name = key.decode("ascii", "replace")
        if name != PAYLOAD and value.lstrip().startswith((b"{", b"[")):
            return value
        text = "".join(decoded(value, charset))
        if within := WITHIN.fullmatch(name):
            payload[within[1]] = text
        else:
            message[name] = text
    if EVENT_TYPE not in message:
        return data
    return orjson.dumps({PAYLOAD: payload, **message})


def _parts(data: bytes, boundary: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the names and values of a form in parts."""
    for part in data.split(boundary)[:MAX_MESSAGES]:
        if found := PART.match(part):
            yield found[1], found[2].removesuffix(b"\n").removesuffix(b"\r")
