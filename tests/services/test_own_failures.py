"""A fault of our own while an event is published: it costs nobody a guest.

Each stage of the delivery raises, once or always, for one event of three; for all
services and both ways of the PBX.
"""

from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass
import json
import logging
from typing import Any
from unittest.mock import patch

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.carbis_alerts.api.green_api import parse as green_api
from custom_components.carbis_alerts.api.pbx import (
    PbxMessage,
    parse as pbx,
    parse_message,
)
from custom_components.carbis_alerts.api.qr_menu import parse as qr_menu
from custom_components.carbis_alerts.domain.message_ids import message_id
from custom_components.carbis_alerts.runtime.runtime import ServiceRuntime
from custom_components.carbis_alerts.services.green_api.source import GreenApiSource
from custom_components.carbis_alerts.services.pbx.delivery import MessageDelivery
from simulator.green_api import GreenApiService
from simulator.pbx import PbxService
from simulator.qr_menu import QrMenuService

from ..conftest import Recorder
from ..helpers import wait_for_state, wait_until
from .conftest import MakePbx, MakeWhatsApp
from .steps import AFTER_THE_BUS, BEFORE_THE_BUS, NEVER_PUBLISHED, raising
from .test_pbx_webhook import hooked, web

__all__ = ["hooked", "web"]

FOREVER = float("inf")
GUESTS = ("79820000001@c.us", "79820000002@c.us", "79820000003@c.us")
TABLES = ("5", "6", "7")


@dataclass(frozen=True)
class Way:
    """A way for three events into Home Assistant; the second is the one that fails."""

    entry: MockConfigEntry
    type: str
    ids: tuple[str, str, str]
    send: Callable[[], None]
    # Waits until the service has nothing more to give.
    settled: Callable[[], Awaitable[None]]


@pytest.fixture(autouse=True)
def _at_once() -> Generator[None]:
    """Try again without a pause."""
    with patch.object(MessageDelivery, "retry_after", (0.0, 0.0)):
        yield


def call(number: int) -> dict[str, Any]:
    return {
        "device_id": "the device",
        "event_type": "incoming_call",
        "payload": {
            "call_id": number,
            "call_src": f"+7982000000{number}",
            "call_dst": str(100 + number),
            "trunk": "GSM1",
        },
    }


def id_of(message: dict[str, Any]) -> str:
    parsed = parse_message(json.dumps(message).encode())
    assert isinstance(parsed, PbxMessage)
    return message_id(parsed, 0)


def qr_menu_way(entry: MockConfigEntry, server: QrMenuService) -> Way:
    def send() -> None:
        for table in TABLES:
            server.push(
                {
                    "hash": f"0x{table}",
                    "code": "waiter_call",
                    "table": int(table),
                    "table_repr": {"id": int(table), "name": table},
                }
            )

    async def settled() -> None:
        await wait_until(lambda: entry.runtime_data.journal.cursor == "0x7")

    return Way(entry, "waiter_call", ("0x5", "0x6", "0x7"), send, settled)


def green_api_way(entry: MockConfigEntry, gateway: GreenApiService) -> Way:
    def send() -> None:
        for number, chat in enumerate(GUESTS):
            gateway.push(
                {
                    "typeWebhook": "incomingMessageReceived",
                    "idMessage": f"M{number}",
                    "senderData": {"chatId": chat, "sender": chat},
                    "messageData": {
                        "typeMessage": "textMessage",
                        "textMessageData": {"textMessage": "hello"},
                    },
                }
            )

    first, second, third = (
        f"whatsapp:incomingMessageReceived:{chat}:M{number}"
        for number, chat in enumerate(GUESTS)
    )
    return Way(entry, "message", (first, second, third), send, gateway.wait_until_empty)


def pbx_way(entry: MockConfigEntry, pbx: PbxService) -> Way:
    calls = [call(number) for number in (1, 2, 3)]

    async def settled() -> None:
        """Wait for nothing: it keeps nothing that could come again."""

    def send() -> None:
        for message in calls:
            pbx.push(message, add_device_id=False)

    first, second, third = map(id_of, calls)
    return Way(entry, "incoming_call", (first, second, third), send, settled)


