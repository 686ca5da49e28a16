"""Look at a server's certificate without trusting it and without telling it anything."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
import ssl

from cryptography import x509
from yarl import URL

from .errors import ServiceError, ServiceUnavailable
from .transport import DEFAULT_LIMITS, Limits, describe


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerCertificate:
    """What a person compares before trusting: SHA-256 in hex, names, dates in UTC."""

    fingerprint: str
    names: tuple[str, ...]
    not_before: datetime
    not_after: datetime


async def read_certificate(
    url: URL, *, limits: Limits = DEFAULT_LIMITS
) -> ServerCertificate:
    """Return the certificate that the server shows; nothing is sent to it.

    Raise ``ServiceUnavailable`` where no TLS connection comes about.
    """
    failure: ServiceError
    try:
        async with asyncio.timeout(limits.connect):
            encoded = await _read_encoded(url)
        return parse_certificate(encoded)
    except ServiceError:
        raise
    except (TimeoutError, OSError, ValueError) as err:
        failure = describe(err)
    raise failure


def parse_certificate(encoded: bytes) -> ServerCertificate:
    """Parse a certificate in DER; raise ``ValueError`` where it is none."""
    certificate = x509.load_der_x509_certificate(encoded)
    return ServerCertificate(
        fingerprint=sha256(encoded).hexdigest(),
        names=_names(certificate),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
    )


async def _read_encoded(url: URL) -> bytes:
    """Shake hands and return the certificate in DER."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    _, writer = await asyncio.open_connection(url.host, url.port, ssl=context)
    try:
        encoded: bytes | None = writer.get_extra_info("ssl_object").getpeercert(
            binary_form=True
        )
    finally:
        # No polite farewell: the server may never answer it.
        writer.transport.abort()
        with suppress(OSError):
            await writer.wait_closed()
    if encoded is None:
        raise ServiceUnavailable("The server shows no certificate")
    return encoded


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    """Return the names that the certificate is for, else its subject's."""
    names: list[str] = []
    with suppress(x509.ExtensionNotFound, ValueError):
        extension = certificate.extensions.get_extension_for_class(
            x509.SubjectAlternativeName
        ).value
        names += extension.get_values_for_type(x509.DNSName)
        names += map(str, extension.get_values_for_type(x509.IPAddress))
    if not names:
        attributes = certificate.subject.get_attributes_for_oid(
            x509.NameOID.COMMON_NAME
        )
        names += [str(attribute.value) for attribute in attributes]
    return tuple(names)
