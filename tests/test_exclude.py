"""What a target excludes is not meant, by actions, triggers and conditions alike.

A Home Assistant that knows no ``exclude`` refuses it; then the integration has to as well.
"""

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
import voluptuous as vol

from simulator.qr_menu import QrMenuService

from .alerts import act, table_calls
from .automations import GO, automate, ours
from .conftest import Recorder
from .excludes import CAN_EXCLUDE
from .helpers import HUB_ACTIVITY, wait_until

type Target = dict[str, Any]

# What is excluded, and the tables that are left: the last is of no table.
EXCLUDES: list[tuple[str, list[str]]] = [
    ("the terrace", ["6", "No table"]),
    ("the terrace's floor", ["6", "No table"]),
    ("the terrace's label", ["6", "No table"]),
    ("the table's label", ["6", "No table"]),
    ("the table", ["6", "No table"]),
    ("the table's events", ["6", "No table"]),
    ("the table's call", ["6", "No table"]),
    ("a group with the table's events", ["6", "No table"]),
    ("a hidden entity of the table by its area", ["6", "No table"]),
    ("both tables", ["No table"]),
    ("the office, where the hub is", ["6", "7"]),
    ("another entity of the table", ["6", "7", "No table"]),
    ("what is not there", ["6", "7", "No table"]),
    ("the hub", []),
    ("the hub's events", []),
]
BASES = ["the hub", "the hub's events"]


@pytest.fixture
async def parts(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> dict[str, Target]:
    """Let two tables and a guest of none call, table 7 on the terrace; return targets."""
    six, seven = [
        (await table_calls(qr_menu, alerts, table))["device_id"] for table in ("6", "7")
    ]
    qr_menu.push({"code": "waiter_call", "table": None})
    await alerts.wait(3)
    floor = fr.async_get(hass).async_create("Roof")
    outside, quiet = (
        lr.async_get(hass).async_create(name).label_id for name in ("Outside", "Quiet")
    )
    areas = ar.async_get(hass)
    terrace = areas.async_create("Terrace", floor_id=floor.floor_id, labels={outside})
    office, yard = areas.async_create("Office"), areas.async_create("Yard")
    hub = entry.runtime_data.devices.hub_id
    devices, entities = dr.async_get(hass), er.async_get(hass)
    devices.async_update_device(seven, area_id=terrace.id, labels={quiet})
    devices.async_update_device(hub, area_id=office.id)
    entities.async_update_entity(
        "binary_sensor.table_7_waiter_called",
        area_id=yard.id,
        hidden_by=er.RegistryEntryHider.USER,
    )
    events = ["event.table_7_activity"]
    assert await async_setup_component(
        hass, "group", {"group": {"quiet": {"entities": events}}}
    )
    return {
        "the terrace": {"area_id": [terrace.id]},
        "the terrace's floor": {"floor_id": [floor.floor_id]},
        "the terrace's label": {"label_id": [outside]},
        "the table's label": {"label_id": [quiet]},
        "the table": {"device_id": [seven]},
        "the table's events": {"entity_id": events},
        "the table's call": {"entity_id": ["binary_sensor.table_7_waiter_called"]},
        "a group with the table's events": {"entity_id": ["group.quiet"]},
        "a hidden entity of the table by its area": {"area_id": [yard.id]},
        "both tables": {"area_id": [terrace.id], "device_id": [six]},
        "the office, where the hub is": {"area_id": [office.id]},
        "another entity of the table": {"entity_id": ["sensor.table_7_bill"]},
        "what is not there": {"area_id": ["nowhere"]},
        "the hub": {"device_id": [hub]},
        "the hub's events": {"entity_id": [HUB_ACTIVITY]},
    }


def target_of(parts: dict[str, Target], base: str, excluded: str) -> Target:
    """Return a target with what it excludes."""
    return {**parts[base], "exclude": parts[excluded]}


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize(("excluded", "left"), EXCLUDES)
async def test_an_action_leaves_out_what_is_excluded(
    hass: HomeAssistant,
    parts: dict[str, Target],
    base: str,
    excluded: str,
    left: list[str],
) -> None:
    target = target_of(parts, base, excluded)
    if not CAN_EXCLUDE:
        with pytest.raises(vol.Invalid):
            await act(hass, "acknowledge", **target)
        return
    answer = await act(hass, "acknowledge", **target)
    assert sorted(alert["title"] for alert in answer["alerts"]) == left


@pytest.mark.parametrize("base", BASES)
async def test_triggers_and_conditions_leave_out_what_is_excluded(
    hass: HomeAssistant, qr_menu: QrMenuService, parts: dict[str, Target], base: str
) -> None:
    targets = {
        excluded: target_of(parts, base, excluded)
        for excluded in (
            "the terrace",
            "the table's label",
            "another entity of the table",
        )
    }
    if not CAN_EXCLUDE:
        for target in targets.values():
            trigger = ours("waiter_called", target)
            with pytest.raises(AssertionError, match="not valid"):
                await automate(hass, {"refused": trigger})
            break
        return
    await act(hass, "acknowledge", **parts["both tables"])
    waits = {
        "trigger": "event",
        "event_type": GO,
    }
    runs = await automate(
        hass,
        {
            **{name: ours("waiter_called", t) for name, t in targets.items()},
            **{f"waits, but {name}": waits for name in targets},
        },
        {
            f"waits, but {name}": [
                {
                    "condition": "carbis_alerts.has_open_alerts",
                    "target": target,
                    "options": {"kind": ["waiter_call"]},
                }
            ]
            for name, target in targets.items()
        },
    )
    # Only the guest of no table waits, and is acknowledged too.
    await act(hass, "acknowledge", entity_id=HUB_ACTIVITY)

    qr_menu.waiter_call("7")
    await wait_until(lambda: len(runs.names) == 1)
    hass.bus.async_fire(GO)
    await runs.all_done()
    assert runs.names == [
        "another entity of the table",
        "waits, but another entity of the table",
    ]

    qr_menu.waiter_call("6")
    await wait_until(lambda: len(runs.names) == 5)
    await runs.all_done()
    runs.clear()
    hass.bus.async_fire(GO)
    await runs.all_done()
    assert set(runs.names) == {f"waits, but {name}" for name in targets}


async def test_what_is_moved_to_the_terrace_is_excluded_from_then_on(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    parts: dict[str, Target],
    alerts: Recorder,
) -> None:
    if not CAN_EXCLUDE:
        return
    target = target_of(parts, "the hub", "the terrace")
    runs = await automate(
        hass,
        {"in": ours("waiter_called", target), "all": ours("waiter_called")},
    )
    qr_menu.waiter_call("6")
    await wait_until(lambda: len(runs.names) == 2)
    (six,) = [data["device_id"] for data in alerts.data[-1:] if data["title"] == "6"]
    area = parts["the terrace"]["area_id"][0]
    dr.async_get(hass).async_update_device(six, area_id=area)
    qr_menu.waiter_call("6")
    await wait_until(lambda: len(runs.names) == 3)
    await runs.all_done()
    assert runs.counts == {"in": 1, "all": 2}


async def test_a_target_that_only_excludes_is_refused(
    hass: HomeAssistant, parts: dict[str, Target]
) -> None:
    only: Target = {"exclude": parts["the terrace"]}
    with pytest.raises(AssertionError, match="not valid"):
        await automate(hass, {"refused": ours("waiter_called", only)})
    with pytest.raises(vol.Invalid if not CAN_EXCLUDE else Exception):
        await act(hass, "acknowledge", **only)
