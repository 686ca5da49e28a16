"""The messengers as the gateway plays them: the rows that clients read, and what only it knows.

Facts of the vendor's pages "Chat identifier", "Incoming messages", "Sent message status",
"GetSettings", "CheckAccount" and "How to identify a bot", those of MAX and of Telegram.
"""

from dataclasses import dataclass
import re
import secrets
import time
from typing import Any, Final

from custom_components.carbis_alerts.api.green_api.messengers import (
    MAX,
    TELEGRAM,
    WHATSAPP,
    Messenger,
)

# Of the ids that are no numbers: how people's begin, and how many there are.
FIRST_PERSON: Final = 10_000_000
PEOPLE: Final = 90_000_000
# Fewer digits are an id.
SHORTEST_NUMBER: Final = 11
SUPERGROUP: Final = re.compile(r"-100[0-9]{10,}")

# The settings that each instance has; values are those of one that is set up.
SETTINGS: Final[dict[str, Any]] = {
    "webhookUrl": "",
    "webhookUrlToken": "",
    "delaySendMessagesMilliseconds": 500,
    "markIncomingMessagesReaded": "no",
    "outgoingWebhook": "yes",
    "outgoingMessageWebhook": "yes",
    "outgoingAPIMessageWebhook": "yes",
    "incomingWebhook": "yes",
    "stateWebhook": "yes",
}
EDITS: Final = {"editedMessageWebhook": "yes", "deletedMessageWebhook": "yes"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One messenger at the gateway."""

    row: Messenger
    instance_id: str
    """That of an instance to show things with."""
    states: tuple[str, ...]
    statuses: tuple[str, ...]
    """What becomes of a message that arrives."""
    settings: dict[str, Any]
    exists: str
    """How a lookup names whether somebody is there."""
    countries: tuple[str, ...] = ("",)
    """How the numbers begin that can be looked up."""
    prefix: str = ""
    """What may stand before a path."""
    has_chat_types: bool = False

    @property
    def has_number_ids(self) -> bool:
        """Return whether ids of chats are numbers of phones."""
        return self.row.number_suffix is not None

    def accepts(self, chat: str) -> bool:
        """Return whether the id of a chat can be one."""
        return self.row.is_person(chat) or self.row.is_group(chat)

    def chat_type(self, chat: str) -> str:
        """Return what kind of chat an id is."""
        if not self.row.is_group(chat):
            return "user"
        return "supergroup" if SUPERGROUP.fullmatch(chat) else "group"

    def text_data(self, text: str) -> dict[str, Any]:
        """Return the data of a text message."""
        data: dict[str, Any] = {"textMessage": text}
        if not self.has_number_ids:
            data |= {"isForwarded": False, "forwardingScore": 0}
        return {"typeMessage": "textMessage", "textMessageData": data}

    def sent_data(self, text: str, quoted: str | None) -> dict[str, Any]:
        """Return the data of a text that was sent through the API."""
        quote = {} if quoted is None else {"quotedMessage": {"stanzaId": quoted}}
        if not self.has_number_ids:
            return {**self.text_data(text), **quote}
        return {
            "typeMessage": "quotedMessage" if quote else "extendedTextMessage",
            "extendedTextMessageData": {"text": text},
            **quote,
        }


MODELS: Final = {
    model.row.name: model
    for model in (
        Model(
            row=WHATSAPP,
            instance_id="1101000001",
            states=(
                "authorized",
                "notAuthorized",
                "blocked",
                "sleepMode",
                "starting",
                "suspended",
                "yellowCard",
            ),
            statuses=("sent", "delivered", "read"),
            settings={
                **SETTINGS,
                "incomingCallWebhook": "yes",
                "catalogWebhook": "yes",
                "deviceWebhook": "no",
            },
            exists="existsWhatsapp",
        ),
        Model(
            row=MAX,
            instance_id="3100000001",
            states=("authorized", "notAuthorized", "blocked", "starting", "suspended"),
            statuses=("delivered", "read"),
            settings={"typeInstance": "v3", **SETTINGS, **EDITS},
            exists="exist",
            countries=("7", "375"),
            prefix="/v3",
        ),
        Model(
            row=TELEGRAM,
            instance_id="4100000001",
            states=(
                "authorized",
                "notAuthorized",
                "blocked",
                "starting",
                "suspended",
                "pendingCode",
                "pendingPassword",
            ),
            statuses=("delivered", "read"),
            settings={
                "typeInstance": "telegram",
                **SETTINGS,
                **EDITS,
                "pollMessageWebhook": "yes",
            },
            exists="exist",
            has_chat_types=True,
        ),
    )
}
# What an instance may come to, whatever its messenger: no call is answered any more.
ENDS: Final = {
    "expired": "Instance account is expired",
    "deleted": "Instance is deleted",
}
STATES: Final = (
    *dict.fromkeys(state for model in MODELS.values() for state in model.states),
    *ENDS,
)


class People:
    """Who has which id, in one messenger."""

    def __init__(self, model: Model) -> None:
        """Know nobody yet."""
        self._model = model
        self._numbers: dict[str, str] = {}
        self._last: dict[str, int] = {}
        self._first = int(time.time()) * 1000

    def chat_id(self, text: str) -> str:
        """Return the id of a chat; a phone number stands for its person."""
        if self._model.has_number_ids:
            return text if "@" in text else f"{text.lstrip('+')}@c.us"
        number = text.removesuffix("@c.us").removeprefix("+")
        if not number.isdecimal() or (number == text and len(number) < SHORTEST_NUMBER):
            return text
        chat = str(FIRST_PERSON + int(number) % PEOPLE)
        self._numbers[chat] = number
        return chat

    def number(self, chat: str) -> int | None:
        """Return the number of a person whose id is none; None where it is not known."""
        number = self._numbers.get(chat)
        return None if number is None else int(number)

    def message_id(self, chat: str) -> str:
        """Return a new id of a message.

        Where ids are unique within a chat only, the first one of each chat is the same.
        """
        if self._model.row.ids_unique:
            return secrets.token_hex(16).upper()
        self._last[chat] = self._last.get(chat, self._first) + 1
        return str(self._last[chat])
