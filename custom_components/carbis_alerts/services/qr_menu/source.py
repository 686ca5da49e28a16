"""The QR menu: poll its queue of events."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
import time
from typing import Any, Final, override

from homeassistant.const import CONF_TOKEN, CONF_URL
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed
from homeassistant.util import dt as dt_util
from yarl import URL

from ...api.errors import (
    AuthenticationError,
    RequestRefused,
    ServiceError,
    ServiceUnavailable,
)
from ...api.qr_menu import RETENTION, QrMenuClient, QrMenuEvent, Updates
from ...const import CONF_FINGERPRINT, CONF_ORDERS_WAIT, CONF_POLL_INTERVAL, LOGGER
from ...domain.events import TableEvent, table_key
from ...domain.hashes import HashOwners
from ...domain.table_waiters import Waiter
from ...runtime.backoff import Backoff
from ...runtime.outages import OutageWindows
from ...runtime.runtime import ServiceRuntime, ServiceSource
from ...runtime.timings import timings
from .bills import TableBills
from .codes import CodeQuestions
from .events import FirstSeen, event_of, plain_event_of
from .reader import QueueReader
from .waiters import OrderWaiters

# How long after it was last listed a hash is a repeat, in seconds: well past the
# five minutes for which the server keeps an event.
REPEAT_WINDOW: Final = 15 * 60.0
# The first pause after a failure, in intervals: at least half of it is waited. No interval
# counts as shorter than this many seconds.
FAILED_INTERVALS: Final = 2
LEAST_FAILED: Final = 1.0


class QrMenuSource(ServiceSource):
    """Poll a QR menu server."""

    def __init__(self, runtime: ServiceRuntime) -> None:
        """Prepare the client; nothing is asked yet."""
        super().__init__(runtime)
        entry = self.entry
        client = QrMenuClient(
            async_get_clientsession(self.hass),
            URL(entry.data[CONF_URL]),
            entry.data[CONF_TOKEN],
            fingerprint=entry.data.get(CONF_FINGERPRINT),
            limits=timings().limits,
            tap=runtime.recording.tap,
            budget=runtime.budget,
        )
        given = float(entry.options.get(CONF_POLL_INTERVAL, timings().poll_interval))
        fixed = max(timings().min_poll_interval, given) if given > 0 else None
        self._reader = QueueReader(client, fixed=fixed)
        self._pause = self._reader.interval
        # Asked by the task of the entry: Home Assistant's own schedule storms below 1 s.
        self.coordinator = DataUpdateCoordinator[bool](
            self.hass,
            LOGGER,
            config_entry=entry,
            name=self.name,
            update_method=self._async_update,
            always_update=False,
        )
        connection = runtime.connection
        connection.backoff = Backoff(
            base=FAILED_INTERVALS * (fixed or LEAST_FAILED), least=0.5
        )
        connection.refusals = (AuthenticationError, RequestRefused)
        self._hashes = HashOwners()
        self._bills = TableBills(runtime.devices)
        self._waiters = OrderWaiters(runtime.devices, runtime.store)
        self.waiter_of = self._waiters.async_of
        self._orders_wait = entry.options.get(CONF_ORDERS_WAIT) is True
        self.codes = CodeQuestions(self.hass, entry, runtime.store.async_changed)
        self._cursor_at: float | None = None
        self.outages: OutageWindows = OutageWindows(
            self.hass, entry, retention=RETENTION, changed=runtime.store.async_changed
        )
        runtime.store.add_section(self._collect, self._restore)

    @property
    def waiters_seen(self) -> list[Waiter]:
        """Return the waiters that orders named, the one that came last first."""
        return self._waiters.seen

    @override
    async def async_run(self) -> None:
        while True:
            await self.coordinator.async_refresh()
            await asyncio.sleep(self._pause)

    @override
    async def async_request_refresh(self) -> None:
        # Not before Home Assistant is ready for what there is to publish.
        if self.runtime.task.is_running:
            await self.coordinator.async_request_refresh()

    async def _async_update(self) -> bool:
        """Ask once; note on the connection how it went."""
        connection, asked_at = self.runtime.connection, time.monotonic()
        try:
            await self._async_poll()
        except ServiceError as err:
            self._pause = await connection.async_failed(err, since=asked_at)
            # Logged there; Home Assistant would log each change.
            self.coordinator.last_update_success = False
            raise UpdateFailed(str(connection.failure)) from err
        except Exception:
            await connection.async_failed(ServiceUnavailable("An error"), log=False)
            raise
        if not connection.is_up:
            connection.async_up()
        connection.backoff.succeeded()
        self._pause = self._reader.interval
        self.coordinator.last_update_success = True
        return True

    async def _async_poll(self) -> None:
        """Fetch once and deliver all of it."""
        late = self._is_interrupted()
        updates, whole = await self._reader.async_fetch(
            self.runtime.journal.cursor, check=late
        )
        # Asked again: the answer itself may have come after a long wait.
        late = late or self._is_interrupted()
        is_whole_answer = True
        if self.runtime.journal.is_initialized:
            is_whole_answer = await self._async_deliver(updates, late=late)
        else:
            await self._async_take_baseline(updates)
        self.outages.async_note(self.runtime.connection.last_answer_at)
        self.runtime.connection.async_answered()

        cursors = [event.cursor for event in updates.events if event.cursor]
        if is_whole_answer:
            # An empty queue has no place to go on from; the next event gives one.
            self._move_cursor(
                cursors[-1]
                if cursors
                else None
                if whole
                else self.runtime.journal.cursor
            )
        if cursors:
            self._cursor_at = time.monotonic()

    def _move_cursor(self, cursor: str | None) -> None:
        """Go on from an event, also after a restart."""
        if cursor != self.runtime.journal.cursor:
            self.runtime.journal.cursor = cursor
            self.runtime.store.async_changed()

    def _is_interrupted(self) -> bool:
        """Return whether events of now may be old: after a start, or 10 s too long."""
        last = self.runtime.connection.last_answer
        if last is None:
            return True
        too_long = time.monotonic() - last - timings().interruption
        return too_long > 0 and too_long > self._reader.interval

    async def _async_take_baseline(self, updates: Updates) -> None:
        """Note what was there before us; a first start creates tables and publishes nothing."""
        for event in updates.events:
            await self.runtime.budget.loop_yield.give()
            self.runtime.publisher.async_mark(self._identified(event).event_id)
        for item in updates.malformed:
            await self.runtime.budget.loop_yield.give()
            self.runtime.publisher.async_mark(item.event_id)
        self.runtime.journal.is_initialized = True
        self.runtime.store.async_changed()
        for event in updates.events:
            await self.runtime.budget.ready()
            now = dt_util.utcnow()
            bill = self._bills.take(event, now)
            self._bills.keep(bill)
            self._waiters.async_take(event, now, bill)
            try:
                await self._async_table(event)
                self.runtime.signals.values_changed(self._bills.async_show(bill))
            except Exception as err:  # noqa: BLE001 - logged there, without content
                # Its next event creates it.
                self.runtime.delivery.failures.log(err)
        self.runtime.store.async_changed()

    async def _async_table(self, event: QrMenuEvent) -> tuple[str | None, str | None]:
        """Return the key and name of an event's table, which is created where it is new."""
        name = event.table_name
        if (table_id := table_key(event.table_id, name)) is None:
            return None, name
        key = await self.runtime.devices.async_ensure(table_id, name)
        if name is None and (table := self.runtime.devices.all.get(key or "")):
            name = table.name
        return key, name

    async def _async_deliver(self, updates: Updates, *, late: bool) -> bool:
        """Publish what is new, in order, and move the cursor behind each.

        Return whether all of it is done with. What failed comes with the next answer:
        the cursor stays before it, and the journal knows what came behind.
        """

        def passed(event: QrMenuEvent) -> None:
            self.runtime.journal.cursor = event.cursor or self.runtime.journal.cursor

        def plain(event: QrMenuEvent) -> TableEvent:
            return plain_event_of(event, **self._first_seen(event, late))

        async def deliver(event: QrMenuEvent) -> None:
            self._reader.happened()
            key, name = await self._async_table(event)
            first_seen = self._first_seen(event, late)
            bill = self._bills.take(event, first_seen["time"])
            # Before the event makes anybody ask whose table it is.
            self._waiters.async_take(event, first_seen["time"], bill)
            made = event_of(
                event,
                **first_seen,
                meaning=self.codes.meaning(event.code),
                orders_wait=self._orders_wait,
                bill=bill,
                device_key=key,
                table_name=name,
            )
            shown = self._bills.async_show(bill)
            self.runtime.publisher.async_publish(made, shown)
            # Not before the bus has it: what failed is taken again.
            self._bills.keep(bill)
            self.codes.async_note(made)

        is_done = await self.runtime.delivery.async_deliver(
            map(self._identified, updates.events),
            event_id=lambda event: event.event_id,
            deliver=deliver,
            plain=plain,
            passed=passed,
            late=late,
        )
        now = time.monotonic()
        for item in updates.malformed:
            if not self.runtime.journal.is_repeat(item.event_id, now):
                self.runtime.publisher.async_mark(item.event_id)
                self.runtime.statistics.passed_over(item.shape)
                LOGGER.debug("%s: not an event: %s", self.name, item.shape)
        return is_done

    def _identified(self, event: QrMenuEvent) -> QrMenuEvent:
        """Return an event with an id of its own, though another one may have its hash."""
        if event.cursor is None:
            return event
        event_id = self._hashes.event_id(
            event.cursor,
            event.subject,
            lambda known: self.runtime.journal.is_repeat(known, time.monotonic()),
        )
        is_same = event_id == event.event_id
        return event if is_same else replace(event, event_id=event_id)

    def _first_seen(self, event: QrMenuEvent, late: bool) -> FirstSeen:
        """Return when an event came first and how: trying it again changes neither."""
        before = self.runtime.delivery.failures.first(event.event_id)
        if before is None:
            return {"late": late, "time": dt_util.utcnow()}
        return {"late": before.late, "time": before.time}

    @override
    def diagnostics(self) -> dict[str, Any]:
        age = self._cursor_at and round(time.monotonic() - self._cursor_at, 1)
        answer_time = self._reader.answer_time
        return {
            "cursor_age": age,
            "pause": round(self._pause, 3),
            "poll_interval": round(self._reader.interval, 3),
            "answer_time": answer_time and round(answer_time, 4),
            "gaps": self.outages.as_list(),
        }

    def _collect(self) -> dict[str, Any]:
        return {
            "bills": self._bills.as_list(),
            "codes": self.codes.as_list(),
            "gaps": self.outages.as_list(),
            "hashes": self._hashes.as_dict(self.runtime.journal),
        }

    def _restore(self, stored: Mapping[str, Any]) -> None:
        self._bills.restore(stored.get("bills"))
        self.codes.async_restore(stored.get("codes"))
        self._hashes.restore(stored.get("hashes"))
        self.outages.async_restore(stored.get("gaps"))
