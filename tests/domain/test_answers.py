"""Whether what a guest wrote was answered, where it comes to light later than its answer."""

from datetime import UTC, datetime, timedelta

import orjson
import pytest

from custom_components.carbis_alerts.domain.answers import AUTOMATIC, Answers

WROTE = datetime(2026, 11, 28, 12, tzinfo=UTC)
SOON, LATER = AUTOMATIC, AUTOMATIC + timedelta(seconds=1)


def again(answers: Answers) -> Answers:
    """Return what is left of it after a restart."""
    restored = Answers(automatic_count=False)
    restored.restore(orjson.loads(orjson.dumps(answers.as_dict())))
    return restored


@pytest.mark.parametrize(
    ("after", "expected"), [(-LATER, False), (SOON, False), (LATER, True)]
)
def test_it_was_where_something_was_sent_later_and_not_at_once(
    after: timedelta, expected: bool
) -> None:
    answers = Answers(automatic_count=False)
    answers.note_answer("a", "1", WROTE + after, by_api=False)
    for one in (answers, again(answers)):
        assert one.was_answered("a", WROTE) is expected
        assert not one.was_answered("b", WROTE)
        assert not one.was_answered(None, WROTE)


def test_what_was_sent_from_here_counts_at_once() -> None:
    answers = Answers(automatic_count=False)
    answers.sent("1")
    answers.note_answer("a", "1", WROTE + timedelta(seconds=1), by_api=True)
    for one in (answers, again(answers)):
        assert one.was_answered("a", WROTE)
        assert not one.was_answered("a", WROTE + timedelta(seconds=1))
        assert one.is_after("1", WROTE + timedelta(seconds=1), WROTE)
        assert not one.is_after("2", WROTE + timedelta(seconds=1), WROTE)


def test_an_older_answer_that_comes_later_changes_nothing() -> None:
    answers = Answers(automatic_count=True)
    answers.note_answer("a", "1", WROTE + LATER, by_api=False)
    answers.note_answer("a", "2", WROTE - LATER, by_api=False)
    assert answers.was_answered("a", WROTE)


def test_one_that_never_arrives_was_none() -> None:
    answers = Answers(automatic_count=False)
    answers.note_answer("a", "1", WROTE + LATER, by_api=False)
    answers.failed("2")
    answers.failed(None)
    assert answers.was_answered("a", WROTE)
    answers.failed("1")
    assert not answers.was_answered("a", WROTE)


@pytest.mark.parametrize(
    "last",
    [None, [], {"a": None}, {"a": []}, {"a": ["x", "1", True]}, {"a": [5, "1", True]}],
)
def test_what_is_stored_and_is_none_is_passed_over(last: object) -> None:
    answers = Answers(automatic_count=False)
    answers.restore({"last": last})
    assert not answers.was_answered("a", WROTE)
