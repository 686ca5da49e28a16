"""Follow what people's ways depend on, and say whose have come or gone."""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import Any, Final

from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryState,
)
from homeassistant.const import (
    ATTR_DOMAIN,
    EVENT_SERVICE_REGISTERED,
    EVENT_SERVICE_REMOVED,
    Platform,
)
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.event import (
    async_track_state_change_event,
    async_track_time_interval,
)

from ..const import CONF_DEVICE_ID, CONF_ENTITY_ID, CONF_ENTRY_ID
from ..people import Person
from ..runtime import issues
from ..runtime.devices import HUB
from ..runtime.runtime import ServiceRuntime
from ..runtime.signals import Signals
from ..runtime.timings import timings
from ..services.abilities import SendsText
from .channels.channel import ChannelError
from .channels.pushes import MANY, pushes

PUSHES_MANY: Final = "pushes_many"

type Look = Callable[[Person], ChannelError | None]


class ReachWatch:
    """Look again whenever a way of anybody's may have come or gone."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        signals: Signals,
        look: Look,
    ) -> None:
        """Take what says why somebody cannot be reached."""
        self._hass = hass
        self._entry = entry
        self._signals = signals
        self._look = look
        self._people: list[Person] = []
        self._known: dict[str, object] = {}
        self._removers: list[CALLBACK_TYPE] = []
        self._of_accounts: list[CALLBACK_TYPE] = []
        self._warned: set[str] = set()
        self._is_due = False

    @callback
    def async_start(self, people: Iterable[Person]) -> None:
        """Follow the ways of people."""
        hass = self._hass
        self._people = list(people)
        self._removers = [
            hass.bus.async_listen(event, self._async_touch, event_filter=_is_notify)
            for event in (EVENT_SERVICE_REGISTERED, EVENT_SERVICE_REMOVED)
        ]
        self._removers += [
            hass.bus.async_listen(
                dr.EVENT_DEVICE_REGISTRY_UPDATED, self._async_touch, self._is_phone
            ),
            async_dispatcher_connect(
                hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._async_touch
            ),
            async_track_state_change_event(
                hass, set(self._named(CONF_ENTITY_ID)), self._async_touch
            ),
            # What nothing signals, such as a phone's own connection.
            async_track_time_interval(
                hass,
                self._async_touch,
                timedelta(seconds=timings().reach_look),
                cancel_on_shutdown=True,
            ),
        ]
        self._async_look()

    @callback
    def async_stop(self) -> None:
        """Follow nothing any more."""
        for remove in (*self._removers, *self._of_accounts):
            remove()
        self._removers, self._of_accounts = [], []

    @callback
    def _async_touch(self, *_: object) -> None:
        """Look once all that changes at this moment has changed."""
        if not self._is_due:
            self._is_due = True
            self._hass.loop.call_soon(self._async_look)

    @callback
    def _async_look(self) -> None:
        self._is_due = False
        if not self._removers:
            return
        self._async_follow_accounts()
        changed = []
        for person in self._people:
            problem = self._look(person)
            known = problem and (problem.key, problem.translation_placeholders)
            if self._known.get(person.person_id, ...) != known:
                self._known[person.person_id] = known
                changed.append(person.device_key)
        self._signals.values_changed(changed)
        self._async_warn()

    @callback
    def _async_follow_accounts(self) -> None:
        """Follow the accounts that are there now: each load makes new ones."""
        for remove in self._of_accounts:
            remove()
        self._of_accounts = []
        for entry_id in set(self._named(CONF_ENTRY_ID)):
            entry = self._hass.config_entries.async_get_entry(entry_id)
            if entry is None or entry.state is not ConfigEntryState.LOADED:
                continue
            if isinstance(runtime := entry.runtime_data, ServiceRuntime):
                changed = self._account_listener(runtime)
                self._of_accounts += [
                    runtime.signals.listen_connection(changed),
                    runtime.signals.listen_values(HUB, changed),
                ]

    def _account_listener(self, runtime: ServiceRuntime) -> CALLBACK_TYPE:
        """Return what looks where an account works now or does not: not at each message."""

        def state() -> tuple[object, ...]:
            source = runtime.source
            trouble = source.sender.trouble if isinstance(source, SendsText) else None
            return runtime.is_started, runtime.connection.is_up, trouble

        known = state()

        @callback
        def changed() -> None:
            if state() != known:
                self._async_touch()

        return changed

    @callback
    def _async_warn(self) -> None:
        """Open a repair for each phone that has had nearly as many pushes as it may have."""
        many = set(pushes(self._hass).many()) & set(self._named(CONF_DEVICE_ID))
        registry = dr.async_get(self._hass)
        for device_id in many - self._warned:
            device = registry.async_get(device_id)
            name = (device.name_by_user or device.name) if device else None
            issues.async_open(
                self._hass,
                self._entry,
                PUSHES_MANY,
                severity=issues.Severity.WARNING,
                details={"phone": name, "count": MANY},
                part=device_id,
                is_fixable=False,
            )
        for device_id in self._warned - many:
            issues.async_close(self._hass, self._entry, PUSHES_MANY, device_id)
        self._warned = many

    def _named(self, key: str) -> Iterator[str]:
        """Yield what the addresses of all people name."""
        for person in self._people:
            for address in person.channels:
                if isinstance(value := address.get(key), str):
                    yield value

    @callback
    def _is_phone(self, data: Any) -> bool:
        return data["device_id"] in set(self._named(CONF_DEVICE_ID))


@callback
def _is_notify(data: Any) -> bool:
    return bool(data[ATTR_DOMAIN] == Platform.NOTIFY)
