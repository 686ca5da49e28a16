"""Phone people by a PBX's auto-call: one at a time, the others wait."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from yarl import URL

from ...api.errors import ProtocolError, ServiceError
from ...api.pbx.auto_call import (
    ANSWERED,
    NO_LINE,
    RESULT_FIELDS,
    AlreadyRunning,
    AutoCallClient,
    CallState,
    NoScenario,
)
from ...const import (
    CONF_CALL_SCENARIO,
    CONF_DEVICE_URL,
    CONF_KEY_DECLINE,
    CONF_KEY_TAKE,
    CONF_RESULT_FIELD,
    LOGGER,
)
from ...runtime.timings import timings
from ..phoning import CallEnd, OnEnd, PhoneError, PhoneTrouble

DEFAULT_KEY_TAKE: Final = "1"
DEFAULT_KEY_DECLINE: Final = "2"
DEFAULT_RESULT_FIELD: Final = RESULT_FIELDS[0]
# Before the handle of a call that has no task yet.
WAITING: Final = "waiting-"


@dataclass(slots=True, kw_only=True)
class _Call:
    """A call that goes on, or waits for its turn until a moment of the loop's clock."""

    number: str
    on_end: OnEnd
    until: float
    task: str | None = None
    has_turn: bool = False
    job: asyncio.Task[None] | None = field(default=None)


