"""The PBX over a web hook: subscribe, prove that the hook is ours, receive."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from email.message import Message
from enum import StrEnum
import hmac
from http import HTTPStatus
from ipaddress import ip_address
import logging
import time
from typing import Any, Final, override

from aiohttp import hdrs, web
from homeassistant.components import webhook
from homeassistant.const import CONF_URL, CONF_WEBHOOK_ID, EVENT_CORE_CONFIG_UPDATE
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.network import NoURLAvailableError, get_url
from homeassistant.util.hass_dict import HassKey
from homeassistant.util.network import is_local
from yarl import URL

from ...api.errors import HookRefused, ServiceError, ServiceUnavailable
from ...api.pbx import (
    PbxClient,
    PbxMessage,
    Unreadable,
    Verification,
    messages_in,
    parse_message,
)
from ...api.transport import Limits
from ...const import DOMAIN
from ...log_filter import hide, reveal
from ...runtime.coordinator import CarbisConfigEntry
from ...runtime.identity import Identity
from .source import PbxCoordinator, make_client

_LOGGER = logging.getLogger(__name__)

# A message of the PBX has some hundred bytes.
MAX_BODY: Final = 64 * 1024
# Seconds in which a body has to be there.
READ_TIMEOUT: Final = 10.0
# Posts that are held open until it is their turn, for some seconds at most.
MAX_WAITING: Final = 100
LOCAL_SUFFIXES: Final = (".local", ".lan", ".home", ".internal", ".home.arpa")

type Received = PbxMessage | Verification | Unreadable
type Receiver = Callable[[Received], Awaitable[web.Response]]

# Who takes what comes to a hook: the source, for as long as it runs.
RECEIVERS: HassKey[dict[str, Receiver]] = HassKey(f"{DOMAIN}_hooks")
# The flow that tries a hook out: it proves that the hook is ours, and takes nothing else.
TRIALS: HassKey[dict[str, Trial]] = HassKey(f"{DOMAIN}_hook_trials")


class NoHookUrl(ServiceUnavailable):
    """Home Assistant has no address under which the PBX can reach it."""


class Dialect(StrEnum):
    """What a PBX wants for a proof: both kinds exist."""

    JSON = "json"
    PLAIN = "plain"


class Verifier:
    """Answer a PBX that asks whether a hook is ours."""

    def __init__(self, dialect: Dialect = Dialect.JSON) -> None:
        """Begin with the dialect that worked last."""
        self.dialect = dialect
        self.device_id: str | None = None

    def answer(self, verification: Verification) -> web.Response:
        """Return the proof, in the dialect that is tried."""
        self.device_id = verification.device_id
        if self.dialect is Dialect.PLAIN:
            return web.Response(text=verification.proof)
        return web.json_response({"result": verification.proof})

    async def async_subscribe(self, client: PbxClient, url: str) -> None:
        """Subscribe, in the other dialect too if the first is refused."""
        other = Dialect.PLAIN if self.dialect is Dialect.JSON else Dialect.JSON
        try:
            await client.subscribe(url)
        except HookRefused:
            self.dialect = other
            await client.subscribe(url)


class Trial:
    """Flows that try one hook out, each in its turn."""

    def __init__(self) -> None:
        """Begin with none."""
        self.turn = asyncio.Lock()
        self.verifier: Verifier | None = None


class PbxWebhookCoordinator(PbxCoordinator):
    """Receive what a PBX sends to a hook of ours."""

    def __init__(
        self, hass: HomeAssistant, entry: CarbisConfigEntry, identity: Identity
    ) -> None:
        """Prepare; nothing is subscribed yet."""
        super().__init__(hass, entry, identity)
        self._webhook_id: str = entry.data[CONF_WEBHOOK_ID]
        self._verifier = Verifier()
        self._url: str | None = None
        self._url_changed = asyncio.Event()
        # Posts whose turn has not come yet.
        self._waiting = 0

    @override
    @callback
    def async_start(self) -> None:
        super().async_start()
        receivers(self.hass)[self._webhook_id] = self._async_receive
        self.config_entry.async_on_unload(
            self.hass.bus.async_listen(
                EVENT_CORE_CONFIG_UPDATE, self._async_config_changed
            )
        )

    @override
    async def async_stop(self) -> None:
        # Another may have begun with the same hook meanwhile.
        if receivers(self.hass).get(self._webhook_id) == self._async_receive:
            del receivers(self.hass)[self._webhook_id]
        await super().async_stop()

    @override
    async def _async_session(self) -> None:
        while True:
            self._url_changed.clear()
            self._url = await async_hook_url(
                self.hass, self._webhook_id, URL(self.config_entry.data[CONF_URL])
            )
            await self._verifier.async_subscribe(self.client, self._url)
            self._store.async_changed()
            self._async_up()
            await self._url_changed.wait()

    async def _async_receive(self, message: Received) -> web.Response:
        """Take what came to the hook; only what our own PBX sends."""
        if isinstance(message, Unreadable):
            await self.async_handle(message)
            return web.Response(status=HTTPStatus.BAD_REQUEST)
        known, sender = self.device_id or "", message.device_id or ""
        if known and not hmac.compare_digest(known.encode(), sender.encode()):
            return web.Response(status=HTTPStatus.FORBIDDEN)
        if isinstance(message, Verification):
            return self._verifier.answer(message)
        if self.pace.wait(time.monotonic()) > 0 or self._waiting >= MAX_WAITING:
            # Not to be held open: whoever floods us would have us keep all of it.
            return web.Response(status=HTTPStatus.TOO_MANY_REQUESTS)
        self._waiting += 1
        try:
            await self.async_handle(message)
        finally:
            self._waiting -= 1
        return web.Response()

    @callback
    def async_subscribe_again(self) -> None:
        """Have the PBX send here again, after somebody else subscribed to it."""
        self._url_changed.set()

    async def _async_config_changed(self, _: Event) -> None:
        """Subscribe again where Home Assistant's address has changed."""
        with suppress(ServiceError):
            url = await async_hook_url(
                self.hass, self._webhook_id, URL(self.config_entry.data[CONF_URL])
            )
            if url != self._url:
                self._url_changed.set()

    @override
    def _collect(self) -> dict[str, Any]:
        return {**super()._collect(), "dialect": self._verifier.dialect.value}

    @override
    def _restore(self, stored: dict[str, Any]) -> None:
        super()._restore(stored)
        with suppress(ValueError):
            self._verifier.dialect = Dialect(str(stored.get("dialect")))


