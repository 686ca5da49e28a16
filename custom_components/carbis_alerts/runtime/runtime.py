"""What an entry is made of: parts, and the source of its service."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
import time
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import (
    CONF_URL,
    EVENT_CORE_CONFIG_UPDATE,
    EVENT_HOMEASSISTANT_STOP,
)
from homeassistant.core import Event, HomeAssistant, callback

from ..domain.journal import Journal
from ..domain.messages import KEPT, Messages
from ..domain.rules import AlertKind
from .alert_events import AlertEvents
from .alerts import AlertManager
from .budget import make_budget
from .clocks import read_clocks, wall_since
from .connection import Connection
from .delivery import Delivery
from .devices import HUB, Devices
from .failures import Failures
from .identity import Identity
from .naming import async_load_names
from .outages import OutageWindows
from .publisher import Publisher
from .recording import Recording
from .signals import Signals
from .statistics import Statistics
from .storage import EntryStore, as_dict
from .tasks import SourceTask
from .unreadable import Unreadable

type CarbisConfigEntry = ConfigEntry[ServiceRuntime]


class ServiceSource(ABC):
    """What brings in the events of a service: all that is the service's own."""

    # Where its queue does not reach back for ever.
    outages: OutageWindows | None = None

    def __init__(self, runtime: ServiceRuntime) -> None:
        """Take the parts; nothing is read or asked yet."""
        self.runtime = runtime
        self.hass = runtime.hass
        self.entry = runtime.entry
        self.name = runtime.name

    @property
    def configuration_url(self) -> str | None:
        """Return the address where the service's own settings are."""
        return str(self.entry.data[CONF_URL])

    @abstractmethod
    async def async_run(self) -> None:
        """Bring in events for as long as the entry is loaded."""

    @callback  # noqa: B027 - most have nothing to do
    def async_restored(self) -> None:
        """Prepare devices, before any entity is added."""

    @callback  # noqa: B027 - most have nothing to do
    def async_start(self) -> None:
        """Begin, now that platforms stand and automations are armed."""

    @callback  # noqa: B027 - most have nothing to do
    def async_close(self) -> None:
        """Take nothing any more: the entry stops."""

    async def async_finish(self) -> None:  # noqa: B027 - as above
        """Publish what still waits for a try, before the entry stops."""

    @callback  # noqa: B027 - most have nothing to do
    def async_interrupted(self) -> None:
        """Note that events may have been missed."""

    @callback  # noqa: B027 - as above
    def async_lost(self) -> None:
        """Show no more what nobody can know: the service has been away for a while."""

    async def async_request_refresh(self) -> None:  # noqa: B027 - as above
        """Ask the service now, where it is asked."""

    def diagnostics(self) -> dict[str, Any]:
        """Return how it went, without any content of events."""
        return {}


