"""What the board shows of an entry, a device, an alert, a call and a message, as JSON."""

from datetime import UTC, datetime
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from ..const import CONF_OVERDUE_AFTER, CONF_SERVICE, DEFAULT_OVERDUE_AFTER, DOMAIN
from ..domain.alert import Alert
from ..domain.events import EventType
from ..domain.legs import Call
from ..domain.messages import Message
from ..domain.names import NameKind
from ..runtime.devices import HUB
from ..runtime.naming import entry_name
from ..runtime.runtime import ServiceRuntime
from ..services.abilities import HoldsCalls, SendsText
from ..services.registry import service_of

type Json = dict[str, Any]


def device_view(runtime: ServiceRuntime, key: str) -> Json:
    """Return a table, an extension or a chat."""
    device = runtime.devices.all[key]
    return {
        "entry_id": runtime.entry.entry_id,
        "device_id": device.device_id,
        "kind": runtime.identity.device_kind,
        "id": device.id,
        "name": runtime.devices.name_of(key),
    }


def alert_view(runtime: ServiceRuntime, alert: Alert) -> Json:
    """Return an alert as actions return it, whatever its kind."""
    return runtime.alert_events.data(alert)


def message_view(runtime: ServiceRuntime, message: Message) -> Json:
    """Return a message, whose chat it is, who wrote, and whether it is a group's."""
    chat_id = message.chat_id
    devices, names = runtime.devices, runtime.alert_events.names
    is_group = (
        chat_id is not None
        and isinstance(runtime.source, SendsText)
        and runtime.source.sender.is_group(chat_id)
    )
    writer = names.of(NameKind.CALLER, message.sender_name or message.sender)
    name = writer
    if chat_id is not None:
        # In a group, and of what is sent, the writer's name is not the chat's.
        is_own = is_group or message.type is EventType.MESSAGE_SENT
        bare = None if is_own else message.sender_name or message.sender
        name = devices.name_of(devices.known_key(chat_id)) or names.of(
            NameKind.CHAT, bare, chat_id
        )
    return {
        "entry_id": runtime.entry.entry_id,
        "is_group": is_group,
        "name": name,
        "writer": writer,
        **message.as_dict(),
    }


def calls_view(runtime: ServiceRuntime, clock: float) -> dict[str, Json]:
    """Return the calls in progress by their ids.

    ``clock`` is what the wall clock shows more than the monotonic one.
    """
    source = runtime.source
    if not isinstance(source, HoldsCalls):
        return {}
    views: dict[str, Json] = {}
    for call in source.calls.active:
        view = _call_view(runtime, source, call, clock)
        if call.call_id in views:
            # On another trunk.
            view["call_id"] = f"{call.call_id} {call.trunk}"
        views[view["call_id"]] = view
    return views


def _call_view(
    runtime: ServiceRuntime, source: HoldsCalls, call: Call, clock: float
) -> Json:
    caller = source.caller_data(call.caller)
    return {
        "entry_id": runtime.entry.entry_id,
        "call_id": call.call_id,
        "device_id": source.device_of(call.extension),
        "direction": call.direction,
        "state": call.state.value,
        "extension": call.extension,
        "trunk": call.trunk,
        "since": datetime.fromtimestamp(clock + call.since, UTC).isoformat(),
        **caller,
        "name": runtime.alert_events.names.of(
            NameKind.CALLER, caller["caller_name"] or caller["caller"]
        ),
    }


def entry_view(
    hass: HomeAssistant,
    entry: ConfigEntry,
    runtime: ServiceRuntime | None,
    before: Json,
    now: datetime,
) -> Json:
    """Return an entry; where it does not run, with what was known ``before``."""
    connected = runtime is not None and runtime.connection.is_connected is not False
    view = {
        "device_id": None,
        "todo_entity_id": None,
        "has_answer_time": False,
        "has_tables": False,
        "last_answer": None,
        "figures": {},
        **before,
        "entry_id": entry.entry_id,
        "title": entry_name(hass, entry),
        "source": entry.data[CONF_SERVICE],
        "loaded": runtime is not None,
        "connected": connected,
        "overdue_after": entry.options.get(CONF_OVERDUE_AFTER, DEFAULT_OVERDUE_AFTER),
    }
    if runtime is not None:
        described = service_of(entry)
        last_answer = runtime.connection.last_answer_at
        view |= {
            "device_id": runtime.devices.hub_id,
            "todo_entity_id": er.async_get(hass).async_get_entity_id(
                "todo", DOMAIN, runtime.devices.unique_id(HUB, "alerts")
            ),
            "has_answer_time": described.has_answer_time,
            # Guests call from there.
            "has_tables": bool(described.waiting),
            # While it answers this would be another with each poll.
            "last_answer": (
                last_answer.isoformat() if last_answer and not connected else None
            ),
            "figures": _figures(runtime),
        }
    elif view["last_answer"] is None:
        view["last_answer"] = now.isoformat()
    return view


def _figures(runtime: ServiceRuntime) -> Json:
    """Return the figures of the day; times are in seconds."""
    alerts = runtime.alerts
    waits = alerts.waits_today
    return {
        "today": alerts.events_today.value,
        "answer_time": waits.mean,
        "answered": len(waits.waits),
        "longest_wait": (waits.longest or (None,))[0],
        "forgotten": alerts.forgotten_today.value,
    }
