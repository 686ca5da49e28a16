"""Long-term statistics of the figures of a day, by a real recorder."""

from datetime import UTC, datetime
from typing import Any

from homeassistant.components.recorder.core import Recorder as Database
from homeassistant.components.recorder.statistics import (
    list_statistic_ids,
    statistics_during_period,
)
from homeassistant.components.sensor.recorder import validate_statistics
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
    do_adhoc_statistics,
)

from simulator.qr_menu import QrMenuService

from .alerts import (
    ACKNOWLEDGE,
    ANSWER_TIME,
    CALLS_TODAY,
    FORGOTTEN_TODAY,
    IN_TIME,
    OPEN_CALLS,
    PAYMENTS_TODAY,
    press,
    site_clock,
    table_calls,
)
from .conftest import Recorder


@pytest.fixture(autouse=True)
def _site(
    recorder_mock: Database, enable_custom_integrations: None, socket_enabled: None
) -> None:
    """Let Home Assistant find the component, with a database from its beginning."""


async def test_figures_of_the_day_have_long_term_statistics(
    recorder_mock: Database,
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    await table_calls(qr_menu, alerts, "6")
    await press(hass, ACKNOWLEDGE)
    qr_menu.add_dishes("6", [{"name": "Суп", "price": 250, "count": 2}])
    qr_menu.pay("6")
    await alerts.wait(3)
    await async_wait_recording_done(hass)
    now = datetime.now(UTC)
    start = now.replace(minute=now.minute // 5 * 5, second=0, microsecond=0)
    do_adhoc_statistics(hass, start=start)
    await async_wait_recording_done(hass)

    found = await recorder_mock.async_add_executor_job(list_statistic_ids, hass)
    assert {
        item["statistic_id"]: (item["has_sum"], item["statistics_unit_of_measurement"])
        for item in found
    } == {
        ANSWER_TIME: (False, "s"),
        CALLS_TODAY: (True, None),
        FORGOTTEN_TODAY: (True, None),
        IN_TIME: (False, "%"),
        OPEN_CALLS: (False, None),
        PAYMENTS_TODAY: (True, hass.config.currency),
    }
    problems = await recorder_mock.async_add_executor_job(validate_statistics, hass, {})
    assert problems == {}
    rows: dict[str, Any] = await recorder_mock.async_add_executor_job(
        statistics_during_period,
        hass,
        start,
        None,
        {CALLS_TODAY, PAYMENTS_TODAY},
        "5minute",
        None,
        {"state", "sum"},
    )
    assert rows[CALLS_TODAY][0]["state"] == 1
    assert rows[PAYMENTS_TODAY][0]["state"] == 500


async def test_who_was_forgotten_at_the_end_of_the_day_is_in_the_statistics(
    recorder_mock: Database,
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    await hass.config.async_set_time_zone("UTC")
    now = datetime.now(UTC)
    start = now.replace(minute=now.minute // 5 * 5, second=0, microsecond=0)
    with site_clock("05:59") as clock:
        await hass.config_entries.async_reload(entry.entry_id)
        for table in ("6", "7"):
            await table_calls(qr_menu, alerts, table)
        await clock.wait(hass, minutes=1)
        shown = hass.states.get(FORGOTTEN_TODAY)
        assert shown is not None
        assert (shown.state, shown.attributes["yesterday"]) == ("0", 2)
    await async_wait_recording_done(hass)
    do_adhoc_statistics(hass, start=start)
    await async_wait_recording_done(hass)
    rows: dict[str, Any] = await recorder_mock.async_add_executor_job(
        statistics_during_period,
        hass,
        start,
        None,
        {FORGOTTEN_TODAY},
        "5minute",
        None,
        {"state", "sum"},
    )
    assert [(row["state"], row["sum"]) for row in rows[FORGOTTEN_TODAY]] == [(0, 2)]
