"""The services that there are."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry

from ..const import CONF_SERVICE
from ..domain.events import Source
from .green_api.description import GREEN_API
from .pbx.description import PBX
from .qr_menu.description import QR_MENU
from .service import Service

SERVICES: Final[Mapping[Source, Service[Any]]] = {
    service.source: service for service in (QR_MENU, PBX, GREEN_API)
}


def service_of(entry: ConfigEntry) -> Service[Any]:
    """Return the service of an entry."""
    service = SERVICES[Source(entry.data[CONF_SERVICE])]
    return service.variant(entry.data) if service.variant else service
