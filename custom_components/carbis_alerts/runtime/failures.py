"""Failures of our own code while an event is published: counted, tried again, logged."""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime
import time
from traceback import format_tb
from typing import Any, Final

from ..const import LOGGER

# So often an event is tried; then it is published in the plainest form.
MAX_TRIES: Final = 3
# Seconds between two lines in the log: one bug may meet every event.
LOG_INTERVAL: Final = 60.0
# Events that are remembered as failed; more than this at a time no service sends.
MAX_KEPT: Final = 1_000


class FaultLog:
    """Log faults of our own code: one in a while, where it was, and nobody's words."""

    def __init__(self) -> None:
        """Begin with none."""
        self._logged_at: float | None = None
        self._more = 0

    def log(self, what: str, err: Exception) -> None:
        """Log a fault, or count it for the next line."""
        now = time.monotonic()
        if self._logged_at is not None and now - self._logged_at < LOG_INTERVAL:
            self._more += 1
            return
        more, self._logged_at, self._more = self._more, now, 0
        # What the error says may quote a guest.
        LOGGER.error(
            "%s (%s%s); please report this:\n%s",
            what,
            type(err).__name__,
            f", and {more} more since the last such line" if more else "",
            "".join(format_tb(err.__traceback__)),
        )


@dataclass(slots=True)
class Attempt:
    """An event that could not be published yet: how often, and what it was at first."""

    late: bool
    time: datetime
    tries: int = 0


@dataclass(slots=True)
class Failures:
    """What could not be published at once, and what became of it."""

    name: str
    # How many tries failed, how many events were published plainly, and how many not
    # at all.
    failed: int = 0
    plain: int = 0
    passed: int = 0
    _attempts: OrderedDict[str, Attempt] = field(default_factory=OrderedDict)
    _log: FaultLog = field(default_factory=FaultLog)

    def first(self, event_id: str) -> Attempt | None:
        """Return what is known of an event that failed before."""
        return self._attempts.get(event_id)

    def note(self, event_id: str, err: Exception, *, late: bool, at: datetime) -> int:
        """Note a failed try; return how many there were."""
        self.failed += 1
        attempt = self._attempts.setdefault(event_id, Attempt(late=late, time=at))
        attempt.tries += 1
        while len(self._attempts) > MAX_KEPT:
            self._attempts.popitem(last=False)
        self.log(err)
        return attempt.tries

    def forget(self, event_id: str) -> None:
        """Forget an event that is done with."""
        self._attempts.pop(event_id, None)

    def log(self, err: Exception) -> None:
        """Log a failure."""
        self._log.log(
            f"Carbis Alerts failed to handle a message of {self.name}, and tries it again",
            err,
        )

    def as_dict(self) -> dict[str, Any]:
        """Return it for the diagnostics file."""
        return {
            "failed": self.failed,
            "plain": self.plain,
            "passed": self.passed,
            "waiting": len(self._attempts),
        }
