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

from .domain.legs import CallState
from .domain.rules import AlertKind
from .services.abilities import HoldsCalls
from .targets import Target, sources

CONF_KIND: Final = "kind"
CONF_OLDER_THAN: Final = "older_than"


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


CONDITIONS: Final[dict[str, type[Condition]]] = {
    "has_open_alerts": HasOpenAlerts,
    "is_in_call": IsInCall,
}


async def async_get_conditions(hass: HomeAssistant) -> dict[str, type[Condition]]:
    """Return the conditions."""
    return CONDITIONS
