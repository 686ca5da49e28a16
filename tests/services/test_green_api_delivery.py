"""The law of delivery for a queue with receipts: published before it is deleted, and once.

Each step of the delivery of a message is the last one of a session of the site, ended by
a hard kill or in order, or the one at which the server restarts. After a kill the disk
and the server's queue are what they were at that moment.
"""

import asyncio
from collections.abc import Generator
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import Any
from unittest.mock import patch

from aiohttp import web
from homeassistant.config_entries import ConfigSubentryDataWithId
from homeassistant.const import CONF_TOKEN, CONF_URL
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.carbis_alerts.api.green_api import GreenApiClient, named
from custom_components.carbis_alerts.api.transport import Limits, Transport
from custom_components.carbis_alerts.const import CONF_FINGERPRINT, CONF_SERVICE, DOMAIN
from custom_components.carbis_alerts.domain.short_ids import short_id
from custom_components.carbis_alerts.services.green_api.publishing import Publishing
from custom_components.carbis_alerts.services.green_api.source import GreenApiSource
from simulator.faults import Faults
from simulator.green_api import GreenApiService
from simulator.service import PATIENCE, Answer

from ..conftest import Recorder
from ..helpers import wait_for_state, wait_until
from ..sites import ENTRY_ID, Disk, Life, life_with
from ..timings import timed
from .conftest import MakeWhatsApp, each_messenger
from .steps import ENDS, Step, after, steps_of_all

CONNECTION = "binary_sensor.whatsapp_4567_connection"
GUEST = "79821234567@c.us"
STRANGER = "79990000000@c.us"

type Body = dict[str, Any]


def key_of(body: Body) -> str:
    """Return the id that a message has on the bus."""
    chat = body["senderData"]["chatId"]
    messenger = named(body["instanceData"]["typeInstance"])
    assert messenger is not None
    return f"{messenger.name}:{body['typeWebhook']}:{chat}:{body['idMessage']}"


# Each step of the delivery, in order.
STEPS = {
    "answer received": Step(
        Transport,
        "request_json",
        lambda body, args, result: body["idMessage"] in str(result),
    ),
    "parsed": Step(
        GreenApiClient,
        "receive",
        lambda body, args, result: (
            result is not None and result.notification.key == key_of(body)
        ),
    ),
    **steps_of_all(key_of),
    "published": Step(
        Publishing,
        "_async_publish",
        lambda body, args, result: args[1].key == key_of(body),
    ),
    "deleted by the server": Step(
        GreenApiService,
        "_delete",
        lambda body, args, result: args[1] == body["receipt"],
    ),
    "deletion answered": Step(
        GreenApiClient,
        "delete",
        lambda body, args, result: args[1] == body["receipt"],
    ),
    "done with": Step(
        GreenApiSource,
        "_async_handle",
        lambda body, args, result: args[1].notification.key == key_of(body),
    ),
}


@pytest.fixture
def expected_lingering_timers() -> bool:
    """Let a site stop without an unload: the timer of the next day goes with it."""
    return True


@pytest.fixture(autouse=True)
def _quick_writes() -> Generator[None]:
    """Write many times a second."""
    with timed(write_interval=0.02):
        yield


