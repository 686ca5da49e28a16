"""What is due for each alert that waits, and what is to be taken back."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import time
from functools import cache
import heapq
from typing import Any, Final

from .climb import Climb
from .delivery import Delivery, DeliveryState, Withdrawal
from .effects import Came, Effect, Notice, Unreached
from .step import Step

# Openings of the past that are remembered: who declined them is not asked again.
MAX_ENDED: Final = 200
MAX_WITHDRAWALS: Final = 2_000

# Alerts that one look at the plan takes on: everybody else has a turn then.
MOST_AT_ONCE: Final = 64

type Recipients = Callable[[Climb, Step], Iterable[str]]


class Plan:
    """The ladder of a team, and how far up each alert is.

    Moments are seconds of one clock that is never set.
    """

    def __init__(self, steps: Iterable[Step], new_token: Callable[[], str]) -> None:
        """Take the steps, and what makes a word that nobody can guess."""
        self.steps = sorted(steps, key=lambda step: step.order)
        self._new_token = new_token
        self.climbs: dict[str, Climb] = {}
        self.ended: dict[str, Climb] = {}
        self.withdrawals: list[Withdrawal] = []
        self._moments: list[tuple[float, str]] = []
        self.ladder = cache(self._ladder)

    def step(self, step_id: str) -> Step | None:
        """Return a step, None where it is gone."""
        return next((step for step in self.steps if step.step_id == step_id), None)

    def step_name(self, step_id: str) -> str | None:
        """Return the name of a step, None where it is gone."""
        step = self.step(step_id)
        return None if step is None else step.name

    def _ladder(self, kind: str) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if step.is_for(kind))

    def begin(
        self,
        alert_id: str,
        entry_id: str,
        kind: str,
        *,
        waited: float,
        now: float,
        late: bool = False,
        is_new: bool = True,
    ) -> Climb | None:
        """Take that an alert waits, for so many seconds already; None where no step is for it.

        What is not ``is_new`` had been taken: its time goes on, and who declined it stays.
        """
        steps = self.ladder(kind)
        if not steps:
            return None
        before = None if is_new else self.ended.get(alert_id)
        climb = Climb(
            alert_id=alert_id,
            entry_id=entry_id,
            kind=kind,
            tag=self._new_token(),
            began=now - waited if before is None else before.began,
            late=late,
            declined=set() if before is None else set(before.declined),
        )
        climb.use(steps)
        self.climbs[alert_id] = climb
        self.ended.pop(alert_id, None)
        self._touch(climb)
        return climb

    def end(self, alert_id: str, now: float) -> Climb | None:
        """Take that somebody has an alert, or that it is gone; return how far it was."""
        climb = self.climbs.pop(alert_id, None)
        if climb is None:
            return None
        if climb.paused_at is not None:
            climb.shift(now - climb.paused_at)
            climb.paused_at = None
        self.ended.pop(alert_id, None)
        self.ended[alert_id] = climb
        while len(self.ended) > MAX_ENDED:
            del self.ended[next(iter(self.ended))]
        return climb

    def pause(self, alert_id: str, now: float) -> Climb | None:
        """Take that an alert is snoozed."""
        if (climb := self.climbs.get(alert_id)) is not None:
            climb.pause(now)
        return climb

    def resume(self, alert_id: str, now: float) -> None:
        """Take that a snoozed alert waits again."""
        if (climb := self.climbs.get(alert_id)) is not None:
            climb.resume(self.ladder(climb.kind), now)
            self._touch(climb)

    def press_again(self, alert_id: str, now: float) -> None:
        """Take that a guest asks again: where nobody came, the ladder begins again."""
        climb = self.climbs.get(alert_id)
        if climb is not None and climb.is_unreached:
            climb.begin_again(now)
            self._touch(climb)

    def tick(
        self,
        now: float,
        clock: time,
        recipients: Recipients,
        *,
        most: int = MOST_AT_ONCE,
    ) -> list[Effect]:
        """Return what is to be done now, noted as done: it is to be stored before.

        Of so many alerts at most; ``next_at`` says whether there are more.
        """
        effects: list[Effect] = []
        for climb in self._due(now, most):
            effects += self._advance(climb, now, clock, recipients)
            self._touch(climb)
        return effects

    def failed(self, climb: Climb, delivery: Delivery, now: float) -> None:
        """Take that no channel of a person took a message."""
        if delivery.state is DeliveryState.PENDING:
            delivery.state = DeliveryState.FAILED
            self._go_on(climb, delivery, now)

    def decline(self, climb: Climb, person_id: str, now: float) -> Delivery | None:
        """Take that somebody does not come; return what the person got."""
        delivery = climb.decline(person_id)
        if delivery is not None:
            self._go_on(climb, delivery, now)
        return delivery

    def find(self, token: str) -> tuple[Climb, Delivery] | None:
        """Return what an answer is to, None where that is over or never was."""
        for climb in self.climbs.values():
            for delivery in climb.deliveries.values():
                if delivery.token == token:
                    return climb, delivery
        return None

    def find_ended(self, token: str) -> tuple[Climb, Delivery] | None:
        """Return what of the past an answer is to."""
        for climb in self.ended.values():
            for delivery in climb.deliveries.values():
                if delivery.token == token:
                    return climb, delivery
        return None

    def in_flight(self) -> list[Notice]:
        """Return what was about to go out, which nobody knows of whether it did."""
        return [
            Notice(climb=climb, delivery=delivery)
            for climb in self.climbs.values()
            for delivery in climb.deliveries.values()
            if delivery.state is DeliveryState.PENDING
        ]

    def withdraw(self, withdrawal: Withdrawal) -> None:
        """Note what is to be taken back."""
        self.withdrawals.append(withdrawal)
        del self.withdrawals[:-MAX_WITHDRAWALS]

    def is_withdrawing(self, withdrawal: Withdrawal) -> bool:
        """Return whether something is still to be taken back."""
        return any(one is withdrawal for one in self.withdrawals)

    def done(self, withdrawal: Withdrawal) -> None:
        """Take that a message is taken back, or cannot be."""
        self.withdrawals = [one for one in self.withdrawals if one is not withdrawal]

    def drop_withdrawals(self, tag: str, person_id: str) -> None:
        """Take back nothing that a new message to somebody has replaced."""
        self.withdrawals = [
            one
            for one in self.withdrawals
            if (one.tag, one.person_id) != (tag, person_id)
        ]

    @property
    def next_at(self) -> float | None:
        """Return when something is to be done next, None for never."""
        while self._moments:
            moment, alert_id = self._moments[0]
            climb = self.climbs.get(alert_id)
            if climb is not None and climb.next_at == moment:
                return moment
            heapq.heappop(self._moments)
        return None

    def as_dict(self, now: float) -> dict[str, Any]:
        """Return what to store."""
        return {
            "climbs": [climb.as_dict(now) for climb in self.climbs.values()],
            "ended": [
                {**climb.as_dict(now), "deliveries": []}
                for climb in self.ended.values()
                if climb.declined
            ],
            "withdrawals": [one.as_dict(now) for one in self.withdrawals],
        }

    def restore(self, stored: Mapping[str, Any], then: float) -> None:
        """Take over what was stored at a moment; what is none of it is passed over."""
        for climb in _read(stored.get("climbs"), Climb.from_dict, then):
            if steps := self.ladder(climb.kind):
                climb.use(steps)
                climb.look_at = then
                self.climbs[climb.alert_id] = climb
                self._touch(climb)
        for climb in _read(stored.get("ended"), Climb.from_dict, then):
            self.ended[climb.alert_id] = climb
        self.withdrawals += _read(stored.get("withdrawals"), Withdrawal.from_dict, then)

    def _advance(
        self, climb: Climb, now: float, clock: time, recipients: Recipients
    ) -> Iterator[Effect]:
        """Have all steps of an alert come that are due; where one finds nobody, the next."""
        steps = self.ladder(climb.kind)
        climb.look_at = None
        notified: dict[str, Notice] = {}
        while dues := climb.due(steps, now, clock):
            for due in dues:
                yield Came(climb=climb, step=due.step, attempt=due.attempt)
                asked = climb.ask(due, recipients(climb, due.step), self._new_token)
                for delivery in asked:
                    notified[delivery.person_id] = Notice(
                        climb=climb, delivery=delivery
                    )
                climb.is_seen |= due.step.is_seen
                if not asked and not due.step.is_seen:
                    climb.hurry(steps, now)
        yield from notified.values()
        if climb.check_unreached(now):
            yield Unreached(climb=climb)

    def _go_on(self, climb: Climb, delivery: Delivery, now: float) -> None:
        """Have the next step come at once where nobody is left of one."""
        if climb.is_left_alone(delivery.step_id):
            climb.hurry(self.ladder(climb.kind), now)
            # Where there is none, this may be the end.
            climb.look_at = now
            self._touch(climb)

    def _due(self, now: float, most: int) -> list[Climb]:
        """Take out the alerts for which something is due."""
        found: dict[str, Climb] = {}
        while (
            len(found) < most and (moment := self.next_at) is not None and moment <= now
        ):
            _, alert_id = heapq.heappop(self._moments)
            found[alert_id] = self.climbs[alert_id]
        return list(found.values())

    def _touch(self, climb: Climb) -> None:
        """Note when something is to be done next for an alert."""
        if (moment := climb.next_at) is not None:
            heapq.heappush(self._moments, (moment, climb.alert_id))


def _read[T](
    stored: object, read: Callable[[Mapping[str, Any], float], T], then: float
) -> list[T]:
    """Return what can be read of a stored list."""
    found = []
    for item in stored if isinstance(stored, list) else ():
        try:
            found.append(read(item, then))
        except AttributeError, KeyError, OverflowError, TypeError, ValueError:
            continue
    return found
