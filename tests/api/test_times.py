"""Moments out of what services send: a sane one or none, and nothing is raised."""

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.carbis_alerts.api.times import (
    FIRST_YEAR,
    MOST_AHEAD,
    as_moment,
    sane_moment,
)
from custom_components.carbis_alerts.api.transport.failures import parse_retry_after
from custom_components.carbis_alerts.api.types import Json

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MOSCOW = ZoneInfo("Europe/Moscow")


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2026-11-21 19:02:00", "2026-11-21T16:02:00+00:00"),
        ("2026-11-21T19:02:00", "2026-11-21T16:02:00+00:00"),
        ("2026-11-21T19:02:00Z", "2026-11-21T19:02:00+00:00"),
        ("2026-11-21T19:02:00+05:00", "2026-11-21T14:02:00+00:00"),
        ("2026-11-21 19:02", "2026-11-21T16:02:00+00:00"),
        ("2026-1-2 3:04:05", "2026-01-02T00:04:05+00:00"),
        ("21.11.2026 19:02:00", "2026-11-21T16:02:00+00:00"),
        ("21.11.2026 19:02", "2026-11-21T16:02:00+00:00"),
        (1588091580, "2020-04-28T16:33:00+00:00"),
        ("1588091580", "2020-04-28T16:33:00+00:00"),
        (1588091580000, "2020-04-28T16:33:00+00:00"),
    ],
)
def test_a_moment_is_read_in_any_of_its_forms(value: Json, moment: str) -> None:
    found = as_moment(value, NOW, zone=MOSCOW)
    assert found is not None
    assert found.isoformat() == moment


@pytest.mark.parametrize(
    "value",
    [
        *("0000-00-00 00:00:00", "2026-02-30 10:00:00", "0001-01-01T00:00:00"),
        *("2026-11-21 19:00:60", "9999-12-31T23:59:59", "9999-12-31T23:59:59-12:00"),
        *("2026-13-01 10:00", "24:00", "31.02.2026 10:00", "1970-01-01 00:00:00"),
        *(
            "2036-02-07 06:28:16",
            "2026-11-21",
            "20261121",
            "",
            " ",
            "now",
            "nan",
            "x" * 999,
        ),
        *(None, True, False, [], {}, 0, -1, 6, 1e308, -1e308, 10**400, float("nan")),
        *(float("inf"), "9" * 5000, 2**63, 253402300800),
    ],
)
def test_what_is_no_moment_or_no_sane_one_is_none(value: Json) -> None:
    assert as_moment(value, NOW, zone=MOSCOW) is None


ZONES = st.sampled_from(
    [UTC, MOSCOW, ZoneInfo("Asia/Kamchatka"), timezone(timedelta(hours=-23))]
)
DATES = st.datetimes(timezones=st.none() | ZONES).map(datetime.isoformat)
NUMBERS = st.integers() | st.floats() | st.integers(min_value=10**300)


@given(DATES | NUMBERS | NUMBERS.map(str) | st.text() | st.booleans(), ZONES)
def test_any_value_is_a_sane_moment_or_none(value: Json, zone: tzinfo) -> None:
    found = as_moment(value, NOW, zone=zone)
    if found is not None:
        assert found.tzinfo is UTC
        assert found.year >= FIRST_YEAR
        assert found <= NOW + MOST_AHEAD


@pytest.mark.parametrize(
    ("seconds", "is_sane"),
    [
        *((0, True), (-1, True), (-86_400, True), (-86_401, False)),
        *((60, True), (61, False), (-(10**9), False), (10**9, False)),
    ],
)
def test_a_services_own_time_is_sane_for_a_day_before_it_came_and_a_minute_after(
    seconds: int, is_sane: bool
) -> None:
    moment = (NOW + timedelta(seconds=seconds)).astimezone(MOSCOW)
    found = sane_moment(moment, NOW)
    assert found == (moment if is_sane else None)
    assert found is None or found.tzinfo is UTC


def test_no_time_is_no_sane_one() -> None:
    assert sane_moment(None, NOW) is None


@given(
    st.datetimes(timezones=ZONES | st.timezones()),
    st.datetimes(timezones=ZONES | st.timezones()),
)
def test_any_two_moments_are_compared_without_an_error(
    moment: datetime, arrival: datetime
) -> None:
    found = sane_moment(moment, arrival)
    assert found is None or abs(found - arrival) <= timedelta(days=1)


DATE_PARTS = st.sampled_from(
    (
        *("0000", "0001", "1970", "2026", "9999", "10000", "00", "02", "13", "30"),
        *("-", "-", ":", ":", " ", "T", ".", "/", "24", "59", "60", "+", "Z", "W53"),
        *("-23:59", "+24:00", ",999999999", "\u0662", "\0", "%", "-366", "e5"),
    )
)


@given(st.lists(DATE_PARTS, max_size=14).map("".join), ZONES)
def test_whatever_resembles_a_date_raises_nothing(value: str, zone: tzinfo) -> None:
    found = as_moment(value, NOW, zone=zone)
    assert found is None or FIRST_YEAR <= found.year <= NOW.year


@given(
    st.text()
    | NUMBERS.map(str)
    | st.sampled_from(
        [
            "Mon, 30 Feb 2026 10:00:60 GMT",
            "Fri, 31 Dec 9999 23:59:59 -2359",
            "Mon, 01 Jan 0001 00:00:00 +2359",
            "Mon, 01 Jan 2026 00:00:00 +99999999999999999999",
            "Mon, 01 Jan 2026 00:00:00 " + "9" * 5000,
        ]
    )
)
def test_any_pause_that_is_asked_for_is_bounded_or_none(value: str) -> None:
    pause = parse_retry_after(value)
    assert pause is None or 0 <= pause <= 3600
