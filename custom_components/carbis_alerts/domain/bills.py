"""What is left to pay: the orders of a QR menu, and what their tables owe."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from ..api.fields import MAX_NUMBER
from .payments import NAMELESS, Order, Said, count, due_of, money, sum_of

# Orders that are remembered: more than a large restaurant has in a day.
MAX_ORDERS: Final = 500
KEPT_FOR: Final = 24 * 60 * 60.0
# An order that nothing was heard of for so long no longer counts beside another one at
# its table: its guests paid in cash and left, which a menu does not say.
PRESENT_FOR: Final = 2 * 60 * 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What an event comes to, still to be kept.

    ``paid`` is what a payment paid, negative for a refund, None where nobody can know;
    ``counted`` what it adds to the day's sum. ``left`` is what is left at its table,
    ``bills`` that of each table whose bill it changes. ``orders`` is what to keep.
    """

    paid: float | None = None
    counted: float = 0.0
    left: float | None = None
    bills: Mapping[str, float]
    orders: Mapping[str, Order | None]


class Bills:
    """The orders that are open or were, by their ids."""

    def __init__(self) -> None:
        """Begin with none."""
        # The one that was heard of last is the last.
        self._orders: dict[str, Order] = {}

    def __len__(self) -> int:
        return len(self._orders)

    def take(self, said: Said) -> Taken:
        """Return what an event comes to; nothing changes before it is kept."""
        key = said.key or self._nameless(said)
        before = self._orders.get(key or "")
        order = before or Order(table=said.table, at=said.at)
        # Without an id it may be another order each time.
        paid, counted, total = count(said, before if said.key else None)
        if key is None:
            return Taken(paid=paid, counted=counted, bills={}, orders={})
        if said.key is None:
            total = 0.0 if key.startswith(NAMELESS) else order.paid + counted
        order = replace(
            order,
            table=said.table or order.table,
            at=said.at,
            sum=sum_of(said, order),
            due=due_of(said, order, total, paid),
            paid=total,
            is_listed=order.is_listed or (said.is_payment and bool(said.newest)),
        )
        orders: dict[str, Order | None] = {key: order}
        if said.key is not None and order.due is not None:
            # The same bill, by its id now.
            orders[f"{NAMELESS}{order.table}"] = None
        left = self._left(order.table, said.at, orders)
        bills: dict[str, float] = {}
        if before is not None and before.table and before.table != order.table:
            # Where it has moved from.
            others = self._left(before.table, said.at, orders)
            if others is not None or before.due is not None:
                bills[before.table] = others or 0.0
        if order.table and order.due is not None and left is not None:
            bills[order.table] = left
        return Taken(paid=paid, counted=counted, left=left, bills=bills, orders=orders)

    def keep(self, taken: Taken) -> None:
        """Keep what an event came to, and forget what is old."""
        for key, order in taken.orders.items():
            self._orders.pop(key, None)
            if order is not None:
                self._orders[key] = order
                self._forget(order.at)

    def as_list(self) -> list[list[Any]]:
        """Return what to store: a row an order."""
        return [
            [
                *(key, order.table, order.sum, order.due, order.paid),
                *(int(order.is_listed), int(order.at)),
            ]
            for key, order in self._orders.items()
        ]

    def restore(self, stored: object) -> None:
        """Take over what was stored; what is no order is passed over."""
        rows = stored if isinstance(stored, list) else []
        for row in rows[-MAX_ORDERS:]:
            match row:
                case [str(key), str() | None as table, sum_, due, paid, listed, at]:
                    self._orders[key] = Order(
                        table=table,
                        at=_number(at) or 0.0,
                        sum=_number(sum_),
                        due=_number(due),
                        paid=_number(paid) or 0.0,
                        is_listed=listed == 1,
                    )

    def _nameless(self, said: Said) -> str | None:
        """Return the key of an order that a table's event without an id is about.

        It is the one of the table that is open and was heard of last, else the table's
        own; None where the event is about none.
        """
        if said.table is None or (said.due is None and said.sum is None):
            return None
        for key, order in reversed(self._orders.items()):
            if (
                order.table == said.table
                and order.due
                and _is_present(order, said.at)
                and not key.startswith(NAMELESS)
            ):
                return key
        return f"{NAMELESS}{said.table}"

    def _left(
        self, table: str | None, now: float, changed: Mapping[str, Order | None]
    ) -> float | None:
        """Return what a table's orders owe, None where nobody knows of any."""
        if table is None:
            return None
        kept = [
            order
            for key, order in self._orders.items()
            if order.table == table and key not in changed
        ]
        owed = [
            order.due
            for order in (*kept, *changed.values())
            if order is not None
            and order.table == table
            and order.due is not None
            and _is_present(order, now)
        ]
        return money(sum(owed)) if owed else None

    def _forget(self, now: float) -> None:
        """Forget what is too old or too much, beginning with what was not heard of."""
        while self._orders:
            key, order = next(iter(self._orders.items()))
            if len(self) <= MAX_ORDERS and abs(now - order.at) <= KEPT_FOR:
                break
            del self._orders[key]


def _is_present(order: Order, now: float) -> bool:
    return abs(now - order.at) <= PRESENT_FOR


def _number(value: object) -> float | None:
    """Return a stored number, None where it is none that can be reckoned with."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) <= MAX_NUMBER else None
