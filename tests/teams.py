"""Teams and their people, for tests."""

from collections.abc import Iterable
from typing import Any

from homeassistant.config_entries import ConfigSubentryDataWithId
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.carbis_alerts.const import (
    CONF_ENTRIES,
    CONF_SERVICE,
    DOMAIN,
    SUBENTRY_PERSON,
    TEAM,
)


def a_person(name: str, **data: Any) -> ConfigSubentryDataWithId:
    """Return a person whose id is the name in lower case."""
    return {
        "data": data,
        "subentry_id": name.casefold(),
        "subentry_type": SUBENTRY_PERSON,
        "title": name,
        "unique_id": None,
    }


def make_team(
    hass: HomeAssistant,
    *subentries: ConfigSubentryDataWithId,
    title: str = "Restaurant",
    entries: Iterable[str] = (),
    **options: Any,
) -> MockConfigEntry:
    """Return a team that is not set up yet."""
    team = MockConfigEntry(
        domain=DOMAIN,
        title=title,
        data={CONF_SERVICE: TEAM, CONF_ENTRIES: [*entries]},
        options=options,
        subentries_data=subentries,
    )
    team.add_to_hass(hass)
    return team


async def add_team(
    hass: HomeAssistant, *subentries: ConfigSubentryDataWithId, **more: Any
) -> MockConfigEntry:
    """Return a team that is set up."""
    team = make_team(hass, *subentries, **more)
    assert await hass.config_entries.async_setup(team.entry_id)
    await hass.async_block_till_done()
    return team
