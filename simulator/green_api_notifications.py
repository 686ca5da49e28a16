"""What GREEN-API reports of a WhatsApp account."""

import secrets
import time
from typing import Any, Literal

type Direction = Literal["incoming", "outgoing"]

INCOMING = "incomingMessageReceived"
OUTGOING = "outgoingMessageReceived"
OUTGOING_API = "outgoingAPIMessageReceived"
STATUS = "outgoingMessageStatus"
STATE = "stateInstanceChanged"
CALLS: dict[Direction, str] = {"incoming": "incomingCall", "outgoing": "outgoingCall"}
STATES = (
    "authorized",
    "notAuthorized",
    "blocked",
    "sleepMode",
    "starting",
    "suspended",
    "yellowCard",
    "pendingPassword",
)
CALL_STATUSES = ("offer", "pickUp", "hangUp", "hungUp", "missed", "declined")
# The setting that a notification depends on.
SETTINGS = {
    INCOMING: "incomingWebhook",
    OUTGOING: "outgoingMessageWebhook",
    OUTGOING_API: "outgoingAPIMessageWebhook",
    STATUS: "outgoingWebhook",
    STATE: "stateWebhook",
    CALLS["incoming"]: "incomingCallWebhook",
    CALLS["outgoing"]: "incomingCallWebhook",
}


def chat_id(text: str) -> str:
    """Return the id of a chat; digits alone are a person's number."""
    return text if "@" in text else f"{text.lstrip('+')}@c.us"


def message_id() -> str:
    """Return a new id of a message."""
    return secrets.token_hex(16).upper()


def text_data(text: str) -> dict[str, Any]:
    """Return the data of a text message."""
    return {"typeMessage": "textMessage", "textMessageData": {"textMessage": text}}


class Writer:
    """Write the notifications of one account."""

    def __init__(self, instance_id: str, phone: str) -> None:
        """Write for an instance and its phone number."""
        self.instance_id = instance_id
        self.account = chat_id(phone)

    def message(
        self,
        chat: str,
        name: str,
        data: dict[str, Any],
        *,
        sender: str | None = None,
        chat_name: str | None = None,
    ) -> dict[str, Any]:
        """Return the notification of a message of a guest; sender is who wrote it in a group."""
        people: dict[str, Any] = {
            "chatId": chat,
            "sender": sender or chat,
            "senderName": name,
            "chatName": chat_name or name,
            "senderContactName": "",
        }
        return self._body(
            INCOMING,
            idMessage=message_id(),
            senderData=people,
            messageData=data,
        )

    def message_of_ours(
        self, chat: str, id_: str, data: dict[str, Any], *, api: bool
    ) -> dict[str, Any]:
        """Return the notification of a message that was sent from the phone, or through the API."""
        people = {"chatId": chat, "sender": self.account, "senderName": "Carbis"}
        return self._body(
            OUTGOING_API if api else OUTGOING,
            idMessage=id_,
            senderData=people,
            messageData=data,
        )

    def status(self, chat: str, id_: str, status: str, *, api: bool) -> dict[str, Any]:
        """Return the notification of what became of a message of ours."""
        return self._body(
            STATUS, chatId=chat, idMessage=id_, status=status, sendByApi=api
        )

    def state(self, state: str) -> dict[str, Any]:
        """Return the notification of the account's new state."""
        return self._body(STATE, stateInstance=state)

    def call(
        self, direction: Direction, chat: str, status: str, id_: str
    ) -> dict[str, Any]:
        """Return the notification of a call."""
        return {
            "from": chat,
            **self._body(CALLS[direction], status=status, idMessage=id_),
        }

    def _body(self, kind: str, **fields: Any) -> dict[str, Any]:
        number = int(self.instance_id) if self.instance_id.isdecimal() else 0
        return {
            "typeWebhook": kind,
            "instanceData": {
                "idInstance": number or self.instance_id,
                "wid": self.account,
                "typeInstance": "whatsapp",
            },
            "timestamp": int(time.time()),
            **fields,
        }
