"""The logbook's sentences, as Home Assistant itself asks for them."""

from datetime import timedelta
import re
from typing import Any

from homeassistant.components.recorder.core import Recorder as Database
from homeassistant.core import Context, Event, HomeAssistant
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.helpers.recorder import get_instance
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.carbis_alerts import logbook
from custom_components.carbis_alerts.const import ALERT_EVENT, EVENT
from custom_components.carbis_alerts.runtime.alert_events import WITHOUT_EVENT
from simulator.pbx import PbxService
from simulator.qr_menu import QrMenuService

from .alerts import act, site_clock, table_calls
from .conftest import Recorder
from .services.conftest import make_pbx, pbx, pbx_entry

__all__ = ["make_pbx", "pbx", "pbx_entry"]

type Row = dict[str, Any]

FIELDS = re.compile(r", (\{.*)")


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
    assert set(describers) == {EVENT}

    def say(**data: Any) -> str:
        described = describers[EVENT](Event(EVENT, data))
        message: str = described["message"]
        return message

    return say


@pytest.fixture
def written(hass: HomeAssistant) -> Recorder:
    """Record what is written into the logbook."""
    return Recorder(hass, "logbook_entry")


async def rows(hass: HomeAssistant, client: Any) -> list[Row]:
    """Return what the logbook's page shows."""
    await hass.async_block_till_done()
    await get_instance(hass).async_block_till_done()
    since = dt_util.utcnow() - timedelta(hours=1)
    await client.send_json_auto_id(
        {"type": "logbook/get_events", "start_time": since.isoformat()}
    )
    answer = await client.receive_json()
    found: list[Row] = answer["result"]
    return found


def lines(found: list[Row]) -> list[str]:
    """Return the sentences, in order."""
    return [row["message"] for row in found if "message" in row]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "en",
            [
                "Table 6: waiter called",
                "Table 6: taken, Maria",
                "Table 6: waits again",
                "Table 6: paid online, 350",
            ],
        ),
        (
            "ru",
            [
                "Столик 6: вызов официанта",
                "Столик 6: принято, Maria",
                "Столик 6: снова ждёт",
                "Столик 6: оплачено онлайн, 350",
            ],
        ),
    ],
)
async def test_one_touch_is_one_line_of_the_real_logbook(
    hass: HomeAssistant,
    hass_ws_client: WebSocketGenerator,
    qr_menu: QrMenuService,
    make_entry: Any,
    bus: Recorder,
    alerts: Recorder,
    language: str,
    expected: list[str],
) -> None:
    hass.config.language = language
    assert await async_setup_component(hass, "logbook", {})
    entry: MockConfigEntry = make_entry(qr_menu)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await qr_menu.wait_for_requests(2)
    client = await hass_ws_client()
    # Its table is there, and its entities have had a state.
    qr_menu.add_dishes("6", [{"name": "Борщ", "price": 350}])
    (ordered,) = await bus.wait(1)
    before = len(await rows(hass, client))

    qr_menu.waiter_call("6")
    await alerts.wait(1)
    touched = (await rows(hass, client))[before:]
    assert lines(touched) == expected[:1]
    (line,) = (row for row in touched if "message" in row)
    assert (line["domain"], line["entity_id"]) == (
        "carbis_alerts",
        ordered["entity_id"],
    )
    # All else are states that Home Assistant lets nobody leave out: what waits, since
    # when, the list, and both event entities.
    others = [row["entity_id"] for row in touched if "state" in row]
    assert sorted(entity_id.partition(".")[0] for entity_id in others) == [
        "binary_sensor",
        "event",
        "event",
        "sensor",
        "todo",
    ]

    device = {"device_id": ordered["device_id"]}
    await act(hass, "acknowledge", **device, by="Maria")
    await hass.services.async_call(
        "todo",
        "update_item",
        {
            "entity_id": hass.states.async_entity_ids("todo")[0],
            "item": alerts.data[0]["alert_id"],
            "status": "needs_action",
        },
        blocking=True,
    )
    qr_menu.pay("6")
    await bus.wait(3)
    assert lines((await rows(hass, client))[before:]) == expected


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Table 6: guest forgotten, nobody came"),
        ("ru", "Столик 6: гость забыт, никто не откликнулся"),
    ],
)
async def test_who_was_forgotten_has_a_line(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    make_entry: Any,
    describe: Any,
    alerts: Recorder,
    written: Recorder,
    language: str,
    sentence: str,
) -> None:
    hass.config.language = language
    with site_clock("12:00") as clock:
        entry: MockConfigEntry = make_entry(qr_menu)
        assert await hass.config_entries.async_setup(entry.entry_id)
        await qr_menu.wait_for_requests(2)
        called = await table_calls(qr_menu, alerts, "6")
        await clock.wait(hass, hours=1)
        await alerts.wait(2)
    assert written.data[-1] == {
        "name": called["name"],
        "message": sentence,
        "domain": "carbis_alerts",
        "entity_id": called["entity_id"],
    }


