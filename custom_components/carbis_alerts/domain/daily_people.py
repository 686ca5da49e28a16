"""Whose answers guests had on a restaurant's day, and how long they waited for them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, override

from ..api.fields import as_code
from .daily import MAX_TOTAL, DailyCount

# People of whom a day has answers; of more than that nobody else is counted.
MAX_PEOPLE: Final = 500


class FiguresBy(StrEnum):
    """How a team wants its people to stand in figures."""

    NAME = "name"
    NUMBER = "number"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonDay:
    """What somebody answered in a day: how often, and after how many seconds in all.

    ``name`` is what they were called then, None where figures have no names.
    """

    name: str | None = None
    answered: int = 0
    waited: float = 0.0

    @property
    def mean(self) -> float | None:
        """Return the mean of the waits in seconds."""
        return self.waited / self.answered if self.answered else None


class DailyPeople(DailyCount):
    """Count the answers of people since the day began, by the ids of the people."""

    def __init__(self) -> None:
        """Begin with nobody."""
        super().__init__()
        self.people: dict[str, PersonDay] = {}

    def add_answer(
        self, began: datetime, person_id: str, seconds: float, name: str | None
    ) -> None:
        """Count an answer of somebody, of the day that began then."""
        self.roll(began)
        before = self.people.get(person_id)
        if before is None:
            if len(self.people) >= MAX_PEOPLE:
                return
            before = PersonDay()
        self.value += 1
        self.people[person_id] = PersonDay(
            name=name,
            answered=before.answered + 1,
            waited=min(before.waited + seconds, MAX_TOTAL),
        )

    def remove_answer(self, began: datetime, person_id: str, seconds: float) -> None:
        """Take an answer of somebody back that was none; that of another day is over."""
        self.roll(began)
        before = self.people.get(person_id)
        if before is None:
            return
        self.value = max(0, self.value - 1)
        if before.answered == 1:
            del self.people[person_id]
            return
        self.people[person_id] = PersonDay(
            name=before.name,
            answered=before.answered - 1,
            waited=max(0.0, before.waited - seconds),
        )

    def anonymize(self, *, drop: bool) -> bool:
        """Have no names any more, with ``drop`` no figures either; return whether any had."""
        before = dict(self.people)
        if drop:
            self.value = 0
            self.people.clear()
        for person_id, day in self.people.items():
            self.people[person_id] = replace(day, name=None)
        return self.people != before

    @override
    def roll(self, began: datetime) -> bool:
        if is_initialized := super().roll(began):
            self.people.clear()
        return is_initialized

    @override
    def kept(self) -> dict[str, Any]:
        return {**super().kept(), "people": dict(self.people)}

    @override
    def as_dict(self) -> dict[str, Any]:
        return {
            **super().as_dict(),
            "people": {
                person_id: [day.answered, day.waited, day.name]
                for person_id, day in self.people.items()
            },
        }

    @override
    def restore(self, stored: Mapping[str, Any]) -> None:
        super().restore(stored)
        people = stored.get("people")
        self.value = 0
        if self.since is None or not isinstance(people, dict):
            return
        for person_id, row in [*people.items()][:MAX_PEOPLE]:
            day = _stored_day(row)
            if day is not None:
                self.people[person_id] = day
                self.value += day.answered


def _stored_day(row: object) -> PersonDay | None:
    """Return a person's day as it was stored, None where it is none."""
    if not isinstance(row, list) or len(row) != 3:
        return None
    answered, waited, name = row
    if (
        not isinstance(answered, int)
        or answered < 1
        or not isinstance(waited, int | float)
        or not 0 <= waited <= MAX_TOTAL
    ):
        return None
    name = as_code(name) if isinstance(name, str) else None
    return PersonDay(name=name, answered=answered, waited=float(waited))
