"""Server-sent events, held against the text of the WHATWG HTML standard."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from hypothesis import example, given, settings, strategies as st
import pytest

from custom_components.carbis_alerts.api.errors import ProtocolError
from custom_components.carbis_alerts.api.event_stream import (
    MAX_EVENT,
    EventStreamDecoder,
    StreamEvent,
)

MIB = 1024 * 1024
BOM = b"\xef\xbb\xbf"
TOO_LARGE = r"^An event of the stream is too large$"
# A retry of so many milliseconds is only known to be long.
LONGEST_RETRY = 10**12


@dataclass(slots=True)
class Outcome:
    """What a stream comes to: its events, and what it set."""

    events: list[StreamEvent] = field(default_factory=list)
    last_event_id: str = ""
    retry: float | None = None
    comments: int = 0


def push_all(decoder: EventStreamDecoder, chunks: Iterable[bytes]) -> list[StreamEvent]:
    """Return the events of these chunks."""
    return [event for chunk in chunks for event in decoder.push(chunk)]


def decode(*chunks: bytes) -> Outcome:
    """Return what the decoder makes of a stream in these chunks."""
    decoder = EventStreamDecoder()
    events = push_all(decoder, chunks)
    return Outcome(events, decoder.last_event_id, decoder.retry, decoder.comments)


def messages(*data: str) -> list[StreamEvent]:
    """Return events without a type of their own."""
    return [StreamEvent("message", text.encode()) for text in data]


def cut(stream: bytes, positions: Iterable[int]) -> list[bytes]:
    """Return a stream in chunks; a place that is named twice gives an empty one."""
    limits = sorted(min(position, len(stream)) for position in positions)
    return [stream[a:b] for a, b in pairwise([0, *limits, len(stream)])]


def singly(stream: bytes) -> list[bytes]:
    """Return a stream byte by byte."""
    return [bytes([byte]) for byte in stream]


# --- The standard again, slowly: each step is a sentence of its text -------------------


def utf8_decode(stream: bytes) -> str:
    """Decode as the Encoding standard has it: the UTF-8 decoder, a BOM taken off."""
    text: list[str] = []
    code_point = needed = seen = 0
    lower, upper = 0x80, 0xBF
    position = 0
    while position < len(stream):
        byte = stream[position]
        position += 1
        if needed == 0:
            if byte <= 0x7F:
                text.append(chr(byte))
            elif 0xC2 <= byte <= 0xDF:
                needed, code_point = 1, byte & 0x1F
            elif 0xE0 <= byte <= 0xEF:
                lower = 0xA0 if byte == 0xE0 else lower
                upper = 0x9F if byte == 0xED else upper
                needed, code_point = 2, byte & 0xF
            elif 0xF0 <= byte <= 0xF4:
                lower = 0x90 if byte == 0xF0 else lower
                upper = 0x8F if byte == 0xF4 else upper
                needed, code_point = 3, byte & 0x7
            else:
                text.append("\ufffd")
            continue
        if not lower <= byte <= upper:
            code_point = needed = seen = 0
            lower, upper = 0x80, 0xBF
            position -= 1
            text.append("\ufffd")
            continue
        lower, upper = 0x80, 0xBF
        code_point = code_point << 6 | byte & 0x3F
        seen += 1
        if seen == needed:
            text.append(chr(code_point))
            code_point = needed = seen = 0
    if needed:
        text.append("\ufffd")
    return "".join(text).removeprefix("\ufeff")


def lines_of(text: str) -> Iterator[str]:
    """Return the lines that have an end: CR LF, LF not after CR, CR not before LF."""
    line = ""
    position = 0
    while position < len(text):
        character = text[position]
        position += 1
        if character not in "\r\n":
            line += character
            continue
        if character == "\r" and text[position : position + 1] == "\n":
            position += 1
        yield line
        line = ""


def reference(stream: bytes) -> Outcome:
    """Interpret an event stream as the HTML standard says, section 9.2.6."""
    outcome = Outcome()
    data = event_type = last_event_id = ""
    for line in lines_of(utf8_decode(stream)):
        if line == "":
            outcome.last_event_id = last_event_id
            if data == "":
                event_type = ""
                continue
            data = data.removesuffix("\n")
            outcome.events.append(StreamEvent(event_type or "message", data.encode()))
            data = event_type = ""
            continue
        if line.startswith(":"):
            outcome.comments += 1
            continue
        name, value = line, ""
        if ":" in line:
            name, value = line[: line.index(":")], line[line.index(":") + 1 :]
            value = value.removeprefix(" ")
        if name == "event":
            event_type = value
        elif name == "data":
            data += value + "\n"
        elif name == "id":
            if "\0" not in value:
                last_event_id = value
        elif name == "retry" and value and set(value) <= set("0123456789"):
            outcome.retry = int(value) / 1000
    return outcome


def assert_as_the_standard_says(stream: bytes, chunks: list[bytes]) -> None:
    """Compare the decoder with the standard."""
    expected, seen = reference(stream), decode(*chunks)
    longest = LONGEST_RETRY / 1000
    if expected.retry is not None and expected.retry >= longest:
        assert seen.retry is not None
        assert seen.retry >= longest / 10
        expected.retry = seen.retry
    assert seen == expected


# What streams are made of, good ones and others.
PIECES = [
    *(b"data", b"event", b"id", b"retry", b"dat", b"DATA", b":", b": ", b" ", b"x"),
    *(b"\n", b"\n", b"\r", b"\r\n", b"\n\n", b"\r\r", b"\r\n\r\n", b"\0", BOM),
    *(b"data: ", b"data:", b"event: ", b"id: ", b"retry: ", b"0", b"15", b"9" * 20),
    *(b"{}", "ё".encode(), "☎".encode(), "😀".encode(), "\u2028\x85".encode()),
    *(b"\xff", b"\xc3", b"\xe2\x98", b"\xf0\x9f\x98", b"\xed\xa0\x80", b"\xc0\x80"),
]
ANYTHING = st.lists(st.sampled_from(PIECES) | st.binary(max_size=3), max_size=40).map(
    b"".join
)


FORMS = [
    *([b"data"], [b"data", b"data"], [b"event", b"data"], [b"data", b"event"]),
    *([b"id", b"data"], [b"event", b"id", b"data"], [b"id", b"event", b"data"]),
    *([b"id", b"data", b"data"], [b"event"], [b"", b"data"], [b"retry", b"data"]),
]


@st.composite
def well_formed(draw: st.DrawFn) -> bytes:
    """Return blocks of one form, as servers send them, and perhaps a few others."""
    names = draw(st.sampled_from(FORMS))
    end = draw(st.sampled_from([b"\n", b"\n", b"\r\n", b"\r"]))
    values = st.sampled_from(
        [b"a", b"b", b"", b" two", "ё☎".encode(), b"\0", b"\xff", b"a:b"]
    )
    blocks = [
        b"".join(name + b": " + draw(values) + end for name in names) + end
        for _ in range(draw(st.integers(1, 5)))
    ]
    for _ in range(draw(st.integers(0, 2))):
        blocks.insert(draw(st.integers(0, len(blocks))), draw(ANYTHING))
    return b"".join(blocks)


@settings(max_examples=1000)
@given(stream=ANYTHING | well_formed(), positions=st.lists(st.integers(0, 300)))
@example(stream=b"data: x\n\n" * 3 + b"data: y\n\n\n", positions=[])
@example(
    stream=b"event: a\ndata: x\nid: \0\n\nevent: a\ndata: x\nid: 1\n\n", positions=[]
)
@example(stream=b"\xef\xbbdata: x\n\ndata: y\n\n", positions=[1, 2])
@example(stream=b"data: a\ndata: b\n\n" * 2, positions=[])
@example(stream=b"data: x\n\ndata: \xff\n\n", positions=[])
@example(
    stream=b"id: 1\ndata: x\n\nid: 2\ndata: y\nfoo\nid: 3\ndata: z\n\n", positions=[]
)
@example(stream=b"\n" + BOM + b"data: x\n\n", positions=[])
def test_any_stream_in_any_chunks_is_what_the_standard_says(
    stream: bytes, positions: list[int]
) -> None:
    assert_as_the_standard_says(stream, cut(stream, positions))


@given(stream=ANYTHING | well_formed())
def test_any_stream_byte_by_byte_is_what_the_standard_says(stream: bytes) -> None:
    assert_as_the_standard_says(stream, singly(stream))


@given(st.binary(max_size=12))
def test_the_reference_decodes_utf8_as_python_does(stream: bytes) -> None:
    assert utf8_decode(BOM + stream) == stream.decode("utf-8", "replace")


# --- The same by example: what each rule is --------------------------------------------


EVENTS: list[tuple[str, bytes, list[StreamEvent]]] = [
    ("one message", b"data: x\n\n", messages("x")),
    (
        "several in a chunk",
        b"data: x\n\ndata: y\n\ndata: z\n\n",
        messages("x", "y", "z"),
    ),
    ("several lines of data", b"data: a\ndata: b\ndata\n\n", messages("a\nb\n")),
    ("JSON over lines", b'data: {\ndata: "a": 1}\n\n', messages('{\n"a": 1}')),
    ("no space", b"data:x\n\n", messages("x")),
    ("two spaces", b"data:  x\n\n", messages(" x")),
    ("a tab is no space", b"data:\tx\n\n", messages("\tx")),
    ("space at the end", b"data: x \n\n", messages("x ")),
    ("space before the colon", b"data : x\n\n", []),
    ("colons in the value", b"data: a: b:c\n\n", messages("a: b:c")),
    ("empty value", b"data:\n\n", messages("")),
    ("empty value and a space", b"data: \n\n", messages("")),
    ("no colon", b"data\n\n", messages("")),
    ("two empty ones", b"data\ndata\n\n", messages("\n")),
    ("without data", b"event: x\n\n", []),
    ("nothing but empty lines", b"\n\n\r\n\r\r\n\n", []),
    ("end without a line", b"data: x\n", []),
    ("end in a line", b"data: x\n\ndata: y", messages("x")),
    ("comments", b": a\ndata: x\n:b\n:\ndata: y\n::\n\n", messages("x\ny")),
    ("unknown fields", b"foo: 1\ndata: x\nfoo\ndata2: y\nDATA: z\n\n", messages("x")),
    ("type", b"event: ring\ndata: x\n\n", [StreamEvent("ring", b"x")]),
    ("type after data", b"data: x\nevent: ring\n\n", [StreamEvent("ring", b"x")]),
    ("last type", b"event: a\nevent: b\ndata: x\n\n", [StreamEvent("b", b"x")]),
    ("empty type", b"event: a\nevent\ndata: x\n\n", messages("x")),
    (
        "a type is for one event",
        b"event: a\ndata: x\n\ndata: y\n\n",
        [StreamEvent("a", b"x"), *messages("y")],
    ),
    ("a type without data is forgotten", b"event: a\n\ndata: x\n\n", messages("x")),
    (
        "a type in UTF-8",
        "event: звонок\ndata: x\n\n".encode(),
        [StreamEvent("звонок", b"x")],
    ),
    (
        "a type that is no UTF-8",
        b"event: a\xff\ndata: x\n\n",
        [StreamEvent("a\ufffd", b"x")],
    ),
    ("NUL in data", b"data: a\0b\n\n", messages("a\0b")),
    ("BOM", BOM + b"data: x\n\n", messages("x")),
    ("two BOMs", BOM + BOM + b"data: x\ndata: y\n\n", messages("y")),
    ("a BOM within", b"data: x\n\n" + BOM + b"data: y\n\n", messages("x")),
    ("a BOM in data", b"data: " + BOM + b"x\n\n", messages("\ufeffx")),
    ("half a BOM", BOM[:2] + b"data: x\ndata: y\n\n", messages("y")),
    ("nothing", b"", []),
    ("a BOM alone", BOM, []),
    ("lone CR", b"data: x\rdata: y\r\r", messages("x\ny")),
    ("CRLF", b"data: x\r\ndata: y\r\n\r\n", messages("x\ny")),
    ("mixed ends", b"data: x\rdata: y\r\ndata: z\n\r", messages("x\ny\nz")),
    ("LF CR are two ends", b"data: x\n\rdata: y\n\r", messages("x", "y")),
    (
        "no other line ends",
        "data: a\u2028b\u2029c\x85d\x0be\x0cf\x1cg\n\n".encode(),
        messages("a\u2028b\u2029c\x85d\x0be\x0cf\x1cg"),
    ),
    ("Cyrillic and emoji", "data: Алло ☎ 😀\n\n".encode(), messages("Алло ☎ 😀")),
    ("a byte of no UTF-8", b"data: a\xffb\n\n", messages("a\ufffdb")),
    ("a character cut off by a line", b"data: \xe2\x98\n\n", messages("\ufffd")),
    ("overlong", b"data: \xc0\xaf\n\n", messages("\ufffd\ufffd")),
    ("a surrogate", b"data: \xed\xa0\x80\n\n", messages("\ufffd" * 3)),
    ("beyond Unicode", b"data: \xf4\x90\x80\x80\n\n", messages("\ufffd" * 4)),
    ("of one form, one other", b"data: x\n\ndata:y\n\ndata: z\n\n", messages(*"xyz")),
    (
        "of one form, one without data",
        b"event: a\ndata: x\n\nevent: b\n\nevent: c\ndata: z\n\n",
        [StreamEvent("a", b"x"), StreamEvent("c", b"z")],
    ),
]


@pytest.mark.parametrize("way", ["whole", "byte by byte", "in two"])
@pytest.mark.parametrize(("_", "stream", "events"), EVENTS, ids=[e[0] for e in EVENTS])
def test_a_stream_has_these_events(
    _: str, stream: bytes, events: list[StreamEvent], way: str
) -> None:
    assert reference(stream).events == events
    match way:
        case "whole":
            assert decode(stream).events == events
        case "byte by byte":
            assert decode(*singly(stream)).events == events
        case _:
            for position in range(len(stream)):
                assert decode(stream[:position], stream[position:]).events == events


def test_data_is_handed_on_as_valid_utf8_bytes() -> None:
    (event,) = decode(b"data: \xd0\x81\xff\n\n").events
    assert isinstance(event.data, bytes)
    assert event.data.decode() == "Ё\ufffd"


IDS: list[tuple[str, bytes, str]] = [
    ("none", b"data: x\n\n", ""),
    ("one", b"id: 1\ndata: x\n\n", "1"),
    ("kept by events without one", b"id: 1\ndata: x\n\ndata: y\n\n", "1"),
    ("the last of an event", b"id: 1\nid: 2\ndata: x\n\n", "2"),
    ("empty: reset", b"id: 1\ndata: x\n\nid:\ndata: y\n\n", ""),
    ("no colon: reset", b"id: 1\ndata: x\n\nid\ndata: y\n\n", ""),
    ("NUL: ignored", b"id: 1\ndata: x\n\nid: 2\0\ndata: y\n\n", "1"),
    ("NUL in many: ignored", b"id: 1\ndata: x\n\n" * 2 + b"id: \0\ndata: y\n\n", "1"),
    ("without data", b"id: 1\n\n", "1"),
    ("of an unfinished event", b"id: 1\ndata: x\n\nid: 2\ndata: y\n", "1"),
    ("a comment after it", b"id: 1\n: comment\n: data: no\n\n", "1"),
    ("spaces", b"id:  1 \n\n", " 1 "),
    ("UTF-8", "id: ё☎\n\n".encode(), "ё☎"),
    ("no UTF-8", b"id: \xff\n\n", "\ufffd"),
    ("of many", b"id: 1\ndata: x\n\nid: 2\ndata: y\n\n", "2"),
]


@pytest.mark.parametrize(("_", "stream", "last_event_id"), IDS, ids=[i[0] for i in IDS])
def test_the_last_event_id_is_that_of_the_last_event_that_named_one(
    _: str, stream: bytes, last_event_id: str
) -> None:
    assert reference(stream).last_event_id == last_event_id
    assert decode(stream).last_event_id == last_event_id
    assert decode(*singly(stream)).last_event_id == last_event_id


def test_the_id_of_an_event_counts_only_when_the_event_ends() -> None:
    decoder = EventStreamDecoder()
    decoder.last_event_id = "of the last connection"
    decoder.push(b"id: 5\ndata: x\n")
    assert decoder.last_event_id == "of the last connection"
    decoder.push(b"\n")
    assert decoder.last_event_id == "5"


RETRIES: list[tuple[bytes, float | None]] = [
    (b"retry: 3000\n", 3.0),
    (b"retry:0\n", 0.0),
    (b"retry: 00000000000000250\n", 0.25),
    (b"retry: 000\n", 0.0),
    (b"retry: 1\nretry: 2\n", 0.002),
    (b"retry: 1\nretry: x\n", 0.001),
    (b"retry: 1", None),
    (b"retry:\n", None),
    (b"retry\n", None),
    (b"retry: 1.5\n", None),
    (b"retry: -1\n", None),
    (b"retry: +1\n", None),
    (b"retry: 1 \n", None),
    (b"retry:  1\n", None),
    (b"retry: 1e3\n", None),
    (b"retry: 1_000\n", None),
    ("retry: ١\n".encode(), None),
    ("retry: ²\n".encode(), None),
]


@pytest.mark.parametrize(("stream", "retry"), RETRIES)
def test_retry_is_milliseconds_in_digits_and_nothing_else(
    stream: bytes, retry: float | None
) -> None:
    assert reference(stream).retry == retry
    assert decode(stream).retry == retry
    assert decode(*singly(stream)).retry == retry


def test_a_retry_of_thousands_of_digits_is_only_long() -> None:
    retry = decode(b"retry: " + b"9" * 10_000 + b"\n").retry
    assert retry is not None
    assert retry >= LONGEST_RETRY / 1000 / 10


def test_a_retry_needs_no_event_around_it() -> None:
    outcome = decode(b"retry: 10\n\ndata: x\n\n")
    assert (outcome.retry, outcome.events) == (0.01, messages("x"))


@pytest.mark.parametrize(
    ("stream", "comments"),
    [
        (b": ping\n\n", 1),
        (b":\n", 1),
        (b":\r:\r\n:\n", 3),
        (b": ping", 0),
        (b"id: 1\n: ping\ndata: : no\n\n", 1),
        (b"data: x\n\n", 0),
    ],
)
def test_comments_are_counted_for_whoever_waits_for_a_sign_of_life(
    stream: bytes, comments: int
) -> None:
    assert decode(stream).comments == comments
    assert decode(*singly(stream)).comments == comments


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_an_event_is_reported_with_the_chunk_that_ends_it(end: bytes) -> None:
    decoder = EventStreamDecoder()
    assert decoder.push(b"data: x" + end) == []
    # A lone CR ends the line already, whatever follows.
    assert decoder.push(end[:1]) == messages("x")
    assert decoder.push(end[1:]) == []
    assert decoder.push(b"data: y" + end + end) == messages("y")


def test_a_crlf_that_is_cut_ends_one_line() -> None:
    decoder = EventStreamDecoder()
    assert decoder.push(b"data: x\r") == []
    assert decoder.push(b"") == []
    assert decoder.push(b"\ndata: y\r") == []
    assert decoder.push(b"\n\r") == messages("x\ny")
    assert decoder.push(b"\n") == []


def test_a_new_connection_does_not_finish_the_event_of_the_last_one() -> None:
    assert decode(b"event: a\ndata: x\nda").events == []
    assert decode(b"ta: y\n\ndata: z\n\n").events == messages("z")


# --- Size ------------------------------------------------------------------------------


@pytest.mark.parametrize("piece", [64, 65_536, 6 * MIB])
@pytest.mark.parametrize("line", [100, 5 * MIB], ids=["many lines", "one line"])
def test_an_event_of_5_mib_comes_whole_in_pieces_of_any_size(
    piece: int, line: int
) -> None:
    # In small pieces anything but linear work would run into the time limit of a test.
    text = b"\xd0\x81" * (line // 2)
    count = 5 * MIB // line
    stream = b"data: " + b"\ndata: ".join([text] * count) + b"\n\ndata: x\n\n"
    outcome = decode(*(stream[i : i + piece] for i in range(0, len(stream), piece)))
    assert outcome.events == messages(b"\n".join([text] * count).decode(), "x")


def test_a_long_event_may_come_byte_by_byte() -> None:
    stream = b"data: " + b"x" * 65_536 + b"\n\n"
    assert decode(*singly(stream)).events == messages("x" * 65_536)


LIMIT = 100


@pytest.mark.parametrize("piece", [1, 7, 1000])
@pytest.mark.parametrize(
    ("stream", "fits"),
    [
        (b"data: " + b"x" * 93 + b"\n\n", True),
        (b"data: " + b"x" * 94 + b"\n\n", False),
        (b"data: xxx\n" * 10 + b"\n", True),
        (b"data: xxx\n" * 11 + b"\n", False),
        (b"data\n" * 20 + b"\n", True),
        (b"data\n" * 21 + b"\n", False),
        ((b"data: " + b"x" * 90 + b"\n\n") * 5, True),
        (b"data: x\n\ndata: " + b"x" * 94 + b"\n\n", False),
        ((b"id: 1\ndata: " + b"x" * 80 + b"\n\n") * 5, True),
        (b": comment\n" * 20 + b"data: x\n\n", True),
    ],
)
def test_the_limit_of_an_event_is_for_the_lines_of_its_data(
    stream: bytes, fits: bool, piece: int
) -> None:
    decoder = EventStreamDecoder(max_event=LIMIT)
    chunks = [stream[i : i + piece] for i in range(0, len(stream), piece)]
    if fits:
        assert push_all(decoder, chunks) == reference(stream).events
        return
    with pytest.raises(ProtocolError, match=TOO_LARGE):
        push_all(decoder, chunks)


@pytest.mark.parametrize("name", [b"", b"event: ", b"id: ", b": ", b"foo"])
def test_a_line_without_end_is_refused_at_the_limit(name: bytes) -> None:
    decoder = EventStreamDecoder(max_event=LIMIT)
    decoder.push(b"data: x\n" + name)
    with pytest.raises(ProtocolError, match=TOO_LARGE):
        push_all(decoder, singly(b"x" * LIMIT))


def test_the_limit_is_8_mib() -> None:
    assert MAX_EVENT == 8 * MIB
    decoder = EventStreamDecoder()
    decoder.push(b"data: ")
    for _ in range(127):
        decoder.push(b"x" * 65_536)
    with pytest.raises(ProtocolError, match=TOO_LARGE):
        decoder.push(b"x" * 65_536)


def test_a_burst_larger_than_the_limit_is_fine_where_its_events_are_small() -> None:
    stream = b"data: " + b"x" * 1000 + b"\n\n"
    assert decode(stream * 9000).events == messages("x" * 1000) * 9000
