"""What happens at the services: the closed list of types, and one class for each."""

from collections.abc import Mapping
from typing import Final

from .base import Event, EventType, Source, field_names
from .green_api import (
    AccountState,
    Message,
    MessageChanged,
    MessageSent,
    MessageStatus,
    MessengerCall,
    MessengerEvent,
    OtherMessengerEvent,
)
from .pbx import (
    AnswerElsewhere,
    CallEnd,
    IncomingCall,
    MissedCall,
    OtherPhoneEvent,
    OutgoingCall,
    PhoneEvent,
    Sms,
    StartTalk,
    Startup,
)
from .qr_menu import (
    BillRequest,
    DishesAdded,
    OnlinePayment,
    OtherTableEvent,
    TableEvent,
    WaiterCall,
    table_key,
    table_of,
)

__all__ = [
    "EVENTS",
    "AccountState",
    "AnswerElsewhere",
    "BillRequest",
    "CallEnd",
    "DishesAdded",
    "Event",
    "EventType",
    "IncomingCall",
    "Message",
    "MessageChanged",
    "MessageSent",
    "MessageStatus",
    "MessengerCall",
    "MessengerEvent",
    "MissedCall",
    "OnlinePayment",
    "OtherMessengerEvent",
    "OtherPhoneEvent",
    "OtherTableEvent",
    "OutgoingCall",
    "PhoneEvent",
    "Sms",
    "Source",
    "StartTalk",
    "Startup",
    "TableEvent",
    "WaiterCall",
    "events_of",
    "field_names",
    "table_key",
    "table_of",
    "types_of",
]

EVENTS: Final[tuple[type[Event], ...]] = (
    WaiterCall,
    BillRequest,
    DishesAdded,
    OnlinePayment,
    OtherTableEvent,
    Startup,
    IncomingCall,
    OutgoingCall,
    StartTalk,
    AnswerElsewhere,
    CallEnd,
    MissedCall,
    Sms,
    OtherPhoneEvent,
    Message,
    MessageChanged,
    MessageSent,
    MessageStatus,
    MessengerCall,
    AccountState,
    OtherMessengerEvent,
)
"""All that can happen, service by service."""


def events_of(source: Source) -> Mapping[EventType, type[Event]]:
    """Return the classes of a service's events by their types."""
    return {kind.type: kind for kind in EVENTS if kind.source is source}


def types_of(source: Source, entity: str, *, hub: bool) -> list[str]:
    """Return what an event entity of a service's hub, or of its devices, can show."""
    return [
        kind.type.value
        for kind in EVENTS
        if kind.source is source
        and kind.entity == entity
        and (hub or not kind.hub_only)
    ]
