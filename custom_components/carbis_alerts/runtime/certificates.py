"""A server's certificate over its life: pinned, changed, or trusted after all."""

import logging

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.util.ssl import get_default_context
from yarl import URL

from ..api.certificate import is_trusted, read_certificate
from ..api.errors import ServiceError
from ..api.transport import Limits
from ..const import CONF_FINGERPRINT
from . import issues

_LOGGER = logging.getLogger(__name__)


async def async_certificate_refused(
    hass: HomeAssistant, entry: ConfigEntry, limits: Limits
) -> None:
    """Ask a person about the certificate, unless it has become a trusted one.

    Nothing is sent to the server on the way.
    """
    url, pinned = URL(entry.data[CONF_URL]), entry.data.get(CONF_FINGERPRINT)
    try:
        if pinned and await is_trusted(url, get_default_context(), limits=limits):
            _LOGGER.warning("%s has a trusted certificate now, no pin", entry.title)
            async_pin(hass, entry, None)
            return
        seen = await read_certificate(url, limits=limits)
    except ServiceError:
        # It has gone meanwhile; the next try shows it.
        return
    issues.async_open(
        hass,
        entry,
        issues.CERTIFICATE,
        severity=issues.Severity.ERROR,
        details={
            "old": issues.grouped(pinned) if pinned else None,
            "new": issues.grouped(seen.fingerprint),
        },
    )


def async_pin(hass: HomeAssistant, entry: ConfigEntry, fingerprint: str | None) -> None:
    """Pin a certificate, or none; the entry's listener reloads the entry with it."""
    hass.config_entries.async_update_entry(
        entry, data={**entry.data, CONF_FINGERPRINT: fingerprint}
    )
