"""A component of the soak's own site: says what of Carbis Alerts is alive in it."""

from typing import Any, Final

from homeassistant.components.websocket_api import async_register_command
from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.decorators import (
    async_response,
    websocket_command,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import ConfigType
import voluptuous as vol

from .census import files_of, process_figures, remains, take_census

DOMAIN: Final = "carbis_soak_probe"
CONFIG_SCHEMA = cv.empty_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register the commands."""
    for command in (_census, _remains, _shorten):
        async_register_command(hass, command)
    return True


@websocket_command({vol.Required("type"): f"{DOMAIN}/census"})
@async_response
async def _census(
    hass: HomeAssistant, connection: ActiveConnection, message: dict[str, Any]
) -> None:
    """Send what is alive."""
    process = await hass.async_add_executor_job(process_figures)
    connection.send_result(message["id"], {**take_census(hass), **process})


@websocket_command(
    {vol.Required("type"): f"{DOMAIN}/remains", vol.Required("entry_id"): str}
)
@async_response
async def _remains(
    hass: HomeAssistant, connection: ActiveConnection, message: dict[str, Any]
) -> None:
    """Send what there is of an entry."""
    entry_id = message["entry_id"]
    found = remains(hass, entry_id)
    if files := await hass.async_add_executor_job(
        files_of, hass.config.path(".storage"), entry_id
    ):
        found["files"] = files
    connection.send_result(message["id"], found)


@callback
@websocket_command(
    {
        vol.Required("type"): f"{DOMAIN}/shorten",
        vol.Required("entry_id"): str,
        vol.Required("seconds"): vol.Coerce(float),
    }
)
def _shorten(
    hass: HomeAssistant,
    connection: ActiveConnection,
    message: dict[str, Any],
) -> None:
    """Let a journal forget earlier, so that it has its full size within the soak."""
    entry = hass.config_entries.async_get_known_entry(message["entry_id"])
    entry.runtime_data.journal._window = message["seconds"]
    connection.send_result(message["id"])
