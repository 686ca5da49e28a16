"""Grace: a connection that soon comes back changes nothing that anybody sees."""

from collections.abc import Callable, Generator
from datetime import timedelta
from functools import partial
from typing import Any

from homeassistant.const import EVENT_STATE_CHANGED, EVENT_STATE_REPORTED
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from simulator.faults import Faults
from simulator.green_api import GreenApiService
from simulator.pbx import PbxService
from simulator.qr_menu import QrMenuService

from ..automations import Runs, automate, ours
from ..conftest import Recorder
from ..helpers import CONNECTION, entity_ids, state_of, wait_for_state, wait_until
from ..timings import timed
from .conftest import MakeWhatsApp

type MakeEntry = Callable[..., MockConfigEntry]

# So long that no machine is too slow for it.
GRACE = 600.0
PBX_CONNECTION = "binary_sensor.pbx_127_0_0_1_connection"
PBX_STATE = "sensor.pbx_127_0_0_1_state"
RINGING = "sensor.extension_107_state"
GUEST = "+79820000001"
AWAY = Faults(refuse=True)


@pytest.fixture(autouse=True)
def _graceful() -> Generator[None]:
    with timed(grace=GRACE):
        yield


async def elapse(hass: HomeAssistant, seconds: float) -> None:
    """Let timers of up to so many seconds run out."""
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=seconds))
    await hass.async_block_till_done()


def losses(entry: MockConfigEntry) -> int:
    """Return how often the connection was lost, by the diagnostics."""
    return len(entry.runtime_data.diagnostics()["statistics"]["outages"])


def has_lost(entry: MockConfigEntry, count: int) -> bool:
    """Return whether the connection was lost so often."""
    return losses(entry) == count


class Writes:
    """The states of an entry that were written."""

    def __init__(self, hass: HomeAssistant, entry: MockConfigEntry) -> None:
        """Begin to listen."""
        self.states: list[str] = []
        mine = {*entity_ids(hass, entry).values()}

        @callback
        def is_mine(data: Any) -> bool:
            return data["entity_id"] in mine

        @callback
        def note(event: Event[Any]) -> None:
            self.states.append(event.data["entity_id"])

        for event_type in (EVENT_STATE_CHANGED, EVENT_STATE_REPORTED):
            hass.bus.async_listen(event_type, note, event_filter=is_mine)


async def on_losses(hass: HomeAssistant) -> Runs:
    """Return the runs of automations on losses and returns."""
    return await automate(
        hass,
        {
            "lost": ours("connection_lost"),
            "lost for a second": ours("connection_lost", for_=1),
            "back": ours("connection_restored"),
        },
    )


async def test_a_stream_that_goes_for_a_moment_each_minute_is_never_lost(
    hass: HomeAssistant, pbx: PbxService, pbx_entry: MockConfigEntry, bus: Recorder
) -> None:
    call = pbx.ring(GUEST, "107")
    await bus.wait(1)
    await hass.async_block_till_done()
    runs, writes = await on_losses(hass), Writes(hass, pbx_entry)
    for number in range(10):
        pbx.end_streams()
        await wait_until(partial(has_lost, pbx_entry, number + 1))
        await pbx.wait_for_streams(1)
        await wait_until(lambda: pbx_entry.runtime_data.connection.is_up is True)
        await elapse(hass, GRACE + 1)
    assert (writes.states, runs.names) == ([], [])
    # Whoever rang is shown on, and the call goes on.
    assert state_of(hass, PBX_STATE) == state_of(hass, RINGING) == "ringing"
    pbx.answer(call)
    await bus.wait(2)
    assert state_of(hass, RINGING) == "talking"


async def test_polls_that_fail_for_a_moment_are_no_loss(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry
) -> None:
    runs, writes = await on_losses(hass), Writes(hass, entry)
    for number in range(5):
        qr_menu.faults.set(AWAY)
        await wait_until(lambda: entry.runtime_data.connection.backoff.failures >= 3)
        qr_menu.faults.clear()
        await wait_until(lambda: entry.runtime_data.connection.is_up is True)
        assert losses(entry) == number + 1
        await elapse(hass, GRACE + 1)
    assert (writes.states, runs.names) == ([], [])


async def test_a_messenger_that_is_away_for_a_moment_is_not_lost(
    hass: HomeAssistant, green_api: GreenApiService, make_whatsapp: MakeWhatsApp
) -> None:
    entry = make_whatsapp(green_api)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await wait_for_state(hass, "binary_sensor.whatsapp_4567_connection", "on")
    await hass.async_block_till_done()
    runs, writes = await on_losses(hass), Writes(hass, entry)
    green_api.faults.set(AWAY)
    await wait_until(lambda: losses(entry) == 1)
    green_api.faults.clear()
    await wait_until(lambda: entry.runtime_data.connection.is_up is True)
    await elapse(hass, GRACE + 1)
    assert (writes.states, runs.names) == ([], [])


