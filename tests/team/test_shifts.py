"""Who is on shift: switches, what the site knows, and the end of the day."""

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Any

from homeassistant.auth.models import User
from homeassistant.components.switch import SwitchEntity
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import Unauthorized
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.entity_component import EntityComponent
import pytest

from custom_components.carbis_alerts.const import DISPATCH_EVENT, DOMAIN
from custom_components.carbis_alerts.team.runtime import TeamRuntime
from custom_components.carbis_alerts.team.shifts import Shifts

from ..alerts import SiteClock, site_clock
from ..fixtures import Recorder
from ..helpers import wait_until
from ..sites import life_with
from ..timings import timed
from .teams import TEAM_ID, entity_of, gather, shown, somebody, team_of, turn

BORIS = "input_boolean.boris"

ANNA_ENDED = {
    "action": "shift_ended",
    **dict.fromkeys(("alert_id", "kind", "title", "name", "source", "entry_id")),
    **dict.fromkeys(("entry_title", "device_id", "entity_id", "area_id")),
    **dict.fromkeys(("channel", "step", "attempt", "error")),
    "person_id": "anna",
    "person": "Anna",
    "team_entry_id": TEAM_ID,
}


@pytest.fixture
def dispatched(hass: HomeAssistant) -> Recorder:
    """Record what becomes of the team."""
    return Recorder(hass, DISPATCH_EVENT)


@pytest.fixture(autouse=True)
def _disk(hass_storage: dict[str, Any]) -> None:
    """Keep files in memory."""


@pytest.fixture
async def clock(hass: HomeAssistant) -> AsyncGenerator[SiteClock]:
    """Set the clock to an evening."""
    await hass.config.async_set_time_zone("UTC")
    with site_clock("19:00") as clock:
        yield clock


def shifts_of(entry: Any) -> Shifts:
    """Return the shifts of a team that is loaded."""
    team: TeamRuntime = entry.runtime_data
    return team.part(Shifts)


def issue_of(hass: HomeAssistant, person: str) -> ir.IssueEntry | None:
    """Return the repair that asks for a person's shift."""
    return ir.async_get(hass).async_get_issue(
        DOMAIN, f"shift_unknown_{TEAM_ID}_{person.lower()}"
    )


def moves(dispatched: Recorder) -> list[tuple[str, str]]:
    """Return who came and went."""
    return [(data["person"], data["action"]) for data in dispatched.data]


async def test_nobody_is_off_where_nobody_uses_shifts(
    hass: HomeAssistant, dispatched: Recorder, clock: SiteClock
) -> None:
    entry = await gather(hass, somebody("Anna"), somebody("Boris"))
    shifts = shifts_of(entry)
    assert not shifts.are_used
    assert shifts.on_shift() == ["anna", "boris"]
    await clock.wait(hass, hours=24)
    assert shifts.on_shift() == ["anna", "boris"]
    assert shown(hass, "sensor", "on_shift") == "2"
    assert shown(hass, "binary_sensor", "nobody_on_shift") == "off"
    assert dispatched.data == []


async def test_a_switch_says_who_is_on_shift_and_everybody_hears_of_it_once(
    hass: HomeAssistant, dispatched: Recorder
) -> None:
    entry = await gather(hass, somebody("Anna"), somebody("Boris"))
    shifts = shifts_of(entry)
    heard: list[list[str]] = []
    remove = shifts.listen(lambda: heard.append(shifts.on_shift()))
    context = Context()
    await turn(hass, "Anna", "off", context=context)
    await turn(hass, "Anna", "off")
    (event,) = dispatched.events
    assert event.data | {"time": None} == ANNA_ENDED | {"time": None}
    assert datetime.fromisoformat(event.data["time"]).utcoffset() is not None
    assert event.context.id == context.id
    assert shifts.are_used
    assert heard[0] == ["boris"]
    assert shown(hass, "switch", "on_shift", "Anna") == "off"
    assert shown(hass, "sensor", "on_shift") == "1"
    dispatch = hass.states.get(entity_of(hass, "event", "dispatch") or "")
    assert dispatch is not None
    assert dispatch.attributes["event_type"] == "shift_ended"
    assert dispatch.attributes["person"] == "Anna"

    await turn(hass, "Boris", "off")
    assert shown(hass, "binary_sensor", "nobody_on_shift") == "on"
    remove()
    count = len(heard)
    await turn(hass, "Anna", "on")
    assert moves(dispatched)[-1] == ("Anna", "shift_started")
    assert len(heard) == count


async def test_a_person_may_turn_what_she_may_control(
    hass: HomeAssistant, hass_read_only_user: User
) -> None:
    await gather(hass, somebody("Anna"))
    switches: EntityComponent[SwitchEntity] = hass.data["switch"]
    switch = switches.get_entity(entity_of(hass, "switch", "on_shift", "Anna") or "")
    assert switch is not None
    for user_id in (hass_read_only_user.id, "nobody"):
        with pytest.raises(Unauthorized):
            await turn(hass, "Anna", "off", context=Context(user_id=user_id))
    assert switch.is_on


