"""Parse what GREEN-API sends, whatever it is."""

from collections.abc import Mapping
from datetime import UTC, datetime
import re
from typing import Final

from ..errors import ProtocolError
from ..fields import (
    MAX_ID_LENGTH,
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
from ..times import as_moment
from ..types import Direction, Json
from .models import REACTION, Kind, Notification, Received

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
# What an instance id, a token and a receipt are made of: they become parts of a path.
PATH_PART: Final = re.compile(r"[\w-]{1,200}", re.ASCII)
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


def parse_received(document: Json) -> Received:
    """Parse an answer; raise ``ProtocolError`` for what cannot be from this service."""
    if not isinstance(document, dict) or not document.keys() & {
        "receiptId",
        "body",
        "typeWebhook",
    }:
        raise ProtocolError("The answer is not one of GREEN-API")
    receipt_id = as_id(document.get("receiptId"))
    if receipt_id is not None and not PATH_PART.fullmatch(receipt_id):
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
        return _location_text(as_object(message.get("locationMessageData")))
    for data, key in TEXTS.get(message_type or "", ()):
        text = as_words(as_object(message.get(data)).get(key))
        if text is not None:
            return text
    return None


def _location_text(location: Mapping[str, Json]) -> str | None:
    """Return a place in words, else its coordinates."""
    for keys in (("nameLocation", "address"), ("latitude", "longitude")):
        words = [as_text(location.get(key)) for key in keys]
        if found := list(dict.fromkeys(filter(None, words))):
            return as_text(", ".join(found))
    return None
