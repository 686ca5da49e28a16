"""The PBX's messages, as it sends them and as it may not, and its web hook."""

import base64
from collections.abc import AsyncGenerator, Callable
from hashlib import md5
import json
from typing import Any
from urllib.parse import quote_from_bytes, quote_plus

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import given, strategies as st
import orjson
import pytest
from yarl import URL

from custom_components.carbis_alerts.api.errors import (
    AuthenticationError,
    HookRefused,
    ProtocolError,
    RateLimited,
    ServiceError,
    ServiceUnavailable,
)
from custom_components.carbis_alerts.api.pbx import (
    EVENT_TYPES,
    MESSAGES,
    CallEndMessage,
    CallMessage,
    PbxClient,
    PbxMessage,
    SmsMessage,
    Unreadable,
    Verification,
    messages_in,
    parse_message,
)
from custom_components.carbis_alerts.api.pbx.client import HOOK_REFUSED_STATUSES

from ..plain import TOKEN
from .conftest import fails

DEVICE = "Y7d6hP0mQ2v1u8Zk3nR5tA=="
HOOK = "https://site.example/api/webhook/1234"
CALL: dict[str, Any] = {
    "call_id": 8,
    "call_src": "+79829912345",
    "call_dst": "107",
    "trunk": "GSM1",
}
END: dict[str, Any] = {
    "call_id": 8,
    "record_id": 15,
    "duration": 12,
    "status": "success",
}
SMS: dict[str, Any] = {
    "sms_src": "+79829912345",
    "text": " Столик на двоих ☎ ",
    "trunk": "GSM1",
    "date": "2026-01-01T12:00:00",
}


def document(payload: object, event_type: object = "incoming_call") -> dict[str, Any]:
    """Return a message."""
    return {"device_id": DEVICE, "event_type": event_type, "payload": payload}


def parse(payload: object, event_type: object = "incoming_call") -> PbxMessage:
    """Parse a message that is one."""
    message = parse_message(orjson.dumps(document(payload, event_type)))
    assert isinstance(message, PbxMessage)
    assert type(message) is MESSAGES.get(str(event_type), PbxMessage)
    return message


def call(payload: object, event_type: object = "incoming_call") -> CallMessage:
    """Parse a message about a call."""
    message = parse(payload, event_type)
    assert isinstance(message, CallMessage)
    return message


def end(payload: object) -> CallEndMessage:
    """Parse the message of a call's end."""
    message = parse(payload, "call_end")
    assert isinstance(message, CallEndMessage)
    return message


# --- Messages --------------------------------------------------------------------------


@pytest.mark.parametrize("event_type", ["incoming_call", "outgoing_call", "start_talk"])
def test_a_call_has_its_numbers_and_its_trunk(event_type: str) -> None:
    message = call(CALL, event_type)
    assert message.event_type == event_type
    assert message.device_id == DEVICE
    assert message.call_id == "8"
    assert (message.call_src, message.call_dst) == ("+79829912345", "107")
    assert message.trunk == "GSM1"
    assert message.raw == document(CALL, event_type)


def test_an_end_has_its_status_duration_and_recording() -> None:
    message = end(END)
    assert (message.call_id, message.record_id) == ("8", "15")
    assert (message.duration, message.status) == (12.0, "success")


def test_an_sms_has_its_text_as_it_was_written() -> None:
    message = parse(SMS, "incoming_sms")
    assert isinstance(message, SmsMessage)
    assert message.text == " Столик на двоих ☎ "
    assert (message.sms_src, message.trunk) == ("+79829912345", "GSM1")
    assert message.date == "2026-01-01T12:00:00"


def test_an_answer_elsewhere_names_its_extension() -> None:
    message = call({"call_id": "8", "number": 108}, "answer_elsewhere")
    assert (message.call_id, message.number) == ("8", "108")


@pytest.mark.parametrize("payload", [{}, None, "", [], 5, True, [CALL], "text"])
def test_a_message_needs_no_payload_of_any_form(payload: object) -> None:
    message = parse(payload, "startup")
    assert message.event_type == "startup"
    assert call(payload).call_id is None
    assert call(payload).call_src is None


def test_a_message_needs_neither_payload_nor_device() -> None:
    message = parse_message(b'{"event_type": "startup"}')
    assert isinstance(message, PbxMessage)
    assert message.device_id is None
    assert message.raw == {"event_type": "startup"}


