"""Two days of a busy restaurant: after the second nothing is larger than after the first."""

from collections.abc import Generator, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
import logging
from math import ceil
import random
from typing import Any, Final
from unittest.mock import patch

from homeassistant.core import HomeAssistant
import pytest

from simulator.faults import Faults
from simulator.pbx import PbxService

from ..helpers import wait_until
from .outages import plan
from .probe.census import process_figures, take_census
from .restaurant import DayClock, Restaurant, a_restaurant, day_clock
from .traffic import TABLES, Happening, ServiceName, Traffic

EVENTS: Final = 5_000
SEED: Final = 1
OUTAGES: Final = 40
# In UTC; where the site is it is 06:00, when the restaurant's day begins.
MORNING: Final = datetime(2026, 3, 5, 14, 0, tzinfo=UTC)
# Guests come for 18 hours; the night has 6, and a look into the next day. In seconds.
STEP: Final = 240.0
OPEN: Final = 18 * 15
NIGHT_STEP: Final = 1800.0
NIGHT: Final = 6 * 2 + 1
# Steps of an outage: some of a QR menu outlast its queue of 300 seconds.
LONGEST: Final = 4
# How many more of a type there may be at one moment than at another: alerts that
# wait, a request on its way, the last error of each service.
SWING: Final = 3
ENDINGS: Final = (PbxService.end_streams, PbxService.reset_streams)


@dataclass(slots=True)
class Outage:
    """A service that fails from a step of the day on, for so many steps."""

    service: ServiceName
    fault: Mapping[str, Any]
    begins: int
    lasts: int


@dataclass(slots=True)
class Day:
    """One day: guests, failures, and people who answer."""

    restaurant: Restaurant
    clock: DayClock
    traffic: Traffic
    number: int
    away: dict[ServiceName, Outage] = field(default_factory=dict)
    published_away: set[str] = field(default_factory=set)

    async def pass_by(self) -> None:
        """Live through it, and a little into the next one."""
        traffic = self.traffic
        outages = list(_outages(self.number))
        for step in range(OPEN):
            for outage in [item for item in outages if item.begins == step]:
                await self._begin(outage)
            for outage in [item for item in self.away.values() if _ends(item, step)]:
                await self._end(outage)
            await self._let_time_pass(STEP)
            for happening in traffic.some(_guests(step)):
                self._report(happening)
            await self._settle()
            if step % 3 == 0:
                await self._acknowledge()
        assert not self.away
        for _ in range(NIGHT):
            await self._let_time_pass(NIGHT_STEP)
        # With the first event of a day what is too old is forgotten.
        for service in ("qr_menu", "pbx", "green_api"):
            self._report(traffic.some(1, (service,))[0])
        await self._settle()
        await self._acknowledge()

    def _report(self, happening: Happening) -> None:
        service = happening.service
        self.restaurant.publish(happening, is_heard=service not in self.away)
        if service in self.away:
            self.published_away.add(happening.mark)

    async def _settle(self) -> None:
        """Wait until what can come has."""
        here = [
            name for name in ("qr_menu", "pbx", "green_api") if name not in self.away
        ]
        await self.restaurant.ledger.all_came(*here)

    async def _let_time_pass(self, seconds: float) -> None:
        """Put the clock forward; a QR menu that answers has been polled all the time."""
        self.clock.pass_by(self.restaurant.hass, seconds)
        if "qr_menu" not in self.away:
            # After a pause a poll asks twice.
            await self.restaurant.qr_menu.wait_for_requests(2)

    async def _begin(self, outage: Outage) -> None:
        if outage.service in self.away:
            await self._end(self.away[outage.service])
        self.away[outage.service] = outage
        service = getattr(self.restaurant, outage.service)
        service.faults.set(Faults.from_json(dict(outage.fault)))
        if outage.service == "qr_menu":
            # A poll that is under way belongs to the time before; some faults let it hang.
            connection = self.restaurant.entries["qr_menu"].runtime_data.connection
            with suppress(TimeoutError):
                await wait_until(lambda: not connection.is_up, 1)
        if outage.service == "pbx":
            ENDINGS[outage.begins % 2](service)
        if outage.service == "green_api":
            # A poll that waits belongs to the time before.
            service.drop_polls()

    async def _end(self, outage: Outage) -> None:
        del self.away[outage.service]
        restaurant, ledger = self.restaurant, self.restaurant.ledger
        if outage.service == "qr_menu":
            kept = {event["hash"] for event in restaurant.qr_menu.queue}
            ledger.take_back("qr_menu", set(ledger.waiting["qr_menu"]) - kept)
        getattr(restaurant, outage.service).faults.clear()
        if outage.service == "pbx":
            # A stream that was opened under a fault keeps it.
            restaurant.pbx.end_streams()
            await restaurant.pbx.wait_for_streams(1)
        await ledger.all_came(outage.service)

    async def _acknowledge(self) -> None:
        """Let somebody come to all who wait, and clear the lists: calls wait for days."""
        buttons = [
            entity_id
            for entity_id in self.restaurant.hass.states.async_entity_ids("button")
            if entity_id.endswith("acknowledge_all")
        ]
        assert len(buttons) == 3
        await self.restaurant.hass.services.async_call(
            "button", "press", {"entity_id": buttons}, blocking=True
        )
        await self.restaurant.hass.services.async_call(
            "todo", "remove_completed_items", {"entity_id": "all"}, blocking=True
        )


