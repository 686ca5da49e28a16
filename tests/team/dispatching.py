"""What tests of dispatch share: a team with steps, its phones, and what was published."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.auth.const import GROUP_ID_USER
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.carbis_alerts.const import DISPATCH_EVENT, DOMAIN

from ..blueprints.conftest import Register
from ..blueprints.real_phones import Pushes
from ..blueprints.staff import Staff
from ..fixtures import Recorder
from ..helpers import wait_until
from .conftest import phone_of

ONCE: Final = {"name": "At once", "after": 0, "to": ["zone"]}
SOON: Final = {"name": "Shift", "after": 600, "to": ["shift"]}


@pytest.fixture
def dispatched(hass: HomeAssistant) -> Recorder:
    """Record what becomes of notifying people."""
    return Recorder(hass, DISPATCH_EVENT)


@pytest.fixture
async def staff(
    hass: HomeAssistant,
    register: Register,
    hass_client: ClientSessionGenerator,
    pushes: Pushes,
) -> Staff:
    """Return Anna and Boris with phones that are theirs."""
    people = Staff(hass, hass_client, pushes)
    for name in ("Anna", "Boris"):
        await people.add(name, GROUP_ID_USER)
    return people


async def make(
    hass: HomeAssistant,
    people: Mapping[str, Any],
    steps: tuple[Mapping[str, Any], ...] = (ONCE,),
) -> MockConfigEntry:
    """Make and load a team."""
    team = MockConfigEntry(
        domain=DOMAIN,
        title="Hall",
        data={"service": "team", "entries": []},
        subentries_data=[
            *(
                ConfigSubentryData(
                    data={"role": "waiter", **data},
                    subentry_type="person",
                    title=name,
                    unique_id=None,
                )
                for name, data in people.items()
            ),
            *(
                ConfigSubentryData(
                    data={key: step[key] for key in step if key != "name"},
                    subentry_type="step",
                    title=step["name"],
                    unique_id=None,
                )
                for step in steps
            ),
        ],
    )
    team.add_to_hass(hass)
    assert await hass.config_entries.async_setup(team.entry_id)
    await hass.async_block_till_done()
    return team


def with_phones(staff: Staff, *names: str) -> dict[str, Any]:
    """Return people with their phones."""
    return {name: {"channels": [phone_of(staff.phones[name])]} for name in names}


def shown(staff: Staff, name: str) -> dict[str, dict[str, Any]]:
    """Return the notifications that somebody's phone shows, by their tags."""
    found: dict[str, dict[str, Any]] = {}
    for push in staff.pushes.of(name):
        tag = push.get("data", {}).get("tag", "")
        if push["message"] == "clear_notification":
            found.pop(tag, None)
        else:
            found[tag] = push
    return found


async def press(staff: Staff, name: str, label: str) -> None:
    """Press a button of the notification that somebody's phone got last."""
    push = [one for one in staff.pushes.of(name) if one["data"].get("actions")][-1]
    (action,) = (
        row["action"] for row in push["data"]["actions"] if row["title"] == label
    )
    await staff.phones[name].fire(action)


async def done(dispatched: Recorder, action: str, **fields: Any) -> dict[str, Any]:
    """Wait until something was published; return it."""

    def found() -> list[dict[str, Any]]:
        return [
            data
            for data in dispatched.data
            if data["action"] == action
            and all(data[key] == value for key, value in fields.items())
        ]

    await wait_until(lambda: bool(found()))
    return found()[0]
