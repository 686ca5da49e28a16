"""Services in the hands of somebody hostile: nothing is blocked, filled or crashed."""

import asyncio
from collections.abc import Callable, Generator
from contextlib import contextmanager
import gzip
import logging
import time
from typing import Any, override
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.json import json_bytes
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.carbis_alerts.api.errors import StreamCompressed
from custom_components.carbis_alerts.api.intake import TokenBucket
from custom_components.carbis_alerts.api.intake.budget import EVENT_OVERHEAD
from custom_components.carbis_alerts.domain import alerts as alert_model
from custom_components.carbis_alerts.domain.journal import MAX_ENTRIES
from custom_components.carbis_alerts.event import UNRECORDED
from custom_components.carbis_alerts.runtime import devices as devices_module
from custom_components.carbis_alerts.runtime.runtime import ServiceRuntime
from simulator.faults import Faults
from simulator.green_api import GreenApiService
from simulator.pbx import PbxService
from simulator.qr_menu import QrMenuService

from ..conftest import Recorder
from ..helpers import HUB_ACTIVITY, wait_for_state, wait_until
from ..services.conftest import MakePbx, MakeWhatsApp

GUEST = "79821234567@c.us"
# What the recorder keeps of an event, and of the attributes of a state: bytes.
MAX_EVENT_DATA = 32_768
MAX_ATTRIBUTES = 16_384
HUGE = "Ё" * 200_000
DEEP = b'{"result":true,"data":{"updates":[' + b"[" * 900 + b"]" * 900 + b"]}}"
MANY = b'{"result":true,"data":{"updates":[' + b"0," * 1_000_001 + b"0]}}"
BOMB = b'{"result":true,"data":{"updates":' + b"[" * 200_000


def assert_recorded_whole(hass: HomeAssistant, data: Any, entity_id: str) -> None:
    assert len(json_bytes(data)) <= MAX_EVENT_DATA
    state = hass.states.get(entity_id)
    assert state is not None
    recorded = {
        key: value for key, value in state.attributes.items() if key not in UNRECORDED
    }
    assert len(json_bytes(recorded)) <= MAX_ATTRIBUTES


async def test_the_largest_event_of_a_menu_is_one_that_the_database_takes(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder
) -> None:
    dish = {
        "id": 1,
        "name": HUGE[:1_000],
        "modifiers": [{"id": 2, "name": HUGE[:9_000]}],
    }
    qr_menu.push(
        {
            "code": "online_payment",
            "table": 42,
            "table_repr": {"id": 42, "name": HUGE},
            "order": {"guid": HUGE, "waiter": {"name": HUGE}, "dishes": [dish] * 200},
        }
    )
    qr_menu.push({"code": HUGE, "anything": [{"x": HUGE[:9_000]}] * 20})
    for data in await bus.wait(2):
        assert_recorded_whole(hass, data, HUB_ACTIVITY)
    assert bus.data[0]["table_id"] == "42"
    assert bus.data[0]["dishes"]
    assert bus.data[1]["raw"]


async def test_the_largest_message_is_one_that_the_database_takes(
    hass: HomeAssistant,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
    bus: Recorder,
    alerts: Recorder,
) -> None:
    entry = make_whatsapp(green_api)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await wait_for_state(hass, "binary_sensor.whatsapp_4567_connection", "on")
    await wait_until(lambda: entry.runtime_data.journal.is_initialized)
    green_api.message(GUEST, HUGE, name=HUGE)
    (data,) = await bus.wait(1)
    (alert,) = await alerts.wait(1)
    assert_recorded_whole(hass, data, "event.whatsapp_4567_messages")
    assert data["text"] == "Ё" * 4_000
    assert len(json_bytes(alert)) <= MAX_EVENT_DATA
    await green_api.wait_until_empty()


