"""Whom the board asks for: the people of teams, each change of them, and nobody else."""

from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from ..team.teams import gather, somebody, turn
from .conftest import Look


async def test_people_come_with_the_snapshot_and_each_change(
    hass: HomeAssistant, entry: MockConfigEntry, look: Look
) -> None:
    team = await gather(
        hass, somebody("Anna", person_entity="person.anna"), somebody("Boris")
    )
    viewer = await look()
    anna, boris = viewer.snapshot["people"]
    assert anna == {
        "person_id": "anna",
        "name": "Anna",
        "person_entity": "person.anna",
        "on_shift": True,
        "entries": [entry.entry_id],
    }
    await turn(hass, "Boris", "off")
    gone = await viewer.until("people", person_id="boris")
    assert gone == {**boris, "on_shift": False}
    # Nobody else has changed with him.
    assert [one["person_id"] for one in viewer.changes[-1]["people"]] == ["boris"]

    hass.config_entries.async_remove_subentry(team, "boris")
    while "boris" not in await viewer.until_removed("people"):
        pass
    await hass.config_entries.async_remove(team.entry_id)
    assert "anna" in await viewer.until_removed("people")
    later = await look()
    assert later.snapshot["people"] == []


async def test_a_team_serves_what_is_set_up_later(
    hass: HomeAssistant, entry: MockConfigEntry, look: Look
) -> None:
    await gather(hass, somebody("Anna"), entries=("elsewhere",))
    viewer = await look()
    (anna,) = viewer.snapshot["people"]
    assert anna["entries"] == []
