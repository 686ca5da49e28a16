"""What is fuzzed, and what must hold for whatever comes.

A target takes bytes and returns nothing. The errors of ``api/errors.py`` are answers; any
other exception is a finding, and so is a promise that does not hold.
"""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
import math
import time
from typing import Any, Final

import orjson

from custom_components.carbis_alerts.api.chunked_json import parse_in_slices
from custom_components.carbis_alerts.api.errors import ProtocolError
from custom_components.carbis_alerts.api.event_stream import EventStreamDecoder
from custom_components.carbis_alerts.api.fields import MAX_ID_LENGTH
from custom_components.carbis_alerts.api.green_api import parse_received
from custom_components.carbis_alerts.api.green_api.content import CHANGES, WORDS
from custom_components.carbis_alerts.api.green_api.kinds import KINDS
from custom_components.carbis_alerts.api.pbx import (
    EVENT_TYPES,
    CallEndMessage,
    PbxMessage,
    Verification,
    parse_message,
)
from custom_components.carbis_alerts.api.pbx.parse import VERIFICATION
from custom_components.carbis_alerts.api.qr_menu import parse_updates
from custom_components.carbis_alerts.api.recorder import Exchange, Kind
from custom_components.carbis_alerts.api.types import Json
from custom_components.carbis_alerts.domain.recording import Pseudonyms, recorded
from custom_components.carbis_alerts.domain.recording.bodies import body

from .choices import Choices

# An input may take so many seconds, and so many more a byte: far more than any needs,
# far less than anything that is not linear takes.
ALLOWED: Final = 0.1
ALLOWED_PER_BYTE: Final = 1e-5
# The limit of an event in half of the streams.
SMALL_EVENT: Final = 64

QR_KEYS: Final = (
    *("result", "data", "updates", "hash", "code", "table", "table_repr", "id", "name"),
    *("invoice", "session", "order", "guid", "sum", "waiter", "dishes", "modifiers"),
    *("price", "count", "amount_due", "to_pay", "amount", "max_guests"),
)
QR_TEXTS: Final = ("waiter_call", "online_payment", "dishes_added", "0xd8833dd3")
PBX_KEYS: Final = (
    *("call_id", "call_src", "call_dst", "trunk", "record_id", "duration", "status"),
    *("number", "sms_src", "text", "date", "device_id", "event_type", "payload"),
)
PBX_TEXTS: Final = (*EVENT_TYPES, VERIFICATION, "success", "no_answer", "anonymous")
GREEN_KEYS: Final = (
    *WORDS,
    *(
        "receiptId",
        "body",
        "typeWebhook",
        "instanceData",
        "wid",
        "timestamp",
        "idMessage",
    ),
    *("senderData", "chatId", "sender", "senderName", "chatName", "senderContactName"),
    *(
        "messageData",
        "typeMessage",
        "textMessageData",
        "textMessage",
        "fileMessageData",
    ),
    *(
        "extendedTextMessageData",
        "text",
        "caption",
        "downloadUrl",
        "fileName",
        "status",
    ),
    *(
        "locationMessageData",
        "nameLocation",
        "address",
        "latitude",
        "longitude",
        "from",
    ),
    *("stateInstance", "statusInstance", "contactMessageData", "displayName", "name"),
)
GREEN_TEXTS: Final = (
    *(*KINDS, *CHANGES, "textMessage", "documentMessage", "{{SWE001}}"),
    *("79001234568@c.us", "1@g.us"),
)


NAMES: Final = Pseudonyms(b"a key", datetime(2026, 11, 28, tzinfo=UTC))


class BrokenPromise(Exception):
    """Something that must hold for every input does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A piece of the component: what to do with bytes, and some to begin with."""

    name: str
    run: Callable[[bytes], None]
    seeds: tuple[bytes, ...]

    def check(self, data: bytes) -> None:
        """Run it; raise where it fails or takes longer than its size explains."""
        allowed = ALLOWED + ALLOWED_PER_BYTE * len(data)
        if self._seconds(data) > allowed and self._seconds(data) > allowed:
            raise BrokenPromise(f"{len(data)} bytes take longer than {allowed:.2f} s")

    def _seconds(self, data: bytes) -> float:
        began = time.thread_time()
        self.run(data)
        return time.thread_time() - began


def hold(promise: str, held: object) -> None:
    """Raise where a promise does not hold."""
    if not held:
        raise BrokenPromise(promise)


def finish[T](work: Coroutine[Any, Any, T]) -> T:
    """Do the work of a coroutine that only gives way."""
    try:
        while True:
            work.send(None)
    except StopIteration as done:
        result: T = done.value
        return result


