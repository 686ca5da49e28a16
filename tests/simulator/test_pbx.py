"""Event streams of the PBX as clients see them."""

from collections.abc import AsyncGenerator
import socket
from typing import Any

import aiohttp
import pytest

from simulator.certificate import make_certificate
from simulator.pbx import EVENTS_PATH, SUBSCRIBE_PATH, AuthFailure, Field, PbxService
from simulator.service import PATIENCE

from .pbx_clients import block, cut_off, event, listening, payload, subscribe


@pytest.fixture
async def pbx() -> AsyncGenerator[PbxService]:
    async with PbxService(device_id="АТС=") as pbx:
        yield pbx


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def test_stream_opens_at_once_and_stays_open(
    pbx: PbxService, session: aiohttp.ClientSession
) -> None:
    async with listening(session, pbx) as response:
        assert (response.status, response.content_type) == (200, "text/event-stream")
        assert response.headers["Transfer-Encoding"] == "chunked"
        assert pbx.streams == 1
        assert pbx.requests[0].answer == "200"
        assert pbx.answered == 1
        pbx.push({"event_type": "startup", "payload": {}})
        assert (
            await block(response)
            == (
                'data: {"device_id":"АТС=","event_type":"startup","payload":{}}\n\n'
            ).encode()
        )
    await pbx.wait_for_streams(0)
    assert (pbx.requests[0].answer, pbx.answered) == ("left", 1)


async def test_each_message_is_a_chunk_and_goes_to_all_streams(
    pbx: PbxService, session: aiohttp.ClientSession
) -> None:
    async with listening(session, pbx) as first, listening(session, pbx) as second:
        for number in range(3):
            pbx.push({"number": number})
        for response in (first, second):
            chunks = [await response.content.readchunk() for _ in range(3)]
            assert all(end for _, end in chunks)
            assert [chunk.endswith(b"\n\n") for chunk, _ in chunks] == [True] * 3


async def test_nothing_is_replayed(
    pbx: PbxService, session: aiohttp.ClientSession
) -> None:
    pbx.push({"event_type": "startup", "payload": {}})
    async with listening(session, pbx) as response:
        pbx.push({"second": True})
        assert (await event(response))["second"] is True


@pytest.mark.parametrize("rubbish", [None, 7, "строка", [1, [2]], {"a": None}, True])
async def test_any_json_value_can_be_pushed(
    pbx: PbxService, session: aiohttp.ClientSession, rubbish: Any
) -> None:
    async with listening(session, pbx) as response:
        assert pbx.push(rubbish, add_device_id=False) == rubbish
        assert await event(response) == rubbish
        assert pbx.messages[-1][1] == rubbish


async def test_bytes_are_data_and_raw_bytes_are_not(
    pbx: PbxService, session: aiohttp.ClientSession
) -> None:
    async with listening(session, pbx) as response:
        pbx.push(b'{"a":\n1}}')
        assert await block(response) == b'data: {"a":\ndata: 1}}\n\n'
        pbx.push_raw(b"retry: 10\r\n: \xd0")
        assert await response.content.readexactly(14) == b"retry: 10\r\n: \xd0"


async def test_own_device_id_stays(pbx: PbxService) -> None:
    assert pbx.push({"device_id": None}) == {"device_id": None}
    assert pbx.push({}) == {"device_id": "АТС="}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (["event"], b'event: a\ndata: {"event_type":"a"}\n\n'),
        (["id"], b'id: 1\ndata: {"event_type":"a"}\n\n'),
        (["event", "id"], b'event: a\nid: 1\ndata: {"event_type":"a"}\n\n'),
    ],
)
async def test_fields_of_the_standard(
    pbx: PbxService,
    session: aiohttp.ClientSession,
    fields: list[Field],
    expected: bytes,
) -> None:
    pbx.fields = fields
    async with listening(session, pbx) as response:
        pbx.push({"event_type": "a"}, add_device_id=False)
        assert await block(response) == expected


async def test_incoming_call(pbx: PbxService, session: aiohttp.ClientSession) -> None:
    call = pbx.ring("+79821234567", "107", trunk="SIP")
    assert call == 1
    sides = {"call_src": "+79821234567", "call_dst": "107", "trunk": "SIP"}
    assert pbx.messages[-1][1] == {
        "device_id": "АТС=",
        "event_type": "incoming_call",
        "payload": {"call_id": 1, **sides},
    }
    async with listening(session, pbx) as response:
        pbx.redirect(call, "108")
        pbx.answer(call)
        pbx.hang_up(str(call), duration=None)
        redirected = await payload(response, "answer_elsewhere")
        assert redirected == {"call_id": "1", "number": "108"}
        talk = await payload(response, "start_talk")
        assert talk == {"call_id": 1, **sides, "call_dst": "108"}
        assert await payload(response, "call_end") == {
            "call_id": "1",
            "record_id": 1,
            "duration": None,
            "status": "success",
        }
    assert pbx.calls.active == []