def receivers(hass: HomeAssistant) -> dict[str, Receiver]:
    """Return who takes what comes to which hook."""
    return hass.data.setdefault(RECEIVERS, {})


@asynccontextmanager
async def async_tried(
    hass: HomeAssistant, webhook_id: str, verifier: Verifier
) -> AsyncGenerator[None]:
    """Let a flow prove that a hook is ours; events go to the source as before."""
    trial = hass.data.setdefault(TRIALS, {}).setdefault(webhook_id, Trial())
    # A proof that is asked for does not say by which flow, nor in which dialect.
    async with trial.turn:
        trial.verifier = verifier
        try:
            yield
        finally:
            trial.verifier = None


@callback
def async_register(hass: HomeAssistant, webhook_id: str) -> None:
    """Register a hook; it stays over reloads, so that nothing is lost meanwhile."""
    hide(webhook_id)
    # Home Assistant has no way to ask whether it is registered already.
    try:
        webhook.async_register(
            hass,
            DOMAIN,
            "Carbis Alerts",
            webhook_id,
            _async_handle,
            allowed_methods=[hdrs.METH_POST],
        )
    except ValueError:
        # Hidden once for as long as it is registered.
        reveal(webhook_id)


@callback
def async_unregister(hass: HomeAssistant, webhook_id: str) -> None:
    """Take nothing at a hook any more."""
    webhook.async_unregister(hass, webhook_id)


