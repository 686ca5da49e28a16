"""The restaurant's day over changes of the clocks, restarts and zones."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from homeassistant.const import EVENT_CORE_CONFIG_UPDATE
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.carbis_alerts.const import ALERT_EVENT, CONF_DAILY_RESET
from simulator.qr_menu import QrMenuService

from .alerts import CALLS_TODAY, PAYMENTS_TODAY, SiteClock, site_clock, table_calls
from .fixtures import Recorder
from .helpers import state_of, wait_for_state
from .sites import Life, life

BERLIN = "Europe/Berlin"


@asynccontextmanager
async def venue(
    qr_menu: QrMenuService, reset: str, zone: str = BERLIN
) -> AsyncGenerator[Life]:
    """Start Home Assistant in a zone, with a day that begins at an hour."""
    async with life(qr_menu) as site:
        await site.hass.config.async_set_time_zone(zone)
        site.hass.config_entries.async_update_entry(
            site.entry, options={**site.entry.options, CONF_DAILY_RESET: reset}
        )
        await site.settle()
        yield site


def figures(hass: HomeAssistant) -> tuple[str, str]:
    """Return today's calls and payments."""
    return state_of(hass, CALLS_TODAY), state_of(hass, PAYMENTS_TODAY)


async def passes(hass: HomeAssistant, clock: SiteClock, **amount: float) -> None:
    """Let time pass on the wall alone, and have it looked at."""
    clock.pass_by(**amount)
    hass.bus.async_fire(EVENT_CORE_CONFIG_UPDATE)
    await hass.async_block_till_done()


async def busy(hass: HomeAssistant, qr_menu: QrMenuService) -> None:
    """Let a guest call, and another one pay."""
    await table_calls(qr_menu, Recorder(hass, ALERT_EVENT), "6")
    qr_menu.add_dishes("7", [{"name": "Суп", "price": 250, "count": 2}])
    qr_menu.pay("7")
    await wait_for_state(hass, PAYMENTS_TODAY, "500.0")


@pytest.mark.parametrize(
    ("before", "begins"),
    [
        pytest.param(
            "2026-10-25T02:10:00+02:00", "2026-10-25T02:30:00+02:00", id="hour twice"
        ),
        pytest.param(
            "2026-03-29T01:40:00+01:00", "2026-03-29T03:00:00+02:00", id="hour never"
        ),
    ],
)
async def test_on_the_day_of_the_clocks_change_the_day_begins_once(
    qr_menu: QrMenuService, hass_storage: dict[str, Any], before: str, begins: str
) -> None:
    with site_clock(datetime.fromisoformat(before)) as clock:
        start = datetime.fromisoformat(begins)
        async with venue(qr_menu, "02:30:00") as site:
            await busy(site.hass, qr_menu)
            await passes(site.hass, clock, minutes=10)
            assert figures(site.hass) == ("1", "500.0")
            away = (start - clock.moment).total_seconds()
            await passes(site.hass, clock, seconds=away)
            assert figures(site.hass) == ("0", "0.0")
            await busy(site.hass, qr_menu)
        # Within the next hours every clock on the wall shows 02:30 for the last time.
        for _ in range(5):
            clock.pass_by(minutes=25)
            async with venue(qr_menu, "02:30:00") as site:
                assert figures(site.hass) == ("1", "500.0")
                await passes(site.hass, clock, minutes=5)
                assert figures(site.hass) == ("1", "500.0")
                state = site.hass.states.get(CALLS_TODAY)
                assert state is not None
                since = datetime.fromisoformat(state.attributes["last_reset"])
                assert since == start
        async with venue(qr_menu, "02:30:00") as site:
            await passes(site.hass, clock, hours=20)
            assert figures(site.hass) == ("1", "500.0")
            await passes(site.hass, clock, hours=4)
            assert figures(site.hass) == ("0", "0.0")


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kamchatka"])
async def test_another_zone_keeps_the_day_and_ends_it_by_its_own_clock(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry, zone: str
) -> None:
    await hass.config.async_set_time_zone(BERLIN)
    with site_clock(datetime.fromisoformat("2026-11-21T13:00:00+01:00")) as clock:
        assert await hass.config_entries.async_reload(entry.entry_id)
        await busy(hass, qr_menu)
        await hass.config.async_update(time_zone=zone)
        await hass.async_block_till_done()
        assert figures(hass) == ("1", "500.0")
        next_six = clock.now().replace(hour=6, minute=0)
        if next_six <= clock.now() + timedelta(hours=1):
            next_six += timedelta(days=1)
        left = (next_six - clock.now()).total_seconds()
        await clock.wait(hass, seconds=left - 60)
        assert figures(hass) == ("1", "500.0")
        await clock.wait(hass, seconds=60)
        assert figures(hass) == ("0", "0.0")
