"""Write down each bus event the moment it is fired: a hard kill takes nothing of it back."""

import os
import time
from typing import Any, Final

from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import ConfigType
import orjson

DOMAIN: Final = "chaos_witness"
FILE: Final = "witness.jsonl"
CONFIG_SCHEMA = cv.empty_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Begin to write."""
    file = os.open(hass.config.path(FILE), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    # A kill may have cut off the last line.
    os.write(file, b"\n")

    @callback
    def note(event: Event[dict[str, Any]]) -> None:
        line = {
            "at": time.monotonic(),
            "context": event.context.id,
            "data": event.data,
        }
        os.write(file, orjson.dumps(line) + b"\n")

    hass.bus.async_listen("carbis_alerts_event", note)
    return True
