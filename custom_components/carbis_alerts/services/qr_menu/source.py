"""The QR menu: poll its queue of events."""

import asyncio
from collections.abc import Iterable
from datetime import datetime
import random
import time
from typing import Any, Final, TypedDict, override

from homeassistant.const import CONF_TOKEN, CONF_URL
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.update_coordinator import UpdateFailed
from homeassistant.util import dt as dt_util
from yarl import URL

from ...api.errors import (
    AuthenticationError,
    CertificateError,
    RequestRefused,
    ServiceError,
    ServiceUnavailable,
)
from ...api.qr_menu import (
    RETENTION,
    QrMenuClient,
    QrMenuEvent,
    Updates,
    cursor_may_be_the_reason,
)
from ...const import CONF_FINGERPRINT, CONF_POLL_INTERVAL
from ...domain.events import OnlinePayment, TableEvent
from ...runtime import issues
from ...runtime.certificates import async_certificate_refused
from ...runtime.coordinator import CarbisConfigEntry, ServiceCoordinator
from ...runtime.identity import Identity
from ...runtime.outages import Gaps
from ...runtime.timings import timings
from .events import event_of, plain_event_of

# How long after it was last listed a hash is a repeat, in seconds: well past the
# five minutes for which the server keeps an event.
REPEAT_WINDOW: Final = 15 * 60.0


BILL: Final = "bill"


class FirstSeen(TypedDict):
    """When an event was first seen, and whether that was late."""

    late: bool
    time: datetime


