"""A guest who asks for the bill is called out, shown and pushed as one who calls."""

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.carbis_alerts.const import CONF_CODE_MEANINGS
from simulator.qr_menu import QrMenuService

from ..alerts import site_clock
from ..conftest import Recorder
from ..helpers import wait_until
from .conftest import Automate, MakePhone

BILL = {"code": "need_bill", "table": 6, "table_repr": {"id": 6, "name": "6"}}


@pytest.fixture
async def asking(hass: HomeAssistant, entry: MockConfigEntry) -> MockConfigEntry:
    """Have a code that asks for the bill."""
    meanings = [{"code": "need_bill", "meaning": "bill_request"}]
    hass.config_entries.async_update_entry(
        entry, options={**entry.options, CONF_CODE_MEANINGS: meanings}
    )
    await hass.async_block_till_done()
    return entry


@pytest.mark.usefixtures("asking")
async def test_it_comes_to_the_phones(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    alerts: Recorder,
    automate: Automate,
    phone: MakePhone,
) -> None:
    anna, boris = phone("Anna"), phone("Boris")
    staff = [{"phone": anna.device_id}, {"phone": boris.device_id}]
    await automate("push", staff=staff)
    qr_menu.push(BILL)
    await wait_until(lambda: len(boris.calls) == 1)
    assert anna.messages == boris.messages == ["Table 6 asks for the bill."]
    anna.tap(0)
    assert (await alerts.wait(2))[1]["action"] == "acknowledged"
    await wait_until(lambda: len(boris.calls) == 2)


@pytest.mark.usefixtures("asking")
async def test_nobody_who_comes_is_escalated(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    alerts: Recorder,
    automate: Automate,
    phone: MakePhone,
) -> None:
    manager = phone("Manager")
    with site_clock("19:00") as clock:
        await automate("escalation", phones=[manager.device_id], kinds=[])
        qr_menu.push(BILL)
        await alerts.wait(1)
        await clock.wait(hass, seconds=120)
        await wait_until(lambda: len(manager.calls) == 1)
    assert manager.messages == ["Table 6 has waited for the bill for 2 min."]