@pytest.mark.parametrize(
    ("call_id", "expected"),
    [
        *((8, "8"), ("8", "8"), (8.0, "8"), (" 8 ", "8"), ("a-8", "a-8"), (0, "0")),
        *((None, None), ("", None), (True, None), ([], None), ({}, None)),
        (2**64 - 1, "18446744073709551615"),
    ],
)
def test_an_id_is_a_number_or_a_text(call_id: object, expected: str | None) -> None:
    assert call({**CALL, "call_id": call_id}).call_id == expected


@pytest.mark.parametrize(
    ("duration", "expected"),
    [
        *((12, 12.0), (12.5, 12.5), ("12", 12.0), ("12,5", 12.5), (0, 0.0)),
        *((None, None), ("", None), ("long", None), ([], None), (True, None)),
    ],
)
def test_a_duration_is_a_number_in_any_form_or_none(
    duration: object, expected: float | None
) -> None:
    assert end({**END, "duration": duration}).duration == expected


def test_an_end_without_a_duration_has_none() -> None:
    assert end({"call_id": 8}).duration is None


@pytest.mark.parametrize("number", ["+79829912345", "89829912345", "anonymous", "107"])
def test_a_number_stays_as_it_came(number: str) -> None:
    message = call({**CALL, "call_src": number, "call_dst": number})
    assert (message.call_src, message.call_dst) == (number, number)


@pytest.mark.parametrize("number", ["", " ", None, [], {}, False])
def test_an_empty_number_is_none(number: object) -> None:
    assert call({**CALL, "call_src": number}).call_src is None


def test_a_number_may_be_a_number() -> None:
    assert call({**CALL, "call_dst": 107}).call_dst == "107"


@pytest.mark.parametrize("event_type", ["fax", "новое", "INCOMING_CALL", 5])
def test_an_unknown_type_is_a_message_too(event_type: object) -> None:
    message = parse(CALL, event_type)
    assert message.event_type == str(event_type)
    assert message.raw["payload"] == CALL


def test_an_unknown_status_is_kept() -> None:
    assert end({**END, "status": "melted"}).status == "melted"


@pytest.mark.parametrize("end", [b"", b"}", b"}\n", b"}\r\n ", b"\n", b" } "])
def test_one_closing_brace_too_many_is_passed_over(end: bytes) -> None:
    data = orjson.dumps(document(CALL))
    assert parse_message(data + end) == parse_message(data)


def test_a_document_may_be_written_over_several_lines() -> None:
    data = orjson.dumps(document(CALL), option=orjson.OPT_INDENT_2)
    assert parse_message(data) == parse(CALL)


@pytest.mark.parametrize(
    ("data", "shape"),
    [
        (b"", "not JSON: empty"),
        (b"}", "not JSON: text"),
        (b"not JSON", "not JSON: text"),
        (b'{"event_type": "start', "not JSON: object"),
        (b'{"event_type": "startup"} {}', "not JSON: object"),
        (b"\xff", "not JSON: text"),
        (b'"\\ud800"', "not JSON: text"),
        (b"[" * 5000 + b"]" * 5000, "not JSON: list"),
        (b"<html>secret</html>", "not JSON: markup"),
        (b'"secret"', "not JSON: text"),
        (b"null", "NoneType"),
        (b"5", "int"),
        (b"[]", []),
        (b'[{"event_type": "startup"}]', [{"event_type": "str"}]),
        (b"{}", {}),
        (b'{"event_type": null}', {"event_type": "NoneType"}),
        (b'{"event_type": ""}', {"event_type": "str"}),
        (b'{"event_type": {"a": "secret"}}', {"event_type": {"a": "str"}}),
        (b'{"event_type": ["startup"]}', {"event_type": ["str"]}),
        (b'{"event_type": "verification"}', {"event_type": "str"}),
        (
            b'{"event_type": "verification", "payload": {"a": 1}}',
            {"event_type": "str", "payload": {"a": "int"}},
        ),
    ],
)
def test_what_is_no_message_is_reported_by_its_shape(
    data: bytes, shape: object
) -> None:
    assert parse_message(data) == Unreadable(shape=shape)  # type: ignore[arg-type] # JSON


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_a_deep_payload_is_cut_off(opening: str) -> None:
    closing = {"[": "]", '{"a":': "}"}[opening]
    deep = opening * 900 + "1" + closing * 900
    data = f'{{"event_type": "fax", "payload": {{"call_id": 8, "deep": {deep}}}}}'
    message = parse_message(data.encode())
    assert isinstance(message, PbxMessage)
    assert len(orjson.dumps(message.raw)) < 300


