"""Deliver what a service gives: each event once, in order, and never lose one."""

from collections.abc import Awaitable, Callable, Iterable
from functools import partial
import time

from homeassistant.core import callback
from homeassistant.util import dt as dt_util

from ..api.fields import shape
from ..api.intake import Budget
from ..api.types import Json
from ..domain.events import Event
from ..domain.journal import Journal
from .failures import MAX_TRIES, Failures
from .publisher import Publisher
from .statistics import Statistics


class Delivery:
    """Ask the journal, publish, try again what raised, and pass what cannot be published."""

    def __init__(
        self,
        *,
        budget: Budget,
        failures: Failures,
        journal: Journal,
        publisher: Publisher,
        statistics: Statistics,
    ) -> None:
        """Take the parts that an event goes through before it is published."""
        self._budget = budget
        self._publisher = publisher
        self._statistics = statistics
        self.failures = failures
        self.journal = journal

    async def async_deliver[T](
        self,
        events: Iterable[T],
        *,
        event_id: Callable[[T], str],
        deliver: Callable[[T], Awaitable[None]],
        plain: Callable[[T], Event],
        passed: Callable[[T], None] = lambda _: None,
        late: bool = False,
    ) -> bool:
        """Deliver what was not seen before, giving others a turn in a long batch.

        ``plain`` makes the plainest form of an event that cannot be delivered otherwise.
        Return whether all are done with; what failed has to come again. ``passed`` is
        called with each event that is done with and before which none failed.
        """
        is_done = True

        async def take(event: T) -> None:
            await self._budget.take()
            await deliver(event)
            await self._budget.rest()

        for event in events:
            await self._budget.loop_yield.give()
            is_done &= await self.async_try(
                event_id(event),
                partial(take, event),
                partial(plain, event),
                late=late,
            )
            if is_done:
                passed(event)
        return is_done

    async def async_try(
        self,
        event_id: str,
        publish: Callable[[], Awaitable[None]],
        plain: Callable[[], Event],
        *,
        late: bool = False,
    ) -> bool:
        """Publish what is no repeat; return False where it failed and has to come again.

        At the third failure it is published in the plainest form, and where that fails
        too it is counted with its shape and passed.
        """
        try:
            if self.is_repeat(event_id):
                return True
            await publish()
        except Exception as err:  # noqa: BLE001 - logged there, without content
            tries = self.failures.note(event_id, err, late=late, at=dt_util.utcnow())
            if tries < MAX_TRIES:
                return False
            self._publish_plainly(event_id, plain)
        self.failures.forget(event_id)
        return True

    @callback
    def is_repeat(self, event_id: str) -> bool:
        """Return whether an event was delivered before; count it then."""
        is_repeat = self.journal.is_repeat(event_id, time.monotonic())
        self._statistics.repeats += is_repeat
        return is_repeat

    def _publish_plainly(self, event_id: str, plain: Callable[[], Event]) -> None:
        """Publish the plainest form of an event, or pass it."""
        form: Json = None
        try:
            event = plain()
            form = shape(event.raw)
            self._publisher.async_publish_plainly(event)
        except Exception as err:  # noqa: BLE001 - logged there, without content
            self.failures.passed += 1
            self.failures.log(err)
            self._statistics.passed_over(form)
            self._publisher.async_mark(event_id)
            return
        self.failures.plain += 1
        self._statistics.unreadable(form)
