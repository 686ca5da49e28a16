"""A rate with a burst."""


class TokenBucket:
    """What may go on, in any unit: much at once, then so much a second."""

    def __init__(self, burst: float, rate: float) -> None:
        """Begin with all of the burst."""
        self._burst = burst
        self._rate = rate
        self._taxed = burst * 15 / 16
        self._left = burst
        self._at: float | None = None

    def spend(self, count: float, now: float) -> None:
        """Note that so much went on; ``now`` is in seconds of a monotonic clock."""
        self._refill(now)
        self._left -= count

    def wait(self, now: float) -> float:
        """Return for how many seconds nothing more may go on."""
        if self._left >= 0:
            return 0.0
        self._refill(now)
        return max(0.0, -self._left / self._rate)

    def is_taxed(self, now: float) -> bool:
        """Return whether more than a sixteenth of the burst has gone."""
        if self._left >= self._taxed:
            return False
        self._refill(now)
        return self._left < self._taxed

    def _refill(self, now: float) -> None:
        if self._at is not None:
            passed = max(0.0, now - self._at)
            self._left = min(self._burst, self._left + passed * self._rate)
        self._at = now