@pytest.mark.parametrize(
    ("options", "after"), [({}, "off"), ({"shift_ends": False}, "on")]
)
async def test_the_shift_ends_with_the_day(
    hass: HomeAssistant,
    dispatched: Recorder,
    clock: SiteClock,
    options: dict[str, Any],
    after: str,
) -> None:
    hass.states.async_set(BORIS, "on")
    await gather(
        hass, somebody("Anna"), somebody("Boris", shift_entity=BORIS), **options
    )
    await turn(hass, "Anna", "on")
    await clock.wait(hass, hours=10.9)
    assert shown(hass, "switch", "on_shift", "Anna") == "on"
    await clock.wait(hass, hours=0.2)
    assert shown(hass, "switch", "on_shift", "Anna") == after
    # What is not ours is not turned.
    assert shown(hass, "sensor", "on_shift") == ("1" if after == "off" else "2")
    assert moves(dispatched) == ([("Anna", "shift_ended")] if after == "off" else [])
    # Who comes then stays.
    await turn(hass, "Anna", "on")
    await clock.wait(hass, hours=12)
    assert shown(hass, "switch", "on_shift", "Anna") == "on"


async def test_a_day_that_is_longer_and_a_clock_that_is_set_end_no_shift_twice(
    hass: HomeAssistant, dispatched: Recorder
) -> None:
    await hass.config.async_set_time_zone("Europe/Berlin")
    # In the night to 25 October the clocks go back: 25 hours.
    with site_clock(datetime.fromisoformat("2026-10-24T12:00:00+02:00")) as clock:
        await gather(hass, somebody("Anna"))
        await turn(hass, "Anna", "on")
        await clock.wait(hass, hours=18.9)
        assert shown(hass, "switch", "on_shift", "Anna") == "on"
        await clock.wait(hass, hours=0.2)
        assert shown(hass, "switch", "on_shift", "Anna") == "off"
        await turn(hass, "Anna", "on")
        await clock.wait(hass, hours=-2)
        await clock.wait(hass, hours=3)
        assert shown(hass, "switch", "on_shift", "Anna") == "on"
    assert moves(dispatched) == [("Anna", "shift_ended"), ("Anna", "shift_started")]


async def test_restarts_keep_who_is_on_shift_and_end_the_shift_that_ended_meanwhile() -> (
    None
):
    people = somebody("Anna"), somebody("Boris")
    with site_clock("19:00") as clock:
        async with life_with(team_of(*people), "") as site:
            assert await site.hass.config_entries.async_setup(TEAM_ID)
            await turn(site.hass, "Boris", "off")
        clock.pass_by(hours=1)
        # Somebody is new meanwhile.
        async with life_with(team_of(*people, somebody("Vera")), "") as site:
            assert await site.hass.config_entries.async_setup(TEAM_ID)
            assert shifts_of(site.entry).on_shift() == ["anna", "vera"]
            assert shown(site.hass, "switch", "on_shift", "Boris") == "off"
        clock.pass_by(hours=24)
        async with life_with(team_of(*people, somebody("Vera")), "") as site:
            heard = Recorder(site.hass, DISPATCH_EVENT)
            assert await site.hass.config_entries.async_setup(TEAM_ID)
            await site.hass.async_block_till_done()
            assert shifts_of(site.entry).on_shift() == []
            assert shifts_of(site.entry).are_used
            assert moves(heard) == [("Anna", "shift_ended"), ("Vera", "shift_ended")]


async def test_what_the_site_knows_says_who_is_on_shift(
    hass: HomeAssistant, dispatched: Recorder
) -> None:
    hass.states.async_set(BORIS, "off")
    hass.states.async_set("zone.hall", "1", {"persons": ["person.vera"]})
    people = (
        somebody("Anna"),
        somebody("Boris", shift_entity=BORIS),
        somebody("Vera", shift_entity="zone.hall", person_entity="person.vera"),
        somebody("Gleb", shift_entity="zone.hall", person_entity="person.gleb"),
        somebody("Dina", shift_entity="zone.hall"),
    )
    entry = await gather(hass, *people)
    shifts = shifts_of(entry)
    assert shifts.are_used
    assert shifts.on_shift() == ["anna", "vera", "dina"]
    assert entity_of(hass, "switch", "on_shift", "Boris") is None
    assert dispatched.data == []

    hass.states.async_set(BORIS, "on")
    hass.states.async_set("zone.hall", "1", {"persons": ["person.gleb"]})
    await hass.async_block_till_done()
    assert shifts.on_shift() == ["anna", "boris", "gleb", "dina"]
    moved = [
        ("Boris", "shift_started"),
        ("Vera", "shift_ended"),
        ("Gleb", "shift_started"),
    ]
    assert moves(dispatched) == moved

    # A reload says nothing again, and what has changed meanwhile once.
    assert await hass.config_entries.async_unload(entry.entry_id)
    hass.states.async_set(BORIS, "off")
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert moves(dispatched) == [*moved, ("Boris", "shift_ended")]


