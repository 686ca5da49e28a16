"""Setting up a team, changing it and its options, through the front door."""

from collections.abc import Generator
from typing import Any

from aiohttp.test_utils import TestClient
from homeassistant.config_entries import (
    ConfigEntry,
    ConfigEntryDisabler,
    ConfigEntryState,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.carbis_alerts.const import DOMAIN

from .blueprints.conftest import (
    pushes as pushes,  # noqa: PLC0414 - fixtures of theirs that are fixtures here
    web as web,  # noqa: PLC0414
)
from .blueprints.real_phones import Pushes
from .colleagues import Colleagues
from .flows import Result, begin, every_word_known, fix, suggested


@pytest.fixture(autouse=True)
def _watch() -> Generator[None]:
    """Whatever a test does: all that is shown has words."""
    with every_word_known():
        yield


@pytest.fixture
async def colleagues(
    hass: HomeAssistant,
    web: TestClient[Any, Any],
    hass_client: ClientSessionGenerator,
    pushes: Pushes,
) -> Colleagues:
    """Return Home Assistant's people."""
    return Colleagues(hass, hass_client, pushes)


async def fill(hass: HomeAssistant, shown: Result, **given: Any) -> Result:
    """Send a form."""
    result = await hass.config_entries.flow.async_configure(shown["flow_id"], given)
    await hass.async_block_till_done()
    return result


async def create(hass: HomeAssistant, **given: Any) -> ConfigEntry[Any]:
    """Set a team up in the UI."""
    result = await fill(hass, await begin(hass, "team"), **given)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    entry: ConfigEntry[Any] = result["result"]
    return entry


def offered(shown: Result, field: str) -> dict[str, str]:
    """Return what a field offers: labels by their values."""
    (selector,) = (
        value for key, value in shown["data_schema"].schema.items() if key == field
    )
    return {option["value"]: option["label"] for option in selector.config["options"]}


def people(team: ConfigEntry[Any]) -> dict[str, dict[str, Any]]:
    """Return the data of a team's people by their names."""
    return {
        subentry.title: dict(subentry.data)
        for subentry in team.subentries.values()
        if subentry.subentry_type == "person"
    }


async def test_a_browser_gets_the_answer_to_the_form(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    colleagues: Colleagues,
    hass_client: ClientSessionGenerator,
) -> None:
    assert await async_setup_component(hass, "config", {})
    anna = await colleagues.add("Anna")
    browser, path = await hass_client(), "/api/config/config_entries/flow"
    answer = await browser.post(path, json={"handler": DOMAIN})
    flow = f"{path}/{(await answer.json())['flow_id']}"
    await browser.post(flow, json={"next_step_id": "team"})
    answer = await browser.post(flow, json={"people": [anna]})
    assert (answer.status, (await answer.json())["type"]) == (200, "create_entry")


async def test_who_is_ticked_is_somebody_of_the_team_with_all_phones(
    hass: HomeAssistant, entry: MockConfigEntry, colleagues: Colleagues
) -> None:
    anna = await colleagues.add("Anna", 2)
    boris = await colleagues.add("Boris")
    await colleagues.add("Clara", 0)

    shown = await begin(hass, "team")
    assert offered(shown, "people") == {
        anna: "Anna (Anna's phone 1, Anna's phone 0)",
        boris: "Boris (Boris's phone 0)",
    }
    assert [*offered(shown, "entries")] == [entry.entry_id]
    team = (await fill(hass, shown, name="Hall", entries=[], people=[anna]))["result"]

    assert team.state is ConfigEntryState.LOADED
    assert team.title == "Hall"
    assert dict(team.data) == {"service": "team", "entries": []}
    assert people(team) == {
        "Anna": {
            "role": "waiter",
            "person_entity": anna,
            "pos_waiter": None,
            "zone": {},
            "shift_entity": None,
            "channels": colleagues.channels("Anna"),
        }
    }
    steps = [
        subentry.data["after"]
        for subentry in team.subentries.values()
        if subentry.subentry_type == "step"
    ]
    assert steps == [0, 120, 300]


async def test_a_team_needs_nothing_but_a_press(hass: HomeAssistant) -> None:
    team = await create(hass)
    assert team.title == "Team"
    assert people(team) == {}
    assert team.state is ConfigEntryState.LOADED


async def test_a_team_without_a_name_is_called_in_the_sites_language(
    hass: HomeAssistant,
) -> None:
    hass.config.language = "ru"
    assert (await create(hass, name="  ")).title == "Команда"


async def test_no_service_has_two_teams(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    team = await create(hass, entries=[entry.entry_id])

    shown = await begin(hass, "team")
    assert offered(shown, "entries") == {}
    result = await fill(hass, shown, entries=[entry.entry_id])
    assert result["reason"] == "already_configured"

    await create(hass)
    result = await fill(hass, await begin(hass, "team"))
    assert result["reason"] == "already_configured"
    result = await fill(hass, await fix(hass, team, "reconfigure"), entries=[])
    assert result["reason"] == "already_configured"
    assert team.data["entries"] == [entry.entry_id]


async def test_a_disabled_teams_service_stays_its_own(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    team = await create(hass, entries=[entry.entry_id])
    await hass.config_entries.async_set_disabled_by(
        team.entry_id, ConfigEntryDisabler.USER
    )
    result = await fill(hass, await begin(hass, "team"), entries=[entry.entry_id])
    assert result["reason"] == "already_configured"


async def test_what_is_not_there_is_refused_in_words(
    hass: HomeAssistant, colleagues: Colleagues
) -> None:
    clara = await colleagues.add("Clara", 0)
    shown = await begin(hass, "team")
    refused = await fill(hass, shown, name="Hall", entries=["gone"], people=[clara])
    assert refused["errors"] == {"entries": "entry_unknown", "people": "no_app"}
    assert suggested(refused)["name"] == "Hall"
    assert (await fill(hass, refused, name="Hall"))["title"] == "Hall"


async def test_people_of_one_name_are_counted(
    hass: HomeAssistant, colleagues: Colleagues
) -> None:
    same = [await colleagues.add("Anna"), await colleagues.add("Anna")]
    team = await create(hass, people=same)
    assert [*people(team)] == ["Anna", "Anna 2"]


async def test_ticking_more_people_adds_them_and_nobody_goes(
    hass: HomeAssistant, entry: MockConfigEntry, colleagues: Colleagues
) -> None:
    anna, boris = await colleagues.add("Anna"), await colleagues.add("Boris")
    team = await create(hass, name="Hall", people=[anna])

    shown = await fix(hass, team, "reconfigure")
    assert [*offered(shown, "people")] == [boris]
    assert suggested(shown) == {"name": "Hall", "entries": []}
    result = await fill(
        hass, shown, name="Bar", entries=[entry.entry_id], people=[boris]
    )

    assert result["reason"] == "reconfigure_successful"
    assert [*people(team)] == ["Anna", "Boris"]
    assert (team.title, team.data["entries"]) == ("Bar", [entry.entry_id])
    # Who is in it already is passed over.
    await fill(hass, await fix(hass, team, "reconfigure"), people=[anna, boris])
    assert [*people(team)] == ["Anna", "Boris"]
    assert team.title == "Bar"
    assert {*team.runtime_data.people} == {
        key
        for key, subentry in team.subentries.items()
        if subentry.subentry_type == "person"
    }


async def test_a_service_that_was_removed_stays_named_until_it_is_unticked(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    team = await create(hass, entries=[entry.entry_id])
    await hass.config_entries.async_remove(entry.entry_id)

    shown = await fix(hass, team, "reconfigure")
    assert offered(shown, "entries") == {entry.entry_id: "No longer there"}
    await fill(hass, shown, **suggested(shown))
    assert team.data["entries"] == [entry.entry_id]
    await fill(hass, await fix(hass, team, "reconfigure"), entries=[])
    assert team.data["entries"] == []


async def test_the_options_of_a_team(hass: HomeAssistant) -> None:
    team = await create(hass)
    options = hass.config_entries.options

    shown = await options.async_init(team.entry_id)
    assert shown["data_schema"] is not None
    defaults = {
        "shift_ends": True,
        "daily_reset": "06:00:00",
        "figures_by_person": "name",
        "keep_days": 400,
    }
    assert shown["data_schema"]({}) == defaults
    wanted = {**defaults, "figures_by_person": "none", "keep_days": 31}
    result = await options.async_configure(
        shown["flow_id"], {**wanted, "keep_days": 31.0}
    )
    await hass.async_block_till_done()
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert dict(team.options) == wanted
    assert suggested(await options.async_init(team.entry_id)) == wanted


@pytest.mark.parametrize(
    "wrong", [{"keep_days": 30}, {"keep_days": 401}, {"figures_by_person": "all"}]
)
async def test_options_beyond_their_limits_are_refused(
    hass: HomeAssistant, wrong: dict[str, Any]
) -> None:
    options = hass.config_entries.options
    shown = await options.async_init((await create(hass)).entry_id)
    with pytest.raises(InvalidData):
        await options.async_configure(shown["flow_id"], wrong)


async def test_the_diagnostics_of_a_team_count_and_name_nobody(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, colleagues: Colleagues
) -> None:
    anna = await colleagues.add("Anna", 2)
    await colleagues.add("Boris")
    team = await create(hass, name="Hall", people=[anna])

    found = await get_diagnostics_for_config_entry(hass, hass_client, team)
    assert found["team"] == {
        "entries": 0,
        "people": 1,
        "on_shift": 1,
        "shift_entities": 0,
        "zones": 0,
        "pos_waiters": 0,
        "roles": {"waiter": 1},
        "channels": {"mobile_app": 2},
        "without_channels": 0,
        "phones_connected": 0,
        "unreachable": 0,
        "steps": 3,
    }
    for secret in ("Anna", "Hall", anna, colleagues.phones["Anna"][0].device_id):
        assert secret not in str(found)
