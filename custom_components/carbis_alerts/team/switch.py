"""Switches of a team: whether somebody is on shift."""

from typing import Any, Final, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.core import callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from ..people import Person
from .entity import TeamValueEntity, async_add_people
from .runtime import TeamRuntime
from .shifts import Shifts

ON_SHIFT: Final = SwitchEntityDescription(key="on_shift")


@callback
def async_add_team_switches(
    team: TeamRuntime, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the switches of those whose shift nothing else knows."""

    def build(person: Person) -> list[ShiftSwitch]:
        if person.shift_entity is not None:
            return []
        return [ShiftSwitch(team, person, ON_SHIFT)]

    async_add_people(team, async_add_entities, build)


class ShiftSwitch(TeamValueEntity, SwitchEntity):
    """Whether somebody is on shift."""

    def __init__(
        self, team: TeamRuntime, person: Person, description: SwitchEntityDescription
    ) -> None:
        """Take the person."""
        super().__init__(team, person.device_key, description)
        self._person_id = person.person_id

    @override
    def shown(self) -> bool:
        return self.is_on

    @property
    @override
    def is_on(self) -> bool:
        return self._team.part(Shifts).is_on(self._person_id)

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        await self._async_turn(is_on=True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        await self._async_turn(is_on=False)

    async def _async_turn(self, *, is_on: bool) -> None:
        context, _ = await self.async_actor()
        self._team.part(Shifts).async_set(self._person_id, is_on, context)
