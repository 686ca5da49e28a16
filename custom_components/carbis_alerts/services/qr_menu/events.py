"""The QR menu's messages as events."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, TypedDict

from ...api.fields import prune
from ...api.qr_menu import Kind, QrMenuEvent
from ...domain.events import (
    DishesAdded,
    OnlinePayment,
    OtherTableEvent,
    TableEvent,
    WaiterCall,
)

RAISE_ALERT: Final = "raise_alert"

KINDS: Final[Mapping[Kind, type[TableEvent]]] = {
    "waiter_call": WaiterCall,
    "dishes_added": DishesAdded,
    "online_payment": OnlinePayment,
    "other": OtherTableEvent,
}


class FirstSeen(TypedDict):
    """When an event was first seen, and whether that was late."""

    late: bool
    time: datetime


def event_of(
    message: QrMenuEvent,
    *,
    late: bool,
    time: datetime,
    device_key: str | None,
    table_name: str | None,
) -> TableEvent:
    """Return the event of a message; the server gives no time."""
    dishes = message.dishes
    return KINDS[message.kind](
        code=message.code,
        event_id=message.event_id,
        late=late,
        time=time,
        device_key=device_key,
        table_id=message.table_id,
        table_name=table_name,
        order_id=message.order_id,
        order_sum=message.order_sum,
        waiter=message.waiter,
        dishes=None if dishes is None else [dish.as_dict() for dish in dishes],
        amount_due=message.amount_due,
        raw=message.raw if message.kind == "other" else None,
    )


def plain_event_of(
    message: QrMenuEvent, *, late: bool, time: datetime
) -> OtherTableEvent:
    """Return the plainest form of a message, the server's object and nothing else."""
    is_pruned = message.kind == "other"
    return OtherTableEvent(
        code=message.code,
        event_id=message.event_id,
        late=late,
        time=time,
        raw=message.raw if is_pruned else prune(dict(message.raw)),
    )
