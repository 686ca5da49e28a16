"""Deliveries that failed and are kept, to be tried again after a while."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

type Delivery = Callable[[], Awaitable[None]]


class Retries:
    """What waits for another try, by the ids of its events."""

    def __init__(self, hass: HomeAssistant, start: Callable[[Delivery], None]) -> None:
        """Take what starts a delivery again."""
        self._hass = hass
        self._start = start
        self._kept: dict[str, tuple[Delivery, CALLBACK_TYPE]] = {}

    def __contains__(self, event_id: str) -> bool:
        return event_id in self._kept

    @callback
    def async_keep(self, event_id: str, delivery: Delivery, delay: float) -> None:
        """Try a delivery again after a number of seconds."""

        async def deliver() -> None:
            # Kept until it begins, so that what comes twice is known meanwhile.
            if self._kept.pop(event_id, None) is not None:
                await delivery()

        @callback
        def begin(_: datetime) -> None:
            self._start(deliver)

        cancel = async_call_later(
            self._hass, delay, HassJob(begin, cancel_on_shutdown=True)
        )
        self._kept[event_id] = (delivery, cancel)

    async def async_finish(self) -> None:
        """Try all of it now, until nothing is kept."""
        while self._kept:
            delivery, cancel = self._kept.pop(next(iter(self._kept)))
            cancel()
            await delivery()
