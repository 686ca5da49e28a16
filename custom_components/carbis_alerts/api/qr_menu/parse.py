"""Parse what a QR menu sends, whatever it is."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from ..errors import ProtocolError, RequestRefused
from ..fields import (
    MAX_ID_LENGTH,
    as_id,
    as_key,
    as_list,
    as_name,
    as_number,
    as_object,
    digest,
    prune,
    shape,
)
from ..loop_yield import LoopYield
from ..types import Json
from .models import Dish, Kind, Malformed, QrMenuEvent, Updates

AMOUNT_KEYS: Final = ("amount_due", "to_pay", "amount", "sum")
DISH_KEYS: Final = ("id", "name", "price")
# Modifiers of modifiers exist; what is nested deeper than this is an attack.
MAX_MODIFIER_DEPTH: Final = 8
# Events that are taken of one answer: more than a server has in five minutes. What is
# behind the last is asked for next.
MAX_EVENTS: Final = 20_000
# What is no event is looked at that often in one answer, and the rest passed over.
MAX_MALFORMED: Final = 1_000
# Dishes of an event, modifiers among them.
MAX_DISHES: Final = 1_000


async def parse_updates(document: Json) -> Updates:
    """Parse an answer of the server, in slices: it may hold thousands of events.

    Raise ``RequestRefused`` or ``ProtocolError``.
    """
    if not isinstance(document, dict) or "result" not in document:
        raise ProtocolError("The answer is not one of a QR menu")
    if document["result"] is not True:
        raise RequestRefused("The server refuses the request (result is not true)")
    data = document.get("data")
    # PHP has one form for an empty list and an empty object.
    if data is not None and data != [] and not isinstance(data, dict):
        raise ProtocolError("The answer is not one of a QR menu")
    updates = as_object(data).get("updates")
    if updates is not None and updates != {} and not isinstance(updates, list):
        raise ProtocolError("The list of events is not a list")
    known: dict[str, QrMenuEvent] = {}
    events: list[QrMenuEvent] = []
    malformed: list[Malformed] = []
    loop_yield = LoopYield()
    for item in as_list(updates):
        await loop_yield.give()
        if (event := _event_of(item)) is not None:
            events.append(_distinguished(event, known))
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


def _distinguished(event: QrMenuEvent, known: dict[str, QrMenuEvent]) -> QrMenuEvent:
    """Return an event with an id of its own, where another one has its hash.

    The first one keeps the hash as its id: the server lists them in the same order each time.
    """
    first = known.setdefault(event.event_id, event)
    if event.cursor is None or _of(first) == _of(event):
        return event
    event_id = ":".join((event.cursor, *_of(event)))
    if len(event_id) > MAX_ID_LENGTH:
        event_id = f"{event.cursor[: MAX_ID_LENGTH // 2]}:{digest([*_of(event)])}"
    return replace(event, event_id=event_id)


def _of(event: QrMenuEvent) -> tuple[str, str]:
    """Return the code and the table of an event."""
    return event.code or "", event.table_id or event.table_name or ""


def parse_event(item: Json) -> QrMenuEvent | None:
    """Parse one event; None where it has neither hash nor code."""
    if not isinstance(item, dict):
        return None
    cursor = as_id(item.get("hash"))
    code = as_name(item.get("code"))
    if cursor is None and code is None:
        return None

    invoice = as_object(item.get("invoice"))
    order = as_object(item.get("order"))
    table_id, table_name = _table(item, order)
    added = tuple(_session_dishes(invoice.get("session")))
    kind = _kind(code, added)
    return QrMenuEvent(
        event_id=cursor or _content_hash(item),
        cursor=cursor,
        kind=kind,
        code=code,
        table_id=table_id,
        table_name=table_name,
        order_id=as_key(order.get("guid")) or as_key(order.get("id")),
        order_sum=as_number(order.get("sum")),
        waiter=as_name(as_object(order.get("waiter")).get("name")),
        dishes=added if kind == "dishes_added" else _order_dishes(order),
        amount_due=_amount_due(invoice),
        raw=as_object(prune(item)) if kind == "other" else item,
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
        as_id(table),
        *(as_id(table_object.get("id")) for table_object in table_objects),
    )
    names = (as_name(table_object.get("name")) for table_object in table_objects)
    return next(filter(None, ids), None), next(filter(None, names), None)


def _amount_due(invoice: Mapping[str, Json]) -> float | None:
    """Return what is left to pay; the documents show no name for it."""
    amounts = (as_number(invoice.get(key)) for key in AMOUNT_KEYS)
    return next((amount for amount in amounts if amount is not None), None)


def _order_dishes(order: Mapping[str, Json]) -> tuple[Dish, ...] | None:
    """Return the dishes of the whole order, None where there is no list of them."""
    dishes = order.get("dishes")
    return tuple(_dishes(dishes, _room())) if isinstance(dishes, list) else None


def _session_dishes(session: Json) -> Iterable[Dish]:
    """Yield added dishes: of a list of dishes, an object with some, or a list of such."""
    room = _room()
    if isinstance(session, dict):
        # Itself no dish, though it may well have an id.
        yield from _dishes(session.get("dishes"), room)
    for item in as_list(session):
        if isinstance(item, dict) and "dishes" in item:
            yield from _dishes(item["dishes"], room)
        else:
            yield from _dishes([item], room)


def _room() -> Iterator[int]:
    """Return room for the dishes of an event, modifiers among them."""
    return iter(range(MAX_DISHES))


def _dishes(
    items: Json, room: Iterator[int], depth: int = MAX_MODIFIER_DEPTH
) -> Iterable[Dish]:
    """Yield the dishes of a list while there is room, passing over what is none."""
    for item in as_list(items) if depth else ():
        if isinstance(item, dict) and any(key in item for key in DISH_KEYS):
            if next(room, None) is None:
                return
            yield Dish(
                name=as_name(item.get("name")),
                count=as_number(item.get("count")),
                price=as_number(item.get("price")),
                sum=as_number(item.get("sum")),
                modifiers=tuple(_dishes(item.get("modifiers"), room, depth - 1)),
            )


def _content_hash(item: Json) -> str:
    """Return an id of an event that the server gave none."""
    return f"content:{digest(item)}"