def life(service: GreenApiService) -> AbstractAsyncContextManager[Life]:
    """Start Home Assistant with an account that has one chat, not set up yet."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="WhatsApp …4567",
        entry_id=ENTRY_ID,
        data={
            CONF_SERVICE: "green_api",
            CONF_URL: service.url,
            CONF_FINGERPRINT: None,
            "instance_id": service.instance_id,
            CONF_TOKEN: service.token,
            "title": "WhatsApp …4567",
            "messenger": service.messenger.name,
        },
        subentries_data=[
            ConfigSubentryDataWithId(
                data={"name": "Анна", "chat_id": service.chat_id(GUEST)},
                subentry_type="chat",
                subentry_id="01SUBENTRYOFTHECHAT",
                title="Анна",
                unique_id=None,
            )
        ],
    )
    return life_with(entry, CONNECTION)


@pytest.fixture
async def server(green_api: GreenApiService) -> GreenApiService:
    """Return a gateway that the site knows, over an orderly restart."""
    async with life(green_api) as first:
        await first.settle()
        green_api.message(GUEST, "first")
        await first.bus.wait(1)
        await green_api.wait_until_empty()
    return green_api


def send(service: GreenApiService) -> list[Body]:
    """Let two guests write: one in a known chat, one that nobody knows."""
    sent = [service.message(GUEST, "one"), service.message(STRANGER, "two")]
    for body, (_, document) in zip(sent, service.queue_with_ages[-2:], strict=True):
        body["receipt"] = str(document["receiptId"])
    return sent


async def deliver_one(service: GreenApiService, disk: Disk, site: Life) -> str:
    """Deliver a message and wait until it is on the disk and the queue is empty."""
    await site.settle()
    await wait_until(lambda: not site.entry.runtime_data.source._late)
    key = key_of(service.message(GUEST, "before"))
    await site.bus.wait(1)
    await service.wait_until_empty()
    await wait_until(lambda: short_id(key) in disk.journal["seen"])
    return key


async def next_life(service: GreenApiService) -> tuple[list[str], list[bool], bool]:
    """Start again; return ids and late marks of what waited, and the next one's mark."""
    async with life(service) as site:
        await site.settle()
        await wait_until(lambda: not site.entry.runtime_data.source._late)
        ids = list(site.bus.ids)
        late = [data["late"] for data in site.bus.data]
        service.message(GUEST, "next")
        await site.bus.wait(len(ids) + 1)
        await service.wait_until_empty()
        return ids, late, site.bus.data[-1]["late"]


@each_messenger
@pytest.mark.parametrize("which", [0, 1], ids=["first", "second"])
@pytest.mark.parametrize("step", STEPS)
async def test_a_hard_kill_after_any_step_loses_nothing_and_repeats_only_the_one_in_flight(
    server: GreenApiService, hass_storage: dict[str, Any], step: str, which: int
) -> None:
    disk = Disk(hass_storage)
    published: list[str] = []
    queue: list[Any] = []
    async with life(server) as site:
        before = await deliver_one(server, disk, site)

        def kill() -> None:
            disk.keep()
            published.extend(site.bus.ids)
            queue.extend(server._queue)

        sent: list[Body] = []
        with after(STEPS[step], sent, which, kill) as reached:
            # A poll that was on its way does not know of the step.
            await server.wait_for_requests(2)
            sent += send(server)
            await asyncio.wait_for(reached.wait(), PATIENCE)
    written = set(disk.journal["seen"])
    disk.restore()
    server._queue.clear()
    server._queue.extend(queue)
    waiting = {key_of(entry.document["body"]) for entry in queue}

    ids, late, next_is_late = await next_life(server)

    expected = [key_of(body) for body in sent]
    assert published[0] == before
    assert sorted({*published[1:], *ids}) == sorted(expected)
    assert ids == [key for key in expected if key in ids]
    repeated = set(published) & set(ids)
    assert repeated == {
        key for key in set(published) & waiting if short_id(key) not in written
    }
    assert len(repeated) <= 1
    assert all(late)
    assert not next_is_late


@each_messenger
@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize(
    "which", [0, pytest.param(1, marks=pytest.mark.slow)], ids=["first", "second"]
)
@pytest.mark.parametrize("step", STEPS)
async def test_an_orderly_end_after_any_step_loses_nothing_and_repeats_nothing(
    server: GreenApiService,
    hass_storage: dict[str, Any],
    step: str,
    which: int,
    end: str,
) -> None:
    ends: list[asyncio.Task[None]] = []
    async with life(server) as site:
        before = await deliver_one(server, Disk(hass_storage), site)

        def begin_to_end() -> None:
            ends.append(site.hass.loop.create_task(ENDS[end](site)))

        sent: list[Body] = []
        with after(STEPS[step], sent, which, begin_to_end) as reached:
            # A poll that was on its way does not know of the step.
            await server.wait_for_requests(2)
            sent += send(server)
            await asyncio.wait_for(reached.wait(), PATIENCE)
            await ends[0]
    published = site.bus.ids

    ids, late, next_is_late = await next_life(server)

    assert [*published, *ids] == [before, *(key_of(body) for body in sent)]
    assert all(late)
    assert not next_is_late


