"""Chats, by what a person calls them."""

import re
from typing import Final

from .numbers import normalised

_PERSON: Final = re.compile(r"[0-9]{5,20}@(c\.us|lid)")
_GROUP: Final = re.compile(r"[0-9]+(-[0-9]+)?@g\.us")
_PHONE: Final = re.compile("[+]?[ (]*[0-9][0-9 ()./\u00a0\u2010-\u2015-]*")
# Digits of a number with its country's code (E.164 ends at 15).
_SHORTEST_PHONE: Final = 8
_LONGEST_PHONE: Final = 15


def chat_id_of(text: str) -> str:
    """Return the chat id of a phone number in any form; chat ids stay as they are.

    Raise ``ValueError`` for what is neither.
    """
    text = text.strip()
    if _PERSON.fullmatch(text) or _GROUP.fullmatch(text):
        return text
    number = normalised(text) if _PHONE.fullmatch(text) else None
    if number is None or not _SHORTEST_PHONE <= len(number) <= _LONGEST_PHONE:
        raise ValueError(
            "Neither a phone number with the code of its country nor a chat id"
        )
    return f"{number}@c.us"
