"""The line of each event."""

from datetime import UTC, datetime
from typing import Any

import pytest

from custom_components.carbis_alerts.domain.lifecycle import (
    Action,
    DispatchAction,
    Reason,
)
from custom_components.carbis_alerts.domain.rules import AlertKind
from custom_components.carbis_alerts.services.registry import SERVICES
from scripts.live_demo.lines import line
from scripts.live_demo.stream import SiteEvent
from scripts.live_demo.words import LINE_WORDS

FIRED = datetime(2026, 11, 21, 19, 30, 5, tzinfo=UTC)
TIME = f"{FIRED.astimezone():%H:%M:%S}"
CALL = {
    "source": "qr_menu",
    "type": "waiter_call",
    "late": False,
    "time": FIRED.isoformat(),
    "table_id": "1000028",
    "table_name": "6",
    "order_sum": None,
    "dishes": None,
    "amount_due": None,
}


def alert(**data: Any) -> str | None:
    return line(SiteEvent("carbis_alerts_event", {**CALL, **data}, FIRED))


RING = {
    "source": "pbx",
    "type": "incoming_call",
    "late": False,
    "time": FIRED.isoformat(),
    "caller": "+79821234567",
    "caller_name": None,
    "vip": False,
    "extension": "107",
    "direction": "incoming",
    "duration": None,
    "status": None,
    "sender": None,
    "text": None,
}
MESSAGE = {
    "source": "green_api",
    "type": "message",
    "late": False,
    "time": FIRED.isoformat(),
    "chat_id": "79821234567@c.us",
    "sender_name": "Anna",
    "message_type": "textMessage",
    "text": "A table for two?",
    "caller": None,
    "status": None,
    "state": None,
}


TRANSITION = {
    "source": "qr_menu",
    "kind": "waiter_call",
    "name": "Table 6",
    "action": "opened",
    "reason": None,
    "outcome": None,
    "late": False,
    "count": 1,
    "age": 0.0,
    "by": None,
}


def switched(
    entity_id: str, old: str | None, new: str, **attributes: str
) -> str | None:
    data = {
        "entity_id": entity_id,
        "old_state": old and {"state": old},
        "new_state": {
            "state": new,
            "attributes": {"friendly_name": "Hall lamp", **attributes},
        },
    }
    return line(SiteEvent("state_changed", data, FIRED))


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({}, "table 6  waiter call"),
        ({"table_name": None}, "table 1000028  waiter call"),
        ({"table_name": None, "table_id": None, "type": "other"}, "other"),
        ({"late": True}, f"table 6  waiter call  late, of {TIME}"),
        (
            {"type": "online_payment", "order_sum": 1240.5, "paid": 240.5},
            "table 6  online payment  sum 1240.50  paid 240.50",
        ),
        (
            {
                "type": "dishes_added",
                "dishes": [{"name": "Борщ", "count": 2}, {"name": None, "count": None}],
                "amount_due": 0.0,
            },
            "table 6  dishes added  2 × Борщ, ?  due 0.00",
        ),
    ],
)
def test_alerts(data: dict[str, Any], text: str) -> None:
    assert alert(**data) == f"{TIME}  {text}"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({}, "extension 107  incoming call  from +79821234567"),
        (
            {"caller_name": "Anna", "vip": True, "type": "missed_call"},
            "extension 107  missed call  from Anna, +79821234567  important",
        ),
        (
            {"type": "outgoing_call", "direction": "outgoing"},
            "extension 107  outgoing call  to +79821234567",
        ),
        (
            {"type": "call_end", "status": "success", "duration": 95},
            "extension 107  call end  from +79821234567  success, 95 s",
        ),
        (
            {"type": "call_end", "status": "busy", "caller": None},
            "extension 107  call end  busy, 0 s",
        ),
        (
            {
                "type": "sms",
                "extension": None,
                "caller": None,
                "direction": None,
                "sender": "+79821234567",
                "text": "On my way",
            },
            "sms  from +79821234567  «On my way»",
        ),
        ({"type": "startup", "extension": None, "caller": None}, "startup"),
    ],
)
def test_calls(data: dict[str, Any], text: str) -> None:
    assert alert(**{**RING, **data}) == f"{TIME}  {text}"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({}, "WhatsApp  message  from Anna  «A table for two?»"),
        (
            {"sender_name": None, "text": None, "message_type": "imageMessage"},
            "WhatsApp  message  from 79821234567@c.us  «imageMessage»",
        ),
        (
            {"type": "message_sent", "text": "Yes"},
            "WhatsApp  message sent  to 79821234567@c.us  «Yes»",
        ),
        (
            {"type": "message_status", "text": None, "status": "read"},
            "WhatsApp  message status  to 79821234567@c.us  read",
        ),
        (
            {"type": "whatsapp_call", "caller": "79821234567@c.us", "status": "offer"},
            "WhatsApp  call  from 79821234567@c.us  offer",
        ),
        (
            {"type": "account_state", "chat_id": None, "state": "blocked"},
            "WhatsApp  account state  blocked",
        ),
        (
            {"late": True},
            f"WhatsApp  message  from Anna  «A table for two?»  late, of {TIME}",
        ),
        ({"messenger": "max"}, "MAX  message  from Anna  «A table for two?»"),
        ({"messenger": None}, "WhatsApp  message  from Anna  «A table for two?»"),
    ],
)
def test_messages(data: dict[str, Any], text: str) -> None:
    assert alert(**{**MESSAGE, **data}) == f"{TIME}  {text}"


