"""An outage that outlasts the server's queue: shown with its times, as long as it matters."""

from datetime import UTC, datetime, timedelta
from typing import Any

from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import issue_registry as ir, restore_state
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    mock_restore_cache_with_extra_data,
)

from custom_components.carbis_alerts.api.qr_menu import RETENTION
from custom_components.carbis_alerts.const import DOMAIN
from custom_components.carbis_alerts.runtime.outages import MAX_OUTAGES
from custom_components.carbis_alerts.runtime.timings import Timings
from simulator.faults import Faults
from simulator.qr_menu import QrMenuService

from ..clock import WallClock, wall_clock
from ..helpers import CONNECTION, storage_key, wait_for_state, wait_until
from ..sites import Disk, Life, life
from ..timings import timed


@pytest.fixture(autouse=True)
async def _zone(hass: HomeAssistant) -> None:
    """Live where the clock of these tests does."""
    await hass.config.async_set_time_zone("UTC")


def outages_of(hass: HomeAssistant) -> list[tuple[str, str]]:
    """Return the times that repairs show."""
    return [
        (placeholders["from"], placeholders["to"])
        for issue in ir.async_get(hass).issues.values()
        if issue.domain == DOMAIN
        and issue.translation_key == "events_lost"
        and (placeholders := issue.translation_placeholders)
    ]


async def outage(
    hass: HomeAssistant, service: QrMenuService, clock: WallClock, **amount: float
) -> None:
    """Take the server away for some time, and give it back."""
    service.faults.set(Faults(status=503))
    await wait_for_state(hass, CONNECTION, "off")
    clock.pass_by(**amount)
    service.faults.clear()
    await wait_for_state(hass, CONNECTION, "on")


def test_what_the_code_takes_for_granted() -> None:
    assert RETENTION == 300
    assert Timings().outage_shown == timedelta(days=1)


async def test_an_outage_longer_than_the_queue_says_from_when_to_when(
    hass: HomeAssistant, qr_menu: QrMenuService, make_entry: Any
) -> None:
    with wall_clock("19:02") as clock:
        entry = make_entry(qr_menu)
        assert await hass.config_entries.async_setup(entry.entry_id)
        await wait_for_state(hass, CONNECTION, "on")
        assert not outages_of(hass), "a first start has missed nothing"
        await outage(hass, qr_menu, clock, minutes=14)
        assert outages_of(hass) == [("19:02", "19:11")]
        (issue,) = ir.async_get(hass).issues.values()
        assert issue.is_fixable
        assert issue.severity is ir.IssueSeverity.WARNING
        assert (issue.learn_more_url or "").endswith("docs/repairs.md#events-lost")
        assert (issue.translation_placeholders or {})[
            "title"
        ] == f"QR menu {entry.title}"

        await outage(hass, qr_menu, clock, hours=5)
        assert outages_of(hass) == [
            ("19:02", "19:11"),
            ("2026-03-05 19:16", "00:11"),
        ]
        assert await hass.config_entries.async_unload(entry.entry_id)


async def test_an_outage_that_the_queue_bridges_is_none_to_publish(
    hass: HomeAssistant, qr_menu: QrMenuService, make_entry: Any
) -> None:
    with wall_clock("19:02") as clock:
        entry = make_entry(qr_menu)
        assert await hass.config_entries.async_setup(entry.entry_id)
        await wait_for_state(hass, CONNECTION, "on")
        await outage(hass, qr_menu, clock, minutes=4, seconds=59)
        assert not outages_of(hass)
        assert await hass.config_entries.async_unload(entry.entry_id)


async def test_only_the_last_outages_are_shown(
    hass: HomeAssistant, qr_menu: QrMenuService, make_entry: Any
) -> None:
    with wall_clock("06:00") as clock:
        entry = make_entry(qr_menu)
        assert await hass.config_entries.async_setup(entry.entry_id)
        await wait_for_state(hass, CONNECTION, "on")
        for _ in range(MAX_OUTAGES + 1):
            await outage(hass, qr_menu, clock, minutes=10)
        assert outages_of(hass)[0] == ("06:10", "06:15")
        assert len(outages_of(hass)) == MAX_OUTAGES
        assert await hass.config_entries.async_unload(entry.entry_id)


async def test_it_goes_by_itself_after_a_day(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    make_entry: Any,
    hass_storage: dict[str, Any],
) -> None:
    a_little = timedelta(seconds=RETENTION + 0.3)
    with wall_clock("19:02") as clock, timed(outage_shown=a_little):
        entry = make_entry(qr_menu)
        assert await hass.config_entries.async_setup(entry.entry_id)
        await wait_for_state(hass, CONNECTION, "on")
        await outage(hass, qr_menu, clock, minutes=14)
        assert outages_of(hass)
        await wait_until(lambda: not outages_of(hass))
        assert await hass.config_entries.async_unload(entry.entry_id)
    assert hass_storage[storage_key(entry)]["data"]["gaps"] == []


