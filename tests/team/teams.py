"""Teams as forms make them, and what tests look up there."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.carbis_alerts.const import (
    CONF_ENTRIES,
    CONF_SERVICE,
    DOMAIN,
    SUBENTRY_PERSON,
    TEAM,
)
from custom_components.carbis_alerts.people import DEVICE_PREFIX
from custom_components.carbis_alerts.runtime.devices import HUB

TEAM_ID = "01TEAM"
NAME = "Evening"


def somebody(name: str, **data: Any) -> dict[str, Any]:
    """Return a subentry of a person, whose id is the name in lower case."""
    return {
        "data": data,
        "subentry_id": name.lower(),
        "subentry_type": SUBENTRY_PERSON,
        "title": name,
        "unique_id": None,
    }


def team_of(
    *people: dict[str, Any],
    entries: tuple[str, ...] = (),
    team_id: str = TEAM_ID,
    **options: Any,
) -> MockConfigEntry:
    """Return a team of people; it is of no Home Assistant yet."""
    return MockConfigEntry(
        domain=DOMAIN,
        entry_id=team_id,
        title=NAME,
        data={CONF_SERVICE: TEAM, CONF_ENTRIES: list(entries)},
        options=options,
        subentries_data=people,
    )


async def gather(
    hass: HomeAssistant, *people: dict[str, Any], **given: Any
) -> MockConfigEntry:
    """Return a team of people that is loaded."""
    entry = team_of(*people, **given)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry


def entity_of(
    hass: HomeAssistant, domain: str, key: str, person: str | None = None
) -> str | None:
    """Return an entity of a person, else of the hub, by its key."""
    device = f"{DEVICE_PREFIX}{person.lower()}" if person else HUB
    return er.async_get(hass).async_get_entity_id(
        domain, DOMAIN, f"{TEAM_ID}_{device}_{key}"
    )


def shown(hass: HomeAssistant, domain: str, key: str, person: str | None = None) -> str:
    """Return the state of an entity of a person, else of the hub."""
    entity_id = entity_of(hass, domain, key, person)
    assert entity_id is not None, f"no {domain} {key} of {person}"
    state = hass.states.get(entity_id)
    assert state is not None
    return state.state


def device_of(hass: HomeAssistant, person: str | None = None) -> dr.DeviceEntry | None:
    """Return the device of a person, else the hub."""
    key = f"{DEVICE_PREFIX}{person.lower()}" if person else HUB
    return dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, f"{TEAM_ID}_{key}"), TEAM_ID
    )


async def turn(hass: HomeAssistant, person: str, state: str, **more: Any) -> None:
    """Turn somebody's switch."""
    await hass.services.async_call(
        "switch",
        f"turn_{state}",
        {"entity_id": entity_of(hass, "switch", "on_shift", person)},
        blocking=True,
        **more,
    )
    await hass.async_block_till_done()
