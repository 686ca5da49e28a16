"""What is left to pay, and what a payment paid."""

from collections.abc import Mapping
from typing import Any, Final

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.carbis_alerts.domain.bills import (
    KEPT_FOR,
    MAX_ORDERS,
    PRESENT_FOR,
    Bills,
    Taken,
)
from custom_components.carbis_alerts.domain.payments import Said

G = "{F4CE1102-0000-4000-8000-000000000001}"
H = "{F4CE1102-0000-4000-8000-000000000002}"
NOW = 1_790_000_000.0


class Menu:
    """Bills that hear of one event after another, each a minute later."""

    def __init__(self) -> None:
        self.bills = Bills()
        self.shown: dict[str, float] = {}
        self.counted = 0.0
        self.now = NOW

    def says(self, table: str | None = "5", **said: Any) -> Taken:
        self.now += 60
        taken = self.bills.take(Said(at=self.now, table=table, **said))
        self.bills.keep(taken)
        self.shown |= taken.bills
        self.counted += taken.counted
        return taken

    def pays(self, order_id: str | None = G, **said: Any) -> Taken:
        return self.says(order_id=order_id, is_payment=True, **said)

    def restarts(self) -> None:
        stored = self.bills.as_list()
        self.bills = Bills()
        self.bills.restore(stored)
        assert self.bills.as_list() == stored


def test_a_bill_that_is_split_is_paid_in_parts() -> None:
    menu = Menu()
    first = menu.pays(sum=3000, payments=(1000,), due=2000)
    assert (first.paid, first.left, menu.shown) == (1000, 2000, {"5": 2000})
    menu.restarts()
    second = menu.pays(sum=3000, payments=(1000, 2000), due=0)
    assert (second.paid, second.left, menu.shown) == (2000, 0, {"5": 0})
    assert menu.counted == 3000


@pytest.mark.parametrize(
    "known",
    [
        # What is due follows from what is listed, and what was paid from what is due.
        ({"payments": (1000,)}, {"payments": (1000, 2000)}),
        ({"due": 2000}, {"due": 0}),
        ({"due": 2000, "payments": ()}, {"due": 0, "payments": ()}),
        ({"payments": (1000,)}, {"due": 0}),
        ({"due": 2000}, {"payments": (1000, 2000)}),
        # A list of the payment itself alone.
        ({"due": 2000, "payments": (1000,)}, {"due": 0, "payments": (2000,)}),
        # A list that was left out.
        ({"due": 2000, "payments": (1000,)}, {"due": 0, "payments": ()}),
    ],
)
@pytest.mark.parametrize("seen", [True, False])
def test_parts_are_known_by_whatever_says_so(
    known: tuple[Mapping[str, Any], ...], seen: bool
) -> None:
    menu = Menu()
    if seen:
        menu.says(order_id=G, sum=3000, due=3000)
    first, second = (menu.pays(sum=3000, **said) for said in known)
    assert (first.paid, first.left) == (1000, 2000)
    assert (second.paid, second.left) == (2000, 0)
    assert menu.counted == 3000


def test_dishes_that_are_added_between_parts_are_not_paid() -> None:
    menu = Menu()
    menu.says(order_id=G, sum=3000, due=3000)
    menu.pays(sum=3000, due=2000)
    assert menu.says(order_id=G, sum=3500).bills == {"5": 2500}
    # Nobody said so of these.
    assert menu.pays(sum=4000, due=1000).paid == 2000
    assert menu.counted == 3000


@pytest.mark.parametrize(
    "said",
    [
        {"payments": (1000, 2000, -500), "due": 500},
        {"payments": (1000, 2000, -500)},
        {"payments": (1000, 1500)},
        {"due": 500},
    ],
)
def test_what_is_paid_back_is_left_again(said: Mapping[str, Any]) -> None:
    menu = Menu()
    menu.pays(sum=3000, payments=(1000,))
    menu.pays(sum=3000, payments=(1000, 2000))
    refund = menu.pays(sum=3000, **said)
    assert (refund.paid, refund.left, menu.counted) == (-500, 500, 2500)


def test_a_list_that_is_empty_again_is_a_refund_of_all() -> None:
    menu = Menu()
    menu.pays(sum=3000, payments=(3000,))
    refund = menu.pays(sum=3000, payments=())
    assert (refund.paid, refund.left, menu.counted) == (-3000, 3000, 0)


@pytest.mark.parametrize(
    "said",
    [
        {"sum": 3000, "payments": (1000,), "due": 2000},
        {"sum": 3000, "payments": (1000,)},
        {"sum": 3000, "due": 2000},
    ],
)
def test_a_payment_that_comes_twice_counts_once(said: Mapping[str, Any]) -> None:
    menu = Menu()
    assert menu.pays(**said).paid == 1000
    again = menu.pays(**said)
    assert (again.paid, again.left, menu.counted) == (0, 2000, 1000)


def test_of_an_order_that_nobody_saw_begin_only_the_newest_payment_counts() -> None:
    menu = Menu()
    taken = menu.pays(sum=3000, payments=(1000, 1500))
    assert (taken.paid, taken.left) == (1500, 500)
    assert menu.pays(sum=3000, payments=(1000, 1500, 500)).paid == 500


