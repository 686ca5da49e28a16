"""Server-sent events, as the WHATWG HTML standard has them, on bytes.

The standard's section "Server-sent events" is followed to the letter: what ends a
line, what a field is, when an event is dispatched, what is passed over. The decoder
knows no network; a connection has one of its own, since what was left unfinished on
the last one must not be finished by the next.
"""

from functools import lru_cache
import re
from typing import Final, NamedTuple

from .errors import ProtocolError

MAX_EVENT: Final = 8 * 1024 * 1024
CONTENT_TYPE: Final = "text/event-stream"

_BOM: Final = b"\xef\xbb\xbf"
_MESSAGE: Final = "message"


# Skips a named tuple's own constructor, which costs as much as all the rest.
_new: Final = tuple.__new__


class StreamEvent(NamedTuple):
    """One event: its type, and its data in valid UTF-8."""

    type: str
    data: bytes


class EventStreamDecoder:
    """Turn the chunks of one connection into events."""

    def __init__(self, *, max_event: int = MAX_EVENT) -> None:
        """Take how many bytes of lines one event may have."""
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

    def feed(self, chunk: bytes) -> list[StreamEvent]:
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
        while self._partial or self._is_begun():
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
        *lines, rest = chunk[position:].split(b"\n")
        for line in lines:
            self._line(line, events)
        self._keep(rest)
        return events

    def _blocks(self, body: bytes, events: list[StreamEvent]) -> None:
        """Take whole blocks, all at once where they are all of the same form.

        A server writes its blocks in one form. Whether these are is told by counting
        line ends: a block that is different has more or fewer of them, or is not
        found at all.
        """
        if len(body) <= self._max_event and _is_valid(body):
            ends = body.count(b"\n")
            if body.startswith(b"data: "):
                pieces = body[6:-2].split(b"\n\ndata: ")
                if ends == 2 * len(pieces):
                    events += [_new(StreamEvent, (_MESSAGE, piece)) for piece in pieces]
                    return
            form = _form(_field_names(body[: body.index(b"\n\n")]))
            if form is not None and b"\0" not in body:
                found = form.pattern.findall(body)
                if ends == len(found) * form.lines:
                    self._same_form(form, found, events)
                    return
        for line in body[:-1].split(b"\n"):
            self._line(line, events)

    def _same_form(
        self, form: _Form, found: list[tuple[bytes, ...]], events: list[StreamEvent]
    ) -> None:
        """Take the fields of blocks of one form."""
        data = form.data
        if (kind := form.event) is None:
            events += [_new(StreamEvent, (_MESSAGE, block[data])) for block in found]
        else:
            events += [
                _new(StreamEvent, (_type_name(block[kind]), block[data]))
                for block in found
            ]
        if form.id is not None:
            self.last_event_id = found[-1][form.id].decode()

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
            events.append(StreamEvent(_type_name(self._type), _valid(data)))
            self._data = []
            self._data_size = 0
        self._type = b""

    def _is_begun(self) -> bool:
        """Tell whether lines of an event were seen that has not ended."""
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


class _Form(NamedTuple):
    """The form of a block: its pattern, its line ends, where which field is."""

    pattern: re.Pattern[bytes]
    lines: int
    data: int
    event: int | None
    id: int | None


@lru_cache(maxsize=32)
def _form(names: tuple[bytes, ...]) -> _Form | None:
    """Return the form of blocks with these fields, one line each; None for no such."""
    known = set(names) <= {b"data", b"event", b"id"}
    if not known or len(set(names)) < len(names) or len(names) < 2:
        return None
    if b"data" not in names:
        return None
    fields = b"\n".join(name + b": (.*)" for name in names)
    return _Form(
        pattern=re.compile(rb"(?m)^" + fields + rb"\n\n"),
        lines=len(names) + 1,
        data=names.index(b"data"),
        event=names.index(b"event") if b"event" in names else None,
        id=names.index(b"id") if b"id" in names else None,
    )


def _field_names(block: bytes) -> tuple[bytes, ...]:
    """Return the names of a block's fields, in their order."""
    return tuple(line.partition(b":")[0] for line in block.split(b"\n", 4))


@lru_cache(maxsize=64)
def _type_name(value: bytes) -> str:
    """Return the type of an event; without one it is a message."""
    return value.decode("utf-8", "replace") or _MESSAGE


def _is_valid(data: bytes) -> bool:
    """Tell whether it is UTF-8."""
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
