"""A wall clock that tests set; sockets and timers run on."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from unittest.mock import patch

from homeassistant.util import dt as dt_util


class WallClock:
    """What Home Assistant takes for the time of day."""

    def __init__(self, start: str | datetime) -> None:
        """Begin at a moment, or at a time of a day such as 19:02 in UTC."""
        self.moment = (
            datetime.fromisoformat(f"2026-03-05T{start}:00+00:00")
            if isinstance(start, str)
            else start
        )

    def pass_by(self, **amount: float) -> None:
        """Let time pass, given as of timedelta."""
        self.moment += timedelta(**amount)

    def utcnow(self) -> datetime:
        """Return the time in UTC."""
        return self.moment.astimezone(UTC)

    def now(self, zone: tzinfo | None = None) -> datetime:
        """Return the time in a zone."""
        return self.moment.astimezone(zone or dt_util.get_default_time_zone())


@contextmanager
def wall_clock(start: str | datetime) -> Generator[WallClock]:
    """Set the clock for as long as this lasts."""
    clock = WallClock(start)
    with (
        patch("homeassistant.util.dt.utcnow", clock.utcnow),
        patch("homeassistant.util.dt.now", clock.now),
    ):
        yield clock
