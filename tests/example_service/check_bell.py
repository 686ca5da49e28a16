"""Run in a copy of the component that has the service of CONTRIBUTING.md."""

from typing import Any

from aiohttp import web
from homeassistant.config_entries import SOURCE_USER, ConfigEntry
from homeassistant.core import Event, HomeAssistant, State, callback
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_aiohttp.plugin import AiohttpServer

# Ours must be there before the test plugin's package of the same name.
import custom_components.carbis_alerts  # noqa: F401

HUB = "table_bells_127_0_0_1"

type Presses = list[dict[str, str]]


@pytest.fixture
def presses() -> Presses:
    """Return what the receiver answers."""
    return []


@pytest.fixture
async def entry(
    hass: HomeAssistant,
    enable_custom_integrations: None,
    socket_enabled: None,
    aiohttp_server: AiohttpServer,
    presses: Presses,
) -> ConfigEntry:
    """Set the bells up through the UI."""

    async def answer(_: web.Request) -> web.Response:
        return web.json_response({"presses": presses})

    app = web.Application()
    app.router.add_get("/presses", answer)
    server = await aiohttp_server(app)
    shown = await hass.config_entries.flow.async_init(
        "carbis_alerts", context={"source": SOURCE_USER}
    )
    assert "bell" in shown["menu_options"]
    shown = await hass.config_entries.flow.async_configure(
        shown["flow_id"], {"next_step_id": "bell"}
    )
    shown = await hass.config_entries.flow.async_configure(
        shown["flow_id"], {"url": str(server.make_url("/presses"))}
    )
    assert shown["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    return shown["result"]


async def press(hass: HomeAssistant, entry: ConfigEntry, presses: Presses) -> None:
    """Press the bell of table 6; the receiver lists it twice."""
    presses.append({"id": "1", "table": "6"})
    await entry.runtime_data.source.coordinator.async_refresh()
    await entry.runtime_data.source.coordinator.async_refresh()
    await hass.async_block_till_done()


def state_of(hass: HomeAssistant, entity_id: str) -> State:
    """Return the state of an entity, which must be there."""
    state = hass.states.get(entity_id)
    assert state is not None, f"{entity_id}: {sorted(hass.states.async_entity_ids())}"
    return state


async def act(
    hass: HomeAssistant, action: str, *, answer: bool = False, **data: Any
) -> dict[str, Any]:
    """Do an action."""
    domain, _, name = action.partition(".")
    found = await hass.services.async_call(
        domain, name, data, blocking=True, return_response=answer
    )
    await hass.async_block_till_done()
    return dict(found or {})


async def test_a_press_is_published_once_and_waits(
    hass: HomeAssistant, entry: ConfigEntry, presses: Presses
) -> None:
    events: list[Event] = []

    @callback
    def note(event: Event) -> None:
        events.append(event)

    hass.bus.async_listen("carbis_alerts_event", note)
    await press(hass, entry, presses)

    (published,) = events
    assert published.data["source"] == "bell"
    assert published.data["type"] == "waiter_call"
    assert (published.data["table_id"], published.data["raw"]) == ("6", None)
    assert published.data["entity_id"] == "event.table_6_activity"
    activity = state_of(hass, "event.table_6_activity")
    assert activity.attributes["event_type"] == "waiter_call"
    (alert,) = (await act(hass, "carbis_alerts.get_alerts", answer=True))["alerts"]
    assert (alert["kind"], alert["title"]) == ("waiter_call", "6")
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_its_tables_wait_and_are_acknowledged_and_counted(
    hass: HomeAssistant, entry: ConfigEntry, presses: Presses
) -> None:
    await press(hass, entry, presses)

    assert state_of(hass, "binary_sensor.table_6_waiter_called").state == "on"
    assert state_of(hass, f"sensor.{HUB}_open_calls").state == "1"
    assert state_of(hass, f"sensor.{HUB}_calls_today").state == "1"
    assert state_of(hass, f"sensor.{HUB}_answer_time").state == "unknown"

    await act(hass, "button.press", entity_id="button.table_6_acknowledge")

    assert state_of(hass, "binary_sensor.table_6_waiter_called").state == "off"
    assert state_of(hass, f"sensor.{HUB}_open_calls").state == "0"
    assert float(state_of(hass, f"sensor.{HUB}_answer_time").state) >= 0
    assert state_of(hass, f"sensor.{HUB}_forgotten_today").state == "0"


async def test_people_call_for_its_tables_and_choose_its_options(
    hass: HomeAssistant, entry: ConfigEntry, presses: Presses
) -> None:
    await press(hass, entry, presses)
    await act(hass, "button.press", entity_id="button.table_6_acknowledge")

    raised = await act(
        hass,
        "carbis_alerts.raise_alert",
        answer=True,
        entry_id=entry.entry_id,
        table="6",
    )
    assert raised["alert_id"]
    assert state_of(hass, "binary_sensor.table_6_waiter_called").state == "on"
    await act(hass, "button.press", entity_id="button.table_6_acknowledge")
    await act(hass, "todo.add_item", entity_id=f"todo.{HUB}_alerts", item="Table 6")
    assert state_of(hass, "binary_sensor.table_6_waiter_called").state == "on"

    shown = await hass.config_entries.options.async_init(entry.entry_id)
    assert shown["data_schema"] is not None
    assert [str(field) for field in shown["data_schema"].schema] == [
        "poll_interval",
        "overdue_after",
        "close_after",
        "remind_after",
        "daily_reset",
        "record",
    ]
