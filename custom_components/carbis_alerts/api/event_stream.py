"""Server-sent events, as the WHATWG HTML standard has them, on bytes.

The standard's section "Server-sent events" is followed to the letter: what ends a
line, what a field is, when an event is dispatched, what is passed over. The decoder
knows no network; a connection has one of its own, since what was left unfinished on
the last one must not be finished by the next.
"""

from collections.abc import Iterable
from itertools import repeat
from operator import itemgetter, methodcaller
from typing import Final, NamedTuple

from .errors import ProtocolError

MAX_EVENT: Final = 8 * 1024 * 1024
CONTENT_TYPE: Final = "text/event-stream"

_BOM: Final = b"\xef\xbb\xbf"
_MESSAGE: Final = "message"

# The fields of the usual block, as servers write them.
_DATA: Final = b"data: "
_EVENT: Final = b"event: "
_ID: Final = b"id: "
_FIELDS: Final = frozenset((_DATA, _EVENT, _ID))


class StreamEvent(NamedTuple):
    """One event: its type, and its data, in valid UTF-8 unless it is raw."""

    type: str
    data: bytes


class EventStreamDecoder:
    """Turn the chunks of one connection into events."""

    def __init__(self, *, max_event: int = MAX_EVENT, raw: bool = False) -> None:
        """Take how many bytes of lines one event may have.

        With ``raw`` the data is left as it came: some devices write no UTF-8, and who
        reads it knows better.
        """
        self._raw = raw
        # The last event id that the stream has named, as the standard hands it on.
        self.last_event_id = ""
        # What the server wants for the pause before a new connection, in seconds.
        self.retry: float | None = None
        # Lines that are comments: what servers send so that a line is not idle.
        self.comments = 0

        self._max_event = max_event
        self._at_start = True
        self._after_cr = False
        # The line that has not ended yet.
        self._partial = bytearray()
        # The event that has not ended yet, and the size of its lines of data.
        self._data: list[bytes] = []
        self._data_size = 0
        self._type = b""
        self._id: bytes | None = None

    def push(self, chunk: bytes) -> list[StreamEvent]:
        """Return the events that the chunk completes.

        Raise ``ProtocolError`` for an event over the limit; the decoder is of no
        use after that.
        """
        if self._at_start:
            self._partial += chunk
            if len(self._partial) < len(_BOM) and _BOM.startswith(self._partial):
                return []
            chunk = bytes(self._partial).removeprefix(_BOM)
            self._partial.clear()
            self._at_start = False
        if self._after_cr and chunk:
            self._after_cr = False
            chunk = chunk.removeprefix(b"\n")
        if b"\r" in chunk:
            self._after_cr = chunk.endswith(b"\r")
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

        events: list[StreamEvent] = []
        position = 0
        # Whatever was begun goes on line by line; then the rest goes by blocks.
        while self._partial or self._is_initialized():
            end = chunk.find(b"\n", position)
            if end < 0:
                self._keep(chunk[position:])
                return events
            self._line(self._joined(chunk[position:end]), events)
            position = end + 1
        end = chunk.rfind(b"\n\n", position)
        if end >= 0:
            self._blocks(chunk[position : end + 2], events)
            position = end + 2
        if position < len(chunk):
            *lines, rest = chunk[position:].split(b"\n")
            for line in lines:
                self._line(line, events)
            self._keep(rest)
        return events

    def _blocks(self, body: bytes, events: list[StreamEvent]) -> None:
        """Take whole blocks, many at once where all of them are of the same form.

        A server writes its blocks in one form, and most have nothing but data.
        """
        is_one = body.index(b"\n\n") + 2 == len(body)
        usual = not is_one and len(body) <= self._max_event and _is_valid(body)
        if usual and body.startswith(_DATA):
            data = body[len(_DATA) : -2].split(b"\n\n" + _DATA)
            if b"\n" not in b"".join(data):
                _append(events, repeat(_MESSAGE), data)
                return
        lines = body[:-1].split(b"\n")
        if not usual or b"\0" in body or not self._same_form(lines, events):
            for line in lines:
                self._line(line, events)

    def _same_form(self, lines: list[bytes], events: list[StreamEvent]) -> bool:
        """Take blocks that have the same fields in the same places, if they do."""
        size = lines.index(b"") + 1
        if len(lines) % size or any(lines[size - 1 :: size]):
            return False
        fields: dict[bytes, list[bytes]] = {}
        for position in range(size - 1):
            field = lines[position::size]
            prefix = field[0][: field[0].find(b" ") + 1]
            if prefix not in _FIELDS or prefix in fields:
                return False
            if not all(map(methodcaller("startswith", prefix), field)):
                return False
            fields[prefix] = field
        if _DATA not in fields:
            return False
        types: Iterable[str] = repeat(_MESSAGE)
        if _EVENT in fields:
            names = {
                line: _type_name(line[len(_EVENT) :]) for line in set(fields[_EVENT])
            }
            types = map(names.__getitem__, fields[_EVENT])
        if _ID in fields:
            self.last_event_id = fields[_ID][-1][len(_ID) :].decode()
        _append(events, types, map(itemgetter(slice(len(_DATA), None)), fields[_DATA]))
        return True

    def _line(self, line: bytes, events: list[StreamEvent]) -> None:
        """Take a line, its end taken off."""
        if not line:
            self._dispatch(events)
            return
        name, colon, value = line.partition(b":")
        if value.startswith(b" "):
            value = value[1:]
        if name == b"data":
            self._data.append(value)
            self._data_size += len(line) + 1
            if self._data_size > self._max_event:
                raise _too_large()
        elif name == b"event":
            self._type = value
        elif name == b"id":
            if b"\0" not in value:
                self._id = value
        elif name == b"retry":
            if value.isdigit():
                # Python refuses to read a number of thousands of digits.
                self.retry = int(value.lstrip(b"0")[:12] or b"0") / 1000
        elif colon and not name:
            self.comments += 1

    def _dispatch(self, events: list[StreamEvent]) -> None:
        """End an event; without data there is none."""
        if self._id is not None:
            self.last_event_id = self._id.decode("utf-8", "replace")
            self._id = None
        if self._data:
            data = self._data[0] if len(self._data) == 1 else b"\n".join(self._data)
            data = data if self._raw else _valid(data)
            events.append(StreamEvent(_type_name(self._type), data))
            self._data = []
            self._data_size = 0
        self._type = b""

    def _is_initialized(self) -> bool:
        """Return whether lines of an event were seen that has not ended."""
        return bool(self._data or self._type or self._id is not None)

    def _keep(self, piece: bytes) -> None:
        """Keep a piece of a line until its end comes."""
        self._partial += piece
        if len(self._partial) + self._data_size > self._max_event:
            raise _too_large()

    def _joined(self, piece: bytes) -> bytes:
        """Return a whole line, with what was kept of it."""
        if not self._partial:
            return piece
        self._partial += piece
        line = bytes(self._partial)
        self._partial.clear()
        return line


def _append(
    events: list[StreamEvent], types: Iterable[str], data: Iterable[bytes]
) -> None:
    """Append an event for each piece of data."""
    # Skips a named tuple's own constructor, which costs as much as all the rest.
    new = map(tuple.__new__, repeat(StreamEvent), zip(types, data, strict=False))
    events += new


def _type_name(value: bytes) -> str:
    """Return the type of an event; without one it is a message."""
    return value.decode("utf-8", "replace") if value else _MESSAGE


def _is_valid(data: bytes) -> bool:
    """Return whether it is UTF-8."""
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _valid(data: bytes) -> bytes:
    """Return valid UTF-8: what is none becomes U+FFFD, as the standard decodes."""
    return data if _is_valid(data) else data.decode("utf-8", "replace").encode()


def _too_large() -> ProtocolError:
    return ProtocolError("An event of the stream is too large")