async def test_a_loss_is_published_when_it_has_lasted_and_counted_from_its_beginning(
    hass: HomeAssistant,
    pbx: PbxService,
    pbx_entry: MockConfigEntry,
    bus: Recorder,
) -> None:
    pbx.ring(GUEST, "107")
    await bus.wait(1)
    runs = await automate(
        hass,
        {
            "at once": ours("connection_lost"),
            "for less": ours("connection_lost", for_=GRACE / 2),
            "for longer": ours("connection_lost", for_=GRACE * 2),
            "back": ours("connection_restored"),
        },
    )
    pbx.faults.set(AWAY)
    pbx.end_streams()
    began = dt_util.utcnow()
    await wait_until(lambda: losses(pbx_entry) == 1)
    await elapse(hass, GRACE - 10)
    assert state_of(hass, PBX_CONNECTION) == "on"
    assert state_of(hass, PBX_STATE) == state_of(hass, RINGING) == "ringing"
    assert runs.names == []

    await elapse(hass, GRACE + 1)
    assert state_of(hass, PBX_CONNECTION) == "off"
    assert state_of(hass, PBX_STATE) == state_of(hass, RINGING) == "unavailable"
    assert sorted(runs.names) == ["at once", "for less"]
    # Shown are ten minutes that no clock has passed, so the loss lies before its time.
    (lost,) = runs.brought("at once")
    told = dt_util.parse_datetime(lost["time"])
    assert told is not None
    assert told <= began - timedelta(seconds=GRACE - 60)

    # Half of its time is over already.
    await elapse(hass, GRACE - 10)
    assert len(runs.names) == 2
    await elapse(hass, GRACE + 1)
    assert runs.names[2:] == ["for longer"]

    pbx.faults.clear()
    await wait_for_state(hass, PBX_CONNECTION, "on")
    await runs.all_done()
    assert runs.names[3:] == ["back"]
    # What became of the call while nobody could see it, nobody knows.
    assert state_of(hass, PBX_STATE) == "idle"


async def test_a_service_that_is_away_from_the_start_is_unknown_first(
    hass: HomeAssistant, qr_menu: QrMenuService, make_entry: MakeEntry
) -> None:
    runs = await on_losses(hass)
    qr_menu.faults.set(AWAY)
    entry = make_entry(qr_menu)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await wait_until(lambda: losses(entry) == 1)
    assert state_of(hass, CONNECTION) == "unknown"
    await elapse(hass, GRACE + 1)
    assert state_of(hass, CONNECTION) == "off"
    assert sorted(runs.names) == ["lost", "lost for a second"]


async def test_a_loss_goes_on_over_a_reload_and_is_published_once(
    hass: HomeAssistant, pbx: PbxService, pbx_entry: MockConfigEntry
) -> None:
    runs = await on_losses(hass)
    pbx.faults.set(AWAY)
    pbx.end_streams()
    await wait_until(lambda: losses(pbx_entry) == 1)
    since = pbx_entry.runtime_data.connection.down_since
    assert await hass.config_entries.async_reload(pbx_entry.entry_id)
    await wait_until(lambda: losses(pbx_entry) == 1)
    # The new line's own is younger.
    assert pbx_entry.runtime_data.connection.down_since > since
    assert state_of(hass, PBX_CONNECTION) == "unknown"
    await elapse(hass, GRACE + 1)
    assert state_of(hass, PBX_CONNECTION) == "off"
    assert sorted(runs.names) == ["lost", "lost for a second"]

    runs.clear()
    assert await hass.config_entries.async_reload(pbx_entry.entry_id)
    await wait_for_state(hass, PBX_CONNECTION, "off")
    pbx.faults.clear()
    await wait_for_state(hass, PBX_CONNECTION, "on")
    await runs.all_done()
    assert runs.names == ["back"]


async def test_a_loss_that_a_reload_ends_was_none(
    hass: HomeAssistant, pbx: PbxService, pbx_entry: MockConfigEntry
) -> None:
    runs = await on_losses(hass)
    pbx.faults.set(AWAY)
    pbx.end_streams()
    await wait_until(lambda: losses(pbx_entry) == 1)
    pbx.faults.clear()
    assert await hass.config_entries.async_reload(pbx_entry.entry_id)
    await wait_for_state(hass, PBX_CONNECTION, "on")
    await elapse(hass, GRACE + 1)
    assert state_of(hass, PBX_CONNECTION) == "on"
    assert runs.names == []


async def test_a_form_that_tries_the_service_hides_no_call(
    hass: HomeAssistant, pbx: PbxService, pbx_entry: MockConfigEntry, bus: Recorder
) -> None:
    pbx.ring(GUEST, "107")
    await bus.wait(1)
    await hass.async_block_till_done()
    writes = Writes(hass, pbx_entry)
    async with pbx_entry.runtime_data.task.async_paused():
        await hass.async_block_till_done()
    await pbx.wait_for_streams(1)
    await hass.async_block_till_done()
    assert writes.states == []
    assert state_of(hass, RINGING) == "ringing"


async def test_an_unloaded_entry_is_not_lost_later(
    hass: HomeAssistant, pbx: PbxService, pbx_entry: MockConfigEntry
) -> None:
    runs = await on_losses(hass)
    pbx.faults.set(AWAY)
    pbx.end_streams()
    await wait_until(lambda: losses(pbx_entry) == 1)
    assert await hass.config_entries.async_unload(pbx_entry.entry_id)
    await elapse(hass, GRACE + 1)
    assert runs.names == []
