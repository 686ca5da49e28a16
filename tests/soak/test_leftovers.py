"""Of an entry that is unloaded nothing works on, and of one that is removed nothing is left."""

from collections.abc import AsyncGenerator
from contextlib import suppress
from datetime import timedelta
import logging
from typing import Any, Final

from homeassistant.components.webhook import DOMAIN as WEBHOOK
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.const import CONF_WEBHOOK_ID
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.entity_platform import DATA_ENTITY_PLATFORM
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.carbis_alerts.const import CONF_TRANSPORT, DOMAIN
from custom_components.carbis_alerts.runtime import issues
from custom_components.carbis_alerts.runtime.outages import MAX_OUTAGES
from custom_components.carbis_alerts.runtime.storage import CompactStore
from simulator.faults import Faults

from ..helpers import wait_until
from .probe.census import files_of, remains, take_census
from .restaurant import Restaurant, a_restaurant
from .traffic import Traffic

PLATFORMS: Final = ("binary_sensor", "button", "event", "notify", "sensor", "todo")
# A PBX over its stream and over a web hook, and the two others.
KINDS: Final = ("qr_menu", "pbx", "pbx_webhook", "green_api")
HOOK: Final = {CONF_TRANSPORT: "webhook", CONF_WEBHOOK_ID: "a" * 64}
# What an entry of each leaves for a person to fix, while it works.
REPAIRS: Final = {
    "qr_menu": issues.EVENTS_LOST,
    "pbx": issues.STREAM_REFUSED,
    "pbx_webhook": issues.UNKNOWN_DEVICE,
    "green_api": issues.NOT_LINKED,
}

# What triggers know of an entry outlives its reload, but not the entry, and so does its
# hook. The last numbers that were read are kept, whoever sent them.
KEPT: Final = ("_Published", "Hook", "OpenBodies", "Number")


@pytest.fixture(autouse=True)
def _no_errors_kept(caplog: pytest.LogCaptureFixture) -> None:
    """Log nothing: the log of a test keeps every error that is in it."""
    caplog.set_level(logging.CRITICAL, "custom_components.carbis_alerts")


@pytest.fixture
async def restaurant(
    hass: HomeAssistant,
    hass_client_no_auth: ClientSessionGenerator,
) -> AsyncGenerator[Restaurant]:
    """Return a restaurant whose Home Assistant has the component, but no entry yet."""
    for component in (*PLATFORMS, WEBHOOK, DOMAIN):
        assert await async_setup_component(hass, component, {})
    client = await hass_client_no_auth()
    hass.config.internal_url = str(client.make_url("")).rstrip("/")
    async with a_restaurant(hass) as restaurant:
        # What stays once it has had any entry is the component's.
        entry = await begin(restaurant, "qr_menu")
        await hass.config_entries.async_remove(entry.entry_id)
        await hass.async_block_till_done()
        # A thread holds the file that it has written for a moment longer.
        await wait_until(
            lambda: CompactStore.__name__ not in take_census(hass)["objects"]
        )
        yield restaurant


async def work(restaurant: Restaurant, kind: str) -> None:
    """Let events come, and something that a person has to fix."""
    service: Any = kind.removesuffix("_webhook")
    for happening in Traffic(1).some(30, (service,)):
        restaurant.publish(happening)
    await restaurant.ledger.all_came(service)
    runtime = restaurant.entries[service].runtime_data
    match kind:
        case "qr_menu":
            runtime.source.outages.async_note(dt_util.utcnow() - timedelta(hours=1))
        case "pbx":
            restaurant.pbx.faults.set(Faults(no_content=True))
            restaurant.pbx.end_streams()
        case "green_api":
            restaurant.green_api.set_state("notAuthorized")
    await wait_until(lambda: REPAIRS.get(kind) in {None, *repairs(restaurant.hass)})


async def begin(restaurant: Restaurant, kind: str) -> MockConfigEntry:
    """Add an entry, and let it work until it has all that an entry has."""
    if kind == "pbx_webhook":
        entry = await restaurant.add("pbx", **HOOK)
        await restaurant.pbx.wait_until(lambda: restaurant.pbx.hook is not None)
    else:
        entry = await restaurant.add(kind)
    if kind == "pbx":
        await restaurant.pbx.wait_for_streams(1)
    if kind == "qr_menu":
        await restaurant.qr_menu.wait_for_requests(2)
    await work(restaurant, kind)
    await restaurant.hass.async_block_till_done()
    return entry


