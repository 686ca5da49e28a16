"""Switches of a team: whether somebody is on shift."""

from typing import Any, Final, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.const import Platform
from homeassistant.core import callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from ..const import DOMAIN
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
            _remove(team, person)
            return []
        return [ShiftSwitch(team, person, ON_SHIFT)]

    async_add_people(team, async_add_entities, build)


def _remove(team: TeamRuntime, person: Person) -> None:
    """Remove the switch of before; it comes back under its own id."""
    registry = er.async_get(team.hass)
    unique_id = team.unique_id(person.device_key, ON_SHIFT.key)
    if entity_id := registry.async_get_entity_id(Platform.SWITCH, DOMAIN, unique_id):
        registry.async_remove(entity_id)


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
