"""The people of teams, as the board asks who of them has something."""

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback

from ..entries import service_entries
from ..team.runtime import TeamRuntime, loaded_teams
from ..team.shifts import Shifts
from .views import Json


class ShownPeople:
    """What was sent of people: who they are, whom they serve, and whether on shift."""

    def __init__(self, hass: HomeAssistant, touch: CALLBACK_TYPE) -> None:
        """Take what is called when somebody has come or gone."""
        self._hass = hass
        self._touch = touch
        self._is_dirty = False
        self._followed: dict[TeamRuntime, CALLBACK_TYPE] = {}
        self.views: dict[str, Json] = {}

    @callback
    def async_touch(self) -> None:
        """Note that somebody has changed."""
        self._is_dirty = True
        self._touch()

    @callback
    def async_close(self) -> None:
        """Follow nobody any more."""
        for leave in self._followed.values():
            leave()
        self._followed.clear()
        self.views.clear()

    def renew(self) -> tuple[list[Json], list[str]]:
        """Return what has changed, and the ids of those who are gone."""
        if not self._is_dirty:
            return [], []
        self._is_dirty = False
        teams = loaded_teams(self._hass)
        for gone in self._followed.keys() - {*teams}:
            self._followed.pop(gone)()
        for team in teams:
            if team not in self._followed:
                self._followed[team] = team.part(Shifts).listen(self.async_touch)
        before, self.views = self.views, _views(self._hass, teams)
        changed = [view for id_, view in self.views.items() if before.get(id_) != view]
        return changed, [id_ for id_ in before if id_ not in self.views]


def _views(hass: HomeAssistant, teams: list[TeamRuntime]) -> dict[str, Json]:
    """Return the people by their ids."""
    entry_ids = [entry.entry_id for entry in service_entries(hass)]
    views: dict[str, Json] = {}
    for team in teams:
        shifts = team.part(Shifts)
        served = [entry_id for entry_id in entry_ids if team.serves(entry_id)]
        for person in team.people.values():
            views[person.person_id] = {
                "person_id": person.person_id,
                "name": person.name,
                "person_entity": person.person_entity,
                "on_shift": not shifts.are_used or shifts.is_on(person.person_id),
                "entries": served,
            }
    return views