async def test_the_largest_message_of_a_pbx_is_one_that_the_database_takes(
    hass: HomeAssistant, pbx: PbxService, pbx_entry: MockConfigEntry, bus: Recorder
) -> None:
    pbx.push(
        {
            "event_type": "incoming_sms",
            "payload": dict.fromkeys(
                ("sms_src", "text", "trunk", "date"), HUGE[:50_000]
            ),
        }
    )
    (data,) = await bus.wait(1)
    assert_recorded_whole(hass, data, "event.pbx_127_0_0_1_sms")


@contextmanager
def worst_wait() -> Generator[list[float]]:
    """Measure how long everybody else waits for a turn, in seconds of our own work."""
    waits = [0.0]

    async def watch() -> None:
        while True:
            began = time.thread_time()
            await asyncio.sleep(0)
            waits[0] = max(waits[0], time.thread_time() - began)

    task = asyncio.create_task(watch())
    try:
        yield waits
    finally:
        task.cancel()


@pytest.mark.parametrize(
    "body", [DEEP, MANY, BOMB], ids=["deep", "many values", "never closed"]
)
async def test_a_hostile_answer_blocks_nobody_and_the_next_good_one_counts(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    bus: Recorder,
    body: bytes,
) -> None:
    with worst_wait() as waits:
        qr_menu.faults.set(Faults(garbage=body.decode(), times=1))
        await qr_menu.wait_for_requests(2)
        qr_menu.waiter_call("6")
        await bus.wait(1)
    assert bus.data[0]["table_name"] == "6"
    assert waits[0] < 0.5


