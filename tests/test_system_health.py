"""The lines of the system information."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    get_system_health_info,
)

from custom_components.carbis_alerts.const import DOMAIN
from simulator.faults import Faults
from simulator.qr_menu import QrMenuService

from .conftest import Recorder
from .flows import WORDS
from .helpers import CONNECTION, wait_for_state


async def lines(hass: HomeAssistant) -> dict[str, Any]:
    """Return what is shown, each with words in every language."""
    assert await async_setup_component(hass, "system_health", {})
    await hass.async_block_till_done()
    info: dict[str, Any] = await get_system_health_info(hass, DOMAIN)
    for words in WORDS.values():
        assert set(words["system_health"]["info"]) == set(info)
    return info


async def test_without_entries_there_is_nothing_to_report(hass: HomeAssistant) -> None:
    assert await async_setup_component(hass, DOMAIN, {})
    assert await lines(hass) == {
        "connected": "0 / 0",
        "last_event": "—",
        "outages_today": 0,
    }


async def test_connections_the_last_event_and_outages_are_reported(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder
) -> None:
    qr_menu.waiter_call("6")
    await bus.wait(1)
    assert await lines(hass) == {
        "connected": "1 / 1",
        "last_event": entry.runtime_data.statistics.last_event,
        "outages_today": 0,
    }

    qr_menu.faults.set(Faults(refuse=True))
    await wait_for_state(hass, CONNECTION, "off")
    during = await lines(hass)
    qr_menu.faults.clear()
    await wait_for_state(hass, CONNECTION, "on")
    after = await lines(hass)

    assert (during["connected"], during["outages_today"]) == ("0 / 1", 1)
    assert (after["connected"], after["outages_today"]) == ("1 / 1", 1)
