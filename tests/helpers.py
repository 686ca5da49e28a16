"""Small things that several tests do."""

import asyncio
from collections.abc import Callable
from typing import Any

from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.carbis_alerts.const import DOMAIN
from simulator.service import PATIENCE

CONNECTION = "binary_sensor.qr_menu_127_0_0_1_connection"
HUB_ACTIVITY = "event.qr_menu_127_0_0_1_activity"


async def wait_for_state(
    hass: HomeAssistant, entity_id: str, state: str, timeout: float = PATIENCE
) -> None:
    """Wait until an entity has a state."""
    reached = asyncio.Event()

    @callback
    def look(event: Event[EventStateChangedData] | None = None) -> None:
        if (current := hass.states.get(entity_id)) and current.state == state:
            reached.set()

    remove = hass.bus.async_listen("state_changed", look)
    look()
    try:
        async with asyncio.timeout(timeout):
            await reached.wait()
    finally:
        remove()


async def wait_until(condition: Callable[[], bool], timeout: float = PATIENCE) -> None:
    """Wait until something holds that signals nobody when it begins to."""
    async with asyncio.timeout(timeout):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0)


def state_of(hass: HomeAssistant, entity_id: str) -> str:
    """Return the state of an entity that exists."""
    state = hass.states.get(entity_id)
    assert state is not None, f"there is no {entity_id}"
    return state.state


def table_device(
    hass: HomeAssistant, entry: MockConfigEntry, table: Any
) -> dr.DeviceEntry | None:
    """Return the device of a table."""
    return dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, f"{entry.entry_id}_table_{table}"), entry.entry_id
    )


def entity_ids(hass: HomeAssistant, entry: MockConfigEntry) -> dict[str, str]:
    """Return the entity ids of an entry by their unique ids' ends."""
    return {
        entity.unique_id.removeprefix(f"{entry.entry_id}_"): entity.entity_id
        for entity in er.async_entries_for_config_entry(
            er.async_get(hass), entry.entry_id
        )
    }


def storage_key(entry: MockConfigEntry) -> str:
    """Return the name of an entry's file."""
    return f"{DOMAIN}.{entry.entry_id}"
