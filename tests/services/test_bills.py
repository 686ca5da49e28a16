"""Bills by order: what is left at a table, what was paid, and who waits no more."""

from collections.abc import Callable, Mapping
from typing import Any
from unittest.mock import patch

from homeassistant.core import Event, HomeAssistant, callback
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.carbis_alerts.runtime.alerts import AlertManager
from simulator.qr_menu import QrMenuService

from ..alerts import PAYMENTS_TODAY, get_alerts, number_of
from ..automations import automate, ours
from ..conftest import Recorder
from ..helpers import state_of, wait_for_state

G = "{F4CE1102-0000-4000-8000-000000000001}"


def said(
    code: str = "online_payment",
    table: int = 5,
    guid: str | None = G,
    due: float | None = None,
    **order: Any,
) -> dict[str, Any]:
    """Return an event of a table's order."""
    return {
        "code": code,
        "table": table,
        "table_repr": {"id": table, "name": str(table)},
        "invoice": None if due is None else {"amount_due": due},
        "order": {"guid": guid, **order},
    }


def part(paid: list[float], due: float, **more: Any) -> dict[str, Any]:
    """Return a payment of a part of 3000."""
    payments = [{"id": 1, "sum": amount} for amount in paid]
    return said(due=due, **{"sum": 3000, "payments": payments, **more})


def bill(hass: HomeAssistant, table: int = 5) -> float:
    """Return what a table shows."""
    return number_of(hass, f"sensor.table_{table}_bill")


async def test_a_bill_is_paid_in_two_parts(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    bus: Recorder,
    alerts: Recorder,
) -> None:
    qr_menu.waiter_call("5")
    table = qr_menu.restaurant.table("5").id
    await alerts.wait(1)

    qr_menu.push(part([1000.0], 2000, table=table))
    first = (await bus.wait(2))[1]
    assert (first["paid"], first["order_sum"], first["amount_due"]) == (
        1000,
        3000,
        2000,
    )
    assert bill(hass) == 2000
    assert number_of(hass, PAYMENTS_TODAY) == 1000
    assert [alert["state"] for alert in await get_alerts(hass)] == ["open"]

    assert await hass.config_entries.async_reload(entry.entry_id)
    assert bill(hass) == 2000

    qr_menu.push(part([1000.0, 2000.0], 0, table=table))
    second = (await bus.wait(3))[2]
    assert second["paid"] == 2000
    assert bill(hass) == 0
    assert number_of(hass, PAYMENTS_TODAY) == 3000
    closed = (await alerts.wait(2))[1]
    assert (closed["action"], closed["reason"]) == ("closed", "paid")
    # The same again, under another hash; then all is paid back.
    qr_menu.push(part([1000.0, 2000.0], 0, table=table))
    assert (await bus.wait(4))[3]["paid"] == 0
    qr_menu.push(part([1000.0, 2000.0, -3000.0], 3000, table=table))
    assert (await bus.wait(5))[4]["paid"] == -3000
    assert bill(hass) == 3000
    assert number_of(hass, PAYMENTS_TODAY) == 0


async def test_an_order_owes_where_it_has_moved_to(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    bus: Recorder,
    alerts: Recorder,
) -> None:
    qr_menu.push(said("waiter_call", 5, None))
    qr_menu.push(said("moved", 5, due=600))
    await bus.wait(2)
    assert bill(hass) == 600
    # This table has never called.
    qr_menu.push(said("moved", 7, due=600))
    await bus.wait(3)
    assert (bill(hass, 5), bill(hass, 7)) == (0, 600)
    qr_menu.push(said(table=7, sum=600, due=0))
    paid = (await bus.wait(4))[3]
    assert (paid["paid"], bill(hass, 5), bill(hass, 7)) == (600, 0, 0)
    # Nobody paid at that table, and its guests still wait.
    assert [alert["state"] for alert in await get_alerts(hass)] == ["open"]


