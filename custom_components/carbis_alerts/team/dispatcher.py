"""Notify people of what waits, and others after them, until somebody has it."""

from collections.abc import Callable, Mapping
from functools import partial
import secrets
from typing import Any, Final, override

from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
)
from homeassistant.core import CALLBACK_TYPE, Context, HassJob, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..domain.dispatch import Came, Climb, Notice, Plan, Step, Unreached
from ..domain.lifecycle import Action, DispatchAction
from ..domain.ownership import recipients
from ..runtime.clocks import read_clocks, wall_since
from ..runtime.storage import as_dict
from ..runtime.trigger_events import TriggerEvent, alert_subject, async_listen
from . import texts
from .answers import Answers
from .deliveries import Deliveries
from .dispatch_events import fire
from .ladder_events import LadderEvents
from .moments import moment
from .reconciliation import Reconciliation
from .runtime import Part, TeamRuntime
from .served import alert_of, runtime_of, served
from .step_actions import run_actions
from .steps import group_id, steps_of
from .whose import Whose

_SECTION: Final = "dispatch"
# Bytes of a token: nobody can guess one.
TOKEN: Final = 8
# The longest sleep of the timer, in seconds: what was missed is looked for then.
LONGEST_SLEEP: Final = 3600.0


class Dispatcher(Part):
    """Follow the alerts that the team serves, with one timer."""

    def __init__(self, team: TeamRuntime) -> None:
        """Take the steps as the entry holds them."""
        super().__init__(team)
        self.plan = Plan(steps_of(team.entry), partial(secrets.token_hex, TOKEN))
        self.deliveries = Deliveries(team, self.plan, self.async_tick)
        self._answers = Answers(team, self.plan, self.deliveries, self.async_decline)
        self._reconciliation = Reconciliation(team, self.plan, self.deliveries)
        self._whose = team.part(Whose)
        self._ladder = LadderEvents(team)
        self._leave: list[CALLBACK_TYPE] = []
        self._cancel: CALLBACK_TYPE | None = None
        self._is_started = False
        self._job = HassJob(self._async_on_time, cancel_on_shutdown=True)
        team.store.add_section(self.collect, self.restore)

    @override
    @callback
    def async_start(self) -> None:
        self._is_started = True
        # Before anything goes out, what is no longer true is taken back.
        self.deliveries.withdrawals.resume()
        for entry_id in {climb.entry_id for climb in self.plan.climbs.values()}:
            self._reconciliation.look_after(entry_id)
        handlers: dict[Action, Callable[[TriggerEvent], None]] = {
            Action.OPENED: partial(self._opened, is_new=True),
            Action.REPEATED: self._repeated,
            Action.REOPENED: self._reopened,
            Action.ACKNOWLEDGED: self._over,
            Action.CLOSED: self._over,
            Action.SNOOZED: self._snoozed,
        }
        self._leave = [
            *(
                async_listen(self.hass, alert_subject(action), self._served(handle))
                for action, handle in handlers.items()
            ),
            async_dispatcher_connect(
                self.hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._entry_changed
            ),
        ]
        for runtime in served(self.team):
            self._reconciliation.look_into(runtime)
        self._leave.append(
            self.team.signals.listen_changes(self._ladder.people_changed)
        )
        self.deliveries.summaries.async_start()
        self._answers.async_start()
        self.async_tick()

    @override
    @callback
    def async_stop(self) -> None:
        self._is_started = False
        self._answers.async_stop()
        self.deliveries.summaries.async_stop()
        while self._leave:
            self._leave.pop()()
        self._async_cancel()

    @callback
    def async_tick(self) -> None:
        """Do what is due, noted in the store before it goes out."""
        if not self._is_started:
            return
        clock = dt_util.now().time()
        effects = self.plan.tick(moment(), clock, self._recipients)
        if effects:
            self.team.store.async_changed()
        for effect in effects:
            match effect:
                case Came():
                    self._ladder.came(effect)
                case Notice():
                    self.deliveries.send(effect)
                case Unreached():
                    self._ladder.nobody_comes(effect.climb)
        self._async_schedule()

    @callback
    def async_decline(
        self, alert_id: str, person_id: str, context: Context | None = None
    ) -> None:
        """Take that somebody does not come: the next is notified at once."""
        climb = self.plan.climbs.get(alert_id)
        if climb is None or person_id in climb.declined:
            return
        delivery = self.plan.decline(climb, person_id, moment())
        found = alert_of(self.hass, climb.entry_id, climb.alert_id)
        if found is not None:
            runtime, alert = found
            data = runtime.alert_events.data(alert)
            fire(
                self.hass,
                self.team,
                DispatchAction.DECLINED,
                person=self.team.people.get(person_id),
                alert=data,
                channel=delivery.handed[-1].channel
                if delivery and delivery.handed
                else None,
                context=context,
            )
            self.deliveries.take_back(climb, data, "", of=person_id)
        self.team.store.async_changed()
        self.async_tick()

    def collect(self) -> dict[str, Any]:
        """Return what to store."""
        return {
            _SECTION: {
                "clocks": read_clocks(),
                **self.plan.as_dict(moment()),
            }
        }

    def restore(self, stored: Mapping[str, Any]) -> None:
        """Take over how far each alert was, by clocks that may have been set since."""
        section = as_dict(stored.get(_SECTION))
        wall = as_dict(section.get("clocks")).get("wall")
        passed = (
            max(0.0, wall_since(section["clocks"]) - wall)
            if isinstance(wall, float)
            else 0.0
        )
        self.plan.restore(section, moment() - passed)

    def _recipients(self, climb: Climb, step: Step) -> tuple[str, ...]:
        """Return whom a step notifies of an alert now."""
        found = alert_of(self.hass, climb.entry_id, climb.alert_id)
        key = None if found is None else found[1].device_key
        candidates = self._whose.candidates(climb.entry_id, key)
        found_ids = recipients(candidates, step.to, without=climb.declined).person_ids
        group = group_id(step)
        return found_ids if group is None else (*found_ids, group)

    def _served(
        self, handle: Callable[[TriggerEvent], None]
    ) -> Callable[[TriggerEvent], None]:
        """Return a listener for what becomes of alerts that the team serves."""

        @callback
        def listen(event: TriggerEvent) -> None:
            if self.team.serves(event.entry_id):
                handle(event)
                self.team.store.async_changed()

        return listen

    @callback
    def _opened(self, event: TriggerEvent, *, is_new: bool) -> None:
        data = event.data
        self._end(data)
        self.plan.begin(
            data["alert_id"],
            event.entry_id,
            data["kind"],
            waited=data["age"],
            now=moment(),
            late=data["late"],
            is_new=is_new,
        )
        self.async_tick()

    @callback
    def _repeated(self, event: TriggerEvent) -> None:
        self.plan.press_again(event.data["alert_id"], moment())
        self.async_tick()

    @callback
    def _reopened(self, event: TriggerEvent) -> None:
        climb = self.plan.climbs.get(event.data["alert_id"])
        if climb is None:
            self._opened(event, is_new=False)
            return
        self.plan.resume(climb.alert_id, moment())
        self.async_tick()

    @callback
    def _over(self, event: TriggerEvent) -> None:
        self._end(event.data)
        self._async_schedule()

    @callback
    def _snoozed(self, event: TriggerEvent) -> None:
        climb = self.plan.pause(event.data["alert_id"], moment())
        if climb is not None:
            self.deliveries.take_back(
                climb, event.data, texts.outcome(self.hass, event.data)
            )

    @callback
    def _end(self, data: Mapping[str, Any]) -> None:
        """Take back what people have of an alert that somebody has, or that is gone."""
        climb = self.plan.end(data["alert_id"], moment())
        if climb is None:
            return
        self.deliveries.take_back(climb, data, texts.outcome(self.hass, data))
        for step in self.plan.ladder(climb.kind):
            if (rung := climb.rungs.get(step.step_id)) is not None and rung.times:
                run_actions(
                    self.team,
                    step.on_taken,
                    data,
                    step=step.name,
                    attempt=rung.times,
                )

    @callback
    def _entry_changed(self, change: ConfigEntryChange, entry: ConfigEntry) -> None:
        """Follow entries of services that are loaded again, or gone."""
        if entry.domain != DOMAIN:
            return
        if change is ConfigEntryChange.REMOVED:
            self._reconciliation.look_after(entry.entry_id)
        elif (runtime := runtime_of(self.hass, entry.entry_id)) is not None:
            self._reconciliation.look_after(entry.entry_id)
            if self.team.serves(entry.entry_id):
                self._reconciliation.look_into(runtime)
            self.async_tick()

    @callback
    def _async_on_time(self, _: object) -> None:
        self._cancel = None
        self.async_tick()

    @callback
    def _async_schedule(self) -> None:
        """Set the one timer to whatever comes first."""
        self._async_cancel()
        if not self._is_started or (due := self.plan.next_at) is None:
            return
        delay = min(max(0.0, due - moment()), LONGEST_SLEEP)
        self._cancel = async_call_later(self.hass, delay, self._job)

    @callback
    def _async_cancel(self) -> None:
        if self._cancel is not None:
            self._cancel()
            self._cancel = None
