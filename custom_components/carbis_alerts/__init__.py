"""Carbis Alerts: waiter calls, phone calls and messages of a restaurant's guests."""

from typing import Final

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.start import async_at_started

from .sources import issues
from .sources.coordinator import CarbisConfigEntry
from .sources.qr_menu import QrMenuCoordinator
from .sources.storage import async_remove_stored

PLATFORMS: Final = (Platform.BINARY_SENSOR, Platform.EVENT, Platform.SENSOR)


async def async_setup_entry(hass: HomeAssistant, entry: CarbisConfigEntry) -> bool:
    """Set up an entry; its service is asked once Home Assistant has started."""
    source = entry.runtime_data = QrMenuCoordinator(hass, entry)
    await source.async_load()
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    entry.async_on_unload(entry.add_update_listener(_async_reload))

    @callback
    def start(_: HomeAssistant) -> None:
        source.async_start()

    entry.async_on_unload(async_at_started(hass, start))
    return True


async def async_unload_entry(hass: HomeAssistant, entry: CarbisConfigEntry) -> bool:
    """Stop listening, write down how far it came, and take the entities away."""
    await entry.runtime_data.async_stop()
    if entry.disabled_by:
        issues.async_close_all(hass, entry.entry_id)
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)


async def async_remove_entry(hass: HomeAssistant, entry: CarbisConfigEntry) -> None:
    """Remove what an entry left on the disk and in the repairs."""
    issues.async_close_all(hass, entry.entry_id)
    await async_remove_stored(hass, entry.entry_id)


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: CarbisConfigEntry, device: dr.DeviceEntry
) -> bool:
    """Let a person delete a place; the hub goes with its entry only."""
    key = entry.runtime_data.place_of_device(device)
    if key is None:
        return False
    entry.runtime_data.async_forget_place(key)
    return True


async def _async_reload(hass: HomeAssistant, entry: CarbisConfigEntry) -> None:
    """Begin anew with what a person has changed."""
    await hass.config_entries.async_reload(entry.entry_id)