class ServiceRuntime:
    """The parts of an entry, put together: deliver its events and never lose one."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: CarbisConfigEntry,
        identity: Identity,
        create: Callable[[ServiceRuntime], ServiceSource],
    ) -> None:
        """Put the parts together; nothing is read or asked yet."""
        self.hass = hass
        self.entry = entry
        self.identity = identity
        self.name = _name(identity, entry)
        self.budget = make_budget(self.name)
        self.journal = Journal(identity.repeat_window)
        self.messages = Messages()
        self.recording = Recording(hass, entry)
        self.signals = Signals(self.name)
        self.store = EntryStore(hass, entry.entry_id)
        self.unreadable = Unreadable(hass, entry, self.store.async_changed)
        self.statistics = Statistics(unreadable=self.unreadable.async_note)
        self.devices = Devices(
            hass,
            entry,
            identity,
            name=self.name,
            stored=self.store.async_changed,
            changed=self.signals.changed,
        )
        self.alert_events = AlertEvents(
            hass,
            entry,
            identity.source,
            identity.alert_entity,
            devices=self.devices,
            signals=self.signals,
            store=self.store,
        )
        self.alerts = AlertManager(hass, entry, self.alert_events.async_publish)
        self.publisher = Publisher(
            hass,
            entry,
            alerts=self.alerts,
            alert_events=self.alert_events,
            budget=self.budget,
            devices=self.devices,
            journal=self.journal,
            messages=self.messages,
            signals=self.signals,
            statistics=self.statistics,
            store=self.store,
        )
        self.delivery = Delivery(
            budget=self.budget,
            failures=Failures(self.name),
            journal=self.journal,
            publisher=self.publisher,
            statistics=self.statistics,
        )
        self.connection = Connection(
            hass,
            entry,
            self.name,
            location=lambda: self.devices.location(HUB, identity.alert_entity),
            signals=self.signals,
            source=identity.source.value,
            statistics=self.statistics,
            store=self.store,
        )
        for part in (
            self.connection,
            self,
            self.devices,
            self.alerts,
            self.unreadable,
        ):
            self.store.add_section(part.collect, part.restore)
        # Nothing may be published before.
        self.is_started = False
        self.source = create(self)
        self.connection.interrupted = self.source.async_interrupted
        self.connection.lost = self.source.async_lost
        self.task = SourceTask(
            hass,
            entry,
            self.name,
            lambda: self.budget.measured(self.source.async_run()),
            self.source.async_interrupted,
        )

    async def async_load(self) -> None:
        """Read what was stored and create the hub, before any entity is added."""
        is_new = self.devices.is_new
        await async_load_names(self.hass)
        self.devices.create_hub(self.source.configuration_url)
        is_restored = await self.store.async_restore()
        await self.alerts.async_restored()
        if not is_restored:
            if is_new:
                # Written down, so that a file that is gone later is distinguished from none.
                self.store.async_changed()
            else:
                # The file is lost. What waits may have been published before; twice is
                # better than a guest who is forgotten.
                self.journal.is_initialized = True
        messages = [
            alert
            for alert in self.alerts.book.alerts
            if alert.kind is AlertKind.MESSAGE
        ]
        for alert in messages[-KEPT:]:
            self.messages.recall(alert)
        await self.recording.async_restore()
        self.source.async_restored()
        self.devices.async_rename()
        self.entry.async_on_unload(
            self.hass.bus.async_listen(
                EVENT_CORE_CONFIG_UPDATE, self._async_on_config, _has_language
            )
        )
        self.entry.async_on_unload(
            self.hass.bus.async_listen(EVENT_HOMEASSISTANT_STOP, self._async_on_stop)
        )

    @callback
    def async_start(self) -> None:
        """Bring in events, now that platforms stand and automations are armed."""
        self.is_started = True
        self.alerts.async_start()
        self.connection.async_start()
        self.source.async_start()
        self.task.async_start()

    async def async_stop(self) -> None:
        """Stop at once and write down how far it came."""
        self.source.async_close()
        await self.source.async_finish()
        await self.task.async_stop()
        self.alerts.async_stop()
        self.store.async_changed()
        await self.store.async_close()
        await self.recording.async_close()

    @callback
    def async_forget_device(self, key: str) -> None:
        """Forget a device that a person deleted; its next event brings it back."""
        self.devices.async_forget(key)
        # Its alerts go on to wait, under their own names.
        self.signals.values_changed((HUB,))
        self.signals.changed(key)

    def collect(self) -> dict[str, Any]:
        """Return the journal and the clocks that its times belong to, to be stored."""
        return {
            "clocks": read_clocks(),
            "journal": self.journal.snapshot(time.monotonic(), time.time()),
        }

    def restore(self, stored: Mapping[str, Any]) -> None:
        """Take over the journal."""
        self.journal.restore(
            as_dict(stored.get("journal")),
            time.monotonic(),
            wall_since(stored.get("clocks")),
        )

    def diagnostics(self) -> dict[str, Any]:
        """Return how it went so far, without any content of events."""
        return {
            "connected": self.connection.is_up,
            "places": len(self.devices.all),
            "journal": {
                "begun": self.journal.is_initialized,
                "entries": len(self.journal),
                "has_cursor": self.journal.cursor is not None,
            },
            "statistics": self.statistics.as_dict(),
            "own_failures": self.delivery.failures.as_dict(),
            "failures_in_a_row": self.connection.backoff.failures,
            **self.source.diagnostics(),
        }

    async def _async_on_config(self, _: Event) -> None:
        """Have all names follow the system's language."""
        await async_load_names(self.hass)
        self.devices.create_hub(self.source.configuration_url)
        self.devices.async_rename()
        self.signals.values_changed((HUB, *self.devices.all))

    async def _async_on_stop(self, _: Event) -> None:
        """Have the last state written with Home Assistant's own."""
        await self.source.async_finish()
        self.store.async_changed()


@callback
def _has_language(data: Mapping[str, Any]) -> bool:
    return "language" in data


def _name(identity: Identity, entry: ConfigEntry) -> str:
    """Return what the log calls the service of an entry."""
    if entry.title.startswith(identity.model):
        return entry.title
    return f"{identity.model} {entry.title}"
