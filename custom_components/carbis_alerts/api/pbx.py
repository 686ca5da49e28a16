"""The SpRecord MiniPBX: calls and SMS, over an event stream or a web hook.

Facts of the vendor's description of 2022 and of the present schema: a message is
``{"device_id", "event_type", "payload"}``, the same both ways. ``GET /sys/events`` is
a stream that never ends and replays nothing; a device has three connections at most.
``POST /sys/subscribe_events`` sets a hook, after asking it to prove itself with the
MD5 of a text. Ids of calls come as numbers and as strings, for the same call too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import md5
import re
from typing import Final, TypedDict
from urllib.parse import parse_qsl

import aiohttp
import orjson
from yarl import URL

from .errors import HookRefused, ProtocolError
from .fields import (
    as_key,
    as_name,
    as_number,
    as_object,
    as_text,
    as_words,
    digest,
    prune,
    shape,
)
from .json import read_json
from .stream import EventStream
from .transport import DEFAULT_LIMITS, Json, Limits, Transport

EVENTS_PATH: Final = "/sys/events"
SUBSCRIBE_PATH: Final = "/sys/subscribe_events"
VERIFICATION: Final = "verification"
# A message has some hundred bytes; what is this long is read by nobody.
MAX_MESSAGE: Final = 512 * 1024
TOO_LARGE: Final = "too large"
NOT_JSON: Final = "not JSON"
# Messages that may come to a hook in one body.
MAX_MESSAGES: Final = 100
# What may stand before the first sign of a body.
BEFORE: Final = b" \t\r\n\0\xef\xbb\xbf\xff\xfe"
# How a form begins that has a message in one of its fields.
FORM: Final = re.compile(rb"\s*[\w.%-]{1,100}=")
# What a server answers that does not like the hook, not the request as such.
HOOK_REFUSED_STATUSES: Final = (400, 406, 409, 412, 417, 422, 424)


@dataclass(frozen=True, slots=True, kw_only=True)
class PbxMessage:
    """One message of the PBX; those of known types have classes of their own.

    ``digest`` is a hash of all of it. ``date`` is when it happened, in the PBX's words.
    ``raw`` is the PBX's object.
    """

    digest: str
    device_id: str | None
    event_type: str
    date: str | None
    raw: Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class StartupMessage(PbxMessage):
    """The PBX was switched on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallMessage(PbxMessage):
    """Something about a call.

    ``call_src``, ``call_dst`` and ``number`` are numbers in whatever form.
    """

    call_id: str | None
    call_src: str | None
    call_dst: str | None
    trunk: str | None
    number: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingCallMessage(CallMessage):
    """A telephone rings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingCallMessage(CallMessage):
    """Somebody dials."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartTalkMessage(CallMessage):
    """A call was answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerElsewhereMessage(CallMessage):
    """A call was answered at the extension ``number``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEndMessage(CallMessage):
    """A call is over; ``duration`` is in seconds."""

    record_id: str | None
    duration: float | None
    status: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsMessage(PbxMessage):
    """A text came."""

    sms_src: str | None
    text: str | None
    trunk: str | None


