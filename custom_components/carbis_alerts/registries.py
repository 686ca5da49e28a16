"""When Home Assistant's registries have changed, so that what was looked up there is old."""

from typing import Any, Final

from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
    floor_registry as fr,
    label_registry as lr,
)
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN

REGISTRY_EVENTS: Final = (
    ar.EVENT_AREA_REGISTRY_UPDATED,
    dr.EVENT_DEVICE_REGISTRY_UPDATED,
    er.EVENT_ENTITY_REGISTRY_UPDATED,
    fr.EVENT_FLOOR_REGISTRY_UPDATED,
    lr.EVENT_LABEL_REGISTRY_UPDATED,
)
_VERSION: HassKey[list[int]] = HassKey(f"{DOMAIN}_registry_version")


@callback
def registry_version(hass: HomeAssistant) -> int:
    """Return a number that is another after each change of a registry."""
    if (version := hass.data.get(_VERSION)) is None:
        version = hass.data[_VERSION] = [0]

        @callback
        def changed(_: Event[Any]) -> None:
            version[0] += 1

        for event_type in REGISTRY_EVENTS:
            hass.bus.async_listen(event_type, changed)
    return version[0]
