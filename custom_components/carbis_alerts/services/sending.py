"""Texts and files that people and automations send to chats."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.translation import async_get_translations

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
from ..domain.parts import length, parts_of
from ..domain.shown import placeholders
from .abilities import NobodyThere, Sender
from .attachments import Attachment, UnusableFile, attachment_of

# Nobody reads a message of more parts; a template that went wrong writes one.
MAX_PARTS: Final = 10
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
# What keeps an account from sending, where there are words for it.
TROUBLES: Final = {
    "not_authorized": "send_not_authorized",
    "account_restricted": "send_restricted",
    "instance_expired": "send_expired",
    "instance_deleted": "send_deleted",
}
# The service says that it is just starting.
STARTING_STATUS: Final = 400

type Piece = tuple[str | None, Attachment | None]


async def async_chat_of(
    sender: Sender, recipient: str, *, is_phone: bool = False
) -> str:
    """Return the id of a chat, or of that of a phone number's, or raise an error."""
    try:
        return await sender.async_chat_of(recipient, is_phone=is_phone)
    except NobodyThere as err:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="number_abroad" if err.is_abroad else "nobody_there",
            translation_placeholders=placeholders(
                number=f"+{err.number}", messenger=err.messenger
            ),
        ) from None
    except ServiceError as err:
        raise _failed(_key(err)) from None
    except ValueError:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="invalid_recipient"
        ) from None


async def async_send(
    hass: HomeAssistant,
    sender: Sender,
    chat_id: str,
    text: str = "",
    *,
    file_url: str | None = None,
    quoted_message_id: str | None = None,
) -> str:
    """Send a text, a file or both to a chat and return the message's id, or raise an error.

    What is too long for one message goes in several, in order; then the id is that of the
    first. Where one fails, those behind it are not sent.
    """
    file = None if file_url is None else _attachment(file_url)
    pieces = list(islice(_pieces(sender, text, file), MAX_PARTS + 1))
    if not pieces or len(pieces) > MAX_PARTS:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="text_length",
            translation_placeholders=placeholders(most=sender.max_text * MAX_PARTS),
        )
    sent: list[str] = []
    async with sender.turn(chat_id):
        for piece_text, piece_file in pieces:
            try:
                message_id = await sender.async_send(
                    chat_id,
                    piece_text,
                    file=piece_file,
                    quoted_message_id=None if sent else quoted_message_id,
                    first=sent[0] if sent else None,
                )
            except ServiceError as err:
                key = _key(err)
                if not sent:
                    raise _failed(key) from None
                reason = await async_words(hass, key)
                raise HomeAssistantError(
                    translation_domain=DOMAIN,
                    translation_key="send_partly",
                    translation_placeholders=placeholders(
                        sent=len(sent), parts=len(pieces), reason=reason
                    ),
                ) from None
            sent.append(message_id)
    return sent[0]


@callback
def trouble_of(sender: Sender) -> str | None:
    """Return the key of the words for what keeps an account from sending at all."""
    trouble = sender.trouble
    return None if trouble is None else TROUBLES.get(trouble, "send_not_accepted")


def _attachment(address: str) -> Attachment:
    """Return the file at an address, or raise an error."""
    try:
        return attachment_of(address)
    except UnusableFile as err:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key=err.fault.value
        ) from None


def _pieces(sender: Sender, text: str, file: Attachment | None) -> Iterator[Piece]:
    """Yield what to send one after the other."""
    if not text.strip():
        if file is not None:
            yield None, file
        return
    if (
        file is not None
        and file.takes_caption
        and length(text) <= min(sender.max_caption, sender.max_text)
    ):
        yield text, file
        return
    for part in parts_of(text, sender.max_text):
        yield part, None
    if file is not None:
        yield None, file


def _key(err: ServiceError) -> str:
    """Return the key of the words for a failure."""
    if isinstance(err, AccountUnusable) and err.trouble in TROUBLES:
        return TROUBLES[err.trouble]
    if type(err) is ServiceUnavailable and err.status == STARTING_STATUS:
        return "send_starting"
    return next(key for kind, key in SEND_ERRORS if isinstance(err, kind))


def _failed(key: str) -> HomeAssistantError:
    return HomeAssistantError(translation_domain=DOMAIN, translation_key=key)


async def async_words(
    hass: HomeAssistant, key: str, filled: Mapping[str, str] | None = None
) -> str:
    """Return the words for a failure, to stand in a sentence, in the system's language."""
    words = await async_get_translations(
        hass, hass.config.language, "exceptions", [DOMAIN]
    )
    text = words.get(f"component.{DOMAIN}.exceptions.{key}.message", key)
    return text.format_map(filled) if filled else text
