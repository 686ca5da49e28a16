"""What Home Assistant gets of alerts: states, bus events and triggers."""

from collections.abc import Iterable
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.util import dt as dt_util
from homeassistant.util.signal_type import SignalType

from ..const import ALERT_EVENT, DOMAIN
from ..domain.alert import Alert, Transition
from ..domain.events import Source
from ..domain.lifecycle import Outcome
from ..domain.names import NameKind, Names
from ..domain.rules import NAMED_BY_DEVICE, NAMES
from .devices import HUB, Devices
from .naming import names_of
from .signals import Signals
from .storage import EntryStore
from .trigger_events import TriggerEvent, alert_subject, async_dispatch

# Sent with the data and context of what became of an alert and no event of a service says.
WITHOUT_EVENT: Final[SignalType[dict[str, Any], Context | None]] = SignalType(
    f"{DOMAIN}_alert_without_event"
)

# What is kept of an alert, but nobody's to see.
_INTERNAL = ("place", "changed_at", "answered", "wait", "in_bulk")


class AlertEvents:
    """Publish what becomes of the alerts of an entry."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        source: Source,
        entity: str,
        *,
        devices: Devices,
        signals: Signals,
        store: EntryStore,
    ) -> None:
        """Take the key of the event entity that alerts belong to."""
        self._hass = hass
        self._entry = entry
        self._source = source
        self._entity = entity
        self._devices = devices
        self._signals = signals
        self._store = store

    @property
    def names(self) -> Names:
        """Return names in the present language."""
        return names_of(self._hass)

    def name(self, alert: Alert) -> str:
        """Return what a person calls who waits."""
        name = None
        if alert.kind in NAMED_BY_DEVICE:
            name = self._devices.name_of(alert.device_key)
        return name or self.names.of(_names(alert), alert.title, alert.key)

    def data(self, alert: Alert) -> dict[str, Any]:
        """Return an alert as automations and actions see it."""
        data = alert.as_dict()
        for name in _INTERNAL:
            del data[name]
        return {
            **data,
            "title": self.names.title(_names(alert), alert.title, alert.key),
            "name": self.name(alert),
            "age": round(alert.age(dt_util.utcnow()), 1),
            "source": self._source.value,
            **self._devices.location(alert.device_key or HUB, self._entity),
        }

    def entity_of(self, key: str | None) -> str | None:
        """Return the event entity that the alerts of a device, or the hub's, belong to."""
        entity_id: str | None = self._devices.location(key or HUB, self._entity)[
            "entity_id"
        ]
        return entity_id

    @callback
    def async_publish(
        self, transitions: list[Transition], context: Context | None
    ) -> None:
        """Publish what became of alerts without an event of the service."""
        self._store.async_changed()
        self._signals.values_changed(dict.fromkeys((*keys(transitions), HUB)))
        async_dispatch(self._hass, self.fire(transitions, context, with_event=False))

    @callback
    def fire(
        self,
        transitions: Iterable[Transition],
        context: Context | None,
        *,
        with_event: bool = True,
    ) -> list[TriggerEvent]:
        """Fire what became of alerts on the bus; return it for the triggers.

        ``with_event`` is whether an event of the service says it, which the bus has.
        """
        events: list[TriggerEvent] = []

        def fire(transition: Transition) -> None:
            data = {
                "action": transition.action.value,
                "late": transition.late,
                "reason": transition.reason.value if transition.reason else None,
                **self.data(transition.alert),
            }
            self._hass.bus.async_fire(ALERT_EVENT, data, context=context)
            # What is in the way of another is forgotten without an event of its own, and of
            # an answer that never arrived its event says no more than that.
            is_silent = transition.alert.outcome is Outcome.FORGOTTEN or (
                transition.revived is not None
            )
            if not with_event or is_silent:
                async_dispatcher_send(self._hass, WITHOUT_EVENT, data, context)
            events.append(
                TriggerEvent(
                    subject=alert_subject(transition.action),
                    entry_id=self._entry.entry_id,
                    key=transition.alert.device_key,
                    data=data,
                    context=context,
                )
            )

        for transition in transitions:
            self._signals.guarded(fire, transition)
        return events


def _names(alert: Alert) -> NameKind:
    """Return who waits, a table where nothing says so."""
    return NAMES.get(alert.kind, NameKind.TABLE)


def keys(transitions: Iterable[Transition]) -> Iterable[str]:
    """Yield the keys of the devices that alerts belong to."""
    for transition in transitions:
        if transition.alert.device_key is not None:
            yield transition.alert.device_key
