"""One line for each thing that happens in the house."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from .pbx import LAMP as BLINKING
from .stream import HouseEvent


def line(event: HouseEvent) -> str | None:
    """Return the line of an event; None for what is not worth one."""
    what = _lamp(event.data) if event.type == "state_changed" else _alert(event.data)
    return what and f"{event.fired.astimezone():%H:%M:%S}  {what}"


def changed(data: Mapping[str, Any]) -> str | None:
    """Return an entity's new state where it is another one, else None."""
    old, new = data["old_state"], data["new_state"]
    if old is None or new is None:
        return None
    state: str = new["state"]
    return None if state == old["state"] else state


def _lamp(data: Mapping[str, Any]) -> str | None:
    entity_id, state = data["entity_id"], changed(data)
    # One that blinks would push everything else away.
    if state is None or not entity_id.startswith("light.") or entity_id == BLINKING:
        return None
    name = data["new_state"]["attributes"].get("friendly_name", entity_id)
    return f"    {name}: {state}"


def _alert(data: Mapping[str, Any]) -> str:
    match data["source"]:
        case "qr_menu":
            place, about = _table(data), _about_table(data)
        case "pbx":
            place, about = _extension(data), _about_call(data)
        case _:
            place, about = "WhatsApp", _about_chat(data)
    parts = [place, data["type"].removeprefix("whatsapp_").replace("_", " "), *about]
    if data["late"]:
        moment = datetime.fromisoformat(data["time"]).astimezone()
        parts.append(f"late, of {moment:%H:%M:%S}")
    return "  ".join(part for part in parts if part)


def _table(data: Mapping[str, Any]) -> str | None:
    name = data.get("table_name") or data.get("table_id")
    return f"table {name}" if name else None


def _about_table(data: Mapping[str, Any]) -> Iterator[str]:
    if data.get("dishes"):
        yield ", ".join(_dish(dish) for dish in data["dishes"])
    for key, name in (("order_sum", "sum"), ("amount_due", "due")):
        if data.get(key) is not None:
            yield f"{name} {data[key]:.2f}"


def _extension(data: Mapping[str, Any]) -> str | None:
    extension = data.get("extension")
    return f"extension {extension}" if extension else None


def _about_call(data: Mapping[str, Any]) -> Iterator[str]:
    number = data.get("caller") or data.get("sender")
    people = [str(who) for who in (data.get("caller_name"), number) if who]
    if people:
        way = "to" if data.get("direction") == "outgoing" else "from"
        yield f"{way} {', '.join(people)}"
    if data.get("vip"):
        yield "important"
    if data["type"] == "call_end" and data.get("status"):
        yield f"{data['status']}, {data.get('duration') or 0:g} s"
    if data.get("text"):
        yield f"«{data['text']}»"


def _about_chat(data: Mapping[str, Any]) -> Iterator[str]:
    who = data.get("caller") or data.get("chat_id")
    if data["type"] == "message":
        yield f"from {data.get('sender_name') or who}"
    elif who:
        yield f"{'from' if data['type'] == 'whatsapp_call' else 'to'} {who}"
    if data["type"] in ("message", "message_sent"):
        yield f"«{data.get('text') or data.get('message_type')}»"
    for key in ("status", "state"):
        if data.get(key):
            yield str(data[key])


def _dish(dish: Mapping[str, Any]) -> str:
    count, name = dish.get("count"), dish.get("name") or "?"
    return name if count in (None, 1) else f"{count:g} × {name}"
