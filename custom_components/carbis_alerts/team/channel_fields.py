"""The fields of each kind of way to a person, and what is made of them."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Final, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import ATTR_DEVICE_ID, Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.selector import (
    DeviceSelector,
    DeviceSelectorConfig,
    EntitySelector,
    EntitySelectorConfig,
    EntityWithDeviceFilterSelectorConfig,
)
import voluptuous as vol

from ..companion import APP
from ..const import (
    CONF_CHANNEL,
    CONF_CHAT_ID,
    CONF_ENTITY_ID,
    CONF_ENTRY_ID,
    CONF_NUMBER,
    CONF_SENDER_ID,
    CONF_USER_ID,
    DOMAIN,
)
from ..domain.names import NameKind
from ..runtime.naming import entry_name, names_of
from ..services.form import TEXT_SELECTOR, FieldError
from ..services.options import Fields
from .accounts import async_chat_of, exchanges, messengers, number_in
from .channels.channel import Address
from .phones import all_phones, mobile_app
from .selects import choice

TELEGRAM: Final = "telegram"
TELEGRAM_BOT: Final = "telegram_bot"


class ChannelFields(ABC):
    """The fields of one kind of way."""

    kind: ClassVar[str]

    @abstractmethod
    @callback
    def fields(self, hass: HomeAssistant) -> Fields | None:
        """Return the fields, None where there is nothing to choose."""

    @abstractmethod
    async def async_address(
        self, hass: HomeAssistant, user_input: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return the address that was entered; raise a ``FieldError`` for what is none."""

    @abstractmethod
    @callback
    def detail(self, hass: HomeAssistant, address: Address) -> str:
        """Return which one an address is among those of its kind."""


class MobileAppFields(ChannelFields):
    """A phone with the companion app."""

    kind = APP

    @override
    def fields(self, hass: HomeAssistant) -> Fields | None:
        if not all_phones(hass):
            return None
        phone = DeviceSelector(DeviceSelectorConfig(integration=APP))
        return {vol.Required(ATTR_DEVICE_ID): phone}

    @override
    async def async_address(
        self, hass: HomeAssistant, user_input: Mapping[str, Any]
    ) -> dict[str, Any]:
        device_id = user_input[ATTR_DEVICE_ID]
        if all(phone.device_id != device_id for phone in all_phones(hass)):
            raise FieldError(ATTR_DEVICE_ID, "no_phone")
        return mobile_app(device_id)

    @override
    def detail(self, hass: HomeAssistant, address: Address) -> str:
        device = dr.async_get(hass).async_get(address.get(ATTR_DEVICE_ID) or "")
        return (device and (device.name_by_user or device.name)) or ""


class ChatFields(ChannelFields):
    """A chat of an account of ours, or a sender in a group."""

    kind = "chat"

    @override
    def fields(self, hass: HomeAssistant) -> Fields | None:
        accounts = messengers(hass)
        if not accounts:
            return None
        return {
            **_which(hass, accounts),
            vol.Required(CONF_CHAT_ID): TEXT_SELECTOR,
            vol.Optional(CONF_SENDER_ID): TEXT_SELECTOR,
        }

    @override
    async def async_address(
        self, hass: HomeAssistant, user_input: Mapping[str, Any]
    ) -> dict[str, Any]:
        entry_id = user_input[CONF_ENTRY_ID]
        address = {
            CONF_CHANNEL: self.kind,
            CONF_ENTRY_ID: entry_id,
            CONF_CHAT_ID: await async_chat_of(
                hass, entry_id, CONF_CHAT_ID, user_input[CONF_CHAT_ID]
            ),
        }
        if sender := (user_input.get(CONF_SENDER_ID) or "").strip():
            address[CONF_SENDER_ID] = await async_chat_of(
                hass, entry_id, CONF_SENDER_ID, sender
            )
        return address

    @override
    def detail(self, hass: HomeAssistant, address: Address) -> str:
        chat = names_of(hass).of(NameKind.CHAT, None, address.get(CONF_CHAT_ID))
        return f"{_entry_name(hass, address)} {chat}".strip()


class CallFields(ChannelFields):
    """A telephone that the PBX calls."""

    kind = "call"

    @override
    def fields(self, hass: HomeAssistant) -> Fields | None:
        if not (callers := exchanges(hass)):
            return None
        return {**_which(hass, callers), vol.Required(CONF_NUMBER): TEXT_SELECTOR}

    @override
    async def async_address(
        self, hass: HomeAssistant, user_input: Mapping[str, Any]
    ) -> dict[str, Any]:
        return {
            CONF_CHANNEL: self.kind,
            CONF_ENTRY_ID: user_input[CONF_ENTRY_ID],
            CONF_NUMBER: number_in(user_input[CONF_NUMBER]),
        }

    @override
    def detail(self, hass: HomeAssistant, address: Address) -> str:
        return str(address.get(CONF_NUMBER) or "")


