"""What counts as a proof."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any, override
from unittest.mock import patch

import pytest

from scripts.live_demo.errors import DemoError
from scripts.live_demo.once import Proof, prove
from scripts.live_demo.pbx import Pbx
from scripts.live_demo.service import Alert, Change
from scripts.live_demo.stream import SiteEvent, Stream

NOW = datetime(2026, 11, 21, tzinfo=UTC)
ALERT = Alert(
    text="Call",
    event={"type": "waiter_call", "event_id": "0x1"},
    changes=(Change("light.hall_lamp", ("on",)),),
)
BUS = {"type": "waiter_call", "event_id": "0x1", "entity_id": "event.table_6"}


def event(kind: str, data: dict[str, Any]) -> SiteEvent:
    return SiteEvent(kind, data, NOW)


def changed(
    entity_id: str, state: str, old: str = "off", **attributes: str
) -> SiteEvent:
    new = {"entity_id": entity_id, "state": state, "attributes": attributes}
    data = {"entity_id": entity_id, "old_state": {"state": old}, "new_state": new}
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


def test_what_an_outcome_is_to_people(capsys: pytest.CaptureFixture[str]) -> None:
    changes = (
        Change("light.hall_lamp", ("on",), outcome="light"),
        Change("sensor.phone", ("Table 6",), outcome="push"),
    )
    proof = Proof(Alert("Call", event={"type": "waiter_call"}, changes=changes), NOW)
    proof.take(event("carbis_alerts_event", BUS))
    reactions = []
    for step in (changed("sensor.phone", "Table 6"), LIGHT):
        proof.take(step)
        reactions.append(proof.reaction)
    assert reactions == [None, 0]
    assert capsys.readouterr().out.splitlines()[1:] == [
        "      0 ms  push, sensor.phone: Table 6",
        "      0 ms  light, light.hall_lamp: on",
    ]


def test_what_the_team_does_about_it(capsys: pytest.CaptureFixture[str]) -> None:
    sent = {"action": "sent", "person": "Anna"}
    proof = Proof(Alert("Call", dispatch=(sent,)), NOW)
    data = {**sent, "channel": "mobile_app", "step": "At once", "error": None}
    proof.take(event("carbis_alerts_dispatch", {**data, "person": "Boris"}))
    assert proof.missing == ["Anna for whom something was sent"]
    proof.take(event("carbis_alerts_dispatch", data))
    assert proof.missing == []
    assert capsys.readouterr().out == (
        "      0 ms  bus event carbis_alerts_dispatch, sent, Anna, mobile_app, At once\n"
    )


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


BLINKING = Alert(
    text="It rings",
    event={"type": "waiter_call"},
    changes=(Change("light.hall_lamp", ("on", "off", "on")),),
)
ENDING = Alert(
    text="It is answered",
    event={"type": "waiter_call"},
    changes=(Change("light.hall_lamp", ("off",), may_be_so=True),),
)
OFF = changed("light.hall_lamp", "off", old="on")


def test_states_are_waited_for_one_after_another() -> None:
    proof = Proof(BLINKING, NOW)
    proof.take(event("carbis_alerts_event", BUS))
    proof.take(ENTITY)
    for step, left in ((OFF, 3), (LIGHT, 2), (LIGHT, 2), (OFF, 1), (LIGHT, 0)):
        proof.take(step)
        assert len(proof.missing) == left


def test_a_lamp_that_is_off_just_then_may_be_so() -> None:
    proof = Proof(ENDING, NOW)
    proof.take(OFF)
    proof.take(event("carbis_alerts_event", BUS))
    proof.take(ENTITY)
    assert (proof.missing, proof.reaction) == ([], None)


def test_a_lamp_that_is_on_has_to_turn_off() -> None:
    proof = Proof(ENDING, NOW)
    for step in (OFF, LIGHT, event("carbis_alerts_event", BUS), ENTITY):
        proof.take(step)
    assert proof.missing == ["light.hall_lamp that turned off"]
    proof.take(OFF)
    assert (proof.missing, proof.reaction) == ([], 0)


LATE = Alert(
    text="Nobody comes",
    transitions=({"action": "opened"}, {"action": "overdue"}),
)


NOTHING_ELSE = {"reason": None, "outcome": None, "by": None}


def became(action: str, **more: Any) -> SiteEvent:
    data = {"action": action, "age": 3.04, **NOTHING_ELSE, **more}
    return event("carbis_alerts_alert", data)


def test_transitions_are_waited_for_one_after_another() -> None:
    proof = Proof(LATE, NOW)
    assert proof.missing == ["alert that was opened", "alert that was overdue"]
    proof.take(became("overdue"))
    assert len(proof.missing) == 2
    for step in ("opened", "overdue"):
        proof.take(event("carbis_alerts_event", BUS))
        proof.take(became(step))
    assert (proof.missing, proof.reaction) == ([], None)
    proof.take(became("overdue"))


def test_a_transition_before_the_bus_event_does_not_count() -> None:
    first = {"action": "opened", "count": 1}
    opened = Alert("Call", event={"type": "waiter_call"}, transitions=(first,))
    proof = Proof(opened, NOW)
    proof.take(became("opened", count=1))
    assert len(proof.missing) == 3
    proof.take(event("carbis_alerts_event", BUS))
    proof.take(became("opened", count=2))
    assert len(proof.missing) == 2


def test_who_did_it_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    proof = Proof(Alert("Ends", transitions=({"by": "Maria"}, {"by": None})), NOW)
    proof.take(became("acknowledged", by="Maria"))
    proof.take(became("closed", reason="paid"))
    assert capsys.readouterr().out.splitlines() == [
        "      0 ms  bus event carbis_alerts_alert, acknowledged, after 3.0 s, by Maria",
        "      0 ms  bus event carbis_alerts_alert, closed, paid",
    ]


async def test_alerts_are_made_one_by_one(capsys: pytest.CaptureFixture[str]) -> None:
    site = FakeStream()
    await prove(site, FakeService(site))
    assert site.left == []
    assert (
        capsys.readouterr()
        .out.splitlines()[-1]
        .endswith("of it from the bus event to light.hall_lamp")
    )


async def test_what_did_not_come_is_reported() -> None:
    site = FakeStream()
    service = FakeService(site, [event("carbis_alerts_event", BUS), ENTITY])
    with (
        patch("scripts.live_demo.once.LIMIT", 0.01),
        pytest.raises(DemoError, match=r"no light\.hall_lamp that turned on\.$"),
    ):
        await prove(site, service)


class FakeStream(Stream):
    """A site in which what a list holds happens."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.left: list[SiteEvent] = []

    @override
    async def next_event(self) -> SiteEvent:
        """Return the next one, or wait for ever."""
        if not self.left:
            await asyncio.Event().wait()
        return self.left.pop(0)


class FakeService(Pbx):
    """A service with two alerts."""

    def __init__(
        self, site: FakeStream, leads_to: list[SiteEvent] | None = None
    ) -> None:
        """Say what an alert leads to."""
        self._site = site
        self._leads_to = leads_to

    @override
    async def alerts(self, stream: Stream) -> AsyncGenerator[Alert]:
        """Make two alerts."""
        for _ in range(2):
            assert not self._site.left
            self._site.left = list(
                self._leads_to or [event("carbis_alerts_event", BUS), ENTITY, LIGHT]
            )
            yield ALERT
