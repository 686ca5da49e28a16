"""GREEN-API: a WhatsApp account behind a queue with receipts."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
import hmac
import re
import time
from typing import Any, ClassVar, Literal, override

from aiohttp import web
import orjson

from .certificate import Certificate
from .green_api_notifications import (
    SETTINGS,
    Direction,
    Writer,
    chat_id,
    message_id,
    text_data,
)
from .service import JSON_TYPE, PATIENCE, Answer, Service

type EmptyAnswer = Literal["null", "nothing"]
type Overlap = Literal["allow", "refuse"]

INSTANCE_ID = "1101000001"
TOKEN = "d75b3a66374942c5b3c019c698abc2067e151558acbd412345"
PHONE = "79001234567"
RETENTION = 24 * 60 * 60.0
FIRST_RECEIPT = 488645
LONGEST_MESSAGE = 20_000
MAX_LINES = 500
STATUSES = ("sent", "delivered", "read")

_METHODS = {
    "receiveNotification": "GET",
    "deleteNotification": "DELETE",
    "getStateInstance": "GET",
    "getSettings": "GET",
    "setSettings": "POST",
    "sendMessage": "POST",
    "checkWhatsapp": "POST",
}
_PATH = re.compile(r"/waInstance([^/]*)/([^/]*)/([^/]*)(?:/([^/]*))?")
_CHAT = re.compile(r"[0-9-]+@([cg]\.us|lid)")
_REFUSALS = {
    "notAuthorized": "instance account not authorized",
    "starting": "instance in starting process try later",
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


@dataclass(frozen=True, slots=True)
class _Entry:
    at: float
    receipt: str | None
    document: Any
    item: int = 0
    """Its number in the record."""


class GreenApiService(Service):
    """The gateway of one WhatsApp account."""

    name: ClassVar[str] = "green_api"

    def __init__(
        self,
        *,
        instance_id: str = INSTANCE_ID,
        token: str = TOKEN,
        phone: str = PHONE,
        host: str = "127.0.0.1",
        port: int = 0,
        certificate: Certificate | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare; notifications are kept for a day by the clock."""
        super().__init__(host=host, port=port, certificate=certificate, clock=clock)
        self.instance_id = instance_id
        self.token = token
        self.phone = phone
        self.state = "authorized"
        self.settings: dict[str, Any] = {
            "wid": chat_id(phone),
            "webhookUrl": "",
            "webhookUrlToken": "",
            "delaySendMessagesMilliseconds": 500,
            "markIncomingMessagesReaded": "no",
            "outgoingWebhook": "yes",
            "outgoingMessageWebhook": "yes",
            "outgoingAPIMessageWebhook": "yes",
            "incomingWebhook": "yes",
            "stateWebhook": "yes",
            "incomingCallWebhook": "yes",
            "catalogWebhook": "yes",
            "deviceWebhook": "no",
        }
        self.poll_time: float | None = None
        """How many seconds a long poll lasts; None: what the client asks for, from 5 to 60."""
        self.empty_answer: EmptyAnswer = "null"
        self.overlap: Overlap = "allow"
        """What a second reader at the same time gets."""
        self.statuses: Sequence[str] = STATUSES
        """What becomes of a message that is sent."""
        self.other_ids: dict[str, str | None] = {}
        """By the id of a chat: the id that its person is known by besides; None: nobody."""
        self.looked_up: list[str] = []
        self.sent: list[Sent] = []
        self.lines: deque[Line] = deque(maxlen=MAX_LINES)
        self.readers = 0
        """How many long polls wait."""
        self.most_readers = 0
        self._queue: deque[_Entry] = deque()
        self._receipt = FIRST_RECEIPT
        self._writer = Writer(instance_id, phone)
        self._endings = 0
        self._drops = 0

    @property
    def account(self) -> str:
        """Return the chat id of the account itself."""
        return self._writer.account

    @property
    def queue(self) -> list[Any]:
        """Return what waits, the oldest first, as it would be received."""
        return [document for _, document in self.queue_with_ages]

    @property
    def queue_with_ages(self) -> list[tuple[float, Any]]:
        """Return what waits, each after its age in seconds."""
        self._expire()
        now = self.clock()
        return [(now - entry.at, entry.document) for entry in self._queue]

    async def wait_for_readers(self, count: int = 1, timeout: float = PATIENCE) -> None:
        """Wait until exactly so many long polls wait. Raises TimeoutError."""
        await self.wait_until(lambda: self.readers == count, timeout)

    async def wait_for_sent(
        self, count: int = 1, timeout: float = PATIENCE
    ) -> list[Sent]:
        """Wait until so many messages were sent in all, and return them. Raises TimeoutError."""
        await self.wait_until(lambda: len(self.sent) >= count, timeout)
        return self.sent

    async def wait_until_empty(self, timeout: float = PATIENCE) -> None:
        """Wait until everything was deleted. Raises TimeoutError."""
        await self.wait_until(lambda: not self._queue, timeout)

    def push(self, body: Any, *, receipt: Any = "next") -> Any:
        """Queue any JSON value as a notification and return what will be received.

        The receipt may be anything; with None there is none.
        """
        document: dict[str, Any] = {"body": body}
        if receipt == "next":
            self._receipt += 1
            receipt = self._receipt
        if receipt is not None:
            document = {"receiptId": receipt, **document}
        return self.push_raw(document)

    def push_raw(self, document: Any, *, receipt: Any = None) -> Any:
        """Queue any JSON value, or bytes instead of one, to be received as it is.

        The receipt is the one that an object has, or the one that is said.
        """
        if receipt is None and isinstance(document, dict):
            receipt = document.get("receiptId")
        shown = "bytes" if isinstance(document, bytes) else document
        self._queue.append(
            _Entry(
                self.clock(),
                None if receipt is None else str(receipt),
                document,
                self.record.push(shown),
            )
        )
        self._report()
        return document

    def message(
        self,
        chat: str,
        text: str,
        name: str = "Guest",
        *,
        sender: str | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Let a guest write, in a group as one of it; return the notification.

        It is queued if the settings have it. The data are those of a text unless given.
        """
        body = self._writer.message(
            chat_id(chat),
            name,
            text_data(text) if data is None else dict(data),
            sender=None if sender is None else chat_id(sender),
        )
        self._write_down(chat_id(chat), name, text, body["idMessage"])
        self._offer(body)
        return body

    def write(self, chat: str, text: str, *, after: int = 0) -> dict[str, Any]:
        """Let staff write from the phone, by its time so many seconds after now.

        Return the notification, queued if the settings have it.
        """
        chat, id_ = chat_id(chat), message_id()
        body = self._writer.message_of_ours(chat, id_, text_data(text), api=False)
        body["timestamp"] += after
        self._write_down(chat, None, text, id_)
        self._offer(body)
        return body

    def call(
        self,
        number: str,
        status: str = "offer",
        *,
        direction: Direction = "incoming",
        call_id: str | None = None,
    ) -> dict[str, Any]:
        """Note a call; return the notification, queued if the settings have it."""
        body = self._writer.call(
            direction, chat_id(number), status, call_id or message_id()
        )
        self._offer(body)
        return body

    def set_state(self, state: str) -> None:
        """Change the account's state, and report it if the settings have it."""
        self.state = state
        self._offer(self._writer.state(state))

    def clear(self) -> None:
        """Empty the queue."""
        self.record.drop((entry.item for entry in self._queue), "cleared")
        self._queue.clear()
        self._report()

    def end_polls(self) -> None:
        """Answer all long polls that wait with nothing, as if their time were over."""
        self._endings += 1
        self._report()

    def drop_polls(self) -> None:
        """Close the connections of all long polls that wait, as a proxy does."""
        self._drops += 1
        self._report()

    async def restart(self, *, keep_queue: bool = True) -> None:
        """Come back on the same port, all connections dropped."""
        if not keep_queue:
            self.clear()
        self._restart(self.certificate)

    @override
    def token_ok(self, request: web.BaseRequest) -> bool:
        """Return whether a request names the instance and its token."""
        if request.method == "POST" and request.path == "/":
            return True
        found = _PATH.fullmatch(request.path)
        return (
            found is not None
            and found[1] == self.instance_id
            and hmac.compare_digest(found[3].encode(), self.token.encode())
        )

    @override
    def cursor(self, request: web.BaseRequest) -> str | None:
        """Return the receipt that a request deletes."""
        found = _PATH.fullmatch(request.path)
        return found[4] if found is not None else None

    @override
    async def answer(self, request: web.BaseRequest, token_ok: bool) -> Answer:
        """Answer a call of the API; a POST to the root is a notification for the queue."""
        if request.method == "POST" and request.path == "/":
            return await self._debug(request)
        found = _PATH.fullmatch(request.path)
        if found is None or found[2] not in _METHODS:
            return Answer.text(404)
        if request.method != _METHODS[found[2]]:
            return Answer.text(405)
        if not token_ok:
            return Answer.text(401 if found[1] == self.instance_id else 403)
        match found[2]:
            case "receiveNotification":
                return await self._receive(request)
            case "deleteNotification":
                return Answer.json({"result": self._delete(found[4])})
            case "getStateInstance":
                return Answer.json({"stateInstance": self.state})
            case "getSettings":
                return Answer.json(self.settings)
            case "setSettings":
                return self._set_settings(await _read(request))
            case "checkWhatsapp":
                return self._check(await _read(request))
            case _:
                return self._send_message(await _read(request))

    async def _debug(self, request: web.BaseRequest) -> Answer:
        body = await _read(request)
        if body is None:
            return _bad_request("the body must be a JSON object")
        self.push(body)
        return Answer.json({})

    async def _receive(self, request: web.BaseRequest) -> Answer:
        try:
            seconds = poll_seconds(request.query.get("receiveTimeout", "5"))
        except ValueError:
            return _bad_request("receiveTimeout must be a whole number")
        if self.overlap == "refuse" and self.readers:
            return Answer.json({"message": "receiveNotification calls overlap"}, 409)
        if self.poll_time is not None:
            seconds = self.poll_time
        endings, drops = self._endings, self._drops
        self.readers += 1
        self.most_readers = max(self.most_readers, self.readers)
        self._report()
        try:
            await self.wait_until(
                lambda: (
                    bool(self._queue)
                    or (endings, drops) != (self._endings, self._drops)
                ),
                seconds,
            )
        except TimeoutError:
            pass
        finally:
            self.readers -= 1
            self._report()
        if drops != self._drops:
            if request.transport is not None:
                request.transport.close()
            # The connection's end cancels the handler.
            await asyncio.Event().wait()
        self._expire()
        items = [self._queue[0].item] if self._queue else []
        if self._queue:
            document = self._queue[0].document
            if isinstance(document, bytes):
                return Answer(
                    body=document, headers={"Content-Type": JSON_TYPE}, items=items
                )
            return Answer.json(document, items=items)
        if self.empty_answer == "nothing":
            return Answer(headers={"Content-Type": JSON_TYPE}, items=items)
        return Answer.json(None, items=items)

    def _delete(self, receipt: str | None) -> bool:
        self._expire()
        for entry in self._queue:
            if entry.receipt == receipt:
                self._queue.remove(entry)
                self.record.drop([entry.item], "deleted")
                self._report()
                return True
        return False

    def change_settings(self, changes: Mapping[str, Any]) -> None:
        """Change settings of the instance; the others stay. Raises ValueError for unknown ones."""
        if unknown := changes.keys() - self.settings.keys() | changes.keys() & {"wid"}:
            raise ValueError(f"unknown setting: {', '.join(sorted(unknown))}")
        self.settings |= changes

    def _set_settings(self, changes: dict[str, Any] | None) -> Answer:
        if not changes:
            return _bad_request("at least one setting is expected")
        try:
            self.change_settings(changes)
        except ValueError as error:
            return _bad_request(str(error))
        return Answer.json({"saveSettings": True})

    def _send_message(self, given: dict[str, Any] | None) -> Answer:
        if self.state in _REFUSALS:
            return Answer.json({"message": _REFUSALS[self.state]}, 400)
        given = given or {}
        chat, text = given.get("chatId"), given.get("message")
        quoted = given.get("quotedMessageId")
        if not isinstance(chat, str) or not _CHAT.fullmatch(chat):
            return _bad_request("'chatId' must be one")
        if not isinstance(text, str) or not 0 < len(text) <= LONGEST_MESSAGE:
            return _bad_request("'message' must be a text")
        if not isinstance(quoted, str | None):
            return _bad_request("'quotedMessageId' must be a text")
        id_ = message_id()
        self.sent.append(Sent(id_, chat, text, quoted))
        self._write_down(chat, None, text, id_, by_api=True)
        data = {
            "typeMessage": "extendedTextMessage",
            "extendedTextMessageData": {"text": text},
        }
        if quoted is not None:
            data |= {
                "typeMessage": "quotedMessage",
                "quotedMessage": {"stanzaId": quoted},
            }
        self._offer(self._writer.message_of_ours(chat, id_, data, api=True))
        for status in self.statuses:
            self._offer(self._writer.status(chat, id_, status, api=True))
        self._report()
        return Answer.json({"idMessage": id_})

    def _check(self, given: dict[str, Any] | None) -> Answer:
        """Return whether somebody is there, and by which id besides."""
        number, chat = (given or {}).get("phoneNumber"), (given or {}).get("chatId")
        if isinstance(number, int | str) and re.fullmatch("[0-9]{11,16}", str(number)):
            chat = chat_id(str(number))
        if not isinstance(chat, str) or not _CHAT.fullmatch(chat):
            return _bad_request("bad phone number, valid from 11 to 16 digits")
        self.looked_up.append(chat)
        self._report()
        other = self.other_ids.get(chat, chat)
        if other is None:
            return Answer.json({"existsWhatsapp": False})
        return Answer.json({"existsWhatsapp": True, "chatId": other})

    def _offer(self, body: dict[str, Any]) -> None:
        """Queue a notification if the settings have it."""
        name = SETTINGS[body["typeWebhook"]]
        if self.settings[name] == "yes" and not self.settings["webhookUrl"]:
            self.push(body)

    def _write_down(
        self, chat: str, name: str | None, text: str, id_: str, *, by_api: bool = False
    ) -> None:
        self.lines.append(
            Line(
                at=self.clock(),
                chat_id=chat,
                name=name,
                text=text,
                message_id=id_,
                by_api=by_api,
            )
        )

    def _expire(self) -> None:
        now = self.clock()
        while self._queue and now - self._queue[0].at > RETENTION:
            self.record.drop([self._queue.popleft().item], "expired")


def poll_seconds(text: str) -> float:
    """Return how long a poll waits that asks for so many seconds. Raises ValueError for no number."""
    return float(min(max(int(text), 5), 60))


def call_name(path: str) -> str:
    """Return a path without the instance and its token."""
    found = _PATH.fullmatch(path)
    return path if found is None else " ".join(filter(None, (found[2], found[4])))


async def _read(request: web.BaseRequest) -> dict[str, Any] | None:
    """Return the JSON object of a request, None for anything else."""
    try:
        value = orjson.loads(await request.read())
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


def _bad_request(text: str) -> Answer:
    return Answer.json({"message": f"bad request data: {text}"}, 400)
