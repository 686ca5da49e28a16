"""What a payment of a QR menu paid, and what it leaves of its order.

An event says only a part: an order's sum, what is due, what was paid so far, in any
combination, or nothing. Sums are in the menu's currency, times in seconds since 1970.
"""

from dataclasses import dataclass
from typing import Final

from ..api.fields import digest

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


def count(said: Said, before: Order | None) -> tuple[float | None, float, float]:
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
        counted = max(0.0, money(whole - known.paid))
        return None, counted, money(known.paid + counted)
    if before is None and said.newest is not None:
        return paid, paid, _total(said.payments)
    return paid, paid, money(known.paid + paid)


def _paid_of_new(said: Said) -> float | None:
    """Return what a payment of an order paid that nobody saw before."""
    if said.newest is not None:
        return said.newest
    if said.key is None or said.due is None or said.sum is None:
        return None
    return money(said.sum - said.due)


def _paid(said: Said, before: Order) -> float | None:
    """Return what a payment of a known order paid, None for too little to know."""
    by_due = _less_due(said, before)
    if said.payments is None or (said.newest is None and not before.is_listed):
        return by_due
    # Some menus list the payment itself alone, or forget to list.
    if by_due is not None and said.newest in {None, by_due}:
        return by_due
    return money(_total(said.payments) - before.paid)


def _less_due(said: Said, before: Order) -> float | None:
    """Return by how much less is due, not counting what dishes changed."""
    if said.due is None:
        return None
    if before.due is None:
        return None if said.sum is None else money(said.sum - before.paid - said.due)
    if said.sum is not None and before.sum is not None:
        return money(before.due - said.due + said.sum - before.sum)
    less = money(before.due - said.due)
    return less if less >= 0 else None


def sum_of(said: Said, order: Order) -> float | None:
    """Return the sum of an order; nobody knows it where only what is due has changed."""
    if said.sum is None and (said.is_payment or said.due is None):
        return order.sum
    return said.sum


def due_of(said: Said, order: Order, total: float, paid: float | None) -> float | None:
    """Return what is left of an order; ``total`` is what was paid of it."""
    if said.due is not None:
        return max(0.0, money(said.due))
    if said.is_payment and paid is None:
        return 0.0
    total = max(total, _total(said.payments))
    whole = order.sum if said.sum is None and said.is_payment else said.sum
    if whole is not None:
        left = money(whole - total)
    elif said.is_payment:
        left = money((order.due or 0.0) - (paid or 0.0))
    else:
        return order.due
    return left if left >= ROUNDING else 0.0


def _total(payments: tuple[float, ...] | None) -> float:
    return money(sum(payments or ()))


def money(amount: float) -> float:
    """Return a sum without what reckoning has added, and zero without a sign."""
    return round(amount, DIGITS) + 0.0
