"""Which event opens and closes which alert."""

from datetime import UTC, datetime

import pytest

from custom_components.carbis_alerts.domain.events import (
    BillRequest,
    DishesAdded,
    Event,
    Message,
    MessageSent,
    MessageStatus,
    MessengerCall,
    MissedCall,
    OnlinePayment,
    StartTalk,
    WaiterCall,
)
from custom_components.carbis_alerts.domain.lifecycle import Reason
from custom_components.carbis_alerts.domain.rules import (
    RULES,
    AlertKind,
    closed_by,
    opened_by,
)

TIME = datetime(2026, 1, 2, tzinfo=UTC)


def test_each_kind_has_one_rule_and_something_that_opens_it() -> None:
    assert [rule.kind for rule in RULES] == [*AlertKind]
    assert all(rule.opened_by for rule in RULES)


@pytest.mark.parametrize(
    ("event", "opened"),
    [
        (
            WaiterCall(code=None, event_id="1", time=TIME, table_id="7"),
            (AlertKind.WAITER_CALL, "7"),
        ),
        (WaiterCall(code=None, event_id="1", time=TIME), (AlertKind.WAITER_CALL, "")),
        (
            BillRequest(code=None, event_id="1", time=TIME, table_id="7"),
            (AlertKind.BILL_REQUEST, "7"),
        ),
        (
            DishesAdded(code=None, event_id="1", time=TIME, table_id="7", waits=True),
            (AlertKind.ORDER, "7"),
        ),
        (DishesAdded(code=None, event_id="1", time=TIME, table_id="7"), None),
        (
            MissedCall(code=None, event_id="1", time=TIME, caller="8 (982) 123-45-67"),
            (AlertKind.MISSED_CALL, "79821234567"),
        ),
        (MissedCall(code=None, event_id="1", time=TIME), (AlertKind.MISSED_CALL, "1")),
        (
            Message(
                code=None, event_id="1", time=TIME, chat_id="7@c.us", awaits_answer=True
            ),
            (AlertKind.MESSAGE, "7@c.us"),
        ),
        (Message(code=None, event_id="1", time=TIME, chat_id="7@g.us"), None),
        (
            Message(
                code=None,
                event_id="1",
                time=TIME,
                chat_id="8@lid",
                chat_key="7@c.us",
                awaits_answer=True,
            ),
            (AlertKind.MESSAGE, "7@c.us"),
        ),
        (
            MessengerCall(
                code=None, event_id="1", time=TIME, caller_key="7", awaits_answer=True
            ),
            (AlertKind.MISSED_CALL, "7"),
        ),
        (
            MessengerCall(code=None, event_id="1", time=TIME, awaits_answer=True),
            (AlertKind.MISSED_CALL, "1"),
        ),
        (MessengerCall(code=None, event_id="1", time=TIME, caller_key="7"), None),
        (
            MessageStatus(
                code=None, event_id="1", time=TIME, chat_id="7@c.us", awaits_answer=True
            ),
            (AlertKind.MESSAGE, "7@c.us"),
        ),
        (MessageStatus(code=None, event_id="1", time=TIME, chat_id="7@c.us"), None),
        (Message(code=None, event_id="1", time=TIME, awaits_answer=True), None),
        (OnlinePayment(code=None, event_id="1", time=TIME, table_id="7"), None),
    ],
)
def test_what_opens_an_alert(
    event: Event, opened: tuple[AlertKind, str] | None
) -> None:
    assert [*opened_by(event)] == ([opened] if opened else [])


@pytest.mark.parametrize(
    ("event", "closed"),
    [
        (OnlinePayment(code=None, event_id="1", time=TIME), None),
        (
            OnlinePayment(code=None, event_id="1", time=TIME, table_id="7", left=5.0),
            None,
        ),
        (
            StartTalk(code=None, event_id="1", time=TIME, caller="+79821234567"),
            (AlertKind.MISSED_CALL, "79821234567", Reason.TALKED),
        ),
        (StartTalk(code=None, event_id="1", time=TIME, caller="anonymous"), None),
        (
            MessageSent(code=None, event_id="1", time=TIME, chat_id="7@c.us"),
            (AlertKind.MESSAGE, "7@c.us", Reason.ANSWERED),
        ),
        (
            MessageSent(
                code=None, event_id="1", time=TIME, chat_id="7@c.us", is_answer=False
            ),
            None,
        ),
        (
            MessengerCall(
                code=None, event_id="1", time=TIME, caller_key="7", status="pickUp"
            ),
            (AlertKind.MISSED_CALL, "7", Reason.TALKED),
        ),
        (
            MessengerCall(
                code=None, event_id="1", time=TIME, caller_key="7", status="declined"
            ),
            None,
        ),
        (WaiterCall(code=None, event_id="1", time=TIME, table_id="7"), None),
    ],
)
def test_what_closes_an_alert(
    event: Event, closed: tuple[AlertKind, str, Reason] | None
) -> None:
    assert [*closed_by(event)] == ([closed] if closed else [])


@pytest.mark.parametrize("left", [None, 0.0])
def test_a_table_that_has_paid_all_waits_for_neither_waiter_nor_bill(
    left: float | None,
) -> None:
    event = OnlinePayment(
        code=None, event_id="1", time=TIME, table_id="7", left=left, paid=5.0
    )
    assert [*closed_by(event)] == [
        (AlertKind.WAITER_CALL, "7", Reason.PAID),
        (AlertKind.BILL_REQUEST, "7", Reason.PAID),
    ]
