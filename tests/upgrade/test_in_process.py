"""The present version starts with the folders that released ones wrote."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass
import json
from pathlib import Path
from typing import Any

from aiohttp.test_utils import TestServer
from homeassistant.config import async_hass_config_yaml
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    area_registry as ar,
    category_registry as cr,
    device_registry as dr,
    entity_registry as er,
    floor_registry as fr,
    frame,
    issue_registry as ir,
    label_registry as lr,
    restore_state,
)
from homeassistant.loader import DATA_CUSTOM_COMPONENTS
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import async_test_home_assistant

from custom_components.carbis_alerts.const import (
    DOMAIN,
    SUBENTRY_CHAT,
    SUBENTRY_CONTACT,
)
from custom_components.carbis_alerts.entries import team_entries
from simulator.certificate import NAMES, make_certificate
from simulator.green_api import GreenApiService
from simulator.pbx import PbxService
from simulator.qr_menu import QrMenuService

from ..alerts import act, get_alerts
from ..helpers import wait_for_state
from .checks import check_alerts, check_states, connections
from .folder import V0_1_0, V0_2_0, Address, Placed, install
from .services import (
    HOOK_PBX_ID,
    HOOK_PBX_TOKEN,
    INSTANCE_ID,
    INSTANCE_TOKEN,
    PBX_ID,
    PBX_TOKEN,
    QR_MENU_TOKEN,
)


@dataclass
class Services:
    """The services of the stored entries."""

    qr_menu: QrMenuService
    pbx: PbxService
    hook_pbx: PbxService
    whatsapp: GreenApiService

    def addresses(self) -> dict[str, Address]:
        """Return where they are."""
        assert self.qr_menu.certificate is not None
        return {
            "qr_menu": Address(self.qr_menu.url, self.qr_menu.certificate.fingerprint),
            "pbx": Address(self.pbx.url),
            "hook_pbx": Address(self.hook_pbx.url),
            "whatsapp": Address(self.whatsapp.url),
        }


@dataclass
class Started:
    """A Home Assistant that has started with a stored folder."""

    hass: HomeAssistant
    placed: Placed
    services: Services

    def states(self) -> dict[str, str]:
        """Return the states of all entities."""
        return {state.entity_id: state.state for state in self.hass.states.async_all()}


@pytest.fixture
async def services() -> AsyncGenerator[Services]:
    """Return the services, which run."""
    async with AsyncExitStack() as stack:
        certificate = make_certificate(list(NAMES))
        this = Services(
            QrMenuService(token=QR_MENU_TOKEN, certificate=certificate),
            PbxService(token=PBX_TOKEN, device_id=PBX_ID),
            PbxService(token=HOOK_PBX_TOKEN, device_id=HOOK_PBX_ID),
            GreenApiService(instance_id=INSTANCE_ID, token=INSTANCE_TOKEN),
        )
        this.whatsapp.poll_time = 0.05
        for service in (this.qr_menu, this.pbx, this.hook_pbx, this.whatsapp):
            await stack.enter_async_context(service)
        yield this


@pytest.fixture(params=[V0_1_0, V0_2_0], ids=lambda folder: str(folder.name))
async def started(
    request: pytest.FixtureRequest,
    services: Services,
    tmp_path: Path,
    hass_storage: dict[str, Any],
    unused_tcp_port: int,
) -> AsyncGenerator[Started]:
    """Return a Home Assistant that has started with a stored folder."""
    placed = install(request.param, tmp_path, services.addresses())
    for file in (tmp_path / ".storage").iterdir():
        hass_storage[file.name] = json.loads(file.read_text("utf-8"))
    async with async_test_home_assistant(
        load_registries=False, config_dir=str(tmp_path)
    ) as hass:
        try:
            async with AsyncExitStack() as stack:
                await _start(hass, placed, unused_tcp_port, stack)
                yield Started(hass, placed, services)
                await hass.async_stop(force=True)
        finally:
            if not hass.is_stopping:
                await hass.async_stop(force=True)


async def _start(
    hass: HomeAssistant, placed: Placed, port: int, stack: AsyncExitStack
) -> None:
    """Start with what was put in place, until every service has answered."""
    hass.data.pop(DATA_CUSTOM_COMPONENTS)
    # Else Home Assistant would look for the integration in the test's other one.
    frame.async_setup(hass)
    dr.async_setup(hass)
    for registry in (ar, cr, dr, er, fr, ir, lr):
        await registry.async_load(hass)
    await restore_state.async_load(hass)
    await hass.config.async_set_time_zone(placed.time_zone)
    await hass.config_entries.async_initialize()
    assert await async_setup_component(hass, "webhook", {})
    hass.config.internal_url = f"http://127.0.0.1:{port}"
    config = await async_hass_config_yaml(hass)
    for domain in (
        *("counter", "input_boolean", "input_text", "template"),
        *("automation", DOMAIN),
    ):
        assert await async_setup_component(hass, domain, config)
    # Once it listens it takes no more pages, and the integration has some.
    await stack.enter_async_context(TestServer(hass.http.app, port=port))
    for connection in connections(placed):
        await wait_for_state(hass, connection, "on")


async def test_it_starts_with_all_that_was_there(
    started: Started, caplog: pytest.LogCaptureFixture
) -> None:
    hass, expected = started.hass, started.placed.expected

    # There is no broker here; whether its automation ran already is as it comes.
    issues = {issue for _, issue in ir.async_get(hass).issues}
    assert issues <= {"automation.from_mqtt_service_not_found_mqtt.publish"}
    check_states(started.placed, started.states())
    check_alerts(
        started.placed,
        await get_alerts(hass) + await get_alerts(hass, state="closed"),
    )
    for name, options in started.placed.options.items():
        stored = expected["entries"][name]
        entry = hass.config_entries.async_get_entry(stored["entry_id"])
        assert entry is not None
        assert (entry.state, entry.title) == (ConfigEntryState.LOADED, stored["title"])
        assert dict(entry.options) == options
    registered = {
        entity.entity_id
        for entity in er.async_get(hass).entities.values()
        if entity.platform == DOMAIN
    }
    assert registered <= started.states().keys()
    assert [
        record.getMessage()
        for record in caplog.records
        if record.levelname in ("ERROR", "CRITICAL")
    ] == []


async def test_a_team_is_never_made_by_an_upgrade(started: Started) -> None:
    hass, stored = started.hass, started.placed.expected["entries"]

    entries = hass.config_entries.async_entries(DOMAIN)
    assert {entry.entry_id for entry in entries} == {
        entry["entry_id"] for entry in stored.values()
    }
    assert team_entries(hass) == []
    kinds = {
        one.subentry_type for entry in entries for one in entry.subentries.values()
    }
    assert kinds <= {SUBENTRY_CHAT, SUBENTRY_CONTACT}
    registered = er.async_get(hass).entities.values()
    assert {one.domain for one in registered if one.platform == DOMAIN}.isdisjoint(
        {"switch"}
    )


async def test_what_waited_can_be_acknowledged(started: Started) -> None:
    hass = started.hass
    waiting = {
        alert["alert_id"]
        for alert in started.placed.expected["alerts"]
        if alert["state"] == "open"
    }
    for alert_id in waiting:
        answer: dict[str, Any] = await act(hass, "acknowledge", alert_id=alert_id)
        assert [alert["alert_id"] for alert in answer["alerts"]] == [alert_id]
    assert await get_alerts(hass, state="open") == []


async def test_a_new_call_sets_off_the_automations(started: Started) -> None:
    started.services.qr_menu.waiter_call("3")

    for counter in ("waiter_called", "bus_event"):
        await wait_for_state(started.hass, f"counter.{counter}", "1")
    again = next(a for a in await get_alerts(started.hass) if a["title"] == "3")
    assert again["count"] == 3
