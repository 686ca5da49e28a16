"""What the sources tell triggers: the same as the bus, but found by its subject.

Triggers live longer than entries: one that is reloaded finds its listeners again.
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
import logging
from typing import Any

from homeassistant.core import CALLBACK_TYPE, Context, HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..domain.lifecycle import Action
from ..registries import registry_version

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """Something that happened: what, at which entry and device, and its bus data.

    ``key`` is the key of the place that it belongs to, None for the hub.
    """

    subject: str
    entry_id: str
    key: str | None
    data: dict[str, Any]
    context: Context | None


def alert_subject(action: Action) -> str:
    """Return the subject of what became of an alert."""
    return f"alert_{action.value}"


type Listener = Callable[[Announcement], None]


# Whether a device of an entry is meant, by the entry's id and the device's key.
type Selector = Callable[[str, str | None], bool]


@dataclass(slots=True)
class _Audience:
    """Who listens to a subject, and whom of them the events of a place concern.

    The latter is remembered: many automations have a place each, and an event is one
    place's.
    """

    listeners: list[tuple[Listener, Selector | None]] = field(default_factory=list)
    concerned: dict[tuple[str, str | None], list[Listener]] = field(
        default_factory=dict
    )
    version: int = -1

    def of(self, announcement: Announcement, version: int) -> list[Listener]:
        """Return whom something concerns; the registries are of a version."""
        if version != self.version:
            self.concerned.clear()
            self.version = version
        entry_id, key = place = announcement.entry_id, announcement.key
        if (found := self.concerned.get(place)) is None:
            found = self.concerned[place] = [
                listener
                for listener, selects in self.listeners
                if selects is None or selects(entry_id, key)
            ]
        return found


@dataclass(slots=True)
class _Announcer:
    """Who listens to what, and what is still to be told."""

    audiences: dict[str, _Audience] = field(default_factory=dict)
    queue: deque[Announcement] = field(default_factory=deque)
    is_telling: bool = False


_ANNOUNCER: HassKey[_Announcer] = HassKey(f"{DOMAIN}_announcer")


@callback
def async_listen(
    hass: HomeAssistant,
    subject: str,
    listener: Listener,
    selects: Selector | None = None,
) -> CALLBACK_TYPE:
    """Call back with what happens of a subject, everywhere or at what is selected.

    What a selector answers may change with the house's registries only.
    """
    audience = _announcer(hass).audiences.setdefault(subject, _Audience())
    item = (listener, selects)
    audience.listeners.append(item)
    audience.concerned.clear()

    @callback
    def remove() -> None:
        audience.listeners.remove(item)
        audience.concerned.clear()

    return remove


@callback
def async_announce(hass: HomeAssistant, announcements: Iterable[Announcement]) -> None:
    """Tell whoever listens; one that fails keeps nothing from the others.

    Automations start at once, and what they do may announce more: that comes after
    what set it off, as it does on the bus.
    """
    announcer = _announcer(hass)
    announcer.queue.extend(announcements)
    if announcer.is_telling:
        return
    announcer.is_telling = True
    try:
        while announcer.queue:
            _tell(hass, announcer, announcer.queue.popleft())
    finally:
        announcer.is_telling = False


@callback
def async_forget(hass: HomeAssistant) -> None:
    """Forget whom events concern: an entry goes, and its places are not to be kept."""
    for audience in _announcer(hass).audiences.values():
        audience.concerned.clear()


def _tell(
    hass: HomeAssistant, announcer: _Announcer, announcement: Announcement
) -> None:
    if (audience := announcer.audiences.get(announcement.subject)) is None:
        return
    # A list that stays as it is when somebody comes or goes meanwhile.
    for listener in audience.of(announcement, registry_version(hass)):
        try:
            listener(announcement)
        except Exception:
            _LOGGER.exception("A listener of %s failed", announcement.subject)


def _announcer(hass: HomeAssistant) -> _Announcer:
    if (announcer := hass.data.get(_ANNOUNCER)) is None:
        announcer = hass.data[_ANNOUNCER] = _Announcer()
    return announcer
