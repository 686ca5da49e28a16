"""What a source has seen and done since it was loaded, for people who look for a fault."""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from homeassistant.util import dt as dt_util

from ..api.fields import shape
from ..api.types import Json
from ..domain.events import Event, EventType

# How many of each kind are kept to look at.
KEPT: Final = 20


@dataclass(slots=True, kw_only=True)
class Outage:
    """A time without the service; ``ended`` is None while it lasts."""

    began: datetime
    reason: str
    ended: datetime | None = None


@dataclass(slots=True)
class Statistics:
    """Counts and times; no content of any event."""

    tries: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)
    late: int = 0
    repeats: int = 0
    malformed: int = 0
    malformed_shapes: deque[Json] = field(default_factory=lambda: deque(maxlen=KEPT))
    other_shapes: deque[dict[str, Any]] = field(
        default_factory=lambda: deque(maxlen=KEPT)
    )
    last_success: datetime | None = None
    last_event: datetime | None = None
    outages: deque[Outage] = field(default_factory=lambda: deque(maxlen=KEPT))
    # Called with the form of what could not be read, or not handled.
    unreadable: Callable[[Json], None] = lambda _: None

    def succeeded(self) -> datetime:
        """Note that the service answered; return when."""
        self.tries += 1
        self.last_success = now = dt_util.utcnow()
        if self.outages and self.outages[-1].ended is None:
            self.outages[-1].ended = now
        return now

    def failed(self, err: Exception) -> None:
        """Note that the service did not answer, or not as it should."""
        self.tries += 1
        reason = type(err).__name__
        self.failures[reason] += 1
        if not self.outages or self.outages[-1].ended is not None:
            self.outages.append(Outage(began=dt_util.utcnow(), reason=reason))

    def published(self, event: Event) -> None:
        """Note an event; of an unknown one what it looks like."""
        self.events[event.type.value] += 1
        self.late += event.late
        self.last_event = dt_util.utcnow()
        if event.type is EventType.OTHER:
            form = {"code": event.code, "shape": shape(event.raw)}
            if form not in self.other_shapes:
                self.other_shapes.append(form)

    def passed_over(self, form: Json) -> None:
        """Note what was no event at all."""
        self.malformed += 1
        if form not in self.malformed_shapes:
            self.malformed_shapes.append(form)
        self.unreadable(form)

    def outages_since(self, moment: datetime) -> int:
        """Return how many outages lasted into or began after a moment."""
        return sum(
            1
            for outage in self.outages
            if outage.ended is None or outage.ended >= moment
        )

    def as_dict(self) -> dict[str, Any]:
        """Return it for the diagnostics file."""
        return {
            "tries": self.tries,
            "failures": dict(self.failures),
            "events": dict(self.events),
            "late": self.late,
            "repeats": self.repeats,
            "malformed": self.malformed,
            "malformed_shapes": list(self.malformed_shapes),
            "other_shapes": list(self.other_shapes),
            "last_success": _iso(self.last_success),
            "last_event": _iso(self.last_event),
            "outages": [
                {
                    "began": _iso(outage.began),
                    "ended": _iso(outage.ended),
                    "seconds": (
                        round((outage.ended - outage.began).total_seconds(), 1)
                        if outage.ended
                        else None
                    ),
                    "reason": outage.reason,
                }
                for outage in self.outages
            ],
        }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
