"""What one service may cost, whatever it sends and by whichever transport."""

import asyncio
from collections.abc import Callable, Coroutine
import time
from typing import Any, Final

from .bucket import TokenBucket
from .loop_yield import SLICE, LoopYield
from .meter import Meter

# Each: how much at once, and how much a second for ever.
#
# Messages that are taken, and requests that ask for some. A PBX has a few a second, and
# automations have to follow.
MESSAGES: Final = (500.0, 50.0)
# Bytes that are read, unpacked: two of the largest answers. A queue of five minutes that is
# listed again with each answer has some hundred KiB a second in the busiest of restaurants.
BYTES: Final = (32 * 1024 * 1024.0, 1024 * 1024.0)
# Seconds of a processor: a backlog at once, on a small machine too, then a tenth of a core.
WORK: Final = (10.0, 0.1)
# Bytes of events that are published. A busy restaurant has 5,000 events a day, some 300
# bytes a second; the rest is for bursts and floods.
EVENTS: Final = (1024 * 1024 * 1024.0, 4 * 1024.0)
# What an event costs besides its own size: states, alerts, rows of databases.
EVENT_OVERHEAD: Final = 4 * 1024
# Seconds without a limit after which the next one is news.
QUIET: Final = 3600.0
# Seconds for which whoever delivers may be kept waiting.
MAX_HELD: Final = 5.0


def _do_nothing() -> None:
    pass


class Budget:
    """How much of a service is taken: time, messages, bytes in and events out."""

    def __init__(self, on_slowed: Callable[[], None] = _do_nothing) -> None:
        """Begin with all bursts; ``on_slowed`` is called when the service is slowed."""
        self.messages = TokenBucket(*MESSAGES)
        self.bytes = TokenBucket(*BYTES)
        self.work = TokenBucket(*WORK)
        self.events = TokenBucket(*EVENTS)
        self.loop_yield = LoopYield(self._rest)
        self._meter = Meter(self._worked)
        self._on_slowed = on_slowed
        self._slowed_at: float | None = None

    @property
    def is_slowed(self) -> bool:
        """Return whether the service was slowed lately."""
        return (
            self._slowed_at is not None and time.monotonic() - self._slowed_at < QUIET
        )

    @property
    def is_flooded(self) -> bool:
        """Return whether whoever delivers had better come again than wait."""
        return self._pause() > MAX_HELD

    async def ready(self) -> None:
        """Wait until more may be read; others get their turn."""
        await self.loop_yield.give()
        while (pause := self._pause()) > 0:
            if not self.is_slowed:
                self._on_slowed()
            self._slowed_at = time.monotonic()
            await asyncio.sleep(pause)
            self.loop_yield.begin()

    async def take(self) -> None:
        """Wait until a message may be taken, or asked for, and count it."""
        await self.ready()
        self.count()

    def count(self) -> None:
        """Count a message, or what came and was none."""
        self.messages.spend(1, time.monotonic())

    def read(self, size: int) -> None:
        """Count bytes that came, unpacked."""
        self.bytes.spend(size, time.monotonic())

    def published(self, size: int) -> None:
        """Count an event with so many bytes of its own."""
        self.events.spend(size + EVENT_OVERHEAD, time.monotonic())

    async def rest(self) -> None:
        """Let others have what follows of a message before the next.

        Automations start with each event, and boards show it. Where many come, whoever
        asks Home Assistant something has an answer in between.
        """
        await asyncio.sleep(self._rest())
        self.loop_yield.begin()

    async def measured[T](self, work: Coroutine[Any, Any, T]) -> T:
        """Do work at the expense of the service."""
        return await self._meter.measured(work)

    def _pause(self) -> float:
        now = time.monotonic()
        return max(
            self.messages.wait(now),
            self.bytes.wait(now),
            self.work.wait(now),
            self.events.wait(now),
        )

    def _rest(self) -> float:
        now = time.monotonic()
        is_taxed = (
            self.messages.is_taxed(now)
            or self.bytes.is_taxed(now)
            or self.work.is_taxed(now)
        )
        return SLICE if is_taxed else 0.0

    def _worked(self, seconds: float) -> None:
        self.work.spend(seconds, time.monotonic())
