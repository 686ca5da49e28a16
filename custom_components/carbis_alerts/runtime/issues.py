"""The repairs that a source opens, and closes when they no longer hold."""

from collections.abc import Container, Mapping
from datetime import datetime
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from ..api.certificate import ServerCertificate
from ..const import DOCUMENTATION, DOMAIN
from ..domain.shown import names, placeholders
from .naming import entry_name

Severity = ir.IssueSeverity

CERTIFICATE: Final = "certificate_changed"
ACCOUNT_RESTRICTED: Final = "account_restricted"
ACCOUNT_STATE: Final = "account_state"
EVENTS_LOST: Final = "events_lost"
GROUP_MOVED: Final = "group_moved"
INSTANCE_DELETED: Final = "instance_deleted"
INSTANCE_EXPIRED: Final = "instance_expired"
NOBODY_REACHABLE: Final = "nobody_reachable"
NOT_LINKED: Final = "not_linked"
QUOTA_EXCEEDED: Final = "quota_exceeded"
SECOND_READER: Final = "second_reader"
SERVICE_REFUSED: Final = "service_refused"
SHIFT_UNKNOWN: Final = "shift_unknown"
STREAM_REFUSED: Final = "stream_refused"
UNKNOWN_CODE: Final = "unknown_code"
TLS_TOO_OLD: Final = "tls_too_old"
WEBHOOK_URL_SET: Final = "webhook_url_set"
ZONE_GONE: Final = "zone_gone"
UNREADABLE: Final = "unreadable"
UNKNOWN_DEVICE: Final = "unknown_device"


def issue_id(kind: str, entry_id: str, part: str = "") -> str:
    """Return the id of a repair of an entry."""
    return "_".join(filter(None, (kind, entry_id, part)))


@callback
def async_open(
    hass: HomeAssistant,
    entry: ConfigEntry,
    kind: str,
    *,
    severity: Severity,
    details: Mapping[str, object] | None = None,
    part: str = "",
    is_fixable: bool = True,
) -> None:
    """Open a repair of an entry, or bring it up to date."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue_id(kind, entry.entry_id, part),
        data={"entry_id": entry.entry_id, "part": part},
        is_fixable=is_fixable,
        learn_more_url=f"{DOCUMENTATION}/repairs.md#{kind.replace('_', '-')}",
        severity=severity,
        translation_key=kind,
        translation_placeholders=placeholders(
            title=entry_name(hass, entry), **(details or {})
        ),
    )


@callback
def async_close(
    hass: HomeAssistant, entry: ConfigEntry, kind: str, part: str = ""
) -> None:
    """Close a repair of an entry, if it is open."""
    ir.async_delete_issue(hass, DOMAIN, issue_id(kind, entry.entry_id, part))


@callback
def async_keep_parts(
    hass: HomeAssistant, entry: ConfigEntry, kind: str, parts: Container[str]
) -> None:
    """Close the repairs of a kind whose parts are no more."""
    prefix = f"{issue_id(kind, entry.entry_id)}_"
    for domain, issue in list(ir.async_get(hass).issues):
        if (
            domain == DOMAIN
            and issue.startswith(prefix)
            and issue.removeprefix(prefix) not in parts
        ):
            ir.async_delete_issue(hass, domain, issue)


@callback
def async_close_all(hass: HomeAssistant, entry_id: str) -> None:
    """Close what is open for an entry that goes."""
    for domain, issue in list(ir.async_get(hass).issues):
        if domain == DOMAIN and entry_id in issue:
            ir.async_delete_issue(hass, domain, issue)


def clock_time(moment: datetime) -> str:
    """Return a time as a person reads it; with the day where it is not today."""
    local = dt_util.as_local(moment)
    is_today = local.date() == dt_util.now().date()
    return local.strftime("%H:%M" if is_today else "%Y-%m-%d %H:%M")


def grouped(fingerprint: str) -> str:
    """Return a fingerprint as servers and browsers show it."""
    return bytes.fromhex(fingerprint).hex(":").upper()


def certificate_details(certificate: ServerCertificate) -> dict[str, object]:
    """Return what a person compares before trusting, as placeholders of a dialog."""
    return {
        "fingerprint": grouped(certificate.fingerprint),
        "names": names(certificate.names),
        # A day of this form reads the same in every language.
        "not_before": certificate.not_before.date().isoformat(),
        "not_after": certificate.not_after.date().isoformat(),
    }
