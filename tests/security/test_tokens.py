"""Tokens stand in no output, whatever fails and however much is logged."""

from base64 import b64encode
from collections.abc import Iterable
import json
import logging
from typing import Any
from unittest.mock import patch

from homeassistant.components.recorder.core import Recorder as Database
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from homeassistant.helpers.recorder import get_instance
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    get_system_health_info,
)
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.carbis_alerts.const import DOMAIN
from custom_components.carbis_alerts.runtime.runtime import ServiceRuntime
from simulator.faults import Faults
from simulator.green_api import GreenApiService
from simulator.pbx import PbxService
from simulator.qr_menu import QrMenuService
from simulator.service import Service

from ..conftest import TOKEN
from ..helpers import storage_key, wait_until
from ..services.conftest import MakePbx, MakeWhatsApp

type Site = tuple[Service | PbxService, MockConfigEntry, set[str]]

BEARER = "s3cret-bearer-of-the-pbx"
PASSWORD = "s3cret-password-of-the-pbx"
BASIC = b64encode(f"user:{PASSWORD}".encode()).decode()
FAULTS = {
    "good": Faults(),
    "refused credentials": Faults(wrong_token=True),
    "out of order": Faults(status=500, body="no"),
    "an error that quotes": Faults(status=400, body="bad"),
    "closed": Faults(refuse=True),
    "reset": Faults(reset=True),
    "cut": Faults(cut=5),
    "garbage": Faults(garbage=True),
    "redirect": Faults(redirect="http://127.0.0.1:1/elsewhere"),
    "broken headers": Faults(headers={"Retry-After": "x"}, status=429),
}


@pytest.fixture(autouse=True)
def _site(
    recorder_mock: Database, enable_custom_integrations: None, socket_enabled: None
) -> None:
    """Let Home Assistant find the component, with a database from its beginning."""


@pytest.fixture(params=["qr_menu", "pbx token", "pbx password", "green_api"])
def site(
    request: pytest.FixtureRequest,
    qr_menu: QrMenuService,
    pbx: PbxService,
    green_api: GreenApiService,
    make_entry: Any,
    make_pbx: MakePbx,
    make_whatsapp: MakeWhatsApp,
) -> Site:
    """Return a service, its entry and what must be seen nowhere."""
    match request.param:
        case "qr_menu":
            return qr_menu, make_entry(qr_menu), {TOKEN}
        case "pbx token":
            pbx.token = BEARER
            return pbx, make_pbx(pbx, token=BEARER), {BEARER}
        case "pbx password":
            pbx.username, pbx.password = "user", PASSWORD
            entry = make_pbx(pbx, username="user", password=PASSWORD)
            return pbx, entry, {PASSWORD, BASIC}
        case _:
            return green_api, make_whatsapp(green_api), {green_api.token}


def database(connection: Any) -> str:
    """Return all that a database holds."""
    return "\n".join(connection.driver_connection.iterdump())


def registries(hass: HomeAssistant) -> Iterable[str]:
    """Yield what Home Assistant knows of devices, entities, repairs and states."""
    yield from map(repr, dr.async_get(hass).devices)
    yield from map(repr, er.async_get(hass).entities.values())
    yield from map(repr, ir.async_get(hass).issues.values())
    yield from (
        json.dumps(state.as_dict(), default=str) for state in hass.states.async_all()
    )


@pytest.mark.parametrize("faults", FAULTS.values(), ids=FAULTS)
async def test_a_token_stands_in_no_output(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    hass_storage: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
    site: Site,
    faults: Faults,
) -> None:
    service, entry, secrets = site
    caplog.set_level(logging.DEBUG)
    assert await async_setup_component(hass, "diagnostics", {})
    assert await async_setup_component(hass, "system_health", {})
    published: list[str] = []

    @callback
    def note(event: Event[Any]) -> None:
        published.append(repr(event.data))

    hass.bus.async_listen("*", note)
    service.faults.set(faults)
    assert await hass.config_entries.async_setup(entry.entry_id)
    runtime: ServiceRuntime = entry.runtime_data
    await wait_until(lambda: runtime.statistics.tries > 0)
    service.faults.clear()
    await wait_until(lambda: runtime.connection.is_up is True)
    await hass.async_block_till_done()

    diagnostics = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    health = await get_system_health_info(hass, DOMAIN)
    assert await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()
    instance = get_instance(hass)
    await instance.async_block_till_done()

    def dump() -> str:
        with instance.engine.connect() as connection:  # type: ignore[union-attr] # it runs
            return database(connection.connection)

    outputs = {
        "log": "\n".join(
            logging.Formatter("%(message)s").format(record)
            for record in caplog.records
            if not record.name.startswith("sqlalchemy")
        ),
        "diagnostics": json.dumps(diagnostics),
        "system health": repr(health),
        "registries": "\n".join(registries(hass)),
        "bus": "\n".join(published),
        "title": f"{entry.title} {entry.reason} {entry.unique_id}",
        "file": json.dumps(hass_storage.get(storage_key(entry), {})),
        "database": await instance.async_add_executor_job(dump),
    }
    assert "CREATE TABLE" in outputs["database"]
    assert "carbis_alerts" in outputs["log"]
    assert [
        name
        for name, output in outputs.items()
        if any(secret in output for secret in secrets)
    ] == []


async def test_a_failure_that_nobody_foresaw_quotes_no_token(
    hass: HomeAssistant,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
    caplog: pytest.LogCaptureFixture,
) -> None:
    entry = make_whatsapp(green_api)
    green_api.message("79821234567@c.us", "x")
    with patch(
        "custom_components.carbis_alerts.api.green_api.client.parse_received",
        side_effect=KeyError(f"/waInstance1/receiveNotification/{green_api.token}"),
    ):
        assert await hass.config_entries.async_setup(entry.entry_id)
        await wait_until(lambda: "Unexpected error" in caplog.text)
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert "KeyError" in caplog.text
    assert "**REDACTED**" in caplog.text
    assert green_api.token not in caplog.text
