"""A server's certificate over its life: seen, pinned, changed.

What was pinned holds until a person agrees to another, whoever vouches for it.
"""

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.util.ssl import get_default_context
from yarl import URL

from ..api.certificate import ServerCertificate, read_certificate, refused_certificate
from ..api.errors import ServiceError, ServiceTimeout, ServiceUnavailable
from ..api.transport import NAME_UNKNOWN, Limits
from ..const import CONF_FINGERPRINT
from . import issues


async def async_read(url: URL, pinned: str | None, limits: Limits) -> ServerCertificate:
    """Return the certificate that a person has to decide about; nothing is sent."""
    return await read_certificate(
        url, pinned=pinned, context=get_default_context(), limits=limits
    )


def pin_of(certificate: ServerCertificate) -> str | None:
    """Return what is pinned once a person agrees: one that is trusted renews itself."""
    return None if certificate.is_trusted else certificate.fingerprint


async def async_explain(
    err: ServiceError, url: URL, pinned: str | None, limits: Limits
) -> ServiceError:
    """Return what a failure is really about: of several addresses a certificate wins."""
    # Any other kind says itself why it is.
    if type(err) not in (ServiceUnavailable, ServiceTimeout):
        return err
    # It answered, or there is nobody to ask.
    if (isinstance(err, ServiceUnavailable) and err.status is not None) or (
        str(err) == NAME_UNKNOWN
    ):
        return err
    refused = await refused_certificate(
        url, pinned=pinned, context=get_default_context(), limits=limits
    )
    return refused or err


async def async_certificate_refused(
    hass: HomeAssistant, entry: ConfigEntry, limits: Limits
) -> None:
    """Ask a person about the certificate."""
    pinned = entry.data.get(CONF_FINGERPRINT)
    try:
        seen = await async_read(URL(entry.data[CONF_URL]), pinned, limits)
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
