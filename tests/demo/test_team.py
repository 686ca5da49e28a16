"""The team of the demo, against what Home Assistant would ask and get."""

from typing import Any, override

import aiohttp
import pytest

from scripts.live_demo.errors import DemoError
from scripts.live_demo.home_assistant import HomeAssistant
from scripts.live_demo.stream import Stream
from scripts.live_demo.team import MEMBERS, Team
from scripts.live_demo.words import WORDS

MENU = {"type": "menu", "step_id": "user", "flow_id": "1"}


class Assistant(HomeAssistant):
    """A Home Assistant in which everything can be done."""

    def __init__(self, end: dict[str, Any] | None = None) -> None:
        """Let changes end well, or in another way."""
        self.asked: list[tuple[str, Any]] = []
        self._end = end or {"type": "abort", "reason": "reconfigure_successful"}

    @override
    async def _request(self, method: str, path: str, **content: Any) -> dict[str, Any]:
        given = content["json"]
        self.asked.append((path, given))
        if "handler" in given:
            return {**MENU, "description_placeholders": None}
        if "next_step_id" in given:
            step = given["next_step_id"]
            return {"type": "form", "step_id": step, "flow_id": "1", **PLAIN}
        if "people" in given:
            return {"type": "create_entry", "result": {"entry_id": "01TEAM"}}
        return self._end


PLAIN = {"description_placeholders": None}


class Site(Stream):
    """A site with a team and tables."""

    def __init__(self, *titles: str) -> None:
        """Have these people in the team."""
        self._titles = titles
        self.commands: list[tuple[str, dict[str, object]]] = []

    @override
    async def state(self, entity_id: str) -> str | None:
        """Return a figure."""
        return f"of {entity_id}"

    @override
    async def command(self, kind: str, **fields: object) -> Any:
        """Return what is asked for."""
        match kind:
            case "config/entity_registry/list":
                return [
                    figure("sensor.hub", "answer_time", person=None),
                    figure("sensor.anna", "answer_time"),
                    figure("switch.anna", "on_shift"),
                    figure("sensor.other", "answer_time", entry="01OTHER"),
                ]
            case "config_entries/subentries/list":
                return [
                    {"title": "At once", "subentry_type": "step", "subentry_id": "s"},
                    *(
                        {"title": name, "subentry_type": "person", "subentry_id": name}
                        for name in self._titles
                    ),
                ]
            case "config/area_registry/create":
                return {"area_id": str(fields["name"]).lower()}
            case "config/device_registry/list":
                return [
                    device("hub", via=None),
                    device("Table 6"),
                    device("Терраса 1"),
                    device("Bar", area="bar"),
                    device("Table 7", entry="01OTHER"),
                ]
        self.commands.append((kind, fields))
        return None


def figure(
    entity_id: str, key: str, *, person: str | None = "anna", entry: str = "01TEAM"
) -> dict[str, Any]:
    return {
        "entity_id": entity_id,
        "translation_key": key,
        "config_entry_id": entry,
        "config_subentry_id": person,
    }


def device(
    name: str,
    *,
    via: str | None = "hub",
    area: str | None = None,
    entry: str = "01MENU",
) -> dict[str, Any]:
    return {
        "id": name,
        "name": name,
        "via_device_id": via,
        "area_id": area,
        "config_entries": [entry],
    }


@pytest.fixture
async def team() -> Team:
    """Return the team, whose people are known."""
    async with aiohttp.ClientSession() as session:
        team = Team(session, WORDS["en"])
    team._people = {one.key: f"person.{one.key}" for one in MEMBERS}
    return team


NAMES = [WORDS["en"][one.key] for one in MEMBERS]


async def test_the_form_ticks_three_people_who_then_get_zone_and_till(
    team: Team,
) -> None:
    assistant, site = Assistant(), Site(*NAMES)
    await team.open_zones(site)
    await team.set_up(assistant, site)
    entered = [given for _, given in assistant.asked]
    assert entered[2]["people"] == ["person.anna", "person.dmitry", "person.gulnara"]
    about = [given for given in entered if "pos_waiter" in given]
    assert [(one["person_entity"], one["pos_waiter"]) for one in about] == [
        ("person.anna", "9002"),
        ("person.dmitry", "9003"),
        ("person.gulnara", "9004"),
    ]
    zones = [given["zone"]["area_id"] for given in entered if "zone" in given]
    assert zones == [["hall"], ["terrace"], ["hall"]]
    shifts = [given for given in entered if "shift_entity" in given]
    assert shifts == [{"shift_entity": "schedule.shift_plan"}]
    assert site.commands[-1][1]["service"] == "reload_config_entry"
    changed = [given["subentry_id"] for given in entered if "subentry_id" in given]
    assert list(dict.fromkeys(changed)) == NAMES


async def test_somebody_whom_the_form_left_out_is_reported(team: Team) -> None:
    site = Site(*NAMES[:2])
    await team.open_zones(site)
    with pytest.raises(DemoError, match="but not gulnara"):
        await team.set_up(Assistant(), site)


async def test_a_change_that_is_refused_is_reported(team: Team) -> None:
    refusal = {"type": "form", "errors": {"zone": "zone_is_gone"}, "flow_id": "1"}
    site = Site(*NAMES)
    await team.open_zones(site)
    with pytest.raises(DemoError, match="zone_is_gone"):
        await team.set_up(Assistant(refusal), site)


async def test_figures_by_person(team: Team) -> None:
    team.entry_id = "01TEAM"
    assert await team.figures(Site()) == [("sensor.anna", "of sensor.anna")]


async def test_tables_come_into_the_area_of_their_zone(team: Team) -> None:
    site = Site()
    await team.open_zones(site)
    await team.sort(site, "01MENU")
    assert [fields for _, fields in site.commands] == [
        {"device_id": "Table 6", "area_id": "hall"},
        {"device_id": "Терраса 1", "area_id": "terrace"},
    ]