def repairs(hass: HomeAssistant) -> list[str]:
    """Return the kinds of the repairs that are open."""
    return [str(issue.translation_key) for issue in ir.async_get(hass).issues.values()]


def everything(hass: HomeAssistant) -> dict[str, Any]:
    """Return what an entry adds to a site: ours, and what Home Assistant holds of ours."""
    census = take_census(hass)
    # Home Assistant keeps what entities gave it to remember for a week.
    census["objects"].pop("LastAnswer", None)
    for figure in ("functions", "connections"):
        del census[figure]
    return {
        **census,
        "platforms": len(hass.data.get(DATA_ENTITY_PLATFORM, {}).get(DOMAIN, [])),
        "hooks": sorted(hass.data.get(WEBHOOK, {})),
        "repairs": sorted(issue for _, issue in ir.async_get(hass).issues),
        "flows": len(hass.config_entries.flow.async_progress()),
        "files": files_of(hass.config.path(".storage"), DOMAIN),
        "data": {
            str(key): repr(value)
            for key, value in hass.data.items()
            if str(key).startswith(DOMAIN) and isinstance(value, dict) and value
        },
        "handlers": len(logging.getLogger().handlers),
    }


async def everything_in_the_end(
    hass: HomeAssistant, before: dict[str, Any]
) -> dict[str, Any]:
    """Return what is there once threads have let go of the work that they have done.

    A thread holds it for a moment after whoever waits for it goes on.
    """
    await hass.async_block_till_done()
    with suppress(TimeoutError):
        await wait_until(
            lambda: everything(hass)["objects"].keys() <= before["objects"].keys(), 5
        )
    return everything(hass)


@pytest.mark.parametrize("kind", KINDS)
async def test_of_an_entry_that_is_unloaded_nothing_works_on(
    hass: HomeAssistant,
    restaurant: Restaurant,
    kind: str,
) -> None:
    before = everything(hass)
    entry = await begin(restaurant, kind)
    assert everything(hass)["objects"] != before["objects"]

    assert await hass.config_entries.async_unload(entry.entry_id)

    for kept in KEPT:
        before["objects"].setdefault(kept, 0)
    after = await everything_in_the_end(hass, before)
    for census in (before, after):
        for kept in KEPT:
            census["objects"].pop(kept, None)
    for works in (
        *("objects", "tasks", "timers", "unload", "journal", "alerts"),
        *("listeners", "platforms", "handlers"),
    ):
        assert after[works] == before[works], works
    await hass.config_entries.async_remove(entry.entry_id)


@pytest.mark.parametrize("disabled", [False, True])
@pytest.mark.parametrize("kind", KINDS)
async def test_of_an_entry_that_is_removed_nothing_is_left(
    hass: HomeAssistant,
    restaurant: Restaurant,
    kind: str,
    disabled: bool,
) -> None:
    before = everything(hass)
    entry = await begin(restaurant, kind)
    while_there = remains(hass, entry.entry_id)
    assert while_there.keys() >= {"entry", "devices", "entities", "data"}
    assert ("repairs" in while_there) == (kind in REPAIRS)
    assert everything(hass)["files"] != before["files"]

    if disabled:
        await hass.config_entries.async_set_disabled_by(
            entry.entry_id, ConfigEntryDisabler.USER
        )
    await hass.config_entries.async_remove(entry.entry_id)

    after = await everything_in_the_end(hass, before)
    assert remains(hass, entry.entry_id) == {}
    assert after == before


async def test_an_outage_that_is_shown_no_longer_leaves_no_timer(
    hass: HomeAssistant, restaurant: Restaurant
) -> None:
    entry = await begin(restaurant, "qr_menu")
    outages = entry.runtime_data.source.outages
    before = take_census(hass)
    for hours in range(2, 40):
        outages.async_note(dt_util.utcnow() - timedelta(hours=hours))

    after = take_census(hass)
    assert len(repairs(hass)) == len(outages.as_list()) == MAX_OUTAGES
    assert after["timers"]["OutageWindows._async_show.<locals>.close"] == MAX_OUTAGES
    assert after["unload"] == before["unload"]
