"""The one way out of an entry: an event, its alerts, and what else it changes."""

from collections.abc import Iterable
import time
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import Context, HomeAssistant, callback
import orjson

from ..api.intake import Budget
from ..const import EVENT
from ..domain.alert import Transition
from ..domain.events import Event
from ..domain.journal import Journal
from ..domain.messages import Messages
from .alert_events import AlertEvents, keys
from .alerts import AlertManager
from .devices import HUB, Devices
from .signals import Signals
from .statistics import Statistics
from .storage import EntryStore
from .trigger_events import TriggerEvent, async_dispatch


class Publisher:
    """Publish events, each in one step that happens as a whole or not at all."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        *,
        alerts: AlertManager,
        alert_events: AlertEvents,
        budget: Budget,
        devices: Devices,
        journal: Journal,
        messages: Messages,
        signals: Signals,
        statistics: Statistics,
        store: EntryStore,
    ) -> None:
        """Take the parts that an event goes through."""
        self._hass = hass
        self._entry = entry
        self._alerts = alerts
        self._alert_events = alert_events
        self._budget = budget
        self._devices = devices
        self._journal = journal
        self._messages = messages
        self._signals = signals
        self._statistics = statistics
        self._store = store

    @callback
    def async_publish(
        self,
        event: Event,
        changed: Iterable[str] = (),
        *,
        context: Context | None = None,
    ) -> list[Transition]:
        """Publish an event: alerts and values, the bus, event entities, then triggers.

        ``changed`` are the keys of the hub and devices whose values it has changed,
        ``context`` is that of whoever made the event inside Home Assistant. Return what
        became of alerts.

        Without an await. What raises before the bus has the event takes its alerts back
        and may be tried again; what comes after the bus fails alone. Automations start
        with the bus event and look at states at once, so what they look at is written
        before.
        """
        context = context or Context()
        shown: list[str] = []
        try:
            with self._alerts.attempt():
                transitions = self._alerts.async_take(event)
                shown += dict.fromkeys((*changed, *keys(transitions), HUB))
                self._signals.values_changed(shown)
                fields = event.as_dict()
                data = self.bus_data(event, fields, event.device_key or HUB)
                self._hass.bus.async_fire(EVENT, data, context=context)
        except Exception:
            # States must not show an alert that was taken back.
            self._signals.values_changed(shown)
            raise
        self._published(event, fields, data, transitions, context)
        return transitions

    @callback
    def async_publish_plainly(self, event: Event) -> None:
        """Publish an event without anything that depends on what it means."""
        fields = event.as_dict()
        data = self.bus_data(event, fields, HUB)
        context = Context()
        self._hass.bus.async_fire(EVENT, data, context=context)
        self._published(event, fields, data, (), context)

    @callback
    def async_mark(self, event_id: str) -> None:
        """Note that an event needs nothing more, now and on the disk."""
        self._journal.add(event_id, time.monotonic())
        self._store.async_changed()

    @callback
    def _published(
        self,
        event: Event,
        fields: dict[str, Any],
        data: dict[str, Any],
        transitions: Iterable[Transition],
        context: Context,
    ) -> None:
        """Mark an event that the bus has, then do what may fail without repeating it."""
        guarded = self._signals.guarded
        guarded(self.async_mark, event.event_id)
        guarded(self._messages.take, event)
        alerts = self._alert_events.fire(transitions, context)
        self._signals.happened(event, fields, context)

        def dispatch() -> None:
            happened = self._trigger_event(event, data, context)
            async_dispatch(self._hass, (happened, *alerts))

        guarded(dispatch)
        # Last, since nobody waits for it.
        guarded(self._note, event, fields)

    def _trigger_event(
        self, event: Event, data: dict[str, Any], context: Context
    ) -> TriggerEvent:
        """Return what triggers start with."""
        return TriggerEvent(
            subject=event.type,
            entry_id=self._entry.entry_id,
            key=event.device_key,
            data=data,
            context=context,
        )

    def bus_data(
        self, event: Event, fields: dict[str, Any], key: str
    ) -> dict[str, Any]:
        """Return the bus event: what the service knows, and where in Home Assistant."""
        return {**fields, **self._devices.location(key, event.entity)}

    def _note(self, event: Event, fields: dict[str, Any]) -> None:
        """Count an event."""
        self._budget.published(len(orjson.dumps(fields)))
        self._statistics.published(event)
