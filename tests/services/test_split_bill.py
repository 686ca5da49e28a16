"""A bill that three guests pay, a refund and an order that moves: what each step is to say."""

from typing import Any, Final

from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulator.qr_menu import QrMenuService

from ..alerts import PAYMENTS_TODAY, get_alerts, number_of
from ..conftest import Recorder
from .test_bills import said

# What a step is, and what is said after it: what this payment paid, the bills of tables 5
# and 7, payments today, and the call of table 5.
type Row = tuple[str, float | None, float | None, float | None, float, str]

OTHER: Final = "{F4CE1102-0000-4000-8000-000000000002}"
CALL: Final = said("waiter_call", 5, None)
ORDER: Final = said("order", 5, due=3000, sum=3000)


def paying(*payments: float, table: int = 5, **more: Any) -> dict[str, Any]:
    """Return a payment of 3000: what was paid so far, the newest last."""
    listed = [{"id": 1, "sum": amount} for amount in payments]
    due = 3000 - sum(payments)
    return said(table=table, due=due, **{"sum": 3000, "payments": listed, **more})


def bill(hass: HomeAssistant, table: int) -> float | None:
    """Return what a table shows, None where there is none or it is not known."""
    state = hass.states.get(f"sensor.table_{table}_bill")
    return None if state is None or state.state == "unknown" else float(state.state)


async def play(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    bus: Recorder,
    *steps: tuple[str, dict[str, Any]],
) -> list[Row]:
    """Let steps happen one after the other; return what is said after each."""
    rows: list[Row] = []
    for count, (name, content) in enumerate(steps, len(bus.events) + 1):
        qr_menu.push(content)
        event = (await bus.wait(count))[-1]
        await hass.async_block_till_done()
        alerts = await get_alerts(hass) + await get_alerts(hass, state="closed")
        calls = [alert for alert in alerts if alert["kind"] == "waiter_call"]
        call = (
            f"{calls[0]['state']} {calls[0]['outcome'] or ''}".strip() if calls else ""
        )
        rows.append(
            (
                name,
                event["paid"],
                bill(hass, 5),
                bill(hass, 7),
                number_of(hass, PAYMENTS_TODAY),
                call,
            )
        )
        print(*rows[-1], sep=" | ")  # noqa: T201 - shown on request
    return rows


async def test_three_pay_one_gets_money_back_and_the_order_moves(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder
) -> None:
    rows = await play(
        hass,
        qr_menu,
        bus,
        ("called", CALL),
        ("ordered, 3000", ORDER),
        ("first part", paying(1000)),
        ("second part", paying(1000, 1500)),
        ("third part", paying(1000, 1500, 500)),
        ("refund", paying(1000, 1500, 500, -500)),
        ("moved to 7", said("moved", 7, due=500, sum=3000)),
        ("the rest", paying(1000, 1500, 500, -500, 500, table=7)),
    )
    assert rows == [
        ("called", None, None, None, 0, "open"),
        ("ordered, 3000", None, 3000, None, 0, "open"),
        ("first part", 1000, 2000, None, 1000, "open"),
        ("second part", 1500, 500, None, 2500, "open"),
        ("third part", 500, 0, None, 3000, "closed resolved"),
        ("refund", -500, 500, None, 2500, "closed resolved"),
        ("moved to 7", None, 0, 500, 2500, "closed resolved"),
        ("the rest", 500, 0, 0, 3000, "closed resolved"),
    ]


async def test_payments_that_shrink_are_paid_back_and_whoever_waits_waits_on(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder
) -> None:
    rows = await play(
        hass,
        qr_menu,
        bus,
        ("called", CALL),
        ("two parts", paying(1000, 1500)),
        ("one is gone", paying(1000)),
        ("all are gone", paying()),
        ("all at once", paying(3000)),
    )
    assert [row[1:] for row in rows] == [
        (None, None, None, 0, "open"),
        # Nobody saw the order begin: what is listed before the newest was paid before.
        (1500, 500, None, 1500, "open"),
        (-1500, 2000, None, 0, "open"),
        (-1000, 3000, None, -1000, "open"),
        (3000, 0, None, 2000, "closed resolved"),
    ]


async def test_of_an_order_that_nobody_saw_begin_the_newest_payment_counts(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder
) -> None:
    rows = await play(
        hass,
        qr_menu,
        bus,
        ("called", CALL),
        ("listed, 800 before", paying(800, 700)),
        ("and no list", said(guid=OTHER, sum=900, due=400)),
        ("the first is done", paying(800, 700, 1500)),
        ("all is done", said(guid=OTHER, sum=900, due=0)),
    )
    assert [row[1:] for row in rows] == [
        (None, None, None, 0, "open"),
        (700, 1500, None, 700, "open"),
        (500, 1900, None, 1200, "open"),
        (1500, 400, None, 2700, "open"),
        (400, 0, None, 3100, "closed resolved"),
    ]


async def test_an_order_that_moves_to_a_table_that_never_called_ends_no_wait(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder
) -> None:
    rows = await play(
        hass,
        qr_menu,
        bus,
        ("called", CALL),
        ("ordered, 3000", ORDER),
        ("a part", paying(1000)),
        ("moved to 7", said("moved", 7, due=2000, sum=3000)),
        ("paid there", paying(1000, 2000, table=7)),
    )
    assert [row[1:] for row in rows] == [
        (None, None, None, 0, "open"),
        (None, 3000, None, 0, "open"),
        (1000, 2000, None, 1000, "open"),
        (None, 0, 2000, 1000, "open"),
        # Whoever sits at table 5 now still waits.
        (2000, 0, 0, 3000, "open"),
    ]
