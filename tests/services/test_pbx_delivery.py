"""The law of delivery for a PBX: it replays nothing, and a hook's sender tries again.

Each step of the delivery of a message is the last one of a session of the site, ended by
a hard kill, of which the disk has what was written before, or in order. Over the stream
what came later is gone with the line; to the hook the sender posts again what was not
answered.
"""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import AbstractAsyncContextManager
import json
from typing import Any

from homeassistant.components.webhook import async_handle_webhook
from homeassistant.const import CONF_URL, CONF_WEBHOOK_ID
from homeassistant.util.aiohttp import MockRequest
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.carbis_alerts.api.pbx import PbxMessage, parse_message
from custom_components.carbis_alerts.api.stream import EventStream
from custom_components.carbis_alerts.const import (
    CONF_FINGERPRINT,
    CONF_SERVICE,
    CONF_TRANSPORT,
    DOMAIN,
)
from custom_components.carbis_alerts.domain.message_ids import message_id
from custom_components.carbis_alerts.runtime.devices import Devices
from custom_components.carbis_alerts.services.pbx import (
    hook_requests,
    open_bodies,
    source as pbx,
    stream as pbx_stream,
)
from custom_components.carbis_alerts.services.pbx.hook_registry import hook_of
from simulator.pbx import PbxService
from simulator.service import PATIENCE

from ..helpers import wait_until
from ..sites import ENTRY_ID, Disk, Life, life_with
from ..timings import timed
from .steps import ENDS, Step, after, steps_of_all

CONNECTION = "binary_sensor.pbx_127_0_0_1_connection"
WEBHOOK_ID = "a-secret-of-64-characters"
DEVICE_ID = "the device"

type Message = dict[str, Any]


def ring(number: int, extension: str) -> Message:
    """Return the message of a call that begins."""
    payload = {"call_id": number, "call_src": f"+7982123456{number}"}
    payload |= {"call_dst": extension, "trunk": "GSM1"}
    return {
        "device_id": DEVICE_ID,
        "event_type": "incoming_call",
        "payload": payload,
    }


def end_of(call: Message) -> Message:
    """Return the message of a call's end that nobody took."""
    payload = {"call_id": call["payload"]["call_id"], "status": "no_answer"}
    return {"device_id": DEVICE_ID, "event_type": "call_end", "payload": payload}


def id_of(message: Message) -> str:
    """Return the id that a message has on the bus, before any restart of the PBX."""
    parsed = parse_message(json.dumps(message).encode())
    assert isinstance(parsed, PbxMessage)
    return message_id(parsed, 0)


def _is_parsed(message: Message, args: Any, result: Any) -> bool:
    return bool(result.raw == message)


SHARED = {
    "place ensured": Step(
        Devices,
        "async_ensure",
        lambda message, args, _: args[1] == message["payload"]["call_dst"],
    ),
    **steps_of_all(id_of),
    "message handled": Step(
        pbx.PbxSource,
        "async_handle",
        lambda message, args, _: args[1].raw == message,
    ),
}
STREAM_STEPS = {
    "bytes received": Step(
        EventStream,
        "_decoded",
        lambda message, args, result: any(
            json.loads(event.data) == message for event in result
        ),
    ),
    "parsed": Step(pbx_stream, "parse_message", _is_parsed),
    **SHARED,
}
HOOK_STEPS = {
    "body read": Step(
        open_bodies,
        "_read",
        lambda message, args, result: json.loads(result) == message,
    ),
    "parsed": Step(hook_requests, "parse_message", _is_parsed),
    **SHARED,
}


@pytest.fixture(autouse=True)
def _quick_writes() -> Generator[None]:
    """Write many times a second."""
    with timed(write_interval=0.02):
        yield


@pytest.fixture
def expected_lingering_timers() -> bool:
    """Let a site stop without an unload: the timer of the next day goes with it."""
    return True


