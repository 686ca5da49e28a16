"""What a notification is: by its own name of the type, and by nothing else."""

from collections.abc import Mapping
from typing import Final, Literal

from ..types import Direction

type Kind = Literal[
    "message",
    "message_changed",
    "message_sent",
    "message_status",
    "whatsapp_call",
    "account_state",
    "other",
]

BY_API: Final = "outgoingAPIMessageReceived"
# Whoever is named as the sender: the account's own id may be missing, hidden, or the chat's.
KINDS: Final[Mapping[str, Kind]] = {
    "incomingMessageReceived": "message",
    "outgoingMessageReceived": "message_sent",
    BY_API: "message_sent",
    "outgoingMessageStatus": "message_status",
    "incomingCall": "whatsapp_call",
    "outgoingCall": "whatsapp_call",
    "stateInstanceChanged": "account_state",
}
MESSAGES: Final[frozenset[Kind]] = frozenset({"message", "message_sent"})
# What was sent and never arrives, or not while the account is restricted.
FAILED: Final = frozenset(
    {"failed", "noAccount", "notInGroup", "suspended", "yellowCard"}
)
# Chats in which nobody waits for the restaurant (``chatType``).
GROUPS: Final = frozenset({"group", "supergroup", "gigagroup", "channel"})
MISSED: Final = "missed"
PICKED_UP: Final = "pickUp"


def direction_of(code: str) -> Direction:
    """Return who began it: a guest, or the restaurant."""
    return "incoming" if code.startswith("incoming") else "outgoing"
