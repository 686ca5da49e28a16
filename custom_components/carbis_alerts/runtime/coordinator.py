"""What all sources share: places, the one way to publish, the store, the life cycle."""

from abc import abstractmethod
import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
import logging
import time
from typing import Any, override

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntry
from homeassistant.const import CONF_URL, EVENT_HOMEASSISTANT_STOP
from homeassistant.core import (
    CALLBACK_TYPE,
    Context,
    Event as BusEvent,
    HomeAssistant,
    callback,
)
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import EntityPlatform
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ..api.fields import MAX_NUMBER, as_name, shape
from ..api.texts import shortened
from ..api.turns import Turns
from ..api.types import Json
from ..const import ALERT_EVENT, DOMAIN, EVENT
from ..domain.alerts import Alert, Transition
from ..domain.bounds import Pace, fitted, one_line, size
from ..domain.events import Event
from ..domain.journal import Journal
from ..domain.messages import Messages
from .alerts import Alerts
from .clocks import read_clocks, wall_since
from .failures import MAX_TRIES, Failures
from .identity import Identity
from .statistics import Statistics
from .storage import EntryStore, as_time
from .trigger_events import Announcement, alert_subject, async_announce, async_forget

_LOGGER = logging.getLogger(__name__.rpartition(".runtime")[0])

# The device key of the hub, where a place's would be.
HUB = "hub"
# Names of devices are shown in lists; the whole name is in the events.
MAX_NAME_LENGTH = 100
# Devices below a hub: a restaurant of hundreds of tables has fewer.
MAX_PLACES = 1_000

# By entry: whether it was last known to be connected.
_CONNECTED: HassKey[dict[str, bool]] = HassKey(f"{DOMAIN}_connected")

type CarbisConfigEntry = ConfigEntry[ServiceCoordinator]
type EventListener = Callable[[Event, Context], None]
type EntityBuilder = Callable[[str], Iterable[Entity]]


@dataclass(slots=True, kw_only=True)
class Place:
    """A device below the hub, such as a table: what it is called and its entities' values.

    ``subentry_id`` is that of the subentry which it belongs to, if any.
    """

    id: str
    device_id: str
    name: str | None
    values: dict[str, float]
    subentry_id: str | None = None


