"""Make what people have agree with the alerts again, after a stop or a reload."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.core import callback

from ..domain.alert import Alert
from ..domain.dispatch import Climb, Plan
from ..domain.lifecycle import State
from ..runtime.runtime import ServiceRuntime
from . import texts
from .deliveries import Deliveries
from .moments import moment
from .runtime import TeamRuntime
from .served import runtime_of

# Of what nobody was notified of: after so many seconds it is late.
LATE: Final = 60.0


class Reconciliation:
    """Look after alerts that nobody looked after for a while."""

    def __init__(self, team: TeamRuntime, plan: Plan, deliveries: Deliveries) -> None:
        """Take the plan, and what takes messages back."""
        self._team = team
        self._plan = plan
        self._deliveries = deliveries

    @callback
    def look_after(self, entry_id: str) -> None:
        """Take back what is no longer true of an entry; send again what was in flight."""
        runtime = runtime_of(self._team.hass, entry_id)
        is_served = self._team.serves(entry_id)
        if is_served and runtime is None:
            # It is there again later, with its alerts.
            return
        now = moment()
        for climb in list(self._plan.climbs.values()):
            if climb.entry_id != entry_id:
                continue
            alert = None
            if is_served and runtime is not None:
                alert = runtime.alerts.book.find(climb.alert_id)
            if alert is None or alert.state is not State.OPEN:
                self._end(climb, runtime, now)
            elif alert.snoozed_until is not None:
                self._plan.pause(climb.alert_id, now)
            else:
                self._plan.resume(climb.alert_id, now)
        for notice in self._plan.in_flight():
            if notice.climb.entry_id == entry_id:
                self._deliveries.send(notice)

    @callback
    def look_into(self, runtime: ServiceRuntime) -> None:
        """Begin with the alerts that wait and of which nobody was notified."""
        now = moment()
        for alert in runtime.alerts.book.alerts:
            if alert.state is not State.OPEN or alert.alert_id in self._plan.climbs:
                continue
            data = runtime.alert_events.data(alert)
            climb = self._plan.begin(
                alert.alert_id,
                runtime.entry.entry_id,
                alert.kind.value,
                waited=data["age"],
                now=now,
                late=data["age"] > LATE,
                is_new=False,
            )
            if climb is not None and alert.snoozed_until is not None:
                self._plan.pause(alert.alert_id, now)

    def _end(self, climb: Climb, runtime: ServiceRuntime | None, now: float) -> None:
        """Take back what people have of an alert that waits no more."""
        self._deliveries.withdrawals.assume_sent(climb)
        self._plan.end(climb.alert_id, now)
        data = _found(climb, runtime)
        self._deliveries.take_back(climb, data, texts.outcome(self._team.hass, data))


def _found(climb: Climb, runtime: ServiceRuntime | None) -> Mapping[str, Any]:
    """Return what is left of an alert, as on the bus."""
    known: Alert | None = None
    if runtime is not None:
        book = runtime.alerts.book
        known = book.find(climb.alert_id) or next(
            (one for one in book.closed if one.alert_id == climb.alert_id), None
        )
    if runtime is None or known is None:
        return {
            "alert_id": climb.alert_id,
            "entry_id": climb.entry_id,
            "kind": climb.kind,
            "name": "",
            "by": None,
            "age": 0.0,
            "snoozed_until": None,
        }
    return runtime.alert_events.data(known)
