"""Phones with Home Assistant's app, of which the notifications are kept."""

from typing import Any

from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.helpers import device_registry as dr
from homeassistant.util import slugify
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_mock_service,
)

from ..helpers import wait_until


class Phone:
    """A phone and what it was sent."""

    def __init__(self, hass: HomeAssistant, name: str) -> None:
        """Register it as the app does."""
        entry = MockConfigEntry(domain="mobile_app", title=name)
        entry.add_to_hass(hass)
        self.device_id = (
            dr.async_get(hass)
            .async_get_or_create(
                config_entry_id=entry.entry_id,
                identifiers={("mobile_app", name)},
                name=name,
            )
            .id
        )
        self._calls: list[ServiceCall] = async_mock_service(
            hass, "notify", f"mobile_app_{slugify(name)}"
        )

    @property
    def pushes(self) -> list[dict[str, Any]]:
        """Return what it was sent so far."""
        return [dict(call.data) for call in self._calls]

    async def wait(self, count: int) -> list[dict[str, Any]]:
        """Wait until it was sent so many notifications."""
        await wait_until(lambda: len(self._calls) >= count)
        return self.pushes
