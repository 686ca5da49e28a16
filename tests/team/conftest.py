"""What tests of teams share: a team, and the ways to its people."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.carbis_alerts.const import DOMAIN
from custom_components.carbis_alerts.people import Person
from custom_components.carbis_alerts.team.reach import Reach

from ..blueprints.conftest import (
    pushes as pushes,  # noqa: PLC0414 - fixtures of theirs that are fixtures here
    register as register,  # noqa: PLC0414
    web as web,  # noqa: PLC0414
)
from ..services.conftest import (
    green_api as green_api,  # noqa: PLC0414
    make_whatsapp as make_whatsapp,  # noqa: PLC0414
    whatsapp as whatsapp,  # noqa: PLC0414
)

type Channels = list[dict[str, Any]]
type MakeTeam = Callable[..., Awaitable[MockConfigEntry]]


def phone_of(phone: Any) -> dict[str, Any]:
    """Return the address of a phone."""
    return {"channel": "mobile_app", "device_id": phone.device_id}


def chat_of(entry: MockConfigEntry, chat_id: str) -> dict[str, Any]:
    """Return the address of a chat."""
    return {"channel": "chat", "entry_id": entry.entry_id, "chat_id": chat_id}


def reach_of(team: MockConfigEntry) -> Reach:
    """Return what reaches the people of a team."""
    reach: Reach = team.runtime_data.part(Reach)
    return reach


def person(team: MockConfigEntry, name: str) -> Person:
    """Return somebody of a team."""
    people: Mapping[str, Person] = team.runtime_data.people
    return next(one for one in people.values() if one.name == name)


@pytest.fixture
def make_team(hass: HomeAssistant) -> MakeTeam:
    """Return a function that makes and loads a team: people's names, and their channels."""

    async def make(
        people: Mapping[str, Channels], title: str = "Hall", **data: Any
    ) -> MockConfigEntry:
        entry = MockConfigEntry(
            domain=DOMAIN,
            title=title,
            data={"service": "team", "entries": [], **data},
            subentries_data=[
                ConfigSubentryData(
                    data={"role": "waiter", "channels": channels},
                    subentry_type="person",
                    title=name,
                    unique_id=None,
                )
                for name, channels in people.items()
            ],
        )
        entry.add_to_hass(hass)
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
        return entry

    return make