@pytest.mark.parametrize("source", ["extension", "number"])
async def test_outgoing_call(pbx: PbxService, source: Any) -> None:
    pbx.outgoing_source = source
    pbx.call_ids = "text"
    pbx.dial("107", "+79821234567")
    message = pbx.messages[-1][1]
    assert message["event_type"] == "outgoing_call"
    sides = ["107", "+79821234567"]
    assert message["payload"] == {
        "call_id": "1",
        "call_src": sides[source == "number"],
        "call_dst": sides[source != "number"],
        "trunk": "GSM1",
    }


async def test_duration_is_that_of_the_talk() -> None:
    clock = Clock()
    pbx = PbxService(clock=clock)
    answered, missed = pbx.ring("", "107"), pbx.ring("anonymous", "107")
    clock.now += 10
    pbx.answer(answered)
    clock.now += 95.4
    assert pbx.hang_up(answered)["payload"]["duration"] == 95
    ended = pbx.miss(missed)["payload"]
    assert (ended["duration"], ended["status"]) == (0, "no_answer")
    assert pbx.hang_up(pbx.ring("", "1"), "busy", 7.5)["payload"]["duration"] == 7.5


async def test_unknown_call() -> None:
    pbx = PbxService()
    pbx.ring("", "107")
    for call in (2, "nonsense"):
        with pytest.raises(LookupError, match=r"no call \w+ is in progress; .* 1$"):
            pbx.answer(call)
    assert len(pbx.messages) == 1


async def test_sms(pbx: PbxService) -> None:
    message = pbx.sms("+7982", "Столик\nна двоих", trunk="GSM2", date="2026-05-01")
    assert message["event_type"] == "incoming_sms"
    assert message["payload"] == {
        "sms_src": "+7982",
        "text": "Столик\nна двоих",
        "trunk": "GSM2",
        "date": "2026-05-01",
    }
    assert len(pbx.sms("", "")["payload"]["date"]) == len("2026-05-01T12:00:00")


@pytest.mark.parametrize("drop", [False, True])
async def test_restart_counts_calls_again(
    pbx: PbxService, session: aiohttp.ClientSession, drop: bool
) -> None:
    call = pbx.ring("", "107")
    async with listening(session, pbx) as response:
        pbx.restart(drop_connections=drop)
        assert pbx.streams == (0 if drop else 1)
        if drop:
            await cut_off(response)
        else:
            assert await payload(response, "startup") == {}
        with pytest.raises(LookupError):
            pbx.answer(call)
        assert pbx.ring("", "107") == call


async def test_three_streams_at_most(
    pbx: PbxService, session: aiohttp.ClientSession
) -> None:
    async with (
        listening(session, pbx),
        listening(session, pbx),
        listening(session, pbx),
    ):
        async with listening(session, pbx) as fourth:
            assert fourth.status == 429
        pbx.stream_limit_status = 503
        async with listening(session, pbx) as fourth:
            assert fourth.status == 503
        assert pbx.streams == 3
    await pbx.wait_for_streams(0)
    async with listening(session, pbx) as response:
        assert response.status == 200


@pytest.mark.parametrize("tls", [False, True])
async def test_streams_end_are_reset_and_are_cut(
    session: aiohttp.ClientSession, tls: bool
) -> None:
    async with PbxService(certificate=make_certificate() if tls else None) as pbx:
        async with listening(session, pbx, ssl=False) as response:
            pbx.push(1)
            pbx.end_streams()
            assert pbx.streams == 0
            assert await response.read() == b"data: 1\n\n"
        async with listening(session, pbx, ssl=False) as response:
            pbx.push(2)
            pbx.reset_streams()
            assert pbx.streams == 0
            assert await block(response) == b"data: 2\n\n"
            await cut_off(response)
        async with listening(session, pbx, ssl=False) as response:
            pbx.cut_stream_after(4)
            assert pbx.streams == 1
            pbx.push(3)
            assert await response.content.readexactly(4) == b"data"
            await cut_off(response)
            await pbx.wait_for_streams(0)
        answers = [request.answer for request in pbx.requests]
        assert answers == ["ended", "reset", "cut"]
        # A body that ended in order leaves its connection for the next one.
        assert [request.connection for request in pbx.requests] == [1, 1, 2]


async def test_cut_at_once(pbx: PbxService, session: aiohttp.ClientSession) -> None:
    async with listening(session, pbx) as response:
        pbx.cut_stream_after(0)
        await cut_off(response)


async def test_streams_that_end_make_room_at_once(
    pbx: PbxService, session: aiohttp.ClientSession
) -> None:
    pbx.max_streams = 1
    async with listening(session, pbx):
        pbx.end_streams()
        async with listening(session, pbx) as response:
            assert response.status == 200


