"""A day on which nobody comes ends in figures and words, never in "nobody waits"."""

from collections import Counter
import json
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulator.green_api import GreenApiService
from simulator.pbx import PbxService
from simulator.qr_menu import QrMenuService

from .alerts import get_alerts, site_clock
from .automations import Runs, automate, ours
from .board.conftest import Look, look
from .conftest import Recorder
from .forgotten_day import CHATS, DAY, TABLES, WAITING, Push, play
from .helpers import wait_until
from .services.conftest import (
    MakePbx,
    MakeWhatsApp,
    green_api,
    make_pbx,
    make_whatsapp,
    pbx,
)

__all__ = ["green_api", "look", "make_pbx", "make_whatsapp", "pbx"]

MENU = "127_0_0_1"
TRIGGERS = ("alert_opened", "alert_overdue", "alert_closed", "alert_forgotten")


@pytest.fixture(autouse=True)
async def _zone(hass: HomeAssistant) -> None:
    """Live where the clock of this test does."""
    await hass.config.async_set_time_zone("UTC")


async def screenshot(
    hass: HomeAssistant, alerts: Recorder, runs: Runs, look: Look
) -> dict[str, Any]:
    """Return what every hub's sensor, the board, the bus and the triggers say."""
    snapshot = (await look()).snapshot
    return {
        "sensors": {
            state.entity_id.partition(".")[2]: state.state
            for domain in ("sensor", "todo")
            for state in hass.states.async_all(domain)
            if "table_" not in state.entity_id and "extension_" not in state.entity_id
        },
        "tables that call": sum(
            state.state == "on"
            for state in hass.states.async_all("binary_sensor")
            if state.entity_id.endswith("_waiter_called")
        ),
        "board": dict(
            Counter(f"{one['kind']} {one['state']}" for one in snapshot["alerts"])
        ),
        "figures": {
            entry["source"]: entry["figures"]["forgotten"]
            for entry in snapshot["entries"]
        },
        "bus": dict(
            Counter(
                " ".join(
                    filter(
                        None,
                        (data["kind"], data["action"], data["reason"], data["outcome"]),
                    )
                )
                for data in alerts.data
            )
        ),
        "triggers": runs.counts,
    }


async def test_who_waits_in_vain_is_reported_and_counted(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    make_entry: Any,
    pbx: PbxService,
    make_pbx: MakePbx,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
    alerts: Recorder,
    look: Look,
) -> None:
    runs = await automate(hass, {name: ours(name) for name in TRIGGERS})
    whatsapp = make_whatsapp(green_api)
    entries: tuple[MockConfigEntry, ...] = (
        make_entry(qr_menu),
        make_pbx(pbx, contacts=tuple(DAY["contacts"])),
        whatsapp,
    )
    with site_clock("19:00") as clock:
        # The first brings the others with it.
        assert await hass.config_entries.async_setup(entries[0].entry_id)
        await hass.async_block_till_done()
        assert {entry.state for entry in entries} == {ConfigEntryState.LOADED}
        await qr_menu.wait_for_requests(2)
        await pbx.wait_for_streams(1)
        await wait_until(lambda: not whatsapp.runtime_data.source._late)
        services: dict[str, Push] = {
            "qr_menu": qr_menu.push,
            "pbx": pbx.push,
            "green_api": green_api.push,
        }
        await play(hass, clock, alerts, services)
        assert len(await get_alerts(hass, state="open")) == WAITING

        await clock.wait(hass, minutes=60, seconds=3)
        await runs.all_done()
        after_an_hour = await screenshot(hass, alerts, runs, look)
        print(json.dumps(after_an_hour, indent=1))  # noqa: T201 - shown on request
        assert after_an_hour["tables that call"] == 0
        assert after_an_hour["board"] == {"message open": CHATS, "missed_call open": 1}
        assert after_an_hour["figures"] == {
            "qr_menu": TABLES,
            "pbx": 0,
            "green_api": 0,
        }
        sensors = after_an_hour["sensors"]
        assert sensors[f"qr_menu_{MENU}_forgotten_today"] == str(TABLES)
        assert sensors[f"qr_menu_{MENU}_open_calls"] == "0"
        assert sensors[f"pbx_{MENU}_forgotten_today"] == "0"
        assert sensors[f"pbx_{MENU}_alerts"] == "1"
        assert sensors["whatsapp_4567_forgotten_today"] == "0"
        assert sensors["whatsapp_4567_alerts"] == str(CHATS)
        bus = after_an_hour["bus"]
        assert bus["waiter_call closed expired forgotten"] == TABLES
        assert after_an_hour["triggers"]["alert_forgotten"] == TABLES
        assert after_an_hour["triggers"]["alert_closed"] == TABLES
        forgotten = {data["title"] for data in runs.brought("alert_forgotten")}
        assert {"1", "17", "Бар", "Банкетный зал"} < forgotten
        (call,) = await get_alerts(hass, state="open", kind="missed_call")
        assert (call["title"], call["overdue"]) == ("Анна Петрова", True)

        for _ in range(5):
            await clock.wait(hass, hours=12)
        assert len(await get_alerts(hass, state="open")) == CHATS + 1
        await clock.wait(hass, hours=11, minutes=59)
        await runs.all_done()
        after_three_days = await screenshot(hass, alerts, runs, look)
        print(json.dumps(after_three_days, indent=1))  # noqa: T201 - shown on request
        assert after_three_days["board"] == {}
        assert after_three_days["figures"] == {
            "qr_menu": 0,
            "pbx": 1,
            "green_api": CHATS,
        }
        assert after_three_days["triggers"]["alert_forgotten"] == WAITING
        bus = after_three_days["bus"]
        assert bus["message closed expired forgotten"] == CHATS
        assert bus["missed_call closed expired forgotten"] == 1
        closed = await get_alerts(hass, state="closed")
        assert {alert["outcome"] for alert in closed} == {"forgotten"}
        assert len(closed) == WAITING
