"""Counts of a day that does not end at midnight."""

from datetime import UTC, datetime, time, timedelta
import json
from statistics import fmean, median
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.carbis_alerts.domain.daily import (
    DailyCount,
    DailyShare,
    DailySum,
    DailyWaits,
)
from custom_components.carbis_alerts.domain.days import day_began

ZONE = ZoneInfo("Europe/Berlin")
TODAY = datetime(2026, 11, 21, 6, tzinfo=ZONE)
TOMORROW = TODAY + timedelta(days=1)


def test_it_counts_and_begins_again() -> None:
    count, began = DailyCount(), datetime(2026, 11, 21, 6, tzinfo=ZONE)
    count.add(began)
    count.add(began)
    assert (count.value, count.since) == (2, began)
    assert count.roll(began + timedelta(days=1))
    assert count.value == 0


def test_a_clock_that_is_set_back_a_little_brings_no_day_back() -> None:
    count, began = DailyCount(), datetime(2026, 11, 21, 6, tzinfo=ZONE)
    count.add(began)
    assert not count.roll(began - timedelta(hours=1))
    assert count.value == 1


def test_what_was_stored_is_the_same_again() -> None:
    count, again = DailyCount(), DailyCount()
    again.restore(count.as_dict())
    assert again.as_dict() == count.as_dict()
    count.add(datetime(2026, 11, 21, 6, tzinfo=ZONE))
    again.restore(count.as_dict())
    assert again.as_dict() == count.as_dict()


@pytest.mark.parametrize(
    "stored",
    [
        {},
        {"value": "3", "since": "2026-11-21T06:00:00+01:00"},
        {"value": 3, "since": "yesterday"},
        {"value": 3, "since": "2026-11-21T06:00:00"},
        {"value": 3, "since": 7},
        {"value": -3, "since": "2026-11-21T06:00:00+01:00"},
    ],
)
def test_what_somebody_edited_is_passed_over(stored: dict[str, Any]) -> None:
    count = DailyCount()
    count.restore(stored)
    assert count.as_dict() == {"value": 0, "since": None}


@pytest.mark.parametrize(
    ("first", "hours"),
    [("2026-03-28T06:00", 23), ("2026-10-24T06:00", 25)],
)
def test_a_day_in_which_the_clocks_change_is_one_day(first: str, hours: int) -> None:
    began = datetime.fromisoformat(first).replace(tzinfo=ZONE)
    count = DailyCount()
    count.add(began)
    for passed in range(hours + 1):
        now = (began.astimezone(UTC) + timedelta(hours=passed)).astimezone(ZONE)
        assert count.roll(day_began(now, time(6))) is (passed == hours)


def test_a_clock_that_was_far_ahead_does_not_stop_the_count_for_long() -> None:
    count = DailyCount()
    count.add(TODAY + timedelta(days=4000))
    count.add(TODAY)
    assert (count.value, count.since) == (1, TODAY)


def test_amounts_add_up_and_begin_again() -> None:
    amounts = DailySum()
    amounts.add_amount(TODAY, 700)
    amounts.add_amount(TODAY, 0.5)
    assert (amounts.value, amounts.total) == (2, 700.5)
    assert not amounts.roll(TODAY)
    assert amounts.roll(TOMORROW)
    assert (amounts.value, amounts.total) == (0, 0)


@pytest.mark.parametrize(
    ("stored", "total"),
    [
        ({"total": 5}, 0),
        ({"value": 1, "since": TODAY.isoformat(), "total": "5"}, 0),
        ({"value": 1, "since": TODAY.isoformat(), "total": 5}, 5),
    ],
)
def test_a_sum_that_somebody_edited_is_nothing(
    stored: dict[str, Any], total: float
) -> None:
    amounts = DailySum()
    amounts.restore(stored)
    assert amounts.total == total


def test_a_share_is_unknown_until_one_is_counted_and_is_kept() -> None:
    share, again = DailyShare(), DailyShare()
    assert share.percent is None
    for is_good in (True, False, True, True):
        share.add_one(TODAY, is_good=is_good)
    again.restore(json.loads(json.dumps(share.as_dict())))
    assert (again.percent, again.value, again.good) == (75.0, 4, 3)
    assert again.roll(TOMORROW)
    assert (again.percent, again.good) == (None, 0)


@pytest.mark.parametrize("good", [None, "3", -1, 5])
def test_a_share_that_somebody_edited_is_none_or_at_most_all(good: object) -> None:
    share = DailyShare()
    share.restore({"value": 4, "since": TODAY.isoformat(), "good": good})
    assert share.percent == (100.0 if good == 5 else None)


def test_without_a_wait_there_is_no_mean() -> None:
    waits = DailyWaits()
    assert (waits.mean, waits.median, waits.longest) == (None, None, None)


@given(st.lists(st.tuples(st.integers(0, 10**5), st.sampled_from("567")), min_size=1))
def test_mean_median_and_longest_are_those_of_all_waits_restarted_or_not(
    added: list[tuple[int, str]],
) -> None:
    waits, again = DailyWaits(), DailyWaits()
    for seconds, title in added:
        waits.add_wait(TODAY, seconds, title)
    again.restore(json.loads(json.dumps(waits.as_dict())))
    all_waits = [wait for wait, _ in added]
    for some in (waits, again):
        assert some.value == len(added)
        assert some.mean == pytest.approx(fmean(all_waits))
        assert some.median == median(all_waits)
        assert some.longest is not None
        assert some.longest[0] == max(all_waits)
        assert some.longest in added
    assert again.as_dict() == waits.as_dict()
    assert again.roll(TOMORROW)
    assert (again.mean, again.longest, again.value) == (None, None, 0)
    again.add_wait(TOMORROW, 8, "5")
    assert again.mean == 8


@pytest.mark.parametrize("waits", [None, 5, [5], [[]], [["x", "5"]], [[-1, "5"]]])
def test_waits_that_somebody_edited_are_passed_over(waits: object) -> None:
    kept = DailyWaits()
    kept.restore({"value": 1, "since": TODAY.isoformat(), "waits": waits})
    assert kept.waits == []
    assert kept.mean is None


def test_a_wait_that_was_none_is_found_as_it_was_stored() -> None:
    waits = DailyWaits()
    for seconds, title in ((40.04, "6"), (40.08, "7"), (50.0, ""), (90.0, "6")):
        waits.add_wait(TODAY, seconds, title)
    # Another's, or none that is known.
    waits.remove_wait(40.08, "8")
    waits.remove_wait(41.0, "6")
    assert waits.value == 4
    # Rounded, and without whose it was.
    waits.remove_wait(40.1, "7")
    waits.remove_wait(50.0371, "9")
    assert waits.waits == [(40.04, "6"), (90.0, "6")]
    assert waits.value == 2
    assert waits.mean == pytest.approx(65.02)
