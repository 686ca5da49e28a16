"""A restaurant's day: it begins once, whatever the clocks do, restarted or not."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
import json
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings, strategies as st
import pytest

from custom_components.carbis_alerts.domain.daily import DailyTally
from custom_components.carbis_alerts.domain.days import (
    day_began,
    day_ends,
    is_another_day,
)

BERLIN = ZoneInfo("Europe/Berlin")
DAY = timedelta(days=1)
# Days on which clocks change: by an hour, by half of one, by two, at midnight, over it,
# and by a whole date that a country left out.
CHANGES = {
    "Europe/Berlin": ("2026-03-29", "2026-10-25"),
    "Australia/Lord_Howe": ("2026-04-05", "2026-10-04"),
    "Antarctica/Troll": ("2026-03-29", "2026-10-25"),
    "America/Sao_Paulo": ("2018-02-18", "2018-11-04"),
    "America/St_Johns": ("2005-04-03", "2005-10-30"),
    "Africa/Casablanca": ("2026-02-15", "2026-03-22"),
    "Pacific/Apia": ("2011-12-30", "2012-04-01"),
    "Europe/Moscow": ("2011-03-27", "2014-10-26"),
}
MOMENTS = [
    (zone, datetime.fromisoformat(day).replace(tzinfo=UTC))
    for zone, days in CHANGES.items()
    for day in days
]
HOURS = st.times(min_value=time(0), max_value=time(23, 59)).map(
    lambda hour: hour.replace(microsecond=0)
)


def around(
    day: datetime, step: timedelta = timedelta(minutes=15)
) -> Iterator[datetime]:
    """Yield the moments of some days."""
    moment = day - 2 * DAY
    while moment < day + 3 * DAY:
        yield moment
        moment += step


@pytest.mark.parametrize(
    ("now", "began"),
    [
        ("2026-11-21T23:59", "2026-11-21T06:00"),
        ("2026-11-22T00:30", "2026-11-21T06:00"),
        ("2026-11-22T05:59", "2026-11-21T06:00"),
        ("2026-11-22T06:00", "2026-11-22T06:00"),
        ("2026-03-29T12:00", "2026-03-29T06:00"),
        ("2026-10-25T05:59", "2026-10-24T06:00"),
        ("2026-10-25T06:00", "2026-10-25T06:00"),
    ],
)
def test_a_day_begins_at_the_venues_hour(now: str, began: str) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=BERLIN)
    found = day_began(moment, time(6))
    assert found.tzinfo is UTC
    assert found.astimezone(BERLIN).isoformat()[:16] == began


@pytest.mark.parametrize(
    ("day", "began"),
    [
        # It comes twice: the first counts. It does not come: the clocks' jump counts.
        ("2026-10-25", "2026-10-25T00:30:00+00:00"),
        ("2026-03-29", "2026-03-29T01:00:00+00:00"),
    ],
)
def test_an_hour_that_comes_twice_or_never_begins_one_day(day: str, began: str) -> None:
    noon = datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=BERLIN)
    assert day_began(noon, time(2, 30)).isoformat() == began


@pytest.mark.parametrize(("zone", "day"), MOMENTS)
@settings(max_examples=3, deadline=None)
@given(reset=HOURS)
@example(reset=time(2, 30))
@example(reset=time(0))
def test_each_day_begins_once_with_a_restart_at_any_moment(
    zone: str, day: datetime, reset: time
) -> None:
    tally, local = DailyTally(), ZoneInfo(zone)
    days: list[datetime] = []
    for moment in around(day):
        now = moment.astimezone(local)
        began, ends = day_began(now, reset), day_ends(now, reset)
        assert began <= moment < ends
        assert timedelta(hours=22) <= ends - began <= timedelta(hours=26)
        if not days or days[-1] != began:
            assert all(known < began for known in days)
            days.append(began)
        # What is stored has a fixed offset, and so had what an older version stored.
        stored = json.loads(json.dumps(tally.as_dict()))
        if stored["since"]:
            since = datetime.fromisoformat(stored["since"]).astimezone(local)
            stored["since"] = since.isoformat()
        tally = DailyTally()
        tally.restore(stored)
        tally.add(began)
    assert 5 <= len(days) <= 7
    assert tally.value == sum(moment >= days[-1] for moment in around(day))
    assert tally.before == sum(days[-2] <= moment < days[-1] for moment in around(day))


@pytest.mark.parametrize(
    ("hours", "is_another"),
    [(0, False), (5, False), (-5, False), (-23, False), (23, True), (25, True)],
)
def test_a_beginning_near_another_is_of_the_same_day(
    hours: int, is_another: bool
) -> None:
    since = datetime(2026, 11, 21, 6, tzinfo=UTC)
    assert is_another_day(since, since + timedelta(hours=hours)) is is_another


def test_a_clock_that_was_far_ahead_does_not_keep_its_day() -> None:
    since = datetime(2036, 11, 21, 6, tzinfo=UTC)
    assert is_another_day(since, datetime(2026, 11, 21, 6, tzinfo=UTC))


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kamchatka", "UTC"])
def test_another_zone_keeps_the_figures_of_the_day(zone: str) -> None:
    noon = datetime(2026, 11, 21, 12, tzinfo=UTC)
    tally = DailyTally()
    tally.add(day_began(noon.astimezone(BERLIN), time(6)))
    elsewhere = ZoneInfo(zone)
    days = [
        moment
        for moment in (noon + timedelta(minutes=10 * step) for step in range(6 * 28))
        if tally.roll(day_began(moment.astimezone(elsewhere), time(6)))
    ]
    assert len(days) == 1, "the next day, and nothing before it"
    assert days[0].astimezone(elsewhere).time() == time(6)
    assert tally.before == 1
