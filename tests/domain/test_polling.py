"""How often a service is asked, by simulated time."""

from hypothesis import given, strategies as st
import pytest

from custom_components.carbis_alerts.domain.polling import (
    ANSWERS,
    FEW_ANSWERS,
    LEAST,
    MOST,
    MOST_QUIET,
    PollInterval,
)

MINUTE = 60.0
TIMES = st.floats(min_value=0.0, max_value=60.0)
MOMENTS = st.floats(min_value=0.0, max_value=1e7)


def interval_of(*answers: float) -> PollInterval:
    """Return the interval of a service that took so long for its answers."""
    interval = PollInterval(0.0)
    for seconds in answers:
        interval.answered(seconds)
    return interval


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (0.0, 0.25),
        (0.001, 0.25),
        (0.01, 0.25),
        (0.02, 0.5),
        (0.04, 1.0),
        (0.1, 2.5),
        (0.2, 5.0),
        (9.0, 5.0),
    ],
)
def test_it_is_25_times_the_usual_answer_within_its_limits(
    answer: float, expected: float
) -> None:
    assert interval_of(*[answer] * FEW_ANSWERS).seconds(0.0) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("answer", "fast", "after_10", "after_30"),
    [
        (0.01, 0.25, 0.5, 1.0),
        (0.016, 0.4, 0.8, 1.0),
        (0.04, 1.0, 1.0, 1.0),
        (0.1, 2.5, 2.5, 2.5),
    ],
)
def test_quiet_makes_it_slower_but_never_than_a_second_and_an_event_fast_again(
    answer: float, fast: float, after_10: float, after_30: float
) -> None:
    interval = interval_of(*[answer] * ANSWERS)
    for minute in range(60):
        expected = fast if minute < 10 else after_10 if minute < 30 else after_30
        assert interval.seconds(minute * MINUTE) == pytest.approx(expected)
    interval.happened(60 * MINUTE)
    assert interval.seconds(60 * MINUTE) == pytest.approx(fast)
    assert interval.seconds(70 * MINUTE) == pytest.approx(after_10)


@given(
    st.lists(TIMES, min_size=FEW_ANSWERS, max_size=3 * ANSWERS), MOMENTS, st.booleans()
)
def test_it_is_always_within_its_limits(
    answers: list[float], now: float, is_refused: bool
) -> None:
    interval = interval_of(*answers)
    if is_refused:
        interval.refused(now / 2)
    usual = interval.answer_time
    assert usual is not None
    assert min(answers) <= usual <= max(answers)
    assert LEAST <= interval.seconds(now) <= MOST
    if not is_refused:
        assert interval.seconds(now) <= max(MOST_QUIET, 25 * usual)


@given(
    st.lists(st.floats(0.005, 0.03), min_size=2, max_size=ANSWERS),
    st.floats(0.03, 60.0),
    st.data(),
)
def test_one_slow_answer_changes_nothing(
    answers: list[float], slow: float, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(answers)))
    interval = interval_of(*answers[:at], slow, *answers[at:])
    assert (interval.answer_time or 0.0) <= max(answers)
    assert interval.seconds(0.0) <= 25 * max(*answers, LEAST / 25)


def test_the_first_answers_are_not_believed_to_be_usual() -> None:
    interval = PollInterval(0.0)
    assert interval.answer_time is None
    assert interval.seconds(0.0) == LEAST
    for count in range(1, FEW_ANSWERS):
        interval.answered(3.0)
        assert interval.seconds(0.0) == MOST_QUIET, count
    interval.answered(3.0)
    assert interval.seconds(0.0) == MOST


def test_a_service_that_has_become_slow_is_left_in_peace_and_asked_again_when_it_is_not() -> (
    None
):
    interval = interval_of(*[0.01] * ANSWERS)
    for _ in range(ANSWERS // 2 + 1):
        interval.answered(0.2)
    assert interval.seconds(0.0) == MOST
    for _ in range(ANSWERS // 2 + 1):
        interval.answered(0.01)
    assert interval.seconds(0.0) == LEAST


def test_too_many_requests_double_it_until_the_service_takes_them() -> None:
    interval = interval_of(*[0.01] * ANSWERS)
    seen = []
    for _ in range(6):
        interval.refused(0.0)
        seen.append(interval.seconds(0.0))
    assert seen == [0.5, 1.0, 2.0, 4.0, 5.0, 5.0]
    # An event does not make more requests welcome.
    interval.happened(1.0)
    assert interval.seconds(1.0) == MOST
    later = []
    for minutes in (9.9, 10, 20, 30, 40, 50, 1e6):
        interval.happened(minutes * MINUTE)
        later.append(interval.seconds(minutes * MINUTE))
    assert later == [5.0, 2.5, 1.25, 0.625, 0.3125, 0.25, 0.25]


@given(st.lists(TIMES), MOMENTS)
def test_what_the_user_says_stays(answers: list[float], now: float) -> None:
    interval = PollInterval(0.0, fixed=2.0)
    for seconds in answers:
        interval.answered(seconds)
    interval.refused(now)
    assert interval.seconds(now) == 2.0
