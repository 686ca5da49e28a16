"""One line for each thing that happens in the site."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from custom_components.carbis_alerts.api.green_api.messengers import MESSENGERS
from custom_components.carbis_alerts.domain.names import NameKind, Names

from .pbx import LAMP as BLINKING
from .qr_menu import SPOKEN
from .stream import SiteEvent
from .words import LINE_WORDS

NOTHING: Final = ("unknown", "unavailable")


def line(event: SiteEvent, language: str = "en") -> str | None:
    """Return the line of an event; None for what is not worth one."""
    words = LINE_WORDS[language]
    match event.type:
        case "state_changed":
            what = _outcome(event.data)
        case "carbis_alerts_alert":
            what = _transition(event.data, words)
        case "carbis_alerts_dispatch":
            what = _dispatch(event.data, words)
        case _:
            what = _event(event.data, words)
    return what and f"{event.fired.astimezone():%H:%M:%S}  {what}"


def changed(data: Mapping[str, Any]) -> str | None:
    """Return an entity's new state where it is another one, else None."""
    old, new = data["old_state"], data["new_state"]
    if old is None or new is None:
        return None
    state: str = new["state"]
    return None if state == old["state"] else state


def _outcome(data: Mapping[str, Any]) -> str | None:
    """Say what the site did: a lamp, what was said, what a phone shows."""
    entity_id, state = data["entity_id"], changed(data)
    if state is None:
        return None
    attributes = data["new_state"]["attributes"]
    if phone := attributes.get("phone"):
        # A notification that is gone leaves nothing.
        shown = filter(None, (phone, attributes.get("title"), state))
        return None if state in NOTHING else f"    {': '.join(shown)}"
    # One that blinks would push everything else away.
    is_lamp = entity_id.startswith("light.") and entity_id != BLINKING
    if not is_lamp and entity_id != SPOKEN:
        return None
    return f"    {attributes.get('friendly_name', entity_id)}: {state}"


def _transition(data: Mapping[str, Any], words: Mapping[str, str]) -> str:
    """Say what became of an alert."""
    action = data["action"]
    parts = [words[f"about_{data['kind']}"].format(name=data["name"])]
    if action == "repeated":
        parts.append(words["times"].format(count=data["count"]))
    if action in ("acknowledged", "snoozed") and data["by"]:
        parts.append(words["by"].format(name=data["by"]))
    if action in ("acknowledged", "overdue"):
        parts.append(words["after"].format(seconds=data["age"]))
    if data["reason"]:
        parts.append(words[f"reason_{data['reason']}"])
    if data["outcome"] == "forgotten":
        parts.append(words["forgotten"])
    return f"    {words[action]}: {', '.join(parts)}"


def _dispatch(data: Mapping[str, Any], words: Mapping[str, str]) -> str:
    """Say what a team did: whom it sent what, who answered, who came or went."""
    channel = data["channel"]
    parts = (
        data["person"],
        words.get(f"channel_{channel}", channel),
        data["name"],
        data["error"],
    )
    return f"    {words[f'team_{data["action"]}']}: {', '.join(filter(None, parts))}"


def _event(data: Mapping[str, Any], words: Mapping[str, str]) -> str:
    match data["source"]:
        case "qr_menu":
            device, about = _table(data, words), _about_table(data, words)
        case "pbx":
            device, about = _extension(data, words), _about_call(data, words)
        case _:
            # Events of earlier versions do not say which.
            messenger = MESSENGERS[data.get("messenger") or "whatsapp"]
            device, about = messenger.title, _about_chat(data, words)
    kind = words.get(f"type_{data['type']}", data["type"])
    parts = [device, kind, *about]
    if data["late"]:
        moment = datetime.fromisoformat(data["time"]).astimezone()
        parts.append(words["late"].format(time=f"{moment:%H:%M:%S}"))
    return "  ".join(part for part in parts if part)


def _table(data: Mapping[str, Any], words: Mapping[str, str]) -> str | None:
    name = data.get("table_name") or data.get("table_id")
    return Names(words).of(NameKind.TABLE, name) if name else None


def _about_table(data: Mapping[str, Any], words: Mapping[str, str]) -> Iterator[str]:
    if data.get("dishes"):
        yield ", ".join(_dish(dish) for dish in data["dishes"])
    for key, name in (("order_sum", "sum"), ("paid", "paid"), ("amount_due", "due")):
        if data.get(key) is not None:
            yield f"{words[name]} {data[key]:.2f}"


def _extension(data: Mapping[str, Any], words: Mapping[str, str]) -> str | None:
    extension = data.get("extension")
    return words["extension"].format(name=extension) if extension else None


def _about_call(data: Mapping[str, Any], words: Mapping[str, str]) -> Iterator[str]:
    number = data.get("caller") or data.get("sender")
    people = [str(who) for who in (data.get("caller_name"), number) if who]
    if people:
        way = "to" if data.get("direction") == "outgoing" else "from"
        yield words[way].format(name=", ".join(people))
    if data.get("vip"):
        yield words["important"]
    if data["type"] == "call_end" and data.get("status"):
        yield f"{data['status']}, {data.get('duration') or 0:g} {words['seconds']}"
    if data.get("text"):
        yield f"«{data['text']}»"


def _about_chat(data: Mapping[str, Any], words: Mapping[str, str]) -> Iterator[str]:
    who = data.get("caller") or data.get("chat_id")
    if data["type"] == "message":
        yield words["from"].format(name=data.get("sender_name") or who)
    elif who:
        way = "from" if data["type"] == "whatsapp_call" else "to"
        yield words[way].format(name=who)
    if data["type"] in ("message", "message_sent"):
        yield f"«{data.get('text') or data.get('message_type')}»"
    for key in ("status", "state"):
        if data.get(key):
            yield str(data[key])


def _dish(dish: Mapping[str, Any]) -> str:
    count, name = dish.get("count"), dish.get("name") or "?"
    return name if count in (None, 1) else f"{count:g} × {name}"
