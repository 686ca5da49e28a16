"""An entry's life: set up, unload, reload, remove, and its devices' deletion."""

import time
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from simulator.faults import Faults
from simulator.qr_menu import QrMenuService

from .conftest import Recorder
from .helpers import (
    CONNECTION,
    HUB_ACTIVITY,
    entity_ids,
    state_of,
    storage_key,
    table_device,
    wait_for_state,
    wait_until,
)


async def test_an_entry_loads_while_its_service_is_away(
    hass: HomeAssistant, qr_menu: QrMenuService, make_entry: Any, bus: Recorder
) -> None:
    qr_menu.faults.set(Faults(refuse=True))
    entry = make_entry(qr_menu)
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED
    await wait_for_state(hass, CONNECTION, "off")
    assert state_of(hass, HUB_ACTIVITY) == "unknown"

    qr_menu.faults.clear()
    await wait_for_state(hass, CONNECTION, "on")


async def test_unloading_ends_the_polling_at_once(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry
) -> None:
    qr_menu.faults.set(Faults(half_open=True))
    await qr_menu.wait_for_arrivals(1)

    assert await hass.config_entries.async_unload(entry.entry_id)

    assert entry.state is ConfigEntryState.NOT_LOADED
    asked = qr_menu.received
    qr_menu.faults.clear()
    await hass.async_block_till_done(wait_background_tasks=True)
    assert qr_menu.received == asked


async def test_polling_goes_on_with_polling_switched_off_and_no_entity_enabled(
    hass: HomeAssistant, qr_menu: QrMenuService, make_entry: Any, bus: Recorder
) -> None:
    entry = make_entry(qr_menu)
    hass.config_entries.async_update_entry(entry, pref_disable_polling=True)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await qr_menu.wait_for_requests(2)
    pushed = qr_menu.waiter_call("6")
    await bus.wait(1)
    assert bus.ids == [pushed["hash"]]


async def test_a_person_can_ask_the_service_at_once(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry
) -> None:
    assert await async_setup_component(hass, "homeassistant", {})
    asked_at = time.monotonic()
    entry.runtime_data.source._reader._interval.fixed = 3600.0
    await qr_menu.wait_for_requests(1)
    await wait_until(lambda: entry.runtime_data.connection.last_answer > asked_at)
    asked = qr_menu.answered
    await hass.services.async_call(
        "homeassistant", "update_entity", {"entity_id": CONNECTION}, blocking=True
    )
    assert qr_menu.answered > asked


async def test_removing_an_entry_leaves_nothing_on_the_disk(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    bus: Recorder,
) -> None:
    qr_menu.waiter_call("6")
    await bus.wait(1)
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert storage_key(entry) in hass_storage

    await hass.config_entries.async_remove(entry.entry_id)

    assert storage_key(entry) not in hass_storage


async def test_a_table_can_be_deleted_and_comes_back_with_its_next_event(
    hass: HomeAssistant,
    hass_ws_client: WebSocketGenerator,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    bus: Recorder,
) -> None:
    assert await async_setup_component(hass, "config", {})
    client = await hass_ws_client(hass)
    table = qr_menu.waiter_call("6")["table"]
    await bus.wait(1)
    device = table_device(hass, entry, table)
    assert device is not None

    response = await client.remove_device(device.id)
    assert response["success"]
    await hass.async_block_till_done()
    assert table_device(hass, entry, table) is None
    assert hass.states.get("event.table_6_activity") is None

    qr_menu.waiter_call("6")
    await bus.wait(2)
    assert table_device(hass, entry, table) is not None
    assert bus.data[1]["entity_id"] == "event.table_6_activity"
    assert state_of(hass, "event.table_6_activity") != "unknown"


async def test_the_hub_cannot_be_deleted_without_its_entry(
    hass: HomeAssistant,
    hass_ws_client: WebSocketGenerator,
    entry: MockConfigEntry,
) -> None:
    assert await async_setup_component(hass, "config", {})
    client = await hass_ws_client(hass)
    response = await client.remove_device(entry.runtime_data.devices.hub_id)
    assert not response["success"]


async def test_a_listener_that_fails_keeps_no_event_from_the_others(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    bus: Recorder,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a listener's own fault")

    remove = entry.runtime_data.signals.listen_events("hub", "activity", fail)
    qr_menu.waiter_call("6")
    await bus.wait(1)
    assert state_of(hass, HUB_ACTIVITY) != "unknown"
    assert "a listener's own fault" in caplog.text
    remove()


async def test_the_entities_of_an_entry_are_those_of_the_contract(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder
) -> None:
    table = qr_menu.waiter_call("6")["table"]
    await bus.wait(1)
    assert entity_ids(hass, entry) == {
        "hub_acknowledge_all": "button.qr_menu_127_0_0_1_acknowledge_all",
        "hub_activity": "event.qr_menu_127_0_0_1_activity",
        "hub_alerts": "todo.qr_menu_127_0_0_1_alerts",
        "hub_answer_time": "sensor.qr_menu_127_0_0_1_answer_time",
        "hub_calls_today": "sensor.qr_menu_127_0_0_1_calls_today",
        "hub_forgotten_today": "sensor.qr_menu_127_0_0_1_forgotten_today",
        "hub_in_time": "sensor.qr_menu_127_0_0_1_in_time",
        "hub_open_calls": "sensor.qr_menu_127_0_0_1_open_calls",
        "hub_payments_today": "sensor.qr_menu_127_0_0_1_payments_today",
        "hub_waiting_since": "sensor.qr_menu_127_0_0_1_waiting_since",
        "hub_connection": "binary_sensor.qr_menu_127_0_0_1_connection",
        f"table_{table}_acknowledge": "button.table_6_acknowledge",
        f"table_{table}_activity": "event.table_6_activity",
        f"table_{table}_bill": "sensor.table_6_bill",
        f"table_{table}_bill_requested": "binary_sensor.table_6_bill_requested",
        f"table_{table}_waiter_called": "binary_sensor.table_6_waiter_called",
    }
