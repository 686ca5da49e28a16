"""What a source tells."""

from dataclasses import FrozenInstanceError
from datetime import UTC, datetime

import pytest

from custom_components.carbis_alerts.domain.events import ServiceEvent, Source

EVENT = ServiceEvent(
    source=Source.QR_MENU,
    type="waiter_call",
    code="waiter_call",
    event_id="0x1",
    late=True,
    time=datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC),
    place="1000028",
    entity="activity",
    data={"table_id": "1000028", "order_sum": None},
)


def test_an_event_is_told_with_all_its_fields_and_without_its_place_in_the_house() -> (
    None
):
    assert EVENT.as_dict() == {
        "source": "qr_menu",
        "type": "waiter_call",
        "code": "waiter_call",
        "event_id": "0x1",
        "late": True,
        "time": "2026-01-02T03:04:05.000678+00:00",
        "table_id": "1000028",
        "order_sum": None,
    }


def test_what_is_told_is_plain_text_and_no_enum() -> None:
    assert type(EVENT.as_dict()["source"]) is str


def test_what_was_told_can_be_changed_and_the_event_cannot() -> None:
    EVENT.as_dict()["table_id"] = "7"
    assert EVENT.data["table_id"] == "1000028"
    with pytest.raises(FrozenInstanceError):
        EVENT.late = False  # type: ignore[misc]
