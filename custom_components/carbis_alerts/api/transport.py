"""HTTP as all services need it: limits in time and size, and errors without secrets."""

import asyncio
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
BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
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

    async def request_json(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        params: Mapping[str, str] | None = None,
        body: Json = None,
    ) -> Json:
        """Exchange JSON documents; raise a ``ServiceError`` where none comes back."""
        failure: ServiceError
        try:
            response = await self._send(
                method, path, headers=headers, params=params, body=body
            )
            async with response:
                return _parse(await self._read_body(response))
        except ServiceError:
            raise
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as err:
            failure = describe(err)
        # Outside the handler, so that the error does not drag along aiohttp's own,
        # which holds the address and the headers.
        raise failure

    async def open(
        self, path: str, *, headers: Mapping[str, str]
    ) -> aiohttp.ClientResponse:
        """Return an answer whose body never ends; the caller closes it.

        The limits are for its beginning alone.
        """
        failure: ServiceError
        try:
            async with asyncio.timeout(self._limits.total):
                return await self._send(
                    "GET",
                    path,
                    headers=headers,
                    timeout=aiohttp.ClientTimeout(
                        total=None, sock_connect=self._limits.connect
                    ),
                )
        except ServiceError:
            raise
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as err:
            failure = describe(err)
        raise failure

    async def _send(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        params: Mapping[str, str] | None = None,
        body: Json = None,
        timeout: aiohttp.ClientTimeout | None = None,
    ) -> aiohttp.ClientResponse:
        """Return a good answer, its body unread, following redirects where the token may go."""
        url = self._base / path.lstrip("/")
        if params is not None:
            url = url.with_query(params)
        for _ in range(MAX_REDIRECTS + 1):
            response = await self._session.request(
                method,
                url,
                headers=headers,
                data=None if body is None else orjson.dumps(body),
                ssl=self._ssl,
                timeout=timeout or self._timeout,
                allow_redirects=False,
            )
            try:
                if response.status not in REDIRECTS:
                    raise_for_status(response)
                    return response
                url = _redirect_target(response, url)
            except ServiceError:
                response.release()
                raise
            response.release()
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


def _redirect_target(response: aiohttp.ClientResponse, url: URL) -> URL:
    """Return where a redirect leads; another origin would get the token."""
    if location := response.headers.get("Location"):
        # An IndexError is yarl's answer to some addresses with brackets.
        with suppress(ValueError, IndexError):
            target = url.join(URL(location))
            if target.origin() == url.origin():
                return target
    raise ProtocolError(
        "The server redirects to another address or to none", status=response.status
    )


def _parse(body: bytes) -> Json:
    """Parse JSON; the error names no content."""
    # Servers under Windows like to send one, though JSON knows none.
    body = body.removeprefix(BYTE_ORDER_MARK)
    if not body.strip():
        raise ProtocolError("The answer is empty")
    with suppress(orjson.JSONDecodeError):
        document: Json = orjson.loads(body)
        return document
    raise ProtocolError("The answer is not JSON")
