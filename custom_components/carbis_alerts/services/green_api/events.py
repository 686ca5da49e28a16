"""The account's notifications as events."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ...api.fields import prune
from ...api.green_api import Kind, Notification
from ...domain.events import (
    AccountState,
    Message,
    MessageChanged,
    MessageSent,
    MessageStatus,
    MessengerCall,
    MessengerEvent,
    OtherMessengerEvent,
)

KINDS: Final[Mapping[Kind, type[MessengerEvent]]] = {
    "message": Message,
    "message_changed": MessageChanged,
    "message_sent": MessageSent,
    "message_status": MessageStatus,
    "whatsapp_call": MessengerCall,
    "account_state": AccountState,
    "other": OtherMessengerEvent,
}
# The service keeps a notification for a day, and no clock is ahead by more than a minute:
# a time outside of this is none, and the time of arrival is taken.
OLDEST: Final = timedelta(hours=24)
MOST_AHEAD: Final = timedelta(minutes=1)
# The words for an answer that never arrives, among those of names.
NOT_DELIVERED: Final = "not_delivered"
# What is older than this when it arrives has waited.
LATE_AFTER: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """When a notification came, and whether what came then had waited.

    ``oldest`` is how long ago it may have been written.
    """

    at: datetime
    late: bool
    oldest: timedelta = OLDEST


def time_of(message: Notification, arrival: Arrival) -> datetime:
    """Return the service's own time where it is sane, else that of the arrival."""
    named = message.timestamp
    if named is not None and -arrival.oldest <= named - arrival.at <= MOST_AHEAD:
        return named
    return arrival.at


def is_late(message: Notification, arrival: Arrival) -> bool:
    """Return whether a notification has waited, by the queue or by its own time."""
    return arrival.late or arrival.at - time_of(message, arrival) > LATE_AFTER


def event_of(
    message: Notification,
    arrival: Arrival,
    *,
    device_key: str | None,
    chat_name: str | None,
    chat_key: str | None,
    caller_key: str | None,
    awaits_answer: bool,
    is_answer: bool,
    failed_answer: str | None = None,
    note: str | None = None,
) -> MessengerEvent:
    """Return the event of a notification."""
    return KINDS[message.kind](
        code=message.code,
        event_id=message.key,
        late=is_late(message, arrival),
        time=time_of(message, arrival),
        device_key=device_key,
        messenger=message.messenger.name,
        chat_id=message.chat_id,
        sender=message.sender,
        sender_name=message.sender_name,
        message_id=message.message_id,
        message_type=message.message_type,
        text=message.text,
        media_url=message.media_url,
        status=message.status,
        caller=message.caller,
        direction=message.direction,
        state=message.state,
        raw=message.raw if message.kind == "other" else None,
        chat_name=chat_name,
        chat_key=chat_key,
        caller_key=caller_key,
        awaits_answer=awaits_answer,
        is_answer=is_answer,
        failed_answer=failed_answer,
        note=note,
    )


def plain_event_of(message: Notification, arrival: Arrival) -> OtherMessengerEvent:
    """Return the plainest form of a notification, its object and nothing else."""
    return OtherMessengerEvent(
        code=message.code,
        event_id=message.key,
        late=is_late(message, arrival),
        time=time_of(message, arrival),
        messenger=message.messenger.name,
        raw=prune(dict(message.raw)),
    )
