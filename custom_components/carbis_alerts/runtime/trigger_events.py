"""What triggers start with: the same as the bus, but found by its subject.

Triggers live longer than entries: one that is reloaded finds its listeners again.
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from homeassistant.core import CALLBACK_TYPE, Context, HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..domain.lifecycle import Action
from ..registries import registry_version
from .failures import FaultLog


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerEvent:
    """Something that happened: what, at which entry and device, and its bus data.

    ``key`` is the key of the device that it belongs to, None for the hub; ``age`` is how
    many seconds ago it happened.
    """

    subject: str
    entry_id: str
    key: str | None
    data: dict[str, Any]
    context: Context | None
    age: float = 0.0


def alert_subject(action: Action) -> str:
    """Return the subject of what became of an alert."""
    return f"alert_{action.value}"


type Listener = Callable[[TriggerEvent], None]


# Whether a device of an entry is meant, by the entry's id and the device's key.
type Selector = Callable[[str, str | None], bool]


@dataclass(slots=True)
class _Subscribers:
    """Who listens to a subject, and whom of them the events of a device concern.

    The latter is remembered: many automations have a device each, and an event is one
    device's.
    """

    listeners: list[tuple[Listener, Selector | None]] = field(default_factory=list)
    concerned: dict[tuple[str, str | None], list[Listener]] = field(
        default_factory=dict
    )
    version: int = -1

    def of(self, event: TriggerEvent, version: int) -> list[Listener]:
        """Return whom something concerns; the registries are of a version."""
        if version != self.version:
            self.concerned.clear()
            self.version = version
        entry_id, key = origin = event.entry_id, event.key
        if (found := self.concerned.get(origin)) is None:
            found = self.concerned[origin] = [
                listener
                for listener, selects in self.listeners
                if selects is None or selects(entry_id, key)
            ]
        return found


@dataclass(slots=True)
class _Dispatcher:
    """Who listens to what, and what is still to be dispatched."""

    subjects: dict[str, _Subscribers] = field(default_factory=dict)
    queue: deque[TriggerEvent] = field(default_factory=deque)
    is_dispatching: bool = False
    faults: FaultLog = field(default_factory=FaultLog)


_DISPATCHER: HassKey[_Dispatcher] = HassKey(f"{DOMAIN}_dispatcher")


@callback
def async_listen(
    hass: HomeAssistant,
    subject: str,
    listener: Listener,
    selects: Selector | None = None,
) -> CALLBACK_TYPE:
    """Call back with what happens of a subject, everywhere or at what is selected.

    What a selector answers may change with Home Assistant's registries only.
    """
    subscribers = _dispatcher(hass).subjects.setdefault(subject, _Subscribers())
    item = (listener, selects)
    subscribers.listeners.append(item)
    subscribers.concerned.clear()

    @callback
    def remove() -> None:
        subscribers.listeners.remove(item)
        subscribers.concerned.clear()

    return remove


@callback
def async_dispatch(hass: HomeAssistant, events: Iterable[TriggerEvent]) -> None:
    """Call whoever listens; one that fails keeps nothing from the others.

    Automations start at once, and what they do may fire more: that comes after
    what set it off, as it does on the bus.
    """
    dispatcher = _dispatcher(hass)
    dispatcher.queue.extend(events)
    if dispatcher.is_dispatching:
        return
    dispatcher.is_dispatching = True
    try:
        while dispatcher.queue:
            _dispatch(hass, dispatcher, dispatcher.queue.popleft())
    finally:
        dispatcher.is_dispatching = False


@callback
def async_forget(hass: HomeAssistant) -> None:
    """Forget whom events concern: an entry goes, and its devices are not to be kept."""
    for subscribers in _dispatcher(hass).subjects.values():
        subscribers.concerned.clear()


def _dispatch(
    hass: HomeAssistant, dispatcher: _Dispatcher, event: TriggerEvent
) -> None:
    if (subscribers := dispatcher.subjects.get(event.subject)) is None:
        return
    # A list that stays as it is when somebody comes or goes meanwhile.
    for listener in subscribers.of(event, registry_version(hass)):
        try:
            listener(event)
        except Exception as err:  # noqa: BLE001 - logged there, without content
            dispatcher.faults.log(f"A listener of {event.subject} failed", err)


def _dispatcher(hass: HomeAssistant) -> _Dispatcher:
    if (dispatcher := hass.data.get(_DISPATCHER)) is None:
        dispatcher = hass.data[_DISPATCHER] = _Dispatcher()
    return dispatcher
