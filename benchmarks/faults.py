"""What a fault of a service led to, in figures."""

from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from custom_components.carbis_alerts.const import DOMAIN

from .figures import Figure

SEEN: Final = {
    "certificate_changed": "repair: certificate",
    "reauth": "asks for the token",
}


def fault_figures(
    name: str, *, seconds: float, lost: int, twice: int, seen: str
) -> list[Figure]:
    """Return when the next event came, and that none was lost or came twice."""
    return [
        Figure(name=f"{name}: next event after", unit="s", ours=seconds, note=seen),
        Figure(name=f"{name}: lost", unit="", ours=lost, goal=0),
        Figure(name=f"{name}: twice", unit="", ours=twice, goal=0),
    ]


def what_is_seen(hass: HomeAssistant, entry_id: str, source: object) -> str:
    """Return what a user sees in the middle of it."""
    connected = bool(getattr(source, "connected", None))
    reason = str(getattr(source, "last_exception", None) or "").rstrip(".")
    asked = [
        flow["context"]["source"]
        for flow in hass.config_entries.flow.async_progress_by_handler(DOMAIN)
        if flow["context"].get("entry_id") == entry_id
    ] + [
        str(issue.translation_key)
        for _, issue in ir.async_get(hass).issues.items()
        if entry_id in issue.issue_id and issue.domain == DOMAIN
    ]
    state = "connection on" if connected else f"connection off: {reason}"
    return "; ".join([state, *(SEEN.get(what, what) for what in asked)])
