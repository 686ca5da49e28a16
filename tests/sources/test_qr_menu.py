"""The QR menu's source: from a real server to the bus and the entities."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulator.qr_menu import QrMenuService

from ..conftest import Recorder


async def test_a_waiter_call_reaches_bus_device_and_event_entities(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder
) -> None:
    pushed = qr_menu.waiter_call("6")

    (data,) = await bus.wait(1)

    entity_id = er.async_get(hass).async_get_entity_id(
        "event", "carbis_alerts", f"{entry.entry_id}_table_{pushed['table']}_activity"
    )
    device = dr.async_get(hass).async_get(data["device_id"])
    assert device is not None
    assert device.name == "Table 6"
    time = data.pop("time")
    assert time.endswith("+00:00")
    assert data == {
        "source": "qr_menu",
        "type": "waiter_call",
        "code": "waiter_call",
        "event_id": pushed["hash"],
        "late": False,
        "entry_id": entry.entry_id,
        "entry_title": "127.0.0.1",
        "device_id": device.id,
        "entity_id": entity_id,
        "table_id": str(pushed["table"]),
        "table_name": "6",
        "order_id": None,
        "order_sum": None,
        "waiter": None,
        "dishes": None,
        "amount_due": None,
        "raw": None,
    }
    assert entity_id == "event.table_6_activity"
    for place in (entity_id, "event.qr_menu_127_0_0_1_activity"):
        state = hass.states.get(place)
        assert state is not None
        assert state.attributes["event_type"] == "waiter_call"
        assert state.attributes["event_id"] == pushed["hash"]
        assert state.attributes["time"] == time
