"""The escalation: whom it notifies that somebody waits for too long."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulator.qr_menu import QrMenuService

from ..alerts import act, site_clock, table_calls
from ..conftest import Recorder
from ..helpers import state_of, wait_for_state, wait_until
from .conftest import Automate, MakePhone, elapse

LAMP = "light.lamp"


async def _lamp(hass: HomeAssistant) -> None:
    nothing: list[Any] = []
    lamp = {
        "name": "Lamp",
        "turn_on": nothing,
        "turn_off": nothing,
        "set_rgb": nothing,
        "set_level": nothing,
    }
    assert await async_setup_component(
        hass, "template", {"template": {"light": [lamp]}}
    )
    assert await async_setup_component(hass, "scene", {})
    await hass.async_block_till_done()
    await hass.services.async_call(
        "light", "turn_off", {"entity_id": LAMP}, blocking=True
    )


async def test_who_waits_for_too_long_is_shown_until_somebody_has_it(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    automate: Automate,
    phone: MakePhone,
) -> None:
    await _lamp(hass)
    manager = phone("Manager")
    with site_clock("19:00") as clock:
        await automate("escalation", phones=[manager.device_id], lights=[LAMP])
        first = await table_calls(qr_menu, alerts, "6")
        second = await table_calls(qr_menu, alerts, "7")
        await clock.wait(hass, seconds=60)
        assert manager.calls == []

        await clock.wait(hass, seconds=60)
        await wait_until(lambda: len(manager.calls) == 2)
        assert sorted(manager.messages) == [
            f"Table {table} has waited for the waiter for 2 min." for table in (6, 7)
        ]
        await wait_for_state(hass, LAMP, "on")
        lamp = hass.states.get(LAMP)
        assert lamp is not None
        assert lamp.attributes["rgb_color"] == (255, 0, 0)

        # The answer takes the one that was pushed last; the lamp stays for the other.
        manager.tap(0)
        await wait_until(lambda: len(manager.calls) == 3)
        assert manager.messages[2] == "clear_notification"
        taken = next(data for data in alerts.data if data["action"] == "acknowledged")
        assert taken["by"] == "Manager"
        await hass.async_block_till_done()
        assert state_of(hass, LAMP) == "on"

        (other,) = {first["alert_id"], second["alert_id"]} - {taken["alert_id"]}
        await act(hass, "acknowledge", alert_id=other)
        await wait_for_state(hass, LAMP, "off")


async def test_both_that_end_at_once_leave_the_lamp_as_it_was(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    automate: Automate,
) -> None:
    await _lamp(hass)
    with site_clock("19:00") as clock:
        await automate("escalation", lights=[LAMP])
        await table_calls(qr_menu, alerts, "6")
        await table_calls(qr_menu, alerts, "7")
        await clock.wait(hass, seconds=120)
        await wait_for_state(hass, LAMP, "on")
        await hass.async_block_till_done()
        await hass.services.async_call(
            "button",
            "press",
            {"entity_id": "button.qr_menu_127_0_0_1_acknowledge_all"},
            blocking=True,
        )
        await wait_for_state(hass, LAMP, "off")
        await hass.async_block_till_done()
        assert not hass.states.async_entity_ids("scene")


async def test_a_second_step_comes_later_and_only_if_still_nobody_came(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    automate: Automate,
    phone: MakePhone,
) -> None:
    owner = phone("Owner")
    await hass.config.async_update(language="ru")
    with site_clock("19:00") as clock:
        await automate("escalation", phones=[owner.device_id], after=300, language="ru")
        first = await table_calls(qr_menu, alerts, "6")
        await table_calls(qr_menu, alerts, "7")
        await elapse(hass, clock, 120)
        await act(hass, "acknowledge", alert_id=first["alert_id"])
        await wait_until(lambda: owner.messages == ["clear_notification"])
        await elapse(hass, clock, 181)
        await wait_until(lambda: len(owner.calls) == 2)
        assert owner.messages[1] == "Столик 7 ждёт официанта 5 мин."


async def test_further_actions_are_done_and_all_may_be_left_empty(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    automate: Automate,
    bus: Recorder,
) -> None:
    published = Recorder(hass, "published")
    with site_clock("19:00") as clock:
        await automate("escalation")
        await automate(
            "escalation",
            extra=[
                {"event": "published", "event_data": {"of": "{{ alert.title ~ '!' }}"}}
            ],
        )
        await table_calls(qr_menu, alerts, "6")
        await clock.wait(hass, seconds=120)
        assert await published.wait(1) == [{"of": "6!"}]


async def test_one_that_is_given_back_after_its_time_is_shown_again(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    automate: Automate,
    phone: MakePhone,
) -> None:
    manager = phone("Manager")
    with site_clock("19:00") as clock:
        await automate("escalation", phones=[manager.device_id])
        early = await table_calls(qr_menu, alerts, "6")
        await act(hass, "acknowledge", alert_id=early["alert_id"])
        await wait_until(lambda: len(manager.calls) == 1)
        await act(hass, "reopen", alert_id=early["alert_id"])
        await hass.async_block_till_done()
        assert manager.messages == ["clear_notification"]

        await clock.wait(hass, seconds=120)
        await wait_until(lambda: len(manager.calls) == 2)
        await act(hass, "acknowledge", alert_id=early["alert_id"])
        await wait_until(lambda: len(manager.calls) == 3)
        clock.pass_by(seconds=60)
        await act(hass, "reopen", alert_id=early["alert_id"])
        await wait_until(lambda: len(manager.calls) == 4)
        assert manager.messages[3] == "Table 6 has waited for the waiter for 3 min."