def test_what_was_missed_of_an_order_that_was_seen_is_counted() -> None:
    menu = Menu()
    menu.says(order_id=G, sum=3000)
    assert menu.pays(sum=3000, payments=(1000, 2000)).paid == 3000


def test_what_is_paid_in_cash_is_no_online_payment() -> None:
    menu = Menu()
    menu.says(order_id=G, sum=3000)
    menu.says(order_id=G, sum=3000, payments=(500,))
    assert menu.shown == {"5": 2500}
    assert menu.pays(sum=3000, payments=(500, 2500)).paid == 2500
    menu.says(order_id=H, sum=700, due=700)
    assert menu.says(order_id=H, due=0).bills == {"5": 0}
    assert menu.counted == 2500


def test_an_order_owes_where_it_has_moved_to() -> None:
    menu = Menu()
    menu.says("5", order_id=G, due=600)
    assert menu.shown == {"5": 600}
    menu.restarts()
    assert menu.says("7", order_id=G.lower()).bills == {"5": 0, "7": 600}
    # Where it is paid without its table, it is still there.
    assert menu.pays(table=None, sum=600).bills == {"7": 0}


def test_a_table_owes_what_all_its_orders_owe() -> None:
    menu = Menu()
    menu.says(order_id=G, due=600)
    menu.says(order_id=H, due=400)
    assert menu.shown == {"5": 1000}
    assert menu.pays(G, sum=600, due=0).left == 400
    assert menu.says("7", order_id=H).bills == {"5": 0, "7": 400}


def test_an_order_of_guests_who_left_does_not_count_beside_another() -> None:
    menu = Menu()
    menu.says(order_id=G, due=600)
    menu.now += PRESENT_FOR
    assert menu.says(order_id=H, due=400).left == 400
    # It is still known.
    assert menu.pays(G, sum=600, due=100).paid == 500


@pytest.mark.parametrize("order_id", [None, "", "0", "{00000000-0000-0000-0000-0000}"])
def test_without_an_id_a_payment_is_all_of_it_each_time(order_id: str | None) -> None:
    menu = Menu()
    menu.says(due=186)
    assert menu.shown == {"5": 186}
    for _ in range(2):
        taken = menu.pays(order_id, sum=186, payments=())
        assert (taken.paid, taken.left, taken.bills) == (None, 0, {"5": 0})
    assert menu.counted == 372
    # What is said is believed.
    assert menu.pays(order_id, sum=3000, payments=(1000, 500), due=1500).paid == 500
    assert menu.shown == {"5": 1500}


def test_without_amounts_a_payment_is_all_of_it_once() -> None:
    menu = Menu()
    menu.says(order_id=G, sum=3000, due=3000)
    for payments in (None, ()):
        taken = menu.pays(sum=3000, payments=payments)
        assert (taken.paid, taken.left) == (None, 0)
    assert menu.counted == 3000
    assert menu.says(order_id=G, sum=3200).left == 200


def test_what_says_nothing_changes_nothing() -> None:
    menu = Menu()
    assert menu.says().bills == {}
    menu.says(order_id=G, due=600)
    for said in ({}, {"order_id": G}, {"order_id": H}):
        taken = menu.says(**said)
        assert not taken.bills or taken.bills == {"5": 600}
    nothing = menu.pays(None, table=None)
    assert (nothing.paid, nothing.counted, nothing.bills) == (None, 0, {})
    assert menu.shown == {"5": 600}


def test_a_bill_without_an_id_is_that_of_the_order_that_is_open() -> None:
    menu = Menu()
    menu.says(due=600)
    # It has its id now.
    assert menu.says(order_id=G, sum=600).left == 600
    # The table's bill, without one.
    assert menu.says(due=900).left == 900
    assert menu.pays(G, sum=900, due=400).paid == 500
    assert menu.pays(None, sum=900).left == 0
    # The next guests.
    assert menu.says(due=50).left == 50


def test_rounding_of_a_split_bill_leaves_nothing() -> None:
    menu = Menu()
    parts = [menu.pays(sum=100, payments=(33.33,) * count) for count in (1, 2, 3)]
    assert (parts[-1].left, menu.counted) == (0, 99.99)


def test_what_is_not_kept_changes_nothing() -> None:
    menu = Menu()
    said = Said(at=NOW, table="5", order_id=G, is_payment=True, sum=30, payments=(10,))
    assert menu.bills.take(said) == menu.bills.take(said)
    assert len(menu.bills) == 0


def test_so_many_orders_are_kept_for_so_long() -> None:
    menu = Menu()
    for number in range(MAX_ORDERS + 20):
        menu.bills.keep(
            menu.bills.take(
                Said(at=NOW, table=str(number), order_id=f"{number}" * 50, due=1)
            )
        )
    assert len(menu.bills) == MAX_ORDERS
    assert len(str(menu.bills.as_list())) < 100 * MAX_ORDERS
    menu.now = NOW + KEPT_FOR
    menu.says(order_id=G, due=1)
    assert len(menu.bills) == 1


