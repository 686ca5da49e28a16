"""The PBX: one source for its messages, by whichever line they come."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
import time
from typing import Any, ClassVar, Final, override

from homeassistant.const import CONF_WEBHOOK_ID
from homeassistant.core import callback
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt as dt_util

from ...api.loop_yield import SLICE, LoopYield
from ...api.pbx import Parsed, PbxMessage, Unreadable
from ...domain.calls import Calls
from ...domain.events import PhoneEvent
from ...domain.limits import LINE_BURST, LINE_RATE, TokenBucket
from ...domain.pbx import Meaning, PbxInterpreter
from ...domain.phone_events import Arrival, plain_event
from ...runtime.clocks import wall_since
from ...runtime.devices import HUB
from ...runtime.line import LINE_LIMITS, LineKeeper
from ...runtime.retries import Delivery, Retries
from ...runtime.runtime import ServiceRuntime, ServiceSource
from ...runtime.timings import timings
from .client import make_client
from .contacts import contacts_of, plan_of
from .device_question import DeviceQuestion
from .hook import HookLine
from .line import Line
from .stream import StreamLine

# Within this time, in seconds, the same message is a repeat.
REPEAT_WINDOW: Final = 60.0
# How often calls whose end never came are looked for.
GIVE_UP_INTERVAL: Final = timedelta(minutes=1)


class PbxSource(ServiceSource):
    """Publish what a PBX sends, by whichever line it comes."""

    # Seconds until a message whose publishing failed is tried again, by its failures.
    retry_after: ClassVar[tuple[float, ...]] = (1.0, 5.0)

    def __init__(self, runtime: ServiceRuntime) -> None:
        """Prepare interpreter and line; nothing is opened yet."""
        super().__init__(runtime)
        hass, entry = self.hass, self.entry
        self.interpreter = PbxInterpreter(contacts_of(entry), plan_of(entry))
        client = make_client(hass, entry.data, LINE_LIMITS, runtime.recording.tap)
        self.line: Line = (
            HookLine(hass, entry, self, client, runtime.recording.tap)
            if CONF_WEBHOOK_ID in entry.data
            else StreamLine(self, client, entry.data)
        )
        self._keeper = LineKeeper(
            hass, entry, self.name, runtime.connection, self.line.async_session
        )
        runtime.store.add_section(self._collect, self._restore)
        self._handling = asyncio.Lock()
        self._retries = Retries(hass, self._async_retry)
        # How fast the line is read and messages are taken, whatever is in them.
        self.line_bucket = TokenBucket(LINE_BURST, LINE_RATE)
        self._loop_yield = LoopYield()

    # What entities and the board show

    @property
    def calls(self) -> Calls:
        """Return the calls in progress."""
        return self.interpreter.calls

    @property
    def last_caller(self) -> str | None:
        """Return who called last, by name where it is known."""
        return self.interpreter.last_caller

    def caller(self, extension: str) -> str | None:
        """Return who is on the line of an extension, by name where it is known."""
        return self.interpreter.caller(extension)

    def caller_data(self, number: str | None) -> dict[str, Any]:
        """Return what the board shows of the other side of a call."""
        contacts = self.interpreter.contacts
        return {
            "caller": number,
            "caller_name": contacts.name(number),
            "vip": contacts.is_vip(number),
        }

    def device_of(self, extension: str | None) -> str:
        """Return the id of an extension's device, of the hub's where there is none."""
        devices = self.runtime.devices
        return devices.id_of(devices.known_key(extension))

    # Life

    @override
    @callback
    def async_start(self) -> None:
        self.line.async_open()
        self.entry.async_on_unload(
            async_track_time_interval(
                self.hass,
                self._async_give_up_calls,
                GIVE_UP_INTERVAL,
                cancel_on_shutdown=True,
            )
        )

    @override
    async def async_run(self) -> None:
        await self._keeper.async_run()

    @override
    async def async_finish(self) -> None:
        # Whatever waits for another try has its last ones now; a message that waits for
        # its turn is not waited for.
        await self._retries.async_finish()

    @override
    @callback
    def async_close(self) -> None:
        self.line.async_close()

    @override
    @callback
    def async_interrupted(self) -> None:
        self.interpreter.interrupt()
        self.runtime.signals.values_changed((HUB, *self.runtime.devices.all))

    @override
    @callback
    def async_lost(self) -> None:
        self.interpreter.hide()
        self.runtime.signals.values_changed((HUB, *self.runtime.devices.all))

    @callback
    def _async_give_up_calls(self, _: datetime) -> None:
        if self.interpreter.give_up(time.monotonic()):
            self.runtime.signals.values_changed((HUB, *self.runtime.devices.all))

    # What the line needs

    @property
    def device_id(self) -> str | None:
        """Return the device that the messages come from, once it is known."""
        return self.line.senders.device_id

    @property
    def device_question(self) -> DeviceQuestion | None:
        """Return the question whose the devices are, None where nobody else can send."""
        return self.line.question

    @property
    def is_flooded(self) -> bool:
        """Return whether more came than there is to take now."""
        return self.runtime.publisher.bucket.wait(time.monotonic()) > 0

    @property
    def rest(self) -> float:
        """Return for how many seconds others have the loop between slices of work.

        Automations start with each event, and boards show it: they go on before the next
        one, and where many come whoever asks has an answer.
        """
        return SLICE if self.line_bucket.is_taxed(time.monotonic()) else 0.0

    async def async_ready(self) -> None:
        """Wait until more may be read."""
        await self.runtime.delivery.async_wait_for(self.line_bucket)

    @callback
    def async_read_nothing(self) -> None:
        """Note that something was read in which there was no message."""
        self.line_bucket.spend(0, time.monotonic())

    @callback
    def async_line_up(self) -> None:
        """Note that the line is up."""
        self.runtime.connection.async_answered()
        self.runtime.connection.async_up()

    @callback
    def async_pause_asked(self, seconds: float) -> None:
        """Note the pause that the PBX asks for before the line is brought up again."""
        least = timings().least_base_pause
        self.runtime.connection.backoff.base = max(seconds, least)

    @callback
    def async_store(self) -> None:
        """Have what the line knows written down."""
        self.runtime.store.async_changed()

    async def async_handle(self, message: Parsed) -> None:
        """Take one message: publish what is new."""
        # Over a hook messages may come at once; they are published one by one.
        async with self._handling:
            await self._loop_yield.give()
            # Repeats and what cannot be read cost as much as what is new.
            await self.runtime.delivery.async_wait_for(self.line_bucket)
            self.line_bucket.spend(0, time.monotonic())
            if isinstance(message, Unreadable):
                self.runtime.statistics.passed_over(message.shape)
            elif isinstance(message, PbxMessage):
                await self.runtime.delivery.async_limit_rate()
                await self._async_take(message, self.interpreter.event_id(message))
                await asyncio.sleep(self.rest)

    # Delivery

    async def _async_take(self, message: PbxMessage, event_id: str) -> None:
        """Publish the events of a message; one that fails keeps none of the others."""
        if event_id in self._retries:
            self.runtime.statistics.repeats += 1
            return
        meaning = Meaning()

        async def interpret() -> None:
            nonlocal meaning
            meaning = await self._async_interpret(message, event_id)

        await self._async_try_or_keep(
            event_id, interpret, message, partial(self._async_take, message, event_id)
        )
        changed = self._changed_keys(meaning)
        for event in meaning.events:
            await self._async_deliver_event(event, changed, message)
            changed = ()

    async def _async_interpret(self, message: PbxMessage, event_id: str) -> Meaning:
        """Move the call on; return what the message means."""
        now = time.monotonic()
        extension = self.interpreter.extension(message)
        key = (
            None
            if extension is None
            else await self.runtime.devices.async_ensure(extension, extension)
        )
        # No await from here on: a call moves on as a whole or not at all.
        return self.interpreter.interpret(
            message,
            Arrival(
                event_id=event_id,
                now=now,
                at=dt_util.now(),
                extension=extension,
                device_key=key,
            ),
        )

    async def _async_deliver_event(
        self, event: PhoneEvent, changed: tuple[str, ...], message: PbxMessage
    ) -> None:
        """Publish an event of a message."""

        async def publish() -> None:
            self.runtime.publisher.async_publish(event, changed)

        again = partial(self._async_deliver_event, event, changed, message)
        await self._async_try_or_keep(event.event_id, publish, message, again)

    async def _async_try_or_keep(
        self,
        event_id: str,
        publish: Callable[[], Awaitable[None]],
        message: PbxMessage,
        again: Delivery,
    ) -> None:
        """Try; what fails is kept for later, since the PBX sends nothing twice."""

        def plain() -> PhoneEvent:
            return plain_event(message, event_id, dt_util.utcnow())

        if not await self.runtime.delivery.async_try(event_id, publish, plain):
            attempt = self.runtime.delivery.failures.first(event_id)
            tries = attempt.tries if attempt else 1
            self._retries.async_keep(event_id, again, self.retry_after[tries - 1])

    @callback
    def _async_retry(self, delivery: Delivery) -> None:
        """Try again what failed, one by one with what comes meanwhile."""

        async def retry() -> None:
            async with self._handling:
                await delivery()

        # Home Assistant keeps the task.
        _ = self.entry.async_create_background_task(
            self.hass, retry(), f"{self.name} retry"
        )

    def _changed_keys(self, meaning: Meaning) -> tuple[str, ...]:
        """Return the keys of the hub and the devices whose values have changed."""
        if meaning.everything:
            return (HUB, *self.runtime.devices.all)
        return (HUB, *map(self.runtime.devices.key, meaning.extensions))

    # For people who look for a fault, and what is stored

    @override
    def diagnostics(self) -> dict[str, Any]:
        connection = self.runtime.connection
        up_since = connection.up_since
        return {
            **self.interpreter.diagnostics(),
            "connections": connection.count,
            "line_age": (
                None if up_since is None else round(time.monotonic() - up_since, 1)
            ),
            **self.line.diagnostics(),
        }

    def _collect(self) -> dict[str, Any]:
        interpreter = self.interpreter.as_dict(time.monotonic(), time.time())
        return {**interpreter, **self.line.as_dict()}

    def _restore(self, stored: Mapping[str, Any]) -> None:
        wall = wall_since(stored.get("clocks"))
        self.interpreter.restore(stored, time.monotonic(), wall)
        self.line.restore(stored)
