"""What the tests of sources share."""

from collections.abc import AsyncGenerator, Callable
from typing import Any

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.const import CONF_TOKEN, CONF_URL
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.carbis_alerts.const import (
    CONF_FINGERPRINT,
    CONF_SERVICE,
    CONF_TRANSPORT,
    DOMAIN,
)
from simulator.green_api import GreenApiService
from simulator.pbx import PbxService

from ..helpers import wait_for_state, wait_until

type MakeWhatsApp = Callable[..., MockConfigEntry]
type MakePbx = Callable[..., MockConfigEntry]

MESSENGERS = ("whatsapp", "max", "telegram")
# One protocol: what holds for one messenger does for all.
all_messengers = pytest.mark.parametrize("green_api", MESSENGERS, indirect=True)
# The same for long lists of cases: Telegram differs from MAX in little.
repeated = pytest.mark.parametrize(
    "green_api",
    ["whatsapp", "max", pytest.param("telegram", marks=pytest.mark.slow)],
    indirect=True,
)
# The same where each case takes long.
each_messenger = pytest.mark.parametrize(
    "green_api",
    ["whatsapp", *(pytest.param(x, marks=pytest.mark.slow) for x in MESSENGERS[1:])],
    indirect=True,
)


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


@pytest.fixture
async def green_api(request: pytest.FixtureRequest) -> AsyncGenerator[GreenApiService]:
    """Return a running gateway whose long polls are short, WhatsApp's or as asked for."""
    messenger: str = getattr(request, "param", "whatsapp")
    async with GreenApiService(messenger=messenger) as service:
        service.poll_time = 0.05
        yield service


@pytest.fixture
def make_whatsapp(hass: HomeAssistant) -> MakeWhatsApp:
    """Return a function that makes an entry for an account.

    Its title is the same whatever its messenger, and so are its entities' ids.
    """

    def make(
        service: GreenApiService, chats: dict[str, str] | None = None, **data: Any
    ) -> MockConfigEntry:
        entry = MockConfigEntry(
            domain=DOMAIN,
            title="WhatsApp …4567",
            data={
                CONF_SERVICE: "green_api",
                CONF_URL: service.url,
                CONF_FINGERPRINT: None,
                "instance_id": service.instance_id,
                CONF_TOKEN: service.token,
                "title": "WhatsApp …4567",
                "messenger": service.messenger.name,
                **data,
            },
            subentries_data=[
                ConfigSubentryData(
                    data={"name": name, "chat_id": service.chat_id(chat_id)},
                    subentry_type="chat",
                    title=name,
                    unique_id=None,
                )
                for name, chat_id in (chats or {}).items()
            ],
        )
        entry.add_to_hass(hass)
        return entry

    return make


@pytest.fixture
async def whatsapp(
    hass: HomeAssistant, green_api: GreenApiService, make_whatsapp: MakeWhatsApp
) -> MockConfigEntry:
    """Return a loaded entry, its queue empty."""
    entry = make_whatsapp(green_api)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await wait_for_state(hass, "binary_sensor.whatsapp_4567_connection", "on")
    await wait_until(lambda: not entry.runtime_data.source._late)
    return entry
