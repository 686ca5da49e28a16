"""The light signal: what lamps show while somebody waits, and after."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulator.green_api import GreenApiService
from simulator.pbx import PbxService
from simulator.qr_menu import QrMenuService

from ..alerts import SiteClock, act, site_clock, table_calls
from ..conftest import Recorder
from ..helpers import state_of, wait_until
from .conftest import Automate, elapse

LAMP = "light.lamp"
BAR = "light.bar"
WAITER = (255, 160, 0)
OVERDUE = (255, 0, 0)
MISSED = (0, 0, 255)
MESSAGE = (0, 255, 0)


@pytest.fixture(autouse=True)
async def _lamps(hass: HomeAssistant) -> None:
    """Have two lamps: one that is off, and one that lights green and dimmed."""
    nothing: list[Any] = []
    assert await async_setup_component(
        hass,
        "template",
        {
            "template": {
                "light": [
                    {
                        "name": name,
                        "turn_on": nothing,
                        "turn_off": nothing,
                        "set_rgb": nothing,
                        "set_level": nothing,
                    }
                    for name in ("Lamp", "Bar")
                ]
            }
        },
    )
    assert await async_setup_component(hass, "scene", {})
    await hass.async_block_till_done()
    await hass.services.async_call(
        "light",
        "turn_on",
        {"entity_id": BAR, "rgb_color": [10, 200, 30], "brightness": 50},
        blocking=True,
    )
    await hass.services.async_call(
        "light", "turn_off", {"entity_id": LAMP}, blocking=True
    )


def color(hass: HomeAssistant, lamp: str = LAMP) -> tuple[int, ...] | None:
    state = hass.states.get(lamp)
    assert state is not None
    shown: tuple[int, ...] | None = state.attributes.get("rgb_color")
    return shown if state.state == "on" else None


async def shows(
    hass: HomeAssistant, wanted: tuple[int, ...] | None, lamp: str = LAMP
) -> None:
    await wait_until(lambda: color(hass, lamp) == wanted)


async def test_a_lamp_lights_while_a_table_waits_and_is_then_as_it_was(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    automate: Automate,
) -> None:
    await automate("light_signal", lights=[LAMP, BAR])
    await table_calls(qr_menu, alerts, "6")
    await shows(hass, WAITER)
    await shows(hass, WAITER, BAR)
    await table_calls(qr_menu, alerts, "8")
    await act(hass, "acknowledge", alert_id=alerts.data[0]["alert_id"])
    await hass.async_block_till_done()
    assert color(hass) == WAITER

    await act(hass, "acknowledge", alert_id=alerts.data[1]["alert_id"])
    await shows(hass, None)
    await shows(hass, (10, 200, 30), BAR)
    state = hass.states.get(BAR)
    assert state is not None
    assert state.attributes["brightness"] == 50

    # The next signal takes a snapshot of its own.
    await hass.services.async_call(
        "light", "turn_off", {"entity_id": BAR}, blocking=True
    )
    qr_menu.waiter_call("6")
    await shows(hass, WAITER, BAR)
    qr_menu.pay("6")
    await shows(hass, None, BAR)


async def test_each_kind_has_its_colour_and_the_most_urgent_wins(
    hass: HomeAssistant,
    pbx: PbxService,
    pbx_entry: MockConfigEntry,
    green_api: GreenApiService,
    make_whatsapp: Any,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    automate: Automate,
) -> None:
    whatsapp = make_whatsapp(green_api)
    assert await hass.config_entries.async_setup(whatsapp.entry_id)
    await green_api.wait_for_readers(1)
    await automate("light_signal", lights=[LAMP])
    await wait_until(lambda: whatsapp.runtime_data.journal.is_initialized)
    green_api.message("79821234567", "Is there a table?")
    await shows(hass, MESSAGE)
    pbx.miss(pbx.ring("+79821234568", "107"))
    await shows(hass, MISSED)
    qr_menu.waiter_call("6")
    await shows(hass, WAITER)
    for kind, after in (
        ("waiter_call", MISSED),
        ("missed_call", MESSAGE),
        ("message", None),
    ):
        (alert,) = (await act(hass, "get_alerts", kind=kind))["alerts"]
        await act(hass, "acknowledge", alert_id=alert["alert_id"])
        await shows(hass, after)


async def blinks(hass: HomeAssistant, clock: SiteClock, seconds: int) -> list[str]:
    """Return the lamp's state before each of so many seconds."""
    states = []
    for _ in range(seconds):
        states.append(state_of(hass, LAMP))
        await elapse(hass, clock, 1)
    return states


async def test_overdue_blinks_then_lights(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    automate: Automate,
) -> None:
    with site_clock("19:00") as clock:
        await automate("light_signal", lights=[LAMP], blink_count=2)
        await table_calls(qr_menu, alerts, "6")
        await shows(hass, WAITER)
        await elapse(hass, clock, 120)
        await shows(hass, OVERDUE)
        assert await blinks(hass, clock, 6) == ["on", "off", "on", "off", "on", "on"]
        assert color(hass) == OVERDUE
        qr_menu.pay("6")
        await shows(hass, None)


async def test_what_is_not_watched_lights_nothing(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    automate: Automate,
) -> None:
    first = await table_calls(qr_menu, alerts, "6")
    await act(hass, "acknowledge", alert_id=first["alert_id"])
    await automate("light_signal")
    await automate("light_signal", lights=[LAMP], kinds=["message"])
    await automate(
        "light_signal", lights=[BAR], target={"device_id": first["device_id"]}
    )
    await table_calls(qr_menu, alerts, "8")
    await hass.async_block_till_done()
    assert color(hass) is None
    assert color(hass, BAR) == (10, 200, 30)
    await table_calls(qr_menu, alerts, "6")
    await shows(hass, WAITER, BAR)
    assert color(hass) is None


async def test_a_restart_leaves_no_lamp_in_its_signal(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    automate: Automate,
) -> None:
    await automate("light_signal", lights=[BAR])
    await table_calls(qr_menu, alerts, "6")
    await shows(hass, WAITER, BAR)
    await hass.async_stop(force=True)
    assert color(hass, BAR) == (10, 200, 30)
