"""Grace: a loss of the connection that is soon over changes no state and fires no trigger."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
import time

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from .timings import timings


@dataclass(slots=True)
class _Published:
    """What triggers know of an entry; ``down_since`` is when the present loss began."""

    is_connected: bool | None = None
    down_since: float | None = None


# By entry. It outlives the entry's reload, which is neither a loss nor a return.
_PUBLISHED: HassKey[dict[str, _Published]] = HassKey(f"{DOMAIN}_connected")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change of what is published.

    ``age`` is how many seconds ago the connection was lost, 0 for a return; ``is_news``
    is false where triggers know it since before a reload.
    """

    is_connected: bool
    is_news: bool
    age: float


class Grace:
    """Publish a return at once, and a loss when it has lasted for a while."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        changed: Callable[[Change], None],
    ) -> None:
        """Take whom to call with each change; nothing is known yet."""
        self._hass = hass
        self._entry = entry
        self._changed = changed
        self._published = hass.data.setdefault(_PUBLISHED, {}).setdefault(
            entry.entry_id, _Published()
        )
        self._cancel: CALLBACK_TYPE | None = None
        # None until the service has answered, or was away for long enough.
        self.is_connected: bool | None = None
        entry.async_on_unload(self._async_stop)

    @callback
    def async_start(self) -> None:
        """Go on with a loss that began before a reload."""
        since = self._published.down_since
        if since is None or self._published.is_connected is False:
            return
        # One whose time is over waits for the first try, which may succeed.
        if (remaining := _remaining(since)) > 0:
            self._async_wait(remaining)

    @callback
    def async_up(self) -> None:
        """Note that the service answers."""
        self._async_cancel()
        self._published.down_since = None
        self._async_publish(is_connected=True, age=0.0)

    @callback
    def async_down(self, since: float) -> None:
        """Note that the service has not answered since a moment of the monotonic clock."""
        if self._published.down_since is None:
            self._published.down_since = since
        if self.is_connected is False or self._cancel is not None:
            return
        remaining = _remaining(self._published.down_since)
        if remaining <= 0 or self._published.is_connected is False:
            self._async_publish_loss()
        else:
            self._async_wait(remaining)

    @callback
    def _async_wait(self, remaining: float) -> None:
        """Publish the loss later, unless the service answers meanwhile."""

        @callback
        def elapsed(_: datetime) -> None:
            self._cancel = None
            self._async_publish_loss()

        self._cancel = async_call_later(
            self._hass, remaining, HassJob(elapsed, cancel_on_shutdown=True)
        )

    @callback
    def _async_publish_loss(self) -> None:
        since = self._published.down_since
        passed = 0.0 if since is None else time.monotonic() - since
        self._async_publish(is_connected=False, age=max(passed, timings().grace))

    @callback
    def _async_publish(self, *, is_connected: bool, age: float) -> None:
        before = self._published.is_connected
        self._published.is_connected = is_connected
        if self.is_connected is is_connected:
            return
        self.is_connected = is_connected
        # What was never lost does not return.
        is_news = before is not is_connected and (before is False or not is_connected)
        self._changed(Change(is_connected=is_connected, is_news=is_news, age=age))

    @callback
    def _async_cancel(self) -> None:
        if self._cancel is not None:
            self._cancel()
            self._cancel = None

    @callback
    def _async_stop(self) -> None:
        """Stop with the entry; a loss goes on over a reload, but not while it is disabled."""
        self._async_cancel()
        if self._entry.disabled_by is not None:
            self._published.down_since = None


@callback
def async_forget_published(hass: HomeAssistant, entry_id: str) -> None:
    """Forget what outlives an entry's reload, but not the entry."""
    hass.data.get(_PUBLISHED, {}).pop(entry_id, None)


def _remaining(since: float) -> float:
    return since + timings().grace - time.monotonic()
