"""What happens at a QR menu."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, override

from ...api.fields import as_key
from .base import INSIDE, Event, EventType, Source

# Stands before the name in the key of a table that has no id.
BY_NAME: Final = "name:"
# Bytes of a name in a key; of a longer one a hash is there.
MAX_BY_NAME: Final = 100


def table_key(table_id: str | None, table_name: str | None) -> str | None:
    """Return the key of a table: its id, else its name; None for no table."""
    if table_id or not table_name:
        return table_id or None
    return f"{BY_NAME}{as_key(table_name, MAX_BY_NAME)}"


def table_of(key: str, name: str | None) -> tuple[str | None, str | None]:
    """Return id and name of the table with a key; ``name`` is what is known of it."""
    if key.startswith(BY_NAME):
        return None, name or key.removeprefix(BY_NAME)
    return key, name


@dataclass(frozen=True, slots=True, kw_only=True)
class TableEvent(Event):
    """Something that guests did with the QR menu; sums are in the menu's currency.

    ``dishes`` are ``{name, count, price, sum, modifiers}``, modifiers alike. ``paid`` is
    what a payment paid, negative for a refund, None where nobody can know.
    """

    source = Source.QR_MENU
    entity = "activity"

    table_id: str | None = None
    table_name: str | None = None
    order_id: str | None = None
    order_sum: float | None = None
    waiter: str | None = None
    dishes: Sequence[Mapping[str, Any]] | None = None
    amount_due: float | None = None
    paid: float | None = None

    @property
    def table_key(self) -> str | None:
        """Return the key of its table, None for no table."""
        return table_key(self.table_id, self.table_name)

    @property
    @override
    def title(self) -> str:
        return self.table_name or self.table_id or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiterCall(TableEvent):
    """Guests call the waiter."""

    type = EventType.WAITER_CALL
    is_counted = True


@dataclass(frozen=True, slots=True, kw_only=True)
class BillRequest(TableEvent):
    """Guests want to pay."""

    type = EventType.BILL_REQUEST
    is_counted = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DishesAdded(TableEvent):
    """Guests ordered; ``waits`` where somebody has to look at it."""

    type = EventType.DISHES_ADDED

    waits: bool = field(default=False, metadata=INSIDE)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnlinePayment(TableEvent):
    """Guests paid.

    ``counted`` is what it adds to the day's sum where that is not all of the order,
    ``left`` what is left to pay at its table, None where nobody knows of anything.
    """

    type = EventType.ONLINE_PAYMENT

    counted: float | None = field(default=None, metadata=INSIDE)
    left: float | None = field(default=None, metadata=INSIDE)

    @property
    def amount(self) -> float:
        """Return what it adds to the day's sum."""
        return (self.order_sum or 0.0) if self.counted is None else self.counted

    @property
    def settles(self) -> bool:
        """Return whether nothing is left to pay at its table."""
        return not self.left


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherTableEvent(TableEvent):
    """Something that is not known: ``raw`` is the menu's object."""

    type = EventType.OTHER
