"""The phone rings: the caller on a display and spoken; a talk: the music paused."""

from datetime import UTC, datetime, timedelta
from typing import Any

from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
    async_mock_service,
)

from custom_components.carbis_alerts.const import DOMAIN
from simulator.faults import Faults
from simulator.pbx import PbxService

from ..conftest import Recorder
from ..helpers import wait_for_state, wait_until
from ..services.conftest import MakePbx
from .conftest import Automate
from .settle import settle

DISPLAY = "input_text.bar_display"
CALLER = "+79821234567"
HALL, BAR = "media_player.hall", "media_player.bar"


@pytest.fixture
async def anna(hass: HomeAssistant, pbx: PbxService, make_pbx: MakePbx) -> str:
    """Have a PBX that knows Anna, and a display; return her number."""
    entry = make_pbx(pbx, contacts=({"name": "Анна", "number": CALLER, "vip": False},))
    assert await hass.config_entries.async_setup(entry.entry_id)
    await pbx.wait_for_streams(1)
    await display(hass)
    return CALLER


async def display(hass: HomeAssistant) -> None:
    """Put up a display."""
    assert await async_setup_component(
        hass, "input_text", {"input_text": {"bar_display": {"initial": "welcome"}}}
    )


class Players:
    """Two players that play, and are paused and resumed as they are asked to."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Begin to play."""
        self._hass = hass
        for player in (HALL, BAR):
            hass.states.async_set(player, "playing")
        for action, state in (("media_pause", "paused"), ("media_play", "playing")):
            hass.services.async_register("media_player", action, self._turned(state))

    def _turned(self, state: str) -> Any:
        async def turn(call: ServiceCall) -> None:
            for player in call.data["entity_id"]:
                self._hass.states.async_set(player, state)

        return turn


async def ring_and_answer(pbx: PbxService, bus: Recorder, extension: str) -> int:
    """Let somebody call and an extension answer; return the call."""
    before = len(bus.events)
    call = pbx.ring(CALLER, extension)
    pbx.answer(call)
    await bus.wait(before + 2)
    return call


async def test_a_caller_is_shown_while_the_phone_rings_and_the_display_then_cleared(
    hass: HomeAssistant, pbx: PbxService, anna: str, automate: Automate
) -> None:
    await automate("incoming_call", displays=[DISPLAY])
    call = pbx.ring(anna, "107")
    await wait_for_state(hass, DISPLAY, "Call from Анна")
    pbx.answer(call)
    pbx.hang_up(call)
    await wait_for_state(hass, DISPLAY, "")


async def test_the_end_of_a_call_does_not_clear_the_name_of_another_caller(
    hass: HomeAssistant, pbx: PbxService, anna: str, automate: Automate, bus: Recorder
) -> None:
    await automate("incoming_call", displays=[DISPLAY])
    first = pbx.ring(anna, "107")
    await wait_for_state(hass, DISPLAY, "Call from Анна")
    second = pbx.ring("+79991112233", "108")
    await wait_for_state(hass, DISPLAY, "Call from +7 999 111-22-33")
    pbx.miss(first)
    await bus.wait(4)
    await settle()
    await wait_for_state(hass, DISPLAY, "Call from +7 999 111-22-33")
    pbx.miss(second)
    await wait_for_state(hass, DISPLAY, "")


CALLERS = {
    "contact": (CALLER, {}, "Call from Анна"),
    "contact in Russian": (CALLER, {"language": "ru"}, "Звонит Анна"),
    "with 8": ("89991112233", {}, "Call from +7 999 111-22-33"),
    "from abroad": ("+4915112345678", {}, "Call from +49 151 12345678"),
    "a colleague": ("101", {}, "Call from 101"),
    "anonymous": ("anonymous", {}, "Call from an unknown number"),
    "nothing": ("", {"language": "ru"}, "Звонит неизвестный номер"),
    "own text": ("+79991112233", {"text": "{{ name }}"}, "+7 999 111-22-33"),
    "own text with fields": (
        CALLER,
        {"text": "{{ name }} → {{ trigger.event.extension }}"},
        "Анна → 107",
    ),
}


