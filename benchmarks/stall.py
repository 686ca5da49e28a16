"""How long anything else in Home Assistant waits while a long answer is worked on."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
import time


@dataclass(slots=True)
class Stalls:
    """The longest times in seconds between two turns of the event loop."""

    longest: float = 0.0
    yields: int = field(default=0)


@asynccontextmanager
async def watch_loop() -> AsyncGenerator[Stalls]:
    """Take a turn of the loop as often as there is one, and note the gaps."""
    stalls = Stalls()

    async def alternate() -> None:
        last = time.perf_counter()
        while True:
            await asyncio.sleep(0)
            now = time.perf_counter()
            stalls.longest = max(stalls.longest, now - last)
            stalls.yields += 1
            last = now

    task = asyncio.create_task(alternate())
    try:
        yield stalls
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
