"""Read the queue of an instance, and write in its name."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
import re
from typing import Final

import aiohttp
from yarl import URL

from ..errors import (
    AuthenticationError,
    ProtocolError,
    QuotaExceeded,
    RequestRefused,
    ServiceError,
    ServiceUnavailable,
)
from ..fields import as_code, as_id, as_object
from ..intake import Budget
from ..json import JUNK_BYTES, read_json
from ..recorder import Tap
from ..transport import DEFAULT_LIMITS, Explain, Limits, Rescue, Transport
from ..types import Json
from .messengers import WHATSAPP, Messenger
from .models import Received
from .parse import PATH_PART, parse_received
from .reasons import QUOTA_STATUS, explain, is_gone
from .settings import WANTED_SETTINGS, WEBHOOK_URL

# Seconds; the service takes 5 to 60.
RECEIVE_TIMEOUT: Final = 20
# Bytes of an answer: a notification has some hundred, with a picture in it some 100,000.
MAX_ANSWER: Final = 4 * 1024 * 1024
# A receipt in what cannot be read as a whole, and what stands for the rest of it.
RECEIPT: Final = re.compile(rb'"receiptId"\s{0,20}:\s{0,20}"?([\w-]{1,40})', re.ASCII)
UNREADABLE: Final = "unreadable"
# Where the answer to a lookup has other ids of a person.
IDS: Final = ("chatId", "lid", "phoneNumber", "phone")


class GreenApiClient:
    """Read the queue of an instance, and write in its name."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: URL,
        instance_id: str,
        token: str,
        *,
        fingerprint: str | None = None,
        limits: Limits = DEFAULT_LIMITS,
        receive_timeout: int = RECEIVE_TIMEOUT,
        messenger: Messenger = WHATSAPP,
        tap: Tap | None = None,
        budget: Budget | None = None,
    ) -> None:
        """Take the API's address, the instance and its token, and how long to wait (s)."""
        self.messenger = messenger
        self._transport = Transport(
            session,
            url,
            fingerprint=fingerprint,
            limits=replace(limits, body=min(limits.body, MAX_ANSWER)),
            tap=tap,
            budget=budget,
        )
        self._instance_id = instance_id.strip()
        self._token = token.strip()
        self.receive_timeout = receive_timeout
        self._receiving = asyncio.Lock()
        # The receipt of a head that ended too early: once may be the connection's fault.
        self._cut_off: str | None = None

    async def receive(self) -> Received | None:
        """Wait for the service's budget, then for the head of the queue; None for none.

        Raise ``AuthenticationError``, ``AccountUnusable``, ``QuotaExceeded``,
        ``SecondReader``, ``RateLimited``, ``ServiceUnavailable``, ``RequestRefused`` or
        ``ProtocolError``, as all that follow do.
        """
        head: Json = None

        def explain_head(status: int, text: str) -> ServiceError | None:
            nonlocal head
            if status == QUOTA_STATUS:
                head = _head_in(text)
            return explain(status, text)

        async with self._receiving:
            await self._transport.budget.take()
            try:
                document = await self.call(
                    "GET",
                    "receiveNotification",
                    params={"receiveTimeout": str(self.receive_timeout)},
                    wait=self.receive_timeout,
                    explain=explain_head,
                    rescue=self._rescue,
                )
            except QuotaExceeded:
                if head is None:
                    raise
                document = head
        return None if document is None else parse_received(document, self.messenger)

    def _rescue(self, body: bytes) -> Json:
        """Return a head that has but its receipt, of a body that cannot be read.

        So it can be deleted, or nothing behind it would come for a day. What ends too
        early is asked for once more before that.
        """
        # Of characters of two bytes one is zero.
        found = RECEIPT.search(body.replace(b"\0", b""))
        receipt_id = None if found is None else found[1].decode()
        is_whole = body.rstrip(JUNK_BYTES).endswith(b"}") and found is not None
        if receipt_id is None or not (is_whole or receipt_id == self._cut_off):
            self._cut_off = receipt_id
            return None
        self._cut_off = None
        return {"receiptId": receipt_id, "body": UNREADABLE}

    async def delete(self, receipt_id: str | int) -> bool:
        """Take a notification out of the queue; False where it is not there any more.

        A request may reach the service twice where a kept-alive connection breaks, so a
        single False need not mean that somebody else was quicker.
        """
        gone = False

        def explain_gone(status: int, text: str) -> ServiceError | None:
            nonlocal gone
            gone = status >= 500 and is_gone(text)
            return explain(status, text)

        try:
            document = await self.call(
                "DELETE", "deleteNotification", f"/{receipt_id}", explain=explain_gone
            )
        except ServiceUnavailable:
            if gone:
                return False
            raise
        result = as_object(document).get("result")
        if not isinstance(result, bool):
            raise ProtocolError("The answer is not one of GREEN-API")
        return result

    async def state(self) -> str:
        """Return the account's state, ``authorized`` where all is well."""
        document = as_object(await self.call("GET", "getStateInstance"))
        if (state := as_code(document.get("stateInstance"))) is None:
            raise ProtocolError("The answer is not one of GREEN-API")
        return state

    async def settings(self) -> Mapping[str, Json]:
        """Return the settings of the instance; some hold secrets of other programs."""
        settings = as_object(await self.call("GET", "getSettings"))
        if not settings.keys() & {WEBHOOK_URL, *WANTED_SETTINGS}:
            raise ProtocolError("The answer is not one of GREEN-API")
        return settings

    async def set_settings(self, changes: Mapping[str, Json]) -> None:
        """Change some settings; the others stay. It takes some minutes to have effect."""
        document = await self.call("POST", "setSettings", body=dict(changes))
        if as_object(document).get("saveSettings") is not True:
            raise RequestRefused("The service does not take the settings")

    async def send_text(
        self, chat_id: str, message: str, *, quoted_message_id: str | None = None
    ) -> str:
        """Send a text to a chat and return the id of the message."""
        body: dict[str, Json] = {"chatId": chat_id, "message": message}
        if quoted_message_id is not None:
            body["quotedMessageId"] = quoted_message_id
        document = as_object(await self.call("POST", "sendMessage", body=body))
        if (message_id := as_id(document.get("idMessage"))) is None:
            raise RequestRefused("The service does not take the message")
        return message_id

    async def other_ids(self, chat_id: str) -> frozenset[str]:
        """Ask by which other chat ids a person is known: a hidden id, a number's.

        Empty where the service names none. Ask once: asked too often it punishes.
        """
        if (lookup := self.messenger.lookup) is None:
            return frozenset()
        number = self.messenger.number_of(chat_id)
        body: dict[str, Json] = (
            {"chatId": chat_id} if number is None else {"phoneNumber": int(number)}
        )
        document = await self.call("POST", lookup, body=body)
        answer = as_object(document)
        found: set[str] = set()
        for given in (as_id(answer.get(name)) for name in IDS):
            if given is None:
                continue
            other = self.messenger.chat_of(given) if given.isdecimal() else given
            if other is not None and self.messenger.is_person(other):
                found.add(other)
        if not found and not any(isinstance(value, bool) for value in answer.values()):
            raise ProtocolError("The answer is not one of GREEN-API")
        return frozenset(found - {chat_id})

    async def call(
        self,
        method: str,
        name: str,
        more: str = "",
        *,
        params: Mapping[str, str] | None = None,
        body: Json = None,
        wait: float = 0.0,
        explain: Explain = explain,
        rescue: Rescue | None = None,
    ) -> Json:
        """Call a method of the API by its name; return what it answers."""
        # They become part of a path; what is no id must not lead elsewhere.
        if not PATH_PART.fullmatch(self._instance_id) or not PATH_PART.fullmatch(
            self._token
        ):
            raise AuthenticationError("The instance id or the token cannot be one")
        headers = {"Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        return await self._transport.request_json(
            method,
            f"waInstance{self._instance_id}/{name}/{self._token}{more}",
            params=params,
            headers=headers,
            body=body,
            wait=wait,
            allow_empty=True,
            explain=explain,
            rescue=rescue,
        )


def _head_in(text: str) -> Json:
    """Return the head of the queue that an error's text is, None where it is none."""
    with suppress(ValueError):
        document = read_json(text.encode("utf-8", "replace"))
        if isinstance(document, dict) and "receiptId" in document:
            return document
    return None
