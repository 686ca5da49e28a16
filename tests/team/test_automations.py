"""What automations know of shifts."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar, device_registry as dr
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulator.qr_menu import QrMenuService

from ..automations import automate, check, ours
from ..fixtures import Recorder
from .teams import device_of, entity_of, gather, somebody, turn


def on_shift(target: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
    """Return the condition that somebody is on shift."""
    return {
        "condition": "carbis_alerts.is_anybody_on_shift",
        **({} if target is None else {"target": target}),
        **({"options": options} if options else {}),
    }


def device_id(hass: HomeAssistant, person: str | None = None) -> str:
    """Return the device of a person, else of the hub."""
    device = device_of(hass, person)
    assert device is not None
    return device.id


async def test_somebody_is_on_shift_by_team_person_and_zone(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    bus: Recorder,
) -> None:
    for table in ("6", "7"):
        qr_menu.waiter_call(table)
    six, seven = (data["device_id"] for data in await bus.wait(2))
    areas = ar.async_get(hass)
    hall, cellar = areas.async_create("Hall").id, areas.async_create("Cellar").id
    dr.async_get(hass).async_update_device(six, area_id=hall)
    await gather(
        hass,
        somebody("Anna", zone={"area_id": [hall]}),
        somebody("Boris", zone={"device_id": [seven]}),
        somebody("Vera"),
    )
    checks = await check(
        hass,
        {
            "any": on_shift(),
            "team": on_shift({"device_id": device_id(hass)}),
            "Anna": on_shift({"device_id": device_id(hass, "Anna")}),
            "Boris": on_shift(
                {"entity_id": entity_of(hass, "switch", "on_shift", "Boris")}
            ),
            "hall": on_shift(zone={"area_id": hall}),
            "six": on_shift(zone={"device_id": [six]}),
            "seven": on_shift(zone={"device_id": [seven]}),
            "cellar": on_shift(zone={"area_id": [cellar]}),
        },
    )
    everything = {"any", "team", "Anna", "Boris", "hall", "six", "seven", "cellar"}
    assert await checks.hold() == everything
    await turn(hass, "Vera", "off")
    assert await checks.hold() == everything - {"cellar"}
    await turn(hass, "Anna", "off")
    assert await checks.hold() == {"any", "team", "Boris", "seven"}
    # A table that is moved is seen at once.
    dr.async_get(hass).async_update_device(seven, area_id=hall)
    assert await checks.hold() == {"any", "team", "Boris", "seven", "hall"}
    await turn(hass, "Boris", "off")
    assert await checks.hold() == set()


@pytest.mark.parametrize(
    "zone", [{"entity_id": ["light.hall"]}, "hall", {"table": ["6"]}]
)
async def test_a_zone_of_something_else_is_an_error(
    hass: HomeAssistant, hass_ws_client: Any, zone: Any
) -> None:
    await gather(hass, somebody("Anna"))
    assert await async_setup_component(hass, "automation", {})
    client = await hass_ws_client(hass)
    await client.send_json_auto_id(
        {"type": "validate_config", "conditions": on_shift(zone=zone)}
    )
    answer = await client.receive_json()
    assert answer["result"]["conditions"]["valid"] is False


async def test_automations_start_when_somebody_comes_or_goes(
    hass: HomeAssistant,
) -> None:
    await gather(hass, somebody("Anna"), somebody("Boris"))
    anna = {"device_id": device_id(hass, "Anna")}
    runs = await automate(
        hass,
        {
            "any goes": ours("shift_ended"),
            "Anna goes": ours("shift_ended", anna),
            "Anna comes": ours("shift_started", anna),
            "of the team": ours("shift_started", {"device_id": device_id(hass)}),
        },
    )
    await turn(hass, "Anna", "off")
    await turn(hass, "Boris", "off")
    await turn(hass, "Boris", "off")
    await turn(hass, "Anna", "on")
    await runs.all_done()
    assert runs.counts == {
        "any goes": 2,
        "Anna goes": 1,
        "Anna comes": 1,
        "of the team": 1,
    }
    (event,) = runs.brought("Anna comes")
    assert (event["person"], event["action"]) == ("Anna", "shift_started")
