"""What GREEN-API sends."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from ..types import Direction, Json

GROUP_SUFFIX: Final = "@g.us"
# Statuses and lists; channels.
BROADCAST_SUFFIXES: Final = ("@broadcast", "@newsletter")
REACTION: Final = "reactionMessage"
QUOTA_CODE: Final = "quotaExceeded"
type Kind = Literal[
    "message",
    "message_sent",
    "message_status",
    "whatsapp_call",
    "account_state",
    "other",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """One notification.

    ``code`` is the service's name of its type, ``key`` its id: one message has several
    statuses. ``account`` is the chat id of the account itself. ``status`` is that of a
    sent message or of a call, ``state`` the account's, or in ``statusInstanceChanged``
    the socket's. ``raw`` is the service's object.
    """

    kind: Kind
    code: str
    key: str
    timestamp: datetime | None
    account: str | None
    chat_id: str | None
    chat_name: str | None
    sender: str | None
    sender_name: str | None
    message_id: str | None
    message_type: str | None
    text: str | None
    media_url: str | None
    file_name: str | None
    caller: str | None
    direction: Direction | None
    status: str | None
    state: str | None
    raw: Mapping[str, Json]

    @property
    def is_group(self) -> bool:
        """Return whether it is of a group."""
        return self.chat_id is not None and is_group(self.chat_id)

    @property
    def is_reaction(self) -> bool:
        """Return whether it is a mere reaction to another message."""
        return self.message_type == REACTION

    @property
    def is_quota(self) -> bool:
        """Return whether it says that the tariff's quota is used up."""
        return self.code == QUOTA_CODE

    @property
    def is_status_broadcast(self) -> bool:
        """Return whether it was sent to nobody in particular."""
        return self.chat_id is not None and self.chat_id.endswith(BROADCAST_SUFFIXES)

    @property
    def awaits_answer(self) -> bool:
        """Return whether somebody wrote who may expect an answer."""
        return not (self.is_group or self.is_reaction or self.is_status_broadcast)


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """The head of the queue.

    ``receipt_id`` is what it is deleted by; without one it cannot be. ``notification``
    is None where it cannot be understood; then ``shape`` holds its keys and types.
    """

    receipt_id: str | None
    notification: Notification | None
    shape: Json


def is_group(chat_id: str) -> bool:
    """Return whether a chat is a group."""
    return chat_id.endswith(GROUP_SUFFIX)
