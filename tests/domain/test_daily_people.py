"""The day's answers of people: counted, taken back, stored, and bounded."""

from datetime import UTC, datetime, timedelta
import json
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.carbis_alerts.domain.daily_people import MAX_PEOPLE, DailyPeople

DAY = datetime(2026, 11, 21, 6, tzinfo=UTC)
NEXT = DAY + timedelta(days=1)


def reloaded(people: DailyPeople) -> DailyPeople:
    again = DailyPeople()
    again.restore(json.loads(json.dumps(people.as_dict())))
    return again


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(0, 1_000), st.booleans()),
        max_size=30,
    )
)
def test_what_is_taken_back_was_never_there(
    steps: list[tuple[str, int, bool]],
) -> None:
    people = DailyPeople()
    expected: dict[str, list[int]] = {}
    for person, seconds, is_kept in steps:
        people.add_answer(DAY, person, seconds, person.upper())
        if is_kept:
            expected.setdefault(person, []).append(seconds)
        else:
            people.remove_answer(DAY, person, seconds)
    for known in (people, reloaded(people)):
        assert {
            person: (day.answered, day.waited) for person, day in known.people.items()
        } == {person: (len(waits), sum(waits)) for person, waits in expected.items()}
        assert known.value == sum(map(len, expected.values()))


def test_another_day_begins_with_nobody() -> None:
    people = DailyPeople()
    people.add_answer(DAY, "a", 10, "Anna")
    people.remove_answer(NEXT, "a", 10)
    assert (people.value, people.people) == (0, {})
    assert reloaded(people).people == {}


def test_a_day_has_so_many_people_at_most() -> None:
    people = DailyPeople()
    for number in range(MAX_PEOPLE + 5):
        people.add_answer(DAY, str(number), 1, None)
    people.add_answer(DAY, "0", 1, None)
    assert len(people.people) == MAX_PEOPLE
    assert people.value == MAX_PEOPLE + 1


@pytest.mark.parametrize(
    "row",
    ["x", [], [0, 1, None], [1, -1, None], [1, 1e999, None], [True, "2", 3], [1, 2]],
    ids=str,
)
def test_what_is_no_such_row_is_passed_over(row: Any) -> None:
    people = DailyPeople()
    stored = {
        "value": 1,
        "since": DAY.isoformat(),
        "people": {"a": row, "b": [1, 2, 3]},
    }
    people.restore(stored)
    assert [*people.people] == ["b"]
    assert people.people["b"].name is None
    others: tuple[Any, ...] = (None, [], "x")
    for other in others:
        people.restore({**stored, "people": other})
        assert people.value == 0
