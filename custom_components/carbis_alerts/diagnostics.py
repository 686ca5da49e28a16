"""The diagnostics file of an entry: how it went, without what was said or to whom."""

from typing import Any

from homeassistant.components.diagnostics import REDACTED, async_redact_data
from homeassistant.const import CONF_URL
from homeassistant.core import HomeAssistant
from yarl import URL

from .runtime.runtime import CarbisConfigEntry
from .services.registry import service_of


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: CarbisConfigEntry
) -> dict[str, Any]:
    """Return what helps to find a fault of an entry."""
    url = URL(entry.data[CONF_URL])
    return {
        "entry": {
            "data": {
                **async_redact_data(entry.data, service_of(entry).secrets),
                # The scheme and the port explain faults, the name is nobody's business.
                CONF_URL: f"{url.scheme}://{REDACTED}:{url.port}",
            },
            "options": async_redact_data(entry.options, service_of(entry).secrets),
        },
        **entry.runtime_data.diagnostics(),
    }