@pytest.mark.parametrize(
    ("data", "english", "russian"),
    [
        (
            {},
            "alert opened: waiter call, Table 6",
            "оповещение открыто: вызов официанта, Table 6",
        ),
        (
            {"action": "repeated", "count": 2},
            "alert repeated: waiter call, Table 6, 2 times",
            "оповещение повторено: вызов официанта, Table 6, раз: 2",
        ),
        (
            {"action": "overdue", "age": 120.2},
            "alert overdue: waiter call, Table 6, after 120 s",
            "оповещение просрочено: вызов официанта, Table 6, через 120 с",
        ),
        (
            {"action": "acknowledged", "age": 12.4, "by": "Maria"},
            "alert acknowledged: waiter call, Table 6, by Maria, after 12 s",
            "оповещение принято: вызов официанта, Table 6, Maria, через 12 с",
        ),
        (
            {"action": "acknowledged", "age": 12.4, "kind": "message"},
            "alert acknowledged: message of Table 6, after 12 s",
            "оповещение принято: сообщение, Table 6, через 12 с",
        ),
        (
            {
                "action": "closed",
                "reason": "talked",
                "kind": "missed_call",
                "name": "Anna",
                "by": "Maria",
                "outcome": "served",
            },
            "alert closed: missed call of Anna, talked",
            "оповещение закрыто: пропущенный звонок, Anna, поговорили",
        ),
        (
            {"action": "closed", "reason": "expired", "outcome": "forgotten"},
            "alert closed: waiter call, Table 6, expired, forgotten",
            "оповещение закрыто: вызов официанта, Table 6, истёк срок, гость забыт",
        ),
        (
            {"action": "snoozed", "by": "Maria"},
            "alert snoozed: waiter call, Table 6, by Maria",
            "оповещение отложено: вызов официанта, Table 6, Maria",
        ),
    ],
)
def test_what_becomes_of_alerts(
    data: dict[str, Any], english: str, russian: str
) -> None:
    event = SiteEvent("carbis_alerts_alert", {**TRANSITION, **data}, FIRED)
    assert line(event) == f"{TIME}      {english}"
    assert line(event, "ru") == f"{TIME}      {russian}"


@pytest.mark.parametrize("language", LINE_WORDS)
def test_each_kind_action_and_reason_has_words(language: str) -> None:
    words = LINE_WORDS[language]
    assert {f"about_{kind.value}" for kind in AlertKind} <= words.keys()
    assert {action.value for action in Action} <= words.keys()
    assert {f"reason_{reason.value}" for reason in Reason} <= words.keys()
    types = {
        event_type
        for service in SERVICES.values()
        for entity in (*service.hub.events, *service.devices.events)
        for event_type in entity.event_types or ()
    }
    assert {f"type_{event_type}" for event_type in types} <= words.keys()


def test_events_in_russian() -> None:
    call = SiteEvent("carbis_alerts_event", {**CALL, "late": True}, FIRED)
    assert line(call, "ru") == (
        f"{TIME}  столик 6  вызов официанта  с опозданием, от {TIME}"
    )
    other = SiteEvent("carbis_alerts_event", {**RING, "type": "new"}, FIRED)
    assert line(other, "ru") == f"{TIME}  внутренний 107  new  от: +79821234567"


def test_lamp() -> None:
    assert switched("light.hall_lamp", "off", "on") == f"{TIME}      Hall lamp: on"


def test_what_is_said() -> None:
    said = switched(
        "input_text.spoken", "Hello.", "Table 6.", friendly_name="Said last"
    )
    assert said == f"{TIME}      Said last: Table 6."


def test_what_a_phone_shows() -> None:
    entity_id = "sensor.phone_last_notification"
    shown = switched(entity_id, "unknown", "Table 6.", phone="Anna's phone")
    assert shown == f"{TIME}      Anna's phone: Table 6."
    titled = switched(
        entity_id, "unknown", "Calls a waiter", phone="Anna's phone", title="Table 6"
    )
    assert titled == f"{TIME}      Anna's phone: Table 6: Calls a waiter"
    assert switched(entity_id, "Table 6.", "unknown", phone="Anna's phone") is None


SENT = {
    "action": "sent",
    "person": "Anna",
    "channel": "mobile_app",
    "name": "Table 6",
    "error": None,
}
SHIFT = dict.fromkeys(("channel", "name", "error"))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (SENT, "sent: Anna, push, Table 6"),
        (
            {**SENT, "action": "failed", "channel": "pigeon", "error": "It sleeps."},
            "not sent: Anna, pigeon, Table 6, It sleeps.",
        ),
        (
            {**SENT, "action": "unreached", "person": None, "channel": None},
            "nobody was reached: Table 6",
        ),
        ({**SHIFT, "action": "shift_started", "person": "Anna"}, "on shift: Anna"),
    ],
)
def test_what_a_team_did(data: dict[str, Any], expected: str) -> None:
    event = SiteEvent("carbis_alerts_dispatch", data, FIRED)
    assert line(event) == f"{TIME}      {expected}"


def test_all_that_a_team_does_has_words() -> None:
    for words in LINE_WORDS.values():
        assert {f"team_{action}" for action in DispatchAction} <= words.keys()


@pytest.mark.parametrize(
    ("entity_id", "old", "new"),
    [
        ("light.hall_lamp", "on", "on"),
        ("light.hall_lamp", None, "off"),
        # It blinks.
        ("light.phone_lamp", "off", "on"),
        ("sensor.bill", "1", "2"),
    ],
)
def test_what_is_not_worth_a_line(entity_id: str, old: str | None, new: str) -> None:
    assert switched(entity_id, old, new) is None