async def test_heartbeat(pbx: PbxService, session: aiohttp.ClientSession) -> None:
    async with listening(session, pbx) as response:
        pbx.heartbeat = 0.001
        assert await block(response) == b": ping\n\n"
        assert await block(response) == b": ping\n\n"
        pbx.heartbeat = None
        pbx.push_raw(b"data: end\n\n")
        while (got := await block(response)) != b"data: end\n\n":
            assert got == b": ping\n\n"


async def test_status_and_content_type_of_streams(
    pbx: PbxService, session: aiohttp.ClientSession
) -> None:
    for status in (204, 500):
        pbx.stream_status = status
        async with listening(session, pbx) as response:
            assert response.status == status
    pbx.stream_status = 200
    pbx.content_type = "text/html"
    async with listening(session, pbx) as response:
        assert response.content_type == "text/html"
        assert pbx.streams == 1


async def test_last_event_ids(pbx: PbxService, session: aiohttp.ClientSession) -> None:
    async with listening(session, pbx):
        pass
    async with listening(session, pbx, headers={"Last-Event-ID": "7"}):
        pass
    assert pbx.last_event_ids == ["7"]
    assert [request.cursor for request in pbx.requests] == [None, "7"]


@pytest.mark.parametrize(
    ("options", "header", "allowed"),
    [
        ({}, None, True),
        ({}, "Bearer x", True),
        ({"token": "ключ"}, "Bearer ключ", True),
        ({"token": "key"}, "bearer key", True),
        ({"token": "key"}, "Bearer kez", False),
        ({"token": "key"}, "key", False),
        ({"token": "key"}, None, False),
        ({"token": "key"}, aiohttp.encode_basic_auth("key", ""), False),
        (
            {"username": "u", "password": "п:"},
            aiohttp.encode_basic_auth("u", "п:"),
            True,
        ),
        ({"username": "u"}, aiohttp.encode_basic_auth("u", ""), True),
        ({"username": "u"}, aiohttp.encode_basic_auth("u", "x"), False),
        ({"username": "u"}, "Basic !!!", False),
        ({"username": "u"}, "Bearer u", False),
        ({"username": "u", "token": "key"}, "Bearer key", True),
    ],
)
async def test_authentication(
    session: aiohttp.ClientSession,
    options: dict[str, str],
    header: str | None,
    allowed: bool,
) -> None:
    headers = {} if header is None else {"Authorization": header}
    async with PbxService(**options) as pbx:  # type: ignore[arg-type]  # texts only
        async with listening(session, pbx, headers=headers) as response:
            assert response.status == (200 if allowed else 401)
        status, _ = await subscribe(
            session, pbx, {"hook": "", "subscribe": []}, headers
        )
        assert status == (200 if allowed else 401)
        assert [request.token_ok for request in pbx.requests] == [allowed] * 2


@pytest.mark.parametrize("failure", [401, 403])
async def test_authentication_failure(
    session: aiohttp.ClientSession, failure: AuthFailure
) -> None:
    async with PbxService(token="x") as pbx:
        pbx.auth_failure = failure
        async with listening(session, pbx) as response:
            assert response.status == failure


async def test_other_paths_and_methods(
    pbx: PbxService, session: aiohttp.ClientSession
) -> None:
    for method, path, status in (
        ("GET", "/", 404),
        ("POST", EVENTS_PATH, 405),
        ("GET", SUBSCRIBE_PATH, 405),
    ):
        async with session.request(method, pbx.url + path) as response:
            assert response.status == status


async def test_stop_closes_streams_and_start_takes_the_same_port(
    session: aiohttp.ClientSession,
) -> None:
    pbx = PbxService()
    async with pbx:
        url = pbx.url
        async with listening(session, pbx) as response:
            await pbx.stop()
            assert (pbx.streams, pbx.open_connections) == (0, 0)
            await cut_off(response)
        await pbx.stop()
        await pbx.start()
        assert pbx.url == url
        async with listening(session, pbx) as response:
            pbx.push(1)
            assert await event(response) == 1


async def test_port_in_use_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        pbx = PbxService(port=taken.getsockname()[1])
        with pytest.raises(OSError, match="in use"):
            await pbx.start()
        await pbx.stop()


async def test_new_certificate_drops_streams(
    pbx: PbxService, session: aiohttp.ClientSession
) -> None:
    async with listening(session, pbx) as response:
        await pbx.set_certificate(make_certificate())
        assert pbx.streams == 0
        await cut_off(response)
    async with listening(session, pbx, ssl=False) as response:
        assert response.status == 200


async def test_http_1_0_gets_an_unframed_body(pbx: PbxService) -> None:
    session = aiohttp.ClientSession(
        version=aiohttp.HttpVersion10, timeout=aiohttp.ClientTimeout(total=PATIENCE)
    )
    async with session, listening(session, pbx) as response:
        pbx.push(1)
        pbx.end_streams()
        assert "Transfer-Encoding" not in response.headers
        assert await response.read() == b"data: 1\n\n"
