"""The services by which a team reaches people: accounts with chats, and exchanges."""

from typing import Final

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant, callback

from ..api.errors import ServiceError
from ..const import CONF_DEVICE_URL, CONF_NUMBER, LOGGER, SUBENTRY_CHAT
from ..domain.numbers import normalised
from ..entries import service_entries
from ..services.abilities import NobodyThere, SendsText
from ..services.form import FieldError
from ..services.registry import service_of

# Characters of a telephone number in any form.
MAX_NUMBER: Final = 40


@callback
def messengers(hass: HomeAssistant) -> list[ConfigEntry]:
    """Return the accounts that have chats."""
    return [
        entry
        for entry in service_entries(hass, include_disabled=False)
        if SUBENTRY_CHAT in service_of(entry).subentries
    ]


@callback
def exchanges(hass: HomeAssistant) -> list[ConfigEntry]:
    """Return the entries whose device phones somebody."""
    return [
        entry
        for entry in service_entries(hass, include_disabled=False)
        if entry.data.get(CONF_DEVICE_URL)
    ]


def number_in(text: str) -> str:
    """Return a telephone number or an extension as it was typed."""
    text = text.strip()
    if len(text) > MAX_NUMBER or normalised(text) is None:
        raise FieldError(CONF_NUMBER, "invalid_number")
    return text


async def async_chat_of(
    hass: HomeAssistant, entry_id: str, field: str, text: str
) -> str:
    """Return the id of a chat or of who has a number; raise a ``FieldError``."""
    entry = hass.config_entries.async_get_entry(entry_id)
    if entry is None or entry.state is not ConfigEntryState.LOADED:
        raise FieldError(field, "not_loaded")
    source = entry.runtime_data.source
    if not isinstance(source, SendsText):
        raise FieldError(field, "not_loaded")
    try:
        return await source.sender.async_chat_of(text)
    except NobodyThere as err:
        raise FieldError(
            field, "number_abroad" if err.is_abroad else "no_account"
        ) from None
    except ValueError:
        raise FieldError(field, "invalid_chat") from None
    except ServiceError as err:
        LOGGER.debug("A number could not be looked up: %s", err)
        raise FieldError(field, "lookup_failed") from None
