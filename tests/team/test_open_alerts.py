"""How many alerts wait in each person's zone."""

from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.carbis_alerts.runtime.signals import Signals
from custom_components.carbis_alerts.team.open_alerts import OpenAlerts
from simulator.qr_menu import QrMenuService

from ..alerts import act, table_calls
from ..conftest import Recorder
from .teams import gather, shown, somebody
from .test_whose import Tables, tables, two

__all__ = ["tables"]


def counts(team: MockConfigEntry) -> dict[str, int]:
    """Return how many wait for each person."""
    alerts: OpenAlerts = team.runtime_data.part(OpenAlerts)
    return {
        person_id: alerts.count(person_id) for person_id in team.runtime_data.people
    }


@pytest.fixture
async def team(hass: HomeAssistant, tables: Tables) -> MockConfigEntry:
    """Return a team of one for the terrace, one for the hall and one for all."""
    return await gather(
        hass, *two(zone={"area_id": ["terrace"]}), somebody("Vera", role="manager")
    )


async def test_what_waits_in_a_zone_is_counted(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    team: MockConfigEntry,
    tables: Tables,
    alerts: Recorder,
) -> None:
    assert counts(team) == {"anna": 1, "boris": 1, "vera": 2}
    # Another press is the same alert.
    await table_calls(qr_menu, alerts, "6")
    assert counts(team) == {"anna": 1, "boris": 1, "vera": 2}
    # Of no table.
    qr_menu.push({"code": "waiter_call", "table": None})
    await alerts.wait(4)
    assert counts(team) == {"anna": 1, "boris": 1, "vera": 3}

    await act(hass, "acknowledge", device_id=tables.id_of("6"))
    assert counts(team) == {"anna": 0, "boris": 1, "vera": 2}
    await table_calls(qr_menu, alerts, "6")
    assert counts(team) == {"anna": 1, "boris": 1, "vera": 3}
    await act(hass, "snooze", device_id=tables.id_of("6"))
    assert counts(team) == {"anna": 1, "boris": 1, "vera": 3}
    await act(hass, "close", device_id=tables.id_of("6"))
    assert counts(team) == {"anna": 0, "boris": 1, "vera": 2}


async def test_a_change_of_an_area_is_counted_at_once(
    hass: HomeAssistant, team: MockConfigEntry, tables: Tables
) -> None:
    tables.put("6", area_id="hall")
    assert counts(team) == {"anna": 0, "boris": 2, "vera": 2}
    await hass.async_block_till_done()
    assert shown(hass, "sensor", "open_alerts", "Boris") == "2"


async def test_only_those_are_shown_whose_number_has_changed(
    hass: HomeAssistant, team: MockConfigEntry, tables: Tables
) -> None:
    changed: list[str] = []
    signals: Signals = team.runtime_data.signals
    signals.listen_changes(changed.append)
    tables.put("7", area_id="terrace")
    await hass.async_block_till_done()
    assert changed == ["person_anna", "person_boris"]
    # All of one moment is shown once, and what comes to the same is not.
    changed.clear()
    for area in ("hall", "terrace", "hall"):
        for table in ("6", "7"):
            tables.put(table, area_id=area)
    await hass.async_block_till_done()
    assert changed == ["person_anna", "person_boris"]


async def test_it_is_right_whatever_is_loaded_again(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    qr_menu: QrMenuService,
    team: MockConfigEntry,
    tables: Tables,
    alerts: Recorder,
) -> None:
    assert await hass.config_entries.async_reload(team.entry_id)
    assert counts(team) == {"anna": 1, "boris": 1, "vera": 2}
    assert await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()
    # They wait on, though nobody can say so now.
    assert counts(team) == {"anna": 1, "boris": 1, "vera": 2}
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    await act(hass, "close", device_id=tables.id_of("6"))
    assert counts(team) == {"anna": 0, "boris": 1, "vera": 1}
    await hass.config_entries.async_set_disabled_by(
        entry.entry_id, ConfigEntryDisabler.USER
    )
    await hass.async_block_till_done()
    assert counts(team) == {"anna": 0, "boris": 0, "vera": 0}


async def test_another_teams_tables_are_not_counted(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    team: MockConfigEntry,
    tables: Tables,
) -> None:
    other = await gather(
        hass, somebody("Zoe"), team_id="01BAR", entries=(entry.entry_id,)
    )
    assert counts(other) == {"zoe": 2}
    assert counts(team) == {"anna": 0, "boris": 0, "vera": 0}
    assert await hass.config_entries.async_remove(other.entry_id)
    await hass.async_block_till_done()
    assert counts(team) == {"anna": 1, "boris": 1, "vera": 2}
