"""Counts of a restaurant's day, which does not end at midnight."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any


def day_began(now: datetime, reset: time) -> datetime:
    """Return when the day of a moment began; both are in the venue's own zone."""
    began = now.replace(
        hour=reset.hour, minute=reset.minute, second=reset.second, microsecond=0
    )
    return began if began <= now else began - timedelta(days=1)


class DailyCount:
    """Count something since the day began."""

    def __init__(self) -> None:
        """Begin with none."""
        self.value = 0
        self.since: datetime | None = None

    def add(self, began: datetime) -> None:
        """Count one more, of the day that began then."""
        self.roll(began)
        self.value += 1

    def roll(self, began: datetime) -> bool:
        """Begin anew if another day has begun; tell whether it has."""
        if self.since == began:
            return False
        # A clock that is set back a little brings no day back.
        if self.since is not None and timedelta() < self.since - began < timedelta(
            days=1
        ):
            return False
        self.value, self.since = 0, began
        return True

    def as_dict(self) -> dict[str, Any]:
        """Return what to store."""
        return {
            "value": self.value,
            "since": self.since.isoformat() if self.since else None,
        }

    def restore(self, stored: Mapping[str, Any]) -> None:
        """Take over what was stored; what is no such thing is passed over."""
        value, since = stored.get("value"), stored.get("since")
        if not isinstance(value, int) or not isinstance(since, str):
            return
        try:
            moment = datetime.fromisoformat(since)
        except ValueError:
            return
        if moment.tzinfo is not None:
            self.value, self.since = value, moment
