"""What the board shows: a picture of all entries, then each change of it.

The picture is kept up only while somebody looks.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
import time
from typing import Any, Final

from homeassistant.auth.permissions.const import POLICY_CONTROL, POLICY_READ
from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.const import ERR_UNAUTHORIZED
from homeassistant.components.websocket_api.decorators import websocket_command
from homeassistant.components.websocket_api.messages import event_message
from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
    ConfigEntryState,
)
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.exceptions import Unauthorized
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey
import voluptuous as vol

from ..const import CONF_OVERDUE_AFTER, CONF_SERVICE, DEFAULT_OVERDUE_AFTER, DOMAIN
from ..domain.alerts import Alert
from ..domain.messages import Message
from ..runtime.alerts import CLOCK_SET
from ..runtime.coordinator import HUB, ServiceCoordinator
from ..services.abilities import HoldsCalls, SendsText
from ..services.registry import service_of

type Json = dict[str, Any]
type Send = Callable[[Json], None]

# The lists of a picture and of a change.
LISTS: Final = ("entries", "places", "alerts", "calls", "messages")


@dataclass(slots=True)
class Picture:
    """What is shown of an entry, by what tells each thing from others."""

    entry: Json = field(default_factory=dict)
    places: dict[str, Json] = field(default_factory=dict)
    alerts: dict[str, Alert] = field(default_factory=dict)
    # The alerts as they were last told, of an entry that does not run.
    told: list[Json] = field(default_factory=list)
    calls: dict[str, Json] = field(default_factory=dict)
    messages: dict[str, Json] = field(default_factory=dict)


class Board:
    """The pictures of all entries, and who looks at them."""

    def __init__(self, hass: HomeAssistant, edition: str) -> None:
        """Take the edition of the card that the house serves."""
        self._hass = hass
        self._edition = edition
        self._audience: list[Send] = []
        self._pictures: dict[str, Picture] = {}
        self._sources: dict[str, ServiceCoordinator] = {}
        self._leave: dict[str, list[CALLBACK_TYPE]] = defaultdict(list)
        self._stop: CALLBACK_TYPE | None = None
        # The keys of the places that may have changed, by their entries.
        self._dirty: dict[str, set[str]] = {}
        self._clock = 0.0

    @callback
    def async_subscribe(self, send: Send) -> CALLBACK_TYPE:
        """Send the picture, then each change; return what ends it."""
        if not self._audience:
            self._async_open()
        # The others' changes first, which the newcomer's picture has already.
        self._async_flush()
        self._audience.append(send)
        send(self._snapshot())

        @callback
        def unsubscribe() -> None:
            self._audience.remove(send)
            if not self._audience:
                self._async_close()

        return unsubscribe

    # Following the house

    @callback
    def _async_open(self) -> None:
        """Begin to follow all entries."""
        self._stop = async_dispatcher_connect(
            self._hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._async_entry_changed
        )
        for entry in self._hass.config_entries.async_entries(DOMAIN):
            self._dirty[entry.entry_id] = set()

    @callback
    def _async_close(self) -> None:
        """Follow nothing any more."""
        if self._stop is not None:
            self._stop()
            self._stop = None
        for entry_id in list(self._leave):
            self._async_detach(entry_id)
        self._pictures.clear()
        self._dirty.clear()

    @callback
    def _async_entry_changed(self, _: ConfigEntryChange, entry: ConfigEntry) -> None:
        if entry.domain == DOMAIN:
            self._async_touch(entry.entry_id)

    @callback
    def _async_touch(self, entry_id: str, key: str = HUB) -> None:
        """Note that an entry has changed; all of one moment goes in one message."""
        if not self._dirty:
            self._hass.loop.call_soon(self._async_flush)
        self._dirty.setdefault(entry_id, set()).add(key)

    @callback
    def _async_attach(self, entry_id: str, source: ServiceCoordinator) -> None:
        """Follow the source of an entry."""
        self._async_detach(entry_id)

        touch = partial(self._async_touch, entry_id)
        self._sources[entry_id] = source
        self._leave[entry_id] = [
            source.async_listen_changes(touch),
            source.async_add_listener(touch),
        ]

    @callback
    def _async_detach(self, entry_id: str) -> None:
        """Follow the source of an entry no more."""
        for leave in self._leave.pop(entry_id, ()):
            leave()
        self._sources.pop(entry_id, None)

    @callback
    def _async_flush(self) -> None:
        """Send what has changed."""
        dirty, self._dirty = self._dirty, {}
        change: Json = {name: [] for name in LISTS}
        removed: Json = {name: [] for name in LISTS}
        for entry_id, keys in dirty.items():
            self._renew(entry_id, keys, change, removed)
        if any(change.values()) or any(removed.values()):
            message = self._message("change", removed=removed, **change)
            for send in list(self._audience):
                send(message)

    # Pictures

    def _renew(
        self, entry_id: str, keys: Iterable[str], change: Json, removed: Json
    ) -> None:
        """Bring the picture of an entry up to date; collect what has changed."""
        entry = self._hass.config_entries.async_get_entry(entry_id)
        if entry is None or entry.disabled_by:
            self._async_detach(entry_id)
            if self._pictures.pop(entry_id, None) is not None:
                removed["entries"].append(entry_id)
            return
        picture = self._pictures.setdefault(entry_id, Picture())
        if entry.state is ConfigEntryState.LOADED:
            source: ServiceCoordinator = entry.runtime_data
            if self._sources.get(entry_id) is not source:
                self._async_attach(entry_id, source)
                keys = {*source.places, *picture.places}
            self._renew_places(picture, source, keys, change, removed)
            self._renew_contents(picture, source, change, removed)
        else:
            # What was last known is shown on, as of an entry that is away.
            if (gone := self._sources.get(entry_id)) is not None:
                picture.told = list(map(gone.alert_data, picture.alerts.values()))
            self._async_detach(entry_id)
        shown = self._entry(entry, self._sources.get(entry_id), picture.entry)
        if shown != picture.entry:
            picture.entry = shown
            change["entries"].append(shown)

    def _renew_places(
        self,
        picture: Picture,
        source: ServiceCoordinator,
        keys: Iterable[str],
        change: Json,
        removed: Json,
    ) -> None:
        """Collect what has changed of some tables, extensions or chats."""
        for key in keys:
            before = picture.places.get(key)
            if key in source.places:
                place = _place(source, key)
                if place != before:
                    picture.places[key] = place
                    change["places"].append(place)
            elif before is not None:
                del picture.places[key]
                removed["places"].append(before["device_id"])

    def _renew_contents(
        self, picture: Picture, source: ServiceCoordinator, change: Json, removed: Json
    ) -> None:
        """Collect what has changed of alerts, calls and messages."""
        entry_id = source.config_entry.entry_id
        alerts = {alert.alert_id: alert for alert in source.alerts.book.alerts}
        gone = picture.alerts.keys() - alerts.keys()
        ended = [alert for alert in source.alerts.book.closed if alert.alert_id in gone]
        removed["alerts"] += gone.difference(alert.alert_id for alert in ended)
        changed = [
            alert
            for alert_id, alert in alerts.items()
            if picture.alerts.get(alert_id) is not alert
        ]
        change["alerts"] += map(source.alert_data, (*ended, *changed))
        picture.alerts = alerts

        calls = (
            self._calls(source.config_entry.entry_id, source)
            if isinstance(source, HoldsCalls)
            else {}
        )
        change["calls"] += [
            call
            for call_id, call in calls.items()
            if picture.calls.get(call_id) != call
        ]
        removed["calls"] += [
            {"entry_id": entry_id, "call_id": call_id}
            for call_id in picture.calls.keys() - calls.keys()
        ]
        picture.calls = calls

        messages = {
            message.event_id: picture.messages.get(message.event_id)
            or _message(source, message)
            for message in source.messages.all
        }
        change["messages"] += [
            message
            for event_id, message in messages.items()
            if event_id not in picture.messages
        ]
        picture.messages = messages

    def _entry(
        self, entry: ConfigEntry, source: ServiceCoordinator | None, before: Json
    ) -> Json:
        """Return what is shown of an entry itself."""
        connected = source is not None and source.connected is not False
        shown = {
            "device_id": None,
            "todo_entity_id": None,
            "last_answer": None,
            "figures": {},
            **before,
            "entry_id": entry.entry_id,
            "title": entry.title,
            "source": entry.data[CONF_SERVICE],
            "loaded": source is not None,
            "connected": connected,
            "has_answer_time": service_of(entry).has_answer_time,
            "overdue_after": entry.options.get(
                CONF_OVERDUE_AFTER, DEFAULT_OVERDUE_AFTER
            ),
        }
        if source is not None:
            waits = source.alerts.waits_today
            last_answer = source.last_answer_at
            shown |= {
                "device_id": source.hub_device_id,
                "todo_entity_id": er.async_get(self._hass).async_get_entity_id(
                    "todo", DOMAIN, source.unique_id(HUB, "alerts")
                ),
                # While it answers this would be another with each poll.
                "last_answer": (
                    last_answer.isoformat() if last_answer and not connected else None
                ),
                "figures": {
                    "today": source.alerts.events_today.value,
                    "answer_time": waits.mean,
                    "answered": len(waits.waits),
                    "longest_wait": (waits.longest or (None,))[0],
                    "forgotten": source.alerts.forgotten_today.value,
                },
            }
        elif shown["last_answer"] is None:
            shown["last_answer"] = dt_util.utcnow().isoformat()
        return shown

    def _calls(self, entry_id: str, source: HoldsCalls) -> dict[str, Json]:
        """Return what is shown of the calls in progress."""
        clock = time.time() - time.monotonic()
        # As long as no clock is set, a call's beginning stays the same.
        if abs(clock - self._clock) > CLOCK_SET:
            self._clock = clock
        return {
            call.call_id: {
                "entry_id": entry_id,
                "call_id": call.call_id,
                "device_id": source.device_of(call.extension),
                "direction": call.direction,
                "state": call.state.value,
                "extension": call.extension,
                "trunk": call.trunk,
                "since": dt_util.utc_from_timestamp(
                    self._clock + call.since
                ).isoformat(),
                **source.caller_data(call.caller),
            }
            for call in source.calls.active
        }

    def _snapshot(self) -> Json:
        """Return the whole picture."""
        whole: Json = {name: [] for name in LISTS}
        for entry_id, picture in self._pictures.items():
            whole["entries"].append(picture.entry)
            whole["places"] += picture.places.values()
            whole["calls"] += picture.calls.values()
            whole["messages"] += picture.messages.values()
            source = self._sources.get(entry_id)
            whole["alerts"] += (
                picture.told
                if source is None
                else map(source.alert_data, picture.alerts.values())
            )
        return self._message("snapshot", **whole)

    def _message(self, kind: str, **content: Any) -> Json:
        """Return a message; by ``now`` a client whose clock is off reckons ages."""
        return {
            "type": kind,
            "edition": self._edition,
            "now": dt_util.utcnow().isoformat(),
            **content,
        }


BOARD: Final[HassKey[Board]] = HassKey(f"{DOMAIN}_board")


@websocket_command({vol.Required("type"): f"{DOMAIN}/subscribe"})
@callback
def async_subscribe(
    hass: HomeAssistant, connection: ActiveConnection, msg: Json
) -> None:
    """Tell a user what waits, who calls and who wrote, and each change of it."""
    if not connection.user.permissions.access_all_entities(POLICY_READ):
        raise Unauthorized

    @callback
    def send(message: Json) -> None:
        # Asked each time: a right may be given or taken while somebody looks.
        if not connection.user.permissions.access_all_entities(POLICY_READ):
            if (leave := connection.subscriptions.pop(msg["id"], None)) is not None:
                leave()
                connection.send_error(msg["id"], ERR_UNAUTHORIZED, "Unauthorized")
            return
        may_act = connection.user.permissions.access_all_entities(POLICY_CONTROL)
        connection.send_message(
            event_message(msg["id"], {**message, "may_act": may_act})
        )

    # The answer comes before the first event.
    connection.send_result(msg["id"])
    connection.subscriptions[msg["id"]] = hass.data[BOARD].async_subscribe(send)


def _message(source: ServiceCoordinator, message: Message) -> Json:
    """Return what is shown of a message."""
    chat_id = message.chat_id
    return {
        "entry_id": source.config_entry.entry_id,
        "is_group": (
            chat_id is not None
            and isinstance(source, SendsText)
            and source.is_group(chat_id)
        ),
        **message.as_dict(),
    }


def _place(source: ServiceCoordinator, key: str) -> Json:
    """Return what is shown of a table, an extension or a chat."""
    place = source.places[key]
    return {
        "entry_id": source.config_entry.entry_id,
        "device_id": place.device_id,
        "kind": source.place_kind,
        "id": place.id,
        "name": place.name,
    }
