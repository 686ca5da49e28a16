"""What GREEN-API reports of a messenger's account."""

import time
from typing import Any, Literal

from .green_api_messengers import MODELS, Model, People

type Direction = Literal["incoming", "outgoing"]

INCOMING = "incomingMessageReceived"
OUTGOING = "outgoingMessageReceived"
OUTGOING_API = "outgoingAPIMessageReceived"
STATUS = "outgoingMessageStatus"
STATE = "stateInstanceChanged"
CALLS: dict[Direction, str] = {"incoming": "incomingCall", "outgoing": "outgoingCall"}
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


def text_data(text: str) -> dict[str, Any]:
    """Return the data of a text message."""
    return {"typeMessage": "textMessage", "textMessageData": {"textMessage": text}}


class Writer:
    """Write the notifications of one account."""

    def __init__(
        self, instance_id: str, phone: str, model: Model = MODELS["whatsapp"]
    ) -> None:
        """Write for an instance and its phone number."""
        self.instance_id = instance_id
        self.people = People(model)
        self.account = self.people.chat_id(f"+{phone}")
        self._model = model
        self.ahead = 0
        """How many seconds the service's clock is ahead."""
        self._wid = f"{phone}@c.us"

    def now(self) -> int:
        """Return the time by the service's clock."""
        return int(time.time()) + self.ahead

    def message(
        self,
        chat: str,
        name: str,
        data: dict[str, Any],
        *,
        sender: str | None = None,
        chat_name: str | None = None,
        message_id: str | None = None,
        chat_type: str | None = None,
    ) -> dict[str, Any]:
        """Return the notification of a message of a guest; sender is who wrote it in a group."""
        return self._body(
            INCOMING,
            idMessage=message_id or self.people.message_id(chat),
            senderData=self._people(
                chat, sender or chat, name, chat_name or name, chat_type
            ),
            messageData=data,
        )

    def message_of_ours(
        self, chat: str, id_: str, data: dict[str, Any], *, api: bool
    ) -> dict[str, Any]:
        """Return the notification of a message that was sent from the phone, or through the API.

        Where ids are no numbers, the sender is said to be whom it was sent to.
        """
        if self._model.has_number_ids:
            people = {"chatId": chat, "sender": self.account, "senderName": "Carbis"}
        else:
            people = self._people(chat, chat, "Carbis", "Carbis", None)
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

    def _people(
        self, chat: str, sender: str, name: str, chat_name: str, chat_type: str | None
    ) -> dict[str, Any]:
        people: dict[str, Any] = {
            "chatId": chat,
            "sender": sender,
            "senderName": name,
            "chatName": chat_name,
            "senderContactName": "",
        }
        if (number := self.people.number(sender)) is not None:
            people["senderPhoneNumber"] = number
        if self._model.has_chat_types:
            people["chatType"] = chat_type or self._model.chat_type(chat)
            people["senderType"] = self._model.chat_type(sender)
        return people

    def _body(self, kind: str, **fields: Any) -> dict[str, Any]:
        number = int(self.instance_id) if self.instance_id.isdecimal() else 0
        return {
            "typeWebhook": kind,
            "instanceData": {
                "idInstance": number or self.instance_id,
                "wid": self._wid,
                "typeInstance": self._model.row.service_name,
            },
            "timestamp": self.now(),
            **fields,
        }
