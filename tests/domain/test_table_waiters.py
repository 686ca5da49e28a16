"""Who serves a table by the till."""

from typing import Any

from hypothesis import given, strategies as st
import orjson
import pytest

from custom_components.carbis_alerts.domain.bills import PRESENT_FOR
from custom_components.carbis_alerts.domain.table_waiters import (
    MAX_ORDERS,
    MAX_WAITERS,
    TableWaiters,
    Waiter,
    waiter_named,
)

NOW = 1_790_000_000.0
ANNA = Waiter("15", "Анна")
BORIS = Waiter("16", "Борис")


@pytest.fixture
def waiters() -> TableWaiters:
    return TableWaiters()


def test_the_waiter_of_the_open_order(waiters: TableWaiters) -> None:
    assert waiters.at("6", NOW) is None
    waiters.take("g1", "6", ANNA, NOW)
    assert waiters.at("6", NOW + 60) == ANNA
    assert waiters.at("7", NOW) is None
    # Another event of the order that does not name its waiter.
    waiters.take("g1", "6", None, NOW + 60)
    assert waiters.at("6", NOW + 60) == ANNA


def test_another_waiter_takes_over(waiters: TableWaiters) -> None:
    waiters.take("g1", "6", ANNA, NOW)
    waiters.take("g1", "6", BORIS, NOW)
    assert waiters.at("6", NOW) == BORIS


def test_an_order_moves_to_another_table(waiters: TableWaiters) -> None:
    waiters.take("g1", "6", ANNA, NOW)
    waiters.take("g1", "7", None, NOW)
    assert waiters.at("6", NOW) is None
    assert waiters.at("7", NOW) == ANNA


def test_a_closed_order_is_forgotten(waiters: TableWaiters) -> None:
    waiters.take("g1", "6", ANNA, NOW)
    waiters.forget("g1")
    assert waiters.at("6", NOW) is None
    waiters.forget("g1")


def test_of_two_orders_the_one_heard_of_last_counts(waiters: TableWaiters) -> None:
    waiters.take("g1", "6", ANNA, NOW)
    waiters.take("g2", "6", BORIS, NOW + 1)
    assert waiters.at("6", NOW + 2) == BORIS
    waiters.take("g1", "6", None, NOW + 3)
    assert waiters.at("6", NOW + 4) == ANNA
    waiters.forget("g1")
    assert waiters.at("6", NOW + 4) == BORIS


def test_an_order_that_nothing_is_heard_of_no_longer_counts(
    waiters: TableWaiters,
) -> None:
    waiters.take("g1", "6", ANNA, NOW)
    assert waiters.at("6", NOW + PRESENT_FOR) == ANNA
    assert waiters.at("6", NOW + PRESENT_FOR + 1) is None
    # A clock that was set far back.
    assert waiters.at("6", NOW - PRESENT_FOR - 1) is None


@pytest.mark.parametrize("name", ["Система", "СИСТЕМА ", "System"])
def test_the_till_itself_is_nobody(waiters: TableWaiters, name: str) -> None:
    waiters.take("g1", "6", waiter_named("1", name), NOW)
    assert waiters.at("6", NOW) is None
    assert waiters.seen == []
    # Whoever had the order before has it no more.
    waiters.take("g2", "7", ANNA, NOW)
    waiters.take("g2", "7", waiter_named("1", name), NOW)
    assert waiters.at("7", NOW) is None


@pytest.mark.parametrize(
    ("id_", "name", "waiter"),
    [
        (15, "Анна", ANNA),
        ("15", " Анна ", ANNA),
        ("0", "Анна", Waiter(None, "Анна")),
        (0, "", None),
        (None, None, None),
        ([], {}, None),
    ],
)
def test_what_an_order_says_of_its_waiter(
    id_: Any, name: Any, waiter: Waiter | None
) -> None:
    assert waiter_named(id_, name) == waiter


def test_a_waiter_is_known_by_id_or_name() -> None:
    assert ANNA.is_called("15")
    assert ANNA.is_called(" анна")
    assert not ANNA.is_called("1")
    assert not ANNA.is_called("")
    assert not ANNA.is_called(None)
    assert not Waiter(None, None).is_called("")


def test_those_seen_are_proposed_the_newest_first(waiters: TableWaiters) -> None:
    for number, waiter in enumerate((ANNA, BORIS, ANNA)):
        waiters.take(f"g{number}", "6", waiter, NOW)
    assert waiters.seen == [ANNA, BORIS]
    married = Waiter("15", "Анна К.")
    waiters.take("g9", "6", married, NOW)
    assert waiters.seen == [married, BORIS]


def test_it_is_the_same_after_a_restart(waiters: TableWaiters) -> None:
    waiters.take("g1", "6", ANNA, NOW)
    waiters.take("g2", "7", Waiter(None, "Вера"), NOW)
    stored = orjson.loads(orjson.dumps(waiters.as_dict()))
    again = TableWaiters()
    again.restore(stored)
    assert again.as_dict() == stored
    assert again.at("6", NOW) == ANNA
    assert again.seen == waiters.seen


@pytest.mark.parametrize(
    "stored",
    [
        None,
        [],
        {"seen": 1, "orders": {}},
        {"seen": [1, ["1"], [None, None]], "orders": [[], ["g", "6", "1", 1], None]},
    ],
)
def test_a_file_that_was_tampered_with_costs_what_is_none(
    waiters: TableWaiters, stored: Any
) -> None:
    waiters.restore(stored)
    assert waiters.as_dict() == {"seen": [], "orders": []}


def test_no_flood_fills_it(waiters: TableWaiters) -> None:
    for number in range(MAX_ORDERS + 50):
        waiter = Waiter(f"{number}", "😀" * 100)
        waiters.take(f"g{number}", f"t{number}", waiter, NOW)
    stored = waiters.as_dict()
    assert len(stored["orders"]) == MAX_ORDERS
    assert len(stored["seen"]) == MAX_WAITERS
    assert waiters.at("t0", NOW) is None
    assert waiters.at("t60", NOW) is not None


STEPS = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.sampled_from(["6", "7", None]),
        st.sampled_from([ANNA, BORIS, None, Waiter("1", "Система")]),
        st.booleans(),
    ),
    max_size=20,
)


@given(STEPS)
def test_each_table_has_the_waiter_of_an_open_order_of_its_own(
    steps: list[tuple[str, str | None, Waiter | None, bool]],
) -> None:
    waiters = TableWaiters()
    tables: dict[str, str | None] = {}
    said: dict[str, Waiter | None] = {}
    for number, (order, table, waiter, is_closed) in enumerate(steps):
        waiters.take(order, table, waiter, NOW + number)
        tables[order] = table or (tables.get(order) if said.get(order) else None)
        said[order] = waiter or (said.get(order) if tables[order] else None)
        if not (tables[order] and said[order]):
            tables[order] = said[order] = None
        if is_closed:
            waiters.forget(order)
            tables[order] = said[order] = None
    for table in ("6", "7"):
        open_ = {
            waiter
            for order, waiter in said.items()
            if tables[order] == table and waiter and waiter.is_somebody
        }
        found = waiters.at(table, NOW + len(steps))
        assert (found in open_) if open_ else found is None