# --- The event stream ------------------------------------------------------------------


def event_stream(data: bytes) -> None:
    """Decode a stream whole, in pieces and byte by byte: it must mean the same."""
    choices = Choices(data)
    mode = choices.byte()
    cuts = sorted(choices.byte() for _ in range(mode % 4))
    stream = choices.rest
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, None], strict=True)]
    if mode & 4:
        _limited(pieces)
        return
    whole = _decoded([stream])
    hold("pieces mean what the whole means", _decoded(pieces) == whole)
    singly = [bytes([byte]) for byte in stream]
    hold("single bytes mean what the whole means", _decoded(singly) == whole)


def _decoded(pieces: Sequence[bytes]) -> tuple[object, ...]:
    decoder = EventStreamDecoder()
    events = [event for piece in pieces for event in decoder.push(piece)]
    for event in events:
        event.data.decode()
    hold("a pause is a number", decoder.retry is None or math.isfinite(decoder.retry))
    return events, decoder.last_event_id, decoder.retry, decoder.comments


def _limited(pieces: Sequence[bytes]) -> None:
    """Decode with a small limit: what is larger is refused."""
    decoder = EventStreamDecoder(max_event=SMALL_EVENT)
    try:
        events = [event for piece in pieces for event in decoder.push(piece)]
    except ProtocolError:
        return
    # What is no UTF-8 grows threefold, each byte of it becoming U+FFFD.
    hold(
        "no event is larger than the limit",
        all(len(event.data) <= 3 * SMALL_EVENT for event in events),
    )


# --- The parsers -----------------------------------------------------------------------


def _document(data: bytes, keys: Sequence[str], texts: Sequence[str]) -> bytes:
    """Return the body of an answer: these bytes themselves, or what they decide."""
    choices = Choices(data)
    if choices.byte() % 4 == 0:
        return choices.rest
    return orjson.dumps(choices.object(keys, texts))


def _loaded(body: bytes) -> Json:
    """Load a document; whole and in slices it means the same, or nothing."""
    try:
        whole: Json = orjson.loads(body)
    except ValueError:
        try:
            finish(parse_in_slices(body))
        except ValueError:
            raise ProtocolError("not JSON") from None
        raise BrokenPromise("what is no JSON is none in slices either") from None
    hold("slices mean what the whole means", finish(parse_in_slices(body)) == whole)
    return whole


def _is_json(body: bytes) -> bool:
    try:
        orjson.loads(body)
    except ValueError:
        return False
    return True


def qr_menu(data: bytes) -> None:
    """Parse an answer of a QR menu."""
    body = _document(data, QR_KEYS, QR_TEXTS)
    choices = Choices(data[::-1])
    if choices.byte() % 2:
        # What answers look like from outside, so that most of them are taken apart.
        count = choices.byte() % 4
        items = [choices.object(QR_KEYS, QR_TEXTS) for _ in range(count)]
        body = orjson.dumps({"result": True, "data": {"updates": items}})
    try:
        updates = finish(parse_updates(_loaded(body)))
    except ProtocolError:
        return
    for item in updates.malformed:
        hold("a shape can be serialised", orjson.dumps(item.shape))
    for event in updates.events:
        hold("an id has a length", 0 < len(event.event_id) <= MAX_ID_LENGTH)
        hold("a cursor is the id", event.cursor in {None, event.event_id})
        fields = [event.table_id, event.table_name, event.order_id, event.order_sum]
        fields += [event.waiter, event.amount_due]
        dishes = [dish.as_dict() for dish in event.dishes or ()]
        written = orjson.dumps([fields, dishes])
        # A number that is not finite would come back as null.
        hold("numbers are finite", orjson.loads(written) == [fields, dishes])
        hold("the object can be serialised", orjson.dumps(dict(event.raw)))


def pbx(data: bytes) -> None:
    """Parse a message of a PBX: nothing at all may be raised."""
    choices = Choices(data)
    mode = choices.byte()
    body = _document(choices.rest, PBX_KEYS, PBX_TEXTS)
    if mode % 2:
        event_type = choices.pick(PBX_TEXTS)
        payload = choices.object(PBX_KEYS, PBX_TEXTS)
        message = {"device_id": "Y7d6=", "event_type": event_type, "payload": payload}
        body = orjson.dumps(message)
    found = parse_message(body)
    match found:
        case PbxMessage():
            hold("a message has a type", found.event_type)
            hold("the object can be serialised", orjson.dumps(dict(found.raw)))
            if _is_json(body):
                again = parse_message(body + b"}")
                hold("one brace too many changes nothing", again == found)
            if isinstance(found, CallEndMessage):
                hold("a duration is finite", math.isfinite(found.duration or 0.0))
        case Verification():
            hold("a proof is 32 digits", len(found.proof) == 32)
        case _:
            hold("a shape can be serialised", orjson.dumps(found.shape))


