"""Starting, stopping, and the record of requests."""

import asyncio
import socket
import time

import aiohttp
import pytest

from simulator.certificate import make_certificate
from simulator.faults import Faults
from simulator.qr_menu import PATH, QrMenuService
from simulator.service import MAX_RECORDED, PATIENCE

from .conftest import Ask, fetch


async def test_stop_waits_for_nobody(session: aiohttp.ClientSession) -> None:
    async with asyncio.timeout(PATIENCE / 2):
        async with QrMenuService(certificate=make_certificate()) as service:
            assert (await fetch(session, service.url, ssl=False)).status == 200
            service.faults.set(Faults(half_open=True))
            asking = asyncio.ensure_future(fetch(session, service.url, ssl=False))
            await service.wait_for_arrivals()
            _, silent = await asyncio.open_connection(service.host, service.port)
            await service.wait_until(lambda: service.connections == 2)
        with pytest.raises(aiohttp.ClientError):
            await asking
        silent.close()
    assert service.open_connections == 0


async def test_start_after_stop_takes_the_same_port(
    service: QrMenuService, ask: Ask
) -> None:
    url = service.url
    await service.stop()
    with pytest.raises(aiohttp.ClientConnectorError):
        await ask()
    await service.start()
    assert service.url == url
    assert (await ask()).status == 200


async def test_stop_twice_is_harmless(service: QrMenuService) -> None:
    await service.stop()
    await service.stop()


async def test_port_in_use_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        service = QrMenuService(port=taken.getsockname()[1])
        with pytest.raises(OSError, match="in use"):
            await service.start()
        await service.stop()


async def test_requests_are_recorded(service: QrMenuService, ask: Ask) -> None:
    before = time.monotonic()
    await ask("0xd8833dd3")
    await ask(None, token="wrong")
    first, second = service.requests
    assert before <= first.time <= second.time <= time.monotonic()
    assert (first.method, first.path, first.cursor) == ("GET", PATH, "0xd8833dd3")
    assert (first.token_ok, first.answer) == (True, "200")
    assert (second.cursor, second.token_ok, second.answer) == (None, False, "401")
    assert (service.received, service.answered) == (2, 2)


async def test_connections_are_numbered(service: QrMenuService, ask: Ask) -> None:
    await ask()
    await ask()
    assert (service.connections, service.open_connections) == (1, 1)
    async with aiohttp.ClientSession() as other:
        await fetch(other, service.url)
    assert [request.connection for request in service.requests] == [1, 1, 2]
    await service.wait_until(lambda: service.open_connections == 1)
    assert service.connections == 2


async def test_record_is_bounded(service: QrMenuService, ask: Ask) -> None:
    for _ in range(MAX_RECORDED + 5):
        await ask()
    assert len(service.requests) == MAX_RECORDED
    assert service.received == MAX_RECORDED + 5


async def test_wait_for_requests_counts_answers_from_now_on(
    service: QrMenuService, ask: Ask
) -> None:
    await ask()
    waiting = asyncio.ensure_future(service.wait_for_requests(2))
    await asyncio.sleep(0)
    await ask()
    assert not waiting.done()
    await ask()
    await waiting


async def test_waiting_ends(service: QrMenuService) -> None:
    with pytest.raises(TimeoutError):
        await service.wait_for_requests(timeout=0.01)
