"""How clients of the PBX meet its faults."""

import asyncio
from collections.abc import AsyncGenerator

import aiohttp
import pytest

from simulator.faults import Faults
from simulator.pbx import PbxService

from .pbx_clients import block, cut_off, event, listening, subscribe

NOTHING = {"hook": "", "subscribe": []}


@pytest.fixture
async def pbx() -> AsyncGenerator[PbxService]:
    async with PbxService() as pbx:
        yield pbx


@pytest.mark.parametrize(
    ("faults", "status"),
    [
        (Faults(status=503), 503),
        (Faults(status=301, headers={"Location": "/elsewhere"}), 301),
        (Faults(redirect="http://127.0.0.1:1/"), 302),
        (Faults(garbage="<html>"), 200),
        (Faults(no_content=True), 204),
        (Faults(wrong_token=True), 401),
    ],
)
async def test_answers_instead_of_a_stream(
    pbx: PbxService, session: aiohttp.ClientSession, faults: Faults, status: int
) -> None:
    pbx.faults.set(faults)
    async with listening(session, pbx) as response:
        assert response.status == status
        assert response.content_type != "text/event-stream"
        await response.read()
    assert pbx.streams == 0
    if status != 200:
        pbx.faults.clear()
        assert (await subscribe(session, pbx, NOTHING))[0] == 200


async def test_empty_stream(pbx: PbxService, session: aiohttp.ClientSession) -> None:
    pbx.faults.set(Faults(empty=True))
    async with listening(session, pbx) as response:
        assert (response.status, response.content_type) == (200, "text/event-stream")
        assert await response.read() == b""


async def test_faults_of_a_subscription(
    pbx: PbxService, session: aiohttp.ClientSession
) -> None:
    pbx.faults.set(Faults(status=503, body='"Ой"'))
    assert await subscribe(session, pbx, NOTHING) == (503, "Ой")
    pbx.faults.set(Faults(cut=3))
    with pytest.raises(aiohttp.ClientPayloadError):
        await subscribe(session, pbx, NOTHING)


async def test_open_streams_outlive_faults_of_answers(
    pbx: PbxService, session: aiohttp.ClientSession
) -> None:
    async with listening(session, pbx) as response:
        pbx.faults.set(Faults(status=503))
        pbx.push(1)
        assert await event(response) == 1


async def test_refusing_drops_streams(
    pbx: PbxService, session: aiohttp.ClientSession
) -> None:
    async with listening(session, pbx) as response:
        pbx.faults.set(Faults(refuse=True))
        assert pbx.streams == 0
        await cut_off(response)
        with pytest.raises(aiohttp.ClientConnectorError):
            async with listening(session, pbx):
                pass
        pbx.faults.clear()
        async with listening(session, pbx) as back:
            assert back.status == 200


async def test_cut_stream(pbx: PbxService, session: aiohttp.ClientSession) -> None:
    pbx.faults.set(Faults(cut=10, times=1))
    async with listening(session, pbx) as response:
        pbx.push(1)
        pbx.push(2)
        assert await response.content.readexactly(10) == b"data: 1\n\nd"
        await cut_off(response)
    assert pbx.requests[0].answer == "cut"
    async with listening(session, pbx) as response:
        pbx.push("x" * 100)
        assert await event(response) == "x" * 100


async def test_half_open_stream_is_silent_until_the_faults_change(
    pbx: PbxService, session: aiohttp.ClientSession
) -> None:
    async with listening(session, pbx) as response:
        pbx.faults.set(Faults(half_open=True))
        pbx.push(1)
        reading = asyncio.ensure_future(block(response))
        # A new stream hangs too, and shows that the old one had its time.
        opening = asyncio.ensure_future(session.get(pbx.url + "/sys/events"))
        await pbx.wait_for_arrivals()
        assert not reading.done()
        pbx.faults.clear()
        assert await reading == b"data: 1\n\n"
        (await opening).close()


async def test_half_open_stream_can_be_reset(
    pbx: PbxService, session: aiohttp.ClientSession
) -> None:
    async with listening(session, pbx) as response:
        pbx.faults.set(Faults(half_open=True))
        pbx.push(1)
        pbx.reset_streams()
        await cut_off(response)


async def test_stream_byte_by_byte(
    pbx: PbxService, session: aiohttp.ClientSession
) -> None:
    pbx.faults.set(Faults(drip=0))
    async with listening(session, pbx) as response:
        pbx.push("я")
        chunks = [await response.content.readchunk() for _ in range(12)]
        assert [chunk for chunk, _ in chunks] == [
            bytes([byte]) for byte in 'data: "я"\n\n'.encode()
        ]


async def test_drip_goes_on_at_once_when_the_faults_change(
    pbx: PbxService, session: aiohttp.ClientSession
) -> None:
    pbx.faults.set(Faults(drip=3600))
    async with listening(session, pbx) as response:
        pbx.push(1)
        assert await response.content.readexactly(1) == b"d"
        pbx.faults.clear()
        assert await block(response) == b"ata: 1\n\n"


async def test_reset_instead_of_a_stream(
    pbx: PbxService, session: aiohttp.ClientSession
) -> None:
    pbx.faults.set(Faults(reset=True))
    with pytest.raises(aiohttp.ClientOSError):
        async with listening(session, pbx):
            pass
    assert pbx.requests[0].answer == "reset"


async def test_delayed_stream(pbx: PbxService, session: aiohttp.ClientSession) -> None:
    pbx.faults.set(Faults(delay=3600))
    opening = asyncio.ensure_future(session.get(pbx.url + "/sys/events"))
    await pbx.wait_for_arrivals()
    assert pbx.streams == 0
    pbx.faults.clear()
    async with await opening as response:
        assert response.status == 200


async def test_headers_are_added(
    pbx: PbxService, session: aiohttp.ClientSession
) -> None:
    pbx.faults.set(Faults(headers={"X-Accel-Buffering": "no"}))
    async with listening(session, pbx) as response:
        assert response.headers["X-Accel-Buffering"] == "no"
