"""Hold the service's own list of messages against what was published: its queue loses some."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from math import inf, isfinite
import time
from typing import Any, Final

from homeassistant.core import callback
from homeassistant.util import dt as dt_util

from ...api.errors import ServiceError
from ...api.green_api import GreenApiClient, Listed, Notification
from ...const import LOGGER
from ...domain.answers import Answers
from ...domain.beginning import Beginning
from ...runtime.runtime import ServiceRuntime
from ...runtime.storage import as_time
from ...runtime.timings import timings
from .chats import Chats
from .lists import Lists, ListState
from .publishing import FARTHEST, Publishing

# How far back a list is asked for: so much more than nobody has looked, since it is up to
# two minutes late; after a start a day.
OVERLAP: Final = timedelta(minutes=15)
DAY: Final = timedelta(days=1)
# The account's state in which what was written meanwhile may come.
LINKED: Final = "authorized"


class Reconciliation:
    """Look at the list after a start, an outage, and every ten minutes.

    What it has is missing only where the queue was seen empty some time afterwards: until
    then the queue may still bring it.
    """

    def __init__(
        self,
        runtime: ServiceRuntime,
        client: GreenApiClient,
        publishing: Publishing,
        *,
        answers: Answers,
        chats: Chats,
    ) -> None:
        """Take whom to ask, and who publishes what is missing."""
        self._runtime = runtime
        self._lists = Lists(runtime, client)
        self._messenger = client.messenger
        self._publishing = publishing
        self._answers = answers
        self._chats = chats
        self._beginning = Beginning()
        self._changed = asyncio.Event()
        # By the monotonic clock: when the next look is due; since when something may have
        # been lost; when the queue was last seen empty; the last look.
        self._due = inf
        self._interrupted = 0.0
        self._empty_at = -inf
        self._looked: float | None = None
        # By the wall clock: the last answer before this start, the last look.
        self._answered_at: datetime | None = None
        self._looked_at: datetime | None = None
        # Whether a second look is to follow soon: a list is late.
        self._again = False
        # How many were missing, since the entry is there.
        self._found = 0

    @callback
    def async_interrupted(self, answered_at: datetime | None = None) -> None:
        """Have a look soon: something may have been lost since the last answer."""
        now = time.monotonic()
        if self._beginning.at is None:
            self._beginning.begin(dt_util.utcnow())
            self._runtime.store.async_changed()
        self._answered_at = self._answered_at or answered_at
        self._interrupted = now
        if self._lists.state is not ListState.REFUSED:
            self._again = True
            self._set_due(min(self._due, now + timings().look_after))

    @callback
    def async_note(self, notification: Notification, *, is_live: bool) -> None:
        """Note what the queue brings; by what has just happened its clock is known."""
        if is_live:
            self._beginning.note(notification.timestamp, dt_util.utcnow())
        if notification.kind == "account_state" and notification.state == LINKED:
            self.async_interrupted()

    @callback
    def async_queue_was_empty(self) -> None:
        """Note that the queue has nothing now."""
        self._empty_at = time.monotonic()
        self._changed.set()

    async def async_run(self) -> None:
        """Look whenever it is due, for ever."""
        while True:
            await self._async_until_due()
            try:
                pause = await self._async_look()
            except ServiceError as err:
                pause = self._lists.failed(err)
            except Exception:
                LOGGER.exception("Unexpected error of %s", self._runtime.name)
                pause = timings().look_interval
            self._set_due(time.monotonic() + pause)

    async def _async_look(self) -> float:
        """Publish what is missing; return the pause before the next look."""
        await self._lists.async_count_queue()
        # What waits comes by the queue, as it should.
        await self._async_until_empty(self._interrupted)
        began = time.monotonic()
        listed, reach = await self._lists.async_incoming(self._reach())
        # What was listed then and is not in the queue now, the queue has lost.
        await self._async_until_empty(time.monotonic() + timings().look_settled)
        missing = await self._async_missing(listed)
        sent = await self._async_sent(missing, reach)
        for notification in missing:
            await self._runtime.budget.take()
            is_answered = self._is_answered(notification, sent)
            if await self._publishing.async_take_found(
                notification, is_answered=is_answered
            ):
                self._found += 1
        if missing or not self._beginning.is_looked_back:
            self._beginning.is_looked_back = True
            self._runtime.store.async_changed()
        self._looked, self._looked_at = began, dt_util.utcnow()
        again, self._again = self._again, False
        return timings().look_again if again else timings().look_interval

    def _reach(self) -> timedelta:
        """Return how far back to ask."""
        if not self._beginning.is_looked_back:
            return FARTHEST
        if self._looked is not None:
            # By a clock that nobody sets.
            away = timedelta(seconds=time.monotonic() - self._looked)
        elif self._answered_at is not None:
            since = dt_util.utcnow() - self._answered_at
            away = max(DAY, since + timedelta(seconds=timings().look_interval))
        else:
            away = DAY
        return min(away + OVERLAP, FARTHEST)

    async def _async_missing(self, listed: Sequence[Listed]) -> list[Notification]:
        """Return what nobody has brought, the oldest first; from before the entry it is passed."""
        missing = []
        now = dt_util.utcnow()
        for one in listed:
            await self._runtime.budget.loop_yield.give()
            if self._publishing.is_known(one.key) or not one.is_message:
                continue
            notification = one.as_notification(self._messenger)
            if notification is None or notification.kind != "message":
                continue
            if notification.key not in self._runtime.journal and (
                self._beginning.is_before(one.timestamp, now)
            ):
                self._publishing.async_pass(one.key)
            else:
                missing.append(notification)
        return missing

    async def _async_sent(
        self, missing: Sequence[Notification], reach: timedelta
    ) -> list[Listed]:
        """Return what was sent and the queue has not brought either.

        Asked only where it says whether somebody waits. What the queue did bring is known
        by its own time; in the list it has that of the last thing that became of it.
        """
        if not any(one.awaits_answer for one in missing):
            return []
        sent = await self._lists.async_outgoing(reach)
        return [one for one in sent if not self._publishing.is_known(one.key)]

    def _is_answered(self, message: Notification, sent: Sequence[Listed]) -> bool:
        """Return whether a message that comes to light was answered since."""
        chat, at = self._chats.own(message.chat_id), message.timestamp
        if at is None:
            return False
        return self._answers.was_answered(chat, at) or any(
            self._chats.own(one.chat_id) == chat
            and one.timestamp is not None
            and self._answers.is_after(one.key, one.timestamp, at)
            for one in sent
        )

    @callback
    def _set_due(self, due: float) -> None:
        self._due = due
        self._changed.set()

    async def _async_until_due(self) -> None:
        while (left := self._due - time.monotonic()) > 0:
            await self._async_change(left)

    async def _async_until_empty(self, moment: float) -> None:
        """Wait until the queue was seen empty after a moment."""
        while self._empty_at < moment:
            await self._async_change(inf)

    async def _async_change(self, longest: float) -> None:
        self._changed.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(longest if isfinite(longest) else None):
                await self._changed.wait()

    def diagnostics(self) -> dict[str, Any]:
        """Return how it went."""
        own = self._lists.diagnostics()
        lists = {**own["lists"], "last_look": self._looked_at, "found": self._found}
        return {"messenger": self._messenger.name, **own, "lists": lists}

    def collect(self) -> dict[str, Any]:
        """Return what to store."""
        began = self._beginning.at
        return {
            "lists": {
                # Of another messenger's messages other things are unique.
                "messenger": self._messenger.name,
                "began": began.isoformat() if began else None,
                "looked_back": self._beginning.is_looked_back,
                "found": self._found,
            }
        }

    def restore(self, stored: Mapping[str, Any]) -> None:
        """Take over what was stored; what is no such thing is passed over."""
        kept = stored.get("lists")
        lists = kept if isinstance(kept, dict) else {}
        found = lists.get("found")
        self._found = found if isinstance(found, int) and found > 0 else 0
        if lists.get("messenger") != self._messenger.name:
            return
        self._beginning.at = as_time(lists.get("began"))
        self._beginning.is_looked_back = (
            self._beginning.at is not None and lists.get("looked_back") is True
        )
