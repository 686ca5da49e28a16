"""Look at a server's certificate without trusting it and without sending it a request."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
import ssl
from typing import Final

from cryptography import x509
from yarl import URL

from .errors import CertificateError, ServiceError, ServiceUnavailable
from .transport import DEFAULT_LIMITS, Limits, describe

# What cryptography raises for names that are absent or wrongly made, as those of
# certificates of one's own may be; TLS itself takes them.
UNREADABLE_NAMES: Final = (
    x509.DuplicateExtension,
    x509.ExtensionNotFound,
    x509.UnsupportedGeneralNameType,
    ValueError,
)


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


async def is_trusted(
    url: URL, context: ssl.SSLContext, *, limits: Limits = DEFAULT_LIMITS
) -> bool:
    """Return whether the server shows a certificate that the context trusts.

    Nothing is sent to it. Raise ``ServiceUnavailable`` where it cannot be reached.
    """
    failure: ServiceError
    try:
        async with asyncio.timeout(limits.connect):
            await _shake_hands(url, context)
    except (TimeoutError, OSError, ValueError) as err:
        failure = describe(err)
    else:
        return True
    if isinstance(failure, CertificateError):
        return False
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
    """Shake hands without trusting and return the certificate in DER."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    encoded = await _shake_hands(url, context)
    if encoded is None:
        raise ServiceUnavailable("The server shows no certificate")
    return encoded


async def _shake_hands(url: URL, context: ssl.SSLContext) -> bytes | None:
    """Open a TLS connection, close it, and return the certificate in DER."""
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
    return encoded


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    """Return the names that the certificate is for, else its subject's."""
    names: list[str] = []
    with suppress(*UNREADABLE_NAMES):
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
