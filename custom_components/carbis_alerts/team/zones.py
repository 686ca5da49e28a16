"""Where the people of a team serve: areas, floors, labels and devices."""

from collections.abc import Callable, Mapping
from typing import Any, Final, override

from homeassistant.const import (
    ATTR_AREA_ID,
    ATTR_DEVICE_ID,
    ATTR_FLOOR_ID,
    ATTR_LABEL_ID,
)
from homeassistant.core import CALLBACK_TYPE, Event, callback
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    floor_registry as fr,
    label_registry as lr,
)
from homeassistant.helpers.target import TargetSelection

from ..registries import registry_version
from ..runtime import issues
from ..targets import CONF_EXCLUDE, async_select
from .runtime import Part, TeamRuntime

NAMED: Final = (ATTR_AREA_ID, ATTR_FLOOR_ID, ATTR_LABEL_ID, ATTR_DEVICE_ID)
# What comes to these registries, or goes, may be of somebody's zone.
WATCHED: Final = (
    ar.EVENT_AREA_REGISTRY_UPDATED,
    dr.EVENT_DEVICE_REGISTRY_UPDATED,
    fr.EVENT_FLOOR_REGISTRY_UPDATED,
    lr.EVENT_LABEL_REGISTRY_UPDATED,
)

type Location = tuple[str, str | None]
type Matches = Callable[[str, str | None], bool]


class Zones(Part):
    """Know who serves where; a change of a registry is seen at once.

    Whoever's zone names nothing serves everywhere. A zone of which nothing is left is
    nowhere, and a repair says so.
    """

    def __init__(self, team: TeamRuntime) -> None:
        """Take the people's zones."""
        super().__init__(team)
        self._matches: dict[str, Matches] = {}
        self._covering: dict[Location, frozenset[str]] = {}
        self._version = -1
        self._leave: list[CALLBACK_TYPE] = []
        self._is_looking = False

    def is_everywhere(self, person_id: str) -> bool:
        """Return whether somebody's zone names nothing and excludes nothing."""
        person = self.team.people.get(person_id)
        return person is not None and not _zone_of(person.zone)

    @callback
    def covers(self, person_id: str, entry_id: str, device_key: str | None) -> bool:
        """Return whether somebody serves a device of an entry (None: its hub)."""
        return person_id in self.covering(entry_id, device_key)

    @callback
    def covering(self, entry_id: str, device_key: str | None) -> frozenset[str]:
        """Return the ids of those who serve a device of an entry (None: its hub)."""
        version = registry_version(self.hass)
        if version != self._version:
            self._matches = self._select()
            self._covering.clear()
            self._version = version
        location = entry_id, device_key
        if (found := self._covering.get(location)) is None:
            found = self._covering[location] = frozenset(
                person_id
                for person_id, matches in self._matches.items()
                if matches(entry_id, device_key)
            )
        return found

    @override
    @callback
    def async_start(self) -> None:
        self._leave = [
            self.hass.bus.async_listen(event_type, self._async_changed)
            for event_type in WATCHED
        ]
        self._async_look()

    @override
    @callback
    def async_stop(self) -> None:
        while self._leave:
            self._leave.pop()()

    def _select(self) -> dict[str, Matches]:
        """Return where each person serves; of those with one zone it is looked up once."""
        by_zone: dict[str, Matches] = {}
        found: dict[str, Matches] = {}
        for person_id, person in self.team.people.items():
            zone = _zone_of(person.zone)
            key = repr(sorted(zone.items()))
            if key not in by_zone:
                by_zone[key] = self._matches_of(zone)
            found[person_id] = by_zone[key]
        return found

    def _matches_of(self, zone: Mapping[str, Any]) -> Matches:
        if any(key in zone for key in NAMED):
            selected = async_select(self.hass, dict(zone))
            return selected.matches if selected else _everywhere
        excluded = async_select(self.hass, dict(zone.get(CONF_EXCLUDE, {})))
        if excluded is None:
            return _everywhere
        return lambda entry_id, key: not excluded.matches(entry_id, key)

    @callback
    def _async_changed(self, event: Event[Any]) -> None:
        """Look at all zones, once for all that changes at a moment."""
        if event.data.get("action") != "update" and not self._is_looking:
            self._is_looking = True
            self.hass.loop.call_soon(self._async_look)

    @callback
    def _async_look(self) -> None:
        """Have a repair say which zones name what is gone."""
        self._is_looking = False
        entry = self.team.entry
        gone = {
            person.person_id: (person.name, left)
            for person in self.team.people.values()
            if (left := self._gone(_zone_of(person.zone)))
        }
        issues.async_keep_parts(self.hass, entry, issues.ZONE_GONE, gone)
        for person_id, (name, left) in gone.items():
            issues.async_open(
                self.hass,
                entry,
                issues.ZONE_GONE,
                severity=issues.Severity.WARNING,
                details={"name": name, "gone": ", ".join(left)},
                part=person_id,
                is_fixable=False,
            )

    def _gone(self, zone: Mapping[str, Any]) -> list[str]:
        """Return the ids of what a zone names and is not there."""
        named = TargetSelection(dict(zone))
        areas, devices = ar.async_get(self.hass), dr.async_get(self.hass)
        return sorted(
            {one for one in named.area_ids if areas.async_get_area(one) is None}
            | (named.floor_ids - fr.async_get(self.hass).floors.keys())
            | (named.label_ids - lr.async_get(self.hass).labels.keys())
            | {one for one in named.device_ids if devices.async_get(one) is None}
        )


def _zone_of(zone: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a zone may be made of, less what names nothing."""
    return {key: zone[key] for key in (*NAMED, CONF_EXCLUDE) if zone.get(key)}


def _everywhere(_: str, __: str | None) -> bool:
    return True
