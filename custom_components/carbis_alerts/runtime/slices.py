"""Many alerts, in slices that hold the event loop up for a moment each."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
import time
from typing import Final

from ..api.intake import SLICE

# How many the first slice has: each may start automations. None has more than a listener
# can still look up among the closed ones.
FIRST: Final = 4
MOST: Final = 128


class Slices:
    """How many to take at a time, by how much work those before were.

    Work is this thread's own time until the next slice: automations that start with a
    change go on before it, and smaller slices help nobody where others have the processor.
    """

    def __init__(self) -> None:
        """Begin with a few."""
        self.size = FIRST
        self._began = 0.0

    def begin(self) -> int:
        """Begin a slice; return how many it may have."""
        self._began = time.thread_time()
        return self.size

    def end(self, count: int) -> None:
        """Take that a slice of so many is over."""
        spent = time.thread_time() - self._began
        if count and spent:
            # Half of what would fit: not all of them cost the same.
            fitting = int(count * SLICE / (2 * spent))
            self.size = min(max(1, fitting), 2 * self.size, MOST)

    async def of[T](self, items: Sequence[T]) -> AsyncGenerator[Sequence[T]]:
        """Yield items in slices, and give everybody else a turn between two of them."""
        taken = 0
        while taken < len(items):
            part = items[taken : taken + self.begin()]
            yield part
            taken += len(part)
            if taken < len(items):
                await asyncio.sleep(0)
                self.end(len(part))
