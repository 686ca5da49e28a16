"""Who of a team is on shift: by a switch of ours, or by something of the site."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, override

from homeassistant.core import (
    CALLBACK_TYPE,
    Context,
    Event,
    EventStateChangedData,
    HassJob,
    callback,
    split_entity_id,
)
from homeassistant.helpers.event import async_call_later, async_track_state_change_event
from homeassistant.util import dt as dt_util

from ..const import CONF_SHIFT_ENDS, DEFAULT_SHIFT_ENDS
from ..domain.days import Days, is_another_day
from ..domain.lifecycle import DispatchAction
from ..domain.shifts import is_on_shift
from ..people import Person
from ..runtime import issues
from ..runtime.alert_options import daily_reset
from ..runtime.devices import HUB
from ..runtime.storage import as_dict, as_time
from ..runtime.timings import timings
from .dispatch_events import fire
from .runtime import Part, TeamRuntime

# The longest sleep of the timer, in seconds: a clock may be set meanwhile.
LONGEST_SLEEP: Final = 3600.0

# A clock that is set back by less brings no day back: a shift ends once.
LONGEST_BACK: Final = timedelta(days=2)

ZONE_DOMAIN: Final = "zone"


class Shifts(Part):
    """Know who is on shift; nobody is off for want of knowledge.

    Where nothing says whether somebody is on shift, the person is, and a repair asks.
    """

    def __init__(self, team: TeamRuntime) -> None:
        """Take the people; what is not known of one counts as on shift."""
        super().__init__(team)
        self._switched = {
            person_id
            for person_id, person in team.people.items()
            if person.shift_entity is None
        }
        # What our switches say, and what the site's entities said last.
        self._own: dict[str, bool] = {}
        self._said: dict[str, bool] = {}
        self._is_touched = False
        # Whose entities have said nothing for a while, and whose have just begun to.
        self._unknown: set[str] = set()
        self._doubts: dict[str, CALLBACK_TYPE] = {}
        self._days = Days(daily_reset(team.entry))
        self.day = self._days.began(dt_util.now())
        """When the day began that the shift is of, in UTC."""
        self._listeners: list[CALLBACK_TYPE] = []
        self._timer: CALLBACK_TYPE | None = None
        self._untrack: CALLBACK_TYPE | None = None
        team.store.add_section(self.collect, self.restore)

    @property
    def are_used(self) -> bool:
        """Return whether anybody ever touched a switch, or something of the site says."""
        return self._is_touched or len(self._switched) < len(self.team.people)

    def is_on(self, person_id: str) -> bool:
        """Return whether somebody is on shift; nobody is who is not of the team."""
        if person_id not in self.team.people:
            return False
        if person_id in self._switched:
            return self._own.get(person_id, True)
        return person_id in self._unknown or self._said.get(person_id, True)

    def on_shift(self) -> list[str]:
        """Return the ids of those on shift, in the order of the team."""
        return [person_id for person_id in self.team.people if self.is_on(person_id)]

    @callback
    def listen(self, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call back when somebody has come or gone, or may have."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @callback
    def async_set(self, person_id: str, is_on: bool, context: Context | None) -> None:
        """Turn somebody's own switch: they come or go."""
        was_on, self._own[person_id] = self.is_on(person_id), is_on
        self._is_touched = True
        self._changed(person_id)
        if is_on is not was_on:
            self._publish(person_id, is_on=is_on, context=context)

    @override
    @callback
    def async_start(self) -> None:
        # Those are gone, or have a switch of ours.
        others = self.team.people.keys() - self._switched
        issues.async_keep_parts(
            self.hass, self.team.entry, issues.SHIFT_UNKNOWN, others
        )
        entities: dict[str, list[str]] = {}
        for person in self.team.people.values():
            if person.shift_entity is not None:
                entities.setdefault(person.shift_entity, []).append(person.person_id)

        @callback
        def said(event: Event[EventStateChangedData]) -> None:
            for person_id in entities[event.data["entity_id"]]:
                self._look(person_id, event.context)

        if entities:
            self._untrack = async_track_state_change_event(self.hass, entities, said)
        self._async_tick()
        for person_id in self.team.people:
            self._look(person_id)

    @override
    @callback
    def async_stop(self) -> None:
        for cancel in (self._timer, self._untrack, *self._doubts.values()):
            if cancel is not None:
                cancel()
        self._timer = self._untrack = None
        self._doubts.clear()

    def collect(self) -> dict[str, Any]:
        """Return what to store: of those who are of the team."""
        return {
            "shifts": {
                "day": self.day.isoformat(),
                "touched": self._is_touched,
                "own": {**self._own},
                "said": {**self._said},
            }
        }

    def restore(self, stored: Mapping[str, Any]) -> None:
        """Take over what was stored of those who are still of the team."""
        shifts = as_dict(stored.get("shifts"))
        self.day = as_time(shifts.get("day")) or self.day
        self._is_touched = shifts.get("touched") is True
        for name, kept in (("own", self._own), ("said", self._said)):
            for person_id, is_on in as_dict(shifts.get(name)).items():
                # Who changes from one to the other begins again.
                is_own = person_id in self._switched
                if person_id in self.team.people and is_own is (name == "own"):
                    kept[person_id] = is_on is not False

    @callback
    def _look(self, person_id: str, context: Context | None = None) -> None:
        """Look at what an entity of the site says of a person."""
        person = self.team.people[person_id]
        if person.shift_entity is None:
            return
        says = self._says(person, person.shift_entity)
        if says is None:
            self._doubt(person_id)
            return
        if (cancel := self._doubts.pop(person_id, None)) is not None:
            cancel()
        if person_id in self._unknown:
            self._unknown.discard(person_id)
            issues.async_close(
                self.hass, self.team.entry, issues.SHIFT_UNKNOWN, person_id
            )
        # What it said before is what was published last.
        before, self._said[person_id] = self._said.get(person_id), says
        self._changed(person_id)
        if before is not None and before is not says:
            self._publish(person_id, is_on=says, context=context)

    def _says(self, person: Person, entity_id: str) -> bool | None:
        """Return whether an entity says that a person is on shift, None if nothing."""
        if (state := self.hass.states.get(entity_id)) is None:
            return None
        domain, _ = split_entity_id(entity_id)
        if domain == ZONE_DOMAIN and person.person_entity is not None:
            return person.person_entity in state.attributes.get("persons", ())
        return is_on_shift(domain, state.state)

    @callback
    def _doubt(self, person_id: str) -> None:
        """Wait for a while: an entity that is loaded again says nothing meanwhile."""
        if person_id in self._unknown or person_id in self._doubts:
            return

        @callback
        def give_up(_: datetime) -> None:
            self._doubts.pop(person_id, None)
            self._unknown.add(person_id)
            person = self.team.people[person_id]
            issues.async_open(
                self.hass,
                self.team.entry,
                issues.SHIFT_UNKNOWN,
                severity=issues.Severity.WARNING,
                details={"name": person.name, "entity": person.shift_entity},
                part=person_id,
                is_fixable=False,
            )
            self._changed(person_id)

        self._doubts[person_id] = async_call_later(
            self.hass, timings().grace, HassJob(give_up, cancel_on_shutdown=True)
        )

    @callback
    def _async_tick(self, _: object = None) -> None:
        """End the shift with the day; a day that ended while nothing ran ends now."""
        now = dt_util.now()
        began = self._days.began(now)
        if self.day - began > LONGEST_BACK:
            # The clock was far ahead.
            self.day = began
        if began > self.day and is_another_day(self.day, began):
            self.day = began
            gone = self._end_shift()
            # What counts by the day begins again too.
            self._changed(*self.team.people)
            for person_id in gone:
                self._publish(person_id, is_on=False)
        delay = (self._days.ends(now) - dt_util.utcnow()).total_seconds()
        self._timer = async_call_later(
            self.hass,
            min(max(delay, 0.0), LONGEST_SLEEP),
            HassJob(self._async_tick, cancel_on_shutdown=True),
        )

    @callback
    def _end_shift(self) -> list[str]:
        """Turn our switches off, unless nobody ever used them; return who goes."""
        ends = self.team.entry.options.get(CONF_SHIFT_ENDS, DEFAULT_SHIFT_ENDS)
        if not ends or not self._is_touched:
            return []
        gone = [
            person_id for person_id in self.on_shift() if person_id in self._switched
        ]
        self._own.update(dict.fromkeys(gone, False))
        return gone

    @callback
    def _publish(
        self, person_id: str, *, is_on: bool, context: Context | None = None
    ) -> None:
        action = DispatchAction.SHIFT_STARTED if is_on else DispatchAction.SHIFT_ENDED
        person = self.team.people[person_id]
        fire(self.hass, self.team, action, person=person, context=context)

    @callback
    def _changed(self, *person_ids: str) -> None:
        """Have it stored and shown that somebody has come or gone, or may have."""
        # What others have remembered of shifts goes before anybody looks at it.
        for listener in list(self._listeners):
            self.team.signals.guarded(listener)
        self.team.store.async_changed()
        people = self.team.people
        keys = (people[person_id].device_key for person_id in person_ids)
        self.team.signals.values_changed((HUB, *keys))
