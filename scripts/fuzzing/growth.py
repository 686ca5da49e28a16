"""How time and memory grow with the size of what a service sends."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
import gc
import math
import time
import tracemalloc
from typing import Final

import orjson

from custom_components.carbis_alerts.api.chunked_json import parse_in_slices
from custom_components.carbis_alerts.api.errors import ServiceError
from custom_components.carbis_alerts.api.event_stream import EventStreamDecoder
from custom_components.carbis_alerts.api.green_api import parse_received
from custom_components.carbis_alerts.api.json import read_long_json
from custom_components.carbis_alerts.api.pbx import parse_message
from custom_components.carbis_alerts.api.qr_menu import parse_updates

from .targets import finish

# Bytes of the smaller input, and how many times larger the other one is. Both are long
# enough to be parsed in slices.
SIZE: Final = 132 * 1024
TIMES: Final = 3
# Linear work takes TIMES as long; quadratic work takes TIMES * TIMES as long. Between
# the two, for the best of some tries on a busy machine.
MOST: Final = 2.2 * TIMES
TRIES: Final = 12
# Seconds below which a clock says nothing.
LEAST: Final = 0.002
# Bytes of memory for a byte that came, at the worst moment.
MOST_MEMORY: Final = 120
PIECE: Final = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A kind of input that can be had in any size."""

    name: str
    make: Callable[[int], bytes]
    read: Callable[[bytes], None]


def _stream(data: bytes) -> None:
    decoder = EventStreamDecoder()
    for at in range(0, len(data), PIECE):
        decoder.push(data[at : at + PIECE])


def _qr_menu(data: bytes) -> None:
    finish(parse_updates(finish(parse_in_slices(data))))


def _pbx(data: bytes) -> None:
    parse_message(data)


def _green_api(data: bytes) -> None:
    parse_received(finish(parse_in_slices(data)))


def _forgiving(data: bytes) -> None:
    with suppress(ValueError):
        finish(read_long_json(data))