@pytest.fixture
def prepared(
    request: pytest.FixtureRequest,
    make_pbx: MakePbx,
    make_whatsapp: MakeWhatsApp,
) -> Way:
    """Return the way that the test names, its entry perhaps not set up yet."""
    if request.param == "qr_menu":
        return qr_menu_way(
            request.getfixturevalue("entry"), request.getfixturevalue("qr_menu")
        )
    if request.param == "green_api":
        gateway: GreenApiService = request.getfixturevalue("green_api")
        return green_api_way(make_whatsapp(gateway), gateway)
    pbx: PbxService = request.getfixturevalue("pbx")
    if request.param == "hook":
        return pbx_way(request.getfixturevalue("hooked"), pbx)
    return pbx_way(make_pbx(pbx), pbx)


@pytest.fixture
async def way(hass: HomeAssistant, prepared: Way) -> Way:
    """Return a way whose service has answered."""
    entry = prepared.entry
    if entry.state is not ConfigEntryState.LOADED:
        assert await hass.config_entries.async_setup(entry.entry_id)
    await wait_until(lambda: entry.runtime_data.connection.is_up is True)
    if isinstance(entry.runtime_data.source, GreenApiSource):
        await wait_until(lambda: not entry.runtime_data.source._late)
    return prepared


WAYS = ("qr_menu", "green_api", "stream", "hook")


@pytest.mark.parametrize("prepared", WAYS, indirect=True)
@pytest.mark.parametrize("stage", BEFORE_THE_BUS)
async def test_what_raises_once_before_the_bus_is_published_all_the_same(
    way: Way, stage: str, bus: Recorder, alerts: Recorder
) -> None:
    with raising(BEFORE_THE_BUS[stage], way.ids[1], 1) as raised:
        way.send()
        await bus.wait(3)
        await way.settled()
    assert len(raised) == 1
    assert sorted(bus.ids) == sorted(way.ids)
    assert {data["type"] for data in bus.data} == {way.type}
    # Alerts too: the try that failed left none, and counted none twice.
    waiting = way.entry.runtime_data.alerts.book.alerts
    assert [data["action"] for data in alerts.data] == ["opened"] * len(waiting)
    assert all(alert.count == 1 for alert in waiting)
    assert way.entry.runtime_data.alerts.events_today.value == len(waiting)


@pytest.mark.parametrize("prepared", WAYS, indirect=True)
@pytest.mark.parametrize("stage", BEFORE_THE_BUS)
async def test_what_always_raises_before_the_bus_costs_only_itself(
    way: Way,
    stage: str,
    bus: Recorder,
    alerts: Recorder,
    caplog: pytest.LogCaptureFixture,
) -> None:
    bad = way.ids[1]
    runtime: ServiceRuntime = way.entry.runtime_data
    count = 2 if stage in NEVER_PUBLISHED else 3
    with raising(BEFORE_THE_BUS[stage], bad, FOREVER) as raised:
        way.send()
        await bus.wait(count)
        await way.settled()
        await wait_until(
            lambda: (
                runtime.delivery.failures.plain + runtime.delivery.failures.passed == 1
            )
        )
    assert len(raised) >= 3
    kinds = {data["event_id"]: data["type"] for data in bus.data}
    assert len(bus.data) == count
    assert kinds.pop(way.ids[0]) == kinds.pop(way.ids[2]) == way.type
    if stage in NEVER_PUBLISHED:
        assert kinds == {}
        assert runtime.statistics.malformed == 1
    else:
        assert kinds == {bad: "other"}
        plain = next(data for data in bus.data if data["event_id"] == bad)
        assert plain["raw"]
    assert bad not in [data["alert_id"] for data in alerts.data]
    # Once, and without what a guest wrote.
    lines = [
        record.getMessage()
        for record in caplog.records
        if record.levelno >= logging.ERROR
    ]
    assert len([line for line in lines if "failed to handle" in line]) == 1
    assert not any("79820000001" in line for line in lines)


@pytest.mark.parametrize("prepared", WAYS, indirect=True)
@pytest.mark.parametrize("stage", AFTER_THE_BUS)
async def test_what_raises_after_the_bus_repeats_nothing(
    way: Way, stage: str, bus: Recorder
) -> None:
    with raising(AFTER_THE_BUS[stage], way.ids[1], FOREVER) as raised:
        way.send()
        await bus.wait(3)
        await way.settled()
    assert raised
    assert sorted(bus.ids) == sorted(way.ids)
    assert {data["type"] for data in bus.data} == {way.type}