@pytest.mark.parametrize("call_id", [8, 8.0, "8", "8.0", " 8 ", "8.00"])
def test_a_call_has_one_id_in_every_form(call_id: object) -> None:
    assert call({**CALL, "call_id": call_id}).call_id == "8"
    assert call({**CALL, "call_id": "8.5"}).call_id == "8.5"


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*CALL, *END, *SMS, "number", ""]), inner, max_size=5
        )
    ),
    max_leaves=10,
)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "event_type": JSON | st.sampled_from([*EVENT_TYPES, "verification"]),
            "device_id": JSON,
            "payload": JSON,
        },
    )
)
def test_any_json_is_parsed_without_an_error(value: dict[str, Any]) -> None:
    message = parse_message(json.dumps(value).encode())
    if isinstance(message, PbxMessage):
        assert message.event_type
        orjson.dumps(message.raw)


@given(st.binary(max_size=30))
def test_any_bytes_are_parsed_without_an_error(data: bytes) -> None:
    assert parse_message(data) is not None


# --- The hook's proof ------------------------------------------------------------------


@pytest.mark.parametrize("text", ["abc", "", " abc ", "проверка ☎", "a" * 10_000])
def test_the_proof_is_the_md5_of_the_text_in_utf8(text: str) -> None:
    message = parse_message(orjson.dumps(document(text, "verification")))
    assert message == Verification(device_id=DEVICE, challenge=text)
    expected = md5(text.encode("utf-8"), usedforsecurity=False).hexdigest()
    assert isinstance(message, Verification)
    assert message.proof == expected


def test_the_proof_of_a_known_text_is_known() -> None:
    proof = Verification(device_id=None, challenge="abc").proof
    assert proof == "900150983cd24fb0d6963f7d28e17f72"


# --- Subscribing -----------------------------------------------------------------------


class Pbx:
    """A PBX that answers a subscription as configured."""

    def __init__(self) -> None:
        """Answer with what was asked for."""
        self.answer: Callable[[dict[str, Any]], web.Response] = web.json_response
        self.requests: list[tuple[str, dict[str, Any], dict[str, str]]] = []
        self.url = URL()

    async def handle(self, request: web.Request) -> web.Response:
        """Note a request and answer it."""
        body = await request.json() if request.can_read_body else {}
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.requests.append((f"{request.method} {request.path}", body, headers))
        return self.answer(body)


@pytest.fixture
async def pbx() -> AsyncGenerator[Pbx]:
    """Return a running PBX."""
    pbx = Pbx()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", pbx.handle)
    async with TestServer(app) as server:
        pbx.url = server.make_url("/")
        yield pbx


async def test_a_subscription_asks_for_all_types_at_the_hook(
    pbx: Pbx, session: aiohttp.ClientSession
) -> None:
    await PbxClient(session, pbx.url).subscribe(HOOK)
    ((request, body, headers),) = pbx.requests
    assert request == "POST /sys/subscribe_events"
    assert body == {"hook": HOOK, "subscribe": list(EVENT_TYPES)}
    assert len(EVENT_TYPES) == 7
    assert headers["content-type"] == "application/json"


async def test_a_subscription_to_nothing_is_possible(
    pbx: Pbx, session: aiohttp.ClientSession
) -> None:
    await PbxClient(session, pbx.url).subscribe(HOOK, ())
    assert pbx.requests[0][1] == {"hook": HOOK, "subscribe": []}


@pytest.mark.parametrize(
    ("credentials", "expected"),
    [
        ({}, None),
        ({"token": "", "username": "", "password": "x"}, None),
        ({"token": TOKEN}, f"Bearer {TOKEN}"),
        ({"token": TOKEN, "username": "u", "password": "p"}, f"Bearer {TOKEN}"),
        ({"username": "u", "password": TOKEN}, f"u:{TOKEN}"),
        ({"username": "u"}, "u:"),
        ({"username": "юзер", "password": "пароль"}, "юзер:пароль"),
    ],
)
async def test_a_token_goes_before_a_user_and_neither_is_fine(
    pbx: Pbx,
    session: aiohttp.ClientSession,
    credentials: dict[str, str],
    expected: str | None,
) -> None:
    client = PbxClient(session, pbx.url, **credentials)  # type: ignore[arg-type] # texts
    await client.subscribe(HOOK)
    sent = pbx.requests[0][2].get("authorization")
    if sent is not None and sent.startswith("Basic "):
        sent = base64.b64decode(sent.removeprefix("Basic ")).decode()
    assert sent == expected


