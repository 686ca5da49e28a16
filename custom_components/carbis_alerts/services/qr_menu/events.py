"""The QR menu's messages as events."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, TypedDict

from ...api.fields import prune
from ...api.qr_menu import Kind, QrMenuEvent
from ...api.types import Json
from ...domain.bills import Taken
from ...domain.codes import Meaning
from ...domain.events import (
    BillRequest,
    DishesAdded,
    OnlinePayment,
    OtherTableEvent,
    TableEvent,
    WaiterCall,
    table_key,
)
from ...domain.payments import Said

RAISE_ALERT: Final = "raise_alert"

KINDS: Final[Mapping[Kind, type[TableEvent]]] = {
    "waiter_call": WaiterCall,
    "dishes_added": DishesAdded,
    "online_payment": OnlinePayment,
    "other": OtherTableEvent,
}
MEANINGS: Final[Mapping[Meaning, type[TableEvent]]] = {
    Meaning.WAITER_CALL: WaiterCall,
    Meaning.BILL_REQUEST: BillRequest,
    Meaning.DISHES_ADDED: DishesAdded,
    Meaning.IGNORE: OtherTableEvent,
}


class FirstSeen(TypedDict):
    """When an event was first seen, and whether that was late."""

    late: bool
    time: datetime


def said_by(message: QrMenuEvent, time: datetime) -> Said:
    """Return what a message says of an order."""
    is_payment = message.kind == "online_payment"
    return Said(
        at=time.timestamp(),
        table=table_key(message.table_id, message.table_name),
        order_id=message.order_id,
        is_payment=is_payment,
        sum=message.order_sum,
        due=message.left if is_payment else message.amount_due,
        payments=message.payments,
    )


def event_of(
    message: QrMenuEvent,
    *,
    meaning: Meaning | None = None,
    orders_wait: bool = False,
    bill: Taken | None = None,
    late: bool,
    time: datetime,
    device_key: str | None,
    table_name: str | None,
) -> TableEvent:
    """Return the event of a message; the server gives no time.

    ``meaning`` is what its code means by the options, ``bill`` what it comes to.
    """
    dishes = message.dishes
    kind = KINDS[message.kind] if meaning is None else MEANINGS[meaning]
    own: dict[str, Any] = {}
    if kind is OtherTableEvent:
        own = {"raw": _raw(message)}
        if message.kind != "other":
            # They are in there.
            dishes = None
    elif kind is OnlinePayment and bill is not None:
        own = {"paid": bill.paid, "counted": bill.counted, "left": bill.left}
    elif kind is DishesAdded:
        own = {"waits": orders_wait}
    return kind(
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
        **own,
    )


def plain_event_of(
    message: QrMenuEvent, *, late: bool, time: datetime
) -> OtherTableEvent:
    """Return the plainest form of a message, the server's object and nothing else."""
    return OtherTableEvent(
        code=message.code,
        event_id=message.event_id,
        late=late,
        time=time,
        raw=_raw(message),
    )


def _raw(message: QrMenuEvent) -> Json:
    """Return the server's object, of a size that can be passed on."""
    is_pruned = message.kind == "other"
    return dict(message.raw) if is_pruned else prune(dict(message.raw))
