"""The PBX's part of the control port."""

from collections.abc import AsyncGenerator
from typing import Any

import aiohttp
import pytest

from simulator.control import Control
from simulator.faults import Faults
from simulator.pbx import PbxService
from simulator.pbx_calls import EVENT_TYPES
from simulator.pbx_panel import PbxPanel

from .conftest import Client
from .pbx_clients import block, cut_off, event, listening, running_hook, subscribe


@pytest.fixture
async def pbx() -> AsyncGenerator[PbxService]:
    async with PbxService(device_id="АТС=") as pbx:
        yield pbx


@pytest.fixture
async def control(
    pbx: PbxService, session: aiohttp.ClientSession
) -> AsyncGenerator[Client]:
    async with Control([PbxPanel(pbx)]) as control:
        yield Client(session, control.url, "pbx")


async def test_own_message(
    control: Client, pbx: PbxService, session: aiohttp.ClientSession
) -> None:
    async with listening(session, pbx) as response:
        own = {"event_type": "факс", "payload": None}
        sent = {"device_id": "АТС=", **own}
        assert await control.post("/pbx/events", own) == (200, sent)
        assert await event(response) == sent
        await control.post("/pbx/raw", data=b"retry: 1\n\n")
        assert await block(response) == b"retry: 1\n\n"
    assert (await control.post("/pbx/events"))[0] == 400


async def test_calls(control: Client, pbx: PbxService) -> None:
    async def calls() -> list[dict[str, Any]]:
        state = await control.state()
        return [
            {name: value for name, value in call.items() if name != "seconds"}
            for call in state["calls"]
        ]

    status, message = await control.post(
        "/pbx/calls", {"from": "+7982", "to": "108", "trunk": "SIP"}
    )
    assert (status, message["event_type"]) == (200, "incoming_call")
    assert message["payload"]["call_dst"] == "108"
    call: dict[str, Any] = {"id": 1, "direction": "incoming", "number": "+7982"}
    call |= {"extension": "108", "trunk": "SIP", "state": "ringing"}
    assert await calls() == [call]
    _, message = await control.post("/pbx/calls/1/redirect", {"to": "109"})
    assert message["payload"] == {"call_id": "1", "number": "109"}
    _, message = await control.post("/pbx/calls/1/answer")
    assert message["event_type"] == "start_talk"
    assert await calls() == [{**call, "extension": "109", "state": "talking"}]
    end = {"status": "busy", "duration": 7}
    _, message = await control.post("/pbx/calls/1/hang-up", end)
    assert message["payload"] == {"call_id": "1", "record_id": 1, **end}
    assert await calls() == []


async def test_calls_with_what_is_usual(control: Client) -> None:
    _, message = await control.post("/pbx/calls")
    assert message["payload"]["call_dst"] == "107"
    _, message = await control.post("/pbx/calls/1/miss")
    assert message["payload"]["status"] == "no_answer"
    _, message = await control.post("/pbx/calls", {"direction": "outgoing"})
    assert message["event_type"] == "outgoing_call"
    assert message["payload"]["call_src"] == "107"
    assert (await control.state())["calls"][0]["state"] == "dialing"
    _, message = await control.post("/pbx/calls/2/hang-up", {"duration": None})
    assert message["payload"]["duration"] is None
    _, message = await control.post("/pbx/calls")
    _, message = await control.post("/pbx/calls/3/hang-up")
    assert message["payload"]["status"] == "success"


async def test_sms(control: Client) -> None:
    sms = {"from": "+7982", "text": "Столик на двоих", "trunk": "SIP", "date": "1.5."}
    _, message = await control.post("/pbx/sms", sms)
    assert message["payload"] == {
        "sms_src": "+7982",
        "text": "Столик на двоих",
        "trunk": "SIP",
        "date": "1.5.",
    }
    assert (await control.post("/pbx/sms"))[0] == 200


async def test_restart(
    control: Client, pbx: PbxService, session: aiohttp.ClientSession
) -> None:
    pbx.ring("", "107")
    async with listening(session, pbx) as response:
        _, state = await control.post("/pbx/restart")
        assert (state["calls"], state["streams"]) == ([], 1)
        assert (await event(response))["event_type"] == "startup"
        _, state = await control.post("/pbx/restart", {"drop-connections": True})
        assert state["streams"] == 0
        await cut_off(response)


async def test_streams(
    control: Client, pbx: PbxService, session: aiohttp.ClientSession
) -> None:
    async with listening(session, pbx) as response:
        await control.post("/pbx/streams/end")
        assert await response.read() == b""
    async with listening(session, pbx) as response:
        await control.post("/pbx/streams/reset")
        await cut_off(response)
    async with listening(session, pbx) as response:
        await control.post("/pbx/streams/cut", {"after": 3})
        pbx.push(1)
        assert await response.content.readexactly(3) == b"dat"
        await cut_off(response)
    assert (await control.post("/pbx/streams/cut", {"after": -1}))[0] == 400


