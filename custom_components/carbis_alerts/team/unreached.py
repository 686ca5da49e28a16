"""How many alerts of today nobody came for."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.core import callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..domain.days import day_began, is_another_day
from ..runtime import issues
from ..runtime.alert_options import daily_reset
from ..runtime.devices import HUB
from ..runtime.storage import as_dict, as_time
from .reach import Reach
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

    @property
    def is_open(self) -> bool:
        """Return whether a repair says that nobody can be reached."""
        issue = issues.issue_id(issues.NOBODY_REACHABLE, self.team.entry.entry_id)
        return (DOMAIN, issue) in ir.async_get(self.hass).issues

    @callback
    def look(self, reach: Reach) -> None:
        """Have a repair say it where none of the people can be reached, and not else."""
        people = self.team.people.values()
        if people and any(reach.problem_of(person) is None for person in people):
            issues.async_close(self.hass, self.team.entry, issues.NOBODY_REACHABLE)
            return
        issues.async_open(
            self.hass,
            self.team.entry,
            issues.NOBODY_REACHABLE,
            severity=issues.Severity.ERROR,
            is_fixable=False,
        )

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
