"""The messages of a PBX, one by one: interpreted, published, kept where that fails."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
import time
from typing import ClassVar

from homeassistant.core import callback
from homeassistant.util import dt as dt_util

from ...api.pbx import Parsed, PbxMessage, Unreadable
from ...domain.events import PhoneEvent
from ...domain.pbx import Meaning, PbxInterpreter
from ...domain.phone_events import Arrival, plain_event
from ...runtime.devices import HUB
from ...runtime.retries import Delivery, Retries
from ...runtime.runtime import ServiceRuntime


class MessageDelivery:
    """Publish what messages mean; the PBX sends none twice, so none may get lost."""

    # Seconds until a message whose publishing failed is tried again, by its failures.
    retry_after: ClassVar[tuple[float, ...]] = (1.0, 5.0)

    def __init__(self, runtime: ServiceRuntime, interpreter: PbxInterpreter) -> None:
        """Take the parts of the entry, and who knows what a message means."""
        self._runtime = runtime
        self._interpreter = interpreter
        self._handling = asyncio.Lock()
        self.retries = Retries(runtime.hass, self._async_retry)

    async def async_handle(self, message: Parsed) -> None:
        """Take one message: publish what is new."""
        await self._runtime.budget.measured(self._async_handle(message))

    async def _async_handle(self, message: Parsed) -> None:
        budget = self._runtime.budget
        # Over a hook messages may come at once; they are published one by one.
        async with self._handling:
            # Repeats and what cannot be read cost as much as what is new.
            await budget.take()
            if isinstance(message, Unreadable):
                self._runtime.statistics.passed_over(message.shape)
            elif isinstance(message, PbxMessage):
                await self._async_take(message, self._interpreter.event_id(message))
                await budget.rest()

    async def _async_take(self, message: PbxMessage, event_id: str) -> None:
        """Publish the events of a message; one that fails keeps none of the others."""
        if event_id in self.retries:
            self._runtime.statistics.repeats += 1
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
        extension = self._interpreter.extension(message)
        key = (
            None
            if extension is None
            else await self._runtime.devices.async_ensure(extension, extension)
        )
        # No await from here on: a call moves on as a whole or not at all.
        return self._interpreter.interpret(
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
            self._runtime.publisher.async_publish(event, changed)

        again = partial(self._async_deliver_event, event, changed, message)
        await self._async_try_or_keep(event.event_id, publish, message, again)

    async def _async_try_or_keep(
        self,
        event_id: str,
        publish: Callable[[], Awaitable[None]],
        message: PbxMessage,
        again: Delivery,
    ) -> None:
        """Try; what fails is kept for later."""

        def plain() -> PhoneEvent:
            return plain_event(message, event_id, dt_util.utcnow())

        delivery = self._runtime.delivery
        if not await delivery.async_try(event_id, publish, plain):
            attempt = delivery.failures.first(event_id)
            tries = attempt.tries if attempt else 1
            self.retries.async_keep(event_id, again, self.retry_after[tries - 1])

    @callback
    def _async_retry(self, delivery: Delivery) -> None:
        """Try again what failed, one by one with what comes meanwhile."""

        async def retry() -> None:
            async with self._handling:
                await delivery()

        runtime = self._runtime
        # Home Assistant keeps the task.
        _ = runtime.entry.async_create_background_task(
            runtime.hass, retry(), f"{runtime.name} retry"
        )

    def _changed_keys(self, meaning: Meaning) -> tuple[str, ...]:
        """Return the keys of the hub and the devices whose values have changed."""
        devices = self._runtime.devices
        if meaning.everything:
            return (HUB, *devices.all)
        return (HUB, *map(devices.key, meaning.extensions))
