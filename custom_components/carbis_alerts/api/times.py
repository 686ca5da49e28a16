"""Moments out of what services send, which may be no moment at all."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from .fields import as_id, as_number
from .types import Json

# Before this year none of the services was there: a clock that was never set shows it.
FIRST_YEAR: Final = 2000
# A clock that is further ahead than any zone explains is wrong.
MOST_AHEAD: Final = timedelta(days=1)
# A service's own time is believed from a day before its arrival on, as long as services
# keep what was not fetched; its clock may be a minute ahead of ours.
SANE_BEFORE: Final = timedelta(days=1)
SANE_AHEAD: Final = timedelta(minutes=1)
# From this number on it is milliseconds since 1970, not seconds.
MILLISECONDS: Final = 1e11
# A number below this one is part of a date, not seconds since 1970.
LEAST_SECONDS: Final = 1e8
FORMS: Final = (
    *("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"),
    *("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M"),
    *("%Y/%m/%d %H:%M:%S", "%d/%m/%Y %H:%M:%S"),
)


def as_moment(value: Json, now: datetime, *, zone: tzinfo = UTC) -> datetime | None:
    """Return a moment in UTC; None where the value is none, or none that can be right.

    ``value`` is a date and time in words, of ``zone`` where it names none, or seconds or
    milliseconds since 1970. ``now`` is aware. Nothing is raised, whatever the value.
    """
    # What Python raises for dates at the ends of its calendar.
    with suppress(ValueError, OverflowError, OSError):
        moment = _moment(value, zone)
        if (
            moment is not None
            and moment.year >= FIRST_YEAR
            and moment <= now + MOST_AHEAD
        ):
            return moment
    return None


def sane_moment(moment: datetime | None, arrival: datetime) -> datetime | None:
    """Return a service's own time in UTC where it can be right, else None; both are aware.

    It can be from a day before the arrival to a minute after it.
    """
    with suppress(OverflowError):
        if moment is not None and -SANE_BEFORE <= moment - arrival <= SANE_AHEAD:
            return moment.astimezone(UTC)
    return None


def _moment(value: Json, zone: tzinfo) -> datetime | None:
    """Return the moment that a value names; raise where there is none such."""
    number = as_number(value)
    if number is not None and number >= LEAST_SECONDS:
        if number >= MILLISECONDS:
            number /= 1000
        return datetime.fromtimestamp(number, UTC)
    text = as_id(value)
    # A day without a time says less than the time of arrival.
    if text is None or not (":" in text or "T" in text):
        return None
    moment = _in_words(text)
    if moment is not None and moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return None if moment is None else moment.astimezone(UTC)


def _in_words(text: str) -> datetime | None:
    """Return the date and time that a text names, with the zone that it names, if any."""
    with suppress(ValueError):
        return datetime.fromisoformat(text)
    for form in FORMS:
        with suppress(ValueError):
            return datetime.strptime(text, form)  # noqa: DTZ007 - the zone is the caller's
    return None
