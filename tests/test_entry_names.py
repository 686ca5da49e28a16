"""Names of entries: as a person gives them, else made of service and address."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulator.green_api import GreenApiService
from simulator.pbx import PbxService
from simulator.qr_menu import QrMenuService

from .flows import begin, every_word_known, suggested
from .services.conftest import green_api, pbx

__all__ = ["green_api", "pbx"]

NAME = "Парк, зал"


@pytest.fixture
def filled(
    qr_menu: QrMenuService, pbx: PbxService, green_api: GreenApiService
) -> dict[str, dict[str, Any]]:
    """Return what a person enters besides a name, by the service."""
    return {
        "qr_menu": {"url": qr_menu.url, "token": qr_menu.token},
        "pbx": {"url": pbx.url, "transport": "sse"},
        "green_api": {
            "url": green_api.url,
            "instance_id": green_api.instance_id,
            "token": green_api.token,
        },
    }


def hub_name(hass: HomeAssistant, entry: MockConfigEntry) -> str | None:
    """Return what the hub's device is called."""
    hub = dr.async_get(hass).async_get(entry.runtime_data.devices.hub_id)
    return hub.name if hub else None


@pytest.mark.parametrize(
    ("entered", "titles"),
    [
        ({}, ("127.0.0.1", "127.0.0.1", "WhatsApp …4567")),
        ({"name": "  "}, ("127.0.0.1", "127.0.0.1", "WhatsApp …4567")),
        ({"name": f" {NAME}\n"}, (NAME, NAME, NAME)),
        ({"name": "З" * 300}, (f"{'З' * 99}…",) * 3),
    ],
    ids=["none", "blank", "a name", "too long"],
)
async def test_a_name_is_the_title_of_the_entry(
    hass: HomeAssistant,
    filled: dict[str, dict[str, Any]],
    entered: dict[str, str],
    titles: tuple[str, ...],
) -> None:
    for (service, data), title in zip(filled.items(), titles, strict=True):
        with every_word_known():
            form = await begin(hass, service)
            assert next(iter(form["data_schema"].schema)) == "name"
            result = await hass.config_entries.flow.async_configure(
                form["flow_id"], {**data, **entered}
            )
        assert result["type"] is FlowResultType.CREATE_ENTRY, result
        assert result["title"] == title
        await hass.async_block_till_done()


async def test_a_name_is_changed_by_a_name_alone_and_no_id_with_it(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry
) -> None:
    ids = {
        item.entity_id
        for item in er.async_entries_for_config_entry(
            er.async_get(hass), entry.entry_id
        )
    }

    async def change(**data: str) -> None:
        form = await entry.start_reconfigure_flow(hass)
        known = suggested(form).get("name")
        assert known == (None if entry.title == "127.0.0.1" else entry.title)
        result = await hass.config_entries.flow.async_configure(
            form["flow_id"], {"url": qr_menu.url, **data}
        )
        assert result["reason"] == "reconfigure_successful"
        await hass.async_block_till_done()

    await change()
    assert (entry.title, hub_name(hass, entry)) == ("127.0.0.1", "QR menu 127.0.0.1")
    await change(name=NAME)
    assert (entry.title, hub_name(hass, entry)) == (NAME, f"QR menu {NAME}")
    # Left out, as it was; renamed elsewhere, that is what it is.
    await change()
    assert entry.title == NAME
    hass.config_entries.async_update_entry(entry, title="Вокзал")
    await hass.async_block_till_done()
    await change()
    assert entry.title == "Вокзал"
    await change(name="Терраса")
    assert (entry.title, hub_name(hass, entry)) == ("Терраса", "QR menu Терраса")
    assert ids == {
        item.entity_id
        for item in er.async_entries_for_config_entry(
            er.async_get(hass), entry.entry_id
        )
    }


async def test_new_credentials_are_asked_for_with_the_fields_of_the_set_up(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry
) -> None:
    new = await begin(hass, "qr_menu")
    with every_word_known():
        form: Any = await entry.start_reauth_flow(hass)
    assert form["step_id"] == "reauth_confirm"
    assert [*map(str, form["data_schema"].schema)] == [
        *map(str, new["data_schema"].schema)
    ]
    result = await hass.config_entries.flow.async_configure(
        form["flow_id"], {"url": qr_menu.url, "token": qr_menu.token, "name": NAME}
    )
    assert result["reason"] == "reauth_successful"
    assert entry.title == NAME
