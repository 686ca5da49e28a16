"""HTTP as all services need it: limits in time and size, and errors without secrets."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
import socket
import ssl
from typing import Final

import aiohttp
import orjson
from yarl import URL

from .errors import (
    AuthenticationError,
    CertificateError,
    ProtocolError,
    RateLimited,
    ServiceError,
    ServiceTimeout,
    ServiceUnavailable,
)

# What orjson.loads returns.
type Json = bool | int | float | str | list[Json] | dict[str, Json] | None

REDIRECTS: Final = (301, 302, 303, 307, 308)
MAX_REDIRECTS: Final = 3
AUTH_STATUSES: Final = (401, 403)
# A service that asks for a longer pause than this is not believed: a guest waits.
MAX_RETRY_AFTER: Final = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long and how large an exchange may be: seconds and bytes."""

    connect: float = 5.0
    total: float = 10.0
    body: int = 16 * 1024 * 1024


DEFAULT_LIMITS: Final = Limits()


class Transport:
    """One service's address, limits and way of trusting its certificate."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        base: URL,
        *,
        fingerprint: str | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        """Take a shared session; ``fingerprint`` is a pinned SHA-256 in hex."""
        self._session = session
        self._base = base
        self._limits = limits
        self._timeout = aiohttp.ClientTimeout(
            total=limits.total, sock_connect=limits.connect
        )
        # One object for the client's life: aiohttp compares it by identity when it
        # looks for a kept-alive connection.
        self._ssl: aiohttp.Fingerprint | bool = (
            aiohttp.Fingerprint(bytes.fromhex(fingerprint)) if fingerprint else True
        )

    async def get_json(
        self, path: str, *, params: Mapping[str, str], headers: Mapping[str, str]
    ) -> Json:
        """Get a JSON document; raise a ``ServiceError`` where there is none."""
        url = (self._base / path.lstrip("/")).with_query(params)
        failure: ServiceError
        try:
            return _parse(await self._read(url, headers))
        except ServiceError:
            raise
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as err:
            failure = describe(err)
        # Outside the handler, so that the error does not drag along aiohttp's own,
        # which holds the address and the headers.
        raise failure

    async def _read(self, url: URL, headers: Mapping[str, str]) -> bytes:
        """Get a body, following redirects only where the token may go."""
        for _ in range(MAX_REDIRECTS + 1):
            async with self._session.get(
                url,
                headers=headers,
                ssl=self._ssl,
                timeout=self._timeout,
                allow_redirects=False,
            ) as response:
                if response.status in REDIRECTS:
                    target = _redirect_target(response)
                    if target.origin() != url.origin():
                        raise ProtocolError(
                            "The server redirects to another address",
                            status=response.status,
                        )
                    url = target
                    continue
                raise_for_status(response)
                return await self._read_body(response)
        raise ProtocolError("The server redirects in a circle")

    async def _read_body(self, response: aiohttp.ClientResponse) -> bytes:
        """Read the whole body, up to the limit."""
        limit = self._limits.body
        if (response.content_length or 0) > limit:
            raise ProtocolError(f"The answer is larger than {limit} bytes")
        chunks: list[bytes] = []
        size = 0
        async for chunk in response.content.iter_any():
            size += len(chunk)
            if size > limit:
                raise ProtocolError(f"The answer is larger than {limit} bytes")
            chunks.append(chunk)
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def describe(err: Exception) -> ServiceError:
    """Turn a failure of the network or the parser into one of ours."""
    match err:
        case aiohttp.ServerFingerprintMismatch():
            return CertificateError(
                "The server's certificate has changed", fingerprint=err.got.hex()
            )
        case aiohttp.ClientConnectorCertificateError() | ssl.SSLCertVerificationError():
            return CertificateError("The server's certificate is not trusted")
        case aiohttp.ClientSSLError() | ssl.SSLError():
            return ServiceUnavailable("The server does not offer a secure connection")
        case TimeoutError():
            return ServiceTimeout("The server did not answer in time")
        case aiohttp.ClientConnectorDNSError() | socket.gaierror():
            return ServiceUnavailable("The server's name is not known")
        case aiohttp.ClientConnectorError() | ConnectionRefusedError():
            return ServiceUnavailable("The server does not accept connections")
        case aiohttp.ClientResponseError() | ValueError():
            return ProtocolError("The server does not speak HTTP as expected")
        case _:
            return ServiceUnavailable("The connection to the server was cut off")


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
        except ValueError:
            return None
        if when.tzinfo is None:
            when = when.replace(tzinfo=UTC)
        seconds = (when - datetime.now(UTC)).total_seconds()
    # A float only once it is bounded: it cannot hold a number of 400 digits.
    return float(min(max(seconds, 0), MAX_RETRY_AFTER))


def _redirect_target(response: aiohttp.ClientResponse) -> URL:
    """Return where a redirect leads."""
    if location := response.headers.get("Location"):
        with suppress(ValueError):
            target = response.url.join(URL(location))
            target.origin()
            return target
    raise ProtocolError("The server redirects to nowhere", status=response.status)


def _parse(body: bytes) -> Json:
    """Parse JSON; the error names no content."""
    if not body.strip():
        raise ProtocolError("The answer is empty")
    with suppress(orjson.JSONDecodeError):
        document: Json = orjson.loads(body)
        return document
    raise ProtocolError("The answer is not JSON")