async def async_hook_url(hass: HomeAssistant, webhook_id: str, pbx: URL) -> str:
    """Return the address of a hook under which a PBX reaches Home Assistant.

    Raise ``NoHookUrl`` where there is none. A PBX in the local network gets the
    internal one; others Home Assistant Cloud's, else the external one.
    """
    local = _is_local(pbx.host or "")
    if not local and "cloud" in hass.config.components:
        # Not before it is known to be there: it brings half of Home Assistant along.
        from homeassistant.components import cloud  # noqa: PLC0415

        if cloud.async_active_subscription(hass):
            try:
                return await cloud.async_get_or_create_cloudhook(hass, webhook_id)
            except cloud.CloudNotAvailable:
                raise NoHookUrl("Home Assistant Cloud is not connected") from None
    try:
        base = get_url(
            hass,
            allow_internal=local,
            allow_cloud=False,
            prefer_external=not local,
        )
    except NoURLAvailableError:
        raise NoHookUrl(
            "Home Assistant has no address that the PBX can reach"
        ) from None
    return f"{base}{webhook.async_generate_path(webhook_id)}"


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


async def _async_handle(
    hass: HomeAssistant, webhook_id: str, request: web.Request
) -> web.Response:
    """Take a request to a hook; a sender may try again on 5xx."""
    # Home Assistant itself would answer 200 to whatever fails here.
    try:
        trial = hass.data.get(TRIALS, {}).get(webhook_id)
        verifier = trial.verifier if trial is not None else None
        if verifier is None and webhook_id not in receivers(hass):
            return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE)
        try:
            async with asyncio.timeout(READ_TIMEOUT):
                body = await _read(request)
        except TimeoutError:
            return web.Response(status=HTTPStatus.REQUEST_TIMEOUT)
        if body is None:
            return web.Response(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        charset = _charset(request)
        answers = [
            await _async_take(
                hass, webhook_id, parse_message(message, charset), verifier
            )
            for message in messages_in(body, charset)
        ]
        # Of several the first that was not taken tells.
        return next(
            (one for one in answers if one.status >= HTTPStatus.BAD_REQUEST),
            answers[-1],
        )
    except Exception:
        _LOGGER.exception("A message of the PBX could not be handled")
        return web.Response(status=HTTPStatus.INTERNAL_SERVER_ERROR)


async def _async_take(
    hass: HomeAssistant,
    webhook_id: str,
    message: Received,
    verifier: Verifier | None,
) -> web.Response:
    """Hand a message to whoever it is for: a flow proves, the source takes."""
    if verifier is not None and isinstance(message, Verification):
        return verifier.answer(message)
    if (receive := receivers(hass).get(webhook_id)) is not None:
        return await receive(message)
    if isinstance(message, Unreadable):
        return web.Response(status=HTTPStatus.BAD_REQUEST)
    # Kept by the sender until a source is there.
    return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE)


def _charset(request: web.Request) -> str | None:
    """Return the charset that a request declares."""
    # Requests of Home Assistant Cloud have but headers; one with a flaw declares nothing.
    with suppress(ValueError):
        message = Message()
        message["Content-Type"] = request.headers.get(hdrs.CONTENT_TYPE, "")
        return message.get_content_charset()
    return None


async def _read(request: web.Request) -> bytes | None:
    """Return a body, None for one that is too large.

    Requests of Home Assistant Cloud have no length, and a stream that only reads; it
    begins anew each time that it is asked for.
    """
    body, content = b"", request.content
    while chunk := await content.read(MAX_BODY + 1 - len(body)):
        body += chunk
        if len(body) > MAX_BODY:
            return None
    return body


def _is_local(host: str) -> bool:
    """Tell whether a PBX stands in the local network, as far as its name tells."""
    try:
        return is_local(ip_address(host))
    except ValueError:
        return "." not in host or host.endswith(LOCAL_SUFFIXES)
