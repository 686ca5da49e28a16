"""The web hook of the PBX as a client's server sees it."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import aiohttp
import pytest

from simulator.hook import Dialect
from simulator.pbx import PbxService
from simulator.pbx_calls import EVENT_TYPES
from simulator.service import PATIENCE

from .pbx_clients import Hook, running_hook, subscribe


@pytest.fixture
async def hook() -> AsyncGenerator[Hook]:
    async with running_hook() as hook:
        yield hook


@pytest.fixture
async def pbx() -> AsyncGenerator[PbxService]:
    async with PbxService(device_id="АТС=") as pbx:
        pbx.hooks.retry_pauses = (0.0, 0.0)
        yield pbx


@pytest.mark.parametrize(
    ("wanted", "given", "accepted"),
    [
        ("json", "json", True),
        ("json", "plain", False),
        ("plain", "plain", True),
        ("plain", "json", False),
        ("both", "json", True),
        ("both", "plain", True),
        ("both", "none", False),
    ],
)
async def test_hook_proves_itself(
    pbx: PbxService,
    session: aiohttp.ClientSession,
    hook: Hook,
    wanted: Dialect,
    given: str,
    accepted: bool,
) -> None:
    pbx.dialect, hook.dialect = wanted, given
    pbx.hook_refusal_status = 406
    settings = {"hook": hook.url, "subscribe": list(EVENT_TYPES)}
    status, answer = await subscribe(session, pbx, settings)
    assert status == (200 if accepted else 406)
    assert pbx.hook == (settings if accepted else None)
    if accepted:
        assert answer == settings
    assert [given.status for given in pbx.hook_answers] == [200]
    assert hook.types == ["application/json; charset=utf-8"]


async def test_refused_hook_leaves_the_old_one(
    pbx: PbxService, session: aiohttp.ClientSession, hook: Hook
) -> None:
    settings = {"hook": hook.url, "subscribe": ["startup"]}
    assert (await subscribe(session, pbx, settings))[0] == 200
    hook.dialect = "none"
    other = {"hook": hook.url, "subscribe": ["call_end"]}
    assert (await subscribe(session, pbx, other))[0] == 400
    hook.statuses = [404]
    assert (await subscribe(session, pbx, other))[0] == 400
    assert pbx.hook == settings


async def test_hook_that_is_not_there(
    pbx: PbxService, session: aiohttp.ClientSession
) -> None:
    for address in ("http://127.0.0.1:1/", "nonsense", ""):
        settings = {"hook": address, "subscribe": ["startup"]}
        assert (await subscribe(session, pbx, settings))[0] == 400
    assert [answer.status for answer in pbx.hook_answers] == [None] * 3


async def test_hook_that_does_not_answer(
    pbx: PbxService, session: aiohttp.ClientSession
) -> None:
    async def keep_silent(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.read()
        writer.close()

    pbx.hooks.timeout = 0.05
    async with await asyncio.start_server(keep_silent, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        settings = {"hook": f"http://127.0.0.1:{port}/", "subscribe": ["startup"]}
        assert (await subscribe(session, pbx, settings))[0] == 400


async def test_subscribed_messages_come_in_order(
    pbx: PbxService, session: aiohttp.ClientSession, hook: Hook
) -> None:
    kinds = ["incoming_call", "call_end"]
    await subscribe(session, pbx, {"hook": hook.url, "subscribe": kinds})
    calls = [pbx.ring("+7982", "107") for _ in range(5)]
    for call in calls:
        pbx.answer(call)
        pbx.hang_up(call)
    pbx.push({"event_type": "факс"})
    pbx.push(b"{not JSON")
    await pbx.wait_for_hook()
    assert hook.got[-1] == b"{not JSON"
    expected: list[Any] = [
        message for _, message in pbx.messages if _is_sent(message, kinds)
    ]
    assert hook.got[:-1] == expected
    assert len(expected) == 11


def _is_sent(message: object, kinds: list[str]) -> bool:
    return isinstance(message, dict) and message["event_type"] in (*kinds, "факс")


async def test_out_of_order_hook_is_tried_again(
    pbx: PbxService, session: aiohttp.ClientSession, hook: Hook
) -> None:
    await subscribe(session, pbx, {"hook": hook.url, "subscribe": list(EVENT_TYPES)})
    hook.statuses = [500, 503, 200, 404, 200, 500, 500, 500]
    for number in range(4):
        pbx.sms("", str(number))
    await pbx.wait_for_hook()
    # The second message is refused, the fourth was tried three times.
    assert [message["payload"]["text"] for message in hook.got] == ["0", "2"]
    statuses = [answer.status for answer in pbx.hook_answers[1:]]
    assert statuses == [500, 503, 200, 404, 200, 500, 500, 500]
    assert pbx.hook_answers[1].body == "Ой"


async def test_subscribing_to_nothing_ends_it(
    pbx: PbxService, session: aiohttp.ClientSession, hook: Hook
) -> None:
    await subscribe(session, pbx, {"hook": hook.url, "subscribe": list(EVENT_TYPES)})
    nothing = {"hook": "", "subscribe": []}
    assert await subscribe(session, pbx, nothing) == (200, nothing)
    assert pbx.hook is None
    pbx.ring("", "107")
    await pbx.wait_for_hook()
    assert hook.got == []


async def test_messages_that_wait_are_dropped_with_their_hook(
    pbx: PbxService, session: aiohttp.ClientSession, hook: Hook
) -> None:
    await subscribe(session, pbx, {"hook": hook.url, "subscribe": list(EVENT_TYPES)})
    pbx.ring("", "107")
    pbx.hook = None
    await pbx.wait_for_hook()
    assert hook.got == []


async def test_startup_reaches_the_hook_though_connections_drop(
    pbx: PbxService, session: aiohttp.ClientSession, hook: Hook
) -> None:
    await subscribe(session, pbx, {"hook": hook.url, "subscribe": ["startup"]})
    pbx.restart(drop_connections=True)
    await pbx.wait_for_hook()
    assert hook.kinds == ["startup"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        [],
        {"hook": "http://127.0.0.1/"},
        {"hook": 1, "subscribe": []},
        {"hook": "http://127.0.0.1/", "subscribe": "startup"},
        {"hook": "http://127.0.0.1/", "subscribe": ["fax"]},
    ],
)
async def test_bad_subscription(
    pbx: PbxService, session: aiohttp.ClientSession, body: object
) -> None:
    assert (await subscribe(session, pbx, body))[0] == 422
    assert pbx.hook_answers == []


async def test_stop_waits_for_no_hook(session: aiohttp.ClientSession) -> None:
    async with asyncio.timeout(PATIENCE), running_hook() as hook, PbxService() as pbx:
        pbx.hooks.retry_pauses = (3600,)
        everything = {"hook": hook.url, "subscribe": list(EVENT_TYPES)}
        await subscribe(session, pbx, everything)
        hook.statuses = [500]
        pbx.ring("", "107")
        await pbx.wait_until(lambda: len(pbx.hook_answers) == 2)
