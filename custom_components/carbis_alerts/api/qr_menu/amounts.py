"""What a QR menu says of money; the documents show few of the names."""

from collections.abc import Mapping
from typing import Final

from ..fields import as_amount, as_object
from ..types import Json

# Of these nobody can think that they are the whole sum of the order.
LEFT_KEYS: Final = ("amount_due", "to_pay")
AMOUNT_KEYS: Final = (*LEFT_KEYS, "amount", "sum")
PAID_KEYS: Final = ("sum", "amount")
# Payments of an order that are looked at.
MAX_PAYMENTS: Final = 1_000


def amount_due(invoice: Mapping[str, Json]) -> float | None:
    """Return what is to pay by an invoice."""
    return _first(invoice, AMOUNT_KEYS)


def left(invoice: Mapping[str, Json], order_sum: float | None) -> float | None:
    """Return what is left to pay, None for an amount that may be the whole sum."""
    if (plain := _first(invoice, LEFT_KEYS)) is not None:
        return plain
    amount = _first(invoice, AMOUNT_KEYS)
    is_part = amount is not None and order_sum is not None and amount < order_sum
    return amount if is_part else None


def payments(listed: list[Json] | None) -> tuple[float, ...] | None:
    """Return what was paid, None where it is not listed or one of it is not known."""
    if listed is None or len(listed) > MAX_PAYMENTS:
        return None
    paid = tuple(_first(as_object(payment), PAID_KEYS) for payment in listed)
    known = tuple(amount for amount in paid if amount is not None)
    return known if len(known) == len(paid) else None


def _first(item: Mapping[str, Json], keys: tuple[str, ...]) -> float | None:
    """Return the first number that stands under one of the keys."""
    numbers = (as_amount(item.get(key)) for key in keys)
    return next((number for number in numbers if number is not None), None)
