"""Chats, by what a person calls them, and by each id that they have."""

from collections.abc import Iterable, Mapping
import re
from typing import Any, Final

from ..api.green_api.messengers import MESSENGERS, WHATSAPP, Messenger
from .numbers import normalised

_PHONE: Final = re.compile("[+]?[ (]*[0-9][0-9 ()./\u00a0\u2010-\u2015-]*")
# Digits of a number with its country's code (E.164 ends at 15).
_SHORTEST_PHONE: Final = 8
_LONGEST_PHONE: Final = 15
_MINUS: Final = re.compile("^[\u2010-\u2015\u2212\ufe63\uff0d]")
# With a country's code; ids of people have eight digits or nine.
_SHORTEST_MOBILE: Final = 10
# Ids of one person that are kept; there are two or three.
_MOST_IDS: Final = 10
# Digits that are a telephone number rather than an id: of Russia and of Belarus.
_MOBILE: Final = re.compile("[78]9[0-9]{9}|375[0-9]{9}")


def chat_id_of(text: str, messenger: Messenger = WHATSAPP) -> str:
    """Return the chat id of a phone number in any form; chat ids stay as they are.

    Raise ``ValueError`` for what is neither, or where ids hold no numbers.
    """
    text = text.strip()
    # A minus that was copied from a sentence may be another sign.
    chat_id = _MINUS.sub("-", text)
    if is_chat_id(chat_id, messenger):
        return chat_id
    number = phone_of(text)
    by_number = None if number is None else messenger.chat_of(number)
    if by_number is not None:
        return by_number
    raise ValueError(
        "Neither a phone number with the code of its country nor a chat id"
    )


def is_chat_id(text: str, messenger: Messenger) -> bool:
    """Return whether a text is the id of a person's chat or of a group."""
    return messenger.is_person(text) or messenger.is_group(text)


def phone_of(text: str) -> str | None:
    """Return the digits of a phone number in any form, with its country's code."""
    text = text.strip()
    number = normalised(text) if _PHONE.fullmatch(text) else None
    if number is None or not _SHORTEST_PHONE <= len(number) <= _LONGEST_PHONE:
        return None
    return number


def is_written_as_phone(text: str) -> bool:
    """Return whether a text of digits looks like a phone number, and like no id.

    Where ids are numbers too, both are digits: a plus sign, signs between them, or the
    length and the beginning of mobile ones of Russia and Belarus make a phone number.
    """
    text = text.strip()
    return phone_of(text) is not None and (
        not text.isdecimal() or _MOBILE.fullmatch(text) is not None
    )


def messenger_title(name: object) -> str:
    """Return what people call the messenger of an event, WhatsApp where none is named."""
    return MESSENGERS.get(str(name), WHATSAPP).title


def number_in(chat_id: str) -> str | None:
    """Return the digits of a number that an id holds as WhatsApp's do, None for none."""
    return WHATSAPP.number_of(chat_id)


class ChatIds:
    """The chats that a person has added, by the ids that the service knows them by.

    A chat's own id is the one that it was added with.
    """

    def __init__(self, messenger: Messenger) -> None:
        """Begin without a chat."""
        self._messenger = messenger
        # By the own id: the others; a chat that is not in it was not looked up yet.
        self._others: dict[str, frozenset[str]] = {}
        self._own: dict[str, str] = {}
        self._chats: tuple[str, ...] = ()

    @property
    def unknown(self) -> list[str]:
        """Return the own ids of people of whom the service has given no others.

        Where ids hold no numbers a person has one id, and only who was added by a number,
        as another messenger has it, is not known by it.
        """
        if self._messenger.lookup is None:
            return []
        return [
            chat_id
            for chat_id in self._chats
            if chat_id not in self._others and self._has_others(chat_id)
        ]

    def set_chats(self, chats: Iterable[str]) -> None:
        """Take the own ids of the chats that there are."""
        self._chats = tuple(chats)
        for chat in self._chats:
            if chat not in self._others and (id_ := self._taken_for_number(chat)):
                self._others[chat] = frozenset({id_})
        known = {
            chat: self._others[chat] for chat in self._chats if chat in self._others
        }
        self._others, self._own = {}, {}
        for chat_id, others in known.items():
            self.learn(chat_id, others)

    def address(self, chat_id: str) -> str:
        """Return the id to write to: a chat's own, where that is one of this messenger."""
        own = self.own(chat_id) or chat_id
        if is_chat_id(chat_id, self._messenger) or not self._others.get(own):
            return chat_id
        return min(self._others[own])

    def learn(self, chat_id: str, others: Iterable[str]) -> None:
        """Take the other ids of a chat; another chat's own id stays that one's."""
        kept = frozenset(others)
        self._others[chat_id] = kept
        for other in kept - {*self._chats}:
            self._own.setdefault(other, chat_id)

    def own(self, chat_id: str | None) -> str | None:
        """Return the id that a chat was added with; any other id stays as it is.

        A telephone's or a computer's own id is that of whom it belongs to.
        """
        if chat_id is None:
            return None
        chat_id = self._messenger.chat_of_device(chat_id)
        return self._own.get(chat_id, chat_id)

    def _taken_for_number(self, chat_id: str) -> str | None:
        """Return the id that version 0.1 took for a number: of fewer digits than one."""
        number = None if self._messenger.number_suffix else number_in(chat_id)
        return number if number and len(number) < _SHORTEST_MOBILE else None

    def _has_others(self, chat_id: str) -> bool:
        """Return whether the service may know a person by another id besides."""
        if self._messenger.number_suffix is None:
            return number_in(chat_id) is not None
        return self._messenger.is_person(chat_id)

    def as_dict(self) -> dict[str, Any]:
        """Return what to store."""
        return {chat_id: sorted(others) for chat_id, others in self._others.items()}

    def restore(self, stored: Mapping[str, Any]) -> None:
        """Take over what was stored, before the chats; what is no id is passed over."""
        for chat_id, others in stored.items():
            if isinstance(others, list):
                kept = frozenset(
                    other
                    for other in others[:_MOST_IDS]
                    if isinstance(other, str) and self._messenger.is_person(other)
                )
                # What another messenger's ids were is asked again.
                if kept or not others:
                    self._others[chat_id] = kept
