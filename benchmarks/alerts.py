"""What alerts cost: one transition in a large house, and the set-up of many tables.

Set-up is compared with what Home Assistant itself needs to add as many plain entities,
on as many devices, that show nothing. Both are processor time, and take turns.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
import gc
from statistics import median, quantiles
import time
from typing import Any, Final, override

from homeassistant.config_entries import HANDLERS, ConfigEntry, ConfigFlow
from homeassistant.const import Platform
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import AddEntitiesCallback
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockModule,
    MockPlatform,
    mock_integration,
    mock_platform,
)

from custom_components.carbis_alerts.const import ALERT_EVENT
from custom_components.carbis_alerts.sources.qr_menu import QrMenuCoordinator
from simulator.qr_menu import QrMenuService

from .house import TOKEN, a_house, add_entry

TABLES: Final = 300
# Presses of a day: each table is called and answered five times.
ALERTS: Final = 3_000
ROUNDS: Final = 9
# What set-up may cost, as a ratio.
ALLOWED: Final = 3.0

PLAIN: Final = "plain"
# A table's: what Home Assistant adds without us is divided among the same platforms.
PLATFORMS: Final = (
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.EVENT,
    Platform.SENSOR,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertCost:
    """Transitions in microseconds of processor time; set-up in seconds and as a ratio.

    ``transition_99`` is what 99 of 100 do not exceed, ``writes`` how many states one
    writes, ``floor_noise`` how far two measurements of the floor in a row are apart.
    """

    transition: float
    transition_99: float
    transitions: int
    writes: float
    timers: int
    plain: float
    setup: float
    setup_ratio: float
    floor_noise: float
    plain_entities: int
    entities: int


async def measure_alerts() -> AlertCost:
    """Measure both."""
    async with _a_restaurant() as (hass, entry):
        transition, slow, count, writes, timers = await _transitions(hass, entry)
        entities = len(hass.states.async_entity_ids())
    plain, setup, ratio, noise, plain_entities = await _set_ups()
    return AlertCost(
        transition=transition,
        transition_99=slow,
        transitions=count,
        writes=writes,
        timers=timers,
        plain=plain,
        setup=setup,
        setup_ratio=ratio,
        floor_noise=noise,
        plain_entities=plain_entities,
        entities=entities,
    )


@asynccontextmanager
async def _a_restaurant() -> AsyncGenerator[tuple[HomeAssistant, MockConfigEntry]]:
    """Run a house that knows all tables; nobody polls but the measurement."""
    async with a_house() as hass, QrMenuService(token=TOKEN) as service:
        entry = await add_entry(hass, service, "alerts")
        await service.wait_for_requests(2, timeout=30)
        source: QrMenuCoordinator = entry.runtime_data
        # The source is left without a server: it would cost too.
        await source._async_cancel()  # noqa: SLF001
        for number in range(TABLES):
            await source.async_ensure_place(str(number), str(number))
        await hass.async_block_till_done()
        yield hass, entry


async def _transitions(
    hass: HomeAssistant, entry: MockConfigEntry
) -> tuple[float, float, int, float, int]:
    """Let all tables call, be answered, and call again, as in a day."""
    source: QrMenuCoordinator = entry.runtime_data
    places = list(source.places.values())
    told = written = 0

    @callback
    def note(_: Event[Any]) -> None:
        nonlocal told
        told += 1

    @callback
    def note_write(_: Event[Any]) -> None:
        nonlocal written
        written += 1

    hass.bus.async_listen(ALERT_EVENT, note)
    hass.bus.async_listen("state_changed", note_write)
    spent: list[float] = []
    # As Home Assistant does once it has started.
    gc.collect()
    gc.freeze()

    def timed(function: Callable[[], object]) -> None:
        # Of this thread: the disk is written in another.
        began = time.thread_time()
        function()
        spent.append(time.thread_time() - began)

    for turn in range(ALERTS // TABLES):
        for place in places:
            timed(lambda place=place: source.async_raise(place, None, None))  # type: ignore[misc]
        await hass.async_block_till_done()
        if turn % 2:
            # All that are open, one by one, as people acknowledge them.
            for alert in source.alerts.book.alerts:
                timed(
                    lambda alert=alert: source.async_tell(  # type: ignore[misc]
                        source.alerts.async_acknowledge([alert], "Anna"), None
                    )
                )
            await hass.async_block_till_done()
    if told != len(spent):
        raise RuntimeError(f"{told} of {len(spent)} transitions were told")
    job = source.alerts._job  # noqa: SLF001
    timers = sum(
        not handle.cancelled() and str(job) in str(handle._args)  # noqa: SLF001
        for handle in hass.loop._scheduled  # type: ignore[attr-defined]  # noqa: SLF001
    )
    gc.unfreeze()
    nearly_all = quantiles(spent, n=100)[-1]
    return median(spent) * 1e6, nearly_all * 1e6, told, written / told, timers


async def _set_ups() -> tuple[float, float, float, float, int]:
    """Set up an entry with all tables and as many plain entities, in turns."""
    async with _a_restaurant() as (hass, entry):
        source: QrMenuCoordinator = entry.runtime_data
        # Every table waits: what its entities show is to be found out too.
        for place in list(source.places.values()):
            source.async_raise(place, None, None)
        await hass.async_block_till_done()
        HANDLERS.register(PLAIN)(PlainFlow)
        added = len(hass.states.async_entity_ids())
        plain = _plain_entry(hass, added)
        if not await hass.config_entries.async_setup(plain.entry_id):
            raise RuntimeError("The plain entities cannot be set up")
        await hass.async_block_till_done()
        plain_entities = len(hass.states.async_entity_ids()) - added
        floors: list[float] = []
        again: list[float] = []
        ours: list[float] = []
        waiting = f"binary_sensor.table_{TABLES - 1}_waiter_called"
        for _ in range(ROUNDS):
            floors.append(await _set_up(hass, plain))
            ours.append(await _set_up(hass, entry))
            again.append(await _set_up(hass, plain))
            state = hass.states.get(waiting)
            if state is None or state.state != "on":
                raise RuntimeError("The tables were not set up as they were")
    both = [(one + two) / 2 for one, two in zip(floors, again, strict=True)]
    ratio = median(our / floor for our, floor in zip(ours, both, strict=True))
    noise = median(max(pair) / min(pair) for pair in zip(floors, again, strict=True))
    return median(both), median(ours), ratio, noise - 1, plain_entities


async def _set_up(hass: HomeAssistant, entry: ConfigEntry) -> float:
    """Return the processor time of the set-up of an entry whose entities are known."""
    if not await hass.config_entries.async_unload(entry.entry_id):
        raise RuntimeError("The entry cannot be unloaded")
    await hass.async_block_till_done()
    gc.collect()
    began = time.process_time()
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return time.process_time() - began


class PlainFlow(ConfigFlow):
    """What an integration needs to have entries."""

    VERSION = 1


class PlainEntity(Entity):
    """An entity that shows nothing, on a device of its own table."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(self, entry_id: str, platform: str, number: int) -> None:
        """Be one of a platform's."""
        self._attr_name = platform
        self._attr_unique_id = f"{platform}_{number}"
        self._attr_device_info = dr.DeviceInfo(
            identifiers={(PLAIN, f"{entry_id}_{number}")}
        )

    @property
    @override
    def state(self) -> str:
        return "on"


