"""Ask for an account's lists of messages, as long as the service gives them."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from ...api.errors import (
    AuthenticationError,
    ProtocolError,
    QuotaExceeded,
    RateLimited,
    RequestRefused,
    ServiceError,
)
from ...api.green_api import GreenApiClient, GreenApiHistory, Listed
from ...const import LOGGER
from ...runtime.runtime import ServiceRuntime
from ...runtime.timings import timings

# A list that is too large is asked for of half the time, down to this.
SHORTEST: Final = timedelta(minutes=15)
# What says that a call is not there, or not for this account.
REFUSED: Final = frozenset({400, 404, 405, 410, 501})
REFUSALS: Final = (AuthenticationError, QuotaExceeded, RequestRefused)


class ListState(StrEnum):
    """Whether there are lists."""

    WAITING = "waiting"
    ON = "on"
    REFUSED = "refused"
    FAILED = "failed"


class Lists:
    """The lists of an account, and what became of asking for them."""

    def __init__(self, runtime: ServiceRuntime, client: GreenApiClient) -> None:
        """Take whom to ask; nothing is asked yet."""
        self._name = runtime.name
        self._history = GreenApiHistory(client, runtime.budget.loop_yield)
        self._pause = timings().look_retry
        self._queue_length: int | None = None
        self._counts_queue = True
        self._listed: int | None = None
        self.state = ListState.WAITING

    async def async_incoming(self, reach: timedelta) -> tuple[list[Listed], timedelta]:
        """Return what came within a time, and how long that is: of a list that is too large less.

        Raise a ``ServiceError`` where there is none.
        """
        while True:
            try:
                listed = await self._history.incoming(_minutes(reach))
            except ProtocolError as err:
                if err.status is not None or reach / 2 < SHORTEST:
                    raise
            else:
                self._listed = len(listed)
                self._pause = timings().look_retry
                self.state = ListState.ON
                return listed, reach
            reach /= 2
            await asyncio.sleep(timings().look_spacing)

    async def async_outgoing(self, reach: timedelta) -> list[Listed]:
        """Return what was sent within a time and did not fail; nothing where that fails."""
        with suppress(ServiceError):
            sent = await self._history.outgoing(_minutes(reach))
            return [one for one in sent if not one.has_failed]
        return []

    async def async_count_queue(self) -> None:
        """Note how many notifications wait, where the service says so."""
        if not self._counts_queue:
            return
        self._queue_length = None
        try:
            self._queue_length = await self._history.queue_length()
        except (*REFUSALS, ProtocolError):
            self._counts_queue = False
        except ServiceError:
            pass

    def failed(self, err: ServiceError) -> float:
        """Note that there is no list; return the pause before the next try."""
        if isinstance(err, REFUSALS) or getattr(err, "status", None) in REFUSED:
            if self.state is not ListState.REFUSED:
                LOGGER.info(
                    "%s gives no list of its messages: %s. What its queue loses is not"
                    " found",
                    self._name,
                    err,
                )
            self.state = ListState.REFUSED
            return timings().look_refused
        LOGGER.debug("No list of messages: %s", err)
        self.state = ListState.FAILED
        pause = self._pause
        if isinstance(err, RateLimited):
            pause = max(pause, err.retry_after or 0)
        self._pause = min(2 * self._pause, timings().look_interval)
        return pause

    def diagnostics(self) -> dict[str, Any]:
        """Return how it went."""
        return {
            "queue_length": self._queue_length,
            "lists": {"state": self.state.value, "listed": self._listed},
        }


def _minutes(reach: timedelta) -> int:
    return max(1, round(reach.total_seconds() / 60))
