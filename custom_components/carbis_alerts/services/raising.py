"""Alerts that people raise by hand."""

from collections.abc import Callable
from typing import Final, override

from homeassistant.core import Context, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import intent
from homeassistant.util import dt as dt_util
from homeassistant.util.ulid import ulid_now

from ..api.fields import as_words
from ..api.texts import whole
from ..const import DOMAIN
from ..domain.alert import Transition
from ..domain.rules import AlertKind
from ..domain.shown import placeholders
from ..runtime.devices import ChildDevice
from ..runtime.naming import names_of
from ..runtime.runtime import ServiceRuntime
from .registry import service_of

RAISE_ALERT: Final = "raise_alert"
# What may be raised by hand.
RAISED: Final = (AlertKind.WAITER_CALL, AlertKind.BILL_REQUEST, AlertKind.ORDER)
# How many tables an error names.
MAX_NAMED: Final = 5


class NotRaised(ServiceValidationError, intent.MatchFailedError):
    """Nobody can be called so: an error in words, which voice can say too."""

    def __init__(
        self,
        key: str,
        reason: intent.MatchFailedReason,
        said: str = "",
        known: str = "",
    ) -> None:
        """Take the translation key, and why voice says that nothing matches."""
        shown = placeholders(table=said, tables=known)
        intent.MatchFailedError.__init__(
            self,
            intent.MatchTargetsResult(
                is_match=False, no_match_reason=reason, no_match_name=shown["table"]
            ),
            # Voice has sentences of its own, with the name that it did not find.
            intent.MatchTargetsConstraints(
                name=f"{shown['table']} ({shown['tables']})"
                if known
                else shown["table"]
            ),
        )
        HomeAssistantError.__init__(
            self,
            translation_domain=DOMAIN,
            translation_key=key,
            translation_placeholders=placeholders(table=said, tables=known),
        )

    @override
    def __str__(self) -> str:
        return HomeAssistantError.__str__(self)


def device_called(
    runtime: ServiceRuntime, name: str, may_see: Callable[[str | None], bool]
) -> ChildDevice:
    """Return the device with a name or an id; raise an error in words if not just one.

    The error names no device whose entity whoever asks may not see.
    """
    if service_of(runtime.entry).raised is None:
        raise _cannot()
    name = whole(name)
    devices = runtime.devices.all
    called = {key: runtime.devices.name_of(key) or "" for key in devices}
    found = names_of(runtime.hass).find(
        name,
        (
            {key: device.name or "" for key, device in devices.items()},
            {key: device.id for key, device in devices.items()},
            called,
        ),
    )
    if len(found) == 1:
        return devices[found[0]]
    if found:
        raise NotRaised(
            "ambiguous_table", intent.MatchFailedReason.DUPLICATE_NAME, name
        )
    known = sorted(
        called[key] for key in devices if may_see(runtime.alert_events.entity_of(key))
    )
    raise NotRaised(
        "unknown_table",
        intent.MatchFailedReason.NAME,
        name,
        ", ".join(known[:MAX_NAMED]) + (", …" if len(known) > MAX_NAMED else ""),
    )


@callback
def async_raise(
    runtime: ServiceRuntime,
    device: ChildDevice,
    text: str | None,
    context: Context | None,
    *,
    kind: AlertKind = AlertKind.WAITER_CALL,
) -> list[Transition]:
    """Have a device call for somebody, as if a guest had."""
    if (raised := service_of(runtime.entry).raised) is None:
        raise _cannot()
    event = raised(
        device,
        kind,
        {
            "code": RAISE_ALERT,
            "event_id": f"{RAISE_ALERT}:{ulid_now()}",
            "time": dt_util.utcnow(),
            "device_key": runtime.devices.key(device.id),
            "note": as_words(text),
        },
    )
    return runtime.publisher.async_publish(event, context=context)


def _cannot() -> NotRaised:
    return NotRaised("cannot_raise", intent.MatchFailedReason.FEATURE)
