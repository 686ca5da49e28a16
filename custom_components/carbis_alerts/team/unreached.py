"""How many alerts of today nobody came for."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.core import callback
from homeassistant.util import dt as dt_util

from ..domain.days import day_began, is_another_day
from ..runtime.alert_options import daily_reset
from ..runtime.devices import HUB
from ..runtime.storage import as_dict, as_time
from .runtime import Part, TeamRuntime

_SECTION: Final = "unreached"


class UnreachedToday(Part):
    """Count them by the restaurant's day."""

    def __init__(self, team: TeamRuntime) -> None:
        """Begin a day."""
        super().__init__(team)
        self._day = self._began()
        self._count = 0
        team.store.add_section(self.collect, self.restore)

    @property
    def today(self) -> int:
        """Return how many there were today."""
        self._turn()
        return self._count

    @callback
    def count(self) -> None:
        """Count one."""
        self._turn()
        self._count += 1
        self.team.signals.values_changed((HUB,))

    def collect(self) -> dict[str, Any]:
        """Return what to store."""
        self._turn()
        return {_SECTION: {"day": self._day.isoformat(), "count": self._count}}

    def restore(self, stored: Mapping[str, Any]) -> None:
        """Take over what was counted today."""
        section = as_dict(stored.get(_SECTION))
        day, count = as_time(section.get("day")), section.get("count")
        is_today = day is not None and not is_another_day(day, self._began())
        if is_today and type(count) is int and count > 0:
            self._count = count

    def _turn(self) -> None:
        began = self._began()
        if is_another_day(self._day, began):
            self._day, self._count = began, 0

    def _began(self) -> Any:
        return day_began(dt_util.now(), daily_reset(self.team.entry))
