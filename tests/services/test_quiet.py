"""Where nothing happens nothing is written: no states, no log, no file.

An hour passes by the wall clock, in as many polls as it takes; nobody waits for it.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
import logging
import math
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from homeassistant.const import EVENT_STATE_CHANGED, EVENT_STATE_REPORTED
from homeassistant.core import Event, HomeAssistant, callback
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.carbis_alerts.api.green_api import GreenApiClient
from custom_components.carbis_alerts.api.intake import TokenBucket
from custom_components.carbis_alerts.api.stream import EventStream
from custom_components.carbis_alerts.runtime.storage import _TolerantStore
from custom_components.carbis_alerts.services.pbx.source import GIVE_UP_INTERVAL
from simulator.green_api import GreenApiService
from simulator.pbx import PbxService
from simulator.qr_menu import QrMenuService

from ..clock import WallClock, wall_clock
from ..conftest import Recorder
from ..helpers import entity_ids, wait_for_state, wait_until
from ..timings import timed
from .conftest import MakePbx, MakeWhatsApp

STREAM = "custom_components.carbis_alerts.api.stream"
# In UTC. Where the site is it is noon: the day does not begin again meanwhile.
START = "20:00"
HOURS = 1
# Seconds between heartbeats of a stream, and between polls of a queue.
BEAT = 15
POLL = 6


@pytest.fixture(autouse=True)
def _no_write_is_put_off() -> Generator[None]:
    """Let the store write whenever it wants to: no second of this hour is real."""
    with timed(write_interval=0.0):
        yield


async def all_is_written(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Wait until what came before is on the disk."""
    await hass.async_block_till_done()
    await wait_until(lambda: not entry.runtime_data.store._due)


@dataclass
class Noise:
    """What was written meanwhile: states, and the disk by the wall clock."""

    states: list[str] = field(default_factory=list)
    writes: list[datetime] = field(default_factory=list)


@contextmanager
def listening(
    hass: HomeAssistant, entry: MockConfigEntry, clock: WallClock
) -> Generator[Noise]:
    """Note what an entry writes."""
    noise = Noise()
    ours = set(entity_ids(hass, entry).values())
    assert ours
    write = _TolerantStore._async_write_data

    @callback
    def note(event: Event[Any]) -> None:
        noise.states.append(f"{event.event_type} {event.data['entity_id']}")

    @callback
    def is_ours(data: Any) -> bool:
        return data["entity_id"] in ours

    async def note_write(self: _TolerantStore, data: dict[str, Any]) -> None:
        noise.writes.append(clock.moment)
        await write(self, data)

    removes = [
        hass.bus.async_listen(event_type, note, event_filter=is_ours)
        for event_type in (EVENT_STATE_CHANGED, EVENT_STATE_REPORTED)
    ]
    with patch.object(_TolerantStore, "_async_write_data", note_write):
        yield noise
    for remove in removes:
        remove()


def log_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what the component has logged, as a site logs by default."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith("custom_components")
        and record.levelno >= logging.INFO
    ]


async def test_an_idle_long_poll_writes_nothing_at_all(
    hass: HomeAssistant,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
    bus: Recorder,
    caplog: pytest.LogCaptureFixture,
) -> None:
    green_api.poll_time = 0.0
    polls, is_timed = 0, False
    receive = GreenApiClient.receive

    async def receive_later(self: GreenApiClient) -> Any:
        nonlocal polls
        received = await receive(self)
        if is_timed:
            polls += 1
            clock.pass_by(seconds=self.receive_timeout)
        return received

    with (
        wall_clock(START) as clock,
        patch.object(GreenApiClient, "receive", receive_later),
    ):
        entry = make_whatsapp(green_api, chats={"Анна": "79821234567@c.us"})
        assert await hass.config_entries.async_setup(entry.entry_id)
        await wait_for_state(hass, "binary_sensor.whatsapp_4567_connection", "on")
        green_api.message("79821234567@c.us", "Есть столик?")
        await bus.wait(1)
        await green_api.wait_until_empty()
        await wait_until(lambda: not entry.runtime_data.source._late)
        await all_is_written(hass, entry)
        caplog.clear()
        caplog.set_level(logging.INFO)
        with listening(hass, entry, clock) as noise:
            began, is_timed = clock.moment, True
            await wait_until(lambda: clock.moment - began >= timedelta(hours=HOURS))

    assert polls >= HOURS * 3600 / 20
    assert noise.states == []
    assert log_of(caplog) == []
    assert len(bus.events) == 1
    assert noise.writes == []
    # The other one asked once for the chat's other id.
    assert green_api.connections == 2


def has_beaten(stream: EventStream, times: int) -> bool:
    """Return whether so many heartbeats have come."""
    return stream.decoder.comments >= times


async def test_an_idle_stream_writes_nothing_at_all(
    hass: HomeAssistant,
    pbx: PbxService,
    make_pbx: MakePbx,
    bus: Recorder,
    caplog: pytest.LogCaptureFixture,
) -> None:
    now = 0.0

    def monotonic() -> float:
        return now

    with wall_clock(START) as clock:
        entry = make_pbx(pbx)
        assert await hass.config_entries.async_setup(entry.entry_id)
        await pbx.wait_for_streams(1)
        runtime = entry.runtime_data
        # One that leaves nothing to wait for.
        call = pbx.ring("+79821234567", "107")
        pbx.answer(call)
        pbx.hang_up(call)
        await bus.wait(3)
        await all_is_written(hass, entry)
        stream = runtime.source.line.stream
        caplog.clear()
        caplog.set_level(logging.INFO)
        with (
            listening(hass, entry, clock) as noise,
            # The stream's alone: the loop's timers go by the real one.
            patch(f"{STREAM}.time", SimpleNamespace(monotonic=monotonic)),
        ):
            for beat in range(1, HOURS * 3600 // BEAT + 1):
                now += BEAT
                clock.pass_by(seconds=BEAT)
                pbx.push_raw(b": still here\n\n")
                if beat % (GIVE_UP_INTERVAL.total_seconds() // BEAT) == 0:
                    async_fire_time_changed(hass, clock.moment)
                await wait_until(partial(has_beaten, stream, beat))

    assert stream.patience == 3 * BEAT
    assert noise.states == []
    assert noise.writes == []
    assert log_of(caplog) == []
    assert len(bus.events) == 3
    assert pbx.connections == 1


async def test_an_idle_queue_writes_nothing_at_all(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    make_entry: Callable[..., MockConfigEntry],
    bus: Recorder,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with wall_clock(START) as clock:
        entry = make_entry(qr_menu)
        assert await hass.config_entries.async_setup(entry.entry_id)
        await qr_menu.wait_for_requests(2)
        qr_menu.waiter_call("6")
        await bus.wait(1)
        runtime = entry.runtime_data
        # The polls are made here: by the source itself they are as far apart as set.
        await runtime.task.async_cancel()
        runtime.budget.messages = TokenBucket(burst=math.inf, rate=1.0)
        await runtime.source.coordinator.async_refresh()
        await all_is_written(hass, entry)
        caplog.clear()
        caplog.set_level(logging.INFO)
        with listening(hass, entry, clock) as noise:
            for poll in range(HOURS * 3600 // POLL):
                clock.pass_by(seconds=POLL)
                await runtime.source.coordinator.async_refresh()
                if poll % (3600 // POLL) == 0:
                    # What runs by the clock, such as the timer of the alerts.
                    async_fire_time_changed(hass, clock.moment)
                    await hass.async_block_till_done()

    assert noise.states == []
    assert log_of(caplog) == []
    assert len(bus.events) == 1
    assert noise.writes == []
