"""How long anything else in Home Assistant waits while a long answer is worked on."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
import time

from .rounds import Clock


@dataclass(slots=True)
class Stalls:
    """The longest times in seconds between two turns of the event loop."""

    longest: float = 0.0
    yields: int = field(default=0)


@asynccontextmanager
async def watch_loop(clock: Clock = time.perf_counter) -> AsyncGenerator[Stalls]:
    """Take a turn of the loop as often as there is one, and note the gaps by a clock."""
    stalls = Stalls()

    async def alternate() -> None:
        last = clock()
        while True:
            await asyncio.sleep(0)
            now = clock()
            stalls.longest = max(stalls.longest, now - last)
            stalls.yields += 1
            last = now

    task = asyncio.create_task(alternate())
    # What comes first counts too.
    await asyncio.sleep(0)
    try:
        yield stalls
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
