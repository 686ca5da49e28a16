"""What distinguishes messages of a PBX: what they say, however it is written."""

from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime
from hashlib import sha256
import re
from typing import Final

import orjson

from ..api.fields import as_text
from ..api.pbx.models import MESSAGES, PbxMessage
from ..api.times import as_moment
from ..api.types import Json
from .numbers import normalised

# Fields that hold telephone numbers, and ones that hold what somebody wrote.
NUMBERS: Final = frozenset({"call_src", "call_dst", "number", "sms_src"})
WORDS: Final = frozenset({"text"})
_NUMBER: Final = re.compile(r"\+?0*([0-9]{1,40})(?:\.0*)?")
_HEX: Final = re.compile(r"(?:0x)?[0-9a-fA-F-]{1,200}")
# A date is one however far away it is.
_FAR: Final = datetime(9000, 1, 1, tzinfo=UTC)


def message_id(message: PbxMessage, startups: int) -> str:
    """Return the id of a message after so many startups of the PBX.

    The same message has the same one in whatever charset, with whichever blanks, order of
    keys and forms of numbers it comes, and with whatever its type does not know.
    """
    kind = type(message)
    said: Json = (
        _canonical(dict(message.raw))
        if kind is PbxMessage
        else [
            said(value) if isinstance(value := getattr(message, name), str) else value
            for name, said in _SAID[kind]
        ]
    )
    content = orjson.dumps([kind.__name__, said], option=orjson.OPT_SORT_KEYS)
    return sha256(b"%s:%d" % (content, startups)).hexdigest()[:16]


def _number(value: str) -> str:
    """Return a telephone number in one of its forms."""
    return normalised(value) or value.casefold()


def _date(value: str) -> str:
    """Return a date in one of its forms."""
    moment = as_moment(value, _FAR)
    return value if moment is None else moment.isoformat()


def _canonical(value: Json) -> Json:
    """Return what a part of an unknown message says."""
    match value:
        case dict():
            return {
                key: _canonical(item) for key, item in value.items() if item is not None
            }
        case list():
            return [_canonical(item) for item in value]
        case bool() | None:
            return value
        case str():
            return _plain(value.strip())
    return _plain(as_text(value) or "")


def _plain(text: str) -> str:
    """Return a number or an id in one of its forms."""
    if found := _NUMBER.fullmatch(text):
        return found[1]
    return text.casefold() if _HEX.fullmatch(text) else text


def _says(name: str) -> Callable[[str], str]:
    """Return what makes one of all forms of a field."""
    if name in NUMBERS:
        return _number
    if name in WORDS or name == "device_id":
        return str
    return _date if name == "date" else _plain


# The fields of each known type that say something, and what they say.
_SAID: Final = {
    kind: tuple(
        (field.name, _says(field.name)) for field in fields(kind) if field.name != "raw"
    )
    for kind in MESSAGES.values()
}
