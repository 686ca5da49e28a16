"""What came before an account was read for the first time, though its clock be wrong."""

from datetime import datetime, timedelta
from typing import Final

# A service's clock may be a minute ahead of ours.
AHEAD: Final = timedelta(minutes=1)
NONE: Final = timedelta()


class Beginning:
    """When reading began, and what a list that reaches back has from before it.

    What a whole look back has shown is known; this is about what shows up in it, or later.
    """

    def __init__(self) -> None:
        """Begin without a beginning."""
        self.at: datetime | None = None
        # True once a whole look back was made.
        self.is_looked_back = False
        # How far the service's clock is ahead of ours, at least: what it names is never
        # later than its arrival.
        self._ahead: timedelta | None = None

    def begin(self, now: datetime) -> None:
        """Note that the account is read, for the first time or again."""
        self.at = self.at or now

    def note(self, named: datetime | None, arrived: datetime) -> None:
        """Note when something came, and when the service says that it was."""
        if named is not None:
            ahead = named - arrived
            self._ahead = ahead if self._ahead is None else max(ahead, self._ahead)

    def is_before(self, named: datetime | None, now: datetime) -> bool:
        """Return whether something of a list came before the beginning.

        A clock that is behind names what is new as if it was old. One that is ahead does
        the opposite, so that in the first look back nothing that it names to come is new.
        """
        if self.at is None:
            return True
        if not self.is_looked_back and (named is None or named > now + AHEAD):
            return True
        behind = min(self._ahead or NONE, NONE)
        return named is not None and named < (self.at + behind).replace(microsecond=0)
