"""The background task of an entry: begun, stopped at once, and kept away for a while."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback


class SourceTask:
    """What brings in the events of an entry for as long as it is loaded."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        name: str,
        run: Callable[[], Coroutine[Any, Any, None]],
        interrupted: Callable[[], None],
    ) -> None:
        """Take what to run, and what to call when events may have been missed."""
        self._hass = hass
        self._entry = entry
        self._name = name
        self._run = run
        self._interrupted = interrupted
        self._task: asyncio.Task[None] | None = None
        self._is_started = False
        self._is_stopped = False
        self._pauses = 0

    @property
    def is_running(self) -> bool:
        """Return whether events are brought in."""
        return self._task is not None

    @callback
    def async_start(self) -> None:
        """Bring in events from now on."""
        self._is_started = True
        self._begin()

    async def async_stop(self) -> None:
        """Stop at once and for good."""
        self._is_stopped = True
        await self.async_cancel()

    async def async_cancel(self) -> None:
        """Stop at once."""
        while (task := self._task) is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            if self._task is task:
                self._task = None

    @asynccontextmanager
    async def async_paused(self) -> AsyncGenerator[None]:
        """Keep away from the service for a while, for somebody else's short look."""
        self._pauses += 1
        try:
            await self.async_cancel()
            self._interrupted()
            yield
        finally:
            self._pauses -= 1
            # Whoever is the last to go away has it run again, cut short or not.
            task = self._task
            is_away = task is None or task.done() or task.cancelling()
            if is_away and self._is_started and not (self._pauses or self._is_stopped):
                self._begin()

    def _begin(self) -> None:
        self._task = self._entry.async_create_background_task(
            self._hass, self._run(), f"{self._name} source"
        )