async def test_no_more_devices_are_made_than_a_site_has(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    bus: Recorder,
    alerts: Recorder,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with patch.object(devices_module, "MAX_DEVICES", 3):
        for table in range(100, 110):
            qr_menu.push({"code": "waiter_call", "table": table})
        events = await bus.wait(10)
        await alerts.wait(10)
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    assert len(devices) == 1 + 3
    # Nothing is lost: what has no device is the hub's.
    assert [event["table_id"] for event in events] == [str(n) for n in range(100, 110)]
    assert len({event["device_id"] for event in events}) == 1 + 3
    warnings = [
        record.getMessage()
        for record in caplog.records
        if "no more devices are created" in record.getMessage()
    ]
    assert len(warnings) == 1


def test_a_site_has_fewer_devices_and_alerts_than_the_limits() -> None:
    assert devices_module.MAX_DEVICES == 1_000
    assert alert_model.MAX_ALERTS == 5_000
    assert MAX_ENTRIES == 50_000


class RateByPauses(TokenBucket):
    """A pace by a clock of its own: no time passes but in the pauses that it asks for."""

    def __init__(self, burst: float, rate: float) -> None:
        super().__init__(burst, rate)
        self.pauses = 0
        self._now = 0.0

    @override
    def spend(self, count: float, now: float) -> None:
        super().spend(count, self._now)

    @override
    def wait(self, now: float) -> float:
        pause = super().wait(self._now)
        if pause > 0:
            self.pauses += 1
            # A little more, or a rest of rounding asks for another.
            self._now += pause * 1.001
        return pause


async def test_a_flood_goes_on_slowly_and_is_logged_once(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    bus: Recorder,
    caplog: pytest.LogCaptureFixture,
) -> None:
    runtime: ServiceRuntime = entry.runtime_data
    # Five at once, then hundreds a second.
    runtime.budget.events = bucket = RateByPauses(
        burst=5.5 * EVENT_OVERHEAD, rate=500 * EVENT_OVERHEAD
    )
    pushed = [qr_menu.waiter_call("6")["hash"] for _ in range(30)]
    await bus.wait(30)
    assert bus.ids == pushed
    assert bucket.pauses == 30 - 6
    assert sum("taken slowly" in record.getMessage() for record in caplog.records) == 1


async def test_a_flood_is_cut_off_at_once_when_the_entry_is_unloaded(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder
) -> None:
    runtime: ServiceRuntime = entry.runtime_data
    runtime.budget.events = TokenBucket(burst=0.0, rate=0.001)
    qr_menu.waiter_call("6")
    qr_menu.waiter_call("7")
    await bus.wait(1)
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert len(bus.data) == 1


async def test_a_pbx_that_floods_is_held_back(
    hass: HomeAssistant, pbx: PbxService, make_pbx: MakePbx, bus: Recorder
) -> None:
    entry = make_pbx(pbx)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await pbx.wait_for_streams(1)
    runtime: ServiceRuntime = entry.runtime_data
    runtime.budget.events = TokenBucket(burst=0.0, rate=0.001)
    pbx.ring("+79821234567", "107")
    pbx.ring("+79821234568", "108")
    await bus.wait(1)
    await wait_until(lambda: runtime.budget.is_slowed)
    assert len(bus.data) == 1


@pytest.mark.parametrize(
    "send",
    [
        pytest.param(lambda pbx: pbx.push("nothing"), id="unreadable"),
        pytest.param(
            lambda pbx: pbx.push({"event_type": "startup", "payload": {}}), id="repeats"
        ),
        pytest.param(
            lambda pbx: pbx.push({"event_type": "new", "payload": {}}), id="unknown"
        ),
    ],
)
async def test_whatever_a_pbx_sends_counts_and_nothing_gets_lost(
    hass: HomeAssistant,
    pbx: PbxService,
    make_pbx: MakePbx,
    bus: Recorder,
    caplog: pytest.LogCaptureFixture,
    send: Callable[[PbxService], object],
) -> None:
    entry = make_pbx(pbx)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await pbx.wait_for_streams(1)
    runtime: ServiceRuntime = entry.runtime_data
    runtime.budget.messages = TokenBucket(burst=27.0, rate=1.0)
    for _ in range(20):
        send(pbx)
    numbers = [f"+7982123{number}" for number in range(4560, 4570)]
    for number in numbers:
        pbx.ring(number, "107")
    await wait_until(
        lambda: [data["caller"] for data in bus.data if data["caller"]] == numbers
    )
    assert sum("taken slowly" in record.getMessage() for record in caplog.records) == 1


async def test_a_pbx_that_compresses_its_stream_is_reported_once_and_tried_again(
    hass: HomeAssistant,
    pbx: PbxService,
    make_pbx: MakePbx,
    caplog: pytest.LogCaptureFixture,
) -> None:
    tries = 0

    async def answer(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        nonlocal tries
        tries += 1
        await reader.readuntil(b"\r\n\r\n")
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
            b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"data: {}\n\n" * 99)
        )
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    entry = make_pbx(pbx, url=f"http://127.0.0.1:{port}")
    assert await hass.config_entries.async_setup(entry.entry_id)
    await wait_until(lambda: tries >= 3)
    runtime: ServiceRuntime = entry.runtime_data
    assert set(runtime.statistics.failures) == {StreamCompressed.__name__}
    assert not runtime.connection.is_up
    published = [
        record
        for record in caplog.records
        if "compresses its event stream" in record.getMessage()
    ]
    assert len(published) == 1
    assert await hass.config_entries.async_unload(entry.entry_id)
    server.close()
    await server.wait_closed()


async def test_a_gateway_that_floods_keeps_its_notifications(
    hass: HomeAssistant,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
    bus: Recorder,
) -> None:
    entry = make_whatsapp(green_api)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await wait_for_state(hass, "binary_sensor.whatsapp_4567_connection", "on")
    runtime: ServiceRuntime = entry.runtime_data
    runtime.budget.events = TokenBucket(burst=0.0, rate=0.001)
    green_api.message(GUEST, "one")
    green_api.message(GUEST, "two")
    await bus.wait(1)
    await wait_until(lambda: runtime.budget.is_slowed)
    assert [event["text"] for event in bus.data] == ["one"]


async def test_the_log_of_a_hostile_day_is_short(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    bus: Recorder,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    caplog.clear()
    for _ in range(20):
        qr_menu.push({"guest": HUGE[:100]}, add_hash=False)
        qr_menu.push("nothing", add_hash=False)
        qr_menu.push({"code": HUGE[:5_000], "table": {"id": [1]}})
    await bus.wait(20)
    ours = [record for record in caplog.records if "carbis" in record.name]
    assert ours == []