class AutoCalls:
    """Phone people by the device of an entry."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, client: AutoCallClient
    ) -> None:
        """Take the options as they are; a change of them loads the entry again."""
        self._hass = hass
        self._entry = entry
        self._client = client
        options = entry.options
        self._scenario: str = (options.get(CONF_CALL_SCENARIO) or "").strip()
        self._keys: dict[str, bool] = {
            options.get(CONF_KEY_DECLINE, DEFAULT_KEY_DECLINE): False,
            options.get(CONF_KEY_TAKE, DEFAULT_KEY_TAKE): True,
        }
        self._field: str = options.get(CONF_RESULT_FIELD, DEFAULT_RESULT_FIELD)
        self._turn = asyncio.Lock()
        self._calls: dict[str, _Call] = {}

    @property
    def trouble(self) -> PhoneTrouble | None:
        """Return what is missing in the settings, None where nothing is."""
        return None if self._scenario else PhoneTrouble.NO_SCENARIO

    async def async_call(self, number: str, on_end: OnEnd) -> str:
        """Have a number phoned, now or next; return by what it is ended.

        Raise ``PhoneError``.
        """
        if self.trouble is not None:
            raise PhoneError(self.trouble)
        call = self._new(number, on_end)
        if not self._turn.locked():
            await self._turn.acquire()
            call.has_turn = True
            try:
                await self._async_start(call)
            except BaseException:
                self._turn.release()
                raise
        handle = call.task or f"{WAITING}{token_hex(4)}"
        self._see(handle, call)
        return handle

    @callback
    def follow(self, number: str, handle: str, on_end: OnEnd) -> None:
        """See a call through that was made, or waited, before a restart."""
        if handle not in self._calls:
            call = self._new(number, on_end)
            call.task = None if handle.startswith(WAITING) else handle
            self._see(handle, call)

    async def async_end(self, handle: str) -> None:
        """Phone a number no more; raise ``PhoneError`` where it goes on ringing."""
        call = self._calls.pop(handle, None)
        task = call.task if call else handle
        if call is not None and call.job is not None:
            call.job.cancel()
        # One of before a restart has a task or was never begun.
        if task is not None and not task.startswith(WAITING):
            await _async_said(self._client.stop(task))

    def _new(self, number: str, on_end: OnEnd) -> _Call:
        until = self._hass.loop.time() + timings().call_turn
        return _Call(number=number, on_end=on_end, until=until)

    def _see(self, handle: str, call: _Call) -> None:
        """Begin to see a call through."""
        self._calls[handle] = call
        call.job = self._entry.async_create_background_task(
            self._hass, self._async_see(handle, call), "A call to somebody"
        )

    async def _async_see(self, handle: str, call: _Call) -> None:
        """See a call through, from its turn to its end."""
        try:
            end = await self._async_through(call)
        except PhoneError as err:
            end = CallEnd(trouble=err.trouble)
        finally:
            self._calls.pop(handle, None)
            if call.has_turn:
                self._turn.release()
        try:
            call.on_end(end)
        except Exception:
            LOGGER.exception("What comes of a call failed")

    async def _async_through(self, call: _Call) -> CallEnd:
        try:
            async with asyncio.timeout_at(call.until):
                if not call.has_turn:
                    await self._turn.acquire()
                    call.has_turn = True
                while call.task is None:
                    await self._async_start(call)
                    if call.task is None:
                        await asyncio.sleep(timings().call_look)
        except TimeoutError:
            raise PhoneError(PhoneTrouble.BUSY) from None
        try:
            async with asyncio.timeout(timings().call_length):
                state = await self._async_last_state(call, call.task)
        except TimeoutError:
            await _async_said(self._client.stop(call.task))
            raise PhoneError(PhoneTrouble.UNANSWERED) from None
        return self._end(state)

    async def _async_start(self, call: _Call) -> None:
        """Have a number phoned; where somebody else is, it has no task yet."""
        try:
            call.task = await self._client.start(self._scenario, _dialled(call.number))
        except AlreadyRunning:
            return
        except ServiceError as err:
            raise PhoneError(trouble_of(err)) from None

    async def _async_last_state(self, call: _Call, task: str) -> CallState:
        """Return how a call ended; what the PBX cannot say now it says later."""
        while True:
            with suppress(ServiceError):
                state = await self._client.state(task, _dialled(call.number))
                if state.is_over:
                    return state
            await asyncio.sleep(timings().call_look)

    def _end(self, state: CallState) -> CallEnd:
        """Return what an outcome of the PBX means."""
        key = state.heard.get(self._field)
        if key in self._keys:
            return CallEnd(is_taken=self._keys[key])
        if state.outcome in NO_LINE:
            return CallEnd(trouble=PhoneTrouble.LINE)
        if state.outcome in ANSWERED:
            return CallEnd()
        return CallEnd(trouble=PhoneTrouble.UNANSWERED)


def auto_calls_of(hass: HomeAssistant, entry: ConfigEntry) -> AutoCalls | None:
    """Return what phones people, None where an entry has no device of its own."""
    client = make_auto_call_client(hass, entry.data)
    return None if client is None else AutoCalls(hass, entry, client)


def make_auto_call_client(
    hass: HomeAssistant, data: Mapping[str, Any]
) -> AutoCallClient | None:
    """Return the client of a device's own address, None where there is none."""
    url = data.get(CONF_DEVICE_URL)
    return AutoCallClient(async_get_clientsession(hass), URL(url)) if url else None


def trouble_of(err: ServiceError) -> PhoneTrouble:
    """Return what a failure of the device means for who is to be phoned."""
    if isinstance(err, AlreadyRunning):
        return PhoneTrouble.BUSY
    if isinstance(err, NoScenario):
        return PhoneTrouble.SCENARIO_UNKNOWN
    if isinstance(err, ProtocolError):
        return PhoneTrouble.NO_AUTO_CALL
    return PhoneTrouble.AWAY


async def _async_said(doing: Any) -> None:
    """Wait for the device; its failure is a ``PhoneError``."""
    try:
        await doing
    except NoScenario:
        # The task is over already.
        return
    except ServiceError as err:
        raise PhoneError(trouble_of(err)) from None


def _dialled(number: str) -> str:
    """Return a number as it is dialled."""
    plus = "+" if number.strip().startswith("+") else ""
    return plus + "".join(filter(lambda sign: sign.isdigit() or sign in "*#", number))
