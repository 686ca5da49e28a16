"""What GREEN-API sends."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ..types import Direction, Json
from .kinds import BY_API, FAILED, GROUPS, MISSED, Kind
from .messengers import Messenger
from .reasons import QUOTA_NOTICE


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """One notification.

    ``code`` is the service's name of its type, ``key`` its id: one message has several
    statuses; ``old_key`` is the id that version 0.1 gave it. ``message_id`` is that of the message, or of the one that is
    changed. ``status`` is that of a sent message or of a call, ``state`` the account's, or
    in ``statusInstanceChanged`` the socket's. ``raw`` is the service's object.
    """

    messenger: Messenger
    kind: Kind
    code: str
    key: str
    old_key: str
    timestamp: datetime | None
    chat_id: str | None
    chat_name: str | None
    sender: str | None
    sender_name: str | None
    message_id: str | None
    message_type: str | None
    text: str | None
    media_url: str | None
    caller: str | None
    direction: Direction | None
    status: str | None
    state: str | None
    raw: Mapping[str, Json]
    chat_type: str | None = None
    """What the service says that the chat is, where it says it."""
    named: Messenger | None = None
    """The messenger that the service names in it, where that is one that is known."""

    @property
    def is_group(self) -> bool:
        """Return whether it is of a group or of a channel."""
        return self.chat_type in GROUPS or (
            self.chat_id is not None and self.messenger.is_group(self.chat_id)
        )

    @property
    def message_key(self) -> str | None:
        """Return what is unique of its message in all of the account."""
        if self.message_id is None:
            return None
        return self.messenger.message_key(self.chat_id or "", self.message_id)

    @property
    def is_by_api(self) -> bool:
        """Return whether a program sent it, this or another, and no telephone."""
        return self.code == BY_API

    @property
    def has_failed(self) -> bool:
        """Return whether it says that a message of ours never arrives."""
        return self.kind == "message_status" and self.status in FAILED

    @property
    def is_quota(self) -> bool:
        """Return whether it says that the tariff's quota is used up."""
        return self.code == QUOTA_NOTICE

    @property
    def is_status_broadcast(self) -> bool:
        """Return whether it was sent to nobody in particular."""
        return self.chat_id is not None and self.messenger.is_broadcast(self.chat_id)

    @property
    def awaits_answer(self) -> bool:
        """Return whether somebody wrote, or called in vain, who may expect an answer."""
        if self.kind == "whatsapp_call":
            return (
                self.messenger.has_calls
                and self.direction == "incoming"
                and self.status == MISSED
            )
        return self.kind == "message" and not (
            self.is_group or self.is_status_broadcast
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """The head of the queue.

    ``receipt_id`` is what it is deleted by; without one it cannot be. ``notification``
    is None where it cannot be understood; then ``shape`` holds its keys and types.
    """

    receipt_id: str | None
    notification: Notification | None
    shape: Json
