"""Set up and tear down an entry: what Home Assistant calls."""

from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import config_validation as cv, device_registry as dr
from homeassistant.helpers.start import async_at_started
from homeassistant.helpers.typing import ConfigType

from .actions import async_setup_services
from .board import async_setup_board
from .const import DOMAIN
from .entries import is_team, service_entries
from .get_people import async_setup_get_people
from .phone_answers import async_setup_phone_answers
from .phones import async_watch_phones
from .runtime import issues
from .runtime.connection import async_forget_entry
from .runtime.recording import async_remove_recording
from .runtime.runtime import ServiceRuntime
from .runtime.storage import async_remove_stored
from .services.registry import service_of
from .team.parts import PARTS
from .team.runtime import TeamRuntime

PLATFORMS: Final = (
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.EVENT,
    Platform.NOTIFY,
    Platform.SENSOR,
    Platform.TODO,
)
TEAM_PLATFORMS: Final = (
    Platform.BINARY_SENSOR,
    Platform.EVENT,
    Platform.NOTIFY,
    Platform.SENSOR,
    Platform.SWITCH,
)


CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register the actions and the board, watch phones, and prepare before anything comes."""
    async_setup_services(hass)
    async_setup_phone_answers(hass)
    async_setup_get_people(hass)
    await async_setup_board(hass)
    async_watch_phones(hass)
    for entry in service_entries(hass, include_disabled=False):
        service_of(entry).prepare(hass, entry)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: ConfigEntry[Any]) -> bool:
    """Set up an entry; a service is asked once Home Assistant has started."""
    if is_team(entry):
        await _async_setup_team(hass, entry)
        return True
    service_of(entry).prepare(hass, entry)
    # What it is may have been found out just now.
    service = service_of(entry)
    runtime = entry.runtime_data = ServiceRuntime(hass, entry, service, service.create)
    await runtime.async_load()
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    entry.async_on_unload(entry.add_update_listener(_async_reload))

    @callback
    def start(_: HomeAssistant) -> None:
        runtime.async_start()

    entry.async_on_unload(async_at_started(hass, start))
    return True


async def async_unload_entry(hass: HomeAssistant, entry: ConfigEntry[Any]) -> bool:
    """Stop listening, write down how far it came, and take the entities away."""
    await entry.runtime_data.async_stop()
    if entry.disabled_by:
        issues.async_close_all(hass, entry.entry_id)
    if is_team(entry):
        return await hass.config_entries.async_unload_platforms(entry, TEAM_PLATFORMS)
    if entry.disabled_by:
        service_of(entry).disabled(hass, entry)
        await async_remove_recording(hass, entry.entry_id)
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)


async def async_remove_entry(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Remove what an entry left on the disk, in the repairs and at its service."""
    if is_team(entry):
        issues.async_close_all(hass, entry.entry_id)
        await async_remove_stored(hass, entry.entry_id)
        return
    await service_of(entry).removed(hass, entry)
    issues.async_close_all(hass, entry.entry_id)
    async_forget_entry(hass, entry.entry_id)
    await async_remove_stored(hass, entry.entry_id)
    await async_remove_recording(hass, entry.entry_id)


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: ConfigEntry[Any], device: dr.DeviceEntry
) -> bool:
    """Let a person delete a device; the hub goes with its entry only."""
    if is_team(entry):
        return False
    runtime = entry.runtime_data
    key = runtime.devices.key_of(device)
    known = runtime.devices.all.get(key or "")
    # What belongs to a subentry goes with it.
    if key is None or (known is not None and known.subentry_id is not None):
        return False
    runtime.async_forget_device(key)
    return True


async def _async_setup_team(
    hass: HomeAssistant, entry: ConfigEntry[TeamRuntime]
) -> None:
    """Set up a team."""
    team = entry.runtime_data = TeamRuntime(hass, entry, PARTS)
    await team.async_load()
    await hass.config_entries.async_forward_entry_setups(entry, TEAM_PLATFORMS)
    entry.async_on_unload(entry.add_update_listener(_async_reload))

    @callback
    def start(_: HomeAssistant) -> None:
        team.async_start()

    entry.async_on_unload(async_at_started(hass, start))


async def _async_reload(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Reload the entry with what a person has changed."""
    await hass.config_entries.async_reload(entry.entry_id)
