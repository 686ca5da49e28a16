"""The law of delivery: whatever ends Home Assistant, at whatever step, no event is lost.

Each step of the delivery of an event is the last one of a life of the house: ended by a
hard kill, of which the disk has what was written before, or by an orderly stop. The
next life starts with that disk and the same server.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import contextmanager
from inspect import iscoroutinefunction
from typing import Any
from unittest.mock import patch

from homeassistant.core import EventBus
import pytest

from custom_components.carbis_alerts.api.qr_menu import QrMenuClient
from custom_components.carbis_alerts.api.transport import Transport
from custom_components.carbis_alerts.const import EVENT
from custom_components.carbis_alerts.event import CarbisEventEntity
from custom_components.carbis_alerts.model.journal import Journal
from custom_components.carbis_alerts.sources.coordinator import HUB, ServiceCoordinator
from custom_components.carbis_alerts.sources.storage import _TolerantStore
from simulator.qr_menu import QrMenuService

from ..helpers import wait_until
from ..houses import Disk, Life, life

STORAGE = "custom_components.carbis_alerts.sources.storage"

type IsAbout = Callable[[dict[str, Any], Any, Any], bool]

# Each step of the delivery, in order: the function that it ends with, and whether a
# call of it, by arguments and result, was about an event.
STEPS: dict[str, tuple[type, str, IsAbout]] = {
    "answer received": (
        Transport,
        "request_json",
        lambda event, args, result: event["hash"] in str(result),
    ),
    "parsed": (
        QrMenuClient,
        "fetch",
        lambda event, args, result: (
            event["hash"] in [item.event_id for item in result.events]
        ),
    ),
    "place ensured": (
        ServiceCoordinator,
        "async_ensure_place",
        lambda event, args, result: args[1] == str(event["table"]),
    ),
    "journal marked": (
        Journal,
        "add",
        lambda event, args, result: args[1] == event["hash"],
    ),
    "values written": (
        ServiceCoordinator,
        "_bus_data",
        lambda event, args, result: args[1].event_id == event["hash"],
    ),
    "bus fired": (
        EventBus,
        "async_fire",
        lambda event, args, result: (
            args[1] == EVENT and args[2]["event_id"] == event["hash"]
        ),
    ),
    "event entities written": (
        CarbisEventEntity,
        "async_write_ha_state",
        lambda event, args, result: (
            args[0]._key == HUB
            and args[0].state_attributes.get("event_id") == event["hash"]
        ),
    ),
    "cursor moved": (
        Journal,
        "__setattr__",
        lambda event, args, result: args[1:] == ("cursor", event["hash"]),
    ),
    "answer noted": (
        ServiceCoordinator,
        "async_answered",
        lambda event, args, result: event["hash"] in args[0].journal._seen,
    ),
    "store written": (
        _TolerantStore,
        "_async_write_data",
        lambda event, args, result: event["hash"] in args[1]["data"]["journal"]["seen"],
    ),
}


@contextmanager
def at_step(
    step: str, pushed: list[dict[str, Any]], which: int, act: Callable[[], None]
) -> Generator[asyncio.Event]:
    """Act once, right after a step of the delivery of an event to be pushed."""
    owner, name, is_about = STEPS[step]
    function = getattr(owner, name)
    reached = asyncio.Event()

    def look(args: Any, result: Any) -> None:
        if pushed and not reached.is_set() and is_about(pushed[which], args, result):
            reached.set()
            act()

    def hooked(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        look(args, result)
        return result

    async def hooked_async(*args: Any, **kwargs: Any) -> Any:
        result = await function(*args, **kwargs)
        look(args, result)
        return result

    hook = hooked_async if iscoroutinefunction(function) else hooked
    with patch.object(owner, name, hook):
        yield reached


@pytest.fixture(autouse=True)
def _quick_writes() -> Generator[None]:
    """Write many times a second."""
    with patch(f"{STORAGE}.WRITE_INTERVAL", 0.05):
        yield


@pytest.fixture
async def server() -> AsyncGenerator[QrMenuService]:
    """Return a server of which the house knows one table, over an orderly restart."""
    async with QrMenuService(token="s3cret-token-of-the-server") as service:
        async with life(service) as first:
            await first.settle()
            service.waiter_call("1")
            await first.bus.wait(1)
        yield service


async def deliver_one(service: QrMenuService, disk: Disk, house: Life) -> str:
    """Deliver an event and wait until it is on the disk."""
    await house.settle()
    event_id: str = service.waiter_call("1")["hash"]
    await house.bus.wait(1)
    await wait_until(lambda: event_id in disk.journal["seen"])
    await wait_until(lambda: disk.journal["cursor"] == event_id)
    return event_id


async def next_life(service: QrMenuService) -> tuple[list[str], list[bool], bool]:
    """Start again; return ids and late marks of what waited, and the next one's mark."""
    async with life(service) as house:
        await house.settle()
        await service.wait_for_requests(2)
        ids = list(house.bus.ids)
        late = [data["late"] for data in house.bus.data]
        service.waiter_call("7")
        await house.bus.wait(len(ids) + 1)
        return ids, late, house.bus.data[-1]["late"]


