"""The form of a step, and the steps that a team has from the beginning."""

from typing import Any

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.carbis_alerts.team.steps import default_steps, steps_of

from ..flows import WORDS
from .conftest import MakeTeam

ENTERED: dict[str, Any] = {
    "name": "Lamp",
    "after": 30,
    "repeat_every": 60,
    "repeats": 2,
    "to": ["shift"],
    "group": {},
}


@pytest.fixture
async def team(make_team: MakeTeam) -> MockConfigEntry:
    """Return a team of one."""
    return await make_team({"Anna": []})


def steps(team: MockConfigEntry) -> list[ConfigSubentry]:
    """Return the steps of a team."""
    return [one for one in team.subentries.values() if one.subentry_type == "step"]


async def enter(
    hass: HomeAssistant, team: MockConfigEntry, **entered: Any
) -> dict[str, Any]:
    """Add a step by its form."""
    flows = hass.config_entries.subentries
    flow = await flows.async_init((team.entry_id, "step"), context={"source": "user"})
    result = await flows.async_configure(flow["flow_id"], {**ENTERED, **entered})
    await hass.async_block_till_done()
    return dict(result)


async def test_a_step_is_added_and_changed(
    hass: HomeAssistant, team: MockConfigEntry
) -> None:
    result = await enter(
        hass,
        team,
        actions=["script.come"],
        quiet_from="23:00:00",
        quiet_to="07:00:00",
        kinds=["order"],
    )
    assert result["type"] == "create_entry"
    (step,) = steps_of(team)
    assert (step.name, step.after, step.to, step.repeats) == ("Lamp", 30, ("shift",), 2)
    assert step.actions == ("script.come",)
    assert {*step.kinds} == {"order"}
    assert step.quiet_from is not None
    assert step.quiet_from.hour == 23
    (subentry,) = steps(team)
    flow = await team.start_subentry_reconfigure_flow(hass, subentry.subentry_id)
    anna = next(one for one in team.subentries.values() if one.title == "Anna")
    changed = await hass.config_entries.subentries.async_configure(
        flow["flow_id"], {**ENTERED, "name": "Anna first", "to": [anna.subentry_id]}
    )
    assert changed["reason"] == "reconfigure_successful"
    (step,) = steps_of(team)
    assert (step.name, step.to) == ("Anna first", (anna.subentry_id,))


@pytest.mark.parametrize(
    ("entered", "field", "key"),
    [
        ({"to": []}, "to", "step_for_nobody"),
        ({"quiet_from": "23:00:00"}, "quiet_to", "quiet_incomplete"),
        ({"group": {"chat_id": "1@g.us"}}, "group", "group_incomplete"),
        ({"name": " "}, "name", "no_name"),
    ],
)
async def test_what_is_no_step_is_refused_in_words(
    hass: HomeAssistant,
    team: MockConfigEntry,
    entered: dict[str, Any],
    field: str,
    key: str,
) -> None:
    result = await enter(hass, team, **entered)
    assert result["errors"] == {field: key}
    assert not steps(team)
    for words in WORDS.values():
        assert words["config_subentries"]["step"]["error"][key]


def test_a_new_team_has_three() -> None:
    for language in ("en", "ru", "ru-RU", "xx"):
        rows = default_steps(language)
        assert [row["data"]["after"] for row in rows] == [0, 120, 300]
        assert len({row["title"] for row in rows}) == 3
