"""One line for each thing that happens in the house."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from .stream import HouseEvent


def line(event: HouseEvent) -> str | None:
    """Return the line of an event; None for what is not worth one."""
    what = _lamp(event.data) if event.type == "state_changed" else _alert(event.data)
    return what and f"{event.fired.astimezone():%H:%M:%S}  {what}"


def turned(data: Mapping[str, Any]) -> str | None:
    """Return a light's new state where it was switched, else None."""
    old, new = data["old_state"], data["new_state"]
    if not data["entity_id"].startswith("light.") or old is None or new is None:
        return None
    state: str = new["state"]
    return None if state == old["state"] else state


def _lamp(data: Mapping[str, Any]) -> str | None:
    state = turned(data)
    if state is None:
        return None
    name = data["new_state"]["attributes"].get("friendly_name", data["entity_id"])
    return f"    {name}: {state}"


def _alert(data: Mapping[str, Any]) -> str:
    parts = [data["type"].replace("_", " ")]
    if data.get("table_name") or data.get("table_id"):
        parts.insert(0, f"table {data.get('table_name') or data['table_id']}")
    if data.get("dishes"):
        parts.append(", ".join(_dish(dish) for dish in data["dishes"]))
    for key, name in (("order_sum", "sum"), ("amount_due", "due")):
        if data.get(key) is not None:
            parts.append(f"{name} {data[key]:.2f}")
    if data["late"]:
        first_seen = datetime.fromisoformat(data["time"]).astimezone()
        parts.append(f"late, first seen {first_seen:%H:%M:%S}")
    return "  ".join(parts)


def _dish(dish: Mapping[str, Any]) -> str:
    count, name = dish.get("count"), dish.get("name") or "?"
    return name if count in (None, 1) else f"{count:g} × {name}"
