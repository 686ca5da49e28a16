"""Long work in the event loop, in slices, so that everybody else gets a turn."""

import asyncio
from collections.abc import Callable
import time
from typing import Final

# Seconds at a stretch. Home Assistant calls a loop blocked from 100 ms on.
SLICE: Final = 0.005


def _no_rest() -> float:
    return 0.0


class LoopYield:
    """Give the loop away whenever a slice of time is used up."""

    def __init__(self, rest: Callable[[], float] = _no_rest) -> None:
        """Begin the first slice; after each the work rests for the seconds that ``rest`` says.

        An answer to somebody takes many turns: work that goes on without an end has to
        rest, or each of them comes a slice later.
        """
        self._rest = rest
        self.begin()

    def begin(self) -> None:
        """Begin a slice: others have just had their turn."""
        self._ends = time.monotonic() + SLICE

    async def give(self) -> None:
        """Let others run if this slice is over; to be called between small steps."""
        if time.monotonic() >= self._ends:
            await asyncio.sleep(self._rest())
            self.begin()
