"""What strangers invent is shown in sum, and the real table comes through."""

from collections.abc import Callable
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_mock_service,
)

from custom_components.carbis_alerts.domain.waiting import BURST
from simulator.green_api import GreenApiService
from simulator.pbx import PbxService
from simulator.qr_menu import QrMenuService

from ..alerts import SiteClock, get_alerts, site_clock, table_calls
from ..conftest import Recorder
from ..helpers import wait_for_state, wait_until
from ..services.conftest import MakeWhatsApp
from .conftest import Automate, MakePhone, Phone, elapse
from .settle import settle

HALL: Final = "media_player.hall"
CLEAR: Final = "clear_notification"
INVENTED: Final = 40


async def invent(hass: HomeAssistant, qr_menu: QrMenuService, count: int) -> None:
    """Let tables call that nobody has ever seen; each has a text of its own."""
    before = len(await get_alerts(hass, state="open"))
    for number in range(count):
        qr_menu.push(
            {
                "code": "waiter_call",
                "table": 1000 + number,
                "table_repr": {"id": 1000 + number, "name": f"Invented {number}"},
            }
        )

    def waiting() -> int:
        (entry,) = hass.config_entries.async_loaded_entries("carbis_alerts")
        return len(entry.runtime_data.alerts.book)

    await wait_until(lambda: waiting() >= before + count)
    await settle()


def singly(phone: Phone) -> list[str]:
    """Return what came but the sums and the calls to clear."""
    return [
        call.data["message"]
        for call in phone.calls
        if not call.data["data"]["tag"].endswith("more")
        and call.data["message"] != CLEAR
    ]


def sums(phone: Phone) -> list[str]:
    """Return how many more wait, as it was shown."""
    return [
        call.data["title"]
        for call in phone.calls
        if call.data["data"]["tag"].endswith("more") and "title" in call.data
    ]


def cleared(phone: Phone) -> list[str]:
    """Return the tags of what was taken off a phone."""
    return [
        call.data["data"]["tag"]
        for call in phone.calls
        if call.data["message"] == CLEAR
    ]


async def known(qr_menu: QrMenuService, alerts: Recorder, hass: HomeAssistant) -> None:
    """Have table 6 be one that was there before all others."""
    first = await table_calls(qr_menu, alerts, "6")
    await hass.services.async_call(
        "carbis_alerts", "acknowledge", {"alert_id": first["alert_id"]}, blocking=True
    )
    await hass.async_block_till_done()


@pytest.mark.parametrize("count", [40, pytest.param(950, marks=pytest.mark.slow)])
async def test_a_push_comes_for_the_real_table_among_invented_ones(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    automate: Automate,
    phone: MakePhone,
    count: int,
) -> None:
    anna = phone("Anna")
    await known(qr_menu, alerts, hass)
    with site_clock("19:00") as clock:
        await automate("push", staff=[{"phone": anna.device_id}])
        await invent(hass, qr_menu, count)
        qr_menu.waiter_call("6")
        await wait_for_state(hass, "binary_sensor.table_6_waiter_called", "on")
        await wait_until(lambda: sum(1 for _ in singly(anna)) >= BURST)
        await settle()
        for _ in range(3):
            await elapse(hass, clock, 13)
        await hass.async_block_till_done()
        assert "Table 6 is calling the waiter." in singly(anna)
        # All the rest is shown in sum, and nothing of it later.
        for _ in range(10):
            await elapse(hass, clock, 60)
        await hass.async_block_till_done()
        assert len(singly(anna)) <= BURST + 3
        assert 1 <= len(sums(anna)) <= 4
        waiting = len(await get_alerts(hass, state="open"))
        assert sums(anna)[-1] == f"More wait: {waiting - len(singly(anna))}"

        # The sum goes when nobody of it waits any more.
        await hass.services.async_call(
            "button",
            "press",
            {"entity_id": "button.qr_menu_127_0_0_1_acknowledge_all"},
            blocking=True,
        )
        await wait_until(lambda: "carbis_alerts-more" in cleared(anna))


async def _flooded(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    clock: SiteClock,
    count: int,
    seen: Callable[[], Any],
) -> None:
    """Invent tables, then have table 6 call; let all of them be overdue."""
    await invent(hass, qr_menu, count)
    qr_menu.waiter_call("6")
    await wait_for_state(hass, "binary_sensor.table_6_waiter_called", "on")
    await clock.wait(hass, seconds=121)
    await wait_until(lambda: len(seen()) >= BURST)
    await hass.async_block_till_done()


@pytest.mark.parametrize("count", [40, pytest.param(120, marks=pytest.mark.slow)])
async def test_the_real_table_is_escalated_among_invented_ones(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    automate: Automate,
    phone: MakePhone,
    count: int,
) -> None:
    manager = phone("Manager")
    done = Recorder(hass, "done")
    await known(qr_menu, alerts, hass)
    with site_clock("19:00") as clock:
        await automate(
            "escalation",
            phones=[manager.device_id],
            extra=[{"event": "done", "event_data": {"of": "{{ alert.name }}"}}],
        )
        await _flooded(hass, qr_menu, clock, count, lambda: singly(manager))
        assert "Table 6 has waited for the waiter for 2 min." in singly(manager)
        assert {"of": "Table 6"} in done.data
        assert len(singly(manager)) == len(done.data) == BURST
        assert sums(manager) == [f"Nobody has come, more wait: {count + 1 - BURST}"]


