"""What the figures say of who came, who did not, and who only said so."""

from datetime import datetime
from typing import Any

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulator.green_api import GreenApiService
from simulator.pbx import PbxService
from simulator.qr_menu import QrMenuService

from .alerts import (
    ACKNOWLEDGE,
    ACKNOWLEDGE_ALL,
    ANSWER_TIME,
    FORGOTTEN_TODAY,
    HUB,
    IN_TIME,
    act,
    press,
    site_clock,
    table_calls,
)
from .conftest import Recorder
from .helpers import state_of, wait_until
from .services.conftest import (
    green_api,
    make_pbx,
    make_whatsapp,
    pbx,
    pbx_entry,
    whatsapp,
)

__all__ = ["green_api", "make_pbx", "make_whatsapp", "pbx", "pbx_entry", "whatsapp"]

WAITING_SINCE = f"sensor.{HUB}_waiting_since"
GUEST = "79990000001@c.us"


@pytest.fixture(autouse=True)
async def _zone(hass: HomeAssistant) -> None:
    """Live where the clock of these tests does."""
    await hass.config.async_set_time_zone("UTC")


def in_time(hass: HomeAssistant) -> tuple[str, int, int, int]:
    """Return the share, and how many ended, were repeated, were taken together."""
    state = hass.states.get(IN_TIME)
    assert state is not None
    counts = map(
        state.attributes.__getitem__, ("ended", "repeated", "acknowledged_together")
    )
    ended, repeated, together = counts
    return state.state, ended, repeated, together


def is_since(state: str, alert: dict[str, Any]) -> bool:
    """Return whether a timestamp is when an alert opened, to the second."""
    opened = datetime.fromisoformat(alert["opened_at"]).replace(microsecond=0)
    return datetime.fromisoformat(state) == opened


async def set_options(
    hass: HomeAssistant, entry: MockConfigEntry, **options: Any
) -> None:
    hass.config_entries.async_update_entry(entry, options={**entry.options, **options})
    await hass.async_block_till_done()


async def test_in_time_counts_whom_somebody_came_to_before_overdue_over_a_restart(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    with site_clock("12:00") as clock:
        await hass.config_entries.async_reload(entry.entry_id)
        assert in_time(hass) == ("unknown", 0, 0, 0)
        await table_calls(qr_menu, alerts, "6")
        await press(hass, ACKNOWLEDGE)
        # It has not ended.
        assert in_time(hass) == ("unknown", 0, 0, 0)
        count = len(alerts.events)
        qr_menu.pay("6")
        await alerts.wait(count + 1)
        assert in_time(hass) == ("100.0", 1, 0, 0)
        for _ in range(3):
            await table_calls(qr_menu, alerts, "6")
            await clock.wait(hass, hours=1)
        assert (in_time(hass), state_of(hass, FORGOTTEN_TODAY)) == (
            ("25.0", 4, 0, 0),
            "3",
        )
        # A mistake is none.
        gone = await table_calls(qr_menu, alerts, "6")
        item = {"entity_id": f"todo.{HUB}_alerts", "item": gone["alert_id"]}
        await hass.services.async_call("todo", "remove_item", item, blocking=True)
        await hass.config_entries.async_reload(entry.entry_id)
        assert in_time(hass) == ("25.0", 4, 0, 0)
        await set_options(hass, entry, overdue_after=0)
        assert state_of(hass, IN_TIME) == "unknown"
        await set_options(hass, entry, overdue_after=120)
        await clock.wait(hass, hours=24)
        assert in_time(hass) == ("unknown", 0, 0, 0)


async def test_who_takes_and_does_not_come_or_takes_all_at_once_is_praised_for_nothing(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    with site_clock("12:00") as clock:
        await hass.config_entries.async_reload(entry.entry_id)
        for _ in range(2):
            await table_calls(qr_menu, alerts, "6")
            clock.pass_by(seconds=2)
            await press(hass, ACKNOWLEDGE)
            clock.pass_by(minutes=1)
        await table_calls(qr_menu, alerts, "6")
        assert in_time(hass) == ("0.0", 2, 2, 0)
        assert state_of(hass, ANSWER_TIME) == "unknown"
        await press(hass, ACKNOWLEDGE_ALL)
        assert in_time(hass) == ("0.0", 2, 2, 1)
        await clock.wait(hass, hours=1)
        assert in_time(hass) == ("0.0", 3, 2, 1)
        # As one of many by the action, too.
        for table in ("7", "8"):
            await table_calls(qr_menu, alerts, table)
        await act(
            hass,
            "acknowledge",
            entity_id=[f"event.table_{at}_activity" for at in (7, 8)],
        )
        assert in_time(hass) == ("0.0", 3, 2, 3)
        assert state_of(hass, ANSWER_TIME) == "unknown"


async def test_taken_and_nobody_comes_it_waits_again_and_the_taker_is_named(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    with site_clock("12:00") as clock:
        await set_options(hass, entry, remind_after=10)
        opened = await table_calls(qr_menu, alerts, "6")
        clock.pass_by(seconds=30)
        await act(hass, "acknowledge", alert_id=opened["alert_id"], by="Anna")
        assert state_of(hass, WAITING_SINCE) == "unknown"
        assert state_of(hass, ANSWER_TIME) == "30.0"
        await hass.config_entries.async_reload(entry.entry_id)
        await clock.wait(hass, minutes=10, seconds=1)
        back, overdue = alerts.data[-2:]
        assert (back["action"], back["reason"], back["by"]) == (
            "reopened",
            "not_done",
            "Anna",
        )
        assert (back["opened_at"], back["outcome"]) == (opened["opened_at"], None)
        assert overdue["action"] == "overdue"
        assert state_of(hass, WAITING_SINCE) == "2026-03-05T12:00:00+00:00"
        assert state_of(hass, ANSWER_TIME) == "unknown"
        await clock.wait(hass, hours=1)
        assert alerts.data[-1]["outcome"] == "forgotten"
        assert in_time(hass) == ("0.0", 1, 0, 0)


async def test_a_message_of_ours_is_an_answer_and_each_service_says_who_waits_longest(
    hass: HomeAssistant,
    green_api: GreenApiService,
    whatsapp: MockConfigEntry,
    pbx: PbxService,
    pbx_entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    answer_time = "sensor.whatsapp_4567_answer_time"
    since = "sensor.whatsapp_4567_waiting_since"
    assert state_of(hass, answer_time) == state_of(hass, since) == "unknown"
    await wait_until(lambda: not whatsapp.runtime_data.source._late)
    green_api.message(GUEST, "Столик на двоих?")
    (opened,) = await alerts.wait(1)
    assert is_since(state_of(hass, since), opened)
    sent: dict[str, Any] = {
        "entry_id": whatsapp.entry_id,
        "chat_id": GUEST,
        "message": "Ждём",
    }
    await act(hass, "send_message", **sent)
    closed = (await alerts.wait(2))[-1]
    assert (closed["reason"], closed["outcome"]) == ("answered", "resolved")
    await hass.async_block_till_done()
    assert float(state_of(hass, answer_time)) >= 0
    assert state_of(hass, since) == "unknown"

    pbx.miss(pbx.ring("+79990000002", "107"))
    missed = (await alerts.wait(3))[-1]
    assert is_since(state_of(hass, "sensor.pbx_127_0_0_1_waiting_since"), missed)