@pytest.mark.parametrize(("caller", "inputs", "text"), CALLERS.values(), ids=CALLERS)
async def test_a_caller_is_shown_and_spoken(
    hass: HomeAssistant,
    pbx: PbxService,
    anna: str,
    automate: Automate,
    caller: str,
    inputs: dict[str, str],
    text: str,
) -> None:
    spoken = async_mock_service(hass, "tts", "speak")
    await automate(
        "incoming_call",
        displays=[DISPLAY],
        voice="tts.hall",
        speakers=[HALL, BAR],
        **inputs,
    )
    pbx.ring(caller, "107")
    await wait_for_state(hass, DISPLAY, text)
    await wait_until(lambda: len(spoken) == 1)
    assert spoken[0].data == {
        "entity_id": ["tts.hall"],
        "media_player_entity_id": [HALL, BAR],
        "message": text,
    }


async def test_music_is_paused_by_a_talk_and_resumed_when_all_calls_are_over(
    hass: HomeAssistant,
    pbx: PbxService,
    pbx_entry: MockConfigEntry,
    automate: Automate,
    bus: Recorder,
) -> None:
    Players(hass)
    hass.states.async_set(BAR, "idle")
    await automate("incoming_call", players=[HALL, BAR])
    missed = pbx.ring(CALLER, "107")
    pbx.miss(missed)
    await bus.wait(3)
    await settle()
    await wait_for_state(hass, HALL, "playing")

    first = await ring_and_answer(pbx, bus, "107")
    await wait_for_state(hass, HALL, "paused")
    second = await ring_and_answer(pbx, bus, "108")
    pbx.hang_up(first)
    await bus.wait(8)
    await settle()
    await wait_for_state(hass, HALL, "paused")
    pbx.hang_up(second)
    await wait_for_state(hass, HALL, "playing")
    await wait_for_state(hass, BAR, "idle")


async def test_music_that_somebody_has_turned_off_meanwhile_stays_off(
    hass: HomeAssistant,
    pbx: PbxService,
    pbx_entry: MockConfigEntry,
    automate: Automate,
    bus: Recorder,
) -> None:
    Players(hass)
    automation = await automate("incoming_call", players=[HALL, BAR])
    call = await ring_and_answer(pbx, bus, "107")
    await wait_for_state(hass, BAR, "paused")
    hass.states.async_set(HALL, "off")
    pbx.hang_up(call)
    await wait_for_state(hass, BAR, "playing")
    await wait_for_state(hass, HALL, "off")

    def has_ended() -> bool:
        state = hass.states.get(automation)
        return state is not None and state.attributes["current"] == 0

    await wait_until(has_ended)


async def test_music_comes_back_where_the_end_of_the_call_was_never_published(
    hass: HomeAssistant,
    pbx: PbxService,
    pbx_entry: MockConfigEntry,
    automate: Automate,
    bus: Recorder,
) -> None:
    Players(hass)
    await automate("incoming_call", players=[HALL])
    await ring_and_answer(pbx, bus, "107")
    await wait_for_state(hass, HALL, "paused")
    await settle()
    pbx.faults.set(Faults(refuse=True))
    await wait_for_state(hass, "binary_sensor.pbx_127_0_0_1_connection", "off")
    async_fire_time_changed(hass, datetime.now(UTC) + timedelta(seconds=61))
    await wait_for_state(hass, HALL, "playing")


async def test_only_the_chosen_extension_counts(
    hass: HomeAssistant,
    pbx: PbxService,
    pbx_entry: MockConfigEntry,
    automate: Automate,
    bus: Recorder,
) -> None:
    await display(hass)
    Players(hass)
    pbx.miss(pbx.ring(CALLER, "107"))
    await bus.wait(3)
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, f"{pbx_entry.entry_id}_extension_107"), pbx_entry.entry_id
    )
    assert device is not None
    await automate(
        "incoming_call",
        calls={"device_id": device.id},
        displays=[DISPLAY],
        players=[HALL],
    )
    other = await ring_and_answer(pbx, bus, "108")
    await settle()
    await wait_for_state(hass, HALL, "playing")
    await wait_for_state(hass, DISPLAY, "welcome")
    mine = await ring_and_answer(pbx, bus, "107")
    await wait_for_state(hass, HALL, "paused")
    await wait_for_state(hass, DISPLAY, "Call from +7 982 123-45-67")
    # The other extension still talks.
    pbx.hang_up(mine)
    await wait_for_state(hass, HALL, "playing")
    pbx.hang_up(other)
    await bus.wait(9)


async def test_nothing_chosen_does_nothing_and_is_no_error(
    hass: HomeAssistant,
    pbx: PbxService,
    pbx_entry: MockConfigEntry,
    automate: Automate,
    bus: Recorder,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await automate("incoming_call")
    pbx.hang_up(await ring_and_answer(pbx, bus, "107"))
    await bus.wait(3)
    await settle()
    assert "ERROR" not in {record.levelname for record in caplog.records}
