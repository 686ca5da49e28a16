"""Automations that a person made with 0.1.0: every trigger, condition, action, blueprint."""

from collections.abc import Mapping
from typing import Any, Final

# What each trigger is restricted to, by the names of the maker's targets, and its options.
TRIGGERS: Final[Mapping[str, tuple[str | None, Mapping[str, Any]]]] = {
    "waiter_called": ("table", {"include_late": False}),
    "dishes_added": ("terrace", {}),
    "payment_received": ("qr_menu", {"minimum_sum": 100.0}),
    "call_incoming": ("extension", {}),
    "call_answered": ("pbx", {}),
    "call_ended": ("pbx", {"status": ["no_answer", "busy"]}),
    "call_missed": (None, {"vip_only": True, "caller": "+7 982 123-45-67"}),
    "sms_received": ("hook_pbx", {}),
    "message_received": ("chat", {"text_contains": "table"}),
    "alert_opened": ("renamed", {"kind": ["waiter_call"]}),
    "alert_acknowledged": (None, {"kind": ["waiter_call", "message"]}),
    "alert_overdue": ("floor", {}),
    "alert_closed": ("label", {}),
    "connection_lost": ("qr_menu", {"for": {"minutes": 5}}),
    "connection_restored": ("whatsapp", {}),
}
CONDITIONS: Final[Mapping[str, tuple[str | None, Mapping[str, Any]]]] = {
    "has_open_alerts": ("qr_menu", {"kind": ["waiter_call"], "older_than": 0.0}),
    "is_in_call": ("pbx", {}),
}
# A phone that is no device here: what blueprints do with it is not what is looked at.
PHONE: Final = "a-phone-with-the-companion-app"


def automations(
    targets: Mapping[str, Mapping[str, Any]], entries: Mapping[str, str]
) -> dict[str, dict[str, Any]]:
    """Return the automations by their ids."""
    return {
        **{
            name: _counting(
                name,
                {
                    "trigger": f"carbis_alerts.{name}",
                    **({"target": dict(targets[target])} if target else {}),
                    "options": dict(options),
                },
            )
            for name, (target, options) in TRIGGERS.items()
        },
        **{
            name: _counting(
                name,
                {"trigger": "event", "event_type": "look"},
                {
                    "condition": f"carbis_alerts.{name}",
                    **({"target": dict(targets[target])} if target else {}),
                    "options": dict(options),
                },
            )
            for name, (target, options) in CONDITIONS.items()
        },
        "bus_event": _counting(
            "bus_event",
            {
                "trigger": "event",
                "event_type": "carbis_alerts_event",
                "event_data": {"source": "qr_menu", "type": "waiter_call"},
            },
        ),
        "bus_alert": _counting(
            "bus_alert",
            {
                "trigger": "event",
                "event_type": "carbis_alerts_alert",
                "event_data": {"action": "opened"},
            },
        ),
        "entity_state": _counting(
            "entity_state",
            {"trigger": "state", **targets["renamed"], "to": "on"},
        ),
        "actions": _acting(targets, entries),
        **{
            f"from_{name}": {
                "alias": f"From {name}",
                "use_blueprint": {
                    "path": f"carbis_alerts/{name}.yaml",
                    "input": inputs,
                },
            }
            for name, inputs in _blueprints(targets, entries).items()
        },
    }


def _counting(
    name: str, trigger: Mapping[str, Any], *conditions: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "alias": name.replace("_", " ").capitalize(),
        "triggers": [trigger],
        "conditions": list(conditions),
        "actions": [
            {
                "action": "counter.increment",
                "target": {"entity_id": f"counter.{name}"},
            }
        ],
        "mode": "queued",
    }


def _acting(
    targets: Mapping[str, Mapping[str, Any]], entries: Mapping[str, str]
) -> dict[str, Any]:
    """Return an automation that performs every action."""
    return {
        "alias": "Actions",
        "triggers": [{"trigger": "event", "event_type": "act"}],
        "actions": [
            {
                "action": "carbis_alerts.raise_alert",
                "data": {
                    "entry_id": entries["qr_menu"],
                    "table": "8",
                    "text": "A child's chair",
                },
            },
            {
                "action": "carbis_alerts.get_alerts",
                "data": {"kind": "waiter_call", "state": "open"},
                "response_variable": "found",
            },
            {
                "action": "carbis_alerts.acknowledge",
                "target": dict(targets["table"]),
                "data": {"by": "The automation"},
            },
            {
                "action": "carbis_alerts.send_message",
                "data": {
                    "entry_id": entries["whatsapp"],
                    "phone": "+7 982 123-45-67",
                    "message": "{{ found.alerts | count }} wait",
                },
            },
        ],
    }


def _blueprints(
    targets: Mapping[str, Mapping[str, Any]], entries: Mapping[str, str]
) -> dict[str, dict[str, Any]]:
    """Return what a person filled in, by the blueprint."""
    lamp = ["light.hall_lamp"]
    return {
        "announcement": {
            "way": "satellite",
            "target": targets["terrace"],
            "quiet_from": "23:00:00",
            "quiet_to": "08:00:00",
        },
        "connection_lost": {"services": targets["qr_menu"], "phones": [PHONE]},
        "escalation": {"lights": lamp, "kinds": ["waiter_call"], "after": 600},
        "incoming_call": {
            "calls": targets["pbx"],
            "displays": ["input_text.call_display"],
        },
        "light_signal": {"lights": lamp, "target": targets["terrace"]},
        "missed_call": {
            "phones": [PHONE],
            "vip_only": True,
            "whatsapp": entries["whatsapp"],
            "answer_text": "We call you back.",
        },
        "mqtt": {"venue": "restaurant", "sources": ["pbx"], "personal": False},
        "payment": {"lights": lamp, "minimum_sum": 500},
        "push": {
            "staff": [
                {
                    "name": "Anna",
                    "phone": PHONE,
                    "areas": ["terrace"],
                    "on_shift": "input_boolean.anna_on_shift",
                }
            ],
            "target": targets["terrace"],
        },
        "whatsapp_answer": {"chats": targets["chat"], "phones": [PHONE], "quote": True},
    }
