"""Read a QR menu's queue: what is new, and now and then all of it."""

import time

from ...api.errors import RateLimited, ServiceError
from ...api.qr_menu import QrMenuClient, Updates, cursor_may_be_the_reason
from ...domain.polling import PollInterval
from ...runtime.timings import timings


class QueueReader:
    """Ask for events, and learn how fast the server bears to be asked."""

    def __init__(self, client: QrMenuClient, *, fixed: float | None) -> None:
        """Take the user's own interval, None for as fast as the server bears."""
        self._client = client
        self._interval = PollInterval(time.monotonic(), fixed=fixed)
        self._last_whole = float("-inf")

    @property
    def interval(self) -> float:
        """Return the seconds between an answer and the next request, as of now."""
        return self._interval.seconds(time.monotonic())

    @property
    def answer_time(self) -> float | None:
        """Return how many seconds an answer usually takes."""
        return self._interval.answer_time

    def happened(self) -> None:
        """Note that something new came."""
        self._interval.happened(time.monotonic())

    async def async_fetch(
        self, cursor: str | None, *, check: bool
    ) -> tuple[Updates, bool]:
        """Fetch what is new; return whether it is the whole queue.

        What the server answers to a cursor that it no longer has is not documented:
        everything, nothing or an error. Nothing and errors are checked against the
        whole queue; the journal knows what of it is a repeat.
        """
        if cursor is not None:
            try:
                updates = await self._async_ask(cursor)
            except ServiceError as err:
                if not cursor_may_be_the_reason(err):
                    raise
            else:
                now = time.monotonic()
                if updates.events or not (
                    check or now - self._last_whole >= timings().whole_interval
                ):
                    return updates, False
        updates = await self._async_ask(None)
        self._last_whole = time.monotonic()
        return updates, True

    async def _async_ask(self, cursor: str | None) -> Updates:
        """Ask once, and note how long it took."""
        asked_at = time.monotonic()
        try:
            updates = await self._client.fetch(cursor)
        except RateLimited:
            self._interval.refused(time.monotonic())
            raise
        self._interval.answered(time.monotonic() - asked_at)
        return updates
