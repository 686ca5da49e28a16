"""A day on which nobody comes ends in figures and words, never in "nobody waits"."""

from typing import Any, Final

from homeassistant.components.recorder.core import Recorder as Database
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from simulator.green_api import GreenApiService
from simulator.pbx import PbxService
from simulator.qr_menu import QrMenuService

from .alerts import get_alerts, site_clock
from .automations import Runs, automate, ours
from .board.conftest import Look, look
from .conftest import Recorder
from .forgotten_day import (
    CHATS,
    DAY,
    TABLES,
    WAITING,
    Push,
    Report,
    became,
    board,
    figures,
    play,
    sentences,
    shown,
)
from .helpers import wait_until
from .services.conftest import (
    MakePbx,
    MakeWhatsApp,
    green_api,
    make_pbx,
    make_whatsapp,
    pbx,
)
from .test_logbook import lines, rows

__all__ = ["green_api", "look", "make_pbx", "make_whatsapp", "pbx"]

TRIGGERS: Final = {
    "alert_opened": ours("alert_opened"),
    "alert_overdue": ours("alert_overdue"),
    "alert_closed": ours("alert_closed"),
    "alert_closed, outcome forgotten": ours("alert_closed", outcome="forgotten"),
    "alert_closed, any other outcome": ours(
        "alert_closed", outcome=["served", "taken", "resolved", "mistake"]
    ),
    "alert_forgotten": ours("alert_forgotten"),
    "alert_forgotten, tables": ours("alert_forgotten", kind=["waiter_call"]),
}
NOTHING_YET: Final = {"answer_time": None, "answered": 0}
# Who called, wrote and waited for too long.
HAPPENED: Final = {
    "waiter_call opened": TABLES,
    "waiter_call overdue": TABLES,
    "message opened": CHATS,
    "message overdue": CHATS,
    "missed_call opened": 1,
    "missed_call overdue": 1,
}

AFTER_61_MINUTES: Final[dict[str, Report]] = {
    "QR menu": {
        "alerts": "0",
        "answer_time": "unknown",
        "calls_today": "21",
        "forgotten_today": "21",
        "in_time": "0.0",
        "in_time, ended": 21,
        "open_calls": "0",
        "payments_today": "0.0",
        "waiting_since": "unknown",
    },
    "PBX": {
        "active_calls": "0",
        "alerts": "1",
        "forgotten_today": "0",
        "last_caller": "Анна Петрова",
        "missed_calls_today": "1",
        "state": "idle",
        "waiting_since": "2026-03-05T19:00:57+00:00",
    },
    "messenger": {
        "account_state": "authorized",
        "alerts": "31",
        "answer_time": "unknown",
        "forgotten_today": "0",
        "messages_today": "31",
        "waiting_since": "2026-03-05T19:00:10+00:00",
    },
    "board": {
        "alerts": {"message open overdue": CHATS, "missed_call open overdue": 1},
        "qr_menu": {"today": 21, **NOTHING_YET, "forgotten": 21},
        "pbx": {"today": 1, **NOTHING_YET, "forgotten": 0},
        "green_api": {"today": 31, **NOTHING_YET, "forgotten": 0},
    },
    "bus": HAPPENED | {"waiter_call closed expired forgotten": TABLES},
    "triggers": {
        "alert_opened": WAITING,
        "alert_overdue": WAITING,
        "alert_closed": TABLES,
        "alert_closed, outcome forgotten": TABLES,
        "alert_forgotten": TABLES,
        "alert_forgotten, tables": TABLES,
    },
}
# A new day has begun: what ended yesterday is yesterday's.
NEXT_MORNING: Final[dict[str, Report]] = {
    "QR menu": AFTER_61_MINUTES["QR menu"]
    | {
        "calls_today": "0",
        "forgotten_today": "0",
        "forgotten_today, yesterday": 21,
        "in_time": "unknown",
        "in_time, ended": 0,
    },
    "PBX": AFTER_61_MINUTES["PBX"]
    | {"forgotten_today, yesterday": 0, "missed_calls_today": "0"},
    "messenger": AFTER_61_MINUTES["messenger"]
    | {"forgotten_today, yesterday": 0, "messages_today": "0"},
}
AFTER_73_HOURS: Final[dict[str, Report]] = {
    "QR menu": NEXT_MORNING["QR menu"] | {"forgotten_today, yesterday": 0},
    "PBX": NEXT_MORNING["PBX"]
    | {"alerts": "0", "forgotten_today": "1", "waiting_since": "unknown"},
    "messenger": NEXT_MORNING["messenger"]
    | {"alerts": "0", "forgotten_today": "31", "waiting_since": "unknown"},
    "board": {
        "alerts": {},
        "qr_menu": {"today": 0, **NOTHING_YET, "forgotten": 0},
        "pbx": {"today": 0, **NOTHING_YET, "forgotten": 1},
        "green_api": {"today": 0, **NOTHING_YET, "forgotten": 31},
    },
    "bus": HAPPENED
    | {
        "waiter_call closed expired forgotten": TABLES,
        "message closed expired forgotten": CHATS,
        "missed_call closed expired forgotten": 1,
    },
    "triggers": {
        "alert_opened": WAITING,
        "alert_overdue": WAITING,
        "alert_closed": WAITING,
        "alert_closed, outcome forgotten": WAITING,
        "alert_forgotten": WAITING,
        "alert_forgotten, tables": TABLES,
    },
}
# The lines of the logbook after 61 minutes, and what comes to them until 73 hours are over.
LOGBOOK: Final[dict[str, tuple[Report, Report]]] = {
    "en": (
        {
            "call ended": 1,
            "guest forgotten, nobody came": TABLES,
            "has waited for too long": WAITING,
            "incoming call": 1,
            "message": CHATS,
            "missed call": 1,
            "waiter called": TABLES,
        },
        {"guest forgotten, nobody came": CHATS + 1},
    ),
    "ru": (
        {
            "вызов официанта": TABLES,
            "входящий звонок": 1,
            "гость забыт, никто не откликнулся": TABLES,
            "ждёт слишком долго": WAITING,
            "звонок завершён": 1,
            "пропущен звонок": 1,
            "сообщение": CHATS,
        },
        {"гость забыт, никто не откликнулся": CHATS + 1},
    ),
}


