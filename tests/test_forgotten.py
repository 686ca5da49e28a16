"""Guests whom nobody came to: each is published, counted and kept."""

from datetime import datetime
from typing import Any

from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.carbis_alerts.domain import alerts as model
from simulator.green_api import GreenApiService
from simulator.pbx import PbxService
from simulator.qr_menu import QrMenuService

from .alerts import (
    CALLS_TODAY,
    FORGOTTEN_TODAY,
    TODO,
    act,
    get_alerts,
    press,
    site_clock,
    table_calls,
)
from .automations import automate, ours
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

FORGOTTEN = FORGOTTEN_TODAY
PBX_FORGOTTEN = "sensor.pbx_127_0_0_1_forgotten_today"
WHATSAPP_FORGOTTEN = "sensor.whatsapp_4567_forgotten_today"
BUTTON = "button.table_6_acknowledge"
GUEST = "79821234567@c.us"


@pytest.fixture(autouse=True)
async def _zone(hass: HomeAssistant) -> None:
    """Live where the clock of these tests does."""
    await hass.config.async_set_time_zone("UTC")


async def reload_pbx(
    hass: HomeAssistant, pbx: PbxService, entry: MockConfigEntry, **options: Any
) -> None:
    """Start an entry again, with options, and wait until its stream is up."""
    assert await hass.config_entries.async_unload(entry.entry_id)
    await wait_until(lambda: pbx.streams == 0)
    hass.config_entries.async_update_entry(entry, options=options)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await pbx.wait_for_streams(1)


def figure(hass: HomeAssistant, entity_id: str) -> tuple[str, Any, Any]:
    """Return a figure of the day, since when it is, and what it was the day before."""
    state = hass.states.get(entity_id)
    assert state is not None
    return (
        state.state,
        state.attributes["last_reset"],
        state.attributes.get("yesterday"),
    )


