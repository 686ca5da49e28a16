"""Texts that people and automations send to chats."""

from typing import Final

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from ..api.errors import (
    AccountUnusable,
    AuthenticationError,
    QuotaExceeded,
    RateLimited,
    ServiceError,
    ServiceTimeout,
    ServiceUnavailable,
)
from ..const import DOMAIN
from ..domain.shown import placeholders
from .abilities import SendsText

# The first that fits is reported.
SEND_ERRORS: Final[tuple[tuple[type[ServiceError], str], ...]] = (
    (AuthenticationError, "send_not_accepted"),
    (AccountUnusable, "send_not_accepted"),
    (QuotaExceeded, "send_quota"),
    (RateLimited, "send_rate"),
    (ServiceTimeout, "send_timeout"),
    (ServiceUnavailable, "send_unavailable"),
    (ServiceError, "send_refused"),
)


async def async_send_text(
    sender: SendsText,
    chat_id: str,
    text: str,
    quoted_message_id: str | None = None,
) -> str:
    """Send a text to a chat and return the message's id, or raise an error."""
    if not text.strip() or len(text) > sender.max_text:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="text_length",
            translation_placeholders=placeholders(most=sender.max_text),
        )
    try:
        return await sender.async_send_text(chat_id, text, quoted_message_id)
    except ServiceError as err:
        key = next(key for kind, key in SEND_ERRORS if isinstance(err, kind))
        raise HomeAssistantError(
            translation_domain=DOMAIN, translation_key=key
        ) from None