@pytest.fixture(autouse=True)
def _site(
    recorder_mock: Database, enable_custom_integrations: None, socket_enabled: None
) -> None:
    """Let Home Assistant find the component, with a database from its beginning."""


@pytest.mark.parametrize("language", ["en", pytest.param("ru", marks=pytest.mark.slow)])
async def test_who_waits_in_vain_is_reported_and_counted(
    hass: HomeAssistant,
    hass_ws_client: WebSocketGenerator,
    qr_menu: QrMenuService,
    make_entry: Any,
    pbx: PbxService,
    make_pbx: MakePbx,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
    alerts: Recorder,
    bus: Recorder,
    look: Look,
    language: str,
) -> None:
    hass.config.language = language
    # Where the clock of this test is.
    await hass.config.async_set_time_zone("UTC")
    assert await async_setup_component(hass, "logbook", {})
    runs = await automate(hass, TRIGGERS)
    written = Recorder(hass, "logbook_entry")
    whatsapp = make_whatsapp(green_api)
    entries: dict[str, MockConfigEntry] = {
        "QR menu": make_entry(qr_menu),
        "PBX": make_pbx(pbx, contacts=tuple(DAY["contacts"])),
        "messenger": whatsapp,
    }

    async def report() -> dict[str, Report]:
        await runs.all_done()
        return {
            **{name: figures(hass, entry) for name, entry in entries.items()},
            "board": board((await look()).snapshot),
            "bus": became(alerts.data),
            "triggers": triggered(runs),
        }

    with site_clock("19:00") as clock:
        # The first brings the others with it.
        assert await hass.config_entries.async_setup(entries["QR menu"].entry_id)
        await hass.async_block_till_done()
        assert {entry.state for entry in entries.values()} == {ConfigEntryState.LOADED}
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
        after_61_minutes = await report()
        print(shown(after_61_minutes))  # noqa: T201 - shown on request
        assert after_61_minutes == AFTER_61_MINUTES
        by_then = len(bus.events) + len(written.events)
        forgotten = {data["title"] for data in runs.brought("alert_forgotten")}
        assert {"1", "17", "Бар", "Банкетный зал"} < forgotten
        (call,) = await get_alerts(hass, state="open", kind="missed_call")
        assert (call["title"], call["overdue"]) == ("Анна Петрова", True)

        await clock.wait(hass, hours=12)
        assert {
            name: figures(hass, entry) for name, entry in entries.items()
        } == NEXT_MORNING
        for _ in range(4):
            await clock.wait(hass, hours=12)
        assert len(await get_alerts(hass, state="open")) == CHATS + 1
        await clock.wait(hass, hours=11, minutes=59)
        after_73_hours = await report()
        print(shown(after_73_hours))  # noqa: T201 - shown on request
        assert after_73_hours == AFTER_73_HOURS
        closed = await get_alerts(hass, state="closed")
        assert {alert["outcome"] for alert in closed} == {"forgotten"}
        assert len(closed) == WAITING

    # The database has its own clock.
    said = lines(
        [
            row
            for row in await rows(hass, await hass_ws_client())
            if row.get("domain") == "carbis_alerts"
        ]
    )
    parts = sentences(said[:by_then]), sentences(said[by_then:])
    print(shown({"logbook": parts[0], "until then": parts[1]}))  # noqa: T201
    assert parts == LOGBOOK[language]


def triggered(runs: Runs) -> Report:
    """Return how often each trigger ran its automation."""
    return {name: runs.counts[name] for name in TRIGGERS if name in runs.counts}
