"""What is left to pay: the orders of a QR menu, as far as its events tell of them.

An event says only a part: an order's sum, what is due, what was paid so far, in any
combination, or nothing. Sums are in the menu's currency, times in seconds since 1970.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from ..api.fields import MAX_NUMBER, digest

# Orders that are remembered: more than a large restaurant has in a day.
MAX_ORDERS: Final = 500
KEPT_FOR: Final = 24 * 60 * 60.0
# An order that nothing was heard of for so long no longer counts beside another one at
# its table: its guests paid in cash and left, which a menu does not tell.
PRESENT_FOR: Final = 2 * 60 * 60.0
# Stands before the table in the key of what a table owes without an order's id.
NAMELESS: Final = "@"
# Digits after the point that are kept of a sum; no currency has more than three.
DIGITS: Final = 4
# What rounding leaves of a bill that is split; nobody waits for it.
ROUNDING: Final = 0.05
# Characters of an order's id; of a longer one its hash is kept.
MAX_ID: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What an event says; None for what it does not.

    ``due`` is what is left of the order, ``payments`` what was paid so far, the newest
    last. ``table`` is the key of a table.
    """

    at: float
    table: str | None
    order_id: str | None = None
    is_payment: bool = False
    sum: float | None = None
    due: float | None = None
    payments: tuple[float, ...] | None = None

    @property
    def key(self) -> str | None:
        """Return what two events of one order have in common, None where nothing says so."""
        key = (self.order_id or "").strip("{} ").casefold()
        # An id of nothing but zeros is what an order without one has.
        if not key.strip("0-") or key.startswith(NAMELESS):
            return None
        return key if len(key) <= MAX_ID else digest(key)

    @property
    def newest(self) -> float | None:
        """Return the newest payment that is listed."""
        return next((paid for paid in reversed(self.payments or ()) if paid), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is known of an order: ``paid`` is what was counted of it so far.

    ``is_listed`` is whether the menu lists its payments; ``at`` is when it was last
    heard of.
    """

    table: str | None
    at: float
    sum: float | None = None
    due: float | None = None
    paid: float = 0.0
    is_listed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What an event comes to, still to be kept.

    ``paid`` is what a payment paid, negative for a refund, None where nobody can know;
    ``counted`` what it adds to the day's sum. ``left`` is what is left at its table,
    ``bills`` that of each table whose bill it tells. ``orders`` is what to keep.
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
        # What nobody can tell from another order's is new each time.
        paid, counted, total = _count(said, before if said.key else None)
        if key is None:
            return Taken(paid=paid, counted=counted, bills={}, orders={})
        if said.key is None:
            total = 0.0 if key.startswith(NAMELESS) else order.paid + counted
        order = replace(
            order,
            table=said.table or order.table,
            at=said.at,
            sum=_sum(said, order),
            due=_due(said, order, total, paid),
            paid=total,
            is_listed=order.is_listed or (said.is_payment and bool(said.newest)),
        )
        orders: dict[str, Order | None] = {key: order}
        if said.key is not None and order.due is not None:
            # The same bill, by its id now.
            orders[f"{NAMELESS}{order.table}"] = None
        return Taken(
            paid=paid,
            counted=counted,
            left=self._left(order.table, said.at, orders),
            bills=dict(self._bills(before, order, orders)),
            orders=orders,
        )

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

    def _bills(
        self, before: Order | None, order: Order, orders: Mapping[str, Order | None]
    ) -> Iterator[tuple[str, float]]:
        """Yield the tables whose bills an order tells, and what is left there."""
        if before is not None and before.table and before.table != order.table:
            left = self._left(before.table, order.at, orders)
            if left is not None or before.due is not None:
                yield before.table, left or 0.0
        left = self._left(order.table, order.at, orders)
        if order.table and order.due is not None and left is not None:
            yield order.table, left

    def _left(
        self, table: str | None, now: float, changed: Mapping[str, Order | None]
    ) -> float | None:
        """Return what a table's orders owe, None where nobody knows of any."""
        if table is None:
            return None
        owed = [
            order.due
            for order in {**self._orders, **changed}.values()
            if order is not None
            and order.table == table
            and order.due is not None
            and _is_present(order, now)
        ]
        return _money(sum(owed)) if owed else None

    def _forget(self, now: float) -> None:
        """Forget what is too old or too much, beginning with what was not heard of."""
        for key, order in list(self._orders.items()):
            if len(self) <= MAX_ORDERS and abs(now - order.at) <= KEPT_FOR:
                break
            del self._orders[key]


def _count(said: Said, before: Order | None) -> tuple[float | None, float, float]:
    """Return what a payment paid, what it adds to the day's sum, and the order's total.

    Of an order that nobody saw before, what is listed before the newest was paid before.
    Where the menu gives too little to know, it is all of the order, once.
    """
    known = before or Order(table=None, at=0.0)
    if not said.is_payment:
        # What was paid otherwise, in cash for instance.
        return None, 0.0, max(known.paid, _total(said.payments))
    paid = _paid_of_new(said) if before is None else _paid(said, before)
    if paid is None:
        whole = (known.sum if said.sum is None else said.sum) or 0.0
        counted = max(0.0, _money(whole - known.paid))
        return None, counted, _money(known.paid + counted)
    if before is None and said.newest is not None:
        return paid, paid, _total(said.payments)
    return paid, paid, _money(known.paid + paid)


def _paid_of_new(said: Said) -> float | None:
    """Return what a payment of an order paid that nobody saw before."""
    if said.newest is not None:
        return said.newest
    if said.key is None or said.due is None or said.sum is None:
        return None
    return _money(said.sum - said.due)


def _paid(said: Said, before: Order) -> float | None:
    """Return what a payment of a known order paid, None for too little to know."""
    by_due = _less_due(said, before)
    if said.payments is None or (said.newest is None and not before.is_listed):
        return by_due
    # Some menus list the payment itself alone, or forget to list.
    if by_due is not None and said.newest in {None, by_due}:
        return by_due
    return _money(_total(said.payments) - before.paid)


def _less_due(said: Said, before: Order) -> float | None:
    """Return by how much less is due, not counting what dishes changed."""
    if said.due is None:
        return None
    if before.due is None:
        return None if said.sum is None else _money(said.sum - before.paid - said.due)
    if said.sum is not None and before.sum is not None:
        return _money(before.due - said.due + said.sum - before.sum)
    less = _money(before.due - said.due)
    return less if less >= 0 else None


def _sum(said: Said, order: Order) -> float | None:
    """Return the sum of an order; nobody knows it where only what is due has changed."""
    if said.sum is None and (said.is_payment or said.due is None):
        return order.sum
    return said.sum


def _due(said: Said, order: Order, total: float, paid: float | None) -> float | None:
    """Return what is left of an order; ``total`` is what was paid of it."""
    if said.due is not None:
        return max(0.0, _money(said.due))
    if said.is_payment and paid is None:
        return 0.0
    total = max(total, _total(said.payments))
    if said.sum is not None or (said.is_payment and order.sum is not None):
        left = _money((order.sum if said.sum is None else said.sum or 0.0) - total)
    elif said.is_payment:
        left = _money((order.due or 0.0) - (paid or 0.0))
    else:
        return order.due
    return left if left >= ROUNDING else 0.0


def _total(payments: tuple[float, ...] | None) -> float:
    return _money(sum(payments or ()))


def _money(amount: float) -> float:
    """Return a sum without what reckoning has added, and zero without a sign."""
    return round(amount, DIGITS) + 0.0


def _is_present(order: Order, now: float) -> bool:
    return abs(now - order.at) <= PRESENT_FOR


def _number(value: object) -> float | None:
    """Return a stored number, None where it is none that can be reckoned with."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) <= MAX_NUMBER else None
