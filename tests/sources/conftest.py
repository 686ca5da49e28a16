"""What the tests of sources share."""

from collections.abc import AsyncGenerator, Callable
from typing import Any

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.const import CONF_URL
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.carbis_alerts.const import (
    CONF_FINGERPRINT,
    CONF_SERVICE,
    CONF_TRANSPORT,
    DOMAIN,
)
from simulator.pbx import PbxService

type MakePbx = Callable[..., MockConfigEntry]


@pytest.fixture
async def pbx() -> AsyncGenerator[PbxService]:
    """Return a running PBX."""
    async with PbxService() as service:
        yield service


@pytest.fixture
def make_pbx(hass: HomeAssistant) -> MakePbx:
    """Return a function that makes an entry for a PBX."""

    def make(
        service: PbxService, contacts: tuple[dict[str, Any], ...] = (), **data: Any
    ) -> MockConfigEntry:
        entry = MockConfigEntry(
            domain=DOMAIN,
            title=service.host,
            data={
                CONF_SERVICE: "pbx",
                CONF_URL: service.url,
                CONF_TRANSPORT: "sse",
                CONF_FINGERPRINT: None,
                **data,
            },
            subentries_data=[
                ConfigSubentryData(
                    data=contact,
                    subentry_type="contact",
                    title=contact["name"],
                    unique_id=None,
                )
                for contact in contacts
            ],
        )
        entry.add_to_hass(hass)
        return entry

    return make


@pytest.fixture
async def pbx_entry(
    hass: HomeAssistant, pbx: PbxService, make_pbx: MakePbx
) -> MockConfigEntry:
    """Return a loaded entry whose stream is up."""
    entry = make_pbx(pbx)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await pbx.wait_for_streams(1)
    return entry
