"""Bodies that come to a hook: so many, so large, so slow, and in whatever they are packed."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
import gzip
import logging
from typing import Any
from unittest.mock import patch
import zlib

from aiohttp import StreamReader
from aiohttp.test_utils import TestClient
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.carbis_alerts.services.pbx import hook, open_bodies
from custom_components.carbis_alerts.services.pbx.hook_registry import hook_of
from custom_components.carbis_alerts.services.pbx.open_bodies import MAX_BODY, MAX_OPEN
from simulator.pbx import PbxService

from ..conftest import Recorder
from ..helpers import wait_until
from ..services.test_pbx_webhook import PATH, WEBHOOK_ID, hooked, web
from .test_hook import message

__all__ = ["hooked", "web"]

type Client = TestClient[Any, Any]


@asynccontextmanager
async def connections(
    web: Client, count: int, begin: bytes, address: str = "127.0.0.1"
) -> AsyncGenerator[list[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]:
    """Open connections from an address, each with the beginning of a request."""
    opened = []
    for _ in range(count):
        reader, writer = await asyncio.open_connection(
            web.host, web.port, local_addr=(address, 0)
        )
        writer.write(begin)
        opened.append((reader, writer))
    yield opened
    for _, writer in opened:
        writer.close()
    await asyncio.gather(
        *(writer.wait_closed() for _, writer in opened), return_exceptions=True
    )


def request(*headers: str, body: bytes = b"{", length: int | None = 1_000) -> bytes:
    """Return a request, or its beginning."""
    lines = [f"POST {PATH} HTTP/1.1", "Host: x", *headers]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def ours(entry: MockConfigEntry, **more: Any) -> bytes:
    return message(entry.runtime_data.source.device_id or "ours", **more)


def counts(entry: MockConfigEntry) -> dict[str, int]:
    counted: dict[str, int] = entry.runtime_data.diagnostics()["unread_bodies"]
    return counted


@pytest.mark.parametrize(
    "count", [MAX_OPEN + 20, pytest.param(500, marks=pytest.mark.slow)]
)
async def test_bodies_that_never_end_are_given_up_for_new_ones(
    hass: HomeAssistant, web: Client, hooked: MockConfigEntry, bus: Recorder, count: int
) -> None:
    bodies = hook_of(hass, WEBHOOK_ID).bodies
    async with connections(web, count, request()) as opened:
        await wait_until(
            lambda: len(bodies) + bodies.counts["turned away"] == len(opened)
        )
        assert len(bodies) == MAX_OPEN
        assert (await web.post(PATH, data=ours(hooked))).status == 200
        await bus.wait(1)
        answers = await asyncio.gather(
            *(reader.readline() for reader, _ in opened[: count - MAX_OPEN])
        )
        assert {answer.split()[1] for answer in answers} == {b"408"}
        # And they are not kept open for whatever else comes.
        async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=2))
        await asyncio.gather(
            *(reader.read() for reader, _ in opened[: count - MAX_OPEN])
        )
    await wait_until(lambda: not len(bodies))
    assert counts(hooked) == {"turned away": count - MAX_OPEN + 1}


async def test_a_slow_body_is_not_given_up_for_somebody_who_has_many(
    hass: HomeAssistant, web: Client, hooked: MockConfigEntry, bus: Recorder
) -> None:
    bodies = hook_of(hass, WEBHOOK_ID).bodies
    body = ours(hooked)
    async with connections(web, 1, request(body=body[:9], length=len(body))) as slow:
        await wait_until(lambda: len(bodies) == 1)
        async with connections(web, MAX_OPEN + 5, request(), "127.0.0.2"):
            await wait_until(lambda: bodies.counts["turned away"] == 6)
            ((reader, writer),) = slow
            writer.write(body[9:])
            assert (await reader.readline()).split()[1] == b"200"
    await bus.wait(1)


@pytest.mark.parametrize(
    ("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)]
)
async def test_a_compressed_message_is_read(
    web: Client,
    hooked: MockConfigEntry,
    bus: Recorder,
    encoding: str,
    pack: Callable[[bytes], bytes],
) -> None:
    answer = await web.post(
        PATH, data=pack(ours(hooked)), headers={"Content-Encoding": encoding}
    )
    assert answer.status == 200
    await bus.wait(1)


async def test_a_compressed_body_is_unpacked_to_the_limit_and_no_further(
    hass: HomeAssistant, web: Client, hooked: MockConfigEntry, bus: Recorder
) -> None:
    unpacked = 0
    take = vars(StreamReader)["feed_data"]

    def count(self: StreamReader, data: bytes, *args: Any) -> Any:
        nonlocal unpacked
        unpacked += len(data)
        return take(self, data, *args)

    bomb = gzip.compress(b" " * 50_000_000)
    with patch.object(StreamReader, "feed_data", count):
        async with connections(
            web, 1, request("Content-Encoding: gzip", body=bomb, length=len(bomb))
        ) as ((reader, _),):
            assert (await reader.readline()).split()[1] == b"413"
            with suppress(ConnectionError):
                await reader.read()
    assert unpacked <= 16 * MAX_BODY
    assert counts(hooked) == {"too large": 1}
    assert (await web.post(PATH, data=ours(hooked))).status == 200


GARBAGE = {
    "no gzip": request("Content-Encoding: gzip", body=b"x" * 100, length=100),
    "half a gzip": request(
        "Content-Encoding: gzip", body=gzip.compress(b"x" * 99)[:20], length=20
    ),
    "no chunk": request(
        "Transfer-Encoding: chunked", body=b"zz\r\nxx\r\n\r\n", length=None
    ),
}


@pytest.mark.parametrize("kind", GARBAGE)
async def test_what_is_not_in_its_encoding_is_counted_and_not_logged(
    web: Client,
    hooked: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
    kind: str,
) -> None:
    async with connections(web, 1, GARBAGE[kind]) as ((reader, writer),):
        if kind == "half a gzip":
            writer.write_eof()
        status = (await reader.readline()).split()[1:2]
    assert status in ([b"400"], [b"200"], [])
    assert not [
        record
        for record in caplog.records
        if record.levelno >= logging.WARNING and "carbis" in record.name
    ]
    assert (await web.post(PATH, data=ours(hooked))).status == 200


async def test_what_was_too_large_or_too_slow_leaves_a_trace_and_a_repair(
    hass: HomeAssistant, web: Client, hooked: MockConfigEntry
) -> None:
    for number in range(3):
        answer = await web.post(PATH, data=b" " * (MAX_BODY + 1 + number))
        assert answer.status == 413
    with patch.object(open_bodies, "READ_TIMEOUT", 0.01):
        async with connections(web, 1, request()) as ((reader, _),):
            assert (await reader.readline()).split()[1] == b"408"
    assert counts(hooked) == {"too large": 3, "too slow": 1}
    statistics = hooked.runtime_data.statistics
    assert statistics.malformed == 4
    assert list(statistics.malformed_shapes) == ["too large", "too slow"]
    assert [
        issue.translation_placeholders["shape"]
        for issue in ir.async_get(hass).issues.values()
        if issue.translation_key == "unreadable" and issue.translation_placeholders
    ] == ["too large"]


async def test_a_sender_who_hangs_up_at_once_has_sent_his_message(
    hass: HomeAssistant, web: Client, hooked: MockConfigEntry, bus: Recorder
) -> None:
    source = hooked.runtime_data.source
    handle, waits = source.async_handle, asyncio.Event()

    async def wait(parsed: Any) -> None:
        await waits.wait()
        await handle(parsed)

    body = ours(hooked)
    with patch.object(source, "async_handle", wait):
        async with connections(web, 1, request(body=body, length=len(body))):
            await wait_until(lambda: source.line.waiting == 1)
        for _ in range(20):
            await asyncio.sleep(0)
        waits.set()
        await bus.wait(1)


async def test_garbage_keeps_no_message_waiting(
    web: Client, hooked: MockConfigEntry, bus: Recorder
) -> None:
    source = hooked.runtime_data.source
    handle, waits = source.async_handle, asyncio.Event()

    async def wait(parsed: Any) -> None:
        await waits.wait()
        await handle(parsed)

    with patch.object(source, "async_handle", wait):
        posts = [
            asyncio.create_task(web.post(PATH, data=b"garbage %d" % number))
            for number in range(hook.MAX_UNREADABLE + 20)
        ]
        await wait_until(lambda: sum(post.done() for post in posts) == 20)
        waits.set()
        answers = await asyncio.gather(*posts)
    assert [answer.status for answer in answers].count(429) == 20
    assert hooked.runtime_data.diagnostics()["turned_away_messages"] == 20


async def test_requests_that_the_hook_does_not_take_write_no_log(
    web: Client, hooked: MockConfigEntry, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.clear()
    for method, status in (("GET", 405), ("PUT", 405), ("HEAD", 200), ("DELETE", 405)):
        assert (await web.request(method, PATH)).status == status
    answer = await web.post(PATH, data=message("another"), headers={"X": "y" * 8_000})
    assert answer.status in (200, 403)
    assert not [
        record for record in caplog.records if record.levelno >= logging.WARNING
    ]


async def removed(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    await hass.config_entries.async_remove(entry.entry_id)


async def reloaded(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    await hass.config_entries.async_reload(entry.entry_id)


async def disabled(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    from homeassistant.config_entries import ConfigEntryDisabler

    await hass.config_entries.async_set_disabled_by(
        entry.entry_id, ConfigEntryDisabler.USER
    )


@pytest.mark.parametrize("then", [reloaded, disabled, removed])
async def test_the_id_stays_hidden_whatever_becomes_of_the_entry(
    hass: HomeAssistant,
    web: Client,
    hooked: MockConfigEntry,
    pbx: PbxService,
    caplog: pytest.LogCaptureFixture,
    then: Callable[[HomeAssistant, MockConfigEntry], Awaitable[None]],
) -> None:
    caplog.set_level("DEBUG")
    caplog.clear()
    await then(hass, hooked)
    for _ in range(2):
        await web.post(PATH, data=message())
        await web.get(PATH)
    assert WEBHOOK_ID not in caplog.text
    assert "**REDACTED**" in caplog.text
