"""Whose a table is: a team of 100 people, each with a zone, and 300 tables.

The floor is Home Assistant's own look-up of one person's zone, an area, for each table.
"""

from itertools import cycle
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar, device_registry as dr
from homeassistant.helpers.target import (
    TargetSelection,
    async_extract_referenced_entity_ids,
)
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.carbis_alerts.team.whose import Whose
from tests.team.teams import gather, somebody

from ..figures import Figure, compare
from ..rounds import Effort, alternate
from ..site import a_restaurant

PEOPLE: Final = 100
TABLES: Final = 300
AREAS: Final = 10
ROUNDS: Final = 20
# What is known costs a few microseconds, at most 50. After a change of an area all of it
# is looked up again.
GOALS: Final = {"warm": 0.5, "after a change of an area": 5.0}


async def measure(effort: Effort) -> list[Figure]:
    """Ask for all tables: again and again, and after one was put elsewhere."""
    people, tables = effort.size(PEOPLE), effort.size(TABLES)
    async with a_restaurant(tables) as (hass, entry):
        areas = _areas(hass, entry)
        team = await gather(
            hass,
            *(
                somebody(f"P{number}", zone={"area_id": [areas[number % AREAS]]})
                for number in range(people)
            ),
        )
        whose: Whose = team.runtime_data.part(Whose)
        devices = entry.runtime_data.devices.all
        zone = TargetSelection({"area_id": areas[:1]})
        moved = next(iter(devices.values())).device_id
        elsewhere = cycle(areas)

        async def floor() -> None:
            for _ in devices:
                async_extract_referenced_entity_ids(hass, zone)

        async def ask() -> None:
            for key in devices:
                whose.of(entry.entry_id, key)

        async def ask_changed() -> None:
            dr.async_get(hass).async_update_device(moved, area_id=next(elsewhere))
            await ask()

        costs = await alternate(
            {"floor": floor, "warm": ask, "changed": ask_changed, "again": floor},
            effort.rounds(ROUNDS),
            units=len(devices),
        )
    changed = costs.pop("changed")
    return [
        compare(
            f"whose a table is, {people} people, {tables} tables, {name}",
            "µs",
            {**costs, "ours": spent},
            goal=goal,
            note="floor: one zone, looked up by Home Assistant",
        )
        for (name, goal), spent in zip(
            GOALS.items(), (costs.pop("warm"), changed), strict=True
        )
    ]


def _areas(hass: HomeAssistant, entry: MockConfigEntry) -> list[str]:
    """Put the tables into areas; return these."""
    areas = [ar.async_get(hass).async_create(f"Area {at}").id for at in range(AREAS)]
    for table, area in zip(
        entry.runtime_data.devices.all.values(), cycle(areas), strict=False
    ):
        dr.async_get(hass).async_update_device(table.device_id, area_id=area)
    return areas