MESSAGES: Final[Mapping[str, type[PbxMessage]]] = {
    "startup": StartupMessage,
    "incoming_call": IncomingCallMessage,
    "outgoing_call": OutgoingCallMessage,
    "start_talk": StartTalkMessage,
    "call_end": CallEndMessage,
    "incoming_sms": SmsMessage,
    "answer_elsewhere": AnswerElsewhereMessage,
}
EVENT_TYPES: Final = tuple(MESSAGES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """The PBX asks a hook to prove that it is ours."""

    device_id: str | None
    challenge: str

    @property
    def proof(self) -> str:
        """Return the answer that it expects, in hex."""
        return md5(self.challenge.encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """What came and is no message: its keys and types."""

    shape: Json


class PbxClient:
    """Talk to a PBX or to its cloud."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: URL,
        *,
        token: str | None = None,
        username: str | None = None,
        password: str | None = None,
        fingerprint: str | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        """Take the address; a token goes before a user name, neither is fine too."""
        self._transport = Transport(
            session, url, fingerprint=fingerprint, limits=limits
        )
        self._headers: dict[str, str] = {}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        elif username:
            self._headers["Authorization"] = aiohttp.encode_basic_auth(
                username, password or ""
            )

    def stream(self, last_event_id: str = "") -> EventStream:
        """Return the event stream, to be entered."""
        return EventStream(
            self._transport,
            EVENTS_PATH,
            headers=self._headers,
            last_event_id=last_event_id,
        )

    async def subscribe(self, hook: str, types: tuple[str, ...] = EVENT_TYPES) -> None:
        """Have events sent to a hook; in the meantime the PBX verifies the hook.

        Raise ``HookRefused`` where the PBX does not take it, else a ``ServiceError``.
        """
        try:
            answer = await self._transport.request_json(
                "POST",
                SUBSCRIBE_PATH,
                headers={**self._headers, "Content-Type": "application/json"},
                body={"hook": hook, "subscribe": list(types)},
            )
        except ProtocolError as err:
            if err.status in HOOK_REFUSED_STATUSES:
                raise HookRefused(str(err), status=err.status) from None
            raise
        if not isinstance(answer, dict):
            raise ProtocolError("The answer is not one of a PBX")
        if as_text(answer.get("hook")) != hook:
            raise HookRefused("The PBX did not take the hook")


type Parsed = PbxMessage | Verification | Unreadable


def parse_message(data: bytes, charset: str | None = None) -> Parsed:
    """Parse one message; ``charset`` is what the PBX declares."""
    if len(data) > MAX_MESSAGE:
        return Unreadable(shape=TOO_LARGE)
    try:
        document = read_json(data, charset)
    except ValueError:
        return Unreadable(shape=shape(NOT_JSON))
    try:
        return _parsed(document)
    except Exception:  # noqa: BLE001 - a fault of ours here must not cost the line
        return Unreadable(shape=shape(document))


def messages_in(data: bytes, charset: str | None = None) -> list[bytes]:
    """Return the messages of a hook's body: it is one, a list of some, or a form with either."""
    try:
        if len(data) <= MAX_MESSAGE and FORM.match(data):
            data = _form_field(data)
        if len(data) > MAX_MESSAGE or not data.lstrip(BEFORE).startswith(b"["):
            return [data]
        document = read_json(data, charset)
    except ValueError:
        return [data]
    items = document if isinstance(document, list) else []
    return [orjson.dumps(item) for item in items[:MAX_MESSAGES]] or [data]


def _form_field(data: bytes) -> bytes:
    """Return the field of a form that holds JSON; raise ``ValueError`` where none does."""
    for _, value in parse_qsl(data, max_num_fields=MAX_MESSAGES):
        if value.lstrip().startswith((b"{", b"[")):
            return value
    raise ValueError("no field of the form is JSON")


def _parsed(document: Json) -> Parsed:
    """Take a document apart."""
    event_type = as_name(as_object(document).get("event_type"))
    if not isinstance(document, dict) or event_type is None:
        return Unreadable(shape=shape(document))
    device_id = as_key(document.get("device_id"))
    payload = document.get("payload")
    if event_type == VERIFICATION:
        if not isinstance(payload, str):
            return Unreadable(shape=shape(document))
        return Verification(device_id=device_id, challenge=payload)
    kind = MESSAGES.get(event_type)
    header = _Header(
        digest=digest(document),
        device_id=device_id,
        event_type=event_type,
        date=as_name(as_object(payload).get("date")),
        raw=as_object(prune(document)) if kind is None else document,
    )
    return _message(kind or PbxMessage, header, as_object(payload))


class _Header(TypedDict):
    """The fields of every message."""

    digest: str
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
            sms_src=as_name(fields.get("sms_src")),
            text=as_words(fields.get("text")),
            trunk=as_name(fields.get("trunk")),
        )
    if not issubclass(kind, CallMessage):
        return kind(**header)
    call = _CallHeader(
        **header,
        call_id=as_key(fields.get("call_id")),
        call_src=as_name(fields.get("call_src")),
        call_dst=as_name(fields.get("call_dst")),
        trunk=as_name(fields.get("trunk")),
        number=as_name(fields.get("number")),
    )
    if issubclass(kind, CallEndMessage):
        return kind(
            **call,
            record_id=as_key(fields.get("record_id")),
            duration=as_number(fields.get("duration")),
            status=as_name(fields.get("status")),
        )
    return kind(**call)
