"""The hook, seen from outside: what somebody can do who knows it, and who does not."""

import asyncio
from collections.abc import AsyncGenerator
import hmac
import math
import time
from typing import Any
from unittest.mock import patch

from aiohttp.test_utils import TestClient
from homeassistant.components import webhook
from homeassistant.core import HomeAssistant
import orjson
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.carbis_alerts.api.intake import TokenBucket
from custom_components.carbis_alerts.services.pbx import hook, open_bodies
from custom_components.carbis_alerts.services.pbx.open_bodies import MAX_BODY
from custom_components.carbis_alerts.services.pbx.source import REPEAT_WINDOW
from simulator.pbx import PbxService

from ..conftest import Recorder
from ..helpers import wait_until
from ..services.test_pbx_webhook import PATH, WEBHOOK_ID, hooked, web

__all__ = ["hooked", "web"]

CALLER = "+79821234567"
type Client = TestClient[Any, Any]


def message(device_id: str | None = "another", **more: Any) -> bytes:
    device = {} if device_id is None else {"device_id": device_id}
    payload = {"call_id": 1, "call_src": CALLER, "call_dst": "107"}
    return orjson.dumps(
        {**device, "event_type": "incoming_call", "payload": payload, **more}
    )


def test_an_id_has_256_random_bits_and_is_home_assistants_own() -> None:
    with patch("secrets.token_hex", side_effect=lambda n: "0" * 2 * n) as drawn:
        assert webhook.async_generate_id() == "0" * 64
    drawn.assert_called_once_with(32)
    ids = {webhook.async_generate_id() for _ in range(100)}
    assert len(ids) == 100
    assert {len(id_) * math.log2(16) for id_ in ids} == {256}


async def test_whoever_does_not_know_the_id_learns_nothing(
    web: Client, hooked: MockConfigEntry, bus: Recorder
) -> None:
    guessed = await web.post(
        PATH[:-1] + "x", data=message(hooked.runtime_data.source.device_id)
    )
    nothing = await web.post("/api/webhook/" + "0" * 64, data=message())
    assert (guessed.status, await guessed.read()) == (
        nothing.status,
        await nothing.read(),
    )
    assert bus.data == []


async def test_the_device_id_is_compared_in_constant_time(
    web: Client, hooked: MockConfigEntry, bus: Recorder
) -> None:
    hooked.runtime_data.source.line.senders.device_id = "ours"
    compared: list[tuple[Any, Any]] = []
    compare = hmac.compare_digest

    def note(one: Any, other: Any) -> bool:
        compared.append((one, other))
        return compare(one, other)

    with patch("hmac.compare_digest", note):
        for device_id in ("our", "ours2", "Ours", "", None, "наш"):
            answer = await web.post(PATH, data=message(device_id))
            assert answer.status == 403
            assert await answer.read() == b""
    assert len(compared) == 6
    assert {one for one, _ in compared} == {b"ours"}
    assert bus.data == []


async def test_a_replayed_message_is_dropped(
    web: Client, hooked: MockConfigEntry, bus: Recorder
) -> None:
    body = message(hooked.runtime_data.source.device_id or "ours")
    for _ in range(20):
        assert (await web.post(PATH, data=body)).status == 200
    assert [data["type"] for data in bus.data] == ["incoming_call"]
    # Nor does another spelling of the same make it another.
    loaded = orjson.loads(body)
    spelt = orjson.dumps(dict(reversed(loaded.items())), option=orjson.OPT_INDENT_2)
    assert (await web.post(PATH, data=spelt + b"}")).status == 200
    assert len(bus.data) == 1


async def test_whoever_knows_address_and_device_id_can_invent_calls(
    web: Client, hooked: MockConfigEntry, bus: Recorder
) -> None:
    """What the review admits: there is no signature that could be checked."""
    runtime = hooked.runtime_data
    runtime.source.line.senders.device_id = "ours"
    assert (await web.post(PATH, data=message("ours"))).status == 200
    assert REPEAT_WINDOW == 60
    # As after a minute.
    runtime.journal._seen.clear()
    assert (await web.post(PATH, data=message("ours"))).status == 200
    assert [data["caller"] for data in bus.data] == [CALLER, CALLER]


@pytest.mark.parametrize("length", [MAX_BODY + 1, 50 * MAX_BODY])
async def test_a_body_is_read_to_the_limit_and_no_further(
    web: Client, hooked: MockConfigEntry, bus: Recorder, length: int
) -> None:
    read = 0

    async def body() -> Any:
        nonlocal read
        for _ in range(0, length, 4096):
            read += 4096
            yield b" " * 4096

    answer = await web.post(PATH, data=body())
    assert answer.status == 413
    assert bus.data == []


