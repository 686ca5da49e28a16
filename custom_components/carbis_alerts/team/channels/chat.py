"""Texts to a chat of a messenger's account: of a person, of a number, of a group."""

from typing import ClassVar, Final, override

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError

from ...api.texts import shortened
from ...const import CONF_CHAT_ID, CONF_ENTRY_ID, CONF_NUMBER, CONF_SENDER_ID, DOMAIN
from ...runtime.runtime import ServiceRuntime
from ...services.abilities import Sender, SendsText
from ...services.sending import async_chat_of, async_send, trouble_of
from .channel import Address, Can, Channel, ChannelError, Message

# How the first and the second answer of a message are written.
SIGNS: Final = ("+", "-")


class ChatChannel(Channel):
    """Write to a chat; what was written is changed by an answer to it."""

    kind: ClassVar[str] = "chat"
    can: ClassVar[Can] = Can(edit=True, max_text=4_000)

    @override
    @callback
    def problem(self, address: Address) -> ChannelError | None:
        try:
            runtime, sender = account_of(self.hass, address)
        except ChannelError as err:
            return err
        if not recipient(address):
            return ChannelError("no_recipient")
        if (key := trouble_of(sender)) is not None:
            return ChannelError(key)
        if runtime.connection.is_up is False:
            return ChannelError("send_unavailable")
        return None

    @override
    async def async_send(self, address: Address, message: Message) -> str:
        lines = [shortened(message.text, self.can.max_text)]
        if message.answers:
            pairs = zip(SIGNS, message.answers.values(), strict=False)
            lines.append(" · ".join(f"{sign} {label}" for sign, label in pairs))
        return await self._async_write(address, message.title, "\n".join(lines))

    @override
    async def async_edit(self, address: Address, handle: str, message: Message) -> None:
        await self._async_write(address, message.title, message.text, quoted=handle)

    async def _async_write(
        self, address: Address, title: str | None, text: str, quoted: str | None = None
    ) -> str:
        _, sender = account_of(self.hass, address)
        try:
            return await async_send(
                self.hass,
                sender,
                await async_chat_of(
                    sender,
                    recipient(address),
                    is_phone=not address.get(CONF_CHAT_ID),
                ),
                sender.titled(title, text) if title else text,
                quoted_message_id=quoted,
            )
        except HomeAssistantError as err:
            raise ChannelError(
                err.translation_key or "channel_failed",
                **(err.translation_placeholders or {}),
            ) from err


def account_of(hass: HomeAssistant, address: Address) -> tuple[ServiceRuntime, Sender]:
    """Return an account and what sends for it, or raise a ``ChannelError``."""
    entry = hass.config_entries.async_get_entry(address.get(CONF_ENTRY_ID) or "")
    if entry is None or entry.domain != DOMAIN:
        raise ChannelError("unknown_entry")
    runtime = entry.runtime_data if entry.state is ConfigEntryState.LOADED else None
    if not isinstance(runtime, ServiceRuntime) or not runtime.is_started:
        raise ChannelError("entry_not_loaded")
    source = runtime.source
    if not isinstance(source, SendsText):
        raise ChannelError("cannot_send")
    return runtime, source.sender


@callback
def is_of(
    hass: HomeAssistant,
    address: Address,
    *,
    entry_id: str,
    chat_id: str | None,
    sender_id: str | None,
) -> bool:
    """Return whether who wrote in a chat is whom an address reaches.

    In a group the address says whose id it has to be: anybody may write there.
    """
    if address.get(CONF_ENTRY_ID) != entry_id or chat_id is None:
        return False
    try:
        _, sender = account_of(hass, address)
    except ChannelError:
        return False
    known = address.get(CONF_SENDER_ID)
    if (sender.is_group(chat_id) or known) and known != sender_id:
        return False
    return sender.is_chat_of(
        chat_id, recipient(address), is_phone=not address.get(CONF_CHAT_ID)
    )


def recipient(address: Address) -> str:
    """Return the chat's id or the number of who is written to, "" where there is none."""
    return str(address.get(CONF_CHAT_ID) or address.get(CONF_NUMBER) or "")
