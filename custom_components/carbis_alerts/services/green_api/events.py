"""The account's notifications as events."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from ...api.fields import prune
from ...api.green_api import Kind, Notification
from ...domain.events import (
    AccountState,
    Message,
    MessageSent,
    MessageStatus,
    MessengerCall,
    MessengerEvent,
    OtherMessengerEvent,
)

KINDS: Final[Mapping[Kind, type[MessengerEvent]]] = {
    "message": Message,
    "message_sent": MessageSent,
    "message_status": MessageStatus,
    "whatsapp_call": MessengerCall,
    "account_state": AccountState,
    "other": OtherMessengerEvent,
}


def event_of(
    message: Notification,
    *,
    late: bool,
    now: datetime,
    device_key: str | None,
    chat_name: str | None,
    may_wait: bool,
) -> MessengerEvent:
    """Return the event of a notification; ``may_wait`` is whether it may open an alert."""
    return KINDS[message.kind](
        code=message.code,
        event_id=message.key,
        late=late,
        time=message.timestamp or now,
        device_key=device_key,
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
        awaits_answer=may_wait and message.awaits_answer,
    )


def plain_event_of(
    message: Notification, *, late: bool, now: datetime
) -> OtherMessengerEvent:
    """Return the plainest form of a notification, its object and nothing else."""
    return OtherMessengerEvent(
        code=message.code,
        event_id=message.key,
        late=late,
        time=message.timestamp or now,
        raw=prune(dict(message.raw)),
    )
