"""What counts as a proof."""

from datetime import UTC, datetime
from typing import Any

from scripts.live_demo.once import Proof
from scripts.live_demo.services import Alert
from scripts.live_demo.stream import HouseEvent

NOW = datetime(2026, 11, 21, tzinfo=UTC)
ALERT = Alert(
    text="Call",
    event={"type": "waiter_call", "event_id": "0x1"},
    lamp="light.hall_lamp",
)
BUS = {"type": "waiter_call", "event_id": "0x1", "entity_id": "event.table_6"}


def event(kind: str, data: dict[str, Any]) -> HouseEvent:
    return HouseEvent(kind, data, NOW)


def changed(entity_id: str, state: str, **attributes: str) -> HouseEvent:
    new = {"entity_id": entity_id, "state": state, "attributes": attributes}
    data = {"entity_id": entity_id, "old_state": {"state": "off"}, "new_state": new}
    return event("state_changed", data)


ENTITY = changed("event.table_6", "now", event_id="0x1", event_type="waiter_call")
LIGHT = changed("light.hall_lamp", "on")


def test_all_three_are_needed() -> None:
    proof = Proof(ALERT, NOW)
    proof.take(event("carbis_alerts_event", BUS))
    assert len(proof.missing) == 2
    proof.take(ENTITY)
    assert proof.missing == ["light.hall_lamp that turned on"]
    proof.take(LIGHT)
    assert (proof.missing, proof.reaction) == ([], 0)


def test_what_came_before_the_bus_event_does_not_count() -> None:
    proof = Proof(ALERT, NOW)
    for early in (
        LIGHT,
        ENTITY,
        event("carbis_alerts_event", {**BUS, "event_id": "0x2"}),
    ):
        proof.take(early)
    assert len(proof.missing) == 3


def test_other_changes_do_not_count() -> None:
    proof = Proof(ALERT, NOW)
    proof.take(event("carbis_alerts_event", BUS))
    proof.take(changed("light.hall_lamp", "off"))
    proof.take(changed("light.table_6_lamp", "on"))
    proof.take(changed("event.table_6", "now", event_id="0x2", event_type="other"))
    assert len(proof.missing) == 2
