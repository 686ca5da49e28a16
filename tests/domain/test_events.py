"""What happens at the services, and what the bus has of it."""

from dataclasses import FrozenInstanceError, fields, replace
from datetime import UTC, datetime
from typing import get_args

import pytest

from custom_components.carbis_alerts.api import green_api, qr_menu
from custom_components.carbis_alerts.domain.events import (
    EVENTS,
    Event,
    EventType,
    Message,
    MissedCall,
    Source,
    WaiterCall,
    events_of,
    field_names,
)
from custom_components.carbis_alerts.services.green_api import events as messenger
from custom_components.carbis_alerts.services.qr_menu import events as tables

TIME = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)
EVENT = WaiterCall(
    code="waiter_call",
    event_id="0x1",
    late=True,
    time=TIME,
    device_key="1000028",
    table_id="1000028",
    note="Quick",
)


def test_an_event_is_published_with_all_its_fields_and_without_its_device() -> None:
    assert EVENT.as_dict() == {
        "source": "qr_menu",
        "type": "waiter_call",
        "code": "waiter_call",
        "event_id": "0x1",
        "late": True,
        "time": "2026-01-02T03:04:05.000678+00:00",
        "table_id": "1000028",
        "table_name": None,
        "order_id": None,
        "order_sum": None,
        "waiter": None,
        "dishes": None,
        "amount_due": None,
        "paid": None,
        "raw": None,
    }


@pytest.mark.parametrize("kind", EVENTS)
def test_each_event_has_every_field_of_its_service(kind: type[Event]) -> None:
    event = kind(code=None, event_id="1", time=TIME)
    common = {"source", "type", "code", "event_id", "late", "time"}
    for other in events_of(kind.source).values():
        assert event.as_dict().keys() == {*common, *field_names(other)}
    assert type(event.as_dict()["source"]) is type(event.as_dict()["type"]) is str


def test_each_type_is_some_service_s_and_one_class_of_it() -> None:
    assert {kind.type for kind in EVENTS} == set(EventType)
    assert {kind.source for kind in EVENTS} == set(Source)
    assert sum(len(events_of(source)) for source in Source) == len(EVENTS)


def test_each_kind_of_a_client_has_its_class() -> None:
    assert set(get_args(qr_menu.Kind.__value__)) == {*tables.KINDS}
    assert set(get_args(green_api.Kind.__value__)) == {*messenger.KINDS}
    for kinds in (tables.KINDS, messenger.KINDS):
        assert {name: kind.type for name, kind in kinds.items()} == {
            name: name for name in kinds
        }


def test_what_was_published_can_be_changed_and_the_event_cannot() -> None:
    EVENT.as_dict()["table_id"] = "7"
    assert EVENT.table_id == "1000028"
    with pytest.raises(FrozenInstanceError):
        EVENT.late = False  # type: ignore[misc]


@pytest.mark.parametrize(
    ("event", "title", "details"),
    [
        (EVENT, "1000028", "Quick"),
        (replace(EVENT, table_name="6", note=None), "6", None),
        (replace(EVENT, table_id=None), "", "Quick"),
        (MissedCall(code=None, event_id="1", time=TIME, caller="+7982"), "+7982", None),
        (
            MissedCall(
                code=None, event_id="1", time=TIME, caller="+7982", caller_name="Anna"
            ),
            "Anna",
            None,
        ),
        (
            Message(code=None, event_id="1", time=TIME, chat_id="7@c.us", text="Hi"),
            "7",
            "Hi",
        ),
        (
            Message(
                code=None,
                event_id="1",
                time=TIME,
                chat_id="7@c.us",
                sender_name="Anna",
                chat_name="Guests",
            ),
            "Guests",
            None,
        ),
    ],
)
def test_an_event_says_whom_it_is_about(
    event: Event, title: str, details: str | None
) -> None:
    assert (event.title, event.details) == (title, details)


def test_no_two_fields_of_an_event_are_one() -> None:
    for kind in EVENTS:
        names = [field.name for field in fields(kind)]
        assert len(names) == len({*names})
