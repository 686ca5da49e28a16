"""Whose a table is now: what the team, its shifts and zones and the till say of it."""

from homeassistant.core import callback

from ..domain.ownership import Candidate, Owners, whose
from ..domain.table_waiters import Waiter
from ..registries import registry_version
from ..services.abilities import knows_waiters
from .runtime import Part, TeamRuntime
from .shifts import Shifts
from .zones import Location, Zones

type Known = tuple[Waiter | None, tuple[Candidate, ...], Owners]


class Whose(Part):
    """Say whose a table is; what was found out is kept until anything of it changes."""

    def __init__(self, team: TeamRuntime) -> None:
        """Follow shifts, which no registry has."""
        super().__init__(team)
        self._zones = team.part(Zones)
        self._shifts = team.part(Shifts)
        self._shifts.listen(self._async_forget)
        self._known: dict[Location, Known] = {}
        # Candidates of one table are those of many.
        self._made: dict[tuple[str, bool, bool, bool], Candidate] = {}
        self._version = -1

    @callback
    def of(self, entry_id: str, device_key: str | None) -> Owners:
        """Return whose a device of an entry is (None: its hub)."""
        _, _, owners = self._look_up(entry_id, device_key)
        return owners

    @callback
    def candidates(
        self, entry_id: str, device_key: str | None
    ) -> tuple[Candidate, ...]:
        """Return the team as a device of an entry sees it, for ``recipients``."""
        _, candidates, _ = self._look_up(entry_id, device_key)
        return candidates

    def _look_up(self, entry_id: str, device_key: str | None) -> Known:
        version = registry_version(self.hass)
        if version != self._version:
            self._known.clear()
            self._version = version
        waiter = self._waiter(entry_id, device_key)
        location = entry_id, device_key
        known = self._known.get(location)
        if known is None or known[0] != waiter:
            candidates = self._candidates(entry_id, device_key, waiter)
            known = self._known[location] = waiter, candidates, whose(candidates)
        return known

    def _waiter(self, entry_id: str, device_key: str | None) -> Waiter | None:
        """Return who serves a table by the till."""
        entry = self.hass.config_entries.async_get_entry(entry_id)
        if entry is None or (waiters := knows_waiters(entry)) is None:
            return None
        return waiters.waiter_of(device_key)

    def _candidates(
        self, entry_id: str, device_key: str | None, waiter: Waiter | None
    ) -> tuple[Candidate, ...]:
        covering = self._zones.covering(entry_id, device_key)
        return tuple(
            self._candidate(
                person.person_id,
                is_on_shift=self._shifts.is_on(person.person_id),
                # A manager without a zone is called where the zone's people do not come.
                is_in_zone=person.person_id in covering
                and not (
                    person.is_manager and self._zones.is_everywhere(person.person_id)
                ),
                is_tills=waiter is not None and waiter.is_called(person.pos_waiter),
            )
            for person in self.team.people.values()
        )

    def _candidate(
        self, person_id: str, *, is_on_shift: bool, is_in_zone: bool, is_tills: bool
    ) -> Candidate:
        key = person_id, is_on_shift, is_in_zone, is_tills
        if (made := self._made.get(key)) is None:
            made = self._made[key] = Candidate(
                person_id=person_id,
                is_manager=self.team.people[person_id].is_manager,
                is_on_shift=is_on_shift,
                is_in_zone=is_in_zone,
                is_tills=is_tills,
            )
        return made

    @callback
    def _async_forget(self) -> None:
        self._known.clear()