@pytest.mark.parametrize("state", ["unavailable", "unknown", "Holiday?", None])
async def test_where_nothing_is_known_somebody_is_on_shift_and_a_repair_asks(
    hass: HomeAssistant, dispatched: Recorder, state: str | None
) -> None:
    hass.states.async_set(BORIS, "off")
    entry = await gather(hass, somebody("Boris", shift_entity=BORIS))
    shifts = shifts_of(entry)
    assert shown(hass, "binary_sensor", "nobody_on_shift") == "on"
    assert issue_of(hass, "Boris") is None

    if state is None:
        hass.states.async_remove(BORIS)
    else:
        hass.states.async_set(BORIS, state)
    await wait_until(lambda: issue_of(hass, "Boris") is not None)
    assert shifts.on_shift() == ["boris"]
    assert shown(hass, "sensor", "on_shift") == "1"
    issue = issue_of(hass, "Boris")
    assert issue is not None
    assert issue.translation_placeholders == {
        "title": "Evening",
        "name": "Boris",
        "entity": BORIS,
    }

    hass.states.async_set(BORIS, "off")
    await hass.async_block_till_done()
    assert shifts.on_shift() == []
    assert issue_of(hass, "Boris") is None
    # Nobody came, and nobody went.
    assert dispatched.data == []


async def test_what_is_away_for_a_moment_changes_nothing(hass: HomeAssistant) -> None:
    with timed(grace=600):
        hass.states.async_set(BORIS, "off")
        entry = await gather(hass, somebody("Boris", shift_entity=BORIS))
        hass.states.async_set(BORIS, "unavailable")
        await hass.async_block_till_done()
        assert shifts_of(entry).on_shift() == []
        hass.states.async_set(BORIS, "on")
        await hass.async_block_till_done()
        assert shifts_of(entry).on_shift() == ["boris"]
        assert issue_of(hass, "Boris") is None


async def test_what_the_entity_said_last_holds_over_a_start() -> None:
    boris = somebody("Boris", shift_entity=BORIS)
    with timed(grace=600):
        async with life_with(team_of(boris), "") as site:
            site.hass.states.async_set(BORIS, "off")
            assert await site.hass.config_entries.async_setup(TEAM_ID)
        async with life_with(team_of(boris), "") as site:
            # Its integration is not there yet.
            assert await site.hass.config_entries.async_setup(TEAM_ID)
            assert shifts_of(site.entry).on_shift() == []


@pytest.mark.parametrize(
    "stored", [None, 1, {"own": 5, "said": [], "day": 7}, {"own": {"anna": "x"}}]
)
async def test_a_file_that_was_tampered_with_leaves_everybody_on_shift(
    hass: HomeAssistant, hass_storage: dict[str, Any], stored: Any
) -> None:
    hass_storage[f"{DOMAIN}.{TEAM_ID}"] = {
        "version": 1,
        "minor_version": 1,
        "key": f"{DOMAIN}.{TEAM_ID}",
        "data": {"shifts": stored},
    }
    entry = await gather(hass, somebody("Anna"))
    assert shifts_of(entry).on_shift() == ["anna"]


async def test_a_team_that_is_disabled_asks_nothing(hass: HomeAssistant) -> None:
    entry = await gather(hass, somebody("Boris", shift_entity="schedule.gone"))
    await wait_until(lambda: issue_of(hass, "Boris") is not None)
    await hass.config_entries.async_set_disabled_by(
        entry.entry_id, ConfigEntryDisabler.USER
    )
    assert issue_of(hass, "Boris") is None


async def test_who_is_removed_leaves_nothing(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    entry = await gather(
        hass, somebody("Anna"), somebody("Boris", shift_entity="schedule.gone")
    )
    await turn(hass, "Anna", "off")
    await wait_until(lambda: issue_of(hass, "Boris") is not None)
    for person in ("anna", "boris"):
        hass.config_entries.async_remove_subentry(entry, person)
        await hass.async_block_till_done()
    assert issue_of(hass, "Boris") is None
    assert shown(hass, "sensor", "on_shift") == "0"
    assert shown(hass, "binary_sensor", "nobody_on_shift") == "on"
    assert await hass.config_entries.async_unload(entry.entry_id)
    written = hass_storage[f"{DOMAIN}.{TEAM_ID}"]["data"]["shifts"]
    assert (written["own"], written["said"]) == ({}, {})
