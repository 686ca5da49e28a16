"""Entries that an earlier version stored go on to work as their owner had set them."""

from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest

from simulator.green_api import GreenApiService
from simulator.pbx import PbxService
from simulator.qr_menu import QrMenuService

from .services.conftest import (
    MakePbx,
    MakeWhatsApp,
    green_api,
    make_pbx,
    make_whatsapp,
    pbx,
)

__all__ = ["green_api", "make_pbx", "make_whatsapp", "pbx"]

OTHERS = {"overdue_after": 45, "daily_reset": "04:00:00"}
# What was stored as close_after, and the hours that it becomes (None: the default).
HOURS: tuple[tuple[Any, int | None], ...] = (
    (30, None),
    (30.0, None),
    (1, 1),
    (29, 1),
    (60, 1),
    (61, 2),
    (90.5, 2),
    (1440, 24),
    (10**9, 720),
    (0, None),
    (-5, None),
    (float("inf"), None),
    (float("nan"), None),
    (True, None),
    ("45", None),
    (None, None),
    ([60], None),
)


async def set_up(hass: HomeAssistant, entry: Any, options: dict[str, Any]) -> None:
    """Set up an entry as the first version stored it."""
    hass.config_entries.async_update_entry(entry, options=options, minor_version=1)
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED
    assert (entry.version, entry.minor_version) == (1, 2)


@pytest.mark.parametrize(("stored", "hours"), HOURS)
@pytest.mark.parametrize("service", ["pbx", "green_api"])
async def test_calls_and_messages_wait_for_hours(
    hass: HomeAssistant,
    pbx: PbxService,
    make_pbx: MakePbx,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
    service: str,
    stored: Any,
    hours: int | None,
) -> None:
    entry = make_pbx(pbx) if service == "pbx" else make_whatsapp(green_api)
    await set_up(hass, entry, {**OTHERS, "close_after": stored})
    kept = {} if hours is None else {"keep_for": hours}
    assert entry.options == {**OTHERS, **kept}
    shown = await hass.config_entries.options.async_init(entry.entry_id)
    assert shown["data_schema"] is not None
    # Each of the two has options of its own besides.
    proposed = {"overdue_after": 120, "keep_for": 72, "daily_reset": "06:00:00"}
    assert shown["data_schema"]({}).items() >= proposed.items()


@pytest.mark.parametrize("stored", [1, 30, 31, 1440])
async def test_what_was_set_for_tables_stays(
    hass: HomeAssistant, qr_menu: QrMenuService, make_entry: Any, stored: int
) -> None:
    entry = make_entry(qr_menu)
    options = {**OTHERS, "poll_interval": 2, "close_after": stored}
    await set_up(hass, entry, options)
    assert entry.options == options


@pytest.mark.parametrize("stored", [None, "45", [60], -1, True])
async def test_what_no_form_has_stored_for_tables_is_the_default(
    hass: HomeAssistant, qr_menu: QrMenuService, make_entry: Any, stored: Any
) -> None:
    entry = make_entry(qr_menu)
    await set_up(hass, entry, {**OTHERS, "close_after": stored})
    assert entry.options == OTHERS


async def test_nothing_stored_stays_nothing(
    hass: HomeAssistant, pbx: PbxService, make_pbx: MakePbx
) -> None:
    entry = make_pbx(pbx)
    await set_up(hass, entry, {})
    assert entry.options == {}


async def test_an_entry_of_this_version_and_one_of_a_later_minor_are_left_alone(
    hass: HomeAssistant, pbx: PbxService, make_pbx: MakePbx
) -> None:
    for minor_version in (2, 3):
        entry = make_pbx(pbx)
        options = {"keep_for": 5, "close_after": 90}
        hass.config_entries.async_update_entry(
            entry, options=options, minor_version=minor_version
        )
        assert await hass.config_entries.async_setup(entry.entry_id)
        assert dict(entry.options) == options
        assert entry.minor_version == minor_version


async def test_the_form_of_calls_takes_hours(
    hass: HomeAssistant, pbx: PbxService, make_pbx: MakePbx
) -> None:
    entry = make_pbx(pbx)
    await set_up(hass, entry, {})
    shown = await hass.config_entries.options.async_init(entry.entry_id)
    await hass.config_entries.options.async_configure(
        shown["flow_id"], {"keep_for": 720.0}
    )
    await hass.async_block_till_done()
    assert entry.options["keep_for"] == 720
    assert type(entry.options["keep_for"]) is int
