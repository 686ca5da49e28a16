"""The lists of messages that the gateway has, whatever its queue has lost.

Facts of the vendor's pages "LastIncomingMessages", "LastOutgoingMessages" and
"GetWebhooksCount" of each messenger.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from .green_api_calls import Call, Method, Methods, bad_request
from .green_api_notifications import INCOMING, OUTGOING, OUTGOING_API, STATUS
from .service import Answer

if TYPE_CHECKING:
    from .green_api import GreenApiService

# Messages of a list; what a newer one pushes out is not there any more.
MOST: Final = 10_000
MINUTES: Final = 1_440
# What stands flat in a list, and what has another name there.
FLAT: Final = ("textMessageData", "fileMessageData")
NAMES: Final = {
    "extendedTextMessageData": "extendedTextMessage",
    "locationMessageData": "location",
    "contactMessageData": "contact",
}
CHAT_FIELDS: Final = ("senderName", "senderContactName", "chatType", "senderType")


class History:
    """What was written, by the messenger itself."""

    def __init__(self, green: GreenApiService) -> None:
        """Begin with nothing."""
        self._green = green
        self.incoming: list[dict[str, Any]] = []
        """As they are listed, the oldest first."""
        self.outgoing: list[dict[str, Any]] = []
        self.delay = 0.0
        """How many seconds later than a notification something is listed."""
        self.refusal: tuple[int, str] | None = None
        """Status and words of an instance that gives no lists."""
        self.asked: list[tuple[str, int]] = []
        """The lists that were asked for, and of how many minutes."""

    @property
    def methods(self) -> Methods:
        """Return the calls of the API."""
        return {
            "lastIncomingMessages": Method("GET", self._last_incoming),
            "lastOutgoingMessages": Method("GET", self._last_outgoing),
            "getWebhooksCount": Method("GET", self._count),
        }

    def note(self, body: Mapping[str, Any]) -> None:
        """List what a notification is about, whether it comes into the queue or not."""
        kind = body["typeWebhook"]
        if kind == STATUS:
            for item in self.outgoing:
                if all(item[name] == body[name] for name in ("chatId", "idMessage")):
                    item["statusMessage"] = body["status"]
                    item["timestamp"] = body["timestamp"]
        elif kind in (INCOMING, OUTGOING, OUTGOING_API):
            items = self.incoming if kind == INCOMING else self.outgoing
            items.append(listed(body))
            del items[:-MOST]

    async def _last_incoming(self, call: Call) -> Answer:
        return self._answer(call, "lastIncomingMessages", self.incoming)

    async def _last_outgoing(self, call: Call) -> Answer:
        return self._answer(call, "lastOutgoingMessages", self.outgoing)

    def _answer(self, call: Call, name: str, items: list[dict[str, Any]]) -> Answer:
        """List the messages of the last minutes, the newest first."""
        try:
            minutes = int(call.request.query.get("minutes", str(MINUTES)))
        except ValueError:
            return bad_request("'minutes' must be a whole number")
        self.asked.append((name, minutes))
        self._green.report()
        if self.refusal is not None:
            status, words = self.refusal
            return Answer.json({"message": words}, status)
        now = self._green.writer.now()
        return Answer.json(
            [
                item
                for item in reversed(items)
                if now - minutes * 60 <= item["timestamp"] <= now - self.delay
            ]
        )

    async def _count(self, _: Call) -> Answer:
        return Answer.json({"count": len(self._green.queue)})


def listed(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a message as a list has it, by its notification."""
    people, data = body["senderData"], dict(body["messageData"])
    is_incoming = body["typeWebhook"] == INCOMING
    item: dict[str, Any] = {
        "type": "incoming" if is_incoming else "outgoing",
        "idMessage": body["idMessage"],
        "timestamp": body["timestamp"],
        "chatId": people["chatId"],
        **{name: people[name] for name in CHAT_FIELDS if name in people},
    }
    if is_incoming:
        item["senderId"] = people.get("sender")
    else:
        by_api = body["typeWebhook"] == OUTGOING_API
        item |= {"statusMessage": "sent", "sendByApi": by_api}
    for name in FLAT:
        item |= data.pop(name, {})
    for name, other in NAMES.items():
        if name in data:
            item[other] = data.pop(name)
    if "extendedTextMessage" in item:
        item["textMessage"] = item["extendedTextMessage"].get("text", "")
    return item | data
