"""What tests with Home Assistant share: the component, a real server, an entry."""

import asyncio
from collections.abc import Callable, Generator
import logging
from typing import Any

from homeassistant.const import CONF_TOKEN, CONF_URL
from homeassistant.core import Event, HomeAssistant, callback
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

# Home Assistant looks for custom components in a package of this name, and the test
# plugin brings one of its own: ours must be there first.
import custom_components.carbis_alerts  # noqa: F401
from custom_components.carbis_alerts.const import (
    ALERT_EVENT,
    CONF_FINGERPRINT,
    CONF_POLL_INTERVAL,
    CONF_SERVICE,
    DOMAIN,
    EVENT,
)
from simulator.qr_menu import QrMenuService
from simulator.service import PATIENCE

from .plain import TOKEN
from .timings import timed

QR_SOURCE = "custom_components.carbis_alerts.services.qr_menu.source"
QR_READER = "custom_components.carbis_alerts.services.qr_menu.reader"

# The test plug-in has it log each statement, and all logs go past what pytest keeps of the
# output.
logging.getLogger("sqlalchemy.engine").setLevel(logging.WARNING)
for _handler in logging.getLogger().handlers[:]:
    if type(_handler) is logging.StreamHandler:
        logging.getLogger().removeHandler(_handler)


@pytest.fixture(autouse=True)
def _site(enable_custom_integrations: None, socket_enabled: None) -> None:
    """Let Home Assistant find the component and the tests reach the loopback."""


@pytest.fixture(autouse=True)
async def enable_event_loop_debug() -> None:
    """Leave asyncio's debug mode, near half of a test's time, to the setting asyncio_debug."""


@pytest.fixture(autouse=True)
def _quick() -> Generator[None]:
    """Poll many times a second, and wait for a server that is away as shortly."""
    with timed(
        grace=0.0,
        min_poll_interval=0.01,
        max_pause=0.05,
        refused_pause=0.05,
        least_wait=0.0,
    ):
        yield


class Recorder:
    """The bus events of a type that came, and a way to wait for more."""

    def __init__(self, hass: HomeAssistant, event_type: str = EVENT) -> None:
        """Begin to listen."""
        self.events: list[Event[dict[str, Any]]] = []
        self._changed = asyncio.Event()
        hass.bus.async_listen(event_type, self._record)

    @callback
    def _record(self, event: Event[dict[str, Any]]) -> None:
        self.events.append(event)
        self._changed.set()

    @property
    def data(self) -> list[dict[str, Any]]:
        """Return the data of all events so far."""
        return [event.data for event in self.events]

    @property
    def ids(self) -> list[str]:
        """Return the ids of all events so far."""
        return [data["event_id"] for data in self.data]

    async def wait(self, count: int, timeout: float = PATIENCE) -> list[dict[str, Any]]:
        """Wait until so many events have come."""
        async with asyncio.timeout(timeout):
            while len(self.events) < count:
                self._changed.clear()
                await self._changed.wait()
        return self.data


@pytest.fixture
def bus(hass: HomeAssistant) -> Recorder:
    """Record our bus events."""
    return Recorder(hass)


@pytest.fixture
def alerts(hass: HomeAssistant) -> Recorder:
    """Record what becomes of alerts."""
    return Recorder(hass, ALERT_EVENT)


@pytest.fixture
def make_entry(hass: HomeAssistant) -> Callable[..., MockConfigEntry]:
    """Return a function that makes a QR menu entry for a server."""

    def make(service: QrMenuService, **data: Any) -> MockConfigEntry:
        entry = MockConfigEntry(
            domain=DOMAIN,
            title=service.host,
            data={
                CONF_SERVICE: "qr_menu",
                CONF_URL: service.url,
                CONF_TOKEN: TOKEN,
                CONF_FINGERPRINT: None,
                **data,
            },
            options={CONF_POLL_INTERVAL: 0.01},
        )
        entry.add_to_hass(hass)
        return entry

    return make


@pytest.fixture
async def entry(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    make_entry: Callable[..., MockConfigEntry],
) -> MockConfigEntry:
    """Return a loaded entry that has taken its baseline."""
    entry = make_entry(qr_menu)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await qr_menu.wait_for_requests(2)
    return entry
