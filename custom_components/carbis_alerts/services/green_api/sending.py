"""Messages that are sent through an account, and whom they are sent to."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from weakref import WeakValueDictionary

from homeassistant.util import dt as dt_util

from ...api.errors import AccountUnusable
from ...api.green_api import GreenApiClient, chat_of_number, send_file
from ...domain.alert import as_stored_moment
from ...domain.answers import Answers
from ...domain.chats import (
    chat_id_of,
    is_chat_id,
    is_written_as_phone,
    number_in,
    phone_of,
)
from ..abilities import NobodyThere
from ..attachments import Attachment
from .account import Account
from .chats import Chats

# Numbers whose chats are remembered, and messages that are parts of another.
KEPT: Final = 1_000
# Who is not there today may be there tomorrow; who is, stays.
NOBODY_FOR: Final = timedelta(days=1)


class MessageSender:
    """Send texts and files to chats, groups and phone numbers."""

    def __init__(
        self,
        client: GreenApiClient,
        *,
        account: Account,
        answers: Answers,
        chats: Chats,
        stored: Callable[[], None],
    ) -> None:
        """Take what notes what was sent, and whom to call when something is to be stored."""
        self._client = client
        self._messenger = client.messenger
        self._account = account
        self._answers = answers
        self._chats = chats
        self._stored = stored
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        # By the number: the chat, "" where nobody has that number, and when that was said.
        self._found: OrderedDict[str, tuple[str, datetime]] = OrderedDict()
        self._finding = asyncio.Lock()
        # By what is unique of a message: the first of those that it is a part of.
        self._parts: OrderedDict[str, str] = OrderedDict()

    @property
    def messenger(self) -> str:
        """Return what people call the messenger."""
        return self._messenger.title

    @property
    def trouble(self) -> str | None:
        """Return what is known to keep the account from sending to anybody."""
        return self._account.trouble

    @property
    def max_text(self) -> int:
        """Return the longest text that the messenger takes, in units of UTF-16."""
        return self._messenger.max_text

    @property
    def max_caption(self) -> int:
        """Return the longest text below a file."""
        return self._messenger.max_caption or self._messenger.max_text

    def is_group(self, chat_id: str) -> bool:
        """Return whether several people write in a chat."""
        return self._messenger.is_group(chat_id)

    def is_chat_of(self, chat_id: str, recipient: str, *, is_phone: bool) -> bool:
        """Return whether a chat is a recipient's, as far as that is known without asking."""
        recipient = recipient.strip()
        own = self._chats.own(chat_id)
        if own == self._chats.own(recipient):
            return True
        number = phone_of(recipient) or number_in(recipient)
        if number is None or not (
            is_phone
            or is_written_as_phone(recipient)
            or self._messenger.number_suffix is not None
        ):
            return False
        found, _ = self._found.get(number, ("", None))
        return self._chats.caller_key(chat_id) == number or (
            bool(found) and self._chats.own(found) == own
        )

    def titled(self, title: str, text: str) -> str:
        """Return a text below its title, which the messenger shows in bold type."""
        bold = self._messenger.bold
        return f"{bold}{title}{bold}\n{text}"

    def turn(self, chat_id: str) -> asyncio.Lock:
        """Return what keeps the parts of one message together, in their chat."""
        return self._locks.setdefault(chat_id, asyncio.Lock())

    async def async_chat_of(self, recipient: str, *, is_phone: bool = False) -> str:
        """Return the id of a chat or group, or of the chat of who has a phone number.

        Where ids hold no numbers the service is asked once. ``is_phone`` says that digits
        alone are a number. Raise ``ValueError`` for what is neither, ``NobodyThere``, or a
        ``ServiceError``.
        """
        recipient = recipient.strip()
        if self._messenger.number_suffix is not None:
            return chat_id_of(recipient, self._messenger)
        # Other messengers' automations name a person by WhatsApp's id.
        number = phone_of(recipient) or number_in(recipient)
        if is_chat_id(recipient, self._messenger) and not (
            number is not None and (is_phone or is_written_as_phone(recipient))
        ):
            return recipient
        if number is None:
            raise ValueError("Neither a phone number nor a chat id")
        return await self._async_find(number)

    async def async_send(
        self,
        chat_id: str,
        text: str | None,
        *,
        file: Attachment | None = None,
        quoted_message_id: str | None = None,
        first: str | None = None,
    ) -> str:
        """Send a text, or a file with a text below it, and return the message's id.

        ``first`` is the id of the first part of a message of several. Raise a
        ``ServiceError``.
        """
        chat_id = self._chats.address(chat_id)
        with self._answers.sending(self._chats.own(chat_id)):
            try:
                message_id = await self._async_hand_over(
                    chat_id, text, file, quoted_message_id
                )
            except AccountUnusable as err:
                # The account's state is known before the service reports it.
                self._account.async_refused(err)
                raise
            key = self._messenger.message_key(chat_id, message_id)
            self._answers.sent(key)
            if first is not None:
                self._note_part(key, self._messenger.message_key(chat_id, first))
                self._stored()
        return message_id

    def whole(self, message: str | None) -> str | None:
        """Return the first part of what a message is a part of, else the message itself."""
        return message if message is None else self._parts.get(message, message)

    def collect(self) -> dict[str, Any]:
        """Return what to store."""
        return {
            "numbers": {
                number: {"chat_id": chat_id, "asked_at": asked_at.isoformat()}
                for number, (chat_id, asked_at) in self._found.items()
            },
            "parts": dict(self._parts),
        }

    def restore(self, stored: Mapping[str, Any]) -> None:
        """Take over what was stored; what is no such thing is passed over."""
        numbers, parts = stored.get("numbers"), stored.get("parts")
        for number, known in (numbers if isinstance(numbers, dict) else {}).items():
            try:
                chat_id, asked_at = known["chat_id"], known["asked_at"]
                at = as_stored_moment(asked_at)
            except KeyError, OverflowError, TypeError, ValueError:
                continue
            if chat_id == "" or (
                isinstance(chat_id, str) and self._messenger.is_person(chat_id)
            ):
                self._note_found(number, chat_id, at)
        for part, first in (parts if isinstance(parts, dict) else {}).items():
            if isinstance(first, str):
                self._note_part(part, first)

    async def _async_hand_over(
        self,
        chat_id: str,
        text: str | None,
        file: Attachment | None,
        quoted_message_id: str | None,
    ) -> str:
        if file is None:
            return await self._client.send_text(
                chat_id, text or "", quoted_message_id=quoted_message_id
            )
        return await send_file(
            self._client,
            chat_id,
            file.url,
            file.name,
            caption=text,
            quoted_message_id=quoted_message_id,
        )

    async def _async_find(self, number: str) -> str:
        """Return the chat of who has a number; ask for it once."""
        if not self._messenger.knows(number):
            raise NobodyThere(number, self._messenger.title, is_abroad=True)
        # Two that want to know the same at once ask once, too.
        async with self._finding:
            chat_id, asked_at = self._found.get(number, ("", None))
            now = dt_util.utcnow()
            if not chat_id and (asked_at is None or abs(now - asked_at) > NOBODY_FOR):
                chat_id = await chat_of_number(self._client, number) or ""
                self._note_found(number, chat_id, now)
                self._stored()
        if not chat_id:
            raise NobodyThere(number, self._messenger.title)
        return chat_id

    def _note_found(self, number: str, chat_id: str, at: datetime) -> None:
        self._found.pop(number, None)
        self._found[number] = chat_id, at
        if len(self._found) > KEPT:
            self._found.popitem(last=False)

    def _note_part(self, part: str, first: str) -> None:
        self._parts[part] = first
        if len(self._parts) > KEPT:
            self._parts.popitem(last=False)
