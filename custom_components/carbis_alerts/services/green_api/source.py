"""GREEN-API: a messenger's notifications, each handled and then deleted from the queue."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
import time
from typing import Any, Final, override

from homeassistant.const import CONF_TOKEN, CONF_URL
from homeassistant.core import callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.util import dt as dt_util
from yarl import URL

from ...api.errors import (
    ProtocolError,
    ServiceError,
    ServiceTimeout,
    ServiceUnavailable,
)
from ...api.fields import as_name
from ...api.green_api import GreenApiClient, Received
from ...const import (
    ANSWERS_ANY,
    ANSWERS_NOT_AUTOMATIC,
    CONF_ANSWERS,
    CONF_FINGERPRINT,
    CONF_INSTANCE_ID,
)
from ...domain.answers import Answers
from ...log_filter import hide, reveal
from ...runtime.line import LineKeeper
from ...runtime.outages import OutageWindows
from ...runtime.runtime import ServiceRuntime, ServiceSource
from ...runtime.timings import timings
from .account import Account
from .chats import Chats
from .messenger import ServiceSays, messenger_in
from .publishing import Publishing
from .reconciliation import Reconciliation
from .sending import MessageSender

# For how long, in seconds, a notification that was published is known as a repeat. It comes
# again only until it is deleted.
REPEAT_WINDOW: Final = 60 * 60.0
# How long the service keeps a notification, by its documentation: seconds.
RETENTION: Final = 24 * 60 * 60.0
# What a proxy answers that waited too long; None is a connection that it closed.
PROXY_STATUSES: Final = (None, 408, 504)


class GreenApiSource(ServiceSource):
    """Read the queue of notifications of a messenger's account."""

    def __init__(self, runtime: ServiceRuntime) -> None:
        """Prepare the client; nothing is asked yet."""
        super().__init__(runtime)
        entry = self.entry
        token: str = entry.data[CONF_TOKEN]
        hide(token)
        entry.async_on_unload(lambda: reveal(token))
        self.client = GreenApiClient(
            async_get_clientsession(self.hass),
            URL(entry.data[CONF_URL]),
            entry.data[CONF_INSTANCE_ID],
            token,
            fingerprint=entry.data.get(CONF_FINGERPRINT),
            limits=timings().limits,
            tap=runtime.recording.tap,
            budget=runtime.budget,
            receive_timeout=timings().receive_timeout,
            messenger=messenger_in(entry.data),
        )
        self.account = Account(self.hass, entry, runtime.signals, self.client)
        self.chats = Chats(
            self.hass,
            entry,
            self.client,
            runtime.devices,
            stored=runtime.store.async_changed,
        )
        self._answers = Answers(
            automatic_count=entry.options.get(CONF_ANSWERS, ANSWERS_NOT_AUTOMATIC)
            == ANSWERS_ANY
        )
        self.sender = MessageSender(
            self.client,
            account=self.account,
            answers=self._answers,
            chats=self.chats,
            stored=runtime.store.async_changed,
        )
        self._publishing = Publishing(
            runtime,
            account=self.account,
            answers=self._answers,
            chats=self.chats,
            sender=self.sender,
        )
        self.reconciliation = Reconciliation(
            runtime,
            self.client,
            self._publishing,
            answers=self._answers,
            chats=self.chats,
        )
        self._line = LineKeeper(
            self.hass, entry, self.name, runtime.connection, self._async_session
        )
        self.outages: OutageWindows = OutageWindows(
            self.hass, entry, retention=RETENTION, changed=runtime.store.async_changed
        )
        self._says = ServiceSays(self.hass, entry, stored=runtime.store.async_changed)
        for part in (
            self.chats,
            self.sender,
            self._publishing,
            self.reconciliation,
            self._says,
            self,
        ):
            runtime.store.add_section(part.collect, part.restore)
        self._late = True

    @property
    @override
    def configuration_url(self) -> str:
        return "https://console.green-api.com"

    @override
    @callback
    def async_restored(self) -> None:
        self.chats.async_create_devices()

    @override
    async def async_run(self) -> None:
        looking = self.entry.async_create_background_task(
            self.hass,
            self.runtime.budget.measured(self.reconciliation.async_run()),
            f"{self.name} lists",
        )
        try:
            await self._line.async_run(self._async_failed)
        finally:
            looking.cancel()

    async def _async_session(self) -> None:
        """Read what waits and what comes; end by an error."""
        connection = self.runtime.connection
        self.account.async_set_state(await self.client.state())
        if connection.last_answer is None or (
            connection.down_since is not None
            and time.monotonic() - connection.down_since > timings().interruption
        ):
            self._late = True
            self.reconciliation.async_interrupted(connection.last_answer_at)
        self.outages.async_note(connection.last_answer_at)
        connection.async_answered()
        connection.async_up()
        self.chats.async_look_up()
        while True:
            # Waited for where too much came: the service keeps the rest.
            await self.runtime.budget.ready()
            began, asked_at = time.monotonic(), dt_util.utcnow()
            try:
                received = await self.client.receive()
            except ServiceUnavailable as err:
                if err.status in PROXY_STATUSES:
                    self.client.receive_timeout = timings().least_receive_timeout
                raise
            connection.async_answered()
            self.account.async_accepted()
            self.account.async_note_quota(received)
            waited = time.monotonic() - began
            if received is None or (
                waited > timings().empty_after and _is_newer(received, asked_at)
            ):
                # Whoever had to wait found the queue empty; what came then is new. A
                # service that is slow makes wait too, for what was there before.
                self._late = False
                self.runtime.journal.is_initialized = True
                self.reconciliation.async_queue_was_empty()
            if received is None:
                # A service that does not wait must not be asked without end.
                await asyncio.sleep(timings().least_wait - waited)
            else:
                await self._async_handle(received)

    async def _async_failed(self, err: ServiceError) -> float:
        """Note the end of a session; return the pause before the next."""
        connection = self.runtime.connection
        if isinstance(err, ServiceTimeout) and connection.down_since is None:
            # Away since the answer was due: what came meanwhile has waited.
            connection.down_since = time.monotonic() - timings().limits.total
        pause = await self._line.async_failed(err)
        least = self.account.async_refused(err)
        return pause if least is None else least

    async def _async_handle(self, received: Received) -> None:
        """Publish a notification, then delete it; the next one comes only after that."""
        if self._says.async_is_other(received):
            # The entry is loaded again, and this comes again.
            await asyncio.sleep(timings().interruption)
            return
        notification = received.notification
        if notification is None:
            self.runtime.statistics.passed_over(received.shape)
        else:
            self.reconciliation.async_note(notification, is_live=not self._late)
            await self._publishing.async_take(notification, late=self._late)
        if received.receipt_id is None:
            # It cannot be deleted, so nothing behind it can come. Not to be asked for
            # again at once.
            raise ProtocolError("The head of the queue has no receipt")
        # What was published is on the disk before the service forgets it.
        await self.runtime.store.async_persist()
        self.account.async_note_deletion(await self.client.delete(received.receipt_id))

    @override
    def diagnostics(self) -> dict[str, Any]:
        return {
            **self.account.diagnostics(),
            **self.reconciliation.diagnostics(),
            "late": self._late,
            "gaps": self.outages.as_list(),
        }

    def collect(self) -> dict[str, Any]:
        """Return what to store."""
        return {
            "answers": self._answers.as_dict(),
            "account_state": self.account.state,
            "gaps": self.outages.as_list(),
        }

    def restore(self, stored: Mapping[str, Any]) -> None:
        """Take over what was stored."""
        answers = stored.get("answers")
        self._answers.restore(answers if isinstance(answers, dict) else {})
        state = stored.get("account_state")
        self.account.state = as_name(state) if isinstance(state, str) else None
        self.outages.async_restore(stored.get("gaps"))


def _is_newer(received: Received, moment: datetime) -> bool:
    """Return whether a notification is surely not older than a moment, by its seconds."""
    notification = received.notification
    if notification is None or notification.timestamp is None:
        return False
    return notification.timestamp >= moment.replace(microsecond=0)
