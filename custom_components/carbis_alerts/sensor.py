"""Sensors: what is the case now, at the hub and at each place."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import UnitOfTime
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import (
    AddConfigEntryEntitiesCallback,
    async_get_current_platform,
)

from .domain.calls import CallState
from .domain.events import Source
from .domain.kinds import AlertKind
from .entity import CarbisValueEntity
from .runtime.coordinator import HUB, CarbisConfigEntry, ServiceCoordinator
from .services.green_api.source import GreenApiCoordinator
from .services.pbx.source import PbxCoordinator

PARALLEL_UPDATES: Final = 0

# The longest state that Home Assistant takes.
MAX_STATE_LENGTH: Final = 255


@dataclass(frozen=True, kw_only=True)
class CarbisSensorDescription(SensorEntityDescription):
    """A sensor and where its value is: of a source and a place's id (or the hub)."""

    value: Callable[[ServiceCoordinator, str], float | str | None]
    # False where nobody can know it while the service is away.
    holds_while_away: bool = True
    is_money: bool = False
    since: Callable[[ServiceCoordinator], datetime | None] | None = None
    attributes: Callable[[ServiceCoordinator], dict[str, Any]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """The sensors of a service: those of its hub and those of a place."""

    hub: tuple[CarbisSensorDescription, ...] = ()
    place: tuple[CarbisSensorDescription, ...] = ()


def _place_value(key: str) -> Callable[[ServiceCoordinator, str], float | None]:
    """Return what reads a stored value of a place."""

    def value(source: ServiceCoordinator, place: str) -> float | None:
        found = source.places.get(place)
        return None if found is None else found.values.get(key)

    return value


def _pbx[T](
    read: Callable[[PbxCoordinator, str | None], T],
) -> Callable[[ServiceCoordinator, str], T]:
    """Return what reads something of a PBX and of an extension, None for all of it."""

    def value(source: ServiceCoordinator, place: str) -> T:
        found = source.places.get(place)
        return read(cast(PbxCoordinator, source), found.id if found else None)

    return value


def _whatsapp[T](
    read: Callable[[GreenApiCoordinator], T],
) -> Callable[..., T]:
    """Return what reads something of a WhatsApp account."""

    def value(source: ServiceCoordinator, _: str = HUB) -> T:
        return read(cast(GreenApiCoordinator, source))

    return value


def _counted_since(source: ServiceCoordinator) -> datetime | None:
    """Return since when what is counted by the day is: with the value, never before."""
    return source.alerts.events_today.since


def _waits(source: ServiceCoordinator) -> dict[str, Any]:
    """Return more about how long guests waited today."""
    waits = source.alerts.waits_today
    longest, at = waits.longest or (None, None)
    return {"longest_wait": longest, "longest_wait_at": at, "median": waits.median}


def _forgotten_before(source: ServiceCoordinator) -> dict[str, Any]:
    """Return how many were forgotten on the day before, for who looks in the morning."""
    return {"yesterday": source.alerts.forgotten_today.before}


def _account_state(source: GreenApiCoordinator) -> str | None:
    """Return the account's state in Home Assistant's spelling."""
    state = source.account_state
    return None if state is None else ACCOUNT_STATES.get(state, "other")


STATE: Final = CarbisSensorDescription(
    key="state",
    device_class=SensorDeviceClass.ENUM,
    options=list(CallState),
    holds_while_away=False,
    value=_pbx(lambda source, extension: source.calls.state(extension)),
)
FORGOTTEN_TODAY: Final = CarbisSensorDescription(
    key="forgotten_today",
    state_class=SensorStateClass.TOTAL,
    value=lambda source, _: source.alerts.forgotten_today.value,
    since=lambda source: source.alerts.forgotten_today.since,
    attributes=_forgotten_before,
)
ACCOUNT_STATES: Final = {
    "authorized": "authorized",
    "notAuthorized": "not_authorized",
    "blocked": "blocked",
    "sleepMode": "sleep_mode",
    "starting": "starting",
    "yellowCard": "yellow_card",
}
KINDS: Final = {
    Source.QR_MENU: Kind(
        hub=(
            CarbisSensorDescription(
                key="open_calls",
                state_class=SensorStateClass.MEASUREMENT,
                value=lambda source, _: source.alerts.book.open_count(
                    AlertKind.WAITER_CALL
                ),
            ),
            CarbisSensorDescription(
                key="calls_today",
                state_class=SensorStateClass.TOTAL,
                value=lambda source, _: source.alerts.events_today.value,
                since=_counted_since,
            ),
            CarbisSensorDescription(
                key="payments_today",
                device_class=SensorDeviceClass.MONETARY,
                state_class=SensorStateClass.TOTAL,
                suggested_display_precision=2,
                is_money=True,
                value=lambda source, _: source.alerts.payments_today.total,
                since=lambda source: source.alerts.payments_today.since,
            ),
            CarbisSensorDescription(
                key="answer_time",
                device_class=SensorDeviceClass.DURATION,
                state_class=SensorStateClass.MEASUREMENT,
                native_unit_of_measurement=UnitOfTime.SECONDS,
                suggested_display_precision=0,
                value=lambda source, _: source.alerts.waits_today.mean,
                attributes=_waits,
            ),
            FORGOTTEN_TODAY,
        ),
        place=(
            CarbisSensorDescription(
                key="bill",
                device_class=SensorDeviceClass.MONETARY,
                suggested_display_precision=2,
                is_money=True,
                value=_place_value("bill"),
            ),
        ),
    ),
    Source.PBX: Kind(
        hub=(
            STATE,
            CarbisSensorDescription(
                key="active_calls",
                state_class=SensorStateClass.MEASUREMENT,
                holds_while_away=False,
                value=_pbx(lambda source, _: len(source.calls.active)),
            ),
            CarbisSensorDescription(
                key="missed_calls_today",
                state_class=SensorStateClass.TOTAL,
                value=lambda source, _: source.alerts.events_today.value,
                since=_counted_since,
            ),
            CarbisSensorDescription(
                key="last_caller",
                value=_pbx(lambda source, _: source.last_caller),
            ),
            FORGOTTEN_TODAY,
        ),
        place=(
            STATE,
            CarbisSensorDescription(
                key="caller",
                holds_while_away=False,
                value=_pbx(lambda source, extension: source.caller(extension or "")),
            ),
        ),
    ),
    Source.GREEN_API: Kind(
        hub=(
            CarbisSensorDescription(
                key="account_state",
                device_class=SensorDeviceClass.ENUM,
                options=[*ACCOUNT_STATES.values(), "other"],
                value=_whatsapp(_account_state),
            ),
            CarbisSensorDescription(
                key="messages_today",
                state_class=SensorStateClass.TOTAL,
                value=lambda source, _: source.alerts.events_today.value,
                since=_counted_since,
            ),
            FORGOTTEN_TODAY,
        )
    ),
}


async def async_setup_entry(
    hass: HomeAssistant,
    entry: CarbisConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the sensors of an entry."""
    source = entry.runtime_data
    kind = KINDS[source.source]

    def build(key: str) -> list[CarbisSensor]:
        return [CarbisSensor(source, key, description) for description in kind.place]

    async_add_entities(
        CarbisSensor(source, HUB, description) for description in kind.hub
    )
    await source.async_add_builder(async_get_current_platform(), build)


class CarbisSensor(CarbisValueEntity, SensorEntity):
    """A value that the source keeps."""

    entity_description: CarbisSensorDescription

    _unrecorded_attributes = frozenset({"longest_wait", "longest_wait_at", "median"})

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        if not self.entity_description.holds_while_away:
            self.async_on_remove(
                self._source.async_add_listener(self.async_write_ha_state)
            )

    @override
    def shown(self) -> Any:
        return self.native_value, self.extra_state_attributes, self.last_reset

    @property
    @override
    def available(self) -> bool:
        return self.entity_description.holds_while_away or bool(self._source.connected)

    @property
    @override
    def native_value(self) -> Any:
        value = self.entity_description.value(self._source, self._key)
        return value[:MAX_STATE_LENGTH] if isinstance(value, str) else value

    @property
    @override
    def native_unit_of_measurement(self) -> str | None:
        if self.entity_description.is_money:
            return self.hass.config.currency
        return self.entity_description.native_unit_of_measurement

    @property
    @override
    def last_reset(self) -> datetime | None:
        read = self.entity_description.since
        return None if read is None else read(self._source)

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any] | None:
        read = self.entity_description.attributes
        return None if read is None else read(self._source)
