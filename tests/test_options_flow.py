"""The options, through the front door."""

from collections.abc import Generator
from typing import Any
from unittest.mock import Mock, patch

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.carbis_alerts import async_setup_entry
from custom_components.carbis_alerts.const import CONF_POLL_INTERVAL
from simulator.qr_menu import QrMenuService

from .conftest import TOKEN
from .flows import every_word_known, secrets_kept, suggested

DEFAULTS = {
    "overdue_after": 120,
    "close_after": 60,
    "remind_after": 0,
    "daily_reset": "06:00:00",
    "orders_wait": False,
}
SETUP = "custom_components.carbis_alerts.async_setup_entry"


@pytest.fixture(autouse=True)
def _watch(caplog: pytest.LogCaptureFixture) -> Generator[None]:
    """Whatever a test does: all that is shown has words, and no secret is logged."""
    with every_word_known(), secrets_kept(caplog, TOKEN):
        yield


async def test_the_form_proposes_to_ask_as_fast_as_the_server_bears(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    hass.config_entries.async_update_entry(entry, options={})
    await hass.async_block_till_done()

    shown = await hass.config_entries.options.async_init(entry.entry_id)

    assert shown["type"] is FlowResultType.FORM
    assert shown["step_id"] == "init"
    assert shown["data_schema"] is not None
    assert shown["data_schema"]({}) == {
        CONF_POLL_INTERVAL: 0,
        **DEFAULTS,
        "record": False,
    }
    assert suggested(shown) == {}


@pytest.mark.parametrize("interval", [0, 1, 1.0, 2, 60, 60.0])
async def test_an_interval_is_stored_as_a_whole_number_and_shown_again(
    hass: HomeAssistant, entry: MockConfigEntry, interval: float
) -> None:
    shown = await hass.config_entries.options.async_init(entry.entry_id)

    with patch(SETUP, Mock(wraps=async_setup_entry)) as setups:
        result = await hass.config_entries.options.async_configure(
            shown["flow_id"], {CONF_POLL_INTERVAL: interval}
        )
        await hass.async_block_till_done()

    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options == {CONF_POLL_INTERVAL: interval, **DEFAULTS}
    assert type(entry.options[CONF_POLL_INTERVAL]) is int
    assert setups.call_count == 1
    assert entry.state is ConfigEntryState.LOADED
    again = await hass.config_entries.options.async_init(entry.entry_id)
    assert suggested(again) == {CONF_POLL_INTERVAL: interval, **DEFAULTS}


@pytest.mark.parametrize("interval", [1, 2, 60])
async def test_a_form_that_the_version_before_stored_is_shown_and_saved_as_it_was(
    hass: HomeAssistant, entry: MockConfigEntry, interval: int
) -> None:
    stored = {
        CONF_POLL_INTERVAL: interval,
        "overdue_after": 90,
        "close_after": 30,
        "daily_reset": "05:30:00",
    }
    hass.config_entries.async_update_entry(entry, options=stored)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    shown = await hass.config_entries.options.async_init(entry.entry_id)
    assert suggested(shown) == stored
    result = await hass.config_entries.options.async_configure(
        shown["flow_id"], suggested(shown)
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert entry.options == {**DEFAULTS, **stored}
    assert entry.state is ConfigEntryState.LOADED


@pytest.mark.parametrize("interval", [-1, 61, "x", "", None, [2]])
async def test_what_is_no_interval_is_refused(
    hass: HomeAssistant, entry: MockConfigEntry, interval: Any
) -> None:
    before = entry.options
    shown = await hass.config_entries.options.async_init(entry.entry_id)

    with pytest.raises(InvalidData):
        await hass.config_entries.options.async_configure(
            shown["flow_id"], {CONF_POLL_INTERVAL: interval}
        )

    assert entry.options == before


async def test_the_server_is_asked_at_the_new_interval(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry
) -> None:
    shown = await hass.config_entries.options.async_init(entry.entry_id)
    await hass.config_entries.options.async_configure(
        shown["flow_id"], {CONF_POLL_INTERVAL: 1}
    )
    await hass.async_block_till_done()

    await qr_menu.wait_for_requests(2)

    one, other = qr_menu.requests[-2:]
    assert 0.9 < other.time - one.time < 2
    assert other.token_ok


async def test_a_qr_menu_has_options_and_nothing_to_add(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    shown = await hass.config_entries.options.async_init(entry.entry_id)
    assert shown["type"] is FlowResultType.FORM
    assert entry.supports_options
    assert entry.supported_subentry_types == {}
