"""What comes to a hook: read, and handed to the flow or the source that it is for."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from email.message import Message
from http import HTTPStatus
from typing import Final

from aiohttp import hdrs, web
from homeassistant.components import webhook
from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from ...api.pbx import Parsed, Verification, messages_in, parse_message
from ...api.recorder import Exchange, Kind, Tap
from ...const import DOMAIN
from ...log_filter import hide, reveal
from ...runtime.failures import FaultLog
from .verifier import Verifier

_FAULTS: Final = FaultLog()

# A message of the PBX has some hundred bytes.
MAX_BODY: Final = 64 * 1024
# Seconds in which a body has to be there.
READ_TIMEOUT: Final = 10.0

type Receiver = Callable[[Parsed], Awaitable[web.Response]]

# Who takes what comes to a hook: the source, for as long as it runs.
RECEIVERS: HassKey[dict[str, Receiver]] = HassKey(f"{DOMAIN}_hooks")
# Where what comes to a hook may be recorded.
TAPS: HassKey[dict[str, Tap]] = HassKey(f"{DOMAIN}_hook_taps")
# The flow that tries a hook out: it proves that the hook is ours, and takes nothing else.
TRIALS: HassKey[dict[str, Trial]] = HassKey(f"{DOMAIN}_hook_trials")


class Trial:
    """Flows that try one hook out, each in its turn."""

    def __init__(self) -> None:
        """Begin with none."""
        self.turn = asyncio.Lock()
        self.verifier: Verifier | None = None


def receivers(hass: HomeAssistant) -> dict[str, Receiver]:
    """Return who takes what comes to which hook."""
    return hass.data.setdefault(RECEIVERS, {})


def taps(hass: HomeAssistant) -> dict[str, Tap]:
    """Return where what comes to which hook may be recorded."""
    return hass.data.setdefault(TAPS, {})


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
        tap = taps(hass).get(webhook_id)
        if tap is not None and tap.recorder is not None:
            declared = request.headers.get(hdrs.CONTENT_TYPE)
            tap.take(Exchange(kind=Kind.HOOK, content_type=declared, body=body))
        answers = [
            await _async_take(
                hass, webhook_id, parse_message(message, charset), verifier
            )
            for message in messages_in(body, charset)
        ]
        # Of several the first that was not taken counts.
        return next(
            (one for one in answers if one.status >= HTTPStatus.BAD_REQUEST),
            answers[-1],
        )
    except Exception as err:  # noqa: BLE001 - logged there, without content
        _FAULTS.log("A message of the PBX could not be handled", err)
        return web.Response(status=HTTPStatus.INTERNAL_SERVER_ERROR)


async def _async_take(
    hass: HomeAssistant,
    webhook_id: str,
    message: Parsed,
    verifier: Verifier | None,
) -> web.Response:
    """Hand a message to whoever it is for: a flow proves, the source takes."""
    if verifier is not None and isinstance(message, Verification):
        return verifier.answer(message)
    if (receive := receivers(hass).get(webhook_id)) is not None:
        return await receive(message)
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
    begins again each time that it is asked for.
    """
    body, content = b"", request.content
    while chunk := await content.read(MAX_BODY + 1 - len(body)):
        body += chunk
        if len(body) > MAX_BODY:
            return None
    return body