async def test_a_body_that_is_too_large_is_never_held_in_full(
    web: Client, hooked: MockConfigEntry
) -> None:
    asked: list[int] = []
    from aiohttp import StreamReader

    read = StreamReader.read

    async def note(self: StreamReader, n: int = -1) -> bytes:
        asked.append(n)
        return await read(self, n)

    with patch.object(StreamReader, "read", note):
        answer = await web.post(PATH, data=b" " * 20 * MAX_BODY)
        assert answer.status == 413
    ours = [n for n in asked if n >= 0]
    assert ours
    assert max(ours) <= MAX_BODY + 1


async def test_a_body_that_never_ends_is_not_waited_for(
    web: Client, hooked: MockConfigEntry, bus: Recorder
) -> None:
    ended = asyncio.Event()

    async def body() -> AsyncGenerator[bytes]:
        yield b"{"
        await ended.wait()

    with patch.object(open_bodies, "READ_TIMEOUT", 0.05):
        answer = await web.post(PATH, data=body())
    assert answer.status == 408
    assert bus.data == []
    ended.set()
    answer.close()


async def test_posts_wait_for_their_turn_and_not_too_many_of_them(
    web: Client, hooked: MockConfigEntry, bus: Recorder
) -> None:
    runtime = hooked.runtime_data
    runtime.budget.messages = TokenBucket(burst=0.0, rate=10.0)
    runtime.budget.messages.spend(1, time.monotonic())
    device_id = runtime.source.device_id or "ours"
    with patch.object(hook, "MAX_WAITING", 1):
        waiting = asyncio.create_task(web.post(PATH, data=message(device_id)))
        await wait_until(lambda: runtime.source.line.waiting == 1)
        runtime.budget.messages.spend(1, time.monotonic())
        another = await web.post(PATH, data=message(device_id, event_type="start_talk"))
        assert another.status == 429
        assert (await waiting).status == 200
    assert [data["type"] for data in bus.data] == ["incoming_call"]


@pytest.mark.parametrize(
    "body",
    [
        b"[" * MAX_BODY,
        b'{"a":' * 10_000,
        b"\xff" * 1_000,
        b"9" * MAX_BODY,
        b'{"event_type":"incoming_call","payload":' + b"[" * 900 + b"]" * 900 + b"}",
        b'{"event_type":"\\u202e{{ states() }}","payload":{}}',
    ],
    ids=["lists", "objects", "no text", "digits", "deep", "template"],
)
async def test_what_is_no_message_crashes_nothing(
    web: Client,
    hooked: MockConfigEntry,
    bus: Recorder,
    caplog: pytest.LogCaptureFixture,
    body: bytes,
) -> None:
    hooked.runtime_data.source.line.senders.device_id = "ours"
    answer = await web.post(PATH, data=body)
    assert answer.status in (200, 403)
    assert (await web.post(PATH, data=message("ours"))).status == 200
    assert [data["type"] for data in bus.data] == ["incoming_call"]
    assert "could not be handled" not in caplog.text


async def test_a_verification_by_somebody_else_is_refused(
    hass: HomeAssistant, web: Client, hooked: MockConfigEntry
) -> None:
    hooked.runtime_data.source.line.senders.device_id = "ours"
    body = message("another", event_type="verification", payload="text")
    assert (await web.post(PATH, data=body)).status == 403
    assert hooked.runtime_data.source.device_id == "ours"


async def test_a_flood_over_the_hook_is_turned_away_and_not_held_open(
    web: Client, hooked: MockConfigEntry, pbx: PbxService, bus: Recorder
) -> None:
    hooked.runtime_data.budget.events = TokenBucket(burst=0.0, rate=0.001)
    device_id = hooked.runtime_data.source.device_id or "ours"
    first = await web.post(PATH, data=message(device_id))
    then = await web.post(PATH, data=message(device_id, event_type="start_talk"))
    assert (first.status, then.status) == (200, 429)
    assert len(bus.data) == 1


async def test_the_id_of_the_hook_stands_in_nobodys_log(
    web: Client, hooked: MockConfigEntry, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    caplog.clear()
    await web.post(PATH, data=message())
    assert (await web.get(PATH)).status == 405
    assert WEBHOOK_ID not in caplog.text
    assert "Handling webhook POST payload for **REDACTED**" in caplog.text


@pytest.mark.parametrize("method", ["GET", "PUT"])
async def test_the_hook_takes_posts_alone(
    web: Client, hooked: MockConfigEntry, bus: Recorder, method: str
) -> None:
    answer = await web.request(method, PATH, data=message())
    assert answer.status == 405
    assert WEBHOOK_ID not in await answer.text()
    assert bus.data == []
