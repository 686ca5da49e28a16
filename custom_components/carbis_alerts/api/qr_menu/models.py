"""What a QR menu sends."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ..types import Json

type Kind = Literal["waiter_call", "online_payment", "dishes_added", "other"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dish:
    """A dish or a modifier of one; prices in the restaurant's currency."""

    name: str | None
    count: float | None
    price: float | None
    sum: float | None
    modifiers: tuple[Dish, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return it as the bus event holds it."""
        return {
            "name": self.name,
            "count": self.count,
            "price": self.price,
            "sum": self.sum,
            "modifiers": [modifier.as_dict() for modifier in self.modifiers],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class QrMenuEvent:
    """One event of the queue.

    ``event_id`` is the server's hash, or a hash of the content where there is none;
    ``cursor`` the server's hash alone. ``table_id`` is the server's number of the table,
    ``table_name`` what staff call it. ``waiter_id`` and ``waiter`` are the till's id and
    name of whoever serves the order. ``order_sum`` and ``amount_due`` are in
    the restaurant's currency; ``left`` is what is due where that cannot be the whole sum,
    ``payments`` what was paid of the order so far. ``raw`` is the server's object.
    """

    event_id: str
    cursor: str | None
    kind: Kind
    code: str | None
    table_id: str | None
    table_name: str | None
    order_id: str | None
    order_sum: float | None
    waiter: str | None
    waiter_id: str | None = None
    dishes: tuple[Dish, ...] | None
    amount_due: float | None
    left: float | None = None
    payments: tuple[float, ...] | None = None
    raw: Mapping[str, Json]

    @property
    def subject(self) -> str:
        """Return what two events of one hash differ by: the code and the table."""
        return f"{self.code or ''}:{self.table_id or self.table_name or ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Malformed:
    """What stands among the events and is none: an id of its content, keys and types."""

    event_id: str
    shape: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Updates:
    """One answer: its events in order, and what was none."""

    events: tuple[QrMenuEvent, ...]
    malformed: tuple[Malformed, ...] = ()