class ServiceCoordinator(DataUpdateCoordinator[bool | None]):
    """One service: deliver its events, each once, in order, and never lose one.

    Its data is True once the service has answered; ``last_update_success`` is its
    connection.
    """

    config_entry: CarbisConfigEntry

    def __init__(
        self,
        hass: HomeAssistant,
        entry: CarbisConfigEntry,
        identity: Identity,
        *,
        repeat_window: float,
    ) -> None:
        """Prepare; nothing is read or asked yet."""
        self.source = identity.source
        self.place_kind = identity.device_kind or ""
        self.manufacturer = identity.manufacturer
        self.model = identity.model
        self.alert_entity = identity.alert_entity
        super().__init__(
            hass,
            _LOGGER,
            config_entry=entry,
            name=(
                entry.title
                if entry.title.startswith(self.model)
                else f"{self.model} {entry.title}"
            ),
            always_update=False,
        )
        self.journal = Journal(repeat_window)
        self.messages = Messages()
        self.statistics = Statistics()
        self.pace = Pace()
        self.failures = Failures(self.logger, self.name)
        self._told_flood = False
        self._told_full = False
        self.places: dict[str, Place] = {}
        self.hub_device_id = ""
        # The last good answer: by the monotonic clock, None since the start of the
        # source; by the wall clock, kept over restarts.
        self.last_answer: float | None = None
        self.last_answer_at: datetime | None = None
        self.alerts = Alerts(hass, entry, self.async_tell)
        self._store = EntryStore(hass, entry.entry_id, self._async_collect)
        self._builders: list[tuple[EntityPlatform, EntityBuilder]] = []
        self._value_listeners: dict[str, list[CALLBACK_TYPE]] = defaultdict(list)
        self._change_listeners: list[Callable[[str], None]] = []
        self._event_listeners: dict[tuple[str, str], list[EventListener]] = defaultdict(
            list
        )
        self._places_lock = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._stopped = False
        self._pauses = 0
        # Nothing may be told before.
        self.is_started = False

    @property
    def connected(self) -> bool | None:
        """Tell whether the service answers; None before the first try."""
        if self.data is None and self.last_update_success:
            return None
        return self.last_update_success

    # Life

    async def async_load(self) -> None:
        """Read what was stored and create the hub, before any entity is added."""
        is_new = self._device(HUB) is None
        hub = dr.async_get(self.hass).async_get_or_create(
            config_entry_id=self.config_entry.entry_id,
            identifiers={self.identifier(HUB)},
            entry_type=dr.DeviceEntryType.SERVICE,
            manufacturer=self.manufacturer,
            model=self.model,
            translation_key=self.source.value,
            translation_placeholders={"host": self.config_entry.title},
            configuration_url=self.configuration_url,
        )
        self.hub_device_id = hub.id
        stored = await self._store.async_load()
        if stored is not None:
            self.last_answer_at = as_time(stored.get("last_answer"))
            self.journal.restore(
                _as_dict(stored.get("journal")),
                time.monotonic(),
                wall_since(stored.get("clocks")),
            )
        elif is_new:
            # Written down, so that a file that is gone later can be told from none yet.
            self._store.async_changed()
        else:
            # The file is lost. What waits may have been told before; told twice is
            # better than a guest who is forgotten.
            self.journal.begun = True
        self._restore_places(_as_dict((stored or {}).get("places")))
        self.alerts.restore(_as_dict((stored or {}).get("alerts")))
        for alert in self.alerts.book.alerts:
            self.messages.recall(alert)
        self._restore(stored or {})
        self.config_entry.async_on_unload(
            self.hass.bus.async_listen(EVENT_HOMEASSISTANT_STOP, self._async_on_stop)
        )

    @callback
    def async_start(self) -> None:
        """Begin to listen, now that platforms stand and automations are armed."""
        self.is_started = True
        self.alerts.async_start()
        # A listener of our own: without any, a coordinator would stop.
        self.config_entry.async_on_unload(
            self.async_add_listener(self._async_follow_connection)
        )
        self._async_listen()

    @callback
    def _async_listen(self) -> None:
        """Bring in events from now on."""
        self._task = self.config_entry.async_create_background_task(
            self.hass, self._async_run(), f"{self.name} source"
        )

    async def _async_cancel(self) -> None:
        """Stop listening at once."""
        while (task := self._task) is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            if self._task is task:
                self._task = None

    @asynccontextmanager
    async def async_paused(self) -> AsyncGenerator[None]:
        """Keep away from the service for a while, for somebody else's short look."""
        self._pauses += 1
        try:
            await self._async_cancel()
            self.async_interrupted()
            yield
        finally:
            self._pauses -= 1
            # Whoever is the last to go away has it listen again, cut short or not.
            task = self._task
            is_away = task is None or task.done() or task.cancelling()
            if is_away and self.is_started and not (self._pauses or self._stopped):
                self._async_listen()

    @callback
    def async_interrupted(self) -> None:
        """Take that events may have been missed."""

    async def async_stop(self) -> None:
        """Stop listening at once and write down how far it came."""
        self._stopped = True
        await self._async_cancel()
        self.alerts.async_stop()
        self._store.async_changed()
        await self._store.async_close()

    async def _async_on_stop(self, _: BusEvent) -> None:
        """Have the last picture written with Home Assistant's own."""
        self._store.async_changed()

    @override
    async def async_request_refresh(self) -> None:
        """Refresh when asked to, but not before the house is ready to be told."""
        if self._task is not None:
            await super().async_request_refresh()

    @property
    def configuration_url(self) -> str:
        """Return the address where the service's own settings are."""
        return str(self.config_entry.data[CONF_URL])

    @abstractmethod
    async def _async_run(self) -> None:
        """Bring in events for as long as the entry is loaded."""

    # Places

    def identifier(self, key: str) -> tuple[str, str]:
        """Return the identifier of the hub's device or of a place's."""
        return (DOMAIN, f"{self.config_entry.entry_id}_{key}")

    def place_key(self, place_id: str) -> str:
        """Return the device key of a place."""
        return f"{self.place_kind}_{place_id}"

    def device_name(self, key: str | None) -> str | None:
        """Return what a person calls a place's device, None where there is none."""
        place = self.places.get(key or "")
        device = dr.async_get(self.hass).async_get(place.device_id) if place else None
        return (device.name_by_user or device.name) if device else None

    def place_of_device(self, device: dr.DeviceEntry) -> str | None:
        """Return the device key of a place's device, None for the hub."""
        prefix = f"{self.config_entry.entry_id}_{self.place_kind}_"
        for domain, identifier in device.identifiers:
            if domain == DOMAIN and identifier.startswith(prefix):
                return self.place_key(identifier.removeprefix(prefix))
        return None

    async def async_add_builder(
        self, platform: EntityPlatform, build: EntityBuilder
    ) -> None:
        """Have a platform build the entities of each place, known or to come."""
        self._builders.append((platform, build))
        by_subentry: dict[str | None, list[Entity]] = defaultdict(list)
        for key, place in self.places.items():
            by_subentry[place.subentry_id] += build(key)
        for subentry_id, entities in by_subentry.items():
            await platform.async_add_entities(entities, config_subentry_id=subentry_id)

    async def async_ensure_place(self, place_id: str, name: str | None) -> str | None:
        """Return the key of a place, creating its device and entities if they are new.

        None where there are more than any house has: what happens there is the hub's.
        """
        key = self.place_key(place_id)
        async with self._places_lock:
            place = self.places.get(key)
            if place is None and len(self.places) >= MAX_PLACES:
                self._tell_full()
                return None
            if place is None:
                self.places[key] = Place(
                    id=place_id,
                    device_id=self._register_place(key, name or place_id),
                    name=name,
                    values={},
                )
                self._store.async_changed()
                for platform, build in self._builders:
                    await platform.async_add_entities(list(build(key)))
                self._changed(key)
            elif name is not None and name != place.name:
                place.name = name
                self._register_place(key, name)
                self._store.async_changed()
                self._changed(key)
        return key

    @callback
    def async_forget_place(self, key: str) -> None:
        """Forget a place whose device was deleted; its next event brings it back."""
        self.places.pop(key, None)
        self._store.async_changed()
        # Its alerts go on to wait, under their own names.
        self.async_values_changed((HUB,))
        self._changed(key)

    # Listeners

    @callback
    def async_listen_values(self, key: str, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call back when values of the hub or a place have changed."""
        self._value_listeners[key].append(listener)
        return lambda: self._value_listeners[key].remove(listener)

    @callback
    def async_listen_changes(self, listener: Callable[[str], None]) -> CALLBACK_TYPE:
        """Call back with the key of whatever has changed: the hub or a place."""
        self._change_listeners.append(listener)
        return lambda: self._change_listeners.remove(listener)

    @callback
    def async_listen_events(
        self, key: str, entity_key: str, listener: EventListener
    ) -> CALLBACK_TYPE:
        """Call back with each event of an event entity; the hub's has all of its kind."""
        listeners = self._event_listeners[key, entity_key]
        listeners.append(listener)
        return lambda: listeners.remove(listener)

    # Delivery

    async def async_deliver[T](
        self,
        events: Iterable[T],
        *,
        event_id: Callable[[T], str],
        deliver: Callable[[T], Awaitable[None]],
        plain: Callable[[T], Event],
        passed: Callable[[T], None] = lambda _: None,
        late: bool = False,
    ) -> bool:
        """Hand on what was not seen before, giving others a turn in a long batch.

        ``plain`` makes the plainest form of an event that cannot be delivered otherwise.
        Return whether all are done with; what failed has to come again. ``passed`` is
        called with each event that is done with and before which none failed.
        """
        turns = Turns()
        is_done = True

        async def deliver_new(event: T) -> None:
            if self.journal.is_repeat(event_id(event), time.monotonic()):
                self.statistics.repeats += 1
            else:
                await self.async_keep_pace()
                await deliver(event)

        for event in events:
            await turns.give()
            is_done &= await self.async_try(
                event_id(event),
                partial(deliver_new, event),
                partial(plain, event),
                late=late,
            )
            if is_done:
                passed(event)
        return is_done

    async def async_try(
        self,
        event_id: str,
        publish: Callable[[], Awaitable[None]],
        plain: Callable[[], Event],
        *,
        late: bool = False,
    ) -> bool:
        """Publish; return whether the event is done with, False where it failed.

        At the third failure it is published in the plainest form, and where that fails
        too it is counted with its shape and passed.
        """
        failures = self.failures
        try:
            await publish()
        except Exception as err:  # noqa: BLE001 - logged there, without content
            tries = failures.note(event_id, err, late=late, at=dt_util.utcnow())
            if tries < MAX_TRIES:
                return False
            self._publish_plainly(event_id, plain)
        failures.forget(event_id)
        return True

    def _publish_plainly(self, event_id: str, plain: Callable[[], Event]) -> None:
        """Publish an event without anything that depends on what it means."""
        looks: Json = None
        try:
            event = plain()
            looks = shape(event.raw)
            event = fitted(event)
            data = self._bus_data(event, HUB)
            context = Context()
            self.hass.bus.async_fire(EVENT, data, context=context)
        except Exception as err:  # noqa: BLE001 - logged there, without content
            self.failures.passed += 1
            self.failures.log(err)
            self.statistics.passed_over(looks)
            self.async_mark(event_id)
            return
        self.failures.plain += 1
        self._async_published(event, data, (), context)

    @callback
    def async_mark(self, event_id: str) -> None:
        """Note that an event needs nothing more, now and on the disk."""
        self.journal.add(event_id, time.monotonic())
        self._store.async_changed()

    async def async_keep_pace(self) -> None:
        """Wait while more came than any house has: the service keeps the rest."""
        await self.async_wait_for(self.pace)

    async def async_wait_for(self, pace: Pace) -> None:
        """Wait while a limit of ours is passed; tell the log once."""
        while (pause := pace.wait(time.monotonic())) > 0:
            if not self._told_flood:
                self._told_flood = True
                self.logger.warning(
                    "%s sends far more than a restaurant has to tell; its events are"
                    " taken slowly from now on",
                    self.name,
                )
            await asyncio.sleep(pause)

    @callback
    def async_publish(
        self,
        event: Event,
        changed: Iterable[str] = (),
        *,
        context: Context | None = None,
    ) -> list[Transition]:
        """Publish an event: alerts and values, the bus, event entities, then triggers.

        ``changed`` are the keys of the hub and places whose values it has changed,
        ``context`` is that of whoever made the event inside Home Assistant. Return what
        became of alerts.

        The one way out, without an await. What raises before the bus has the event takes
        its alerts back and may be tried again; what comes after the bus fails alone.
        Automations start with the bus event and look at states at once, so what they
        look at is written before.
        """
        event = fitted(event)
        context = context or Context()
        key = event.device_key or HUB
        shown: list[str] = []
        try:
            with self.alerts.attempt():
                transitions = self.alerts.async_take(event)
                shown += dict.fromkeys((*changed, *_keys(transitions), HUB))
                self.async_values_changed(shown)
                data = self._bus_data(event, key)
                self.hass.bus.async_fire(EVENT, data, context=context)
        except Exception:
            # States must not tell of an alert that was taken back.
            self.async_values_changed(shown)
            raise
        self._async_published(event, data, transitions, context)
        return transitions

    @callback
    def _async_published(
        self,
        event: Event,
        data: dict[str, Any],
        transitions: Iterable[Transition],
        context: Context,
    ) -> None:
        """Mark an event that the bus has, then do what may fail without repeating it."""
        self._guarded(self.async_mark, event.event_id)
        self._guarded(self.messages.take, event)
        alerts = self._fire_alerts(transitions, context)
        for place in dict.fromkeys((event.device_key or HUB, HUB)):
            for listener in list(self._event_listeners[place, event.entity]):
                self._guarded(listener, event, context)

        def announce() -> None:
            happened = self._announcement(
                event.type.value, event.device_key, data, context
            )
            async_announce(self.hass, (happened, *alerts))

        self._guarded(announce)
        # Last, since nobody waits for it.
        self._guarded(self._note_published, event)

    def _note_published(self, event: Event) -> None:
        """Count an event."""
        self.pace.spend(size(event), time.monotonic())
        self.statistics.published(event)

    @callback
    def async_tell(
        self, transitions: list[Transition], context: Context | None
    ) -> None:
        """Tell the house what became of alerts without an event of the service."""
        self._store.async_changed()
        self.async_values_changed(dict.fromkeys((*_keys(transitions), HUB)))
        async_announce(self.hass, self._fire_alerts(transitions, context))

    def _fire_alerts(
        self, transitions: Iterable[Transition], context: Context | None
    ) -> list[Announcement]:
        """Tell the bus what became of alerts; return it for the triggers."""
        announcements: list[Announcement] = []

        def fire(transition: Transition) -> None:
            data = {
                "action": transition.action.value,
                "late": transition.late,
                "reason": transition.reason.value if transition.reason else None,
                **self.alert_data(transition.alert),
            }
            self.hass.bus.async_fire(ALERT_EVENT, data, context=context)
            subject = alert_subject(transition.action)
            announcements.append(
                self._announcement(subject, transition.alert.place, data, context)
            )

        for transition in transitions:
            self._guarded(fire, transition)
        return announcements

    def _announcement(
        self,
        subject: str,
        key: str | None,
        data: dict[str, Any],
        context: Context | None = None,
    ) -> Announcement:
        """Return what to tell triggers."""
        return Announcement(
            subject=subject,
            entry_id=self.config_entry.entry_id,
            key=key,
            data=data,
            context=context,
        )

    @callback
    def _async_follow_connection(self) -> None:
        """Tell triggers when the connection is lost, and when it is there again."""
        connected = self.connected
        # It outlives the entry's reload, which is neither a loss nor a return.
        known = self.hass.data.setdefault(_CONNECTED, {})
        before = known.get(self.config_entry.entry_id)
        if connected is None or before is connected:
            return
        known[self.config_entry.entry_id] = connected
        if connected and before is None:
            # It was never lost.
            return
        happened = self._announcement(
            "connection_restored" if connected else "connection_lost",
            None,
            {
                "connected": connected,
                "late": False,
                "source": self.source.value,
                "time": dt_util.utcnow().isoformat(),
                **self._whereabouts(HUB, self.alert_entity),
            },
        )
        async_announce(self.hass, (happened,))

    def alert_data(self, alert: Alert) -> dict[str, Any]:
        """Return an alert as automations and actions see it."""
        data = alert.as_dict()
        for inner in ("place", "changed_at", "answered", "wait"):
            del data[inner]
        return {
            **data,
            "age": round(alert.age(dt_util.utcnow()), 1),
            "source": self.source.value,
            **self._whereabouts(alert.place or HUB, self.alert_entity),
        }

    def entity_of(self, key: str | None) -> str | None:
        """Return the event entity that the alerts of a place, or the hub's, belong to."""
        entity_id: str | None = self._whereabouts(key or HUB, self.alert_entity)[
            "entity_id"
        ]
        return entity_id

    @callback
    def async_values_changed(self, keys: Iterable[str]) -> None:
        """Have the entities of the hub or of places show their values."""
        for key in keys:
            for update in list(self._value_listeners.get(key, ())):
                self._guarded(update)
            self._changed(key)

    def _changed(self, key: str) -> None:
        """Tell whoever follows all of it that the hub or a place has changed."""
        for listener in list(self._change_listeners):
            self._guarded(listener, key)

    def _bus_data(self, event: Event, key: str) -> dict[str, Any]:
        """Return the bus event: what the service knows, and where it is in the house."""
        return {**event.as_dict(), **self._whereabouts(key, event.entity)}

    def _whereabouts(self, key: str, entity_key: str) -> dict[str, Any]:
        """Return where in the house something is: entry, device, event entity."""
        place = self.places.get(key)
        entity_id = er.async_get(self.hass).async_get_entity_id(
            "event", DOMAIN, self.unique_id(key if place else HUB, entity_key)
        )
        return {
            "entry_id": self.config_entry.entry_id,
            "entry_title": self.config_entry.title,
            "device_id": place.device_id if place else self.hub_device_id,
            "entity_id": entity_id,
        }

    def unique_id(self, key: str, entity_key: str) -> str:
        """Return the unique id of an entity of the hub or a place."""
        return f"{self.config_entry.entry_id}_{key}_{entity_key}"

    # Contact

    @callback
    def async_answered(self) -> None:
        """Note a good answer; on the disk only where the one before is long ago.

        An idle house writes nothing of ours: Home Assistant's own file of states, which it
        writes now and then anyway, has the time too.
        """
        if self.last_answer is None or not self.last_update_success:
            self._store.async_changed()
        self.last_answer = time.monotonic()
        self.last_answer_at = self.statistics.succeeded()

    @callback
    def async_restore_answer(self, answered_at: datetime | None) -> None:
        """Take over when the last good answer came, where that is news."""
        known = self.last_answer_at
        if answered_at is not None and (known is None or answered_at > known):
            self.last_answer_at = answered_at

    @callback
    def async_credentials_refused(self) -> None:
        """Ask a person for new credentials; the source goes on trying the old ones."""
        self.config_entry.async_start_reauth(self.hass)

    @callback
    def async_credentials_accepted(self) -> None:
        """Take the question back: the service has come to its senses by itself."""
        for flow in self.config_entry.async_get_active_flows(
            self.hass, {SOURCE_REAUTH}
        ):
            self.hass.config_entries.flow.async_abort(flow["flow_id"])

    # For people who look for a fault

    def diagnostics(self) -> dict[str, Any]:
        """Return how it went so far, without any content of events."""
        return {
            "connected": self.connected,
            "places": len(self.places),
            "journal": {
                "begun": self.journal.begun,
                "entries": len(self.journal),
                "has_cursor": self.journal.cursor is not None,
            },
            "statistics": self.statistics.as_dict(),
            "own_failures": self.failures.as_dict(),
        }

    # Inner

    def _tell_full(self) -> None:
        """Tell once that there are too many places."""
        if not self._told_full:
            self._told_full = True
            self.logger.warning(
                "%s names more than %s places; no more devices are created. Delete"
                " those that do not exist",
                self.name,
                MAX_PLACES,
            )

    def _guarded(self, function: Callable[..., None], *args: Any) -> None:
        """Call a listener; one that fails must not keep the event from the others."""
        try:
            function(*args)
        except Exception:
            _LOGGER.exception("A listener of %s failed", self.name)

    def _device(self, key: str) -> dr.DeviceEntry | None:
        return dr.async_get(self.hass).async_get_device_by_identifier(
            self.identifier(key), self.config_entry.entry_id
        )

    def _register_place(self, key: str, name: str) -> str:
        """Create or rename the device of a place; return its id."""
        device = dr.async_get(self.hass).async_get_or_create(
            config_entry_id=self.config_entry.entry_id,
            identifiers={self.identifier(key)},
            manufacturer=self.manufacturer,
            translation_key=self.place_kind,
            translation_placeholders={"name": _shorten(name)},
            via_device_id=self.hub_device_id,
        )
        return device.id

    def _restore_places(self, stored: dict[str, Any]) -> None:
        """Take over the devices that exist, with what was stored of them."""
        prefix = f"{self.place_kind}_"
        for device in dr.async_entries_for_config_entry(
            dr.async_get(self.hass), self.config_entry.entry_id
        ):
            if (key := self.place_of_device(device)) is None:
                continue
            details = _as_dict(stored.get(key))
            name = details.get("name")
            values = {
                name: float(value)
                for name, value in _as_dict(details.get("values")).items()
                if isinstance(value, int | float) and abs(value) <= MAX_NUMBER
            }
            self.places[key] = Place(
                id=key.removeprefix(prefix),
                device_id=device.id,
                name=as_name(name) if isinstance(name, str) else None,
                values=values,
            )

    @callback
    def _async_collect(self) -> dict[str, Any]:
        """Return what to store: one picture of one moment."""
        return {
            "last_answer": (
                self.last_answer_at.isoformat() if self.last_answer_at else None
            ),
            "clocks": read_clocks(),
            "journal": self.journal.as_dict(time.monotonic(), time.time()),
            "places": {
                key: {"name": place.name, "values": dict(place.values)}
                for key, place in self.places.items()
            },
            "alerts": self.alerts.as_dict(),
            **self._collect(),
        }

    def _collect(self) -> dict[str, Any]:
        """Return what else a source stores."""
        return {}

    def _restore(self, stored: dict[str, Any]) -> None:
        """Take over what else the source stored."""


@callback
def async_forget_entry(hass: HomeAssistant, entry_id: str) -> None:
    """Forget what outlives an entry's reload, but not the entry."""
    hass.data.get(_CONNECTED, {}).pop(entry_id, None)
    async_forget(hass)


def _keys(transitions: Iterable[Transition]) -> Iterable[str]:
    """Yield the keys of the devices that alerts belong to."""
    for transition in transitions:
        if transition.alert.place is not None:
            yield transition.alert.place


def _as_dict(value: object) -> dict[str, Any]:
    """Return a dict, or an empty one where a file was tampered with."""
    return value if isinstance(value, dict) else {}


def _shorten(name: str) -> str:
    """Return a name that fits a list."""
    return shortened(one_line(name), MAX_NAME_LENGTH)
