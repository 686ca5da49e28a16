"""Run in a copy of the component that has the service of CONTRIBUTING.md."""

from aiohttp import web
from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.data_entry_flow import FlowResultType
from pytest_aiohttp.plugin import AiohttpServer

# Ours must be there before the test plugin's package of the same name.
import custom_components.carbis_alerts  # noqa: F401


async def test_a_press_of_a_bell_reaches_the_house(
    hass: HomeAssistant,
    enable_custom_integrations: None,
    socket_enabled: None,
    aiohttp_server: AiohttpServer,
) -> None:
    presses: list[dict[str, str]] = []

    async def answer(_: web.Request) -> web.Response:
        return web.json_response({"presses": presses})

    app = web.Application()
    app.router.add_get("/presses", answer)
    server = await aiohttp_server(app)
    events: list[Event] = []

    @callback
    def note(event: Event) -> None:
        events.append(event)

    hass.bus.async_listen("carbis_alerts_event", note)

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
    entry = shown["result"]
    await hass.async_block_till_done()

    presses.append({"id": "1", "table": "6"})
    await entry.runtime_data.async_refresh()
    await entry.runtime_data.async_refresh()
    await hass.async_block_till_done()

    (told,) = events
    assert told.data["source"] == "bell"
    assert told.data["type"] == "waiter_call"
    assert told.data["entity_id"] == "event.table_6_activity"
    state = hass.states.get("event.table_6_activity")
    assert state is not None
    assert state.attributes["event_type"] == "waiter_call"
    (alert,) = entry.runtime_data.alerts.book.alerts
    assert alert.title == "6"
    assert await hass.config_entries.async_unload(entry.entry_id)
