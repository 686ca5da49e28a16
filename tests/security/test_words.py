"""Names that mean something to a template, a page, a terminal: they stay text."""

from typing import Any
from unittest.mock import patch

from homeassistant.components.recorder.core import Recorder as Database
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.recorder import get_instance
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.carbis_alerts.api.texts import writable
from simulator.green_api import GreenApiService
from simulator.pbx import PbxService
from simulator.qr_menu import QrMenuService

from ..alerts import TODO, get_alerts, items
from ..blueprints.conftest import Automate, MakePhone, automate, phone
from ..conftest import Recorder
from ..helpers import table_device, wait_for_state, wait_until
from ..services.conftest import MakeWhatsApp

__all__ = ["automate", "phone"]

TEMPLATE = "{{ 6 * 7 }}{% for s in states %}{{ s.entity_id }}{% endfor %}"
MARKUP = "<img src=x onerror=alert(1)>"
CONTROLS = "\x1b[2J\x07\x00\x9b31m"
BIDI = "\u202e\u2066"
NAME = f"{TEMPLATE}{MARKUP}{CONTROLS}\r\n{BIDI}end"
SHOWN = f"{TEMPLATE}{MARKUP}[2J31m end"
GUEST = "79821234567@c.us"


@pytest.fixture(autouse=True)
def _site(
    recorder_mock: Database, enable_custom_integrations: None, socket_enabled: None
) -> None:
    """Let Home Assistant find the component, with a database from its beginning."""


@pytest.fixture
def hass_config_dir(hass_tmp_config_dir: str) -> str:
    """Return a configuration folder that is this test's alone."""
    return hass_tmp_config_dir


def call(table: Any = 42, name: str = NAME, **more: Any) -> dict[str, Any]:
    return {
        "code": "waiter_call",
        "table": table,
        "table_repr": {"id": table, "name": name},
        **more,
    }


async def test_a_name_is_text_in_events_devices_entities_alerts_and_lists(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    bus: Recorder,
    alerts: Recorder,
) -> None:
    qr_menu.push(call(waiter=NAME))
    (data,) = await bus.wait(1)
    (alert,) = await alerts.wait(1)
    await hass.async_block_till_done()

    assert data["table_name"] == SHOWN
    assert alert["title"] == SHOWN
    device = table_device(hass, entry, 42)
    assert device is not None
    assert device.name is not None
    assert device.name.endswith(f"{SHOWN}")
    for entity in er.async_entries_for_device(er.async_get(hass), device.id):
        # An id has nothing but letters, digits and underscores.
        assert entity.entity_id.partition(".")[2].replace("_", "").isalnum()
        state = hass.states.get(entity.entity_id)
        assert state is not None
        assert SHOWN in state.name
    (item,) = await items(hass, TODO)
    assert SHOWN in item["summary"]
    assert (await get_alerts(hass))[0]["title"] == SHOWN
    assert "42" not in alert["title"].replace("{{ 6 * 7 }}", "")


async def test_a_message_is_text_in_the_event_the_alert_and_the_state(
    hass: HomeAssistant,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
    bus: Recorder,
    alerts: Recorder,
) -> None:
    entry = make_whatsapp(green_api)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await wait_for_state(hass, "binary_sensor.whatsapp_4567_connection", "on")
    await wait_until(lambda: entry.runtime_data.journal.is_initialized)
    green_api.message(GUEST, NAME, name=NAME)
    (data,) = await bus.wait(1)
    (alert,) = await alerts.wait(1)
    assert (data["text"], data["sender_name"]) == (writable(NAME), SHOWN)
    assert (alert["text"], alert["title"]) == (writable(NAME), SHOWN)
    state = hass.states.get("event.whatsapp_4567_messages")
    assert state is not None
    assert state.attributes["text"] == writable(NAME)


async def test_a_caller_is_text_wherever_he_is_named(
    hass: HomeAssistant,
    pbx: PbxService,
    pbx_entry: MockConfigEntry,
    bus: Recorder,
    alerts: Recorder,
) -> None:
    pbx.miss(pbx.ring(NAME, "107"))
    data = (await bus.wait(3))[0]
    assert data["caller"] == SHOWN
    assert (await alerts.wait(1))[0]["title"] == SHOWN
    state = hass.states.get("sensor.pbx_127_0_0_1_last_caller")
    assert state is not None
    assert state.state == SHOWN


async def test_a_notification_of_a_blueprint_says_the_name_and_runs_nothing(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    automate: Automate,
    phone: MakePhone,
) -> None:
    anna = phone("Anna")
    await automate("push", staff=[{"phone": anna.device_id}])
    qr_menu.push(call())
    await alerts.wait(1)
    await wait_until(lambda: len(anna.calls) == 1)
    assert TEMPLATE in f"{anna.last['title']} {anna.last['message']}"
    assert "42" not in anna.messages[0].replace(TEMPLATE, "")


async def test_the_logbook_says_the_name_and_runs_nothing(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    assert await async_setup_component(hass, "logbook", {})
    client = await hass_client()
    qr_menu.push(call())
    await alerts.wait(1)
    await hass.async_block_till_done()
    await get_instance(hass).async_block_till_done()
    answer = await client.get("/api/logbook")
    published = [row["name"] for row in await answer.json() if "name" in row]
    assert any(SHOWN in name for name in published)


async def test_no_template_is_made_of_anything_that_a_service_sends(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder
) -> None:
    with patch("homeassistant.helpers.template.Template.__init__") as made:
        qr_menu.push(call())
        await bus.wait(1)
        await hass.async_block_till_done()
    assert not made.called


async def test_a_name_cannot_make_a_line_of_the_log(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    bus: Recorder,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    qr_menu.push(call(name="6\n2026-11-22 ERROR forged"))
    await bus.wait(1)
    await hass.async_block_till_done()
    assert [
        record.name
        for record in caplog.records
        if record.name.startswith("custom_components.carbis_alerts")
        and "forged" in record.getMessage()
    ] == []
    device = table_device(hass, entry, 42)
    assert device is not None
    assert device.name is not None
    assert "\n" not in device.name
    assert dr.async_get(hass).async_get(device.id) is device
