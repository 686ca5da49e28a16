"""How many alerts wait in each person's zone."""

from collections import Counter
from typing import Any, override

from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
    ConfigEntryState,
)
from homeassistant.core import CALLBACK_TYPE, Event, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect

from ..const import DOMAIN
from ..domain.lifecycle import Action, State
from ..entries import service_entries
from ..registries import REGISTRY_EVENTS, registry_version
from ..runtime.trigger_events import TriggerEvent, alert_subject, async_listen
from .runtime import Part, TeamRuntime
from .zones import Location, Zones


class OpenAlerts(Part):
    """Count what waits in each person's zone, one change of an alert at a time."""

    def __init__(self, team: TeamRuntime) -> None:
        """Count what waits already."""
        super().__init__(team)
        self._zones = team.part(Zones)
        # Where each open alert is, how many are at each location, and in each person's zone.
        self._where: dict[str, Location] = {}
        self._locations: Counter[Location] = Counter()
        self._totals: Counter[str] = Counter()
        self._version = registry_version(self.hass)
        self._shown: dict[str, int] = {}
        self._leave: list[CALLBACK_TYPE] = []
        self._is_stale = False
        self._is_scheduled = False
        self._count_all()

    @callback
    def count(self, person_id: str) -> int:
        """Return how many alerts wait in somebody's zone."""
        if self._version != registry_version(self.hass):
            self._add_up()
        return self._totals[person_id]

    @override
    @callback
    def async_start(self) -> None:
        self._leave = [
            async_listen(self.hass, alert_subject(action), self._async_happened)
            for action in Action
        ]
        self._leave.append(
            async_dispatcher_connect(
                self.hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._async_entry_changed
            )
        )
        self._leave += [
            self.hass.bus.async_listen(event_type, self._async_registry_changed)
            for event_type in REGISTRY_EVENTS
        ]
        self._is_stale = True
        self._async_schedule()

    @override
    @callback
    def async_stop(self) -> None:
        while self._leave:
            self._leave.pop()()

    @callback
    def _async_happened(self, event: TriggerEvent) -> None:
        """Take what has become of an alert."""
        alert_id = event.data["alert_id"]
        is_open = event.data["state"] == State.OPEN and self.team.serves(event.entry_id)
        self._move(alert_id, (event.entry_id, event.key) if is_open else None)

    @callback
    def _async_entry_changed(self, _: ConfigEntryChange, entry: ConfigEntry) -> None:
        """Look at all again: an entry has come or gone, or a team serves others."""
        if entry.domain == DOMAIN:
            self._is_stale = True
            self._async_schedule()

    @callback
    def _async_registry_changed(self, _: Event[Any]) -> None:
        self._async_schedule()

    def _move(self, alert_id: str, location: Location | None) -> None:
        """Note where an open alert is, None for one that waits no more."""
        before = self._where.pop(alert_id, None)
        if location is not None:
            self._where[alert_id] = location
        if before == location:
            return
        for at, change in ((before, -1), (location, 1)):
            if at is not None:
                self._locations[at] += change
                if not self._locations[at]:
                    del self._locations[at]
                for person_id in self._zones.covering(*at):
                    self._totals[person_id] += change
        self._async_schedule()

    @callback
    def _async_schedule(self) -> None:
        """Have it shown, once for all that changes at a moment."""
        if not self._is_scheduled and self._leave:
            self._is_scheduled = True
            self.hass.loop.call_soon(self._async_show)

    @callback
    def _async_show(self) -> None:
        self._is_scheduled = False
        if not self._leave:
            return
        if self._is_stale:
            self._is_stale = False
            self._count_all()
        people = self.team.people
        counts = {person_id: self.count(person_id) for person_id in people}
        changed = [
            people[person_id].device_key
            for person_id, number in counts.items()
            if self._shown.get(person_id) != number
        ]
        self._shown = counts
        self.team.signals.values_changed(changed)

    def _count_all(self) -> None:
        """Look at all alerts of the entries that are served.

        Those of an entry that is not loaded, or just being again, stay as they were.
        """
        where: dict[str, Location] = {}
        for entry in service_entries(self.hass, include_disabled=False):
            if not self.team.serves(entry.entry_id):
                continue
            if entry.state is ConfigEntryState.LOADED:
                where |= {
                    alert.alert_id: (entry.entry_id, alert.device_key)
                    for alert in entry.runtime_data.alerts.book.alerts
                    if alert.state is State.OPEN
                }
            else:
                where |= {
                    alert_id: location
                    for alert_id, location in self._where.items()
                    if location[0] == entry.entry_id
                }
        self._where = where
        self._locations = Counter(where.values())
        self._add_up()

    def _add_up(self) -> None:
        """Add up what is open at each location for whoever serves there."""
        self._version = registry_version(self.hass)
        self._totals = Counter()
        for location, number in self._locations.items():
            for person_id in self._zones.covering(*location):
                self._totals[person_id] += number
