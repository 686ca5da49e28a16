"""The events of the QR menu as the service words them."""

from collections.abc import Mapping, Sequence
from typing import Any

from .restaurant import MENU, Dish, Line, Order, Table

WAITER_CALL = "waiter_call"
ADD_DISHES = "add_dishes"
ONLINE_PAYMENT = "online_payment"
_UNKNOWN_DISH_ID = 1000999


def waiter_call(table: Table) -> dict[str, Any]:
    """Return the event of guests who call the waiter."""
    return _event(WAITER_CALL, table, invoice=None, order=None)


def add_dishes(order: Order, added: Sequence[Line]) -> dict[str, Any]:
    """Return the event of guests who add dishes to their order."""
    invoice = {
        "id": order.id,
        "table": order.table.id,
        "amount_due": order.left,
        "session": {"dishes": [_line(line) for line in added]},
    }
    return _event(ADD_DISHES, order.table, invoice=invoice, order=order_of(order))


def online_payment(order: Order) -> dict[str, Any]:
    """Return the event of guests who paid online; what is left is known where they paid in parts."""
    invoice = {"id": order.id, "table": order.table.id, "amount_due": order.left}
    return _event(
        ONLINE_PAYMENT,
        order.table,
        invoice=invoice if order.payments else None,
        order=order_of(order),
    )


def read_lines(dishes: Sequence[object]) -> list[Line]:
    """Read dishes by name, or objects with name, price and count. Raises ValueError."""
    return [_read_line(dish) for dish in dishes]


def _read_line(dish: object) -> Line:
    if isinstance(dish, str):
        dish = {"name": dish}
    if not isinstance(dish, Mapping) or not isinstance(name := dish.get("name"), str):
        raise ValueError("a dish must be a name, or an object with a name")  # noqa: TRY004 - it is data, not code
    known = next(
        (item for item in MENU if item.name == name), Dish(_UNKNOWN_DISH_ID, name, 100)
    )
    price, count = dish.get("price", known.price), dish.get("count", 1)
    for number in (price, count):
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise ValueError("price and count of a dish must be numbers")  # noqa: TRY004 - as above
    return Line(Dish(known.id, name, price), count)


def _event(
    code: str, table: Table, *, invoice: object, order: object
) -> dict[str, Any]:
    return {
        "code": code,
        "table": table.id,
        "invoice": invoice,
        "order": order,
        "table_repr": {"id": table.id, "name": table.name, "max_guests": table.seats},
    }


def order_of(order: Order) -> dict[str, Any]:
    """Return an order as the till has it."""
    waiter_id, waiter = order.waiter
    return {
        "guid": f"{{{str(order.guid).upper()}}}",
        "sum": order.sum,
        "pricelist_sum": order.sum,
        "table": {"id": order.table.id, "name": order.table.name},
        "waiter": None
        if waiter_id is None and waiter is None
        else {"id": waiter_id, "name": waiter},
        "discounts": [],
        "payments": [
            {"id": number, "sum": paid}
            for number, paid in enumerate(order.payments, start=1)
        ],
        "dishes": [_line(line) for line in order.lines],
    }


def _line(line: Line, kind: str = "dish") -> dict[str, Any]:
    return {
        "id": line.dish.id,
        "type": kind,
        "name": line.dish.name,
        "price": float(line.dish.price),
        "count": float(line.count),
        "sum": float(line.sum),
        "modifiers": [_line(modifier, "modifier") for modifier in line.modifiers],
    }
