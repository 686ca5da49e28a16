"""The way to somebody that one form asks for: what is meant, and a number or a chat."""

from typing import Any, Final

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant

from ..const import (
    CONF_CHANNEL,
    CONF_CHAT_ID,
    CONF_ENTITY_ID,
    CONF_ENTRY_ID,
    CONF_NUMBER,
)
from ..runtime.naming import entry_name
from ..services.form import FieldError
from .accounts import exchanges, messengers
from .channel_fields import FIELDS, TELEGRAM, TELEGRAM_FIELDS
from .channels.registry import CHANNELS
from .words import async_options

CONF_VIA: Final = "via"
# Between the kind and what it is there.
_BETWEEN: Final = ":"


async def async_ways(hass: HomeAssistant) -> dict[str, str]:
    """Return what one can be reached by besides the app, and what people call it."""
    kinds = await async_options(hass, CONF_CHANNEL)
    found = {
        way: (kind, entry_name(hass, entry))
        for kind, entries in (("chat", messengers(hass)), ("call", exchanges(hass)))
        for entry in entries
        for way in (f"{kind}{_BETWEEN}{entry.entry_id}",)
    }
    found |= {
        f"{TELEGRAM}{_BETWEEN}{entity_id}": (
            TELEGRAM,
            TELEGRAM_FIELDS.detail(hass, {CONF_ENTITY_ID: entity_id}),
        )
        for entity_id in hass.states.async_entity_ids(Platform.NOTIFY)
        if TELEGRAM_FIELDS.takes(hass, entity_id)
    }
    return {
        way: f"{kinds.get(kind, kind)}: {name}"
        for way, (kind, name) in found.items()
        if kind in CHANNELS
    }


async def async_address_by(
    hass: HomeAssistant, way: str | None, text: str | None
) -> dict[str, Any] | None:
    """Return the address that was entered, None for none; raise a ``FieldError``."""
    text = (text or "").strip()
    if way is None:
        if text:
            raise FieldError(CONF_VIA, "no_way")
        return None
    kind, _, id_ = way.partition(_BETWEEN)
    if kind == TELEGRAM:
        return await FIELDS[kind].async_address(hass, {CONF_ENTITY_ID: id_})
    if not text:
        return None
    try:
        return await FIELDS[kind].async_address(
            hass, {CONF_ENTRY_ID: id_, CONF_CHAT_ID: text, CONF_NUMBER: text}
        )
    except FieldError as err:
        raise FieldError(CONF_NUMBER, err.key) from None
