"""A restaurant to show things with: its tables, its menu, and what its guests ordered."""

from dataclasses import dataclass, field
import random
from uuid import UUID

FIRST_TABLE_ID = 1000023
TABLE_NAMES = (
    "1",
    "2",
    "3",
    "4",
    "5",
    "6",
    "7",
    "8",
    "Бар",
    "VIP-зал",
    "Терраса 1",
    "Терраса 2",
)
SEATS = (2, 2, 4, 4, 4, 50, 6, 8, 10, 12, 4, 4)
WAITERS = ((9002, "Анна"), (9003, "Дмитрий"), (9004, "Гульнара"))


@dataclass(frozen=True, slots=True)
class Dish:
    """A dish on the menu, or a modifier of one."""

    id: int
    name: str
    price: float
    modifiers: tuple[Dish, ...] = ()
    """One of these goes with it."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table; its name is what staff call it."""

    id: int
    name: str
    seats: int


@dataclass(frozen=True, slots=True)
class Line:
    """A dish in an order."""

    dish: Dish
    count: float
    modifiers: tuple[Line, ...] = ()

    @property
    def sum(self) -> float:
        """Return what it costs, its modifiers included."""
        return round(
            self.count * (self.dish.price + sum(line.sum for line in self.modifiers)), 2
        )


@dataclass(slots=True)
class Order:
    """What a table ordered and has not paid yet."""

    id: int
    guid: UUID
    table: Table
    waiter: tuple[int | None, str | None]
    """Id and name of whoever serves it, by the till."""
    lines: list[Line] = field(default_factory=list)
    payments: list[float] = field(default_factory=list)

    @property
    def left(self) -> float:
        """Return what is left to pay."""
        return round(self.sum - sum(self.payments), 2)

    @property
    def sum(self) -> float:
        """Return what is to be paid."""
        return round(sum(line.sum for line in self.lines), 2)


_ROASTS = (Dish(1000201, "Слабая прожарка", 0), Dish(1000202, "Средняя прожарка", 0))
_SAUCES = (Dish(1000203, "Сметана", 40), Dish(1000204, "Чесночный соус", 60))
_MILKS = (Dish(1000205, "Овсяное молоко", 70), Dish(1000206, "Ванильный сироп", 50))
MENU = (
    Dish(1000041, "Борщ с говядиной", 420, _SAUCES),
    Dish(1000042, "Пельмени сибирские", 490, _SAUCES),
    Dish(1000043, "Салат «Оливье»", 380),
    Dish(1000044, "Стейк рибай", 2350, _ROASTS),
    Dish(1000045, "Котлета по-киевски", 640),
    Dish(1000046, "Судак с овощами", 890),
    Dish(1000047, "Сырники со сметаной", 360),
    Dish(1000048, "Медовик", 340),
    Dish(1000049, "Морс клюквенный 0,5 л", 220),
    Dish(1000050, "Капучино", 260, _MILKS),
    Dish(1000051, "Чай с чабрецом", 310),
    Dish(1000052, "Хлебная корзина", 150),
)


class Restaurant:
    """Tables with their open orders."""

    def __init__(self, rng: random.Random | None = None) -> None:
        """Open with all tables free."""
        self.random = rng or random.Random()
        self.tables: dict[str, Table] = {}
        self.orders: dict[str, Order] = {}
        self._last_order = 500100
        for name, seats in zip(TABLE_NAMES, SEATS, strict=True):
            self.add_table(name, seats)

    def add_table(self, name: str, seats: int = 4) -> Table:
        """Put up a table."""
        table = Table(FIRST_TABLE_ID + len(self.tables), name, seats)
        self.tables[name] = table
        return table

    def table(self, name: str | int) -> Table:
        """Return a table by its name. Raises LookupError with a text for people."""
        try:
            return self.tables[str(name)]
        except KeyError:
            raise LookupError(
                f"no table is called {name}; there are {', '.join(self.tables)}"
            ) from None

    def order(
        self, name: str | int, lines: list[Line] | None = None
    ) -> tuple[Order, list[Line]]:
        """Add to the order of a table, one to three dishes off the menu unless some are given.

        Returns the order and what was added.
        """
        table = self.table(name)
        if lines is None:
            dishes = self.random.sample(MENU, self.random.randint(1, 3))
            lines = [self._line(dish) for dish in dishes]
        order = self.orders.get(table.name) or self._open(table)
        order.lines.extend(lines)
        return order, lines

    def pay(self, name: str | int, amount: float | None = None) -> Order:
        """Pay the order of a table, all of it or an amount, and return it; once all is paid it is closed.

        One that a waiter took is made up if there is none.
        """
        table = self.table(name)
        order = self.orders.get(table.name) or self.order(table.name)[0]
        if amount is not None or order.payments:
            order.payments.append(order.left if amount is None else amount)
        if amount is None or order.left <= 0:
            del self.orders[table.name]
        return order

    def open_order(self, name: str | int) -> Order:
        """Return the order of a table. Raises LookupError with a text for people."""
        table = self.table(name)
        try:
            return self.orders[table.name]
        except KeyError:
            raise LookupError(f"table {name} has no order") from None

    def move(self, name: str | int, to: str | int) -> Order:
        """Move the order of a table to a free one, as the till does; return it.

        Raises LookupError for an unknown table and one without an order, ValueError where
        the other is not free.
        """
        order, table = self.open_order(name), self.table(to)
        if table.name in self.orders:
            raise ValueError(f"table {to} has an order")
        del self.orders[order.table.name]
        order.table = table
        self.orders[table.name] = order
        return order

    def close(self, name: str | int) -> Order:
        """Close the order of a table that was paid at the till; return it."""
        order = self.open_order(name)
        del self.orders[order.table.name]
        return order

    def _open(self, table: Table) -> Order:
        self._last_order += 1
        order = Order(
            self._last_order,
            UUID(int=self.random.getrandbits(128), version=4),
            table,
            WAITERS[table.id % len(WAITERS)],
        )
        self.orders[table.name] = order
        return order

    def _line(self, dish: Dish) -> Line:
        modifiers = (
            (Line(self.random.choice(dish.modifiers), 1),) if dish.modifiers else ()
        )
        return Line(dish, self.random.choice((1, 1, 1, 2)), modifiers)
