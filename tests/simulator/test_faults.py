"""Faults as an object, and how a real client meets them."""

import asyncio
from typing import Any

import aiohttp
import pytest

from simulator.certificate import make_certificate
from simulator.faults import Faults
from simulator.qr_menu import PATH, QrMenuService

from .conftest import TOKEN, Ask, fetch


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"refuse": True},
        {
            "status": 503,
            "headers": {"Retry-After": "7"},
            "body": "Ой",
            "times": 2,
            "delay": 0.5,
        },
        {"garbage": "<html>"},
        {"cut": 0, "wrong_token": True, "body_size": 10},
        {"redirect": "http://127.0.0.1/", "drip": 0},
    ],
)
def test_faults_survive_json(value: dict[str, Any]) -> None:
    assert Faults.from_json(value).as_json() == value


def test_null_stands_for_no_faults() -> None:
    assert Faults.from_json(None) == Faults()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([], "must be an object"),
        ({"sttus": 503}, "unknown fault: sttus"),
        ({"status": "503"}, "status must be a whole number"),
        ({"status": True}, "status must be a whole number"),
        ({"status": 42}, "from 200 to 599"),
        ({"refuse": 1}, "refuse must be true or false"),
        ({"delay": -1}, "delay must not be negative"),
        ({"delay": None}, "delay must be a number"),
        ({"headers": {"a": 1}}, "headers must be an object of texts"),
        ({"headers": {"a": "b\r\nc: d"}}, "control characters"),
        ({"garbage": 1}, "garbage must be"),
        (
            {"status": 500, "garbage": True},
            "only one of these at a time: status, garbage",
        ),
        ({"cut": 1, "drip": 1}, "only one of these at a time: cut, drip"),
        ({"body": "x"}, "body goes with status"),
        ({"times": 0}, "times must be 1 or more"),
        ({"times": 1, "refuse": True}, "times does not go with refuse"),
    ],
)
def test_bad_faults_say_what_is_wrong(value: object, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        Faults.from_json(value)


async def test_refused_connections_and_back_on_the_same_port(
    service: QrMenuService, ask: Ask
) -> None:
    assert (await ask()).status == 200
    url = service.url
    service.faults.set(Faults(refuse=True))
    await service.wait_until(lambda: service.open_connections == 0)
    with pytest.raises(aiohttp.ClientConnectorError):
        await ask()
    service.faults.clear()
    assert service.url == url
    assert (await ask()).status == 200


async def test_refusing_and_back_at_once_drops_connections_only(
    service: QrMenuService, ask: Ask
) -> None:
    await ask()
    for _ in range(5):
        service.faults.set(Faults(refuse=True))
        service.faults.clear()
    await service.wait_until(lambda: service.open_connections == 0)
    assert (await ask()).status == 200


async def test_service_can_start_refusing() -> None:
    service = QrMenuService()
    service.faults.set(Faults(refuse=True))
    async with service:
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(service.host, service.port)


async def test_status_with_headers_and_body(service: QrMenuService, ask: Ask) -> None:
    service.faults.set(
        Faults(status=429, headers={"Retry-After": "7"}, body="помедленнее")
    )
    reply = await ask()
    assert (reply.status, reply.headers["Retry-After"]) == (429, "7")
    assert reply.body.decode() == "помедленнее"
    service.faults.set(Faults(status=503))
    assert (await ask()).body == b"503 Service Unavailable"
    assert [request.answer for request in service.requests] == ["429", "503"]


async def test_faults_end_after_some_requests(service: QrMenuService, ask: Ask) -> None:
    service.faults.set(Faults(status=500, times=2))
    assert [(await ask()).status for _ in range(3)] == [500, 500, 200]
    assert service.faults.current == Faults()


async def test_wrong_token(service: QrMenuService, ask: Ask) -> None:
    service.faults.set(Faults(wrong_token=True))
    assert (await ask()).status == 401
    assert service.requests[0].token_ok


@pytest.mark.parametrize("tls", [False, True])
async def test_cut_body(session: aiohttp.ClientSession, tls: bool) -> None:
    async with QrMenuService(
        certificate=make_certificate() if tls else None
    ) as service:
        service.faults.set(Faults(cut=10))
        async with session.get(
            service.url + PATH, headers={"token": TOKEN}, ssl=False
        ) as response:
            assert response.status == 200
            assert await response.content.readexactly(10) == b'{"result":'
            with pytest.raises(aiohttp.ClientPayloadError):
                await response.read()
        assert service.requests[0].answer == "cut"


async def test_cut_after_the_end_still_promises_more(
    service: QrMenuService, ask: Ask
) -> None:
    service.faults.set(Faults(cut=10_000))
    with pytest.raises(aiohttp.ClientPayloadError):
        await ask()


@pytest.mark.parametrize("tls", [False, True])
async def test_reset(session: aiohttp.ClientSession, tls: bool) -> None:
    async with QrMenuService(
        certificate=make_certificate() if tls else None
    ) as service:
        service.faults.set(Faults(reset=True))
        with pytest.raises(aiohttp.ClientOSError) as caught:
            await fetch(session, service.url, ssl=False)
        assert isinstance(caught.value, ConnectionResetError) or "reset" in str(
            caught.value
        )
        assert service.requests[0].answer == "reset"


async def test_garbage(service: QrMenuService, ask: Ask) -> None:
    service.faults.set(Faults(garbage=True))
    reply = await ask()
    assert reply.status == 200
    assert reply.headers["Content-Type"].startswith("text/html")
    assert b"<html>" in reply.body
    service.faults.set(Faults(garbage="{"))
    assert (await ask()).body == b"{"


async def test_empty_and_no_content(service: QrMenuService, ask: Ask) -> None:
    service.faults.set(Faults(empty=True))
    reply = await ask()
    assert (reply.status, reply.body) == (200, b"")
    service.faults.set(Faults(no_content=True))
    reply = await ask()
    assert (reply.status, reply.body) == (204, b"")
    assert service.connections == 1


async def test_redirect(service: QrMenuService, ask: Ask) -> None:
    service.faults.set(Faults(redirect="http://127.0.0.1:1/elsewhere"))
    reply = await ask()
    assert (reply.status, reply.headers["Location"]) == (
        302,
        "http://127.0.0.1:1/elsewhere",
    )


async def test_large_body_stays_valid(service: QrMenuService, ask: Ask) -> None:
    event = service.waiter_call(6)
    service.faults.set(Faults(body_size=3_000_000))
    reply = await ask()
    assert len(reply.body) == 3_000_000
    assert reply.updates == [event]


async def test_drip_brings_the_whole_answer(service: QrMenuService, ask: Ask) -> None:
    event = service.waiter_call(6)
    service.faults.set(Faults(drip=0))
    assert (await ask()).updates == [event]


async def test_end_of_drip_sends_the_rest_at_once(
    service: QrMenuService, ask: Ask
) -> None:
    event = service.waiter_call(6)
    service.faults.set(Faults(drip=3600))
    asking = asyncio.ensure_future(ask())
    await service.wait_for_arrivals()
    service.faults.clear()
    assert (await asking).updates == [event]


@pytest.mark.parametrize("faults", [Faults(half_open=True), Faults(delay=3600)])
async def test_request_that_hangs_goes_on_under_the_new_faults(
    service: QrMenuService, ask: Ask, faults: Faults
) -> None:
    service.faults.set(faults)
    asking = asyncio.ensure_future(ask())
    await service.wait_for_arrivals()
    assert service.requests[0].answer is None
    service.faults.set(Faults(status=502))
    assert (await asking).status == 502


async def test_half_open_once_hangs_one_request_only(
    service: QrMenuService, ask: Ask
) -> None:
    service.faults.set(Faults(half_open=True, times=1))
    hanging = asyncio.ensure_future(ask())
    await service.wait_for_arrivals()
    assert (await ask()).status == 200
    assert not hanging.done()
    service.faults.clear()
    assert (await hanging).status == 200


async def test_delay_passes(service: QrMenuService, ask: Ask) -> None:
    service.faults.set(Faults(delay=0.01))
    assert (await ask()).status == 200


async def test_client_that_leaves_is_noted(service: QrMenuService, ask: Ask) -> None:
    service.faults.set(Faults(half_open=True))
    asking = asyncio.ensure_future(ask())
    await service.wait_for_arrivals()
    asking.cancel()
    await service.wait_until(lambda: service.requests[0].answer == "left")
    assert service.answered == 0
    await service.wait_until(lambda: service.open_connections == 0)