async def test_who_paid_their_half_waits_on_while_others_of_the_table_owe(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    bus: Recorder,
    alerts: Recorder,
) -> None:
    qr_menu.push(said("waiter_call", 5, None))
    qr_menu.push(said("x", due=600))
    qr_menu.push(said("x", guid="other", due=400))
    await bus.wait(3)
    assert bill(hass) == 1000
    qr_menu.push(said(sum=600, due=0))
    await bus.wait(4)
    assert bill(hass) == 400
    assert len(await get_alerts(hass)) == 1
    qr_menu.push(said(guid="other", sum=400, due=0))
    assert (await alerts.wait(2))[1]["reason"] == "paid"


async def test_where_the_menu_says_too_little_it_is_as_it_was(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    bus: Recorder,
    alerts: Recorder,
) -> None:
    qr_menu.push(said("waiter_call", 5, None))
    for guid in (None, "first", "second"):
        qr_menu.push(said(guid=guid, sum=186, payments=[]))
    paid = (await bus.wait(4))[1:]
    assert [data["paid"] for data in paid] == [None, None, None]
    assert bill(hass) == 0
    assert number_of(hass, PAYMENTS_TODAY) == 558
    assert (await alerts.wait(2))[1]["reason"] == "paid"


async def test_what_is_tried_again_is_paid_once(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder
) -> None:
    real = AlertManager.async_take
    failures = 1

    def take(manager: AlertManager, event: Any) -> Any:
        nonlocal failures
        if failures:
            failures -= 1
            raise RuntimeError
        return real(manager, event)

    with patch.object(AlertManager, "async_take", take):
        qr_menu.push(part([1000.0], 2000))
        (data,) = await bus.wait(1)
    assert (data["type"], data["paid"]) == ("online_payment", 1000)
    assert number_of(hass, PAYMENTS_TODAY) == 1000
    assert bill(hass) == 2000


async def test_what_was_paid_before_the_set_up_is_not_paid_now(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    make_entry: Callable[..., MockConfigEntry],
    bus: Recorder,
) -> None:
    qr_menu.push(said("x", sum=3000, due=3000))
    qr_menu.push(said(sum=3000, due=2000))
    made = make_entry(qr_menu)
    assert await hass.config_entries.async_setup(made.entry_id)
    await wait_for_state(hass, "binary_sensor.qr_menu_127_0_0_1_connection", "on")
    assert bill(hass) == 2000
    qr_menu.push(said(sum=3000, due=0))
    (data,) = await bus.wait(1)
    assert data["paid"] == 2000


async def test_a_payment_from_so_much_on(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry
) -> None:
    def paid(least: float) -> Mapping[str, Any]:
        return ours("payment_received", minimum_paid=least)

    runs = await automate(
        hass,
        {
            "any": ours("payment_received"),
            "zero": paid(0),
            "part": paid(1000),
            "more": paid(1000.01),
            "both": ours("payment_received", minimum_sum=3000, minimum_paid=1000),
            "large": ours("payment_received", minimum_sum=3000.01, minimum_paid=0),
        },
    )
    qr_menu.push(part([1000.0], 2000))
    qr_menu.push(part([1000.0, -500.0], 2500))
    # Nobody can know: as all of the order.
    qr_menu.push(said(guid="other", sum=1500))
    await runs.wait(8)
    await runs.all_done()
    assert runs.counts == {"any": 3, "zero": 2, "part": 2, "more": 1, "both": 1}


async def test_the_bill_is_there_before_the_bus_says(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder
) -> None:
    seen: list[tuple[str, str]] = []
    qr_menu.push(said("x", 7, None, 1))
    qr_menu.push(said("x", 5, due=600))
    await bus.wait(2)

    @callback
    def look(_: Event) -> None:
        seen.append(
            (
                state_of(hass, "sensor.table_5_bill"),
                state_of(hass, "sensor.table_7_bill"),
            )
        )

    hass.bus.async_listen("carbis_alerts_event", look)
    qr_menu.push(said("x", 7, due=600))
    await bus.wait(3)
    assert seen == [("0.0", "600.0")]
