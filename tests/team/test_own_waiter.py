"""A guest's press reaches the table's own waiter, and nobody else."""

from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulator.qr_menu import QrMenuService

from ..alerts import act, table_calls
from ..blueprints.staff import Staff
from ..fixtures import Recorder
from ..helpers import wait_until
from .dispatching import ONCE, SOON, make, press, shown, staff, with_phones
from .test_whose import order

__all__ = ["staff"]


async def test_the_tables_own_waiter_is_called_and_nobody_else(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    qr_menu: QrMenuService,
    staff: Staff,
    alerts: Recorder,
    bus: Recorder,
) -> None:
    people = with_phones(staff, "Anna", "Boris")
    people["Anna"]["pos_waiter"] = "15"
    await make(hass, people, (ONCE, SOON))

    # Of a table of which the till says nothing all are called.
    await table_calls(qr_menu, alerts, "7")
    await wait_until(lambda: bool(shown(staff, "Anna") and shown(staff, "Boris")))
    await act(hass, "close", alert_id=alerts.data[-1]["alert_id"])
    await wait_until(lambda: not (shown(staff, "Anna") or shown(staff, "Boris")))

    await order(qr_menu, bus, "6")
    await table_calls(qr_menu, alerts, "6")
    await wait_until(lambda: bool(shown(staff, "Anna")))
    await hass.async_block_till_done()
    assert not shown(staff, "Boris")

    # Where she does not come, the next are called at once.
    await press(staff, "Anna", "Not me")
    await wait_until(lambda: bool(shown(staff, "Boris")))
    await wait_until(lambda: not shown(staff, "Anna"))