def _plain_entry(hass: HomeAssistant, count: int) -> MockConfigEntry:
    """Return an entry of an integration that adds plain entities and nothing else."""

    async def set_up(hass: HomeAssistant, entry: ConfigEntry) -> bool:
        for number in range(TABLES):
            dr.async_get(hass).async_get_or_create(
                config_entry_id=entry.entry_id,
                identifiers={(PLAIN, f"{entry.entry_id}_{number}")},
                name=f"Plain {number}",
            )
        await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
        return True

    async def unload(hass: HomeAssistant, entry: ConfigEntry) -> bool:
        return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)

    mock_integration(
        hass,
        MockModule(PLAIN, async_setup_entry=set_up, async_unload_entry=unload),
    )
    # Home Assistant looks for one with each entry.
    mock_platform(hass, f"{PLAIN}.config_flow", None)
    for index, platform in enumerate(PLATFORMS):

        async def add(
            _: HomeAssistant,
            entry: ConfigEntry,
            async_add_entities: AddEntitiesCallback,
            platform: str = platform.value,
            extra: int = index,
        ) -> None:
            share = len(range(extra, count, len(PLATFORMS)))
            async_add_entities(
                PlainEntity(entry.entry_id, platform, number % TABLES)
                if number < TABLES
                else PlainEntity(entry.entry_id, f"{platform}_hub", number % TABLES)
                for number in range(share)
            )

        mock_platform(
            hass, f"{PLAIN}.{platform.value}", MockPlatform(async_setup_entry=add)
        )
    entry = MockConfigEntry(domain=PLAIN)
    entry.add_to_hass(hass)
    return entry