def _outages(day: int) -> Iterator[Outage]:
    chance = random.Random(day)
    for number, (service, fault) in enumerate(plan(day, OUTAGES)):
        begins = (number + 1) * (OPEN // (OUTAGES + 2))
        yield Outage(service, fault, begins, chance.randint(1, LONGEST))


def _ends(outage: Outage, step: int) -> bool:
    return step >= outage.begins + outage.lasts


def _guests(step: int) -> int:
    """Return how many happenings a step has: twice a day it is busy."""
    busy = 0.75 if step % 135 < 68 else 1.25
    return ceil(busy * EVENTS / OPEN)


def _figures(hass: HomeAssistant) -> dict[str, Any]:
    figures = {**take_census(hass), **process_figures()}
    # Home Assistant's own affairs.
    for name in ("process", "threads"):
        del figures[name]
    return figures


def _grown(before: dict[str, int], after: dict[str, int], swing: int) -> dict[str, int]:
    """Return what has become more than before, by more than swings from hour to hour."""
    return {
        name: count
        for name, count in after.items()
        if count > before.get(name, 0) + swing
    }


@pytest.fixture(autouse=True)
def _short_lists() -> Generator[None]:
    """Let lists have on the first day the length at which they forget the oldest."""
    with (
        patch("custom_components.carbis_alerts.domain.alerts.KEPT_CLOSED", 20),
        patch("custom_components.carbis_alerts.domain.known_messages.KEPT", 200),
        patch("custom_components.carbis_alerts.runtime.statistics.KEPT", 5),
    ):
        yield


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_a_second_busy_day_leaves_nothing_more_behind_than_the_first(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    # What is logged is kept by the log of a test, with every error in it.
    caplog.set_level(logging.CRITICAL, "custom_components.carbis_alerts")
    with day_clock(MORNING) as clock:
        async with a_restaurant(hass, clock) as restaurant:
            await restaurant.open()
            traffic = Traffic(SEED)
            ends = []
            published_away: set[str] = set()
            for number in (1, 2):
                day = Day(restaurant, clock, traffic, number)
                await day.pass_by()
                published_away |= day.published_away
                await hass.async_block_till_done()
                # What is to be written is held until it is.
                await wait_until(
                    lambda: (
                        not any(
                            entry.runtime_data.store._due
                            for entry in restaurant.entries.values()
                        )
                    )
                )
                ends.append(_figures(hass))
            first, second = ends
            ledger = restaurant.ledger

            for entry in restaurant.entries.values():
                assert await hass.config_entries.async_unload(entry.entry_id)
            await hass.async_block_till_done()

    assert ledger.events > 2 * EVENTS
    assert ledger.lost() == []
    assert ledger.twice() == []
    assert ledger.unknown() == []
    assert ledger.out_of_order() == []
    tables = set(ledger.came["qr_menu"])
    assert ledger.late & tables == published_away & tables
    assert first["devices"] > TABLES
    assert len(first["journal"]) == 3
    assert _grown(first["objects"], second["objects"], SWING) == {}
    assert _grown(first["bytes"], second["bytes"], first["bytes"]["rest"] // 50) == {}
    for settled in ("functions", "tasks", "timers", "listeners", "unload", "journal"):
        assert second[settled] == first[settled], settled
    for owned in ("states", "devices", "issues"):
        assert second[owned] == first[owned], owned
    # A look at the list of messages may have left a connection for the next, seen from
    # both of its ends.
    assert second["file handles"] <= first["file handles"] + 2
