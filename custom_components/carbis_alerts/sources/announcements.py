"""What the sources tell triggers: the same as the bus, but found by its subject.

Triggers live longer than entries: one that is reloaded finds its listeners again.
"""

from collections.abc import Callable
from dataclasses import dataclass
import logging
from typing import Any

from homeassistant.core import CALLBACK_TYPE, Context, HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN

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


type Listener = Callable[[Announcement], None]

_LISTENERS: HassKey[dict[str, list[Listener]]] = HassKey(f"{DOMAIN}_announcements")


@callback
def async_listen(
    hass: HomeAssistant, subject: str, listener: Listener
) -> CALLBACK_TYPE:
    """Call back with everything of a subject."""
    listeners = hass.data.setdefault(_LISTENERS, {}).setdefault(subject, [])
    listeners.append(listener)
    return lambda: listeners.remove(listener)


@callback
def async_announce(hass: HomeAssistant, announcement: Announcement) -> None:
    """Tell whoever listens; one that fails keeps nothing from the others."""
    listeners = hass.data.get(_LISTENERS, {}).get(announcement.subject, ())
    for listener in list(listeners):
        try:
            listener(announcement)
        except Exception:
            _LOGGER.exception("A listener of %s failed", announcement.subject)
