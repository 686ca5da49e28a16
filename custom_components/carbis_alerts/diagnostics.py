"""The diagnostics file of an entry: how it went, without what was said or to whom."""

from typing import Any, Final

from homeassistant.components.diagnostics import REDACTED, async_redact_data
from homeassistant.const import (
    CONF_PASSWORD,
    CONF_TOKEN,
    CONF_URL,
    CONF_USERNAME,
    CONF_WEBHOOK_ID,
)
from homeassistant.core import HomeAssistant
from yarl import URL

from .const import CONF_DEVICE_ID, CONF_INSTANCE_ID, CONF_TITLE
from .runtime.coordinator import CarbisConfigEntry

SECRETS: Final = (
    CONF_DEVICE_ID,
    CONF_INSTANCE_ID,
    CONF_PASSWORD,
    CONF_TITLE,
    CONF_TOKEN,
    CONF_USERNAME,
    CONF_WEBHOOK_ID,
)


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: CarbisConfigEntry
) -> dict[str, Any]:
    """Return what helps to find a fault of an entry."""
    url = URL(entry.data[CONF_URL])
    return {
        "entry": {
            "data": {
                **async_redact_data(entry.data, SECRETS),
                # The scheme and the port explain faults, the name is nobody's business.
                CONF_URL: f"{url.scheme}://{REDACTED}:{url.port}",
            },
            "options": dict(entry.options),
        },
        **entry.runtime_data.diagnostics(),
    }