async def test_how_it_ended_is_reported_with_the_end(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    async def ends(*, taken: bool, way: str) -> tuple[Any, ...]:
        opened = await table_calls(qr_menu, alerts, "6")
        assert (opened["outcome"], opened["closed_at"]) == (None, None)
        if taken:
            await act(hass, "acknowledge", alert_id=opened["alert_id"])
        count = len(alerts.events)
        match way:
            case "paid":
                qr_menu.pay("6")
            case "deleted":
                await hass.services.async_call(
                    "todo",
                    "remove_item",
                    {"entity_id": TODO, "item": opened["alert_id"]},
                    blocking=True,
                )
            case _:
                await clock.wait(hass, hours=1)
        data = (await alerts.wait(count + 1))[-1]
        assert data["closed_at"] is not None
        (kept,) = [
            alert
            for alert in await get_alerts(hass, state="closed")
            if alert["alert_id"] == opened["alert_id"]
        ]
        assert kept["outcome"] == data["outcome"]
        assert kept["closed_at"] == data["closed_at"]
        return data["reason"], data["outcome"]

    with site_clock("12:00") as clock:
        await hass.config_entries.async_reload(entry.entry_id)
        assert await ends(taken=True, way="paid") == ("paid", "served")
        assert await ends(taken=False, way="paid") == ("paid", "resolved")
        assert await ends(taken=True, way="expires") == ("expired", "taken")
        assert await ends(taken=True, way="deleted") == ("deleted", "mistake")
        assert await ends(taken=False, way="deleted") == ("deleted", "mistake")
        assert state_of(hass, FORGOTTEN) == "0"
        assert await ends(taken=False, way="expires") == ("expired", "forgotten")
        assert state_of(hass, FORGOTTEN) == "1"


async def test_triggers_pick_by_the_outcome(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    runs = await automate(
        hass,
        {
            "forgotten": ours("alert_forgotten"),
            "calls forgotten": ours("alert_forgotten", kind=["missed_call"]),
            "tables forgotten": ours("alert_forgotten", kind="waiter_call"),
            "not late": ours("alert_forgotten", include_late=False),
            "closed": ours("alert_closed"),
            "lost": ours("alert_closed", outcome=["forgotten", "mistake"]),
            "served": ours("alert_closed", outcome="served"),
        },
    )
    with site_clock("12:00") as clock:
        await hass.config_entries.async_reload(entry.entry_id)
        await table_calls(qr_menu, alerts, "6")
        await press(hass, BUTTON)
        qr_menu.pay("6")
        await alerts.wait(3)
        await runs.wait(2)
        await runs.all_done()
        assert runs.counts == {"closed": 1, "served": 1}
        runs.clear()
        await table_calls(qr_menu, alerts, "7")
        await clock.wait(hass, hours=1)
        await runs.wait(5)
        await runs.all_done()
        names = ("forgotten", "tables forgotten", "not late", "closed", "lost")
        assert runs.counts == dict.fromkeys(names, 1)
        (data,) = runs.brought("forgotten")
        assert (data["title"], data["outcome"]) == ("7", "forgotten")
        assert data == alerts.data[-1]


async def test_too_many_are_forgotten_too(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(model, "MAX_ALERTS", 1)
    await table_calls(qr_menu, alerts, "6")
    qr_menu.waiter_call("7")
    closed, opened = (await alerts.wait(3))[1:]
    assert (closed["title"], closed["outcome"]) == ("6", "forgotten")
    assert (opened["title"], opened["action"]) == ("7", "opened")
    assert state_of(hass, FORGOTTEN) == "1"


async def test_the_end_of_the_day_is_the_tables_alone_and_counts_for_the_day_that_ends(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    pbx: PbxService,
    pbx_entry: MockConfigEntry,
    green_api: GreenApiService,
    whatsapp: MockConfigEntry,
    alerts: Recorder,
) -> None:
    shown: list[Any] = []

    @callback
    def note(event: Event[EventStateChangedData]) -> None:
        if event.data["entity_id"] == FORGOTTEN:
            shown.append(event.data["new_state"])

    hass.bus.async_listen("state_changed", note)
    with site_clock("05:40") as clock:
        for each in (entry, whatsapp):
            await hass.config_entries.async_reload(each.entry_id)
        await reload_pbx(hass, pbx, pbx_entry)
        await wait_until(lambda: not whatsapp.runtime_data.source._late)
        await table_calls(qr_menu, alerts, "6")
        await table_calls(qr_menu, alerts, "7")
        await press(hass, BUTTON)
        pbx.miss(pbx.ring("+79821234567", "107"))
        await alerts.wait(4)
        green_api.message(GUEST, "Есть столик?")
        await alerts.wait(5)
        shown.clear()
        await clock.wait(hass, minutes=20)

        ended = {
            data["title"]: data["outcome"] for data in alerts.data if data["reason"]
        }
        assert ended == {"6": "taken", "7": "forgotten"}
        assert {alert["kind"] for alert in await get_alerts(hass, state="open")} == {
            "missed_call",
            "message",
        }
        # First the day that ends has it, then the new one begins.
        assert [(state.state, state.attributes["last_reset"]) for state in shown] == [
            ("1", "2026-03-04T06:00:00+00:00"),
            ("0", "2026-03-05T06:00:00+00:00"),
        ]
        assert figure(hass, FORGOTTEN) == ("0", "2026-03-05T06:00:00+00:00", 1)

        # Over a restart and the day after.
        await hass.config_entries.async_reload(entry.entry_id)
        assert figure(hass, FORGOTTEN) == ("0", "2026-03-05T06:00:00+00:00", 1)
        await clock.wait(hass, hours=24)
        assert figure(hass, FORGOTTEN) == ("0", "2026-03-06T06:00:00+00:00", 0)
        assert len(await get_alerts(hass, state="open")) == 2

        # Three days after they came they are forgotten, and that is counted.
        await clock.wait(hass, hours=48)
        assert await get_alerts(hass, state="open") == []
        assert (
            state_of(hass, PBX_FORGOTTEN) == state_of(hass, WHATSAPP_FORGOTTEN) == ("1")
        )


async def test_a_day_that_ended_while_nobody_looked_has_its_forgotten(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    with site_clock("05:40") as clock:
        await hass.config_entries.async_reload(entry.entry_id)
        await table_calls(qr_menu, alerts, "6")
        assert await hass.config_entries.async_unload(entry.entry_id)
        clock.pass_by(hours=3)
        assert await hass.config_entries.async_setup(entry.entry_id)
        data = (await alerts.wait(2))[-1]
        assert (data["reason"], data["outcome"]) == ("end_of_day", "forgotten")
        assert figure(hass, FORGOTTEN) == ("0", "2026-03-05T06:00:00+00:00", 1)


async def test_what_a_first_version_had_stored_has_no_forgotten_yet(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    key = f"carbis_alerts.{entry.entry_id}"
    with site_clock("12:00") as clock:
        await hass.config_entries.async_reload(entry.entry_id)
        opened = await table_calls(qr_menu, alerts, "6")
        assert await hass.config_entries.async_unload(entry.entry_id)
        stored = hass_storage[key]["data"]["alerts"]
        del stored["forgotten_today"]
        for alert in stored["alerts"]:
            for field in ("wait", "closed_at", "outcome"):
                del alert[field]
        assert await hass.config_entries.async_setup(entry.entry_id)
        (alert,) = await get_alerts(hass)
        assert alert["opened_at"] == opened["opened_at"]
        assert figure(hass, FORGOTTEN) == ("0", "2026-03-05T06:00:00+00:00", None)
        await clock.wait(hass, hours=1)
        assert state_of(hass, FORGOTTEN) == "1"
        assert await hass.config_entries.async_unload(entry.entry_id)
        assert hass_storage[key]["data"]["alerts"]["forgotten_today"]["value"] == 1


async def test_the_days_figures_begin_again_though_nothing_waits(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    with site_clock("05:50") as clock:
        await hass.config_entries.async_reload(entry.entry_id)
        await table_calls(qr_menu, alerts, "6")
        qr_menu.pay("6")
        await alerts.wait(2)
        assert state_of(hass, CALLS_TODAY) == "1"
        assert await get_alerts(hass) == []
        await clock.wait(hass, minutes=10)
        assert len(alerts.events) == 2
        assert figure(hass, CALLS_TODAY) == ("0", "2026-03-05T06:00:00+00:00", None)
        assert figure(hass, FORGOTTEN) == ("0", "2026-03-05T06:00:00+00:00", 0)


async def test_hours_of_calls_are_an_option(
    hass: HomeAssistant,
    pbx: PbxService,
    pbx_entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    with site_clock("12:00") as clock:
        await reload_pbx(hass, pbx, pbx_entry, keep_for=2)
        pbx.miss(pbx.ring("+79821234567", "107"))
        opened = (await alerts.wait(1))[0]
        await clock.wait(hass, minutes=119)
        assert alerts.data[-1]["action"] == "overdue"
        await clock.wait(hass, minutes=1)
        data = alerts.data[-1]
        assert (data["reason"], data["outcome"]) == ("expired", "forgotten")
        closed_at = datetime.fromisoformat(data["closed_at"])
        opened_at = datetime.fromisoformat(opened["opened_at"])
        assert (closed_at - opened_at).total_seconds() == 7200
