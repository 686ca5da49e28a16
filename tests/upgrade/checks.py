"""What is looked at in every Home Assistant that has started with a stored folder."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from .folder import Placed
from .now import SAME, TIMES


def check_alerts(placed: Placed, alerts: Iterable[Mapping[str, Any]]) -> None:
    """Require every alert that was stored, as it was."""
    found = {alert["alert_id"]: alert for alert in alerts}
    for stored in placed.expected["alerts"]:
        alert = found[stored["alert_id"]]
        assert {field: alert[field] for field in SAME} == {
            field: stored[field] for field in SAME
        }
        for field in TIMES:
            if stored[field] is None:
                assert alert[field] is None
            else:
                assert datetime.fromisoformat(alert[field]) == placed.moment(
                    stored[field]
                )


def check_states(placed: Placed, states: Mapping[str, str]) -> None:
    """Require every entity, available, every automation on, and the day's figures."""
    known = placed.expected["entities"]
    assert [entity_id for entity_id in known if entity_id not in states] == []
    away = [entity_id for entity_id in known if states[entity_id] == "unavailable"]
    assert away == []
    automations = [name for name in known if name.startswith("automation.")]
    assert len(automations) > 30
    assert [name for name in automations if states[name] != "on"] == []
    figures = placed.expected["figures"]
    assert {entity_id: states[entity_id] for entity_id in figures} == figures


def connections(placed: Placed) -> list[str]:
    """Return the entities that say whether a service has answered."""
    return [
        name
        for name in placed.expected["entities"]
        if name.startswith("binary_sensor.") and "_connection" in name
    ]
