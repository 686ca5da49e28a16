"""GREEN-API: WhatsApp notifications, each handled and then deleted from the queue."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
import time
from typing import Any, ClassVar, Final, override

from homeassistant.const import CONF_TOKEN, CONF_URL
from homeassistant.core import callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.util import dt as dt_util
from yarl import URL

from ...api.errors import (
    AccountNotAuthorized,
    ProtocolError,
    QuotaExceeded,
    SecondReader,
    ServiceError,
    ServiceTimeout,
    ServiceUnavailable,
)
from ...api.fields import as_name
from ...api.green_api import GreenApiClient, Notification, Received
from ...const import CONF_CHAT_ID, CONF_FINGERPRINT, CONF_INSTANCE_ID, SUBENTRY_CHAT
from ...domain.chats import chat_id_of
from ...domain.events import AccountState, MessengerEvent
from ...log_filter import hide, reveal
from ...runtime.failures import MAX_TRIES
from ...runtime.line import LineKeeper
from ...runtime.outages import OutageWindows
from ...runtime.runtime import ServiceRuntime, ServiceSource
from ...runtime.timings import timings
from .account import Account
from .events import event_of, plain_event_of

# For how long, in seconds, a notification that was published is known as a repeat. It comes
# again only until it is deleted.
REPEAT_WINDOW: Final = 60 * 60.0
# How long the service keeps a notification, by its documentation: seconds.
RETENTION: Final = 24 * 60 * 60.0
# What a proxy answers that waited too long; None is a connection that it closed.
PROXY_STATUSES: Final = (None, 408, 504)

# The service refuses longer texts.
MAX_TEXT: Final = 20_000
GROUP_SUFFIX: Final = "@g.us"


class GreenApiSource(ServiceSource):
    """Read a WhatsApp account's queue of notifications."""

    max_text: ClassVar[int] = MAX_TEXT

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
            receive_timeout=timings().receive_timeout,
        )
        self.account = Account(self.hass, entry, runtime.signals)
        self._line = LineKeeper(
            self.hass, entry, self.name, runtime.connection, self._async_session
        )
        self.outages: OutageWindows = OutageWindows(
            self.hass, entry, retention=RETENTION, changed=runtime.store.async_changed
        )
        runtime.store.add_section(self._collect, self._restore)
        self._late = True

    @property
    @override
    def configuration_url(self) -> str:
        return "https://console.green-api.com"

    def chat_of(self, recipient: str) -> str:
        """Return the id of a chat or of a phone number's; raise ``ValueError``."""
        return chat_id_of(recipient)

    def is_group(self, chat_id: str) -> bool:
        """Return whether several people write in a chat."""
        return chat_id.endswith(GROUP_SUFFIX)

    def titled(self, title: str, text: str) -> str:
        """Return a text below its title, which WhatsApp shows in bold type."""
        return f"*{title}*\n{text}"

    async def async_send_text(
        self, chat_id: str, text: str, quoted_message_id: str | None = None
    ) -> str:
        """Send a text and return the message's id; raise a ``ServiceError``."""
        return await self.client.send_text(
            chat_id, text, quoted_message_id=quoted_message_id
        )

    @override
    @callback
    def async_restored(self) -> None:
        for subentry in self.entry.subentries.values():
            if subentry.subentry_type == SUBENTRY_CHAT:
                self.runtime.devices.async_add_subentry(
                    subentry, subentry.data[CONF_CHAT_ID]
                )

    @override
    async def async_run(self) -> None:
        await self._line.async_run(self._async_failed)

    async def _async_session(self) -> None:
        """Read what waits and what comes; end by an error."""
        connection = self.runtime.connection
        self.account.async_set_state(await self.client.state())
        if connection.last_answer is None or (
            connection.down_since is not None
            and time.monotonic() - connection.down_since > timings().interruption
        ):
            self._late = True
        self.outages.async_note(connection.last_answer_at)
        connection.async_answered()
        connection.async_up()
        while True:
            await self.runtime.delivery.async_limit_rate()
            began, asked_at = time.monotonic(), dt_util.utcnow()
            try:
                received = await self.client.receive()
            except ServiceUnavailable as err:
                if err.status in PROXY_STATUSES:
                    self.client.receive_timeout = timings().least_receive_timeout
                raise
            connection.async_answered()
            self.account.async_note_quota(received)
            waited = time.monotonic() - began
            if received is None or (
                waited > timings().empty_after and _is_newer(received, asked_at)
            ):
                # Whoever had to wait found the queue empty; what came then is new. A
                # service that is slow makes wait too, for what was there before.
                self._late = False
                self.runtime.journal.is_initialized = True
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
        if isinstance(err, AccountNotAuthorized):
            self.account.async_set_state("notAuthorized")
        if isinstance(err, SecondReader):
            self.account.async_queue_shared()
        if isinstance(err, QuotaExceeded):
            self.account.async_quota_used_up()
            return timings().quota_pause
        return pause

    async def _async_handle(self, received: Received) -> None:
        """Publish a notification, then delete it; the next one comes only after that."""
        notification = received.notification
        if notification is None:
            self.runtime.statistics.passed_over(received.shape)
        else:
            await self._async_publish_head(notification)
        if received.receipt_id is None:
            # It cannot be deleted, so nothing behind it can come. Not to be asked for
            # again at once.
            raise ProtocolError("The head of the queue has no receipt")
        # What was published is on the disk before the service forgets it.
        await self.runtime.store.async_persist()
        self.account.async_note_deletion(await self.client.delete(received.receipt_id))

    async def _async_publish_head(self, notification: Notification) -> None:
        """Publish a notification; one that fails is tried again at once."""
        late = self._late

        async def publish() -> None:
            self._async_publish(notification, late=late)

        def plain() -> MessengerEvent:
            return plain_event_of(notification, late=late, now=dt_util.utcnow())

        for _ in range(MAX_TRIES):
            if await self.runtime.delivery.async_try(
                notification.key, publish, plain, late=late
            ):
                break

    @callback
    def _async_publish(self, notification: Notification, *, late: bool) -> None:
        """Publish a notification."""
        devices = self.runtime.devices
        key = devices.known_key(notification.chat_id)
        chat = None if key is None else devices.all[key]
        event = event_of(
            notification,
            late=late,
            now=dt_util.utcnow(),
            device_key=key,
            chat_name=None if chat is None else chat.name or chat.id,
            # What waited before the entry was there is published, but nobody's to answer.
            may_wait=self.runtime.journal.is_initialized,
        )
        if isinstance(event, AccountState) and event.state is not None:
            self.account.async_set_state(event.state)
        self.runtime.publisher.async_publish(event)

    @override
    def diagnostics(self) -> dict[str, Any]:
        return {
            **self.account.diagnostics(),
            "late": self._late,
            "gaps": self.outages.as_list(),
        }

    def _collect(self) -> dict[str, Any]:
        return {
            "account_state": self.account.state,
            "gaps": self.outages.as_list(),
        }

    def _restore(self, stored: Mapping[str, Any]) -> None:
        state = stored.get("account_state")
        self.account.state = as_name(state) if isinstance(state, str) else None
        self.outages.async_restore(stored.get("gaps"))


def _is_newer(received: Received, moment: datetime) -> bool:
    """Return whether a notification is surely not older than a moment, by its seconds."""
    notification = received.notification
    if notification is None or notification.timestamp is None:
        return False
    return notification.timestamp >= moment.replace(microsecond=0)
