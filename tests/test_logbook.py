"""The logbook's sentences, as Home Assistant itself asks for them."""

from typing import Any

from homeassistant.components.recorder.core import Recorder as Database
from homeassistant.core import Event, HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.carbis_alerts import logbook
from custom_components.carbis_alerts.const import ALERT_EVENT, EVENT
from simulator.pbx import PbxService
from simulator.qr_menu import QrMenuService

from .conftest import Recorder
from .services.conftest import make_pbx, pbx, pbx_entry

__all__ = ["make_pbx", "pbx", "pbx_entry"]

type Described = dict[str, Any]


@pytest.fixture(autouse=True)
def _site(
    recorder_mock: Database, enable_custom_integrations: None, socket_enabled: None
) -> None:
    """Let Home Assistant find the component, with a database from its beginning."""


@pytest.fixture
def describe(hass: HomeAssistant) -> Any:
    """Return what the logbook would say of an event."""
    describers: dict[str, Any] = {}

    def register(domain: str, event_type: str, describer: Any) -> None:
        assert domain == "carbis_alerts"
        describers[event_type] = describer

    logbook.async_describe_events(hass, register)
    assert set(describers) == {EVENT, ALERT_EVENT}

    def say(event: Event[Any]) -> tuple[str, str, str | None]:
        described: Described = describers[str(event.event_type)](event)
        return described["name"], described["message"], described["entity_id"]

    return say


@pytest.mark.parametrize(
    ("language", "table", "called", "waits", "taken"),
    [
        (
            "en",
            "Table 6",
            "called the waiter",
            "waits for somebody",
            "is taken care of",
        ),
        ("ru", "Столик 6", "зовёт официанта", "ждёт персонал", "этим занимаются"),
    ],
)
async def test_a_call_and_its_alert_are_sentences_of_the_table(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    make_entry: Any,
    bus: Recorder,
    alerts: Recorder,
    describe: Any,
    language: str,
    table: str,
    called: str,
    waits: str,
    taken: str,
) -> None:
    hass.config.language = language
    entry: MockConfigEntry = make_entry(qr_menu)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await qr_menu.wait_for_requests(2)
    qr_menu.waiter_call("6")
    await bus.wait(1)
    entity_id = bus.data[0]["entity_id"]
    assert describe(bus.events[0]) == (table, called, entity_id)
    assert describe(alerts.events[0]) == (table, waits, entity_id)

    await hass.services.async_call(
        "carbis_alerts",
        "acknowledge",
        {"device_id": bus.data[0]["device_id"], "by": "Maria"},
        blocking=True,
    )
    assert describe(alerts.events[1]) == (table, f"{taken}: Maria", entity_id)


async def test_a_missed_call_names_the_caller(
    pbx: PbxService,
    pbx_entry: MockConfigEntry,
    bus: Recorder,
    alerts: Recorder,
    describe: Any,
) -> None:
    pbx.miss(pbx.ring("+79821234567", "107"))
    await bus.wait(3)
    assert [describe(event)[:2] for event in bus.events] == [
        ("Extension 107", "rings: +7 982 123-45-67"),
        ("Extension 107", "ended the call: +7 982 123-45-67"),
        ("Extension 107", "missed a call: +7 982 123-45-67"),
    ]
    assert describe(alerts.events[0])[:2] == ("+7 982 123-45-67", "waits for somebody")


async def test_what_is_not_known_is_left_out(describe: Any) -> None:
    event = Event(EVENT, {"type": "online_payment", "entry_title": "Menu"})
    assert describe(event) == ("Menu", "paid online", None)
    event = Event(EVENT, {"type": "newer", "entry_title": "Menu"})
    assert describe(event) == ("Menu", "newer", None)
    event = Event(ALERT_EVENT, {"action": "closed", "reason": "paid", "title": "6"})
    assert describe(event) == ("6", "waits no more: paid", None)
    event = Event(ALERT_EVENT, {"action": "reopened", "title": "6", "by": "Anna"})
    assert describe(event) == ("6", "waits again", None)


@pytest.mark.parametrize(
    ("language", "expired", "ended"),
    [
        ("en", "was forgotten, nobody came: too old", "waits no more: too old"),
        (
            "ru",
            "никто не откликнулся: слишком старое",
            "больше не ждёт: слишком старое",
        ),
    ],
)
async def test_who_was_forgotten_has_a_sentence_of_its_own(
    hass: HomeAssistant, describe: Any, language: str, expired: str, ended: str
) -> None:
    hass.config.language = language
    for outcome, sentence in (("forgotten", expired), ("taken", ended)):
        data = {"action": "closed", "reason": "expired", "outcome": outcome}
        event = Event(ALERT_EVENT, {**data, "title": "6"})
        assert describe(event) == ("6", sentence, None)


def test_both_languages_have_the_same_sentences() -> None:
    english, russian = logbook.SENTENCES["en"], logbook.SENTENCES["ru"]
    for name in ("events", "actions"):
        theirs = getattr(russian, name)
        for key, sentence in getattr(english, name).items():
            assert sentence.partition("{")[2] == theirs[key].partition("{")[2]


async def test_home_assistants_logbook_takes_them(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    assert await async_setup_component(hass, "logbook", {})
    await hass.async_block_till_done()
    assert {EVENT, ALERT_EVENT} <= set(hass.data["logbook"].external_events)
