"""Several lives of one Home Assistant on one disk, in one test."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from copy import deepcopy
from typing import Any

from homeassistant.const import CONF_TOKEN, CONF_URL
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
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_test_home_assistant,
)

from custom_components.carbis_alerts.const import (
    CONF_FINGERPRINT,
    CONF_POLL_INTERVAL,
    CONF_SERVICE,
    DOMAIN,
)
from simulator.qr_menu import QrMenuService

from .fixtures import Recorder
from .helpers import CONNECTION, wait_for_state
from .plain import TOKEN

ENTRY_ID = "01ENTRYOFTHISHOUSE"


class Life:
    """One session of a site: from a start to its end, with one entry."""

    def __init__(
        self, hass: HomeAssistant, entry: MockConfigEntry, connection: str
    ) -> None:
        """Begin to record; ``connection`` is the sensor that shows the service."""
        self.hass = hass
        self.entry = entry
        self.bus = Recorder(hass)
        self._connection = connection

    async def settle(self) -> None:
        """Wait until the service has answered."""
        assert await self.hass.config_entries.async_setup(self.entry.entry_id)
        await wait_for_state(self.hass, self._connection, "on")

    async def stop(self) -> None:
        """Stop Home Assistant as a person would."""
        await self.hass.async_stop(force=True)


def life(service: QrMenuService) -> AbstractAsyncContextManager[Life]:
    """Start Home Assistant with a QR menu, not set up yet."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        title=service.host,
        entry_id=ENTRY_ID,
        data={
            CONF_SERVICE: "qr_menu",
            CONF_URL: service.url,
            CONF_TOKEN: TOKEN,
            CONF_FINGERPRINT: None,
        },
        options={CONF_POLL_INTERVAL: 0.01},
    )
    return life_with(entry, CONNECTION)


@asynccontextmanager
async def life_with(entry: MockConfigEntry, connection: str) -> AsyncGenerator[Life]:
    """Start Home Assistant with what the disk holds and an entry, not set up yet."""
    async with async_test_home_assistant(load_registries=False) as hass:
        hass.data.pop(DATA_CUSTOM_COMPONENTS)
        # Else Home Assistant would look for the integration in the test's other one.
        frame.async_setup(hass)
        dr.async_setup(hass)
        await asyncio.gather(
            *(registry.async_load(hass) for registry in (ar, cr, dr, er, fr, ir, lr)),
            restore_state.async_load(hass),
        )
        entry.add_to_hass(hass)
        this = Life(hass, entry, connection)
        try:
            yield this
        finally:
            if not hass.is_stopping:
                await this.stop()
            await asyncio.sleep(0)


class Disk:
    """What is on the disk, and what was at a moment of which nothing later is left."""

    def __init__(self, storage: dict[str, Any]) -> None:
        """Use the storage that all lives of the test share."""
        self._storage = storage
        self.kept: dict[str, Any] | None = None

    @property
    def journal(self) -> dict[str, Any]:
        """Return the journal of the entry as it was kept, else as it is."""
        files = self._storage if self.kept is None else self.kept
        journal: dict[str, Any] = files[f"{DOMAIN}.{ENTRY_ID}"]["data"]["journal"]
        return journal

    def keep(self) -> None:
        """Keep what is there now."""
        self.kept = deepcopy(self._storage)

    def restore(self) -> None:
        """Forget what came after it."""
        assert self.kept is not None
        self._storage.clear()
        self._storage.update(self.kept)
