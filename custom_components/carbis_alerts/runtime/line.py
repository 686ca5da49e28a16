"""A line that is held open: brought up, again and again."""

import asyncio
from collections.abc import Awaitable, Callable
import time
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from ..api.errors import ServiceError, ServiceUnavailable, StreamRefused
from ..api.transport import Limits
from ..const import LOGGER
from . import issues
from .connection import Connection
from .timings import timings

# A cloud may be slow to open a line.
LINE_LIMITS: Final = Limits(connect=10.0, total=30.0)


class LineKeeper:
    """Keep a line up: a session that ends, ends by an error."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        name: str,
        connection: Connection,
        session: Callable[[], Awaitable[None]],
    ) -> None:
        """Take what brings the line up, says so, and stays on it."""
        self._hass = hass
        self._entry = entry
        self._name = name
        self._connection = connection
        connection.limits = LINE_LIMITS
        self._session = session
        self._began = 0.0

    async def async_run(
        self, failed: Callable[[ServiceError], Awaitable[float]] | None = None
    ) -> None:
        """Bring the line up without an end; ``failed`` stands for ``async_failed``."""
        failed = failed or self.async_failed
        while True:
            # No name for the error: its frames would be kept while the next line is up.
            pause = await failed(await self._async_ended())
            await asyncio.sleep(pause)

    async def _async_ended(self) -> ServiceError:
        """Bring the line up and stay on it; return why it ended."""
        self._began = time.monotonic()
        try:
            await self._session()
        except ServiceError as err:
            return err
        except Exception:
            LOGGER.exception("Unexpected error of %s", self._name)
            return ServiceUnavailable("An unexpected error; see above")
        return ServiceUnavailable("The line has ended")

    async def async_failed(self, err: ServiceError) -> float:
        """Note the end of a session; return the pause before the next."""
        connection = self._connection
        up_since = connection.up_since
        was_stable = (
            up_since is not None and time.monotonic() - up_since >= timings().stable
        )
        if was_stable:
            connection.backoff.succeeded()
        # A line that worked and ended is brought up again without a word in the log:
        # proxies cut streams as a matter of course.
        pause = await connection.async_failed(
            err, log=not was_stable, since=self._began if up_since is None else None
        )
        if isinstance(err, StreamRefused):
            await self._async_give_up()
        return pause

    async def _async_give_up(self) -> None:
        """Open a repair and wait: the service wants no more tries."""
        issues.async_open(
            self._hass,
            self._entry,
            issues.STREAM_REFUSED,
            severity=issues.Severity.ERROR,
        )
        await asyncio.Future[None]()
