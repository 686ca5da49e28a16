"""Who looks at the board, and what has changed since they were last sent anything.

Nothing is followed while nobody looks.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import partial
import time
from typing import Any, Final

from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
    ConfigEntryState,
)
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..entries import is_team, service_entries
from ..runtime.alert_timer import CLOCK_SET
from ..runtime.devices import HUB
from ..runtime.runtime import ServiceRuntime
from ..runtime.slices import Slices
from .people import ShownPeople
from .shown import Shown
from .views import Json, calls_view, device_view, entry_view, message_view

type Send = Callable[[Json], None]

# The lists of a snapshot and of a change.
LISTS: Final = ("entries", "places", "alerts", "calls", "messages", "people")


class BoardHub:
    """Keep subscribers up to date with all entries."""

    def __init__(self, hass: HomeAssistant, asset_version: str) -> None:
        """Take the version of the card that Home Assistant serves."""
        self._hass = hass
        self._asset_version = asset_version
        self._subscribers: list[Send] = []
        # Those who wait for their snapshot.
        self._newcomers: list[Send] = []
        self._shown: dict[str, Shown] = {}
        self._people = ShownPeople(hass, self._async_schedule)
        self._services: dict[str, ServiceRuntime] = {}
        self._leave: dict[str, list[CALLBACK_TYPE]] = defaultdict(list)
        self._stop: CALLBACK_TYPE | None = None
        # The keys of the devices that may have changed, by their entries.
        self._dirty: dict[str, set[str]] = {}
        self._is_flushing = False
        self._slices = Slices()
        self._clock = 0.0

    @callback
    def async_subscribe(self, send: Send) -> CALLBACK_TYPE:
        """Send a snapshot, then each change; return what ends it."""
        if not self._subscribers and not self._newcomers:
            self._async_open()
        self._newcomers.append(send)
        # The others' changes first, which the newcomer's snapshot has already.
        self._async_schedule()

        @callback
        def unsubscribe() -> None:
            for followers in (self._subscribers, self._newcomers):
                if send in followers:
                    followers.remove(send)
            if not self._subscribers and not self._newcomers:
                self._async_close()

        return unsubscribe

    # Following entries

    @callback
    def _async_open(self) -> None:
        """Begin to follow all entries."""
        self._stop = async_dispatcher_connect(
            self._hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._async_entry_changed
        )
        for entry in service_entries(self._hass):
            self._dirty[entry.entry_id] = set()
        self._people.async_touch()

    @callback
    def _async_close(self) -> None:
        """Follow nothing any more."""
        if self._stop is not None:
            self._stop()
            self._stop = None
        for entry_id in list(self._leave):
            self._async_detach(entry_id)
        self._shown.clear()
        self._people.async_close()
        self._dirty.clear()
        self._slices = Slices()

    @callback
    def _async_entry_changed(self, _: ConfigEntryChange, entry: ConfigEntry) -> None:
        if entry.domain != DOMAIN:
            return
        # Whom a team serves may be another now.
        self._people.async_touch()
        if not is_team(entry):
            self._async_touch(entry.entry_id)

    @callback
    def _async_touch(self, entry_id: str, key: str = HUB) -> None:
        """Note that an entry has changed; all of one moment goes in one message."""
        self._dirty.setdefault(entry_id, set()).add(key)
        self._async_schedule()

    @callback
    def _async_schedule(self) -> None:
        if not self._is_flushing:
            self._is_flushing = True
            self._hass.loop.call_soon(self._async_flush)

    @callback
    def _async_attach(self, entry_id: str, runtime: ServiceRuntime) -> None:
        """Follow the service of an entry."""
        self._async_detach(entry_id)

        touch = partial(self._async_touch, entry_id)
        self._services[entry_id] = runtime
        self._leave[entry_id] = [
            runtime.signals.listen_changes(touch),
            runtime.signals.listen_connection(touch),
        ]
        self._shown[entry_id].alerts.attach(runtime)

    @callback
    def _async_detach(self, entry_id: str) -> None:
        """Follow the service of an entry no more."""
        for leave in self._leave.pop(entry_id, ()):
            leave()
        self._services.pop(entry_id, None)
        if (shown := self._shown.get(entry_id)) is not None:
            shown.alerts.detach()

    @callback
    def _async_flush(self) -> None:
        """Send what has changed; of very many alerts a slice with each turn of the loop.

        Newcomers get their snapshot once it has everything.
        """
        self._is_flushing = False
        dirty, self._dirty = self._dirty, {}
        change: Json = {name: [] for name in LISTS}
        removed: Json = {name: [] for name in LISTS}
        for entry_id, keys in dirty.items():
            self._renew(entry_id, keys, change, removed)
        change["people"], removed["people"] = self._people.renew()
        if any(change.values()) or any(removed.values()):
            message = self._message("change", removed=removed, **change)
            for send in list(self._subscribers):
                send(message)
        for entry_id, shown in self._shown.items():
            if shown.alerts.is_behind:
                self._async_touch(entry_id)
        if not self._dirty:
            self._async_welcome()

    @callback
    def _async_welcome(self) -> None:
        """Send a newcomer all that is shown; the next after everybody else's turn."""
        if self._newcomers:
            send = self._newcomers.pop(0)
            self._subscribers.append(send)
            send(self._snapshot())
        if self._newcomers:
            self._async_schedule()

    # What has changed

    def _renew(
        self, entry_id: str, keys: Iterable[str], change: Json, removed: Json
    ) -> None:
        """Collect what has changed of an entry."""
        entry = self._hass.config_entries.async_get_entry(entry_id)
        if entry is None or entry.disabled_by:
            self._async_detach(entry_id)
            if self._shown.pop(entry_id, None) is not None:
                removed["entries"].append(entry_id)
            return
        shown = self._shown.setdefault(entry_id, Shown())
        if entry.state is ConfigEntryState.LOADED:
            runtime: ServiceRuntime = entry.runtime_data
            if self._services.get(entry_id) is not runtime:
                self._async_attach(entry_id, runtime)
                keys = {*runtime.devices.all, *shown.devices}
            self._renew_devices(shown, runtime, keys, change, removed)
            self._renew_contents(shown, runtime, change, removed)
        else:
            # What was last known is shown on, as of an entry that is away.
            self._async_detach(entry_id)
        running = self._services.get(entry_id)
        view = entry_view(self._hass, entry, running, shown.entry, dt_util.utcnow())
        if view != shown.entry:
            shown.entry = view
            change["entries"].append(view)

    def _renew_devices(
        self,
        shown: Shown,
        runtime: ServiceRuntime,
        keys: Iterable[str],
        change: Json,
        removed: Json,
    ) -> None:
        """Collect what has changed of some tables, extensions or chats."""
        for key in keys:
            before = shown.devices.get(key)
            if key in runtime.devices.all:
                view = device_view(runtime, key)
                if view != before:
                    shown.devices[key] = view
                    change["places"].append(view)
            elif before is not None:
                del shown.devices[key]
                removed["places"].append(before["device_id"])

    def _renew_contents(
        self, shown: Shown, runtime: ServiceRuntime, change: Json, removed: Json
    ) -> None:
        """Collect what has changed of alerts, calls and messages."""
        entry_id = runtime.entry.entry_id
        is_renamed = shown.names is not runtime.alert_events.names
        shown.names = runtime.alert_events.names
        alerts, ended = shown.alerts.renew(self._slices.begin())
        self._slices.end(len(alerts))
        change["alerts"] += alerts
        removed["alerts"] += ended

        calls = calls_view(runtime, self._clock_now())
        change["calls"] += [
            call for call_id, call in calls.items() if shown.calls.get(call_id) != call
        ]
        removed["calls"] += [
            {"entry_id": entry_id, "call_id": call_id}
            for call_id in shown.calls.keys() - calls.keys()
        ]
        shown.calls = calls

        before = {} if is_renamed else shown.messages
        shown.messages = {
            message.event_id: before.get(message.event_id)
            or message_view(runtime, message)
            for message in runtime.messages.all
        }
        change["messages"] += [
            view for event_id, view in shown.messages.items() if event_id not in before
        ]

    def _clock_now(self) -> float:
        """Return by how much the wall clock is ahead of the monotonic one."""
        clock = time.time() - time.monotonic()
        # As long as no clock is set, a call's beginning stays the same.
        if abs(clock - self._clock) > CLOCK_SET:
            self._clock = clock
        return self._clock

    def _snapshot(self) -> Json:
        """Return all that is shown."""
        whole: Json = {name: [] for name in LISTS}
        for shown in self._shown.values():
            whole["entries"].append(shown.entry)
            whole["places"] += shown.devices.values()
            whole["calls"] += shown.calls.values()
            whole["messages"] += shown.messages.values()
            whole["alerts"] += shown.alerts.views
        whole["people"] += self._people.views.values()
        return self._message("snapshot", **whole)

    def _message(self, kind: str, **content: Any) -> Json:
        """Return a message; by ``now`` a client whose clock is off reckons ages."""
        return {
            "type": kind,
            "edition": self._asset_version,
            "now": dt_util.utcnow().isoformat(),
            **content,
        }


BOARD: Final[HassKey[BoardHub]] = HassKey(f"{DOMAIN}_board")