@each_messenger
@pytest.mark.parametrize("which", [0, 1], ids=["first", "second"])
@pytest.mark.parametrize("step", STEPS)
async def test_a_restart_of_the_server_after_any_step_loses_nothing_and_repeats_nothing(
    server: GreenApiService, hass_storage: dict[str, Any], step: str, which: int
) -> None:
    async with life(server) as site:
        before = await deliver_one(server, Disk(hass_storage), site)
        sent: list[Body] = []

        def restart() -> None:
            # The queue is kept, all connections are dropped.
            server._restart(server.certificate)

        with after(STEPS[step], sent, which, restart) as reached:
            # A poll that was on its way does not know of the step.
            await server.wait_for_requests(2)
            sent += send(server)
            await asyncio.wait_for(reached.wait(), PATIENCE)
            await server.wait_until_empty()
            sent.append(server.message(GUEST, "after"))
            await site.bus.wait(4)
        await server.wait_until_empty()
        assert site.bus.ids == [before, *(key_of(body) for body in sent)]
        # Not one of them had to wait for as long as makes it late.
        assert not any(data["late"] for data in site.bus.data)


# Time limits


METHODS = ("getStateInstance", "receiveNotification", "deleteNotification")


@contextmanager
def hangs_once(service: GreenApiService, method: str, when: str) -> Generator[None]:
    """Let one call of a method of the API go unanswered, before or after it is done."""
    answer = service.answer
    hung = False

    async def hang(request: web.BaseRequest, token_ok: bool) -> Answer:
        nonlocal hung
        if hung or f"/{method}/" not in request.path:
            return await answer(request, token_ok)
        if method == "receiveNotification" and not service.queue:
            return await answer(request, token_ok)
        hung = True
        if when == "after":
            await answer(request, token_ok)
        return await asyncio.Future[Answer]()

    with patch.object(service, "answer", hang):
        yield
        assert hung, f"{method} was not called"


@each_messenger
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("method", METHODS)
async def test_a_call_that_is_never_answered_loses_nothing_and_repeats_nothing(
    hass: HomeAssistant,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
    bus: Recorder,
    method: str,
    when: str,
) -> None:
    with timed(
        limits=Limits(connect=0.2, total=0.2),
        receive_timeout=0,
        least_receive_timeout=0,
    ):
        entry = make_whatsapp(green_api)
        with hangs_once(green_api, method, when):
            sent = [green_api.message(GUEST, text) for text in ("one", "two")]
            assert await hass.config_entries.async_setup(entry.entry_id)
            await wait_for_state(hass, CONNECTION, "off")
            await wait_for_state(hass, CONNECTION, "on")
            await bus.wait(2)
            await green_api.wait_until_empty()
        sent.append(green_api.message(GUEST, "three"))
        await bus.wait(3)
        await green_api.wait_until_empty()
    assert bus.ids == [key_of(body) for body in sent]
    # On a busy machine another call may take too long for so short a limit.
    assert set(entry.runtime_data.statistics.failures) == {"ServiceTimeout"}


# Late marks


@each_messenger
@pytest.mark.parametrize(("interruption", "is_late"), [(0.0, True), (10.0, False)])
async def test_what_waited_is_late_after_a_long_outage_until_the_queue_was_empty(
    hass: HomeAssistant,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
    bus: Recorder,
    interruption: float,
    is_late: bool,
) -> None:
    entry = make_whatsapp(green_api)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await wait_for_state(hass, CONNECTION, "on")
    await wait_until(lambda: not entry.runtime_data.source._late)
    with timed(interruption=interruption):
        green_api.faults.set(Faults(refuse=True))
        await wait_for_state(hass, CONNECTION, "off")
        for text in ("one", "two"):
            green_api.message(GUEST, text)
        green_api.faults.clear()
        assert [data["late"] for data in await bus.wait(2)] == [is_late, is_late]
        await wait_until(lambda: not entry.runtime_data.source._late)
        green_api.message(GUEST, "three")
        assert (await bus.wait(3))[2]["late"] is False


@each_messenger
async def test_what_waited_for_an_answer_that_never_came_is_late(
    hass: HomeAssistant,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
    bus: Recorder,
) -> None:
    with timed(
        limits=Limits(connect=0.5, total=0.5),
        receive_timeout=0,
        least_receive_timeout=0,
        interruption=0.4,
    ):
        entry = make_whatsapp(green_api)
        assert await hass.config_entries.async_setup(entry.entry_id)
        await wait_until(lambda: entry.runtime_data.source._late is False)
        green_api.faults.set(Faults(half_open=True))
        await green_api.wait_for_arrivals(1)
        green_api.message(GUEST, "one")
        await wait_for_state(hass, CONNECTION, "off")
        green_api.faults.clear()
        assert (await bus.wait(1))[0]["late"] is True