def green_api(data: bytes) -> None:
    """Parse an answer of GREEN-API."""
    choices = Choices(data)
    mode = choices.byte()
    body = _document(choices.rest, GREEN_KEYS, GREEN_TEXTS)
    if mode % 2:
        inner = choices.object(GREEN_KEYS, GREEN_TEXTS)
        inner["typeWebhook"] = choices.pick(GREEN_TEXTS)
        body = orjson.dumps({"receiptId": choices.byte(), "body": inner})
    try:
        document = _loaded(body)
        found = parse_received(document)
    except ProtocolError:
        return
    hold(
        "a receipt stays within its part of an address",
        found.receipt_id is None
        or found.receipt_id.replace("-", "").replace("_", "").isalnum(),
    )
    if (notification := found.notification) is None:
        hold("a shape can be serialised", orjson.dumps(found.shape))
        return
    hold("a key has a length", 0 < len(notification.key) <= MAX_ID_LENGTH)
    again = parse_received(document).notification
    hold("the same is the same again", again == notification)
    hold("an address is one", (notification.media_url or "http")[:4] == "http")
    hold("the object can be serialised", orjson.dumps(dict(notification.raw)))


def recording(data: bytes) -> None:
    """Take all that anybody said out of a body."""
    choices = Choices(data)
    raw = _document(choices.rest, (*PBX_KEYS, *GREEN_KEYS), (*PBX_TEXTS, *GREEN_TEXTS))
    made = body(raw, NAMES)
    hold("the same is the same again", body(raw, NAMES) == made)
    if _is_json(raw):
        hold("what is JSON stays JSON", _is_json(made))
    kept = recorded(Exchange(kind=Kind.HOOK, body=raw), NAMES, (), 0.0)
    hold("it can be written", orjson.dumps(kept))


TARGETS: Final = {
    target.name: target
    for target in (
        Target(
            name="event_stream",
            run=event_stream,
            seeds=(
                b'\x00event: incoming_call\nid: 1\ndata: {"a": 1}\n\n: ping\n\n',
                b"\x01\x05data: x\r\ndata: y\r\n\r\nretry: 3000\r\n\r\n",
                b"\x02\x07\x09data: x\n\ndata: y\n\ndata: \xd0\x81\n\n",
                b"\x06\x07\x09data: " + b"x" * SMALL_EVENT + b"\n\n",
            ),
        ),
        Target(
            name="recording",
            run=recording,
            seeds=(
                b'\x00\x00{"call_src": "+7 982 123-45-67", "text": "\\ud83d\\u0410 1e5", "n": -12.50}',
                b"\x00\x00a=%7B%22x%22%3A1%7D",
                b"\x00\x00\xcf\xe5\xf2\xf0 <b>2026-02-30</b>",
                b"\x01" + bytes(range(96)),
            ),
        ),
        Target(
            name="qr_menu",
            run=qr_menu,
            seeds=(
                (
                    b'\x00{"result": true, "data": {"updates": [{"hash": "0x1", "code": '
                    b'"waiter_call", "table": 1, "table_repr": {"name": "6"}}]}} '
                ),
                b'\x00{"result": false} ',
                b"\x01" + bytes(range(64)) + b"\x02\x01",
            ),
        ),
        Target(
            name="pbx",
            run=pbx,
            seeds=(
                (
                    b'\x00\x00{"device_id": "Y", "event_type": "incoming_call", '
                    b'"payload": {"call_id": 8, "call_src": "+7982", "call_dst": "107"}}}'
                ),
                b'\x00\x00{"device_id": "Y", "event_type": "verification", "payload": "x"}',
                b"\x01\x01\x08" + bytes(range(64)),
            ),
        ),
        Target(
            name="green_api",
            run=green_api,
            seeds=(
                (
                    b'\x00\x00{"receiptId": 1, "body": {"typeWebhook": '
                    b'"incomingMessageReceived", "idMessage": "F7", "senderData": '
                    b'{"chatId": "79@c.us"}, "messageData": {"typeMessage": '
                    b'"textMessage", "textMessageData": {"textMessage": "x"}}}}'
                ),
                b"\x00\x00null",
                b"\x01" + bytes(range(96)),
            ),
        ),
    )
}
