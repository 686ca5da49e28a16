"""What a QR menu says of money."""

import pytest

from custom_components.carbis_alerts.api.qr_menu import parse_event
from custom_components.carbis_alerts.api.types import Json


@pytest.mark.parametrize(
    ("listed", "payments"),
    [
        (None, None),
        ("x", None),
        ({}, None),
        ([], ()),
        ([{"id": 1, "sum": 1000.0}, {"id": 1, "sum": "2000,50"}], (1000.0, 2000.5)),
        # A list that PHP wrote, and another name.
        ({"1": {"sum": 5}, "2": {"amount": -3}}, (5.0, -3.0)),
        # Of one nobody knows how much it was.
        ([{"sum": 1000}, {"id": 2}], None),
        ([5], None),
        ([{"sum": True}], None),
        ([{"sum": 1}] * 1_001, None),
    ],
)
def test_payments_are_read_where_all_are_known(
    listed: Json, payments: tuple[float, ...] | None
) -> None:
    event = parse_event({"code": "online_payment", "order": {"payments": listed}})
    assert event is not None
    assert event.payments == payments


@pytest.mark.parametrize(
    ("invoice", "due", "left"),
    [
        ({}, None, None),
        ({"amount_due": 2000, "amount": 5}, 2000, 2000),
        ({"to_pay": "0"}, 0, 0),
        # It cannot be the whole sum.
        ({"amount": 2000, "sum": 3000}, 2000, 2000),
        # It can.
        ({"sum": 3000}, 3000, None),
        ({"amount": 3500}, 3500, None),
    ],
)
def test_what_may_be_the_whole_sum_says_nothing_of_what_is_left(
    invoice: Json, due: float | None, left: float | None
) -> None:
    event = parse_event({"code": "x", "invoice": invoice, "order": {"sum": 3000}})
    assert event is not None
    assert (event.amount_due, event.left) == (due, left)
    alone = parse_event({"code": "x", "invoice": invoice})
    assert alone is not None
    known = isinstance(invoice, dict) and not {"amount_due", "to_pay"}.isdisjoint(
        invoice
    )
    assert alone.left == (due if known else None)
