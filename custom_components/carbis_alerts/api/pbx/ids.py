"""Ids of calls, which the PBX counts and writes in several ways."""

import re
from typing import Final

from ..fields import as_key
from ..types import Json

_COUNTED: Final = re.compile(r"([0-9]{1,20})\.0+")


def as_call_id(value: Json) -> str | None:
    """Return the id of a call or a recording; ``8``, ``8.0``, ``"8"`` and ``"8.0"`` are one."""
    key = as_key(value)
    if key is not None and (found := _COUNTED.fullmatch(key)):
        return found[1]
    return key
