"""The service's own lists of messages: what its queue may have lost.

Facts of the vendor's pages LastIncomingMessages, LastOutgoingMessages, GetWebhooksCount and
Rate limiter, alike for WhatsApp, MAX and Telegram: a list has the messages of so many
``minutes`` (1,440 unless said), up to two minutes late, from some thousands to 10,000 of
them; each call may be made once a second. A message in it is flat where a notification has
``senderData`` and ``messageData``. The time of one that was sent is that of the last thing
that became of it. The count of the queue is some ten seconds old; some descriptions write
its name with a Cyrillic letter.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from ..errors import ProtocolError
from ..fields import as_code, as_id, as_number, as_object
from ..intake import LoopYield
from ..times import as_moment
from ..types import Json
from .client import GreenApiClient
from .content import is_change
from .kinds import FAILED
from .messengers import Messenger
from .models import Notification
from .parse import parse_notification

# Of a longer list the newest are taken.
MAX_LISTED: Final = 5_000
INCOMING: Final = "incomingMessageReceived"
# What a notification has elsewhere than in ``messageData``.
ENVELOPE: Final = frozenset(
    {
        *("type", "idMessage", "timestamp", "chatId", "chatName", "senderId"),
        *("senderName", "senderContactName", "statusMessage", "sendByApi"),
        *("chatType", "senderType"),
    }
)
# Names of the number of notifications that wait; the second one's first letter is Cyrillic.
COUNTS: Final = ("count", "\u0441ount")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A message in a list: what is unique of it, and when by the service's clock."""

    key: str
    chat_id: str
    timestamp: datetime | None
    raw: Mapping[str, Json]

    @property
    def is_message(self) -> bool:
        """Return whether it is there to be read: no change of another, not deleted."""
        return not (is_change(self.raw) or self.raw.get("isDeleted") is True)

    @property
    def is_by_api(self) -> bool:
        """Return whether a program sent it."""
        return self.raw.get("sendByApi") is True

    @property
    def has_failed(self) -> bool:
        """Return whether it was sent and never arrives."""
        return as_code(self.raw.get("statusMessage")) in FAILED

    def as_notification(self, messenger: Messenger) -> Notification | None:
        """Return what the queue would have brought of a message that came."""
        item = self.raw
        body: dict[str, Json] = {
            "typeWebhook": INCOMING,
            "timestamp": item.get("timestamp"),
            "idMessage": item.get("idMessage"),
            "senderData": {
                "chatId": self.chat_id,
                "chatName": item.get("chatName"),
                "chatType": item.get("chatType"),
                "sender": item.get("senderId") or self.chat_id,
                "senderName": item.get("senderName"),
                "senderContactName": item.get("senderContactName"),
            },
            "messageData": {
                key: value for key, value in item.items() if key not in ENVELOPE
            },
        }
        return parse_notification(body, None, messenger)


class GreenApiHistory:
    """Ask an instance for its own lists; each call at most once a second."""

    def __init__(self, client: GreenApiClient, loop_yield: LoopYield) -> None:
        """Take the client; ``loop_yield`` gives others their turn in a long list."""
        self._client = client
        self._loop_yield = loop_yield

    async def incoming(self, minutes: int) -> list[Listed]:
        """Return the messages that came within so many minutes, the oldest first.

        Raise what the client raises; ``ProtocolError`` where it is no list or too large.
        """
        return await self._listed("lastIncomingMessages", "incoming", minutes)

    async def outgoing(self, minutes: int) -> list[Listed]:
        """Return the messages that were sent, likewise."""
        return await self._listed("lastOutgoingMessages", "outgoing", minutes)

    async def queue_length(self) -> int:
        """Return how many notifications wait; raise ``ProtocolError`` where it is no number."""
        document = as_object(await self._client.call("GET", "getWebhooksCount"))
        for name in COUNTS:
            if (number := as_number(document.get(name))) is not None and number >= 0:
                return int(number)
        raise ProtocolError("The answer is not one of GREEN-API")

    async def _listed(self, name: str, kind: str, minutes: int) -> list[Listed]:
        document = await self._client.call(
            "GET", name, params={"minutes": str(minutes)}
        )
        if document is None:
            return []
        if not isinstance(document, list):
            raise ProtocolError("The answer is not one of GREEN-API")
        now = datetime.now(UTC)
        found: dict[str, Listed] = {}
        for item in document:
            await self._loop_yield.give()
            if (one := _read(item, kind, self._client.messenger, now)) is not None:
                found.setdefault(one.key, one)
        return in_order([*found.values()])[-MAX_LISTED:]


def in_order(listed: list[Listed]) -> list[Listed]:
    """Return messages from the oldest to the newest, whichever way round they were listed.

    One without a time stays beside the one that it was listed after.
    """
    times = [one.timestamp for one in listed if one.timestamp is not None]
    if not times:
        return listed
    # Of one second the newest is listed first.
    if times[0] >= times[-1]:
        listed = [*reversed(listed)]
    at = min(times)
    timed = []
    for one in listed:
        at = one.timestamp or at
        timed.append((at, one))
    return [one for _, one in sorted(timed, key=lambda both: both[0])]


def _read(item: Json, kind: str, messenger: Messenger, now: datetime) -> Listed | None:
    """Return a message of a list; None for what is none of the kind."""
    if not isinstance(item, dict) or item.get("type", kind) != kind:
        return None
    chat_id, message_id = as_id(item.get("chatId")), as_id(item.get("idMessage"))
    if chat_id is None or message_id is None:
        return None
    return Listed(
        key=messenger.message_key(chat_id, message_id),
        chat_id=chat_id,
        timestamp=as_moment(item.get("timestamp"), now),
        raw=item,
    )
