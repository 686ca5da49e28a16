"""Parse what a PBX sends, whatever it is."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Final, TypedDict

from ..fields import as_amount, as_code, as_key, as_object, as_words, prune, shape
from ..json import read_json
from ..types import Json
from .ids import as_call_id
from .models import (
    MESSAGES,
    CallEndMessage,
    CallMessage,
    Parsed,
    PbxMessage,
    SmsMessage,
    Unreadable,
    Verification,
)

VERIFICATION: Final = "verification"
# A message has some hundred bytes; what is this long is read by nobody.
MAX_MESSAGE: Final = 512 * 1024
TOO_LARGE: Final = "too large"
NOT_JSON: Final = "not JSON"


def parse_message(data: bytes, charset: str | None = None) -> Parsed:
    """Parse one message; ``charset`` is what the PBX declares."""
    if len(data) > MAX_MESSAGE:
        return Unreadable(shape=TOO_LARGE)
    try:
        document = read_json(data, charset)
        if isinstance(document, str):
            # JSON within a text of JSON.
            document = read_json(document.encode())
    except ValueError:
        return Unreadable(shape=_outline(data))
    try:
        return _parsed(document)
    except Exception:  # noqa: BLE001 - a fault of ours here must not cost the line
        return Unreadable(shape=shape(document))


def _outline(data: bytes) -> str:
    """Return what a body that is no JSON looks like, without any content."""
    if not (begins := data.lstrip()[:1]):
        return f"{NOT_JSON}: empty"
    kinds = {b"<": "markup", b"{": "object", b"[": "list", b"-": "parts"}
    return f"{NOT_JSON}: {kinds.get(begins, 'text')}"


def _parsed(document: Json) -> Parsed:
    """Take a document apart."""
    event_type = as_code(as_object(document).get("event_type"))
    if not isinstance(document, dict) or event_type is None:
        return Unreadable(shape=shape(document))
    device_id = as_key(document.get("device_id"))
    payload = document.get("payload")
    if isinstance(payload, str) and event_type != VERIFICATION:
        with suppress(ValueError):
            payload = read_json(payload.encode())
    if event_type == VERIFICATION:
        if not isinstance(payload, str):
            return Unreadable(shape=shape(document))
        return Verification(device_id=device_id, challenge=payload)
    kind = MESSAGES.get(event_type)
    header = _Header(
        device_id=device_id,
        event_type=event_type,
        date=as_code(as_object(payload).get("date")),
        raw=as_object(prune(document)) if kind is None else document,
    )
    return _message(kind or PbxMessage, header, as_object(payload))


class _Header(TypedDict):
    """The fields of every message."""

    device_id: str | None
    event_type: str
    date: str | None
    raw: Mapping[str, Json]


class _CallHeader(_Header):
    """The fields of every message about a call."""

    call_id: str | None
    call_src: str | None
    call_dst: str | None
    trunk: str | None
    number: str | None


def _message(
    kind: type[PbxMessage], header: _Header, fields: Mapping[str, Json]
) -> PbxMessage:
    """Return a message of a class with the fields that it has."""
    if issubclass(kind, SmsMessage):
        return kind(
            **header,
            sms_src=as_code(fields.get("sms_src")),
            text=as_words(fields.get("text")),
            trunk=as_code(fields.get("trunk")),
        )
    if not issubclass(kind, CallMessage):
        return kind(**header)
    call = _CallHeader(
        **header,
        call_id=as_call_id(fields.get("call_id")),
        call_src=as_code(fields.get("call_src")),
        call_dst=as_code(fields.get("call_dst")),
        trunk=as_code(fields.get("trunk")),
        number=as_code(fields.get("number")),
    )
    if issubclass(kind, CallEndMessage):
        return kind(
            **call,
            record_id=as_call_id(fields.get("record_id")),
            duration=as_amount(fields.get("duration")),
            status=as_code(fields.get("status")),
        )
    return kind(**call)
