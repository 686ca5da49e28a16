"""A step of the ladder: after how long who is notified, how, and how often."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import Any, Final

# Whom a step is for, besides people by their ids.
TO_ZONE: Final = "zone"
TO_SHIFT: Final = "shift"
TO_MANAGERS: Final = "managers"

MAX_AFTER: Final = 24 * 60 * 60
MAX_REPEAT_EVERY: Final = 24 * 60 * 60
MAX_REPEATS: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step.

    ``kinds`` are the alerts that it is for, all where it names none; ``after`` seconds of
    waiting it comes, and ``repeats`` times more each ``repeat_every`` seconds (0: once).
    ``to`` says who is notified, by ``channels`` only where it names any. Between ``quiet_from``
    and ``quiet_to`` it is passed over.
    """

    step_id: str
    name: str
    after: float = 0.0
    kinds: frozenset[str] = frozenset()
    to: tuple[str, ...] = (TO_ZONE,)
    channels: frozenset[str] = frozenset()
    repeat_every: float = 0.0
    repeats: int = 0
    quiet_from: time | None = None
    quiet_to: time | None = None
    group: Mapping[str, Any] = field(default_factory=dict)
    actions: tuple[str, ...] = ()
    on_taken: tuple[str, ...] = ()

    @property
    def is_seen(self) -> bool:
        """Return whether the step shows something to whoever is there."""
        return bool(self.actions)

    @property
    def order(self) -> tuple[float, str, str]:
        """Return what steps go by: when they come, then their names."""
        return self.after, self.name, self.step_id

    def is_for(self, kind: str) -> bool:
        """Return whether the step is for a kind of alert."""
        return not self.kinds or kind in self.kinds

    def is_quiet(self, clock: time) -> bool:
        """Return whether the step is passed over at a time of the day."""
        if self.quiet_from is None or self.quiet_to is None:
            return False
        if self.quiet_from <= self.quiet_to:
            return self.quiet_from <= clock < self.quiet_to
        return clock >= self.quiet_from or clock < self.quiet_to
