"""The lines under Settings → System → Repairs → System information."""

from typing import Any

from homeassistant.components.system_health import SystemHealthRegistration
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from .entries import loaded_services
from .runtime.runtime import ServiceRuntime


@callback
def async_register(hass: HomeAssistant, register: SystemHealthRegistration) -> None:
    """Register the lines."""
    register.async_register_info(system_health_info)


async def system_health_info(hass: HomeAssistant) -> dict[str, Any]:
    """Return how all entries together are."""
    entries: list[ConfigEntry[ServiceRuntime]] = loaded_services(hass)
    sources = [entry.runtime_data for entry in entries]
    midnight = dt_util.start_of_local_day()
    last_events = [
        runtime.statistics.last_event
        for runtime in sources
        if runtime.statistics.last_event is not None
    ]
    connected = sum(1 for runtime in sources if runtime.connection.is_connected)
    return {
        "connected": f"{connected} / {len(sources)}",
        "last_event": max(last_events, default="—"),
        "outages_today": sum(
            runtime.statistics.outages_since(midnight) for runtime in sources
        ),
    }
