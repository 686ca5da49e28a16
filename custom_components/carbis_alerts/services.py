"""Actions that are not those of an entity."""

from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from .api.errors import (
    AccountNotAuthorized,
    AuthenticationError,
    QuotaExceeded,
    RateLimited,
    ServiceError,
    ServiceTimeout,
    ServiceUnavailable,
)
from .api.green_api import chat_id_of
from .const import CONF_CHAT_ID, DOMAIN
from .sources.green_api import GreenApiCoordinator

SEND_MESSAGE: Final = "send_message"
ATTR_ENTRY_ID: Final = "entry_id"
ATTR_PHONE: Final = "phone"
ATTR_MESSAGE: Final = "message"
ATTR_QUOTED_MESSAGE_ID: Final = "quoted_message_id"
# The service refuses longer texts.
MAX_TEXT: Final = 20_000

SEND_MESSAGE_SCHEMA: Final = vol.Schema(
    {
        vol.Required(ATTR_ENTRY_ID): cv.string,
        vol.Exclusive(CONF_CHAT_ID, "recipient"): cv.string,
        vol.Exclusive(ATTR_PHONE, "recipient"): cv.string,
        vol.Required(ATTR_MESSAGE): cv.string,
        vol.Optional(ATTR_QUOTED_MESSAGE_ID): cv.string,
    }
)

# The first that fits is told.
SEND_ERRORS: Final[tuple[tuple[type[ServiceError], str], ...]] = (
    (AuthenticationError, "send_not_accepted"),
    (AccountNotAuthorized, "send_not_accepted"),
    (QuotaExceeded, "send_quota"),
    (RateLimited, "send_rate"),
    (ServiceTimeout, "send_timeout"),
    (ServiceUnavailable, "send_unavailable"),
    (ServiceError, "send_refused"),
)


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    hass.services.async_register(
        DOMAIN,
        SEND_MESSAGE,
        _async_send_message,
        schema=SEND_MESSAGE_SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )


async def async_send_text(
    source: GreenApiCoordinator,
    chat_id: str,
    text: str,
    quoted_message_id: str | None = None,
) -> str:
    """Send a text to a chat and return the message's id, or tell why not in words."""
    if not text.strip() or len(text) > MAX_TEXT:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="text_length",
            translation_placeholders={"most": str(MAX_TEXT)},
        )
    try:
        return await source.client.send_text(
            chat_id, text, quoted_message_id=quoted_message_id
        )
    except ServiceError as err:
        key = next(key for kind, key in SEND_ERRORS if isinstance(err, kind))
        raise HomeAssistantError(
            translation_domain=DOMAIN, translation_key=key
        ) from None


async def _async_send_message(call: ServiceCall) -> ServiceResponse:
    """Send a WhatsApp message."""
    source = _whatsapp(call.hass, call.data[ATTR_ENTRY_ID])
    recipient: Any = call.data.get(CONF_CHAT_ID) or call.data.get(ATTR_PHONE)
    if not recipient:
        raise _invalid("no_recipient")
    try:
        chat_id = chat_id_of(recipient)
    except ValueError:
        raise _invalid("invalid_recipient") from None
    message_id = await async_send_text(
        source, chat_id, call.data[ATTR_MESSAGE], call.data.get(ATTR_QUOTED_MESSAGE_ID)
    )
    return {"message_id": message_id}


def _whatsapp(hass: HomeAssistant, entry_id: str) -> GreenApiCoordinator:
    """Return the source of a WhatsApp entry."""
    entry = hass.config_entries.async_get_entry(entry_id)
    if entry is None or entry.domain != DOMAIN:
        raise _invalid("unknown_entry")
    if entry.state is not ConfigEntryState.LOADED:
        raise _invalid("entry_not_loaded")
    if not isinstance(entry.runtime_data, GreenApiCoordinator):
        raise _invalid("not_whatsapp")
    return entry.runtime_data


def _invalid(key: str) -> ServiceValidationError:
    return ServiceValidationError(translation_domain=DOMAIN, translation_key=key)