class QrMenuCoordinator(ServiceCoordinator):
    """Poll a QR menu server."""

    def __init__(
        self, hass: HomeAssistant, entry: CarbisConfigEntry, identity: Identity
    ) -> None:
        """Prepare the client; nothing is asked yet."""
        super().__init__(hass, entry, identity, repeat_window=REPEAT_WINDOW)
        self._client = QrMenuClient(
            async_get_clientsession(hass),
            URL(entry.data[CONF_URL]),
            entry.data[CONF_TOKEN],
            fingerprint=entry.data.get(CONF_FINGERPRINT),
            limits=timings().limits,
        )
        self._interval = float(
            max(
                timings().min_poll_interval,
                entry.options.get(CONF_POLL_INTERVAL, timings().poll_interval),
            )
        )
        self._pause = self._interval
        self._failures = 0
        self._refused = False
        self._last_whole = float("-inf")
        self._cursor_at: float | None = None
        self.gaps = Gaps(
            hass, entry, retention=RETENTION, changed=self._store.async_changed
        )

    @override
    async def _async_run(self) -> None:
        while True:
            await self.async_refresh()
            await asyncio.sleep(self._pause)

    @override
    async def _async_update_data(self) -> bool:
        try:
            await self._async_poll()
        except ServiceError as err:
            self._failures += 1
            self._pause = self._pause_after(err)
            self.statistics.failed(err)
            if isinstance(err, AuthenticationError | RequestRefused):
                self._refused = True
                self.async_credentials_refused()
            if isinstance(err, CertificateError):
                await async_certificate_refused(
                    self.hass, self.config_entry, timings().limits
                )
            raise UpdateFailed(str(err)) from err
        if self._refused:
            self.async_credentials_accepted()
        if self._failures or self.data is None:
            issues.async_close(self.hass, self.config_entry, issues.CERTIFICATE)
        self._refused = False
        self._failures = 0
        self._pause = self._interval
        return True

    async def _async_poll(self) -> None:
        """Fetch once and deliver all of it."""
        late = self._is_interrupted()
        updates, whole = await self._async_fetch(check=late)
        # Asked again: the answer itself may have come after a long wait.
        late = late or self._is_interrupted()
        is_whole_answer = True
        if self.journal.begun:
            is_whole_answer = await self._async_deliver(updates, late=late)
        else:
            self._take_bearings(updates)
        self.gaps.async_note(self.last_answer_at)
        self.async_answered()

        cursors = [event.cursor for event in updates.events if event.cursor]
        if is_whole_answer:
            # An empty queue has no place to go on from; the next event gives one.
            self._move_cursor(
                cursors[-1] if cursors else None if whole else self.journal.cursor
            )
        if cursors:
            self._cursor_at = time.monotonic()

    def _move_cursor(self, cursor: str | None) -> None:
        """Go on from an event, also after a restart."""
        if cursor != self.journal.cursor:
            self.journal.cursor = cursor
            self._store.async_changed()

    def _is_interrupted(self) -> bool:
        """Tell whether events of now may be old: after a start, or a gap of 10 s."""
        if self.last_answer is None:
            return True
        allowed = (
            timings().interruption
            if self._failures
            else timings().interruption + self._interval
        )
        return time.monotonic() - self.last_answer > allowed

    async def _async_fetch(self, *, check: bool) -> tuple[Updates, bool]:
        """Fetch what is new; tell whether it is the whole queue.

        What the server answers to a cursor that it no longer has is not documented:
        everything, nothing or an error. Nothing and errors are checked against the
        whole queue; the journal knows what of it is a repeat.
        """
        cursor = self.journal.cursor
        if cursor is not None:
            try:
                updates = await self._client.fetch(cursor)
            except ServiceError as err:
                if not cursor_may_be_the_reason(err):
                    raise
            else:
                now = time.monotonic()
                if updates.events or not (
                    check or now - self._last_whole >= timings().whole_interval
                ):
                    return updates, False
        updates = await self._client.fetch(None)
        self._last_whole = time.monotonic()
        return updates, True

    @callback
    def _take_bearings(self, updates: Updates) -> None:
        """Note what was there before us; a first start tells nothing."""
        for event in updates.events:
            self.async_mark(event.event_id)
        for item in updates.malformed:
            self.async_mark(item.event_id)
        self.journal.begun = True
        self._store.async_changed()

    async def _async_deliver(self, updates: Updates, *, late: bool) -> bool:
        """Publish what is new, in order, and move the cursor behind each.

        Return whether all of it is done with. What failed comes with the next answer:
        the cursor stays before it, and the journal knows what came behind.
        """

        def passed(event: QrMenuEvent) -> None:
            self.journal.cursor = event.cursor or self.journal.cursor

        def plain(event: QrMenuEvent) -> TableEvent:
            return plain_event_of(event, **self._first_seen(event, late))

        async def deliver(event: QrMenuEvent) -> None:
            key, name = None, event.table_name
            if event.table_id is not None:
                key = await self.async_ensure_place(event.table_id, name)
                if name is None and (place := self.places.get(key or "")) is not None:
                    name = place.name
            made = event_of(
                event,
                **self._first_seen(event, late),
                device_key=key,
                table_name=name,
            )
            self.async_publish(made, self._update_bill(made))

        is_done = await self.async_deliver(
            updates.events,
            event_id=lambda event: event.event_id,
            deliver=deliver,
            plain=plain,
            passed=passed,
            late=late,
        )
        now = time.monotonic()
        for item in updates.malformed:
            if not self.journal.is_repeat(item.event_id, now):
                self.async_mark(item.event_id)
                self.statistics.passed_over(item.shape)
                self.logger.debug("%s: not an event: %s", self.name, item.shape)
        return is_done

    def _first_seen(self, event: QrMenuEvent, late: bool) -> FirstSeen:
        """Return when an event came first and how: trying it again changes neither."""
        before = self.failures.first(event.event_id)
        if before is None:
            return {"late": late, "time": dt_util.utcnow()}
        return {"late": before.late, "time": before.time}

    @callback
    def _update_bill(self, event: TableEvent) -> Iterable[str]:
        """Keep the table's bill: what is due, else what was ordered, 0 once paid."""
        key = event.device_key
        if key is None or (place := self.places.get(key)) is None:
            return ()
        bill = event.amount_due
        if isinstance(event, OnlinePayment):
            bill = 0.0
        elif bill is None:
            bill = event.order_sum
        if bill is None or place.values.get(BILL) == bill:
            return ()
        place.values[BILL] = bill
        return (key,)

    @override
    def diagnostics(self) -> dict[str, Any]:
        age = (
            None
            if self._cursor_at is None
            else round(time.monotonic() - self._cursor_at, 1)
        )
        return {
            **super().diagnostics(),
            "cursor_age": age,
            "failures_in_a_row": self._failures,
            "pause": round(self._pause, 1),
            "poll_interval": self._interval,
            "gaps": self.gaps.as_list(),
        }

    @override
    def _collect(self) -> dict[str, Any]:
        return {"gaps": self.gaps.as_list()}

    @override
    def _restore(self, stored: dict[str, Any]) -> None:
        self.gaps.async_restore(stored.get("gaps"))

    def _pause_after(self, err: ServiceError) -> float:
        """Return how long to wait after a failure: longer each time, never in step."""
        if isinstance(err, AuthenticationError | RequestRefused):
            return timings().refused_pause
        longest = min(
            timings().max_pause, self._interval * 2 ** min(self._failures, 10)
        )
        pause = random.uniform(longest / 2, longest)  # noqa: S311
        if isinstance(err, ServiceUnavailable) and err.retry_after is not None:
            return max(pause, err.retry_after)
        return pause
