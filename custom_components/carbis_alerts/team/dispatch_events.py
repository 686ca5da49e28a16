"""What Home Assistant gets of a team: who was sent what, who answered, came or went."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.util import dt as dt_util
from homeassistant.util.signal_type import SignalType

from ..const import DISPATCH_EVENT, DOMAIN
from ..domain.lifecycle import DispatchAction
from ..people import Person
from ..runtime.trigger_events import TriggerEvent, async_dispatch
from .runtime import TeamRuntime

# The key of the team's event entity.
DISPATCH_KEY: Final = "dispatch"

# Sent with the data and the context of each event.
DISPATCHED: Final[SignalType[dict[str, Any], Context | None]] = SignalType(
    DISPATCH_EVENT
)

# Fields of the alert, null where there is none.
ALERT_FIELDS: Final = (
    *("alert_id", "kind", "title", "name", "entry_id", "entry_title", "source"),
    *("device_id", "entity_id", "area_id"),
)

# What triggers listen to, by what became of it.
SUBJECTS: Final[Mapping[DispatchAction, str]] = {
    DispatchAction.UNREACHED: "alert_unreached",
    DispatchAction.SHIFT_STARTED: "shift_started",
    DispatchAction.SHIFT_ENDED: "shift_ended",
}
# What a trigger on a step that comes listens to: it is on no bus.
STEP_DUE: Final = "alert_step_due"


@callback
def fire(
    hass: HomeAssistant,
    team: TeamRuntime,
    action: DispatchAction,
    *,
    person: Person | None = None,
    alert: Mapping[str, Any] | None = None,
    channel: str | None = None,
    step: str | None = None,
    attempt: int | None = None,
    error: str | None = None,
    context: Context | None = None,
) -> None:
    """Publish something of a team: bus, event entity, logbook and triggers.

    ``alert`` is the data of its bus event; ``step`` the name of the step; ``error`` words
    for people.
    """
    data, device = _data(hass, team, action.value, person, alert or {})
    data |= {"channel": channel, "step": step, "attempt": attempt, "error": error}
    hass.bus.async_fire(DISPATCH_EVENT, data, context=context)
    async_dispatcher_send(hass, DISPATCHED, data, context)
    if (subject := SUBJECTS.get(action)) is None:
        return
    # Where it is: at the person's device, else at that of the alert.
    entry_id, key = team.entry.entry_id, person.device_key if person else None
    if alert:
        entry_id, key = alert["entry_id"], _key_of(alert["entry_id"], device)
    event = TriggerEvent(
        subject=subject, entry_id=entry_id, key=key, data=data, context=context
    )
    async_dispatch(hass, [event])


@callback
def step_due(
    hass: HomeAssistant,
    team: TeamRuntime,
    alert: Mapping[str, Any],
    *,
    step: str,
    attempt: int,
) -> None:
    """Have triggers know that a step comes for an alert, given as on the bus."""
    data, device = _data(hass, team, "step_due", None, alert)
    data |= {"step": step, "attempt": attempt}
    event = TriggerEvent(
        subject=STEP_DUE,
        entry_id=alert["entry_id"],
        key=_key_of(alert["entry_id"], device),
        data=data,
        context=None,
    )
    async_dispatch(hass, [event])


def _data(
    hass: HomeAssistant,
    team: TeamRuntime,
    action: str,
    person: Person | None,
    alert: Mapping[str, Any],
) -> tuple[dict[str, Any], dr.DeviceEntry | None]:
    """Return the fields of an event, and the device of its alert."""
    device_id = alert.get("device_id")
    found = dr.async_get(hass).async_get(device_id) if device_id else None
    device = found if isinstance(found, dr.DeviceEntry) else None
    data: dict[str, Any] = {
        "action": action,
        **{name: alert.get(name) for name in ALERT_FIELDS},
        "person_id": person.person_id if person else None,
        "person": person.name if person else None,
        "channel": None,
        "step": None,
        "attempt": None,
        "error": None,
        "time": dt_util.utcnow().isoformat(),
        "team_entry_id": team.entry.entry_id,
    }
    if data["area_id"] is None and device is not None:
        data["area_id"] = device.area_id
    return data, device


def _key_of(entry_id: str, device: dr.DeviceEntry | None) -> str | None:
    """Return the key of an alert's device within its entry, None for the hub's."""
    prefix = f"{entry_id}_"
    return next(
        (
            identifier.removeprefix(prefix)
            for domain, identifier in (device.identifiers if device else ())
            if domain == DOMAIN and identifier.startswith(prefix)
        ),
        None,
    )