async def test_who_waits_is_escalated_after_a_reload_of_automations_meanwhile(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    automate: Automate,
    phone: MakePhone,
) -> None:
    owner = phone("Owner")
    with site_clock("19:00") as clock:
        automation = await automate("escalation", phones=[owner.device_id], after=300)
        await table_calls(qr_menu, alerts, "6")
        await elapse(hass, clock, 200)
        # As a reload does; what was counted there is forgotten.
        for action in ("turn_off", "turn_on"):
            await hass.services.async_call(
                "automation", action, {"entity_id": automation}, blocking=True
            )
        await elapse(hass, clock, 101)
        await wait_until(lambda: len(owner.calls) == 1)
        assert singly(owner) == ["Table 6 has waited for the waiter for 5 min."]


async def test_a_reload_of_the_entry_shows_nobody_again_and_loses_nobody(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    automate: Automate,
    phone: MakePhone,
) -> None:
    anna = phone("Anna")
    await automate("push", staff=[{"phone": anna.device_id}])
    await table_calls(qr_menu, alerts, "6")
    await wait_until(lambda: len(anna.calls) == 1)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    await table_calls(qr_menu, alerts, "7")
    await wait_until(lambda: len(anna.calls) == 2)
    await hass.async_block_till_done()
    assert singly(anna) == [f"Table {table} is calling the waiter." for table in (6, 7)]


@pytest.mark.slow
async def test_an_announcement_names_the_real_table_and_says_how_many_more(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    automate: Automate,
) -> None:
    hass.states.async_set("tts.voice", "unknown")
    hass.states.async_set(HALL, "idle")
    said = async_mock_service(hass, "tts", "speak")
    await known(qr_menu, alerts, hass)
    with site_clock("19:00") as clock:
        await automate("announcement", players=[HALL])
        await invent(hass, qr_menu, INVENTED)
        qr_menu.waiter_call("6")
        await wait_for_state(hass, "binary_sensor.table_6_waiter_called", "on")
        for _ in range(12):
            await elapse(hass, clock, 20)
        texts = [call.data["message"] for call in said]
        assert any("Table 6" in text for text in texts)
        assert len(texts) <= 3
        assert f"More wait: {INVENTED + 1 - BURST}" in " ".join(texts) or len(texts) > 1


async def test_missed_calls_beyond_a_person_are_shown_in_sum(
    hass: HomeAssistant,
    pbx: PbxService,
    pbx_entry: MockConfigEntry,
    alerts: Recorder,
    automate: Automate,
    phone: MakePhone,
) -> None:
    host = phone("Host")
    with site_clock("19:00") as clock:
        await automate("missed_call", phones=[host.device_id])
        for number in range(40):
            pbx.miss(pbx.ring(f"+7982000{number:04}", "107"))
        await wait_until(lambda: len(alerts.data) == 40)
        await wait_until(lambda: len(host.calls) == BURST)
        await elapse(hass, clock, 13)
        await wait_until(lambda: len(host.calls) == BURST + 1)
        assert host.messages[-1].endswith(f"More calls: {40 - BURST - 1}")
        await elapse(hass, clock, 600)
        assert len(host.calls) == BURST + 1


@pytest.mark.slow
async def test_messages_beyond_a_person_are_shown_in_sum(
    hass: HomeAssistant,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
    automate: Automate,
    alerts: Recorder,
    phone: MakePhone,
) -> None:
    whatsapp = make_whatsapp(green_api)
    assert await hass.config_entries.async_setup(whatsapp.entry_id)
    await wait_for_state(hass, "binary_sensor.whatsapp_4567_connection", "on")
    await wait_until(lambda: not whatsapp.runtime_data.source._late)
    host = phone("Host")
    with site_clock("19:00") as clock:
        await automate("whatsapp_answer", phones=[host.device_id])
        for number in range(BURST + 5):
            green_api.message(f"7982000{number:04}@c.us", "Hello")
        await wait_until(lambda: len(alerts.data) == BURST + 5)
        await wait_until(lambda: len(host.calls) == BURST)
        await elapse(hass, clock, 13)
        await wait_until(lambda: len(host.calls) == BURST + 1)
        assert host.messages[-1] == "Hello More messages: 4"


@pytest.mark.slow
async def test_lamps_are_switched_a_bounded_number_of_times_and_end_as_it_is(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    automate: Automate,
) -> None:
    assert await async_setup_component(hass, "scene", {})
    on = async_mock_service(hass, "light", "turn_on")
    hass.states.async_set("light.lamp", "off")
    with site_clock("19:00") as clock:
        await automate("light_signal", lights=["light.lamp"])
        await invent(hass, qr_menu, INVENTED)
        await elapse(hass, clock, 13)
        assert BURST <= len(on) <= BURST + 2