def _filled(begin: bytes, middle: bytes, end: bytes) -> Callable[[int], bytes]:
    """Return a function that puts as many middles in between as fit a size."""
    return lambda size: begin + middle * (size // len(middle)) + end


def _document(path: str, item: str) -> Callable[[int], bytes]:
    """Return a function that puts as many items into a place of a document as fit."""

    def make(size: int) -> bytes:
        begin, end = path.split("@")
        items = ",".join([item] * (size // (len(item) + 1)))
        return (begin + items + end).encode()

    return make


UPDATES: Final = '{"result": true, "data": {"updates": [@]}}'
SESSION: Final = '{"result": true, "data": {"updates": [{"code": "x", "invoice": {"session": [@]}}]}}'
EVENT: Final = '{"result": true, "data": {"updates": [{"code": "x", "y": [@]}]}}'
NUMBER: Final = (
    '{"result": true, "data": {"updates": [{"code": "x", "order": {"sum": "@"}}]}}'
)
PAYLOAD: Final = '{"event_type": "call_end", "payload": {"x": [@]}}'
DURATION: Final = '{"event_type": "call_end", "payload": {"duration": "@"}}'
BODY: Final = '{"receiptId": 1, "body": {"typeWebhook": "x", "y": [@]}}'
TEXT: Final = (
    '{"receiptId": 1, "body": {"typeWebhook": "incomingMessageReceived", "messageData":'
    ' {"typeMessage": "textMessage", "textMessageData": {"textMessage": "@"}}}}'
)

SHAPES: Final = (
    Shape(name="stream: events", make=_filled(b"", b"data: x\n\n", b""), read=_stream),
    Shape(name="stream: lines", make=_filled(b"", b"data: x\n", b"\n"), read=_stream),
    Shape(name="stream: empty data", make=_filled(b"", b"data\n", b"\n"), read=_stream),
    Shape(name="stream: a line", make=_filled(b"data: ", b"x", b"\n\n"), read=_stream),
    Shape(name="stream: no line", make=_filled(b"", b"x", b""), read=_stream),
    Shape(name="stream: ends", make=_filled(b"data: x", b"\r", b""), read=_stream),
    Shape(name="stream: ids", make=_filled(b"", b"id: 1\n", b""), read=_stream),
    Shape(
        name="stream: no UTF-8", make=_filled(b"", b"data: \xff\n\n", b""), read=_stream
    ),
    Shape(
        name="stream: forms",
        make=_filled(b"", b"event: a\ndata: x\n\ndata: y\nid: 1\n\n", b""),
        read=_stream,
    ),
    Shape(
        name="QR menu: events", make=_document(UPDATES, '{"code":"x"}'), read=_qr_menu
    ),
    Shape(name="QR menu: no events", make=_document(UPDATES, "0"), read=_qr_menu),
    Shape(name="QR menu: lists", make=_document(UPDATES, "[]"), read=_qr_menu),
    Shape(name="QR menu: dishes", make=_document(SESSION, '{"id":1}'), read=_qr_menu),
    Shape(name="QR menu: one event", make=_document(EVENT, "{}"), read=_qr_menu),
    Shape(name="QR menu: a number", make=_document(NUMBER, "1"), read=_qr_menu),
    Shape(
        name="QR menu: digits",
        make=lambda size: NUMBER.replace("@", "1" * size).encode(),
        read=_qr_menu,
    ),
    Shape(name="QR menu: depth", make=_filled(b"", b"[", b""), read=_qr_menu),
    Shape(name="PBX: payload", make=_document(PAYLOAD, "{}"), read=_pbx),
    Shape(
        name="PBX: digits",
        make=lambda size: DURATION.replace("@", "1" * size).encode(),
        read=_pbx,
    ),
    Shape(name="PBX: braces", make=_filled(b"{}", b"}", b""), read=_pbx),
    Shape(name="PBX: spaces", make=_filled(b"{}", b" ", b"x"), read=_pbx),
    Shape(
        name="reader: halves", make=_filled(b"[", b'"\\ud83d",', b"]"), read=_forgiving
    ),
    Shape(name="reader: controls", make=_filled(b'["', b"\t", b'"]'), read=_forgiving),
    Shape(
        name="reader: no UTF-8", make=_filled(b'["', b"\xcf", b'"]'), read=_forgiving
    ),
    Shape(name="reader: commas", make=_filled(b"[", b", ", b"]"), read=_forgiving),
    Shape(name="reader: no end", make=_filled(b'"', b'\\"', b""), read=_forgiving),
    Shape(name="reader: NaN", make=_filled(b"[", b"NaN,", b"]"), read=_forgiving),
    Shape(name="GREEN-API: body", make=_document(BODY, "{}"), read=_green_api),
    Shape(
        name="GREEN-API: text",
        make=lambda size: TEXT.replace("@", "ё" * (size // 2)).encode(),
        read=_green_api,
    ),
    Shape(
        name="GREEN-API: keys",
        make=lambda size: orjson.dumps(
            {"receiptId": 1, "body": {f"k{n}": n for n in range(size // 12)}}
        ),
        read=_green_api,
    ),
)


def growth() -> Iterator[str]:
    """Yield a line for each shape; those that grow too fast begin with FAILED."""
    for shape in SHAPES:
        ratio = math.inf
        for _ in range(TRIES):
            if (ratio := min(ratio, _ratio(shape))) <= MOST:
                break
        memory = _memory(shape)
        fine = ratio <= MOST and memory <= MOST_MEMORY
        line = f"{shape.name}: {TIMES} times the bytes, {ratio:.1f} times the time; "
        line = f"{line}{memory:.0f} bytes of memory a byte"
        yield line if fine else f"FAILED {line}"


def _ratio(shape: Shape) -> float:
    """Return how many times as long the larger input takes."""
    small, large = shape.make(SIZE), shape.make(SIZE * TIMES)
    return _seconds(shape, large) / max(_seconds(shape, small), LEAST)


def _seconds(shape: Shape, data: bytes) -> float:
    """Return how long a shape takes, without Python's looks through all of its memory."""
    gc.disable()
    try:
        began = time.thread_time()
        _read(shape, data)
        return time.thread_time() - began
    finally:
        gc.enable()


def _memory(shape: Shape) -> float:
    """Return the most memory that was in use at a time, for each byte that came."""
    data = shape.make(SIZE * TIMES)
    tracemalloc.start()
    try:
        _read(shape, data)
        return tracemalloc.get_traced_memory()[1] / len(data)
    finally:
        tracemalloc.stop()


def _read(shape: Shape, data: bytes) -> None:
    try:
        shape.read(data)
    except ServiceError, ValueError:
        # Refused; how fast is what counts.
        return