async def test_faults(control: Client, pbx: PbxService) -> None:
    faults = {"pbx": {"half-open": True, "wrong-token": True}}
    assert await control.post("/faults", faults) == (
        200,
        {"pbx": {"half_open": True, "wrong_token": True}},
    )
    assert pbx.faults.current == Faults(half_open=True, wrong_token=True)


async def test_settings(control: Client, pbx: PbxService) -> None:
    wanted = {
        "device_id": "other",
        "token": "key",
        "username": "u",
        "password": None,
        "auth_failure": 403,
        "max_streams": 1,
        "stream_limit_status": 503,
        "stream_status": 204,
        "content_type": "text/plain",
        "fields": ["id"],
        "heartbeat": 20,
        "dialect": "both",
        "hook": None,
        "hook_refusal_status": 422,
        "call_ids": "text",
        "outgoing_source": "number",
    }
    pbx.hook = {"hook": "", "subscribe": []}
    status, state = await control.post(
        "/pbx/settings", {name.replace("_", "-"): wanted[name] for name in wanted}
    )
    assert status == 200
    assert {name: state[name] for name in wanted} == wanted
    assert {name: getattr(pbx, name) for name in wanted} == wanted


@pytest.mark.parametrize(
    ("path", "value", "text"),
    [
        ("/faults", {"pbx": {"nonsense": 1}}, "pbx: unknown fault: nonsense"),
        ("/pbx/events", [1], "must be a JSON object"),
        ("/pbx/calls", {"from": 7}, "from must be a text"),
        ("/pbx/calls", {"direction": "up"}, "direction must be incoming or outgoing"),
        ("/pbx/sms", {"date": 1}, "date must be a text"),
        ("/pbx/settings", {"tokn": "x"}, "unknown setting: tokn"),
        ("/pbx/settings", {"token": 1}, "token must be a text or null"),
        ("/pbx/settings", {"auth_failure": "401"}, "auth_failure must be one of 401"),
        ("/pbx/settings", {"stream_status": True}, "stream_status must be a whole"),
        ("/pbx/settings", {"content_type": "a\r\nb: c"}, "must be a content type"),
        ("/pbx/settings", {"fields": ["data"]}, "fields must be a list of event, id"),
        ("/pbx/settings", {"heartbeat": 0}, "heartbeat must be a number of seconds"),
        ("/pbx/settings", {"hook": "http://a/"}, "hook must be null"),
    ],
)
async def test_bad_requests_say_what_is_wrong(
    control: Client, pbx: PbxService, path: str, value: object, text: str
) -> None:
    status, answer = await control.post(path, value)
    assert status == 400
    assert text in answer["error"]
    assert len(pbx.messages) == 0


async def test_bad_requests_for_a_call_leave_it(
    control: Client, pbx: PbxService
) -> None:
    pbx.ring("", "107")
    for path, value, status in (
        ("/pbx/calls/1/redirect", {}, 400),
        ("/pbx/calls/1/hang-up", {"duration": "7"}, 400),
        ("/pbx/calls/1/hang-up", {"status": None}, 400),
        ("/pbx/calls/2/answer", {}, 404),
    ):
        assert (await control.post(path, value))[0] == status
    assert len(pbx.calls.active) == 1


async def test_state_says_all(
    control: Client, pbx: PbxService, session: aiohttp.ClientSession
) -> None:
    async with (
        running_hook() as hook,
        listening(session, pbx, headers={"Last-Event-ID": "7"}),
    ):
        settings = {"hook": hook.url, "subscribe": list(EVENT_TYPES)}
        await subscribe(session, pbx, settings)
        pbx.ring("+7982", "107")
        pbx.push(b"\xff{")
        await pbx.wait_for_hook()
        state = await control.state()
    assert (state["url"], state["device_id"]) == (pbx.url, "АТС=")
    assert (state["streams"], state["max_streams"]) == (1, 3)
    assert state["hook"] == settings
    assert state["hook_waiting"] == 0
    assert [answer["status"] for answer in state["hook_answers"]] == [200] * 3
    assert state["last_event_ids"] == ["7"]
    assert [item["message"] for item in state["last_messages"]] == [
        "\ufffd{",
        pbx.messages[0][1],
    ]
    assert state["last_messages"][0]["ago"] >= 0
    assert state["calls"][0]["seconds"] >= 0
    assert state["last_requests"][0]["path"] == "/sys/subscribe_events"


async def test_a_call_to_staff_ends_as_asked(control: Client, pbx: PbxService) -> None:
    assert (await control.post("/pbx/auto-call/end"))[0] == 404
    begin = {"name": "staff", "list": ["101"]}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{pbx.url}/auto_call/start", json=begin) as response,
    ):
        assert await response.json() == {"result": "ok", "id": 1}
    status, state = await control.post("/pbx/auto-call/end", {"key": "1"})
    assert status == 200
    assert state["auto_calls"] == [
        {"number": "101", "result": "talk_ok", "heard": {"result#1": "1"}}
    ]
