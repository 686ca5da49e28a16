"""The figures of a restaurant's day: what happened, was paid, waited for, forgotten."""

from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from ..domain.alert import Transition
from ..domain.daily import DailyCount, DailySum, DailyTally, DailyWaits
from ..domain.days import is_another_day
from ..domain.events import Event, OnlinePayment
from ..domain.lifecycle import Action, Outcome


class Figures:
    """Count by the day; the day that is counted ends when ``roll`` is called."""

    def __init__(self, day_began: Callable[[], datetime]) -> None:
        """Take what says when the restaurant's present day began."""
        self._day_began = day_began
        self.day = day_began()
        """When the day that is counted began, in UTC."""
        self.events = DailyCount()
        self.payments = DailySum()
        self.waits = DailyWaits()
        self.forgotten = DailyTally()
        # By the names under which they are stored.
        self._all: dict[str, DailyCount] = {
            "events_today": self.events,
            "payments_today": self.payments,
            "waits_today": self.waits,
            "forgotten_today": self.forgotten,
        }
        # Those of them that an event may change.
        self._changing = (self.events, self.payments, self.forgotten)

    @property
    def is_day_over(self) -> bool:
        """Return whether the day that is counted is over, so that it has to end."""
        began = self._day_began()
        return began > self.day and is_another_day(self.day, began)

    @contextmanager
    def attempt(self) -> Generator[None]:
        """Take back what an event changes inside, where it raises."""
        kept = [figure.kept() for figure in self._changing]
        try:
            yield
        except Exception:
            for figure, values in zip(self._changing, kept, strict=True):
                figure.give_back(values)
            raise

    def count(self, event: Event) -> None:
        """Count what is counted by the day."""
        if event.is_counted:
            self.events.add(self._day_began())
        if isinstance(event, OnlinePayment):
            self.payments.add_amount(self._day_began(), event.amount)

    def count_answers(self, transitions: Iterable[Transition]) -> None:
        """Count how long guests waited for an answer, less what was none."""
        for transition in transitions:
            if (wait := transition.wait) is None:
                continue
            title = transition.alert.title
            if transition.action is Action.REOPENED:
                # That of a day before was counted there and is over.
                self.waits.roll(self._day_began())
                self.waits.remove_wait(wait, title)
            else:
                self.waits.add_wait(self._day_began(), wait, title)

    def count_ended(self, transitions: Iterable[Transition]) -> None:
        """Count those that nobody had; until a day has ended they are of that day."""
        for transition in transitions:
            if transition.alert.outcome is Outcome.FORGOTTEN:
                if self.is_day_over:
                    self.forgotten.add_last(self.day)
                else:
                    self.forgotten.add(self._day_began())

    def roll(self) -> bool:
        """Begin again if another day has begun; return whether it has."""
        began = self._day_began()
        is_new_day = is_another_day(self.day, began)
        if is_new_day:
            self.day = began
        for figure in self._all.values():
            is_new_day |= figure.roll(began)
        return is_new_day

    def as_dict(self) -> dict[str, Any]:
        """Return what to store."""
        return {key: figure.as_dict() for key, figure in self._all.items()} | {
            "day": self.day.isoformat()
        }

    def restore(self, stored: Mapping[str, Any], day: datetime | None) -> None:
        """Take over what was stored; a day that ended meanwhile ends at the start."""
        if day is not None:
            self.day = day
        for key, figure in self._all.items():
            if isinstance(kept := stored.get(key), dict):
                figure.restore(kept)
            if figure.since is None:
                # What is forgotten by then is still of the day that was stored.
                figure.roll(self.day)
