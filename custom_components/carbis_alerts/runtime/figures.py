"""The figures of a restaurant's day: what happened, was paid, waited for, how it ended."""

from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final

from ..domain.alert import Alert, Transition
from ..domain.daily import DailyCount, DailyShare, DailySum, DailyTally, DailyWaits
from ..domain.daily_people import DailyPeople, FiguresBy
from ..domain.days import is_another_day
from ..domain.events import Event, OnlinePayment
from ..domain.lifecycle import Action, Outcome

# What was counted as an answer before these was none.
NO_ANSWER: Final = frozenset({Action.OPENED, Action.REOPENED})


class Figures:
    """Count by the day; the day that is counted ends when ``roll`` is called."""

    def __init__(
        self,
        day_began: Callable[[], datetime],
        overdue_after: timedelta,
        *,
        by_person: Callable[[], FiguresBy],
        changed: Callable[[], None],
    ) -> None:
        """Take what says when the present day began, and when an alert is overdue.

        ``by_person`` says how people stand in figures; ``changed`` is called when other
        answers are counted.
        """
        self._by_person = by_person
        self._changed = changed
        self._overdue_after = overdue_after
        self._day_began = day_began
        self.day = day_began()
        """When the day that is counted began, in UTC."""
        self.events = DailyCount()
        self.payments = DailySum()
        self.waits = DailyWaits()
        self.people = DailyPeople()
        self.forgotten = DailyTally()
        # Of what ended but mistakes, how much somebody had, or was resolved, in time.
        self.in_time = DailyShare()
        # What was acknowledged and nobody came, and what was all at once: for neither is
        # anybody praised.
        self.repeated = DailyCount()
        self.together = DailyCount()
        # By the names under which they are stored.
        self._all: dict[str, DailyCount] = {
            "events_today": self.events,
            "payments_today": self.payments,
            "waits_today": self.waits,
            "people_today": self.people,
            "forgotten_today": self.forgotten,
            "in_time_today": self.in_time,
            "repeated_today": self.repeated,
            "together_today": self.together,
        }
        # What those were before that a running attempt has changed.
        self._kept: dict[DailyCount, dict[str, Any]] = {}
        self._is_attempt = False

    @property
    def is_day_over(self) -> bool:
        """Return whether the day that is counted is over, so that it has to end."""
        began = self._day_began()
        return began > self.day and is_another_day(self.day, began)

    @contextmanager
    def attempt(self) -> Generator[None]:
        """Take back what an event changes inside, where it raises."""
        self._is_attempt = True
        try:
            yield
        except Exception:
            for figure, values in self._kept.items():
                figure.give_back(values)
            raise
        finally:
            self._is_attempt = False
            self._kept.clear()

    def count(self, event: Event) -> None:
        """Count what is counted by the day."""
        if event.is_counted:
            self._changing(self.events).add(self._day_began())
        if isinstance(event, OnlinePayment):
            self._changing(self.payments).add_amount(self._day_began(), event.amount)

    def count_changes(self, transitions: Iterable[Transition]) -> None:
        """Count how long guests waited for an answer, and how it ended."""
        for transition in transitions:
            if transition.revived is not None:
                self._take_back(transition.revived)
            if (wait := transition.wait) is not None:
                self._count_answer(transition, wait)
                self._changed()
            if transition.is_repeat:
                self._changing(self.repeated).add(self._day_began())
            alert = transition.alert
            if transition.action is Action.ACKNOWLEDGED and alert.in_bulk:
                self._changing(self.together).add(self._day_began())
            ended = transition.ended or alert
            if ended.outcome is not None:
                self._count_end(ended, ended.outcome, is_repeat=transition.is_repeat)

    def _count_answer(self, transition: Transition, wait: float) -> None:
        """Count an answer, or take one back that was none."""
        if transition.action in NO_ANSWER:
            # As it was called when it was counted.
            title = (transition.ended or transition.alert).title
            self._remove_wait(wait, title, transition.answered_by)
            return
        alert, began = transition.alert, self._day_began()
        self._changing(self.waits).add_wait(began, wait, alert.title)
        by_person = self._by_person()
        if (person_id := transition.answered_by) and by_person is not FiguresBy.NONE:
            name = alert.by if by_person is FiguresBy.NAME else None
            self._changing(self.people).add_answer(began, person_id, wait, name)

    def _remove_wait(self, wait: float, title: str, person_id: str | None) -> None:
        waits, began = self._changing(self.waits), self._day_began()
        # That of a day before was counted there and is over.
        waits.roll(began)
        waits.remove_wait(wait, title)
        if person_id is not None:
            self._changing(self.people).remove_answer(began, person_id, wait)

    def _take_back(self, closed: Alert) -> None:
        """Count an alert as not ended that was closed by an answer that never arrived."""
        if closed.wait is not None:
            self._remove_wait(closed.wait, closed.title, closed.person_id)
            self._changed()
        since, closed_at = self.in_time.since, closed.closed_at
        if since is not None and closed_at is not None and closed_at >= since:
            in_time = self._changing(self.in_time)
            in_time.remove_one(is_good=closed.was_in_time(self._overdue_after))

    def _count_end(self, ended: Alert, outcome: Outcome, *, is_repeat: bool) -> None:
        """Count how one ended; until a day has ended it is of that day."""
        is_day_over = self.is_day_over
        if outcome is Outcome.FORGOTTEN:
            forgotten = self._changing(self.forgotten)
            if is_day_over:
                forgotten.add_last(self.day)
            else:
                forgotten.add(self._day_began())
        if outcome is not Outcome.MISTAKE:
            self._changing(self.in_time).add_one(
                self.in_time.since or self.day if is_day_over else self._day_began(),
                is_good=not is_repeat and ended.was_in_time(self._overdue_after),
            )

    def _changing[F: DailyCount](self, figure: F) -> F:
        """Return a figure that changes; in an attempt what it was is kept."""
        if self._is_attempt and figure not in self._kept:
            self._kept[figure] = figure.kept()
        return figure

    def roll(self) -> bool:
        """Begin again if another day has begun; return whether it has."""
        began = self._day_began()
        is_new_day = is_another_day(self.day, began)
        if is_new_day:
            self.day = began
        for figure in self._all.values():
            is_new_day |= figure.roll(began)
        if is_new_day:
            self._changed()
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
