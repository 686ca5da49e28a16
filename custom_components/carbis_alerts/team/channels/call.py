"""A call by a PBX that phones people: it speaks its own scenario, a key is the answer.

Works without the internet where the PBX is on the premises. One call at a time; the others
wait for their turn, so what comes of a call is said later.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import ClassVar, Final, override

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.dispatcher import (
    async_dispatcher_connect,
    async_dispatcher_send,
)

from ...const import CONF_ENTRY_ID, CONF_NUMBER, DOMAIN
from ...runtime.runtime import ServiceRuntime
from ...services.abilities import PhonesPeople
from ...services.phoning import CallEnd, OnEnd, Phone, PhoneError
from .channel import Address, Can, Channel, ChannelError, Message

SIGNAL: Final = f"{DOMAIN}_call_ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """How a call ended: with an answer, with an error, or with neither.

    ``answers`` are those of the message, ``data`` is the one that was given.
    """

    address: Address
    answers: tuple[str, ...]
    data: str | None = None
    error: ChannelError | None = None


class CallChannel(Channel):
    """Have a PBX phone somebody; the message's first answer takes, its second declines."""

    kind: ClassVar[str] = "call"
    can: ClassVar[Can] = Can(buttons=True, withdraw=True, max_text=0)

    @override
    @callback
    def problem(self, address: Address) -> ChannelError | None:
        try:
            phone = self._phone(address)
        except ChannelError as err:
            return err
        return None if phone.trouble is None else ChannelError(phone.trouble)

    @override
    async def async_send(self, address: Address, message: Message) -> str | None:
        phone = self._phone(address)
        end = self._on_end(address, tuple(message.answers))
        try:
            return await phone.async_call(str(address.get(CONF_NUMBER)), end)
        except PhoneError as err:
            raise ChannelError(err.trouble) from None

    @callback
    def resume(self, address: Address, handle: str, answers: tuple[str, ...]) -> None:
        """See a call through that was handed over before a restart."""
        with suppress(ChannelError):
            self._phone(address).follow(
                str(address.get(CONF_NUMBER)), handle, self._on_end(address, answers)
            )

    def _on_end(self, address: Address, answers: tuple[str, ...]) -> OnEnd:
        """Return what hands the end of a call over."""

        @callback
        def end(ended: CallEnd) -> None:
            index = None if ended.is_taken is None else int(not ended.is_taken)
            called = Called(
                address=address,
                answers=answers,
                data=None if index is None or index >= len(answers) else answers[index],
                error=ChannelError(ended.trouble) if ended.trouble else None,
            )
            async_dispatcher_send(self.hass, SIGNAL, called)

        return end

    @override
    async def async_withdraw(self, address: Address, handle: str) -> None:
        try:
            await self._phone(address).async_end(handle)
        except PhoneError as err:
            raise ChannelError(err.trouble) from None

    def _phone(self, address: Address) -> Phone:
        """Return what phones for an entry, or raise a ``ChannelError``."""
        entry = self.hass.config_entries.async_get_entry(
            address.get(CONF_ENTRY_ID) or ""
        )
        if entry is None or entry.domain != DOMAIN:
            raise ChannelError("unknown_entry")
        runtime = entry.runtime_data if entry.state is ConfigEntryState.LOADED else None
        if not isinstance(runtime, ServiceRuntime):
            raise ChannelError("entry_not_loaded")
        source = runtime.source
        phone = source.phone if isinstance(source, PhonesPeople) else None
        if phone is None:
            raise ChannelError("call_no_device")
        if not address.get(CONF_NUMBER):
            raise ChannelError("no_recipient")
        return phone


@callback
def async_listen_calls(
    hass: HomeAssistant, on_end: Callable[[Called], None]
) -> CALLBACK_TYPE:
    """Have the ends of calls handed over; return what ends it."""
    return async_dispatcher_connect(hass, SIGNAL, on_end)
