"""Binary sensors of a team: nobody on shift, and whether somebody can be reached."""

from typing import Final, override

from homeassistant.components.binary_sensor import (
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.core import callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from ..runtime.devices import HUB
from .entity import TeamValueEntity
from .runtime import TeamRuntime
from .shifts import Shifts

NOBODY_ON_SHIFT: Final = BinarySensorEntityDescription(key="nobody_on_shift")


@callback
def async_add_team_binary_sensors(
    team: TeamRuntime, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the binary sensors of a team."""
    async_add_entities([NobodyOnShift(team, HUB, NOBODY_ON_SHIFT)])


class NobodyOnShift(TeamValueEntity, BinarySensorEntity):
    """Whether nobody is on shift."""

    @override
    def shown(self) -> bool:
        return self.is_on

    @property
    @override
    def is_on(self) -> bool:
        return not self._team.part(Shifts).on_shift()