async def test_the_stream_is_asked_for_after_the_last_event(
    pbx: Pbx, session: aiohttp.ClientSession
) -> None:
    client = PbxClient(session, pbx.url, token=TOKEN)
    with fails(ProtocolError, "not an event stream", pbx.url):
        await client.stream("5").__aenter__()
    ((request, _, headers),) = pbx.requests
    assert request == "GET /sys/events"
    assert headers["last-event-id"] == "5"
    assert headers["authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize("status", HOOK_REFUSED_STATUSES)
async def test_a_pbx_that_does_not_like_the_hook_refuses_it(
    pbx: Pbx, session: aiohttp.ClientSession, status: int
) -> None:
    pbx.answer = lambda body: web.json_response({"detail": TOKEN}, status=status)
    client = PbxClient(session, pbx.url, token=TOKEN)
    with fails(HookRefused, f"HTTP {status}", pbx.url) as caught:
        await client.subscribe(HOOK)
    assert caught.value.status == status


@pytest.mark.parametrize(
    "answer",
    [
        {"hook": "https://crm.example/hook", "subscribe": []},
        {"hook": None, "subscribe": []},
        {"hook": "", "subscribe": []},
        {"result": False},
        {},
    ],
)
async def test_a_pbx_that_keeps_another_hook_has_refused_ours(
    pbx: Pbx, session: aiohttp.ClientSession, answer: dict[str, Any]
) -> None:
    pbx.answer = lambda body: web.json_response(answer)
    with fails(HookRefused, "did not take the hook", pbx.url):
        await PbxClient(session, pbx.url, token=TOKEN).subscribe(HOOK)


@pytest.mark.parametrize(
    ("response", "error", "match"),
    [
        ({"text": "OK"}, ProtocolError, "not JSON"),
        ({"text": ""}, ProtocolError, "is empty"),
        ({"text": "[]"}, ProtocolError, "not one of a PBX"),
        ({"text": '"ok"'}, ProtocolError, "not one of a PBX"),
        ({"status": 404}, ProtocolError, "HTTP 404"),
        ({"status": 401}, AuthenticationError, "HTTP 401"),
        ({"status": 403}, AuthenticationError, "HTTP 403"),
        ({"status": 429}, RateLimited, "HTTP 429"),
        ({"status": 502}, ServiceUnavailable, "HTTP 502"),
    ],
)
async def test_a_failure_that_is_not_the_hooks_is_reported_as_what_it_is(
    pbx: Pbx,
    session: aiohttp.ClientSession,
    response: dict[str, Any],
    error: type[ServiceError],
    match: str,
) -> None:
    pbx.answer = lambda body: web.Response(**response)
    with fails(error, match, pbx.url):
        await PbxClient(session, pbx.url, token=TOKEN).subscribe(HOOK)


ONE = {"event_type": "incoming_sms", "payload": {"text": "Стол", "sms_src": "900"}}
TEXT = orjson.dumps(ONE)
PARTS = (
    b'--edge\r\nContent-Disposition: form-data; name="%s"\r\n'
    b"Content-Type: text/plain\r\n\r\n%s\r\n--edge--\r\n"
)


@pytest.mark.parametrize(
    ("body", "count"),
    [
        (TEXT, 1),
        (b"[" + TEXT + b"," + TEXT + b",]", 2),
        (TEXT + b"\n" + TEXT + b"\r\n", 2),
        (TEXT.replace(b'"}', b'",}'), 1),
        (b"data=" + quote_from_bytes(TEXT).encode(), 1),
        (b"a=1&json=" + quote_plus(b"[" + TEXT + b"]").encode(), 1),
        (
            b"event_type=incoming_sms&payload="
            + quote_from_bytes(TEXT[39:-1]).encode(),
            1,
        ),
        (
            "event_type=incoming_sms&payload[text]=Стол&payload[sms_src]=900".encode(),
            1,
        ),
        (PARTS % (b"data", TEXT), 1),
        (b"\xef\xbb\xbf" + TEXT, 1),
        (orjson.dumps(TEXT.decode()), 1),
        (orjson.dumps({**ONE, "payload": orjson.dumps(ONE["payload"]).decode()}), 1),
    ],
)
@pytest.mark.parametrize("charset", [None, "utf-8", "windows-1251"])
def test_a_hooks_body_is_read_however_it_is_wrapped(
    body: bytes, count: int, charset: str | None
) -> None:
    if charset == "windows-1251":
        body = body.replace("Стол".encode(), "Стол".encode("cp1251"))
    found = [parse_message(one, charset) for one in messages_in(body, charset)]
    assert len(found) == count
    for message in found:
        assert isinstance(message, SmsMessage)
        assert (message.text, message.sms_src) == ("Стол", "900")


@given(
    st.binary(max_size=60) | st.binary(max_size=40).map(lambda rest: b"--a\r\n" + rest)
)
def test_any_body_has_messages_without_an_error(data: bytes) -> None:
    assert messages_in(data)