async def test_nothing_is_written_of_alerts_that_are_not_to_be_kept(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    describe: Any,
    alerts: Recorder,
    written: Recorder,
) -> None:
    await table_calls(qr_menu, alerts, "6")
    get_instance(hass).exclude_event_types.add(ALERT_EVENT)
    await act(hass, "acknowledge", alert_id=alerts.data[0]["alert_id"])
    assert alerts.data[-1]["action"] == "acknowledged"
    assert not written.events


async def test_a_missed_call_names_the_caller(
    pbx: PbxService, pbx_entry: MockConfigEntry, bus: Recorder, describe: Any
) -> None:
    pbx.miss(pbx.ring("+79821234567", "107"))
    await bus.wait(3)
    assert [describe(**event) for event in bus.data] == [
        "Extension 107: incoming call, +7 982 123-45-67",
        "Extension 107: call ended, +7 982 123-45-67",
        "Extension 107: missed call, +7 982 123-45-67",
    ]


async def test_what_is_not_known_is_left_out(
    hass: HomeAssistant, describe: Any, written: Recorder
) -> None:
    assert describe(type="online_payment", entry_title="Menu") == "Menu: paid online"
    assert describe(type="newer", entry_title="Menu") == "Menu: newer"
    paid = {"type": "online_payment", "entry_title": "Menu"}
    for value, expected in ((1200.0, "1200"), (1234567.5, "1234567.50"), (0, "0")):
        assert describe(**paid, order_sum=value) == f"Menu: paid online, {expected}"
        # A part of the order.
        said = describe(**paid, order_sum=3000.0, paid=value)
        assert said == f"Menu: paid online, {expected}"
    # Nobody is named twice.
    guest = {"chat_id": "79821234567@c.us", "sender_name": "Anna"}
    assert describe(type="message", entry_title="Anna", **guest) == "Anna: message"
    for data in (
        {"action": "closed", "reason": "paid"},
        {"action": "closed", "reason": None},
        {"action": "acknowledged", "by": None},
        {"action": "reopened", "reason": "not_done", "by": "Anna"},
        {"action": "reopened", "reason": "not_done", "by": None},
        {"action": "reopened", "reason": "not_delivered", "by": "Anna"},
        # A snooze of hers is over.
        {"action": "reopened", "reason": None, "by": "Anna"},
    ):
        alert = {"name": "Бар", "entity_id": None, **data}
        async_dispatcher_send(hass, WITHOUT_EVENT, alert, None)
    assert [data["message"] for data in written.data] == [
        "Бар: waits no more, paid",
        "Бар: waits no more",
        "Бар: taken",
        "Бар: taken but forgotten: waits again, Anna",
        "Бар: taken but forgotten: waits again",
        "Бар: waits again, the answer did not arrive",
        "Бар: waits again",
    ]


@pytest.mark.parametrize("by", ["Anna", None])
async def test_what_a_person_does_says_who(
    hass: HomeAssistant, describe: Any, written: Recorder, by: str | None
) -> None:
    for data in (
        {"action": "acknowledged"},
        {"action": "reopened"},
        {"action": "snoozed"},
        {"action": "closed", "reason": "done"},
        {"action": "closed", "reason": "deleted", "outcome": "mistake"},
    ):
        alert = {"name": "Бар", "entity_id": None, "by": by, **data}
        async_dispatcher_send(hass, WITHOUT_EVENT, alert, Context())
    who = f", {by}" if by else ""
    assert [data["message"] for data in written.data] == [
        f"Бар: {did}{who}"
        for did in (
            "taken",
            "waits again",
            "snoozed",
            "waits no more, done",
            "waits no more, dismissed",
        )
    ]


@pytest.mark.parametrize(
    ("messenger", "said"),
    [("whatsapp", "WhatsApp call"), ("max", "MAX call"), (None, "WhatsApp call")],
)
def test_a_call_is_one_over_its_messenger(
    describe: Any, messenger: str | None, said: str
) -> None:
    """Version 0.1 named no messenger: there was one."""
    data = {} if messenger is None else {"messenger": messenger}
    line = describe(
        type="whatsapp_call", entry_title="Бронь", caller="79821234567@c.us", **data
    )
    assert line == f"Бронь: {said}, +7 982 123-45-67"


def test_both_languages_have_the_same_sentences() -> None:
    english, russian = logbook.SENTENCES["en"], logbook.SENTENCES["ru"]
    for name in ("events", "actions"):
        theirs = getattr(russian, name)
        for key, sentence in getattr(english, name).items():
            fields, others = map(FIELDS.findall, (sentence, theirs[key]))
            assert fields == others


async def test_home_assistants_logbook_takes_them(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    assert await async_setup_component(hass, "logbook", {})
    await hass.async_block_till_done()
    assert EVENT in hass.data["logbook"].external_events
