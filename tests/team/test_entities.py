"""The devices and entities of a team and its people."""

from typing import Any

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulator.qr_menu import QrMenuService

from ..alerts import act, site_clock, table_calls
from ..fixtures import Recorder
from .teams import TEAM_ID, device_of, entity_of, gather, shown, somebody

OF_TEAM = {
    *("sensor.evening_on_shift", "sensor.evening_answer_time"),
    *("sensor.evening_unreached_today", "event.evening_dispatch"),
    "binary_sensor.evening_nobody_on_shift",
}
OF_ANNA = {
    *("switch.anna_on_shift", "sensor.anna_open_alerts", "sensor.anna_answered_today"),
    *("sensor.anna_answer_time", "binary_sensor.anna_reachable", "notify.anna"),
}


def entities_of(hass: HomeAssistant, device: dr.DeviceEntry | None) -> set[str]:
    """Return the entities of a device."""
    assert device is not None
    found = er.async_entries_for_device(er.async_get(hass), device.id)
    return {entity.entity_id for entity in found}


async def test_a_team_and_its_people_are_devices_with_entities(
    hass: HomeAssistant,
) -> None:
    await gather(hass, somebody("Anna"))
    hub, anna = device_of(hass), device_of(hass, "Anna")
    assert entities_of(hass, hub) >= OF_TEAM
    assert entities_of(hass, anna) >= OF_ANNA
    assert anna is not None
    assert hub is not None
    assert (anna.name, anna.via_device_id) == ("Anna", hub.id)
    assert shown(hass, "sensor", "unreached_today") == "0"
    assert shown(hass, "sensor", "answered_today", "Anna") == "0"
    assert shown(hass, "sensor", "answer_time", "Anna") == "unknown"
    # Nobody has a way to her.
    assert shown(hass, "binary_sensor", "reachable", "Anna") == "off"
    today = hass.states.get("sensor.anna_answered_today")
    assert today is not None
    assert today.attributes["last_reset"] is not None


async def test_the_page_of_a_person_is_tidy(hass: HomeAssistant) -> None:
    await gather(hass, somebody("Anna"))
    registry = er.async_get(hass)
    categories = {
        entity_id: entity.entity_category
        for entity_id in OF_ANNA
        if (entity := registry.async_get(entity_id)) is not None
    }
    assert {name for name, category in categories.items() if category} == {
        "binary_sensor.anna_reachable"
    }
    for entity_id in OF_ANNA | OF_TEAM:
        entity = registry.async_get(entity_id)
        assert entity is not None
        assert not entity.disabled
        assert not entity.hidden
    # Names are not kept by the database.
    on_shift = hass.states.get("sensor.evening_on_shift")
    assert on_shift is not None
    assert on_shift.attributes["people"] == ["Anna"]
    assert on_shift.state_info is not None
    assert "people" in on_shift.state_info["unrecorded_attributes"]


@pytest.mark.parametrize(
    ("language", "names"),
    [("en", {"Anna On shift", "Anna Reachable"}), ("ru", {"Anna На смене"})],
)
async def test_entities_are_named_in_the_language_of_the_site(
    hass: HomeAssistant, language: str, names: set[str]
) -> None:
    hass.config.language = language
    await gather(hass, somebody("Anna"))
    found = {
        state.name for state in hass.states.async_all() if state.name.startswith("Anna")
    }
    assert names <= found


async def test_a_new_name_is_everywhere_and_a_person_goes_with_all_of_it(
    hass: HomeAssistant,
) -> None:
    entry = await gather(hass, somebody("Anna"), somebody("Boris"))
    anna = entry.subentries["anna"]
    hass.config_entries.async_update_subentry(entry, anna, title="Anna K.")
    await hass.async_block_till_done()
    device = device_of(hass, "Anna")
    assert device is not None
    assert device.name == "Anna K."
    # Ids of entities stay.
    assert entity_of(hass, "switch", "on_shift", "Anna") == "switch.anna_on_shift"

    hass.config_entries.async_remove_subentry(entry, "anna")
    await hass.async_block_till_done()
    assert device_of(hass, "Anna") is None
    for entity_id in OF_ANNA:
        assert er.async_get(hass).async_get(entity_id) is None
        assert hass.states.get(entity_id) is None
    assert shown(hass, "sensor", "on_shift") == "1"


async def test_a_switch_goes_where_something_else_says_the_shift_and_comes_back(
    hass: HomeAssistant,
) -> None:
    hass.states.async_set("schedule.anna", "on")
    entry = await gather(hass, somebody("Anna"))
    anna = entry.subentries["anna"]
    for data, entity_id in (
        ({"shift_entity": "schedule.anna"}, None),
        ({}, "switch.anna_on_shift"),
    ):
        hass.config_entries.async_update_subentry(entry, anna, data=data)
        await hass.async_block_till_done()
        assert entity_of(hass, "switch", "on_shift", "Anna") == entity_id
    assert shown(hass, "switch", "on_shift", "Anna") == "on"


async def test_who_comes_later_gets_a_device_at_once(hass: HomeAssistant) -> None:
    entry = await gather(hass, somebody("Anna"))
    hass.config_entries.async_add_subentry(entry, ConfigSubentry(**_vera()))
    await hass.async_block_till_done()
    assert shown(hass, "switch", "on_shift", "Vera") == "on"
    assert shown(hass, "sensor", "on_shift") == "2"


async def test_two_of_one_name_are_two(hass: HomeAssistant) -> None:
    await gather(hass, somebody("Anna"), {**somebody("Anna"), "subentry_id": "another"})
    first, second = device_of(hass, "Anna"), device_of(hass, "another")
    assert first is not None
    assert second is not None
    assert first.id != second.id
    assert shown(hass, "sensor", "on_shift") == "2"


async def test_a_team_that_is_removed_leaves_nothing(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    assert await async_setup_component(hass, "homeassistant", {})
    entry = await gather(hass, somebody("Anna", shift_entity="schedule.gone"))
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    assert device_of(hass) is None
    assert device_of(hass, "Anna") is None
    assert not [key for key in hass_storage if TEAM_ID in key]


async def test_a_person_s_figures_are_what_the_person_did(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    qr_menu: QrMenuService,
    alerts: Recorder,
) -> None:
    del entry
    with site_clock("19:00") as clock:
        await gather(hass, somebody("Anna"), somebody("Boris"))
        alert = await table_calls(qr_menu, alerts, "6")
        await hass.async_block_till_done()
        assert shown(hass, "sensor", "open_alerts", "Anna") == "1"
        clock.pass_by(seconds=14)
        await act(hass, "acknowledge", alert_id=alert["alert_id"], person_id="anna")
        await hass.async_block_till_done()
    assert shown(hass, "sensor", "open_alerts", "Anna") == "0"
    assert shown(hass, "sensor", "answered_today", "Anna") == "1"
    assert float(shown(hass, "sensor", "answer_time", "Anna")) == 14
    assert float(shown(hass, "sensor", "answer_time")) == 14
    assert shown(hass, "sensor", "answered_today", "Boris") == "0"
    assert shown(hass, "sensor", "answer_time", "Boris") == "unknown"


def _vera() -> dict[str, Any]:
    vera = somebody("Vera")
    return {**vera, "data": {}}
