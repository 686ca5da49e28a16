"""The line of each event."""

from datetime import UTC, datetime
from typing import Any

import pytest

from scripts.live_demo.lines import line
from scripts.live_demo.stream import HouseEvent

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
    return line(HouseEvent("carbis_alerts_event", {**CALL, **data}, FIRED))


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


def switched(entity_id: str, old: str | None, new: str) -> str | None:
    data = {
        "entity_id": entity_id,
        "old_state": old and {"state": old},
        "new_state": {"state": new, "attributes": {"friendly_name": "Hall lamp"}},
    }
    return line(HouseEvent("state_changed", data, FIRED))


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({}, "table 6  waiter call"),
        ({"table_name": None}, "table 1000028  waiter call"),
        ({"table_name": None, "table_id": None, "type": "other"}, "other"),
        ({"late": True}, f"table 6  waiter call  late, of {TIME}"),
        (
            {"type": "online_payment", "order_sum": 1240.5},
            "table 6  online payment  sum 1240.50",
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
    ],
)
def test_messages(data: dict[str, Any], text: str) -> None:
    assert alert(**{**MESSAGE, **data}) == f"{TIME}  {text}"


def test_lamp() -> None:
    assert switched("light.hall_lamp", "off", "on") == f"{TIME}      Hall lamp: on"


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
