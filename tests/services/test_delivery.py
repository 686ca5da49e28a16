"""The law of delivery: whatever ends Home Assistant, at whatever step, no event is lost.

Each step of the delivery of an event is the last one of a session of the site: ended by a
hard kill, of which the disk has what was written before, or by an orderly stop. The
next life starts with that disk and the same server.
"""

import asyncio
from collections.abc import AsyncGenerator, Generator
from typing import Any

import pytest

from custom_components.carbis_alerts.api.qr_menu import QrMenuClient
from custom_components.carbis_alerts.api.transport import Transport
from custom_components.carbis_alerts.domain.journal import Journal
from custom_components.carbis_alerts.runtime.connection import Connection
from custom_components.carbis_alerts.runtime.devices import Devices
from simulator.qr_menu import QrMenuService
from simulator.service import PATIENCE

from ..helpers import wait_until
from ..sites import Disk, Life, life
from ..timings import timed
from .steps import ENDS, Step, after, steps_of_all


def id_of(event: dict[str, Any]) -> str:
    """Return the id that an event has on the bus."""
    hash_: str = event["hash"]
    return hash_


# Each step of the delivery, in order.
STEPS = {
    "answer received": Step(
        Transport,
        "request_json",
        lambda event, args, result: event["hash"] in str(result),
    ),
    "parsed": Step(
        QrMenuClient,
        "fetch",
        lambda event, args, result: (
            event["hash"] in [item.event_id for item in result.events]
        ),
    ),
    "place ensured": Step(
        Devices,
        "async_ensure",
        lambda event, args, result: args[1] == str(event["table"]),
    ),
    **steps_of_all(id_of),
    "cursor moved": Step(
        Journal,
        "__setattr__",
        lambda event, args, result: args[1:] == ("cursor", event["hash"]),
    ),
    "answer noted": Step(
        Connection,
        "async_answered",
        lambda event, args, result: (
            event["hash"] in args[0]._entry.runtime_data.journal._seen
        ),
    ),
}


@pytest.fixture(autouse=True)
def _quick_writes() -> Generator[None]:
    """Write many times a second."""
    with timed(write_interval=0.05):
        yield


@pytest.fixture
async def server() -> AsyncGenerator[QrMenuService]:
    """Return a server of which the site knows one table, over an orderly restart."""
    async with QrMenuService(token="s3cret-token-of-the-server") as service:
        async with life(service) as first:
            await first.settle()
            service.waiter_call("1")
            await first.bus.wait(1)
        yield service


async def deliver_one(service: QrMenuService, disk: Disk, site: Life) -> str:
    """Deliver an event and wait until it is on the disk."""
    await site.settle()
    event_id: str = service.waiter_call("1")["hash"]
    await site.bus.wait(1)
    await wait_until(lambda: event_id in disk.journal["seen"])
    await wait_until(lambda: disk.journal["cursor"] == event_id)
    return event_id


async def next_life(service: QrMenuService) -> tuple[list[str], list[bool], bool]:
    """Start again; return ids and late marks of what waited, and the next one's mark."""
    async with life(service) as site:
        await site.settle()
        await service.wait_for_requests(2)
        ids = list(site.bus.ids)
        late = [data["late"] for data in site.bus.data]
        service.waiter_call("7")
        await site.bus.wait(len(ids) + 1)
        return ids, late, site.bus.data[-1]["late"]


@pytest.mark.parametrize("which", [0, 1], ids=["first", "second"])
@pytest.mark.parametrize("step", STEPS)
async def test_a_hard_kill_after_any_step_loses_nothing_and_repeats_only_the_unwritten(
    server: QrMenuService, hass_storage: dict[str, Any], step: str, which: int
) -> None:
    disk = Disk(hass_storage)
    published: list[str] = []
    async with life(server) as site:
        before = await deliver_one(server, disk, site)

        def kill() -> None:
            disk.keep()
            published.extend(site.bus.ids)

        # One of a table that is new, with its device and entities, and one of a known.
        pushed: list[dict[str, Any]] = []
        with after(STEPS[step], pushed, which, kill) as reached:
            # A poll that was on its way does not know of the step.
            await server.wait_for_requests(2)
            pushed += [server.add_dishes("5"), server.add_dishes("1")]
            await asyncio.wait_for(reached.wait(), PATIENCE)
    written = set(disk.journal["seen"])
    disk.restore()

    ids, late, next_is_late = await next_life(server)

    expected = [event["hash"] for event in pushed]
    assert published[0] == before
    assert sorted({*published[1:], *ids}) == sorted(expected)
    assert ids == [event_id for event_id in expected if event_id in ids]
    assert set(published) & set(ids) == set(published) - written
    assert all(late)
    assert not next_is_late


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize(
    "which", [0, pytest.param(1, marks=pytest.mark.slow)], ids=["first", "second"]
)
@pytest.mark.parametrize("step", STEPS)
async def test_an_orderly_end_after_any_step_loses_nothing_and_repeats_nothing(
    server: QrMenuService, hass_storage: dict[str, Any], step: str, which: int, end: str
) -> None:
    ends: list[asyncio.Task[None]] = []
    async with life(server) as site:
        before = await deliver_one(server, Disk(hass_storage), site)

        def begin_to_end() -> None:
            ends.append(site.hass.loop.create_task(ENDS[end](site)))

        pushed: list[dict[str, Any]] = []
        with after(STEPS[step], pushed, which, begin_to_end) as reached:
            # A poll that was on its way does not know of the step.
            await server.wait_for_requests(2)
            pushed += [server.add_dishes("5"), server.add_dishes("1")]
            await asyncio.wait_for(reached.wait(), PATIENCE)
            await ends[0]
    published = site.bus.ids

    ids, late, next_is_late = await next_life(server)

    assert [*published, *ids] == [before, *(event["hash"] for event in pushed)]
    assert all(late)
    assert not next_is_late
