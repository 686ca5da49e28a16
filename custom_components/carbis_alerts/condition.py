"""Conditions: what is the case, picked by name in the automation editor."""

from typing import Any, ClassVar, Final, Unpack, override

from homeassistant.const import CONF_OPTIONS, CONF_TARGET
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.condition import (
    Condition,
    ConditionCheckParams,
    ConditionConfig,
)
from homeassistant.helpers.typing import ConfigType
from homeassistant.util import dt as dt_util
import voluptuous as vol

from .const import CONF_ZONE
from .domain.legs import CallState
from .domain.rules import AlertKind
from .people import Person
from .services.abilities import HoldsCalls
from .targets import Selected, Target, async_select, sources
from .team.runtime import TeamRuntime, loaded_teams
from .team.shifts import Shifts
from .team.zones import NAMED, Zones

CONF_KIND: Final = "kind"
CONF_OLDER_THAN: Final = "older_than"


def _without_entities(zone: dict[str, Any]) -> dict[str, Any]:
    """Return a zone; it has no entities, since a table has several."""
    if zone.get("entity_id"):
        raise vol.Invalid("a zone has areas, floors, labels and devices, no entities")
    return zone


def _serves(
    team: TeamRuntime, person: Person, zone: dict[str, Any], selected: Selected
) -> bool:
    """Return whether somebody serves a zone, also one without any table."""
    zones = team.part(Zones)
    if zones.is_everywhere(person.person_id) or any(
        {*zone.get(name, ())} & {*person.zone.get(name, ())} for name in NAMED
    ):
        return True
    return any(
        zones.covers(person.person_id, entry_id, key)
        for entry_id in {*selected.keys, *selected.entries}
        for key in selected.keys_of(entry_id)
    )


class CarbisCondition(Condition):
    """A condition on what the sources keep."""

    options: ClassVar[dict[Any, Any]] = {}

    @classmethod
    @override
    async def async_validate_config(
        cls, hass: HomeAssistant, config: ConfigType
    ) -> ConfigType:
        schema = vol.Schema(
            {
                vol.Optional(CONF_TARGET): cv.TARGET_FIELDS,
                vol.Optional(CONF_OPTIONS, default=dict): cls.options,
            }
        )
        validated: ConfigType = schema(config)
        return validated

    def __init__(self, hass: HomeAssistant, config: ConditionConfig) -> None:
        """Take the target and the options."""
        super().__init__(hass, config)
        self._options: dict[str, Any] = config.options or {}
        self._target = Target(hass, config.target or {})


class HasOpenAlerts(CarbisCondition):
    """Somebody waits."""

    options: ClassVar[dict[Any, Any]] = {
        vol.Optional(CONF_KIND): vol.All(
            cv.ensure_list, [vol.In([kind.value for kind in AlertKind])]
        ),
        vol.Optional(CONF_OLDER_THAN): vol.All(vol.Coerce(float), vol.Range(min=0)),
    }

    @override
    def _async_check(self, **kwargs: Unpack[ConditionCheckParams]) -> bool:
        kinds = self._options.get(CONF_KIND)
        age = self._options.get(CONF_OLDER_THAN, 0.0)
        now = dt_util.utcnow()
        return any(
            since is not None and max(0.0, (now - since).total_seconds()) >= age
            for runtime in sources(self._hass)
            for key in runtime.alerts.book.devices
            if self._target.matches(runtime.entry.entry_id, key)
            for kind in AlertKind
            if not kinds or kind in kinds
            for since in [runtime.alerts.book.waiting_since(key, kind)]
        )


class IsInCall(CarbisCondition):
    """Somebody is on the phone."""

    @override
    def _async_check(self, **kwargs: Unpack[ConditionCheckParams]) -> bool:
        return any(
            call.state is CallState.TALKING
            and self._target.matches(
                runtime.entry.entry_id,
                runtime.devices.key(call.extension) if call.extension else None,
            )
            for runtime in sources(self._hass)
            if isinstance(runtime.source, HoldsCalls)
            for call in runtime.source.calls.active
        )


class IsAnybodyOnShift(CarbisCondition):
    """Somebody of a team is on shift, for a zone where one is given."""

    options: ClassVar[dict[Any, Any]] = {
        vol.Optional(CONF_ZONE): vol.All(
            vol.Schema(cv.TARGET_FIELDS), _without_entities
        )
    }

    @override
    def _async_check(self, **kwargs: Unpack[ConditionCheckParams]) -> bool:
        zone: dict[str, Any] = self._options.get(CONF_ZONE, {})
        selected = async_select(self._hass, zone) if zone else None
        return any(
            self._target.matches(person.team_id, person.device_key)
            and (selected is None or _serves(team, person, zone, selected))
            for team in loaded_teams(self._hass)
            for person_id in team.part(Shifts).on_shift()
            for person in [team.people[person_id]]
        )


CONDITIONS: Final[dict[str, type[Condition]]] = {
    "has_open_alerts": HasOpenAlerts,
    "is_anybody_on_shift": IsAnybodyOnShift,
    "is_in_call": IsInCall,
}


async def async_get_conditions(hass: HomeAssistant) -> dict[str, type[Condition]]:
    """Return the conditions."""
    return CONDITIONS
