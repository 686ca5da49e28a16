"""Who serves a table by the till: the waiter of its open order."""

from dataclasses import dataclass
from typing import Any, Final

from ..api.fields import as_key, as_name
from .bills import PRESENT_FOR
from .short_ids import short_id

# Orders and waiters that are remembered: more than a large restaurant has at a time.
MAX_ORDERS: Final = 300
MAX_WAITERS: Final = 100
# Bytes of the id of an order or a waiter; of a longer one a hash is kept.
MAX_ID: Final = 40
# What a till calls itself where nobody serves an order.
SYSTEM: Final = frozenset({"система", "system"})
NO_ID: Final = "0"


@dataclass(frozen=True, slots=True)
class Waiter:
    """A waiter as the till has them; either of id and name may be missing."""

    id: str | None
    name: str | None

    @property
    def value(self) -> str:
        """Return what distinguishes them: the id, else the name."""
        return self.id or self.name or ""

    @property
    def is_somebody(self) -> bool:
        """Return whether it is a person: a till itself serves nobody."""
        return bool(self.value) and _folded(self.name) not in SYSTEM

    def is_called(self, pos_waiter: str | None) -> bool:
        """Return whether an id or a name, in any case, is theirs."""
        said = _folded(pos_waiter)
        return bool(said) and said in (_folded(self.id), _folded(self.name))


def waiter_named(id_: object, name: object) -> Waiter | None:
    """Return the waiter that an order names, None where it names none at all."""
    id_ = as_key(id_, MAX_ID) if isinstance(id_, str | int) else None
    name = as_name(name) if isinstance(name, str) else None
    if id_ == NO_ID:
        id_ = None
    return Waiter(id_, name) if id_ or name else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Served:
    """An open order: its table, who serves it, and when it was last heard of."""

    table: str
    waiter: Waiter
    at: float


class TableWaiters:
    """The waiters of open orders. Times are in seconds since 1970, tables are keys."""

    def __init__(self) -> None:
        """Begin with none."""
        # What was heard of last is the last, everywhere here.
        self._orders: dict[str, _Served] = {}
        self._tables: dict[str, dict[str, None]] = {}
        self._seen: dict[str, Waiter] = {}

    @property
    def seen(self) -> list[Waiter]:
        """Return the waiters that came, the one that came last first."""
        return [*reversed(self._seen.values())]

    def take(
        self, order: str, table: str | None, waiter: Waiter | None, at: float
    ) -> None:
        """Take what an event says of an order; what it does not say stays as it was.

        ``order`` is what its events have in common.
        """
        order = short_id(order, MAX_ID)
        if (before := self._orders.get(order)) is not None:
            table, waiter = table or before.table, waiter or before.waiter
        self.forget(order)
        if table is None or waiter is None:
            return
        self._orders[order] = _Served(table=table, waiter=waiter, at=at)
        self._tables.setdefault(table, {})[order] = None
        if waiter.is_somebody:
            self._note(waiter)
        if len(self._orders) > MAX_ORDERS:
            self.forget(next(iter(self._orders)))

    def forget(self, order: str) -> None:
        """Forget an order that is closed."""
        order = short_id(order, MAX_ID)
        if (served := self._orders.pop(order, None)) is not None:
            orders = self._tables[served.table]
            del orders[order]
            if not orders:
                del self._tables[served.table]

    def at(self, table: str, now: float) -> Waiter | None:
        """Return who serves a table, None where nobody is known to.

        Of several orders it is the one that was heard of last. One of which nothing was
        heard for long does not count: its guests paid at the till and left.
        """
        for order in reversed(self._tables.get(table, {})):
            served = self._orders[order]
            if abs(now - served.at) <= PRESENT_FOR and served.waiter.is_somebody:
                return served.waiter
        return None

    def as_dict(self) -> dict[str, Any]:
        """Return what to store: rows of waiters, and of orders."""
        return {
            "seen": [[one.id, one.name] for one in self._seen.values()],
            "orders": [
                [order, one.table, one.waiter.value, int(one.at)]
                for order, one in self._orders.items()
                if one.waiter.is_somebody
            ],
        }

    def restore(self, stored: object) -> None:
        """Take over what was stored; what is no such row is passed over."""
        sections = stored if isinstance(stored, dict) else {}
        for row in _rows(sections.get("seen"), MAX_WAITERS):
            match row:
                case [id_, name] if waiter := waiter_named(id_, name):
                    self._note(waiter)
        for row in _rows(sections.get("orders"), MAX_ORDERS):
            match row:
                case [str(order), str(table), str(value), int(at)] if (
                    waiter := self._seen.get(value)
                ):
                    self.take(order, table, waiter, float(at))

    def _note(self, waiter: Waiter) -> None:
        self._seen.pop(waiter.value, None)
        self._seen[waiter.value] = waiter
        if len(self._seen) > MAX_WAITERS:
            del self._seen[next(iter(self._seen))]


def _rows(stored: object, most: int) -> list[Any]:
    return stored[-most:] if isinstance(stored, list) else []


def _folded(text: str | None) -> str:
    """Return a name or an id as it is compared."""
    return " ".join((text or "").casefold().split())
