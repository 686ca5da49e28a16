"""The line of a web hook: subscribe, prove that the hook is ours, receive."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
import hmac
from http import HTTPStatus
import logging
from typing import Any, Final, override

from aiohttp import web
from homeassistant.const import CONF_URL, CONF_WEBHOOK_ID, EVENT_CORE_CONFIG_UPDATE
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from yarl import URL

from ...api.errors import ServiceError
from ...api.pbx import Parsed, PbxClient, Unreadable, Verification
from ...api.recorder import Tap
from ...api.transport import Limits
from ...log_filter import reveal
from .client import make_client
from .hook_requests import async_unregister, receivers, taps
from .hook_url import async_hook_url
from .line import Intake, Line
from .verifier import Dialect, Verifier

_LOGGER = logging.getLogger(__name__)

# Posts that are held open until it is their turn, for some seconds at most.
MAX_WAITING: Final = 100


class HookLine(Line):
    """Receive what a PBX sends to a hook of ours."""

    def __init__(
        self,
        hass: HomeAssistant,
        intake: Intake,
        client: PbxClient,
        data: Mapping[str, Any],
        tap: Tap,
    ) -> None:
        """Take who has the messages, and an entry's data; nothing is subscribed yet."""
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
        self._unsubscribe: CALLBACK_TYPE | None = None

    @override
    @callback
    def async_open(self) -> None:
        receivers(self._hass)[self._webhook_id] = self._async_receive
        taps(self._hass)[self._webhook_id] = self._tap
        self._unsubscribe = self._hass.bus.async_listen(
            EVENT_CORE_CONFIG_UPDATE, self._async_config_changed
        )

    @override
    @callback
    def async_close(self) -> None:
        # Another may have begun with the same hook meanwhile.
        if receivers(self._hass).get(self._webhook_id) == self._async_receive:
            del receivers(self._hass)[self._webhook_id]
            taps(self._hass).pop(self._webhook_id, None)
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
    def as_dict(self) -> dict[str, Any]:
        return {"dialect": self.verifier.dialect.value}

    @override
    def restore(self, stored: Mapping[str, Any]) -> None:
        with suppress(ValueError):
            self.verifier.dialect = Dialect(str(stored.get("dialect")))

    async def _async_receive(self, message: Parsed) -> web.Response:
        """Take what came to the hook; only what our own PBX sends."""
        if isinstance(message, Unreadable):
            await self._intake.async_handle(message)
            # Counted, and taken: sent again it would be as it is, and keep others waiting.
            return web.Response()
        known, sender = self._intake.device_id or "", message.device_id or ""
        if known and not hmac.compare_digest(known.encode(), sender.encode()):
            return web.Response(status=HTTPStatus.FORBIDDEN)
        if isinstance(message, Verification):
            return self.verifier.answer(message)
        if self._intake.is_flooded or self.waiting >= MAX_WAITING:
            # Not to be held open: whoever floods us would have us keep all of it.
            return web.Response(status=HTTPStatus.TOO_MANY_REQUESTS)
        self.waiting += 1
        try:
            await self._intake.async_handle(message)
        finally:
            self.waiting -= 1
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
    async_unregister(hass, webhook_id)
    reveal(webhook_id)
    if "cloud" in hass.config.components:
        from homeassistant.components import cloud  # noqa: PLC0415

        with suppress(cloud.CloudNotAvailable, ValueError):
            await cloud.async_delete_cloudhook(hass, webhook_id)
