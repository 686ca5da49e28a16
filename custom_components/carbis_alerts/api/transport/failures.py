"""What failures mean: of the network, of an HTTP status, of a service's own words."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
import socket
import ssl
from typing import Final

import aiohttp
from yarl import URL

from ..errors import (
    AuthenticationError,
    CertificateError,
    EncryptionTooOld,
    ProtocolError,
    RateLimited,
    ServiceError,
    ServiceTimeout,
    ServiceUnavailable,
)
from ..intake import Unpacker
from .limits import Limits
from .old_tls import is_old_tls, may_be_old_tls, names_old_tls

CHANGED: Final = "The server's certificate has changed"
NOT_TRUSTED: Final = "The server's certificate is not trusted"
NAME_UNKNOWN: Final = "The server's name is not known"
TOO_OLD: Final = "The server's encryption is too old"
# What a service's own words for a failure mean: its status and body to an error, or None
# where only the status says it.
type Explain = Callable[[int, str], ServiceError | None]
AUTH_STATUSES: Final = (401, 403)
# A service that asks for a longer pause than this is not believed: a guest waits.
MAX_RETRY_AFTER: Final = 3600.0
# Bytes of the body of a failure that are looked at.
MAX_EXPLANATION: Final = 4096


def describe(err: Exception) -> ServiceError:
    """Turn a failure of the network or the parser into one of ours."""
    match err:
        case aiohttp.ServerFingerprintMismatch():
            return CertificateError(CHANGED, fingerprint=err.got.hex())
        case aiohttp.ClientConnectorCertificateError() | ssl.SSLCertVerificationError():
            return CertificateError(NOT_TRUSTED)
        case aiohttp.ClientSSLError() | ssl.SSLError() if names_old_tls(err):
            return EncryptionTooOld(TOO_OLD)
        case aiohttp.ClientSSLError() | ssl.SSLError():
            return ServiceUnavailable("The server does not offer a secure connection")
        case TimeoutError():
            return ServiceTimeout("The server did not answer in time")
        case aiohttp.ClientConnectorDNSError() | socket.gaierror():
            return ServiceUnavailable(NAME_UNKNOWN)
        case aiohttp.ClientConnectorError() | ConnectionRefusedError():
            return ServiceUnavailable("The server does not accept connections")
        case aiohttp.ClientResponseError() | ValueError():
            return ProtocolError("The server does not speak HTTP as expected")
        case _:
            return ServiceUnavailable("The connection to the server was cut off")


async def diagnose(err: Exception, url: URL, limits: Limits) -> ServiceError:
    """Describe a failure of a request; where the handshake was ended, look why."""
    if (
        url.scheme == "https"
        and may_be_old_tls(err)
        and await is_old_tls(url, within=limits.connect)
    ):
        return EncryptionTooOld(TOO_OLD)
    return describe(err)


def raise_for_status(response: aiohttp.ClientResponse) -> None:
    """Raise what an HTTP status other than success means."""
    status = response.status
    if status < 300:
        return
    if status in AUTH_STATUSES:
        raise AuthenticationError(f"The server refuses the credentials (HTTP {status})")
    retry_after = parse_retry_after(response.headers.get("Retry-After"))
    if status == 429:
        raise RateLimited(
            "The server asks for fewer requests (HTTP 429)",
            retry_after=retry_after,
            status=status,
        )
    if status >= 500 or status == 408:
        raise ServiceUnavailable(
            f"The server is out of order (HTTP {status})",
            retry_after=retry_after,
            status=status,
        )
    raise ProtocolError(f"Unexpected answer (HTTP {status})", status=status)


async def read_explanation(response: aiohttp.ClientResponse) -> bytes:
    """Return the body of a failure, its beginning where it is long or breaks off."""
    content = b""
    with suppress(
        ProtocolError, TimeoutError, aiohttp.ClientError, OSError, ValueError
    ):
        unpacker = Unpacker(response.headers)
        while part := await response.content.read(MAX_EXPLANATION):
            for piece in unpacker.pieces(part):
                content += piece
                if len(content) >= MAX_EXPLANATION:
                    return content[:MAX_EXPLANATION]
    return content


def raise_explained(status: int, content: bytes, explain: Explain | None) -> None:
    """Raise what the body of a failure says, if it says anything."""
    if explain is None:
        return
    error = explain(status, content.decode(errors="replace"))
    if error is not None:
        raise error


def parse_retry_after(value: str | None) -> float | None:
    """Return the pause in seconds that a Retry-After header asks for (RFC 9110)."""
    if value is None:
        return None
    seconds: float
    try:
        seconds = int(value)
    except ValueError:
        try:
            when = parsedate_to_datetime(value)
        except ValueError, OverflowError, TypeError, IndexError:
            return None
        if when.tzinfo is None:
            when = when.replace(tzinfo=UTC)
        seconds = (when - datetime.now(UTC)).total_seconds()
    # A float only once it is bounded: it cannot hold a number of 400 digits.
    return float(min(max(seconds, 0), MAX_RETRY_AFTER))
