"""A service is away for some minutes: a push, and another when it is back."""

from datetime import UTC, datetime, timedelta

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from simulator.faults import Faults
from simulator.pbx import PbxService
from simulator.qr_menu import QrMenuService

from ..helpers import CONNECTION, wait_for_state
from .conftest import Automate
from .phones import Phone
from .settle import settle

PBX_CONNECTION = "binary_sensor.pbx_127_0_0_1_connection"


async def pass_minutes(hass: HomeAssistant, minutes: float) -> None:
    """Let timers of up to so many minutes run out."""
    await settle()
    async_fire_time_changed(hass, datetime.now(UTC) + timedelta(minutes=minutes))


async def test_a_long_interruption_is_published_and_its_end(
    hass: HomeAssistant, pbx: PbxService, pbx_entry: MockConfigEntry, automate: Automate
) -> None:
    phone = Phone(hass, "Manager")
    await automate("connection_lost", phones=[phone.device_id])
    pbx.faults.set(Faults(refuse=True))
    await wait_for_state(hass, PBX_CONNECTION, "off")
    await pass_minutes(hass, 4.5)
    await settle()
    assert phone.pushes == []
    await pass_minutes(hass, 5.1)
    (lost,) = await phone.wait(1)
    assert lost["title"] == "PBX 127.0.0.1"
    assert lost["message"].startswith("No connection since ")

    pbx.faults.clear()
    back = (await phone.wait(2))[1]
    assert back["title"] == lost["title"]
    assert back["message"] == "Back after 1 min"
    assert back["data"] == lost["data"]


async def test_a_short_interruption_is_not_published_nor_its_end(
    hass: HomeAssistant, pbx: PbxService, pbx_entry: MockConfigEntry, automate: Automate
) -> None:
    phone = Phone(hass, "Manager")
    await automate("connection_lost", phones=[phone.device_id], pause={"minutes": 2})
    pbx.faults.set(Faults(refuse=True))
    await wait_for_state(hass, PBX_CONNECTION, "off")
    pbx.faults.clear()
    await wait_for_state(hass, PBX_CONNECTION, "on")
    await pass_minutes(hass, 10)
    await settle()
    assert phone.pushes == []


async def test_each_service_is_published_for_itself_in_russian(
    hass: HomeAssistant,
    pbx: PbxService,
    pbx_entry: MockConfigEntry,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    automate: Automate,
) -> None:
    phone = Phone(hass, "Manager")
    await automate(
        "connection_lost", phones=[phone.device_id], language="ru", pause={"minutes": 1}
    )
    pbx.faults.set(Faults(refuse=True))
    qr_menu.faults.set(Faults(refuse=True))
    await wait_for_state(hass, PBX_CONNECTION, "off")
    await wait_for_state(hass, CONNECTION, "off")
    await pass_minutes(hass, 1.1)
    lost = await phone.wait(2)
    assert {push["title"] for push in lost} == {"АТС 127.0.0.1", "QR-меню 127.0.0.1"}
    assert all(push["message"].startswith("Нет связи с ") for push in lost)

    qr_menu.faults.clear()
    assert (await phone.wait(3))[2]["title"] == "QR-меню 127.0.0.1"
    await pass_minutes(hass, 1.1)
    await settle()
    assert len(phone.pushes) == 3
    pbx.faults.clear()
    back = (await phone.wait(4))[3]
    assert back["title"] == "АТС 127.0.0.1"
    assert back["message"] == "Связь восстановлена, не было 1 мин"


async def test_a_service_that_is_removed_is_no_longer_waited_for(
    hass: HomeAssistant, pbx: PbxService, pbx_entry: MockConfigEntry, automate: Automate
) -> None:
    phone = Phone(hass, "Manager")
    automation = await automate("connection_lost", phones=[phone.device_id])
    pbx.faults.set(Faults(refuse=True))
    await wait_for_state(hass, PBX_CONNECTION, "off")
    await pass_minutes(hass, 5.1)
    await phone.wait(1)
    await settle()
    await hass.config_entries.async_remove(pbx_entry.entry_id)
    assert er.async_get(hass).async_get(PBX_CONNECTION) is None
    await pass_minutes(hass, 1.1)
    await settle()
    state = hass.states.get(automation)
    assert state is not None
    assert state.attributes["current"] == 0
    assert len(phone.pushes) == 1


async def test_nobody_to_notify_is_no_error(
    hass: HomeAssistant,
    pbx: PbxService,
    pbx_entry: MockConfigEntry,
    automate: Automate,
    caplog: pytest.LogCaptureFixture,
) -> None:
    automation = await automate("connection_lost", pause={"seconds": 0})
    pbx.faults.set(Faults(refuse=True))
    await wait_for_state(hass, PBX_CONNECTION, "off")
    pbx.faults.clear()
    await wait_for_state(hass, PBX_CONNECTION, "on")
    await settle()
    state = hass.states.get(automation)
    assert state is not None
    assert (state.attributes["current"], state.state) == (0, "on")
    assert not [
        record
        for record in caplog.records
        if record.levelname == "ERROR" and "automation" in record.name
    ]