class NotifyFields(ChannelFields):
    """Any entity that takes notifications, but one of ours."""

    kind = "notify"
    # By the integration, where only its entities will do.
    platform: ClassVar[str | None] = None
    refusal: ClassVar[str] = "own_notify"

    @override
    def fields(self, hass: HomeAssistant) -> Fields | None:
        if not any(
            self.takes(hass, entity_id)
            for entity_id in hass.states.async_entity_ids(Platform.NOTIFY)
        ):
            return None
        shown = EntityWithDeviceFilterSelectorConfig(domain=Platform.NOTIFY)
        if self.platform is not None:
            shown["integration"] = self.platform
        selector = EntitySelector(EntitySelectorConfig(filter=shown))
        return {vol.Required(CONF_ENTITY_ID): selector}

    @override
    async def async_address(
        self, hass: HomeAssistant, user_input: Mapping[str, Any]
    ) -> dict[str, Any]:
        entity_id = user_input[CONF_ENTITY_ID]
        if not self.takes(hass, entity_id):
            raise FieldError(CONF_ENTITY_ID, self.refusal)
        return {CONF_CHANNEL: self.kind, CONF_ENTITY_ID: entity_id}

    @override
    def detail(self, hass: HomeAssistant, address: Address) -> str:
        entity_id = str(address.get(CONF_ENTITY_ID) or "")
        state = hass.states.get(entity_id) if entity_id else None
        return state.name if state else entity_id

    @callback
    def takes(self, hass: HomeAssistant, entity_id: str) -> bool:
        """Return whether an entity can be a way of this kind."""
        if not entity_id.startswith(f"{Platform.NOTIFY}."):
            return False
        registered = er.async_get(hass).async_get(entity_id)
        if self.platform is not None:
            return registered is not None and registered.platform == self.platform
        return registered is None or registered.platform != DOMAIN


class TelegramFields(NotifyFields):
    """A chat of Home Assistant's Telegram bot, or a user in a group."""

    kind = TELEGRAM
    platform = TELEGRAM_BOT
    refusal = "no_telegram"

    @override
    def fields(self, hass: HomeAssistant) -> Fields | None:
        if (fields := super().fields(hass)) is None:
            return None
        return {**fields, vol.Optional(CONF_USER_ID): TEXT_SELECTOR}

    @override
    async def async_address(
        self, hass: HomeAssistant, user_input: Mapping[str, Any]
    ) -> dict[str, Any]:
        address = await super().async_address(hass, user_input)
        if user_id := (user_input.get(CONF_USER_ID) or "").strip():
            if not (user_id.isascii() and user_id.isdecimal()):
                raise FieldError(CONF_USER_ID, "invalid_user")
            address[CONF_USER_ID] = user_id
        return address


TELEGRAM_FIELDS: Final = TelegramFields()
FIELDS: Final[Mapping[str, ChannelFields]] = {
    fields.kind: fields
    for fields in (
        MobileAppFields(),
        ChatFields(),
        TELEGRAM_FIELDS,
        CallFields(),
        NotifyFields(),
    )
}


@callback
def label_of(hass: HomeAssistant, kinds: Mapping[str, str], address: Address) -> str:
    """Return what people call an address; ``kinds`` are the words of the kinds."""
    kind = str(address.get(CONF_CHANNEL))
    fields = FIELDS.get(kind)
    detail = fields.detail(hass, address) if fields else ""
    word = kinds.get(kind, kind)
    return f"{word}: {detail}" if detail else word


def _which(hass: HomeAssistant, entries: Iterable[ConfigEntry]) -> Fields:
    """Return the field for an entry; the only one is chosen already."""
    offered = {entry.entry_id: entry_name(hass, entry) for entry in entries}
    default = next(iter(offered)) if len(offered) == 1 else vol.UNDEFINED
    return {vol.Required(CONF_ENTRY_ID, default=default): choice(offered)}


@callback
def _entry_name(hass: HomeAssistant, address: Address) -> str:
    entry = hass.config_entries.async_get_entry(address.get(CONF_ENTRY_ID) or "")
    return entry_name(hass, entry) if entry else ""