@pytest.mark.parametrize(
    "stored",
    [
        *(None, "x", {}, [None, [], ["a"], "abcdefg", [1, 2, 3, 4, 5, 6, 7]]),
        [["g", 5, 1, 1, 1, 1, 1], [None, "5", 1, 1, 1, 1, 1]],
    ],
)
def test_what_is_no_order_is_not_taken_over(stored: object) -> None:
    bills = Bills()
    bills.restore(stored)
    assert len(bills) == 0


def test_numbers_that_nobody_can_reckon_with_are_not_taken_over() -> None:
    bills = Bills()
    row = ["g", "5", "x", float("nan"), float("inf"), 1, True]
    bills.restore([row])
    assert bills.as_list() == [["g", "5", None, None, 0.0, 1, 0]]


class Till:
    """A till that knows everything, and says it to a menu."""

    def __init__(self, menu: Menu, by: str) -> None:
        self.menu = menu
        self.by = by
        self.tables: dict[str, str] = {}
        self.sums: dict[str, float] = {}
        self.payments: dict[str, list[float]] = {}
        self.last: dict[str, Any] = {}

    def orders(self, order_id: str, table: str, amount: float) -> None:
        self.tables.setdefault(order_id, table)
        self.sums[order_id] = self.sums.get(order_id, 0.0) + amount
        self.payments.setdefault(order_id, [])
        self.say(order_id)

    def moves(self, order_id: str, table: str, _: float) -> None:
        self.tables[order_id] = table
        self.say(order_id)

    def pays(self, order_id: str, _: str, amount: float) -> None:
        self.books(order_id, min(amount, self.left(order_id)))

    def pays_back(self, order_id: str, _: str, amount: float) -> None:
        self.books(order_id, -min(amount, sum(self.payments[order_id])))

    def books(self, order_id: str, amount: float) -> None:
        if amount := round(amount, 2):
            self.payments[order_id].append(amount)
            self.say(order_id, is_payment=True)

    def left(self, order_id: str) -> float:
        return round(self.sums[order_id] - sum(self.payments[order_id]), 2)

    def owed(self, table: str) -> list[float]:
        return [self.left(order) for order, at in self.tables.items() if at == table]

    def say(self, order_id: str, *, is_payment: bool = False) -> None:
        said: dict[str, Any] = {"sum": round(self.sums[order_id], 2)}
        if self.by != "list" and is_payment:
            said["due"] = self.left(order_id)
        if self.by != "due":
            said["payments"] = tuple(self.payments[order_id])
        self.last = {
            "table": self.tables[order_id],
            "order_id": order_id,
            "is_payment": is_payment,
            **said,
        }
        self.menu.says(**self.last)


DOES: Final = (Till.orders, Till.moves, Till.pays, Till.pays_back)


@settings(deadline=None)
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from([*DOES, "again", "restart", "call"]),
            st.sampled_from([G, H, "third"]),
            st.sampled_from(["5", "7", "8"]),
            st.integers(1, 5_000),
        ),
        max_size=40,
    ),
    by=st.sampled_from(["list", "due", "both"]),
    whole=st.sampled_from([0.01, 1]),
)
def test_nothing_is_made_up_whatever_guests_do(
    steps: list[tuple[Any, str, str, int]], by: str, whole: float
) -> None:
    menu = Menu()
    till = Till(menu, by)
    for does, order_id, table, number in steps:
        if does == "restart":
            menu.restarts()
        elif does == "call":
            menu.says(table)
        elif does == "again":
            # The last one, under another hash.
            menu.says(**till.last)
        else:
            act = does if order_id in till.sums else Till.orders
            act(till, order_id, table, round(number * whole + 0.1, 2))

    paid = sum(map(sum, till.payments.values()))
    assert menu.counted == pytest.approx(paid, abs=0.01)
    for table in ("5", "7", "8"):
        owed = till.owed(table)
        error = 0.05 * len(owed) + 0.001
        assert menu.shown.get(table, 0.0) == pytest.approx(sum(owed), abs=error)


@settings(deadline=None)
@given(
    said=st.lists(
        st.builds(
            Said,
            at=st.sampled_from([0.0, NOW, NOW + 60, NOW - 1e6, 1e18]),
            table=st.sampled_from([None, "5", "7"]),
            order_id=st.sampled_from([None, G, H, "", "@5", "x" * 300]),
            is_payment=st.booleans(),
            sum=st.none() | st.floats(-1e15, 1e15),
            due=st.none() | st.floats(-1e15, 1e15),
            payments=st.none()
            | st.lists(st.floats(-1e15, 1e15), max_size=4).map(tuple),
        ),
        max_size=12,
    )
)
def test_whatever_is_said_leaves_bills_that_can_be_stored(said: list[Said]) -> None:
    bills = Bills()
    for one in said:
        taken = bills.take(one)
        bills.keep(taken)
        assert all(left >= 0 for left in taken.bills.values())
        assert taken.paid is None or taken.paid == taken.counted
        assert (taken.left is None) or taken.left >= 0
    again = Bills()
    again.restore(bills.as_list())
    assert len(again) == len(bills)
