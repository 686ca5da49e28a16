"""Who wants to know what of an entry: values, changes, events, the connection."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from homeassistant.core import CALLBACK_TYPE, Context, callback

from ..domain.events import Event
from .devices import HUB
from .failures import FaultLog

type ChangeListener = Callable[[str], None]
# With an event come the fields of its bus event.
type EventListener = Callable[[Event, Mapping[str, Any], Context], None]


class Signals:
    """The listeners of an entry; one that fails keeps nothing from the others."""

    def __init__(self, name: str) -> None:
        """Take the name of the service, for the log."""
        self._name = name
        self._faults = FaultLog()
        self._values: dict[str, list[CALLBACK_TYPE]] = defaultdict(list)
        self._changes: list[ChangeListener] = []
        self._events: dict[tuple[str, str], list[EventListener]] = defaultdict(list)
        self._connection: list[CALLBACK_TYPE] = []

    @callback
    def listen_values(self, key: str, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call back when values of the hub or of a device have changed."""
        return _add(self._values[key], listener)

    @callback
    def listen_changes(self, listener: ChangeListener) -> CALLBACK_TYPE:
        """Call back with the key of whatever has changed: the hub or a device."""
        return _add(self._changes, listener)

    @callback
    def listen_events(
        self, key: str, entity_key: str, listener: EventListener
    ) -> CALLBACK_TYPE:
        """Call back with each event of an event entity; the hub's has all of its kind."""
        return _add(self._events[key, entity_key], listener)

    @callback
    def listen_connection(self, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call back when the connection may have been lost or come back."""
        return _add(self._connection, listener)

    @callback
    def values_changed(self, keys: Iterable[str]) -> None:
        """Have the entities of the hub or of devices show their values."""
        for key in keys:
            for update in list(self._values.get(key, ())):
                self.guarded(update)
            self.changed(key)

    @callback
    def changed(self, key: str) -> None:
        """Say that the hub or a device has changed, to whoever follows all of them."""
        for listener in list(self._changes):
            self.guarded(listener, key)

    @callback
    def happened(
        self, event: Event, fields: Mapping[str, Any], context: Context
    ) -> None:
        """Hand an event to the event entities of its device and of the hub."""
        for key in dict.fromkeys((event.device_key or HUB, HUB)):
            for listener in list(self._events.get((key, event.entity), ())):
                self.guarded(listener, event, fields, context)

    @callback
    def connection_changed(self) -> None:
        """Say that the connection may have been lost or come back."""
        for listener in list(self._connection):
            self.guarded(listener)

    def guarded(self, function: Callable[..., None], *args: Any) -> None:
        """Call what must not keep anything from the others where it fails."""
        try:
            function(*args)
        except Exception as err:  # noqa: BLE001 - logged there, without content
            self._faults.log(f"A listener of {self._name} failed", err)


def _add[T](listeners: list[T], listener: T) -> CALLBACK_TYPE:
    listeners.append(listener)
    return lambda: listeners.remove(listener)
