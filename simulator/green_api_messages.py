"""Sending through GREEN-API, and who is at a number."""

from dataclasses import dataclass
import re
from typing import TYPE_CHECKING, Final

from .green_api_calls import Call, Method, Methods, bad_request
from .service import Answer

if TYPE_CHECKING:
    from .green_api import GreenApiService

NUMBER: Final = re.compile("[0-9]{11,16}")
# By the account's state: the status and the words of a refusal to send.
REFUSALS: Final = {
    "notAuthorized": (400, "instance account not authorized"),
    "starting": (400, "instance in starting process try later"),
    "suspended": (403, "Account is suspended"),
}


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that was sent through the API."""

    message_id: str
    chat_id: str
    text: str
    quoted_message_id: str | None


@dataclass(slots=True, kw_only=True)
class Line:
    """What somebody wrote in a chat."""

    at: float
    chat_id: str
    name: str | None
    """Who wrote it; None is the restaurant."""
    text: str
    message_id: str
    by_api: bool = False


class Messages:
    """The calls that write to people."""

    def __init__(self, green: GreenApiService) -> None:
        """Write in the name of an account."""
        self._green = green

    @property
    def methods(self) -> Methods:
        """Return the calls of the API."""
        methods = {"sendMessage": Method("POST", self._send)}
        if (lookup := self._green.messenger.lookup) is not None:
            methods[lookup] = Method("POST", self._check)
        return methods

    async def _send(self, call: Call) -> Answer:
        green = self._green
        if (refusal := REFUSALS.get(green.state)) is not None:
            status, words = refusal
            return Answer.json({"message": words}, status)
        given = await call.read() or {}
        chat, text = given.get("chatId"), given.get("message")
        quoted = given.get("quotedMessageId")
        if not isinstance(chat, str) or (found := self._chat(chat)) is None:
            return bad_request("'chatId' must be one")
        if not isinstance(text, str) or not 0 < len(text) <= green.messenger.max_text:
            return bad_request("'message' must be a text")
        if not isinstance(quoted, str | None):
            return bad_request("'quotedMessageId' must be a text")
        return Answer.json({"idMessage": self.send(found, text, quoted)})

    def send(self, chat: str, text: str, quoted: str | None) -> str:
        """Send a text, report it and what becomes of it; return its id."""
        green = self._green
        id_ = green.writer.people.message_id(chat)
        green.sent.append(Sent(id_, chat, text, quoted))
        green.write_down(chat, None, text, id_, by_api=True)
        data = green.model.sent_data(text, quoted)
        green.offer(green.writer.message_of_ours(chat, id_, data, api=True))
        for status in green.statuses:
            green.offer(green.writer.status(chat, id_, status, api=True))
        green.report()
        return id_

    def _chat(self, given: str) -> str | None:
        """Return the chat that is written to, None where it is no chat.

        Telegram takes a number in WhatsApp's form too, by the vendor's page "Key
        differences of the Telegram version".
        """
        model = self._green.model
        if model.has_chat_types and given.endswith("@c.us"):
            given = self._green.chat_id(given)
        return given if model.accepts(given) else None

    async def _check(self, call: Call) -> Answer:
        """Return whether somebody is there, and by which id besides."""
        green, given = self._green, await call.read() or {}
        number, chat = given.get("phoneNumber"), given.get("chatId")
        if isinstance(number, int | str) and NUMBER.fullmatch(str(number)):
            if not str(number).startswith(green.model.countries):
                return bad_request("numbers of this country cannot be looked up")
            chat = green.chat_id(f"+{number}")
        elif not green.model.has_number_ids:
            chat = None
        if not isinstance(chat, str) or not green.model.accepts(chat):
            return bad_request("bad phone number, valid from 11 to 16 digits")
        green.looked_up.append(chat)
        green.report()
        other = green.other_ids.get(chat, chat)
        if other is None:
            return Answer.json({green.model.exists: False})
        return Answer.json({green.model.exists: True, "chatId": other})
