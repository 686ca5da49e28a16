"""A Home Assistant of its own for a measurement, with entries for real servers."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
import math
from tempfile import TemporaryDirectory
from typing import Any

from homeassistant.const import CONF_TOKEN, CONF_URL
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.recorder import async_initialize_recorder, get_instance
from homeassistant.loader import DATA_CUSTOM_COMPONENTS
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_test_home_assistant,
)

# The test plugin brings a package of this name: ours must be there first.
import custom_components.carbis_alerts  # noqa: F401
from custom_components.carbis_alerts.api.intake import TokenBucket
from custom_components.carbis_alerts.const import (
    CONF_FINGERPRINT,
    CONF_INSTANCE_ID,
    CONF_SERVICE,
    CONF_TRANSPORT,
    DOMAIN,
    EVENT,
)
from simulator.qr_menu import QrMenuService
from tests.services.faults import a_machine

TOKEN = "token-of-the-benchmark"


@asynccontextmanager
async def a_site() -> AsyncGenerator[HomeAssistant]:
    """Run Home Assistant's core with a disk of its own."""
    with (
        TemporaryDirectory(prefix="carbis-alerts-benchmark-") as folder,
        a_machine(),
    ):
        async with async_test_home_assistant(config_dir=folder) as hass:
            # It is looked for once more, and found where it was imported from.
            hass.data.pop(DATA_CUSTOM_COMPONENTS)
            try:
                yield hass
            finally:
                await hass.async_stop(force=True)


async def add_entry(
    hass: HomeAssistant, service: QrMenuService, title: str, **data: Any
) -> MockConfigEntry:
    """Set up a QR menu with default options."""
    return await set_up(
        hass,
        title,
        {
            CONF_SERVICE: "qr_menu",
            CONF_URL: service.url,
            CONF_TOKEN: service.token,
            **data,
        },
    )


@asynccontextmanager
async def a_restaurant(
    tables: int,
) -> AsyncGenerator[tuple[HomeAssistant, MockConfigEntry]]:
    """Run a site that knows tables; nobody polls but the measurement."""
    async with a_site() as hass, QrMenuService(token=TOKEN) as service:
        entry = await add_entry(hass, service, "restaurant")
        await service.wait_for_requests(2, timeout=30)
        runtime: Any = entry.runtime_data
        # The source is left without a server: it would cost too.
        await runtime.task.async_cancel()
        for number in range(tables):
            await runtime.devices.async_ensure(str(number), str(number))
        await hass.async_block_till_done()
        yield hass, entry


async def start_recorder(hass: HomeAssistant) -> None:
    """Record as every site does where nobody has taken the recorder out."""
    async_initialize_recorder(hass)
    url = f"sqlite:///{hass.config.path('home-assistant_v2.db')}"
    if not await async_setup_component(hass, "recorder", {"recorder": {"db_url": url}}):
        raise RuntimeError("The recorder does not start")
    await get_instance(hass).async_recorder_ready.wait()


async def add_whatsapp(
    hass: HomeAssistant, simulator: dict[str, Any]
) -> MockConfigEntry:
    """Set up the simulator's WhatsApp account."""
    return await set_up(
        hass,
        "WhatsApp …4567",
        {
            CONF_SERVICE: "green_api",
            CONF_URL: simulator["green_api_url"],
            CONF_INSTANCE_ID: simulator["green_api_instance_id"],
            CONF_TOKEN: simulator["green_api_token"],
        },
    )


async def add_pbx(hass: HomeAssistant, url: str, title: str) -> MockConfigEntry:
    """Set up a PBX with an event stream."""
    data = {CONF_SERVICE: "pbx", CONF_URL: url, CONF_TRANSPORT: "sse"}
    return await set_up(hass, title, data)


async def set_up(
    hass: HomeAssistant, title: str, data: dict[str, Any]
) -> MockConfigEntry:
    """Set up an entry with default options whose service may send as fast as it can."""
    entry = MockConfigEntry(
        domain=DOMAIN, title=title, data={CONF_FINGERPRINT: None, **data}
    )
    entry.add_to_hass(hass)
    if not await hass.config_entries.async_setup(entry.entry_id):
        raise RuntimeError(f"The entry {title} cannot be set up")
    budget = entry.runtime_data.budget
    budget.messages = budget.bytes = budget.work = TokenBucket(math.inf, rate=1.0)
    return entry


class Published:
    """The bus events of one entry, and when each came by the loop's clock."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Begin to listen."""
        self.ids: list[str] = []
        self.times: dict[str, float] = {}
        self._entry_id = entry_id
        self._hass = hass
        self._changed = asyncio.Event()
        hass.bus.async_listen(EVENT, self._note)

    @callback
    def _note(self, event: Event[dict[str, Any]]) -> None:
        if event.data["entry_id"] == self._entry_id:
            event_id = event.data["event_id"]
            self.ids.append(event_id)
            self.times.setdefault(event_id, self._hass.loop.time())
            self._changed.set()

    async def wait(self, condition: Callable[[], bool]) -> None:
        """Wait until what was published fulfils a condition."""
        while not condition():
            self._changed.clear()
            await self._changed.wait()