def life(url: str, **data: Any) -> AbstractAsyncContextManager[Life]:
    """Start Home Assistant with a PBX, not set up yet."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="127.0.0.1",
        entry_id=ENTRY_ID,
        data={
            CONF_SERVICE: "pbx",
            CONF_URL: url,
            CONF_TRANSPORT: "sse",
            CONF_FINGERPRINT: None,
            **data,
        },
    )
    return life_with(entry, CONNECTION)


# The stream


@pytest.fixture
async def server() -> AsyncGenerator[PbxService]:
    """Return a PBX whose one extension the site knows, over an orderly restart."""
    async with PbxService() as service:
        async with life(service.url) as site:
            await site.settle()
            service.push(ring(1, "107"))
            await site.bus.wait(1)
        yield service


async def publish_next(
    service: PbxService, *messages: Message, more: int = 0
) -> list[dict[str, Any]]:
    """Start again; return all that was published with some messages more."""
    async with life(service.url) as site:
        await site.settle()
        for message in messages:
            service.push(message)
        return await site.bus.wait(len(messages) + more)


@pytest.mark.parametrize("which", [0, 1], ids=["first", "second"])
@pytest.mark.parametrize("step", STREAM_STEPS)
async def test_a_hard_kill_after_any_step_repeats_nothing_of_a_stream(
    server: PbxService, hass_storage: dict[str, Any], step: str, which: int
) -> None:
    disk = Disk(hass_storage)
    published: list[str] = []
    calls = [ring(2, "108"), ring(3, "107")]
    async with life(server.url) as site:
        await site.settle()

        def kill() -> None:
            disk.keep()
            published.extend(site.bus.ids)

        with after(STREAM_STEPS[step], calls, which, kill) as reached:
            for call in calls:
                server.push(call)
            await asyncio.wait_for(reached.wait(), PATIENCE)
            await site.bus.wait(2)
    disk.restore()

    fresh = [end_of(calls[which]), ring(4, "107")]
    stored = hass_storage.get(f"{DOMAIN}.{ENTRY_ID}")
    kept = {call["event_id"] for call in stored["data"]["calls"]} if stored else set()
    first = id_of(calls[which])
    missed = [f"{first}:missed"] if first in kept else []

    data = await publish_next(server, *fresh, more=len(missed))

    # What the kill took is gone with the line; the rest was published in order, once.
    assert published == [id_of(call) for call in calls][: len(published)]
    end, new = map(id_of, fresh)
    assert [event["event_id"] for event in data] == [end, *missed, new]
    # Nobody was there, says the PBX: of what was on the disk that is missed.
    types = ["call_end", *["missed_call"] * len(missed), "incoming_call"]
    assert [event["type"] for event in data] == types
    assert not any(event["late"] for event in data)


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("step", STREAM_STEPS)
async def test_an_orderly_end_after_any_step_repeats_nothing_of_a_stream(
    server: PbxService, hass_storage: dict[str, Any], step: str, end: str
) -> None:
    ends: list[asyncio.Task[None]] = []
    calls = [ring(2, "108"), ring(3, "107")]
    async with life(server.url) as site:
        await site.settle()

        def begin_to_end() -> None:
            ends.append(site.hass.loop.create_task(ENDS[end](site)))

        with after(STREAM_STEPS[step], calls, 0, begin_to_end) as reached:
            for call in calls:
                server.push(call)
            await asyncio.wait_for(reached.wait(), PATIENCE)
            await ends[0]
    published = site.bus.ids

    data = await publish_next(server, ring(4, "107"))

    assert published == [id_of(call) for call in calls][: len(published)]
    assert [event["event_id"] for event in data] == [id_of(ring(4, "107"))]


# The hook


async def post(site: Life, message: Message) -> int:
    """Post a message to the hook, as Home Assistant Cloud does; return the status."""
    request = MockRequest(
        content=json.dumps(message).encode(), mock_source="test", method="POST"
    )
    response = await async_handle_webhook(site.hass, WEBHOOK_ID, request)
    return response.status


async def settle_hook(site: Life) -> None:
    """Wait until the hook takes messages; nobody has to be subscribed to."""
    assert await site.hass.config_entries.async_setup(site.entry.entry_id)
    hook = hook_of(site.hass, WEBHOOK_ID)
    await wait_until(lambda: hook.receive is not None)


def hooked_life() -> AbstractAsyncContextManager[Life]:
    """Start Home Assistant with a PBX that posts, but cannot be asked for anything."""
    return life(
        "http://127.0.0.1:9",
        **{CONF_TRANSPORT: "webhook", CONF_WEBHOOK_ID: WEBHOOK_ID},
    )


@pytest.mark.parametrize("which", [0, 1], ids=["first", "second"])
@pytest.mark.parametrize("step", HOOK_STEPS)
async def test_a_hard_kill_after_any_step_loses_nothing_that_is_posted_again(
    hass_storage: dict[str, Any], step: str, which: int
) -> None:
    disk = Disk(hass_storage)
    published: list[str] = []
    answered: list[Message] = []
    answered_before: list[Message] = []
    messages = [ring(1, "108"), ring(2, "107")]

    def kill() -> None:
        disk.keep()
        published.extend(site.bus.ids)
        answered_before.extend(answered)

    with after(HOOK_STEPS[step], messages, which, kill) as reached:
        async with hooked_life() as site:
            await settle_hook(site)
            # The next message may be on the disk together with this one only later.
            for message in messages:
                assert await post(site, message) == 200
                answered.append(message)
                await wait_until(lambda: bool(site.bus.ids))
            await asyncio.wait_for(reached.wait(), PATIENCE)
    disk.restore()
    stored = hass_storage.get(f"{DOMAIN}.{ENTRY_ID}")
    written = set(stored["data"]["journal"]["seen"]) if stored else set()

    async with hooked_life() as site:
        await settle_hook(site)
        again = [one for one in messages if one not in answered_before]
        for message in again:
            assert await post(site, message) == 200
        ids = site.bus.ids

    expected = [id_of(message) for message in messages]
    assert [*dict.fromkeys([*published, *ids])] == expected
    assert (
        set(published) & set(ids)
        == {id_of(one) for one in again if id_of(one) in published} - written
    )


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("step", HOOK_STEPS)
async def test_an_orderly_end_after_any_step_loses_nothing_that_is_posted_again(
    hass_storage: dict[str, Any], step: str, end: str
) -> None:
    ends: list[asyncio.Task[None]] = []
    messages = [ring(1, "108"), ring(2, "107")]

    def begin_to_end() -> None:
        ends.append(site.hass.loop.create_task(ENDS[end](site)))

    with after(HOOK_STEPS[step], messages, 0, begin_to_end) as reached:
        async with hooked_life() as site:
            await settle_hook(site)
            statuses = [await post(site, messages[0])]
            await asyncio.wait_for(reached.wait(), PATIENCE)
            statuses.append(await post(site, messages[1]))
            await ends[0]
    published = site.bus.ids

    async with hooked_life() as site:
        await settle_hook(site)
        for message, status in zip(messages, statuses, strict=True):
            if status != 200:
                assert await post(site, message) == 200
        ids = site.bus.ids
    assert [*published, *ids] == [id_of(message) for message in messages]
