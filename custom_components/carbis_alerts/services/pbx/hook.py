"""The line of a web hook: subscribe, prove that the hook is ours, receive."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus
import logging
from typing import Any, Final, override

from aiohttp import web
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_URL, CONF_WEBHOOK_ID, EVENT_CORE_CONFIG_UPDATE
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from yarl import URL

from ...api.errors import ServiceError
from ...api.pbx import Parsed, PbxClient, Unreadable, Verification
from ...api.recorder import Tap
from ...api.transport import Limits
from .client import make_client
from .device_question import DeviceQuestion
from .hook_registry import Hook, async_delete, hook_of
from .hook_requests import async_register
from .hook_url import async_hook_url
from .line import Intake, Line
from .verifier import Dialect, Verifier

_LOGGER = logging.getLogger(__name__)

# Posts that are held open until it is their turn, for some seconds at most.
MAX_WAITING: Final = 100
# Of them what nobody can read, which anybody may send who knows the address.
MAX_UNREADABLE: Final = 10


class HookLine(Line):
    """Receive what a PBX sends to a hook of ours."""

    question: DeviceQuestion

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        intake: Intake,
        client: PbxClient,
        tap: Tap,
    ) -> None:
        """Take an entry, and who has its messages; nothing is subscribed yet."""
        data = entry.data
        super().__init__(data)
        self.question = DeviceQuestion(hass, entry, self.senders, intake.async_store)
        self._hass = hass
        self._intake = intake
        self._tap = tap
        self._client = client
        self._webhook_id: str = data[CONF_WEBHOOK_ID]
        self._pbx = URL(data[CONF_URL])
        self.verifier = Verifier()
        self._url: str | None = None
        self._url_changed = asyncio.Event()
        # Posts whose turn has not come yet.
        self.waiting = 0
        self._turned_away = 0
        self._hook: Hook | None = None
        self._unsubscribe: CALLBACK_TYPE | None = None

    @override
    @callback
    def async_open(self) -> None:
        async_register(self._hass, self._webhook_id)
        hook = self._hook = hook_of(self._hass, self._webhook_id)
        hook.receive, hook.tap = self._async_receive, self._tap
        self._unsubscribe = self._hass.bus.async_listen(
            EVENT_CORE_CONFIG_UPDATE, self._async_config_changed
        )

    @override
    @callback
    def async_close(self) -> None:
        # Another may have begun with the same hook meanwhile.
        hook = self._hook
        if hook is not None and hook.receive == self._async_receive:
            hook.receive = hook.tap = None
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None

    @override
    async def async_session(self) -> None:
        while True:
            self._url_changed.clear()
            self._url = await async_hook_url(self._hass, self._webhook_id, self._pbx)
            await self.verifier.async_subscribe(self._client, self._url)
            self._intake.async_store()
            self._intake.async_line_up()
            await self._url_changed.wait()

    @callback
    def async_subscribe_again(self) -> None:
        """Have the PBX send here again, after somebody else subscribed to it."""
        self._url_changed.set()

    @override
    def diagnostics(self) -> dict[str, Any]:
        return {
            **super().diagnostics(),
            **self.senders.diagnostics(),
            "turned_away_messages": self._turned_away,
            "unread_bodies": dict(self._hook.bodies.counts) if self._hook else {},
        }

    @override
    def as_dict(self) -> dict[str, Any]:
        return {**super().as_dict(), "dialect": self.verifier.dialect.value}

    @override
    def restore(self, stored: Mapping[str, Any]) -> None:
        super().restore(stored)
        self.question.async_show()
        with suppress(ValueError):
            self.verifier.dialect = Dialect(str(stored.get("dialect")))

    async def _async_receive(self, message: Parsed) -> web.Response:
        """Take what came to the hook; only what our own PBX sends."""
        most = MAX_WAITING
        if isinstance(message, Unreadable):
            most = MAX_UNREADABLE
        elif isinstance(message, Verification) and message.device_id is None:
            # A PBX may name its device in messages alone, and a proof gives nothing away.
            return self.verifier.answer(message)
        elif not self.question.async_judge(message.device_id):
            return web.Response(status=HTTPStatus.FORBIDDEN)
        elif isinstance(message, Verification):
            return self.verifier.answer(message)
        if self._intake.is_flooded or self.waiting >= most:
            # Not to be held open: whoever floods us would have us keep all of it.
            self._turned_away += 1
            return web.Response(status=HTTPStatus.TOO_MANY_REQUESTS)
        self.waiting += 1
        try:
            await self._intake.async_handle(message)
        finally:
            self.waiting -= 1
        # What nobody can read is taken: sent again it would be as it is.
        return web.Response()

    async def _async_config_changed(self, _: Event) -> None:
        """Subscribe again where Home Assistant's address has changed."""
        with suppress(ServiceError):
            url = await async_hook_url(self._hass, self._webhook_id, self._pbx)
            if url != self._url:
                self._url_changed.set()


async def async_remove_hook(
    hass: HomeAssistant, title: str, data: Mapping[str, Any]
) -> None:
    """Take a hook back, as far as the PBX lets us: how is not documented."""
    webhook_id: str = data[CONF_WEBHOOK_ID]
    client = make_client(hass, data, Limits())
    try:
        url = await async_hook_url(hass, webhook_id, URL(data[CONF_URL]))
        await client.subscribe(url, ())
    except ServiceError as err:
        _LOGGER.warning(
            "The subscription could not be taken back (%s): the PBX of %s goes on"
            " sending to an address where nobody listens. Set another hook there",
            err,
            title,
        )
    await async_delete(hass, webhook_id)
