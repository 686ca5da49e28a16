"""What a target means: a table, the whole entry, or what is found in a place."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
    floor_registry as fr,
    label_registry as lr,
)
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulator.qr_menu import QrMenuService

from .alerts import TODO, act, get_alerts, table_calls
from .conftest import Recorder
from .helpers import HUB_ACTIVITY


@pytest.fixture
async def tables(
    qr_menu: QrMenuService, entry: MockConfigEntry, alerts: Recorder
) -> dict[str, str]:
    """Let two tables call, and a guest of none; return the tables' devices."""
    devices = {
        table: (await table_calls(qr_menu, alerts, table))["device_id"]
        for table in ("6", "7")
    }
    qr_menu.push({"code": "waiter_call", "table": None})
    await alerts.wait(3)
    return devices


async def acknowledged(hass: HomeAssistant, **target: Any) -> list[str]:
    """Acknowledge a target; return the titles of what it was (of no table: words)."""
    answer = await act(hass, "acknowledge", **target)
    left = {alert["title"] for alert in await get_alerts(hass, state="open")}
    titles = sorted(alert["title"] for alert in answer["alerts"])
    assert left.isdisjoint(titles)
    return titles


@pytest.mark.parametrize(
    "entity_id",
    [
        "event.table_6_activity",
        "binary_sensor.table_6_waiter_called",
        "button.table_6_acknowledge",
        "sensor.table_6_bill",
    ],
)
async def test_any_entity_of_a_table_means_the_table(
    hass: HomeAssistant, tables: dict[str, str], entity_id: str
) -> None:
    assert await acknowledged(hass, entity_id=entity_id) == ["6"]


async def test_a_tables_device_means_the_table(
    hass: HomeAssistant, tables: dict[str, str]
) -> None:
    assert await acknowledged(hass, device_id=tables["6"]) == ["6"]
    assert await acknowledged(hass, device_id=[tables["6"], tables["7"]]) == ["7"]


async def test_the_hubs_device_means_the_whole_entry(
    hass: HomeAssistant, entry: MockConfigEntry, tables: dict[str, str]
) -> None:
    hub = entry.runtime_data.devices.hub_id
    assert await acknowledged(hass, device_id=hub) == ["6", "7", "No table"]


async def test_the_hubs_event_entity_means_the_whole_entry(
    hass: HomeAssistant, tables: dict[str, str]
) -> None:
    assert await acknowledged(hass, entity_id=HUB_ACTIVITY) == ["6", "7", "No table"]


async def test_another_entity_of_the_hub_means_the_hub(
    hass: HomeAssistant, tables: dict[str, str]
) -> None:
    assert await acknowledged(hass, entity_id=TODO) == ["No table"]


@pytest.mark.parametrize("through", ["area", "floor", "label", "label of the area"])
async def test_the_hub_found_through_a_device_does_not_stand_for_the_entry(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    tables: dict[str, str],
    through: str,
) -> None:
    floor = fr.async_get(hass).async_create("Ground floor")
    label = lr.async_get(hass).async_create("Hall")
    area = ar.async_get(hass).async_create(
        "Hall",
        floor_id=floor.floor_id,
        labels={label.label_id} if through == "label of the area" else None,
    )
    devices = dr.async_get(hass)
    for device_id in (entry.runtime_data.devices.hub_id, tables["7"]):
        if through == "label":
            devices.async_update_device(device_id, labels={label.label_id})
        else:
            devices.async_update_device(device_id, area_id=area.id)
    target = {
        "area": {"area_id": area.id},
        "floor": {"floor_id": floor.floor_id},
        "label": {"label_id": label.label_id},
        "label of the area": {"label_id": label.label_id},
    }[through]
    assert await acknowledged(hass, **target) == ["7", "No table"]


async def test_the_hub_named_and_found_at_once_stands_for_the_entry(
    hass: HomeAssistant, entry: MockConfigEntry, tables: dict[str, str]
) -> None:
    area = ar.async_get(hass).async_create("Hall")
    hub = entry.runtime_data.devices.hub_id
    dr.async_get(hass).async_update_device(hub, area_id=area.id)
    found = await acknowledged(hass, area_id=area.id, device_id=hub)
    assert found == ["6", "7", "No table"]


@pytest.mark.parametrize("by_label", [True, False])
async def test_an_entity_found_through_a_device_means_its_table(
    hass: HomeAssistant, tables: dict[str, str], by_label: bool
) -> None:
    area = ar.async_get(hass).async_create("Terrace")
    label = lr.async_get(hass).async_create("Terrace")
    er.async_get(hass).async_update_entity(
        "binary_sensor.table_6_waiter_called",
        area_id=area.id,
        labels={label.label_id},
    )
    target = {"label_id": label.label_id} if by_label else {"area_id": area.id}
    assert await acknowledged(hass, **target) == ["6"]


async def test_a_group_of_entities_means_their_tables(
    hass: HomeAssistant, tables: dict[str, str]
) -> None:
    entities = [f"binary_sensor.table_{table}_waiter_called" for table in ("6", "7")]
    assert await async_setup_component(
        hass, "group", {"group": {"hall": {"entities": entities}}}
    )
    assert await acknowledged(hass, entity_id="group.hall") == ["6", "7"]


async def test_a_target_and_an_alert_together_mean_both(
    hass: HomeAssistant, tables: dict[str, str]
) -> None:
    other = next(a for a in await get_alerts(hass) if a["title"] == "7")
    found = await acknowledged(hass, device_id=tables["6"], alert_id=other["alert_id"])
    assert found == ["6", "7"]


async def test_what_is_not_ours_or_not_there_means_nothing(
    hass: HomeAssistant, tables: dict[str, str]
) -> None:
    other = MockConfigEntry(domain="sun")
    other.add_to_hass(hass)
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=other.entry_id, identifiers={("sun", "a_hub")}
    )
    for target in (
        {"entity_id": "light.hall"},
        {"entity_id": "all"},
        {"device_id": device.id},
        {"device_id": "unknown"},
        {"area_id": "unknown"},
    ):
        assert await acknowledged(hass, **target) == []
    assert len(await get_alerts(hass, state="open")) == 3
