"""The steps of a team: subentries of it, three of them made with it."""

from collections.abc import Mapping
from datetime import time
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentry, ConfigSubentryData
from homeassistant.util import dt as dt_util

from ..const import CONF_CHANNEL, CONF_CHANNELS, SUBENTRY_STEP
from ..domain.dispatch.plan import Plan
from ..domain.dispatch.step import (
    MAX_AFTER,
    MAX_REPEAT_EVERY,
    MAX_REPEATS,
    TO_MANAGERS,
    TO_SHIFT,
    TO_ZONE,
    Step,
)
from ..people import Person
from .channels.chat import ChatChannel

CONF_ACTIONS: Final = "actions"
CONF_AFTER: Final = "after"
CONF_GROUP: Final = "group"
CONF_KINDS: Final = "kinds"
CONF_ON_TAKEN: Final = "on_taken"
CONF_QUIET_FROM: Final = "quiet_from"
CONF_QUIET_TO: Final = "quiet_to"
CONF_REPEAT_EVERY: Final = "repeat_every"
CONF_REPEATS: Final = "repeats"
CONF_TO: Final = "to"

# By the language of Home Assistant, what the steps of a new team are called.
NAMES: Final[Mapping[str, tuple[str, str, str]]] = {
    "en": ("The zone at once", "Everybody on shift", "Managers"),
    "ru": ("Сразу — зона", "Вся смена", "Менеджеры"),
}


def default_steps(language: str) -> list[ConfigSubentryData]:
    """Return the steps of a new team, to be created with its entry."""
    names = NAMES.get(language.partition("-")[0], NAMES["en"])
    rows: tuple[dict[str, Any], ...] = (
        {CONF_AFTER: 0, CONF_TO: [TO_ZONE]},
        {CONF_AFTER: 120, CONF_TO: [TO_SHIFT]},
        {
            CONF_AFTER: 300,
            CONF_TO: [TO_MANAGERS],
            CONF_REPEAT_EVERY: 120,
            CONF_REPEATS: 3,
        },
    )
    return [
        {
            "data": row,
            "subentry_type": SUBENTRY_STEP,
            "title": name,
            "unique_id": None,
        }
        for name, row in zip(names, rows, strict=True)
    ]


# Before the id of a step, where somebody's id stands: the staff chat that it writes to.
_GROUP: Final = "group_"


def group_id(step: Step) -> str | None:
    """Return what stands for the staff chat of a step, None where it has none."""
    return f"{_GROUP}{step.step_id}" if step.group else None


def addressee(
    people: Mapping[str, Person], plan: Plan, person_id: str
) -> Person | None:
    """Return who is meant by an id: somebody, or the staff chat of a step."""
    step = plan.step(person_id.removeprefix(_GROUP))
    if not person_id.startswith(_GROUP):
        return people.get(person_id)
    if step is None or not step.group:
        return None
    return Person(
        person_id=person_id,
        team_id="",
        name=step.name,
        channels=({**step.group, CONF_CHANNEL: ChatChannel.kind},),
    )


def steps_of(entry: ConfigEntry) -> list[Step]:
    """Return the steps of a team, those that come first before the others."""
    found = [
        _step(subentry)
        for subentry in entry.subentries.values()
        if subentry.subentry_type == SUBENTRY_STEP
    ]
    return sorted(found, key=lambda step: step.order)


def _step(subentry: ConfigSubentry) -> Step:
    """Return the step that a subentry holds."""
    data = subentry.data
    every = _number(data.get(CONF_REPEAT_EVERY), MAX_REPEAT_EVERY)
    return Step(
        step_id=subentry.subentry_id,
        name=subentry.title,
        after=_number(data.get(CONF_AFTER), MAX_AFTER),
        kinds=frozenset(data.get(CONF_KINDS) or ()),
        to=tuple(data.get(CONF_TO) or ()),
        channels=frozenset(data.get(CONF_CHANNELS) or ()),
        repeat_every=every,
        repeats=int(_number(data.get(CONF_REPEATS, 1), MAX_REPEATS)) if every else 0,
        quiet_from=_clock(data.get(CONF_QUIET_FROM)),
        quiet_to=_clock(data.get(CONF_QUIET_TO)),
        group=data.get(CONF_GROUP) or {},
        actions=tuple(data.get(CONF_ACTIONS) or ()),
        on_taken=tuple(data.get(CONF_ON_TAKEN) or ()),
    )


def _number(value: object, most: float) -> float:
    """Return a number of a subentry between 0 and the most that there may be."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0.0
    return min(max(float(value), 0.0), most)


def _clock(value: object) -> time | None:
    """Return a time of the day, None where there is none."""
    return dt_util.parse_time(value) if isinstance(value, str) else None