@pytest.mark.parametrize("which", [0, 1], ids=["first", "second"])
@pytest.mark.parametrize("step", STEPS)
async def test_a_hard_kill_after_any_step_loses_nothing_and_repeats_only_the_unwritten(
    server: QrMenuService, hass_storage: dict[str, Any], step: str, which: int
) -> None:
    disk = Disk(hass_storage)
    told: list[str] = []
    async with life(server) as house:
        before = await deliver_one(server, disk, house)

        def kill() -> None:
            disk.keep()
            told.extend(house.bus.ids)

        # One of a table that is new, with its device and entities, and one of a known.
        pushed: list[dict[str, Any]] = []
        with at_step(step, pushed, which, kill) as reached:
            # A poll that was on its way does not know of the step.
            await server.wait_for_requests(2)
            pushed += [server.add_dishes("5"), server.add_dishes("1")]
            await asyncio.wait_for(reached.wait(), 5)
    written = set(disk.journal["seen"])
    disk.restore()

    ids, late, next_is_late = await next_life(server)

    expected = [event["hash"] for event in pushed]
    assert told[0] == before
    assert sorted({*told[1:], *ids}) == sorted(expected)
    assert ids == [event_id for event_id in expected if event_id in ids]
    assert set(told) & set(ids) == set(told) - written
    assert all(late)
    assert not next_is_late


async def _unload_first(house: Life) -> None:
    assert await house.hass.config_entries.async_unload(house.entry.entry_id)


async def _stop_at_once(house: Life) -> None:
    await house.stop()


@pytest.mark.parametrize("end", [_unload_first, _stop_at_once])
@pytest.mark.parametrize("which", [0, 1], ids=["first", "second"])
@pytest.mark.parametrize("step", STEPS)
async def test_an_orderly_end_after_any_step_loses_nothing_and_repeats_nothing(
    server: QrMenuService, hass_storage: dict[str, Any], step: str, which: int, end: Any
) -> None:
    ends: list[asyncio.Task[None]] = []
    async with life(server) as house:
        before = await deliver_one(server, Disk(hass_storage), house)

        def begin_to_end() -> None:
            ends.append(house.hass.loop.create_task(end(house)))

        pushed: list[dict[str, Any]] = []
        with at_step(step, pushed, which, begin_to_end) as reached:
            # A poll that was on its way does not know of the step.
            await server.wait_for_requests(2)
            pushed += [server.add_dishes("5"), server.add_dishes("1")]
            await asyncio.wait_for(reached.wait(), 5)
            await ends[0]
    told = house.bus.ids

    ids, late, next_is_late = await next_life(server)

    assert [*told, *ids] == [before, *(event["hash"] for event in pushed)]
    assert all(late)
    assert not next_is_late
