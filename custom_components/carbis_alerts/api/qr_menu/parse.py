"""Parse what a QR menu sends, whatever it is."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from ..errors import ProtocolError, RequestRefused
from ..fields import (
    MAX_DISHES,
    MAX_NAME,
    MAX_RAW,
    as_amount,
    as_code,
    as_id,
    as_key,
    as_list,
    as_name,
    as_object,
    digest,
    json_length,
    prune,
    shape,
)
from ..intake import LoopYield
from ..texts import line
from ..types import Json
from .amounts import amount_due, left, payments
from .models import Dish, Kind, Malformed, QrMenuEvent, Updates

NO_ID: Final = "0"
DISH_KEYS: Final = ("id", "name", "price")
# Modifiers of modifiers exist; what is nested deeper than this is an attack.
MAX_MODIFIER_DEPTH: Final = 8
# Events that are taken of one answer: more than a server has in five minutes. What is
# behind the last is asked for next.
MAX_EVENTS: Final = 20_000
# What is no event is looked at that often in one answer, and the rest passed over.
MAX_MALFORMED: Final = 1_000
NOTHING: Final[tuple[Json, ...]] = (None, [], {}, "", False)
# Bytes of a dish in JSON beside its values.
DISH_BYTES: Final = 60
# Bytes of what tables are distinguished by: their ids, and names of those without.
MAX_TABLE_ID: Final = 100


async def parse_updates(document: Json, loop_yield: LoopYield | None = None) -> Updates:
    """Parse an answer of the server, in slices: it may hold thousands of events.

    Raise ``RequestRefused`` or ``ProtocolError``.
    """
    if not isinstance(document, dict) or "result" not in document:
        raise ProtocolError("The answer is not one of a QR menu")
    if document["result"] is not True:
        raise RequestRefused("The server refuses the request (result is not true)")
    data = document.get("data")
    # Servers have many forms for a list or an object with nothing in it.
    if data not in NOTHING and not isinstance(data, dict):
        raise ProtocolError("The answer is not one of a QR menu")
    updates = as_object(data).get("updates")
    items = _listed(updates)
    if updates not in NOTHING and not isinstance(updates, list) and not items:
        raise ProtocolError("The list of events is not a list")
    events: list[QrMenuEvent] = []
    malformed: list[Malformed] = []
    loop_yield = loop_yield or LoopYield()
    for item in items:
        await loop_yield.give()
        if (event := _event_of(item)) is not None:
            events.append(event)
            if len(events) == MAX_EVENTS:
                break
        elif len(malformed) < MAX_MALFORMED:
            malformed.append(Malformed(event_id=_content_hash(item), shape=shape(item)))
    return Updates(events=tuple(events), malformed=tuple(malformed))


def _event_of(item: Json) -> QrMenuEvent | None:
    """Return an event, None for what is none and for one that we fail to take apart."""
    try:
        return parse_event(item)
    except Exception:  # noqa: BLE001 - it must not cost what stands beside it
        return None


def parse_event(item: Json) -> QrMenuEvent | None:
    """Parse one event; None where it has neither hash nor code."""
    if not isinstance(item, dict):
        return None
    cursor = as_id(item.get("hash"))
    code = as_code(item.get("code"))
    if cursor is None and code is None:
        return None

    invoice = as_object(item.get("invoice"))
    order = as_object(item.get("order"))
    table_id, table_name = _table(item, order)
    room = _Room()
    added = tuple(_session_dishes(invoice.get("session"), room))
    kind = _kind(code, added)
    order_sum = as_amount(order.get("sum"))
    waiter = as_object(order.get("waiter"))
    dishes = added if kind == "dishes_added" else _order_dishes(order, room)
    return QrMenuEvent(
        event_id=cursor or _content_hash(item),
        cursor=cursor,
        kind=kind,
        code=code,
        table_id=table_id,
        table_name=table_name,
        order_id=as_key(order.get("guid")) or as_key(order.get("id")),
        order_sum=order_sum,
        waiter=as_name(waiter.get("name")),
        waiter_id=as_key(waiter.get("id"), MAX_TABLE_ID),
        dishes=dishes,
        amount_due=amount_due(invoice),
        left=left(invoice, order_sum),
        payments=payments(_list_in(order, "payments")),
        raw=as_object(prune(item, most=MAX_RAW - room.taken))
        if kind == "other"
        else item,
    )


def _kind(code: str | None, added: tuple[Dish, ...]) -> Kind:
    """Return what happened; the name of the code by which dishes come is not known."""
    if code == "waiter_call":
        return "waiter_call"
    if code == "online_payment":
        return "online_payment"
    return "dishes_added" if added else "other"


def _table(
    item: Mapping[str, Json], order: Mapping[str, Json]
) -> tuple[str | None, str | None]:
    """Return the table's id and name from wherever they stand."""
    table = item.get("table")
    table_objects = [
        as_object(table_object)
        for table_object in (item.get("table_repr"), table, order.get("table"))
    ]
    ids = (
        as_key(table, MAX_TABLE_ID),
        *(as_key(one.get("id"), MAX_TABLE_ID) for one in table_objects),
    )
    names = (one.get("name") for one in table_objects)
    said = next((one for one in names if as_name(one) is not None), None)
    name = as_name(said)
    # Of tables with names zero is the id of each that has none.
    found = (one for one in ids if one and (one != NO_ID or name in (None, NO_ID)))
    id_ = next(found, None)
    if id_ is None and isinstance(said, str) and len(line(said)) > MAX_NAME:
        # Two that begin alike would be one.
        id_ = as_key(line(said), MAX_TABLE_ID)
    return id_, name