@pytest.fixture
async def entry_with_outage(
    hass: HomeAssistant, qr_menu: QrMenuService, make_entry: Any
) -> MockConfigEntry:
    """Return an entry that shows an outage that has just ended."""
    began = datetime.now(UTC) - timedelta(minutes=14)
    with wall_clock(began) as clock:
        entry: MockConfigEntry = make_entry(qr_menu)
        assert await hass.config_entries.async_setup(entry.entry_id)
        await wait_for_state(hass, CONNECTION, "on")
        await outage(hass, qr_menu, clock, minutes=14)
        assert outages_of(hass)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await wait_for_state(hass, CONNECTION, "on")
    assert len(outages_of(hass)) == 1
    return entry


async def test_removing_the_entry_takes_its_repairs_away(
    hass: HomeAssistant, entry_with_outage: MockConfigEntry
) -> None:
    await hass.config_entries.async_remove(entry_with_outage.entry_id)
    assert not outages_of(hass)


async def test_disabling_the_entry_takes_its_repairs_away(
    hass: HomeAssistant, entry_with_outage: MockConfigEntry
) -> None:
    await hass.config_entries.async_set_disabled_by(
        entry_with_outage.entry_id, ConfigEntryDisabler.USER
    )
    assert not outages_of(hass)


@pytest.mark.parametrize(
    "stored",
    [
        None,
        "gaps",
        [None, 5, {}],
        [{"began": "yesterday", "ended": 5}],
        [{"began": "2026-03-05T19:02:00", "ended": "2026-03-05T19:11:00"}],
        [{"began": "2026-03-03T19:02:00+00:00", "ended": "2026-03-03T19:11:00+00:00"}],
    ],
    ids=["none", "text", "rubbish", "no times", "no zone", "old"],
)
async def test_stored_outages_that_make_no_sense_or_are_over_are_not_shown(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    qr_menu: QrMenuService,
    make_entry: Any,
    stored: object,
) -> None:
    entry = make_entry(qr_menu)
    data = {"gaps": stored, "last_answer": "2026-03-05T19:00:00"}
    hass_storage[storage_key(entry)] = {"version": 1, "minor_version": 1, "data": data}
    with wall_clock("19:02"):
        assert await hass.config_entries.async_setup(entry.entry_id)
        await wait_for_state(hass, CONNECTION, "on")
        assert not outages_of(hass)
        assert await hass.config_entries.async_unload(entry.entry_id)


# Over restarts


async def end_orderly(site: Life, disk: Disk) -> None:
    """Stop Home Assistant."""
    await site.stop()
    disk.keep()


async def end_hard(site: Life, disk: Disk) -> None:
    """Kill Home Assistant."""
    disk.keep()


@pytest.mark.parametrize(
    ("end", "published_from"), [(end_orderly, "19:06"), (end_hard, "19:04")]
)
async def test_a_restart_longer_than_the_queue_says_from_when_the_time_was_last_written(
    hass_storage: dict[str, Any], qr_menu: QrMenuService, end: Any, published_from: str
) -> None:
    disk = Disk(hass_storage)
    with wall_clock("19:02") as clock:
        async with life(qr_menu) as site:
            await site.settle()
            await wait_until(lambda: disk.journal["begun"])
            clock.pass_by(minutes=2)
            await qr_menu.wait_for_requests(2)
            # Home Assistant does so every 15 minutes.
            await restore_state.async_get(site.hass).async_dump_states()
            clock.pass_by(minutes=2)
            await qr_menu.wait_for_requests(2)
            await end(site, disk)
        disk.restore()
        clock.pass_by(minutes=14)

        async with life(qr_menu) as site:
            await site.hass.config.async_set_time_zone("UTC")
            await site.settle()
            assert outages_of(site.hass) == [(published_from, "19:15")]
        clock.pass_by(minutes=1)

        async with life(qr_menu) as site:
            await site.hass.config.async_set_time_zone("UTC")
            assert await site.hass.config_entries.async_setup(site.entry.entry_id)
            assert outages_of(site.hass) == [(published_from, "19:15")], (
                "still to be seen"
            )


@pytest.mark.parametrize("stored", [None, 5, "yesterday", "2026-03-05T19:00:00"])
async def test_a_stored_time_that_is_none_counts_for_nothing(
    hass: HomeAssistant, qr_menu: QrMenuService, make_entry: Any, stored: object
) -> None:
    mock_restore_cache_with_extra_data(
        hass, [(State(CONNECTION, "on"), {"last_answer": stored})]
    )
    with wall_clock("19:02"):
        entry = make_entry(qr_menu)
        assert await hass.config_entries.async_setup(entry.entry_id)
        assert entry.runtime_data.connection.last_answer_at is None
        await wait_for_state(hass, CONNECTION, "on")
        assert not outages_of(hass)
        assert await hass.config_entries.async_unload(entry.entry_id)