async def test_what_waits_for_another_try_is_published_when_the_entry_goes(
    hass: HomeAssistant, pbx: PbxService, pbx_entry: MockConfigEntry, bus: Recorder
) -> None:
    bad = call(2)
    runtime: ServiceRuntime = pbx_entry.runtime_data
    with (
        patch.object(MessageDelivery, "retry_after", (3600.0, 3600.0)),
        raising(BEFORE_THE_BUS["rules"], id_of(bad), FOREVER),
    ):
        pbx.push(bad, add_device_id=False)
        source: Any = runtime.source
        await wait_until(lambda: id_of(bad) in source._delivery.retries)
        # The same once more is no second one, though the bus does not have it yet.
        pbx.push(bad, add_device_id=False)
        await wait_until(lambda: runtime.statistics.repeats == 1)
        assert bus.data == []
        assert await hass.config_entries.async_unload(pbx_entry.entry_id)
    assert [(data["event_id"], data["type"]) for data in bus.data] == [
        (id_of(bad), "other")
    ]


async def test_a_missed_call_is_published_though_its_end_cannot_be(
    pbx: PbxService, pbx_entry: MockConfigEntry, bus: Recorder, alerts: Recorder
) -> None:
    number = pbx.ring("+79820000001", "107")
    await bus.wait(1)
    end = {"call_id": number, "status": "no_answer", "record_id": 1, "duration": None}
    message = {
        "device_id": "the device",
        "event_type": "call_end",
        "payload": end,
    }
    with raising(BEFORE_THE_BUS["rules"], id_of(message), FOREVER):
        pbx.push(message, add_device_id=False)
        await bus.wait(3)
    assert sorted(data["type"] for data in bus.data[1:]) == ["missed_call", "other"]
    assert [data["kind"] for data in alerts.data] == ["missed_call"]


async def test_diagnostics_say_how_often_it_failed(
    hass: HomeAssistant, pbx: PbxService, pbx_entry: MockConfigEntry, bus: Recorder
) -> None:
    bad = call(2)
    with raising(BEFORE_THE_BUS["rules"], id_of(bad), FOREVER):
        pbx.push(bad, add_device_id=False)
        await bus.wait(1)
    assert pbx_entry.runtime_data.diagnostics()["own_failures"] == {
        "failed": 3,
        "plain": 1,
        "passed": 0,
        "waiting": 0,
    }


async def test_a_table_does_not_show_that_it_waits_where_the_alert_was_taken_back(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder
) -> None:
    qr_menu.waiter_call("6")
    await bus.wait(1)
    await hass.services.async_call(
        "carbis_alerts",
        "acknowledge",
        {"alert_id": entry.runtime_data.alerts.book.alerts[0].alert_id},
        blocking=True,
    )
    sensor = next(
        state.entity_id
        for state in hass.states.async_all("binary_sensor")
        if state.entity_id.endswith("waiter_called")
    )
    await wait_for_state(hass, sensor, "off")
    with raising(BEFORE_THE_BUS["bus fired"], "0xbad", FOREVER):
        qr_menu.push({**qr_menu.queue[0], "hash": "0xbad"})
        await wait_until(lambda: entry.runtime_data.delivery.failures.passed == 1)
    await wait_for_state(hass, sensor, "off")
    assert len(bus.data) == 1


@pytest.mark.parametrize("prepared", WAYS, indirect=True)
async def test_what_our_parser_fails_on_costs_only_itself(
    way: Way, bus: Recorder
) -> None:
    function = {
        "waiter_call": (qr_menu, "parse_event"),
        "message": (green_api, "parse_notification"),
        "incoming_call": (pbx, "_parsed"),
    }[way.type]
    parse = getattr(*function)

    def fail(item: Any, *args: Any) -> Any:
        if any(sign in str(item) for sign in ("'0x6'", "'M1'", "+79820000002")):
            raise RuntimeError
        return parse(item, *args)

    with patch.object(*function, fail):
        way.send()
        await bus.wait(2)
        await way.settled()
        await wait_until(lambda: way.entry.runtime_data.statistics.malformed > 0)
    assert bus.ids == [way.ids[0], way.ids[2]]
