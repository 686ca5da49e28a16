"""The auto-call of a PBX, in whatever form its answers come."""

import json
from typing import Any

import aiohttp
import pytest
from yarl import URL

from custom_components.carbis_alerts.api.errors import (
    ProtocolError,
    ServiceError,
    ServiceUnavailable,
)
from custom_components.carbis_alerts.api.pbx.auto_call import (
    RESULT_PATH,
    START_PATH,
    STATUS_PATH,
    AlreadyRunning,
    AutoCallClient,
    CallState,
    NoScenario,
)
from simulator.pbx import PbxService
from simulator.service import Answer

from .conftest import Routes, fails

NUMBER = "+79820000001"


async def test_a_call_is_made_followed_and_stopped(
    session: aiohttp.ClientSession,
) -> None:
    async with PbxService() as pbx:
        client = AutoCallClient(session, URL(pbx.url))
        await client.probe()
        task = await client.start("staff", NUMBER)
        with pytest.raises(AlreadyRunning):
            await client.start("staff", NUMBER)
        assert await client.state(task, NUMBER) == CallState()
        pbx.auto_calls.end("talk_ok", {"result#2": "1"})
        state = await client.state(task, NUMBER)
        assert state == CallState(
            is_over=True, outcome="talk_ok", heard={"result#2": "1"}
        )
        with pytest.raises(NoScenario):
            await client.start("nobody's", NUMBER)
        second = await client.start("staff", NUMBER)
        await client.stop(second)
        assert (await client.state(second, NUMBER)).outcome == "break"
        assert (await client.state("77", NUMBER)).is_over


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"result": "warning", "message": "already_running"}, AlreadyRunning),
        ({"result": "already_running"}, AlreadyRunning),
        ({"warning": {"code": "already_running"}}, AlreadyRunning),
        ("already_running", AlreadyRunning),
        ({"result": "error", "description": "not_found"}, NoScenario),
        ({"error": "not_found"}, NoScenario),
        ({"result": "ok"}, ProtocolError),
        ({"result": "ok", "id": None}, ProtocolError),
        ([], ProtocolError),
    ],
)
@pytest.mark.parametrize("status", [200, 400, 404, 409])
async def test_what_is_no_success_is_found_wherever_it_stands(
    session: aiohttp.ClientSession,
    routes: Routes,
    body: Any,
    error: type[ServiceError],
    status: int,
) -> None:
    routes.answers[START_PATH] = Answer.json(body, status)
    client = AutoCallClient(session, URL(routes.url))
    with fails(error, ".", routes.url):
        await client.start("staff", NUMBER)


ROW = {"state": "fail", "status": "busy", "result#1": 2}


@pytest.mark.parametrize(
    "body",
    [
        [{"number": "89820000001", **ROW}],
        {"result": "ok", "list": [{"phone": NUMBER, **ROW}]},
        {
            "result": "ok",
            "list": [{"number": "101", "state": "ok"}, {"n": NUMBER, **ROW}],
        },
        {NUMBER: ROW},
        {"result": {NUMBER: ROW}},
        {"id": 7, "data": [ROW]},
    ],
)
async def test_a_numbers_row_is_found_however_it_is_nested(
    session: aiohttp.ClientSession, routes: Routes, body: Any
) -> None:
    routes.answers[RESULT_PATH] = Answer.json(body)
    client = AutoCallClient(session, URL(routes.url))
    assert await client.state("7", NUMBER) == CallState(
        is_over=True, outcome="busy", heard={"result#1": "2"}
    )


@pytest.mark.parametrize(
    "body", [{NUMBER: "talk_ok"}, [{"number": NUMBER, "x": "talk"}]]
)
async def test_a_bare_word_is_an_outcome(
    session: aiohttp.ClientSession, routes: Routes, body: Any
) -> None:
    routes.answers[RESULT_PATH] = Answer.json(body)
    state = await AutoCallClient(session, URL(routes.url)).state("7", NUMBER)
    assert state.is_over
    assert state.outcome in ("talk", "talk_ok")


@pytest.mark.parametrize(
    ("said", "is_over"),
    [
        ("run", False),
        ("pause", False),
        ("finish", True),
        ("stop", True),
        ("none", True),
    ],
)
@pytest.mark.parametrize("results", [[], {}, {"result": "ok"}, None, 7, "?"])
async def test_without_a_row_the_tasks_state_says_whether_it_is_over(
    session: aiohttp.ClientSession,
    routes: Routes,
    results: Any,
    said: str,
    is_over: bool,
) -> None:
    routes.answers[RESULT_PATH] = Answer.json(results)
    routes.answers[STATUS_PATH] = Answer.json({"result": "ok", "state": said})
    state = await AutoCallClient(session, URL(routes.url)).state("7", NUMBER)
    assert state == CallState(is_over=is_over)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer.text(404), ProtocolError),
        (Answer(body=b"<html>", headers={"Content-Type": "text/html"}), ProtocolError),
        (Answer.text(500), ServiceUnavailable),
    ],
)
async def test_what_has_no_auto_call_fails_the_probe(
    session: aiohttp.ClientSession,
    routes: Routes,
    answer: Answer,
    error: type[ServiceError],
) -> None:
    routes.answers[STATUS_PATH] = answer
    with fails(error, ".", routes.url):
        await AutoCallClient(session, URL(routes.url)).probe()


async def test_any_document_passes_the_probe(
    session: aiohttp.ClientSession, routes: Routes
) -> None:
    client = AutoCallClient(session, URL(routes.url))
    for body, status in (({"state": "none"}, 200), ({"error": "not_found"}, 404)):
        routes.answers[STATUS_PATH] = Answer(
            body=json.dumps(body).encode(), status=status
        )
        await client.probe()
