"""How long to wait after a failure: longer each time, and never in step with others."""

from dataclasses import dataclass
import random

from ..api.errors import ServiceError, ServiceUnavailable
from .timings import timings


@dataclass(slots=True, kw_only=True)
class Backoff:
    """Pauses between two bounds, the upper of which doubles with each failure.

    ``base`` is the first upper bound in seconds, ``least`` the part of a bound that is
    always waited.
    """

    base: float
    least: float = 0.0
    failures: int = 0

    def failed(self, err: ServiceError) -> float:
        """Note a failure; return how many seconds to wait."""
        self.failures += 1
        bound = min(timings().max_pause, self.base * 2 ** min(self.failures - 1, 10))
        pause = random.uniform(self.least * bound, bound)  # noqa: S311
        if isinstance(err, ServiceUnavailable) and err.retry_after is not None:
            return max(pause, err.retry_after)
        return pause

    def succeeded(self) -> None:
        """Begin again with the shortest pause."""
        self.failures = 0
