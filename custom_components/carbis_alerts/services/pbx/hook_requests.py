"""What comes to a hook: read, and handed to the flow or the source that it is for."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from email.message import Message
from http import HTTPStatus
from typing import Final

from aiohttp import hdrs, web
from homeassistant.core import HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from ...api.pbx import Parsed, Unreadable, Verification, messages_in, parse_message
from ...api.recorder import Exchange, Kind
from ...runtime.failures import FaultLog
from . import hook_registry
from .hook_registry import Hook, hook_of
from .open_bodies import Unread

_FAULTS: Final = FaultLog()

# Seconds for which whoever goes on sending may read our answer.
LINGER: Final = 1.0


@callback
def async_register(hass: HomeAssistant, webhook_id: str) -> None:
    """Register a hook; it stays over reloads, so that nothing is lost meanwhile."""
    hook_registry.async_register(hass, webhook_id, _async_handle)


async def _async_handle(
    hass: HomeAssistant, webhook_id: str, request: web.Request
) -> web.Response:
    """Take a request to a hook; a sender may try again on 5xx."""
    response = await _async_answer(hass, hook_of(hass, webhook_id), request)
    protocol = getattr(request, "protocol", None)
    if protocol is None or request.content.is_eof():
        return response
    # The HTTP server would go on reading for 10 s what nobody takes. Whoever sends hears
    # that nothing else is read here.
    response.force_close()
    if hdrs.CONTENT_ENCODING in request.headers:
        # And unpacking it, all at one go.
        await response.prepare(request)
        await response.write_eof()
        protocol.force_close()
        return response

    @callback
    def close(_: datetime) -> None:
        if not request.content.is_eof():
            protocol.force_close()

    async_call_later(hass, LINGER, HassJob(close, cancel_on_shutdown=True))
    return response


async def _async_answer(
    hass: HomeAssistant, hook: Hook, request: web.Request
) -> web.Response:
    """Return the answer to a request."""
    if request.method != hdrs.METH_POST:
        return web.Response(status=HTTPStatus.METHOD_NOT_ALLOWED)
    if hook.verifier is None and hook.receive is None:
        return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE)
    try:
        body = await hook.bodies.async_read(request)
    except Unread as err:
        status: HTTPStatus | None = err.status
        messages: Iterable[Parsed] = (Unreadable(shape=err.shape),)
    else:
        status = None
        messages = _messages(hook, body, request.headers.get(hdrs.CONTENT_TYPE))
    # A PBX that hangs up at once has sent its message all the same; a stop waits for it.
    taking = hass.async_create_task(
        _async_take_all(hook, messages), "A message of a PBX"
    )
    response = await asyncio.shield(taking)
    return response if status is None else web.Response(status=status)


def _messages(hook: Hook, body: bytes, content_type: str | None) -> Iterable[Parsed]:
    """Yield the messages in a body."""
    charset = _charset(content_type)
    if hook.tap is not None and hook.tap.recorder is not None:
        hook.tap.take(Exchange(kind=Kind.HOOK, content_type=content_type, body=body))
    for message in messages_in(body, charset):
        yield parse_message(message, charset)


async def _async_take_all(hook: Hook, messages: Iterable[Parsed]) -> web.Response:
    """Take the messages of a body; of several answers the first that refuses counts."""
    # Home Assistant itself would answer 200 to whatever fails here.
    try:
        answers = [await _async_take(hook, message) for message in messages]
    except Exception as err:  # noqa: BLE001 - logged there, without content
        _FAULTS.log("A message of the PBX could not be handled", err)
        return web.Response(status=HTTPStatus.INTERNAL_SERVER_ERROR)
    return next(
        (one for one in answers if one.status >= HTTPStatus.BAD_REQUEST), answers[-1]
    )


async def _async_take(hook: Hook, message: Parsed) -> web.Response:
    """Hand a message to whoever it is for: a flow proves, the source takes."""
    if hook.verifier is not None and isinstance(message, Verification):
        return hook.verifier.answer(message)
    if hook.receive is not None:
        return await hook.receive(message)
    # Kept by the sender until a source is there.
    return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE)


def _charset(content_type: str | None) -> str | None:
    """Return the charset that a request declares."""
    # Requests of Home Assistant Cloud have but headers; one with a flaw declares nothing.
    with suppress(ValueError):
        message = Message()
        message["Content-Type"] = content_type or ""
        return message.get_content_charset()
    return None
