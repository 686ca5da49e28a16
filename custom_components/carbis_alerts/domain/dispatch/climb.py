"""The way of one alert up the ladder, from its opening until somebody has it.

All times are seconds of one clock that is never set, whatever its beginning.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time
import math
from typing import Any, Final, Self

from .delivery import Delivery, DeliveryState
from .step import Step

# After the last message of a step that is not repeated, people have so many seconds.
LAST_WAIT: Final = 120.0


@dataclass(slots=True)
class Rung:
    """How far a step is: how often it came, and when it comes next (None: no more)."""

    times: int
    due_at: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A step that comes now for an alert, and how often it has by then."""

    climb: Climb
    step: Step
    attempt: int


@dataclass(slots=True, kw_only=True)
class Climb:
    """What was done for an opening of an alert, and what comes.

    ``began`` is since when it counts, without the time for which it was snoozed;
    ``paused_at`` since when it is snoozed now. Of what is ``late`` people are notified once.
    """

    alert_id: str
    entry_id: str
    kind: str
    tag: str
    began: float
    late: bool = False
    paused_at: float | None = None
    rungs: dict[str, Rung] = field(default_factory=dict)
    declined: set[str] = field(default_factory=set)
    deliveries: dict[str, Delivery] = field(default_factory=dict)
    is_unreached: bool = False
    # Was said, and is not said again of this opening.
    said_unreached: bool = False
    # A lamp or a voice has said it to whoever is there.
    is_seen: bool = False
    ends_at: float | None = None
    # Something is to be looked at whatever comes by time.
    look_at: float | None = None

    @property
    def is_announced(self) -> bool:
        """Return whether somebody has a message of it or is about to, or all could see it."""
        return self.is_seen or any(
            delivery.stands for delivery in self.deliveries.values()
        )

    @property
    def next_at(self) -> float | None:
        """Return when something is to be done for it by time, None for never."""
        if self.paused_at is not None:
            return None
        moments = [
            rung.due_at for rung in self.rungs.values() if rung.due_at is not None
        ]
        if not moments and self.ends_at is not None and not self.is_unreached:
            moments.append(self.ends_at)
        if self.look_at is not None:
            moments.append(self.look_at)
        return min(moments, default=None)

    def use(self, steps: Iterable[Step]) -> None:
        """Take the ladder as it is now; steps that are gone do not come any more."""
        is_over = self.late and bool(self.deliveries)
        self.rungs = {
            step.step_id: self.rungs.get(step.step_id)
            or Rung(0, None if is_over else self.began + step.after)
            for step in steps
        }

    def begin_again(self, now: float) -> None:
        """Have all steps come now: nobody came by them before."""
        for rung in self.rungs.values():
            rung.times, rung.due_at = 0, now
        self.is_unreached = self.said_unreached = False

    def due(self, steps: Sequence[Step], now: float, clock: time) -> list[Due]:
        """Return the steps that come now, and note that they have come.

        ``clock`` is the time of the day, in whose quiet hours a step is passed over.
        """
        found: list[Due] = []
        for step in steps if self.paused_at is None else ():
            rung = self.rungs.get(step.step_id)
            if rung is None or rung.due_at is None or rung.due_at > now:
                continue
            rung.times += 1
            is_over = rung.times > step.repeats or not step.repeat_every
            rung.due_at = None if is_over else now + step.repeat_every
            self.ends_at = now + (step.repeat_every or LAST_WAIT)
            if step.is_quiet(clock):
                continue
            found.append(Due(climb=self, step=step, attempt=rung.times))
            if self.late:
                self._come_to_rest()
                break
        return found

    def ask(
        self, due: Due, person_ids: Iterable[str], new_token: Callable[[], str]
    ) -> list[Delivery]:
        """Note whom a step is about to notify: everybody but who has declined."""
        asked = []
        for person_id in dict.fromkeys(person_ids):
            if person_id in self.declined:
                continue
            if (delivery := self.deliveries.get(person_id)) is None:
                delivery = self.deliveries[person_id] = Delivery(
                    person_id=person_id, token=new_token(), step_id=due.step.step_id
                )
            delivery.step_id = due.step.step_id
            delivery.attempt = due.attempt
            delivery.state = DeliveryState.PENDING
            asked.append(delivery)
        return asked

    def hurry(self, steps: Iterable[Step], now: float) -> None:
        """Have the next step come at once, if there is one."""
        for step in steps:
            rung = self.rungs.get(step.step_id)
            if rung is not None and not rung.times:
                rung.due_at = now
                return

    def is_left_alone(self, step_id: str) -> bool:
        """Return whether nobody whom a step notified has a message of it."""
        return not any(
            delivery.stands
            for delivery in self.deliveries.values()
            if delivery.step_id == step_id
        )

    def decline(self, person_id: str) -> Delivery | None:
        """Take that somebody does not come; return what the person got."""
        self.declined.add(person_id)
        delivery = self.deliveries.get(person_id)
        if delivery is not None:
            delivery.state = DeliveryState.DECLINED
        return delivery

    def pause(self, now: float) -> None:
        """Take that it is snoozed: time does not count."""
        if self.paused_at is None:
            self.paused_at = now

    def resume(self, steps: Sequence[Step], now: float) -> None:
        """Take that it waits again: what was said last is said again."""
        if self.paused_at is None:
            return
        self.shift(now - self.paused_at)
        self.paused_at = None
        last = None
        for step in steps:
            if (rung := self.rungs.get(step.step_id)) is not None and rung.times:
                last = rung
        if last is not None:
            last.due_at = now
        self.is_unreached = False

    def check_unreached(self, now: float) -> bool:
        """Return whether it turns out now that nobody comes, which is said once."""
        is_left = any(not rung.times for rung in self.rungs.values())
        if self.paused_at is not None or (is_left and not self._is_at_rest):
            return False
        is_waiting = (
            any(rung.due_at is not None for rung in self.rungs.values())
            or self.ends_at is None
            or now < self.ends_at
        )
        self.is_unreached = not (self.is_announced and is_waiting)
        is_news = self.is_unreached and not self.said_unreached
        self.said_unreached |= is_news
        return is_news

    def shift(self, by: float) -> None:
        """Move all moments, as if everything had been so much later."""
        self.began += by
        for rung in self.rungs.values():
            if rung.due_at is not None:
                rung.due_at += by
        if self.ends_at is not None:
            self.ends_at += by
        if self.look_at is not None:
            self.look_at += by

    def as_dict(self, now: float) -> dict[str, Any]:
        """Return what to store; moments are stored as seconds from now."""
        return {
            "alert_id": self.alert_id,
            "entry_id": self.entry_id,
            "kind": self.kind,
            "tag": self.tag,
            "began": self.began - now,
            "late": self.late,
            "paused": None if self.paused_at is None else self.paused_at - now,
            "rungs": {
                step_id: [
                    rung.times,
                    None if rung.due_at is None else rung.due_at - now,
                ]
                for step_id, rung in self.rungs.items()
            },
            "declined": sorted(self.declined),
            "deliveries": [one.as_dict() for one in self.deliveries.values()],
            "unreached": self.is_unreached,
            "said": self.said_unreached,
            "seen": self.is_seen,
            "ends": None if self.ends_at is None else self.ends_at - now,
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any], then: float) -> Self:
        """Return what was stored at a moment; raise ``ValueError`` or the like else."""
        deliveries = [Delivery.from_dict(one) for one in stored["deliveries"]]
        return cls(
            alert_id=str(stored["alert_id"]),
            entry_id=str(stored["entry_id"]),
            kind=str(stored["kind"]),
            tag=str(stored["tag"]),
            began=then + _seconds(stored["began"]),
            late=stored["late"] is True,
            paused_at=_moment(stored["paused"], then),
            rungs={
                str(step_id): Rung(max(0, int(times)), _moment(due, then))
                for step_id, (times, due) in stored["rungs"].items()
            },
            declined={str(one) for one in stored["declined"]},
            deliveries={one.person_id: one for one in deliveries},
            is_unreached=stored["unreached"] is True,
            said_unreached=stored["said"] is True,
            is_seen=stored.get("seen") is True,
            ends_at=_moment(stored["ends"], then),
        )

    @property
    def _is_at_rest(self) -> bool:
        """Return whether no step comes by time any more."""
        return all(rung.due_at is None for rung in self.rungs.values())

    def _come_to_rest(self) -> None:
        for rung in self.rungs.values():
            rung.due_at = None
        self.ends_at = None


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("no number of seconds")
    if not math.isfinite(value):
        raise ValueError("no number of seconds")
    return float(value)


def _moment(value: object, then: float) -> float | None:
    return None if value is None else then + _seconds(value)
