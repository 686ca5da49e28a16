"""A restaurant's day: it begins at an hour of its own, once, whatever the clocks do."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Final

# A day by the clock on the wall has 22 to 26 hours. One that begins sooner after another
# is the same: the hour or the zone was changed.
SHORTEST: Final = timedelta(hours=12)
# A clock that is set back by less than this brings no day back.
LONGEST_BACK: Final = timedelta(days=1)
# Days around a date whose beginnings are looked at: a date may be left out, and a clock
# may go back over midnight.
AROUND: Final = 3


def day_began(now: datetime, reset: time) -> datetime:
    """Return when the day of a moment began, in UTC; ``now`` has the restaurant's zone."""
    moment = now.astimezone(UTC)
    return max(began for began in _beginnings(now, reset) if began <= moment)


def day_ends(now: datetime, reset: time) -> datetime:
    """Return when the day of a moment ends, in UTC; ``now`` has the restaurant's zone."""
    moment = now.astimezone(UTC)
    return min(began for began in _beginnings(now, reset) if began > moment)


def is_another_day(since: datetime, began: datetime) -> bool:
    """Return whether a day that began then is another than the one that is known."""
    return not -LONGEST_BACK < began - since < SHORTEST


def _beginnings(now: datetime, reset: time) -> list[datetime]:
    """Return when the days around a moment begin."""
    today = now.date()
    found = (
        _beginning(today + timedelta(days=days), reset, now.tzinfo)
        for days in range(-AROUND, AROUND + 1)
    )
    return [began for began in found if began is not None]


@lru_cache(maxsize=64)
def _beginning(day: date, reset: time, zone: tzinfo | None) -> datetime | None:
    """Return when a day begins, None for one that the zone leaves out.

    Of an hour that comes twice it is the first; of one that the clocks jump over it is
    the jump.
    """
    wanted = datetime.combine(day, reset)
    after = wanted.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if _on_the_wall(after, zone) == wanted:
        return after
    before = wanted.replace(tzinfo=zone, fold=1).astimezone(UTC)
    while (seconds := int((after - before).total_seconds())) > 1:
        middle = before + timedelta(seconds=seconds // 2)
        if _on_the_wall(middle, zone) < wanted:
            before = middle
        else:
            after = middle
    return after if _on_the_wall(after, zone).date() == day else None


def _on_the_wall(moment: datetime, zone: tzinfo | None) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)
