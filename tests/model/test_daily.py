"""Counts of a day that does not end at midnight."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from custom_components.carbis_alerts.model.daily import DailyCount, day_began

ZONE = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("now", "began"),
    [
        ("2026-11-21T23:59", "2026-11-21T06:00"),
        ("2026-11-22T00:30", "2026-11-21T06:00"),
        ("2026-11-22T05:59", "2026-11-21T06:00"),
        ("2026-11-22T06:00", "2026-11-22T06:00"),
        ("2026-03-29T12:00", "2026-03-29T06:00"),
    ],
)
def test_a_day_begins_at_the_venues_hour(now: str, began: str) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=ZONE)
    assert day_began(moment, time(6)).isoformat()[:16] == began


def test_it_counts_and_begins_anew() -> None:
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
    ],
)
def test_what_somebody_edited_is_passed_over(stored: dict[str, Any]) -> None:
    count = DailyCount()
    count.restore(stored)
    assert count.as_dict() == {"value": 0, "since": None}
