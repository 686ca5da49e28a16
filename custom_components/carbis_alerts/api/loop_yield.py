"""Long work in the event loop, in slices, so that everybody else gets a turn."""

import asyncio
import time
from typing import Final

# Seconds at a stretch. Home Assistant calls a loop blocked from 100 ms on.
SLICE: Final = 0.005


class LoopYield:
    """Give the loop away whenever a slice of time is used up."""

    def __init__(self, *, rest: float = 0.0) -> None:
        """Begin the first slice; after each one the work rests for so many seconds.

        An answer to somebody takes many turns: work that goes on without an end has to
        rest, or each of them comes a slice later.
        """
        self.rest = rest
        self.begin()

    def begin(self) -> None:
        """Begin a slice: others have just had their turn."""
        self._ends = time.monotonic() + SLICE

    async def give(self) -> None:
        """Let others run if this slice is over; to be called between small steps."""
        if time.monotonic() >= self._ends:
            await asyncio.sleep(self.rest)
            self.begin()
