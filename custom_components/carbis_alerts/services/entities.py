"""Descriptions of entities, and those that any service may have."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from homeassistant.components.binary_sensor import BinarySensorEntityDescription
from homeassistant.components.event import EventEntityDescription
from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import PERCENTAGE, UnitOfTime

from ..domain.events import Source, types_of
from ..domain.rules import NAMES, AlertKind
from ..runtime.alert_options import overdue_after
from ..runtime.runtime import ServiceSource

ANSWER_TIME_KEY: Final = "answer_time"


@dataclass(frozen=True, kw_only=True)
class CarbisSensorDescription[S: ServiceSource](SensorEntityDescription):
    """A sensor and where its value is: of a source and a device's key (or the hub's)."""

    value: Callable[[S, str], float | str | datetime | None]
    # False where nobody can know it while the service is away.
    holds_while_away: bool = True
    is_money: bool = False
    since: Callable[[S], datetime | None] | None = None
    attributes: Callable[[S], dict[str, Any]] | None = None


@dataclass(frozen=True, kw_only=True)
class WaitingSensorDescription(BinarySensorEntityDescription):
    """A binary sensor that is on while an alert of a kind is open at a device."""

    kind: AlertKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Entities[S: ServiceSource]:
    """The entities of a hub, or those of each device below it."""

    events: tuple[EventEntityDescription, ...] = ()
    sensors: tuple[CarbisSensorDescription[S], ...] = ()


WAITER_CALLED: Final = WaitingSensorDescription(
    key="waiter_called", kind=AlertKind.WAITER_CALL
)
BILL_REQUESTED: Final = WaitingSensorDescription(
    key="bill_requested", kind=AlertKind.BILL_REQUEST
)


def event_entities(
    source: Source,
    *keys: str,
    hub: bool,
    names: Mapping[str, str] = MappingProxyType({}),
) -> tuple[EventEntityDescription, ...]:
    """Return event entities with what can happen there; ``names`` are translation keys."""
    return tuple(
        EventEntityDescription(
            key=key, translation_key=names.get(key), event_types=types
        )
        for key in keys
        if (types := types_of(source, key, hub=hub))
    )


def open_alerts(key: str, *kinds: AlertKind) -> CarbisSensorDescription[Any]:
    """Return a sensor of how many alerts of some kinds are open."""
    return CarbisSensorDescription(
        key=key,
        state_class=SensorStateClass.MEASUREMENT,
        value=lambda source, _: sum(map(source.runtime.alerts.book.open_count, kinds)),
    )


def counted_today(key: str) -> CarbisSensorDescription[Any]:
    """Return a sensor of how often today something happened that opens alerts."""
    return CarbisSensorDescription(
        key=key,
        state_class=SensorStateClass.TOTAL,
        value=lambda source, _: source.runtime.alerts.events_today.value,
        since=lambda source: source.runtime.alerts.events_today.since,
    )


def answer_time(kind: AlertKind) -> CarbisSensorDescription[Any]:
    """Return a sensor of how long those of a kind waited for an answer today."""

    def waits_of(source: ServiceSource) -> dict[str, Any]:
        """Return more about how long they waited."""
        waits = source.runtime.alerts.waits_today
        longest, at = waits.longest or (None, None)
        if at is not None:
            at = source.runtime.alert_events.names.title(NAMES[kind], at)
        return {"longest_wait": longest, "longest_wait_at": at, "median": waits.median}

    return CarbisSensorDescription(
        key=ANSWER_TIME_KEY,
        device_class=SensorDeviceClass.DURATION,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfTime.SECONDS,
        suggested_display_precision=0,
        value=lambda source, _: source.runtime.alerts.waits_today.mean,
        attributes=waits_of,
    )


# How long guests at tables waited.
ANSWER_TIME: Final = answer_time(AlertKind.WAITER_CALL)


def _in_time(source: ServiceSource) -> float | None:
    """Return how many were answered in time, None where nothing is ever overdue."""
    if not overdue_after(source.runtime.entry):
        return None
    return source.runtime.alerts.in_time_today.percent


IN_TIME: Final[CarbisSensorDescription[Any]] = CarbisSensorDescription(
    key="in_time",
    state_class=SensorStateClass.MEASUREMENT,
    native_unit_of_measurement=PERCENTAGE,
    suggested_display_precision=0,
    value=lambda source, _: _in_time(source),
    attributes=lambda source: {
        "ended": source.runtime.alerts.in_time_today.value,
        "repeated": source.runtime.alerts.repeated_today.value,
        "acknowledged_together": source.runtime.alerts.together_today.value,
    },
)
WAITING_SINCE: Final[CarbisSensorDescription[Any]] = CarbisSensorDescription(
    key="waiting_since",
    device_class=SensorDeviceClass.TIMESTAMP,
    value=lambda source, _: source.runtime.alerts.book.oldest_open(),
)
FORGOTTEN_TODAY: Final[CarbisSensorDescription[Any]] = CarbisSensorDescription(
    key="forgotten_today",
    state_class=SensorStateClass.TOTAL,
    value=lambda source, _: source.runtime.alerts.forgotten_today.value,
    since=lambda source: source.runtime.alerts.forgotten_today.since,
    # For who looks in the morning.
    attributes=lambda source: {
        "yesterday": source.runtime.alerts.forgotten_today.before
    },
)
