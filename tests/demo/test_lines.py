"""The line of each event."""

from datetime import UTC, datetime
from typing import Any

import pytest

from scripts.live_demo.lines import line
from scripts.live_demo.stream import HouseEvent

FIRED = datetime(2026, 11, 21, 19, 30, 5, tzinfo=UTC)
TIME = f"{FIRED.astimezone():%H:%M:%S}"
CALL = {
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
        ({"late": True}, f"table 6  waiter call  late, first seen {TIME}"),
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


def test_lamp() -> None:
    assert switched("light.hall_lamp", "off", "on") == f"{TIME}      Hall lamp: on"


@pytest.mark.parametrize(
    ("entity_id", "old", "new"),
    [
        ("light.hall_lamp", "on", "on"),
        ("light.hall_lamp", None, "off"),
        ("sensor.bill", "1", "2"),
    ],
)
def test_what_is_not_worth_a_line(entity_id: str, old: str | None, new: str) -> None:
    assert switched(entity_id, old, new) is None
