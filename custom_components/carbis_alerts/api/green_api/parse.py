"""Parse what GREEN-API sends, whatever it is."""

from collections.abc import Mapping
from datetime import UTC, datetime
import re
from typing import Final

from ..errors import ProtocolError
from ..fields import as_code, as_id, as_key, as_name, as_object, digest, prune, shape
from ..times import as_moment
from ..types import Json
from .content import changed_id, is_change, media_url_of, without_marks, words_of
from .kinds import KINDS, MESSAGES, Kind, direction_of
from .messengers import WHATSAPP, Messenger, named
from .models import Notification, Received

# What an instance id, a token and a receipt are made of: they become parts of a path.
PATH_PART: Final = re.compile(r"[\w-]{1,200}", re.ASCII)


def parse_received(document: Json, messenger: Messenger = WHATSAPP) -> Received:
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
        notification = parse_notification(body, receipt_id, messenger)
    except Exception:  # noqa: BLE001 - it must not hold up what waits behind it
        notification = None
    return Received(
        receipt_id=receipt_id,
        notification=notification,
        shape=shape(document) if notification is None else None,
    )


def parse_notification(
    body: Json, receipt_id: str | None, messenger: Messenger = WHATSAPP
) -> Notification | None:
    """Parse a notification; None where it does not say what it is."""
    if not isinstance(body, dict) or not (code := as_id(body.get("typeWebhook"))):
        return None
    kind: Kind = KINDS.get(code, "other")
    sender_data = as_object(body.get("senderData"))
    message = as_object(body.get("messageData")) if kind in MESSAGES else {}
    sender = as_id(sender_data.get("sender"))
    chat_id = (
        as_id(sender_data.get("chatId"))
        or as_id(body.get("chatId"))
        # What is ours has a chat of its own: its sender is the account.
        or (sender if kind == "message" else None)
    )
    message_id = as_id(body.get("idMessage"))
    if is_changed := is_change(message):
        kind = "message_changed"
    is_call = kind == "whatsapp_call"
    caller = as_id(body.get("from")) if is_call else None
    changed = changed_id(message) if is_changed else None
    # One message may be changed several times.
    change: tuple[str | None, ...] = ()
    if is_changed:
        change = (as_code(message.get("typeMessage")),)
    if is_changed and message_id == changed:
        change += (as_id(body.get("timestamp")),)
    return Notification(
        messenger=messenger,
        kind=kind,
        code=code,
        key=_key(
            code,
            body,
            receipt_id,
            (messenger.name, code, chat_id or caller, message_id),
            change,
        ),
        old_key=_key(code, body, receipt_id, (code, message_id), ()),
        timestamp=as_moment(body.get("timestamp"), datetime.now(UTC)),
        chat_id=chat_id,
        chat_name=_name(sender_data.get("chatName")),
        sender=sender,
        # What staff call somebody goes before what somebody calls himself.
        sender_name=_name(sender_data.get("senderContactName"))
        or _name(sender_data.get("senderName")),
        message_id=changed or message_id,
        message_type=as_code(message.get("typeMessage")),
        text=words_of(message) if message else None,
        media_url=media_url_of(message) if message else None,
        caller=caller,
        direction=direction_of(code) if is_call else None,
        status=as_code(body.get("status")),
        state=as_code(body.get("stateInstance")) or as_code(body.get("statusInstance")),
        raw=as_object(prune(body)) if kind == "other" else body,
        chat_type=as_code(sender_data.get("chatType")),
        named=named(as_object(body.get("instanceData")).get("typeInstance")),
    )


def _name(value: Json) -> str | None:
    """Return what somebody is called."""
    return without_marks(as_name(value))


def _key(
    code: str,
    body: Mapping[str, Json],
    receipt_id: str | None,
    message: tuple[str | None, ...],
    change: tuple[str | None, ...],
) -> str:
    """Return the id of a notification: the same when it comes again.

    ``message`` says which message it is about, its id last.
    """
    if message[-1]:
        parts = [*message, as_code(body.get("status")), *change]
    else:
        # Without a receipt two of a second would be one.
        parts = [
            code,
            receipt_id or digest(dict(body)),
            as_id(body.get("timestamp")),
        ]
    key = ":".join(filter(None, parts))
    return key if as_key(key) == key else digest(key)
