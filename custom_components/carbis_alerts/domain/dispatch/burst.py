"""How many messages a person can take: more than that come as one."""

from collections import deque
from typing import Final

# So many in so many seconds one by one.
MOST: Final = 10
WITHIN: Final = 60.0


class Burst:
    """Count what each person is sent, by a clock that is never set."""

    def __init__(self, most: int = MOST, within: float = WITHIN) -> None:
        """Begin with nothing."""
        self._most = most
        self._within = within
        self._sent: dict[str, deque[float]] = {}

    def allows(self, person_id: str, now: float) -> bool:
        """Return whether a person can take one more now; if so, it is counted."""
        sent = self._sent.setdefault(person_id, deque(maxlen=self._most))
        if len(sent) == self._most and now - sent[0] < self._within:
            return False
        sent.append(now)
        return True