def _list_in(item: Mapping[str, Json], key: str) -> list[Json] | None:
    """Return a list in an object, None where there is none."""
    found = item.get(key)
    listed = _listed(found)
    return listed if listed or isinstance(found, list) else None


def _order_dishes(order: Mapping[str, Json], room: _Room) -> tuple[Dish, ...] | None:
    """Return the dishes of the whole order, None where there is no list of them."""
    dishes = _list_in(order, "dishes")
    return None if dishes is None else tuple(_dishes(dishes, room))


def _session_dishes(session: Json, room: _Room) -> Iterable[Dish]:
    """Yield what was added: dishes of a positive count, wherever the session has them."""
    for dish in _dishes([*_sessions(session)], room):
        if dish.count is None or dish.count > 0:
            yield dish


def _sessions(session: Json, depth: int = MAX_MODIFIER_DEPTH) -> Iterator[Json]:
    """Yield the dishes of a list, of an object by number or with a list, or of a list of such."""
    if isinstance(session, dict):
        # Itself no dish, though it may well have an id and a name.
        yield from _listed(session.get("dishes"))
    for item in _listed(session) if depth else ():
        if isinstance(item, list) or (isinstance(item, dict) and not _is_dish(item)):
            yield from _sessions(item, depth - 1)
        else:
            yield item


def _listed(items: Json) -> list[Json]:
    """Return a list; that of PHP is an object by number where a number is left out."""
    if isinstance(items, dict):
        return [item for key, item in items.items() if key.isdecimal()]
    return as_list(items)


def _is_dish(item: Mapping[str, Json]) -> bool:
    """Return whether an object is a dish; of those that hold dishes a combo is one.

    It has a price, or a name and a type or a count. A session or a course of dishes has not.
    """
    if "dishes" in item:
        return "price" in item or (
            "name" in item and not {"type", "count"}.isdisjoint(item)
        )
    return any(key in item for key in DISH_KEYS)


class _Room:
    """How much an event may still have of dishes, modifiers among them."""

    def __init__(self) -> None:
        self.taken = 0

    def takes(self, dish: Dish) -> bool:
        """Return whether a dish has room, less its modifiers, and note that it is taken."""
        values = (dish.count, dish.price, dish.sum)
        taken = self.taken + DISH_BYTES + sum(map(len, map(str, values)))
        if dish.name is not None:
            taken += json_length(dish.name)
        if taken > MAX_DISHES:
            return False
        self.taken = taken
        return True


def _dishes(
    items: Json, room: _Room, depth: int = MAX_MODIFIER_DEPTH
) -> Iterable[Dish]:
    """Yield the dishes of a list while there is room, passing over what is none."""
    for item in _listed(items) if depth else ():
        if isinstance(item, dict) and _is_dish(item):
            dish = Dish(
                name=as_name(item.get("name")),
                count=as_amount(item.get("count")),
                price=as_amount(item.get("price")),
                sum=as_amount(item.get("sum")),
            )
            if not room.takes(dish):
                return
            if item.get("modifiers") or item.get("dishes"):
                parts = tuple(_parts(item, room, depth - 1))
                dish = replace(dish, modifiers=parts)
            yield dish


def _parts(item: Mapping[str, Json], room: _Room, depth: int) -> Iterable[Dish]:
    """Yield the modifiers of a dish and, of a combo, the dishes that it consists of."""
    for key in ("modifiers", "dishes"):
        yield from _dishes(item.get(key), room, depth)


def _content_hash(item: Json) -> str:
    """Return an id of an event that the server gave none."""
    return f"content:{digest(item)}"
