"""Binary sensors of a team: nobody on shift, and whether somebody can be reached."""

from typing import Final, override

from homeassistant.components.binary_sensor import (
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.const import EntityCategory
from homeassistant.core import callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from ..people import Person
from ..runtime.devices import HUB
from .entity import TeamValueEntity, async_add_people
from .reach import Reach
from .runtime import TeamRuntime
from .shifts import Shifts

NOBODY_ON_SHIFT: Final = BinarySensorEntityDescription(key="nobody_on_shift")
REACHABLE: Final = BinarySensorEntityDescription(
    key="reachable",
    device_class=BinarySensorDeviceClass.CONNECTIVITY,
    entity_category=EntityCategory.DIAGNOSTIC,
)


@callback
def async_add_team_binary_sensors(
    team: TeamRuntime, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the binary sensors of a team and of each person."""

    def build(person: Person) -> list[Reachable]:
        return [Reachable(team, person, REACHABLE)]

    async_add_entities([NobodyOnShift(team, HUB, NOBODY_ON_SHIFT)])
    async_add_people(team, async_add_entities, build)


class NobodyOnShift(TeamValueEntity, BinarySensorEntity):
    """Whether nobody is on shift."""

    @override
    def shown(self) -> bool:
        return self.is_on

    @property
    @override
    def is_on(self) -> bool:
        return not self._team.part(Shifts).on_shift()


class Reachable(TeamValueEntity, BinarySensorEntity):
    """Whether one of somebody's ways works, as far as anybody knows."""

    def __init__(
        self,
        team: TeamRuntime,
        person: Person,
        description: BinarySensorEntityDescription,
    ) -> None:
        """Take the person."""
        super().__init__(team, person.device_key, description)
        self._person = person

    @override
    def shown(self) -> bool:
        return self.is_on

    @property
    @override
    def is_on(self) -> bool:
        return self._team.part(Reach).problem_of(self._person) is None
