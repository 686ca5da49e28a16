"""Look at a server's certificate without trusting it and without sending it a request."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from ipaddress import ip_address
import socket
import ssl
from typing import Final

from cryptography import x509
from yarl import URL

from .errors import CertificateError, ProtocolError, ServiceError, ServiceUnavailable
from .transport import CHANGED, DEFAULT_LIMITS, NOT_TRUSTED, Limits, describe

# What cryptography raises for names that are absent or wrongly made, as those of
# certificates of one's own may be; TLS itself takes them.
UNREADABLE_NAMES: Final = (
    x509.DuplicateExtension,
    x509.ExtensionNotFound,
    x509.UnsupportedGeneralNameType,
    ValueError,
)


# Addresses of one name that are looked at.
MAX_ADDRESSES: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerCertificate:
    """What a person compares before trusting: SHA-256 in hex, names, dates in UTC."""

    fingerprint: str
    names: tuple[str, ...]
    not_before: datetime
    not_after: datetime
    is_trusted: bool = False
    """Whether an authority that Home Assistant knows vouches for it and the name."""

    def is_accepted(self, pinned: str | None) -> bool:
        """Return whether it is the pinned one; where none is, a trusted one."""
        return self.fingerprint == pinned if pinned else self.is_trusted


async def read_certificate(
    url: URL,
    *,
    pinned: str | None = None,
    context: ssl.SSLContext | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> ServerCertificate:
    """Return the certificate that the server shows; nothing is sent to it.

    Of several addresses of its name, that of the first whose certificate is not accepted:
    neither ``pinned`` nor, where there is no pin, trusted by the ``context``. Raise
    ``ServiceUnavailable`` where no TLS connection comes about.
    """
    addresses = await _addresses(url, limits)
    views = await asyncio.gather(
        *(_look(url, address, context, limits) for address in addresses)
    )
    seen = [look for look in views if isinstance(look, ServerCertificate)]
    if seen:
        return min(seen, key=lambda certificate: certificate.is_accepted(pinned))
    raise next(look for look in views if isinstance(look, ServiceError))


async def refused_certificate(
    url: URL,
    *,
    pinned: str | None,
    context: ssl.SSLContext,
    limits: Limits = DEFAULT_LIMITS,
) -> CertificateError | None:
    """Return that one of several addresses shows a certificate that is not accepted.

    HTTP libraries report what became of the last address alone.
    """
    try:
        if url.scheme != "https" or len(await _addresses(url, limits)) < 2:
            return None
        seen = await read_certificate(
            url, pinned=pinned, context=context, limits=limits
        )
    except ServiceError:
        return None
    if seen.is_accepted(pinned):
        return None
    if pinned:
        return CertificateError(CHANGED, fingerprint=seen.fingerprint)
    return CertificateError(NOT_TRUSTED)


def parse_certificate(encoded: bytes) -> ServerCertificate:
    """Parse a certificate in DER; raise ``ValueError`` where it is none."""
    certificate = x509.load_der_x509_certificate(encoded)
    return ServerCertificate(
        fingerprint=sha256(encoded).hexdigest(),
        names=_names(certificate),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
    )


async def _addresses(url: URL, limits: Limits) -> list[str]:
    """Return the addresses of a server's name."""
    failure: ServiceError
    with suppress(ValueError):
        return [str(ip_address(url.raw_host or ""))]
    try:
        async with asyncio.timeout(limits.connect):
            found = await asyncio.get_running_loop().getaddrinfo(
                url.raw_host, url.port, type=socket.SOCK_STREAM
            )
        addresses = dict.fromkeys(str(address[0]) for *_, address in found)
        return list(addresses)[:MAX_ADDRESSES]
    except (TimeoutError, OSError, ValueError) as err:
        failure = describe(err)
    raise failure


async def _look(
    url: URL, address: str, context: ssl.SSLContext | None, limits: Limits
) -> ServerCertificate | ServiceError:
    """Return what one address of a server shows, or why it shows nothing."""
    try:
        async with asyncio.timeout(limits.connect):
            if context is not None:
                with suppress(ssl.SSLCertVerificationError):
                    encoded = await _shake_hands(url, address, context)
                    return replace(parse_certificate(encoded), is_trusted=True)
            return parse_certificate(await _shake_hands(url, address, _lenient()))
    except ServiceError as err:
        return err
    except (TimeoutError, OSError, ValueError) as err:
        return describe(err)
    except Exception:  # noqa: BLE001 - a library's error for what nobody should have made
        return ProtocolError("The server's certificate cannot be read")


def _lenient() -> ssl.SSLContext:
    """Return a context that trusts anything, to see what there is."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


async def _shake_hands(url: URL, address: str, context: ssl.SSLContext) -> bytes:
    """Open a TLS connection, close it, and return the certificate in DER."""
    _, writer = await asyncio.open_connection(
        address,
        url.port,
        ssl=context,
        # As HTTP does: a certificate names the host without a dot at its end.
        server_hostname=(url.raw_host or address).rstrip("."),
    )
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
    with suppress(*UNREADABLE_NAMES):
        extension = certificate.extensions.get_extension_for_class(
            x509.SubjectAlternativeName
        ).value
        names += extension.get_values_for_type(x509.DNSName)
        names += map(str, extension.get_values_for_type(x509.IPAddress))
    if not names:
        with suppress(*UNREADABLE_NAMES):
            attributes = certificate.subject.get_attributes_for_oid(
                x509.NameOID.COMMON_NAME
            )
            names += [str(attribute.value) for attribute in attributes]
    return tuple(names)
