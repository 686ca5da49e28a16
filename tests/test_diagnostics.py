"""The diagnostics file: all about the faults, nothing about anybody."""

import json
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from syrupy.assertion import SnapshotAssertion
from syrupy.filters import paths

from custom_components.carbis_alerts.const import DOMAIN
from simulator.faults import Faults
from simulator.qr_menu import QrMenuService

from .conftest import TOKEN, Recorder
from .helpers import CONNECTION, wait_for_state

# What differs from run to run; everything else is compared.
VARIES = (
    "statistics.tries",
    "statistics.repeats",
    "statistics.last_success",
    "statistics.last_event",
    "statistics.failures.ServiceUnavailable",
    "statistics.outages.0.began",
    "statistics.outages.0.ended",
    "statistics.outages.0.seconds",
    "answer_time",
    "cursor_age",
    "entry.data.port",
)


@pytest.fixture
async def _web(hass: HomeAssistant) -> None:
    """Have the web server's addresses there before it starts."""
    assert await async_setup_component(hass, "diagnostics", {})
    assert await async_setup_component(hass, DOMAIN, {})


@pytest.mark.usefixtures("_web")
async def test_the_file_says_how_it_went_and_nothing_of_what_was_said(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    bus: Recorder,
    snapshot: SnapshotAssertion,
) -> None:
    qr_menu.add_dishes("6", [{"name": "Борщ с пампушками", "price": 350, "count": 2}])
    qr_menu.pay("6")
    qr_menu.push(
        {
            "code": "booking",
            "hash": "0xb00c",
            "table": 77,
            "table_repr": {"id": 77, "name": "Терраса у окна"},
            "guest": {"phone": "+79001234567", "guests": 4, "wishes": ["у окна"]},
        }
    )
    qr_menu.push({"guest": "+79007654321", "note": ["перезвонить"]}, add_hash=False)
    qr_menu.push("+79005555555", add_hash=False)
    await bus.wait(3)
    qr_menu.faults.set(Faults(status=503))
    await wait_for_state(hass, CONNECTION, "off")
    qr_menu.faults.clear()
    await wait_for_state(hass, CONNECTION, "on")

    file: Any = await get_diagnostics_for_config_entry(hass, hass_client, entry)

    text = json.dumps(file, ensure_ascii=False)
    assert [
        secret
        for secret in (
            TOKEN,
            "127.0.0.1",
            "Борщ",
            "Терраса",
            "7900",
            "окна",
            "перезвонить",
            "0xb00c",
        )
        if secret in text
    ] == []
    statistics = file["statistics"]
    assert statistics["malformed_shapes"] == [{"?1": "str", "note": ["str"]}, "str"]
    assert statistics["outages"][0]["seconds"] >= 0
    assert statistics["tries"] >= sum(statistics["failures"].values()) + 2
    assert file["cursor_age"] >= 0
    assert file == snapshot(exclude=paths(*VARIES))


@pytest.mark.usefixtures("_web")
async def test_there_is_a_file_before_the_service_has_ever_answered(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    qr_menu: QrMenuService,
    make_entry: Any,
) -> None:
    qr_menu.faults.set(Faults(refuse=True))
    entry = make_entry(qr_menu)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await wait_for_state(hass, CONNECTION, "off")

    file: Any = await get_diagnostics_for_config_entry(hass, hass_client, entry)

    assert file["connected"] is False
    assert file["cursor_age"] is None
    assert file["statistics"]["last_success"] is None
    (outage,) = file["statistics"]["outages"]
    assert (outage["ended"], outage["seconds"]) == (None, None)
    assert outage["reason"] == "ServiceUnavailable"
    data = file["entry"]["data"]
    assert (data["scheme"], data["port"]) == ("http", qr_menu.port)


@pytest.mark.usefixtures("_web")
async def test_an_entry_that_is_not_loaded_has_a_file_too(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, entry: MockConfigEntry
) -> None:
    assert await hass.config_entries.async_unload(entry.entry_id)
    file: Any = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    assert file["entry"]["data"]["service"] == "qr_menu"
    assert "statistics" not in file
