"""Sensors of a team: who is on shift, and how it goes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import UnitOfTime
from homeassistant.core import callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from ..people import Person
from ..runtime.devices import HUB
from .entity import TeamValueEntity, async_add_people
from .figures import PeopleFigures
from .open_alerts import OpenAlerts
from .runtime import TeamRuntime
from .shifts import Shifts
from .unreached import UnreachedToday


@dataclass(frozen=True, kw_only=True)
class TeamSensorDescription(SensorEntityDescription):
    """A sensor, and what it shows: of the team and the person's id ("" for the hub)."""

    value: Callable[[TeamRuntime, str], float | None]
    attributes: Callable[[TeamRuntime], dict[str, Any]] | None = None
    is_daily: bool = False


def _names_on_shift(team: TeamRuntime) -> dict[str, Any]:
    shifts = team.part(Shifts)
    return {"people": [team.people[person_id].name for person_id in shifts.on_shift()]}


def _answer_time(
    value: Callable[[TeamRuntime, str], float | None],
) -> TeamSensorDescription:
    return TeamSensorDescription(
        key="answer_time",
        device_class=SensorDeviceClass.DURATION,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfTime.SECONDS,
        suggested_display_precision=0,
        value=value,
    )


OF_TEAM: Final = (
    TeamSensorDescription(
        key="on_shift",
        state_class=SensorStateClass.MEASUREMENT,
        value=lambda team, _: len(team.part(Shifts).on_shift()),
        attributes=_names_on_shift,
    ),
    _answer_time(lambda team, _: team.part(PeopleFigures).answer_time_of_team),
    TeamSensorDescription(
        key="unreached_today",
        state_class=SensorStateClass.TOTAL,
        value=lambda team, _: team.part(UnreachedToday).today,
        is_daily=True,
    ),
)
OF_PERSON: Final = (
    TeamSensorDescription(
        key="open_alerts",
        state_class=SensorStateClass.MEASUREMENT,
        value=lambda team, person_id: team.part(OpenAlerts).count(person_id),
    ),
    TeamSensorDescription(
        key="answered_today",
        state_class=SensorStateClass.TOTAL,
        value=lambda team, person_id: team.part(PeopleFigures).answered(person_id),
        is_daily=True,
    ),
    _answer_time(
        lambda team, person_id: team.part(PeopleFigures).answer_time(person_id)
    ),
)


@callback
def async_add_team_sensors(
    team: TeamRuntime, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the sensors of a team and of each person."""

    def build(person: Person) -> list[TeamSensor]:
        key, person_id = person.device_key, person.person_id
        return [
            TeamSensor(team, key, description, person_id) for description in OF_PERSON
        ]

    async_add_entities(TeamSensor(team, HUB, description) for description in OF_TEAM)
    async_add_people(team, async_add_entities, build)


class TeamSensor(TeamValueEntity, SensorEntity):
    """A value of a team or of a person."""

    entity_description: TeamSensorDescription

    # Who is on shift is in the state, but not in the database.
    _unrecorded_attributes = frozenset({"people"})

    def __init__(
        self,
        team: TeamRuntime,
        key: str,
        description: TeamSensorDescription,
        person_id: str = "",
    ) -> None:
        """Take the person, none for the hub."""
        super().__init__(team, key, description)
        self._person_id = person_id

    @override
    def shown(self) -> Any:
        return self.native_value, self.extra_state_attributes, self.last_reset

    @property
    @override
    def native_value(self) -> float | None:
        return self.entity_description.value(self._team, self._person_id)

    @property
    @override
    def last_reset(self) -> datetime | None:
        is_daily = self.entity_description.is_daily
        return self._team.part(Shifts).day if is_daily else None

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any] | None:
        read = self.entity_description.attributes
        return None if read is None else read(self._team)
