"""What a service is and can do."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypedDict

from homeassistant.config_entries import ConfigEntry, ConfigSubentryFlow
from homeassistant.core import HomeAssistant

from ..domain.diagnosis import Diagnosis
from ..domain.events import Event
from ..domain.rules import AlertKind
from ..runtime.devices import ChildDevice
from ..runtime.identity import Identity
from ..runtime.runtime import ServiceRuntime, ServiceSource
from .entities import ANSWER_TIME_KEY, Entities, WaitingSensorDescription
from .form import ServiceForm


class Header(TypedDict):
    """What every event of a device has."""

    code: str
    event_id: str
    time: datetime
    device_key: str
    note: str | None


def _nothing(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Do nothing."""


async def _async_nothing(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Do nothing."""


@dataclass(frozen=True, kw_only=True)
class Service[S: ServiceSource](Identity):
    """A service: platforms, board, actions and set-up ask it, and know none by name.

    What takes code of its source is in ``abilities``.
    """

    create: Callable[[ServiceRuntime], S]
    """Makes the source of an entry."""
    form: ServiceForm
    subentries: Mapping[str, type[ConfigSubentryFlow]] = field(default_factory=dict)
    diagnosis: Diagnosis = field(default_factory=Diagnosis)
    """What the diagnostics file may hold besides what all have, and as what."""

    hub: Entities[S]
    devices: Entities[S] = field(default_factory=Entities[S])
    waiting: tuple[WaitingSensorDescription, ...] = ()
    """Devices wait: these binary sensors show it, and a button acknowledges."""
    raised: Callable[[ChildDevice, AlertKind, Header], Event] | None = None
    """Makes the event of a device that opens an alert of a kind by hand."""

    variant: Callable[[Mapping[str, Any]], Service[S]] | None = None
    """Returns the service as an entry's data have it, where entries differ."""

    prepare: Callable[[HomeAssistant, ConfigEntry], None] = _nothing
    """Called at Home Assistant's start and before each set-up of an entry."""
    disabled: Callable[[HomeAssistant, ConfigEntry], None] = _nothing
    """Called when an entry was disabled."""
    removed: Callable[[HomeAssistant, ConfigEntry], Awaitable[None]] = _async_nothing
    """Called when an entry was removed."""

    @property
    def has_answer_time(self) -> bool:
        """Return whether the time until somebody came is one of its figures."""
        return any(sensor.key == ANSWER_TIME_KEY for sensor in self.hub.sensors)
