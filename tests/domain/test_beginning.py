"""What was there before an account was read, by a clock that is right, behind or ahead."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.carbis_alerts.domain.beginning import Beginning

BEGAN = datetime(2026, 11, 28, 12, 0, 0, 700_000, tzinfo=UTC)
DAY = timedelta(days=1)


def noon(*, looked_back: bool = False) -> Beginning:
    """Return one that began at noon."""
    beginning = Beginning()
    beginning.begin(BEGAN)
    beginning.begin(BEGAN + DAY)
    beginning.is_looked_back = looked_back
    return beginning


def test_nothing_is_new_before_there_is_a_beginning() -> None:
    assert Beginning().is_before(BEGAN, BEGAN)


@pytest.mark.parametrize("looked_back", [False, True])
@pytest.mark.parametrize(
    ("seconds", "is_before"), [(-60, True), (-1, True), (-0.7, False), (5, False)]
)
def test_what_is_older_was_there_before(
    seconds: float, is_before: bool, looked_back: bool
) -> None:
    named = BEGAN + timedelta(seconds=seconds)
    now = BEGAN + timedelta(minutes=10)
    beginning = noon(looked_back=looked_back)
    assert beginning.is_before(named, now) is is_before


@pytest.mark.parametrize("named", [None, BEGAN + DAY])
def test_in_the_first_look_a_clock_that_is_ahead_makes_nothing_new(
    named: datetime | None,
) -> None:
    now = BEGAN + timedelta(seconds=10)
    assert noon().is_before(named, now)
    assert not noon(looked_back=True).is_before(named, now)


def test_a_clock_that_is_behind_is_known_by_what_has_just_happened() -> None:
    beginning, now = noon(looked_back=True), BEGAN + timedelta(minutes=10)
    new = now - DAY
    assert beginning.is_before(new, now)
    # The first came late; none is named later than it comes.
    beginning.note(now - DAY - timedelta(minutes=5), now)
    beginning.note(now - DAY, now)
    beginning.note(None, now)
    beginning.note(now - DAY - timedelta(minutes=9), now)
    assert not beginning.is_before(new, now)
    assert beginning.is_before(BEGAN - DAY - timedelta(seconds=2), now)


def test_a_clock_that_is_ahead_moves_nothing() -> None:
    beginning, now = noon(looked_back=True), BEGAN + timedelta(minutes=10)
    beginning.note(now + DAY, now)
    assert beginning.is_before(BEGAN - timedelta(seconds=5), now)
    assert not beginning.is_before(now, now)
