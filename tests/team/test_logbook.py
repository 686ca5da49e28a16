"""What the logbook says of a team."""

from homeassistant.components.recorder.core import Recorder as Database
from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar, device_registry as dr
from homeassistant.helpers.recorder import get_instance
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.carbis_alerts.const import DISPATCH_EVENT
from custom_components.carbis_alerts.domain.lifecycle import DispatchAction
from custom_components.carbis_alerts.team.dispatch_events import fire
from simulator.qr_menu import QrMenuService

from ..alerts import table_calls
from ..fixtures import Recorder
from .teams import entity_of, gather, somebody, turn


@pytest.fixture(autouse=True)
def _site(
    recorder_mock: Database, enable_custom_integrations: None, socket_enabled: None
) -> None:
    """Let Home Assistant find the component, with a database from its beginning."""


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        ("en", ["Anna: shift ended", "Anna: shift started"]),
        ("ru", ["Anna: конец смены", "Anna: начало смены"]),
    ],
)
async def test_the_logbook_says_who_comes_and_goes(
    hass: HomeAssistant, language: str, lines: list[str]
) -> None:
    hass.config.language = language
    assert await async_setup_component(hass, "logbook", {})
    hass.states.async_set("schedule.anna", "on")
    await gather(
        hass, somebody("Anna", shift_entity="schedule.anna"), somebody("Boris")
    )
    written = Recorder(hass, "logbook_entry")
    for state in ("off", "on"):
        hass.states.async_set("schedule.anna", state)
        # His switch has a line of its own.
        await turn(hass, "Boris", state)
    assert [data["message"] for data in written.data] == lines
    assert {data["entity_id"] for data in written.data} == {
        entity_of(hass, "event", "dispatch")
    }


@pytest.mark.parametrize(
    ("action", "person", "line"),
    [
        ("sent", "anna", "Table 6: message sent, Anna"),
        ("failed", "anna", "Table 6: message not sent, Anna"),
        ("declined", "anna", "Table 6: declined, Anna"),
        ("unreached", None, "Table 6: nobody answered"),
        # The line of the alert says it, or nobody needs to read it.
        ("answered", "anna", None),
        ("confirmed", "anna", None),
        ("withdrawn", "anna", None),
    ],
)
async def test_the_logbook_says_what_became_of_an_alert_at_its_table(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    qr_menu: QrMenuService,
    alerts: Recorder,
    action: str,
    person: str | None,
    line: str | None,
) -> None:
    assert await async_setup_component(hass, "logbook", {})
    team = (await gather(hass, somebody("Anna"))).runtime_data
    alert = await table_calls(qr_menu, alerts, "6")
    hall = ar.async_get(hass).async_create("Hall").id
    dr.async_get(hass).async_update_device(alert["device_id"], area_id=hall)
    written = Recorder(hass, "logbook_entry")
    fired = Recorder(hass, DISPATCH_EVENT)
    fire(
        hass,
        team,
        DispatchAction(action),
        person=team.people.get(person),
        alert=alert,
        channel="notify",
    )
    (data,) = fired.data
    shared = ("alert_id", "kind", "name", "entry_id", "device_id", "entity_id")
    assert {name: data[name] for name in shared} == {
        name: alert[name] for name in shared
    }
    assert (data["area_id"], data["channel"], data["step"]) == (hall, "notify", None)
    lines = [(row["message"], row["entity_id"]) for row in written.data]
    assert lines == ([(line, alert["entity_id"])] if line else [])


async def test_whoever_keeps_these_events_out_of_the_database_gets_no_lines(
    hass: HomeAssistant,
) -> None:
    assert await async_setup_component(hass, "logbook", {})
    hass.states.async_set("schedule.anna", "on")
    await gather(hass, somebody("Anna", shift_entity="schedule.anna"))
    written = Recorder(hass, "logbook_entry")
    get_instance(hass).exclude_event_types.add(DISPATCH_EVENT)
    hass.states.async_set("schedule.anna", "off")
    await hass.async_block_till_done()
    assert written.data == []
