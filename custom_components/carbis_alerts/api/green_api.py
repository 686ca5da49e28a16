"""GREEN-API: a gateway to a WhatsApp account, read as a queue with receipts.

Facts of the vendor's descriptions of 2020 (v2) and of today: each address has the
instance and its token in the path. ``receiveNotification`` waits up to
``receiveTimeout`` seconds for the head of the queue and answers ``null`` or nothing at
all where none comes; the head stays until it is deleted by its receipt, for 24 hours.
It is one queue for one reader. The set of notifications and of messages is open.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
import re
from typing import Final, Literal

import aiohttp
from yarl import URL

from ..domain.numbers import normalised
from .errors import (
    AccountNotAuthorized,
    AuthenticationError,
    ProtocolError,
    QuotaExceeded,
    RequestRefused,
    SecondReader,
    ServiceError,
    ServiceUnavailable,
)
from .fields import (
    MAX_NAME,
    as_id,
    as_name,
    as_object,
    as_text,
    as_url,
    as_words,
    digest,
    prune,
    shape,
)
from .json import JUNK_BYTES, read_json
from .times import as_moment
from .transport import DEFAULT_LIMITS, Explain, Json, Limits, Rescue, Transport

# Seconds; the service takes 5 to 60.
RECEIVE_TIMEOUT: Final = 20

# What has to be "yes" for the notifications that this client understands.
WANTED_SETTINGS: Final = (
    "incomingWebhook",
    "outgoingWebhook",
    "outgoingMessageWebhook",
    "outgoingAPIMessageWebhook",
    "stateWebhook",
    "incomingCallWebhook",
)
# Nothing comes into the queue while notifications go to an address.
WEBHOOK_URL: Final = "webhookUrl"

GROUP_SUFFIX: Final = "@g.us"
# Statuses and lists; channels.
BROADCAST_SUFFIXES: Final = ("@broadcast", "@newsletter")
REACTION: Final = "reactionMessage"
# An id becomes part of an address and of a registry's key; real ones have 40 characters.
MAX_ID_LENGTH: Final = MAX_NAME

# Where a message has its text, most likely place first; the documents do not agree.
_WORDS: Final = (
    ("textMessageData", "textMessage"),
    ("extendedTextMessageData", "text"),
)
_CAPTION: Final = (("fileMessageData", "caption"),)
TEXTS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "textMessage": _WORDS,
    "extendedTextMessage": _WORDS[::-1],
    "quotedMessage": _WORDS[::-1],
    REACTION: _WORDS[::-1],
    "editedMessage": (("editedMessageData", "textMessage"),),
    "imageMessage": _CAPTION,
    "videoMessage": _CAPTION,
    "documentMessage": _CAPTION,
    "audioMessage": _CAPTION,
    "contactMessage": (("contactMessageData", "displayName"),),
    "pollMessage": (("pollMessageData", "name"),),
}
LOCATION: Final = "locationMessage"

# The tariff's quota is used up; the notification that says so may be the answer itself.
QUOTA_STATUS: Final = 466
QUOTA_CODE: Final = "quotaExceeded"
# A receipt in what cannot be read as a whole, and what stands for the rest of it.
RECEIPT: Final = re.compile(rb'"receiptId"\s{0,20}:\s{0,20}"?([\w-]{1,40})', re.ASCII)
UNREADABLE: Final = "unreadable"

_SECRET: Final = re.compile(r"[\w-]{1,200}", re.ASCII)
_PERSON: Final = re.compile(r"[0-9]{5,20}@(c\.us|lid)")
_GROUP: Final = re.compile(r"[0-9]+(-[0-9]+)?@g\.us")
_PHONE: Final = re.compile("[+]?[ (]*[0-9][0-9 ()./\u00a0\u2010-\u2015-]*")
# Digits of a number with its country's code (E.164 ends at 15).
_SHORTEST_PHONE: Final = 8
_LONGEST_PHONE: Final = 15

type Kind = Literal[
    "message",
    "message_sent",
    "message_status",
    "whatsapp_call",
    "account_state",
    "other",
]
type Direction = Literal["incoming", "outgoing"]

KINDS: Final[Mapping[str, Kind]] = {
    "incomingMessageReceived": "message",
    # Or a message_sent: see _kind.
    "outgoingMessageReceived": "message",
    "outgoingAPIMessageReceived": "message_sent",
    "outgoingMessageStatus": "message_status",
    "incomingCall": "whatsapp_call",
    "outgoingCall": "whatsapp_call",
    "stateInstanceChanged": "account_state",
}


def explain(status: int, text: str) -> ServiceError | None:
    """Return what a failure of the service means beyond its status.

    How the service tells that two readers met is not documented: a conflict by its
    status, or the word for it, is taken for that.
    """
    text = text.lower()
    if status == QUOTA_STATUS:
        return QuotaExceeded("The tariff's quota is used up (HTTP 466)", status=status)
    if status == 409 or (status not in {401, 403, 429} and "overlap" in text):
        return SecondReader("Another program reads the same queue", status=status)
    if status == 499:
        return ServiceUnavailable("The server gave up waiting", status=status)
    if status != 400:
        return None
    if "not authorized" in text:
        return AccountNotAuthorized("The account is not linked", status=status)
    if "starting process" in text:
        return ServiceUnavailable("The account is just starting", status=status)
    return RequestRefused("The service refuses the request (HTTP 400)", status=status)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """One notification.

    ``code`` is the service's name of its type, ``key`` its id: one message has several
    statuses. ``account`` is the chat id of the account itself. ``status`` is that of a
    sent message or of a call, ``state`` the account's, or in ``statusInstanceChanged``
    the socket's. ``raw`` is the service's object.
    """

    kind: Kind
    code: str
    key: str
    timestamp: datetime | None
    account: str | None
    chat_id: str | None
    chat_name: str | None
    sender: str | None
    sender_name: str | None
    message_id: str | None
    message_type: str | None
    text: str | None
    media_url: str | None
    file_name: str | None
    caller: str | None
    direction: Direction | None
    status: str | None
    state: str | None
    raw: Mapping[str, Json]

    @property
    def is_group(self) -> bool:
        """Tell whether it is of a group."""
        return self.chat_id is not None and is_group(self.chat_id)

    @property
    def is_reaction(self) -> bool:
        """Tell whether it is a mere reaction to another message."""
        return self.message_type == REACTION

    @property
    def is_quota(self) -> bool:
        """Tell whether it says that the tariff's quota is used up."""
        return self.code == QUOTA_CODE

    @property
    def is_status_broadcast(self) -> bool:
        """Tell whether it was sent to nobody in particular."""
        return self.chat_id is not None and self.chat_id.endswith(BROADCAST_SUFFIXES)

    @property
    def awaits_answer(self) -> bool:
        """Tell whether somebody wrote who may expect an answer."""
        return not (self.is_group or self.is_reaction or self.is_status_broadcast)


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """The head of the queue.

    ``receipt_id`` is what it is deleted by; without one it cannot be. ``notification``
    is None where it cannot be understood; then ``shape`` holds its keys and types.
    """

    receipt_id: str | None
    notification: Notification | None
    shape: Json


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
    ) -> None:
        """Take the API's address, the instance and its token, and how long to wait (s)."""
        self._transport = Transport(
            session, url, fingerprint=fingerprint, limits=limits
        )
        self._instance_id = instance_id.strip()
        self._token = token.strip()
        self.receive_timeout = receive_timeout
        self._receiving = asyncio.Lock()
        # The receipt of a head that ended too early: once may be the connection's fault.
        self._cut_off: str | None = None

    async def receive(self) -> Received | None:
        """Wait for the head of the queue; None where nothing came.

        Raise ``AuthenticationError``, ``AccountNotAuthorized``, ``QuotaExceeded``,
        ``SecondReader``, ``RateLimited``, ``ServiceUnavailable`` or ``ProtocolError``, as
        all that follow do.
        """
        head: Json = None

        def explain_head(status: int, text: str) -> ServiceError | None:
            nonlocal head
            if status == QUOTA_STATUS:
                head = _head_in(text)
            return explain(status, text)

        async with self._receiving:
            try:
                document = await self._request(
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
        return None if document is None else parse_received(document)

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
        document = await self._request("DELETE", "deleteNotification", f"/{receipt_id}")
        result = as_object(document).get("result")
        if not isinstance(result, bool):
            raise ProtocolError("The answer is not one of GREEN-API")
        return result

    async def state(self) -> str:
        """Return the account's state, ``authorized`` where all is well."""
        document = as_object(await self._request("GET", "getStateInstance"))
        if (state := as_name(document.get("stateInstance"))) is None:
            raise ProtocolError("The answer is not one of GREEN-API")
        return state

    async def settings(self) -> Mapping[str, Json]:
        """Return the settings of the instance; some hold secrets of other programs."""
        settings = as_object(await self._request("GET", "getSettings"))
        if not settings.keys() & {WEBHOOK_URL, *WANTED_SETTINGS}:
            raise ProtocolError("The answer is not one of GREEN-API")
        return settings

    async def set_settings(self, changes: Mapping[str, Json]) -> None:
        """Change some settings; the others stay. It takes some minutes to have effect."""
        document = await self._request("POST", "setSettings", body=dict(changes))
        if as_object(document).get("saveSettings") is not True:
            raise RequestRefused("The service does not take the settings")

    async def send_text(
        self, chat_id: str, message: str, *, quoted_message_id: str | None = None
    ) -> str:
        """Send a text to a chat and return the id of the message."""
        body: dict[str, Json] = {"chatId": chat_id, "message": message}
        if quoted_message_id is not None:
            body["quotedMessageId"] = quoted_message_id
        document = as_object(await self._request("POST", "sendMessage", body=body))
        if (message_id := as_text(document.get("idMessage"))) is None:
            raise RequestRefused("The service does not take the message")
        return message_id

    async def _request(
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
        """Call a method of the API."""
        # They become part of a path; what is no id must not lead elsewhere.
        if not _SECRET.fullmatch(self._instance_id) or not _SECRET.fullmatch(
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


def parse_received(document: Json) -> Received:
    """Parse an answer; raise ``ProtocolError`` for what cannot be from this service."""
    if not isinstance(document, dict) or not document.keys() & {
        "receiptId",
        "body",
        "typeWebhook",
    }:
        raise ProtocolError("The answer is not one of GREEN-API")
    receipt_id = as_id(document.get("receiptId"))
    if receipt_id is not None and not _SECRET.fullmatch(receipt_id):
        receipt_id = None
    body = document.get("body", document if "typeWebhook" in document else None)
    try:
        notification = parse_notification(body, receipt_id)
    except Exception:  # noqa: BLE001 - it must not hold up what waits behind it
        notification = None
    return Received(
        receipt_id=receipt_id,
        notification=notification,
        shape=shape(document) if notification is None else None,
    )


def parse_notification(body: Json, receipt_id: str | None) -> Notification | None:
    """Parse a notification; None where it does not say what it is."""
    if not isinstance(body, dict) or not (code := as_id(body.get("typeWebhook"))):
        return None
    kind = _kind(code, body)
    sender_data = as_object(body.get("senderData"))
    is_message = kind in {"message", "message_sent"}
    message = as_object(body.get("messageData")) if is_message else {}
    message_type = as_name(message.get("typeMessage"))
    file = as_object(message.get("fileMessageData"))
    chat_id = as_id(sender_data.get("chatId")) or as_id(body.get("chatId"))
    sender = as_id(sender_data.get("sender"))
    return Notification(
        kind=kind,
        code=code,
        key=_key(code, body, receipt_id),
        timestamp=as_moment(body.get("timestamp"), datetime.now(UTC)),
        account=_account(body),
        chat_id=chat_id or (sender if kind == "message" else None),
        chat_name=as_name(sender_data.get("chatName")),
        sender=sender,
        # What staff call somebody goes before what somebody calls himself.
        sender_name=as_name(sender_data.get("senderContactName"))
        or as_name(sender_data.get("senderName")),
        message_id=as_id(body.get("idMessage")),
        message_type=message_type,
        text=_text(message_type, message),
        media_url=as_url(file.get("downloadUrl")),
        file_name=as_name(file.get("fileName")),
        caller=as_id(body.get("from")) if kind == "whatsapp_call" else None,
        direction=_direction(code),
        status=as_name(body.get("status")),
        state=as_name(body.get("stateInstance")) or as_name(body.get("statusInstance")),
        raw=as_object(prune(body)) if kind == "other" else body,
    )


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


def is_group(chat_id: str) -> bool:
    """Tell whether a chat is a group."""
    return chat_id.endswith(GROUP_SUFFIX)


def problems(settings: Mapping[str, Json]) -> dict[str, Json]:
    """Return what has to change so that notifications come into the queue.

    A setting that the service does not name cannot be in the way.
    """
    changes: dict[str, Json] = {
        name: "yes"
        for name in WANTED_SETTINGS
        if name in settings and not _is_yes(settings[name])
    }
    if as_text(settings.get(WEBHOOK_URL)) is not None:
        changes[WEBHOOK_URL] = ""
    return changes


def _is_yes(value: Json) -> bool:
    """Tell whether a setting is on."""
    return value is True or (isinstance(value, str) and value.strip().lower() == "yes")


def _kind(code: str, body: Mapping[str, Json]) -> Kind:
    """Return what happened; in the v2 description guests' messages are "outgoing" too."""
    if code == "outgoingMessageReceived":
        sender = _person(as_object(body.get("senderData")).get("sender"))
        if sender is not None and sender == _person(_account(body)):
            return "message_sent"
    return KINDS.get(code, "other")


def _account(body: Mapping[str, Json]) -> str | None:
    """Return the chat id of the account itself."""
    return as_id(as_object(body.get("instanceData")).get("wid"))


def _person(value: Json) -> str | None:
    """Return what is compared of a chat id: neither server nor device."""
    text = as_id(value)
    return None if text is None else text.partition("@")[0].partition(":")[0]


def _direction(code: str) -> Direction | None:
    """Return the direction of a call."""
    match code:
        case "incomingCall":
            return "incoming"
        case "outgoingCall":
            return "outgoing"
        case _:
            return None


def _key(code: str, body: Mapping[str, Json], receipt_id: str | None) -> str:
    """Return the id of a notification: the same when it comes again."""
    parts = [code]
    if message_id := as_id(body.get("idMessage")):
        parts += [message_id, as_name(body.get("status")) or ""]
    else:
        # Without a receipt two of a second would be one.
        parts += [
            receipt_id or digest(dict(body)),
            as_id(body.get("timestamp")) or "",
        ]
    key = ":".join(filter(None, parts))
    return key if len(key) <= MAX_ID_LENGTH else digest(key)


def _text(message_type: str | None, message: Mapping[str, Json]) -> str | None:
    """Return the words of a message, as they were written."""
    if message_type == LOCATION:
        return _place(as_object(message.get("locationMessageData")))
    for data, key in TEXTS.get(message_type or "", ()):
        text = as_words(as_object(message.get(data)).get(key))
        if text is not None:
            return text
    return None


def _place(location: Mapping[str, Json]) -> str | None:
    """Return a place in words, else its coordinates."""
    for keys in (("nameLocation", "address"), ("latitude", "longitude")):
        words = [as_text(location.get(key)) for key in keys]
        if found := list(dict.fromkeys(filter(None, words))):
            return as_text(", ".join(found))
    return None
