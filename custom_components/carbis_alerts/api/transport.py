"""HTTP as all services need it: limits in time and size, and errors without secrets."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache, partial
import socket
import ssl
from typing import Final, override

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
from .json import read_long_json
from .turns import Turns
from .types import Json as Json  # noqa: PLC0414 - other rooms take it from here

# What a service's own words for a failure mean: its status and body to an error, or None
# where only the status tells.
type Explain = Callable[[int, str], ServiceError | None]
# What can be saved of a body that cannot be read, None where nothing can.
type Rescue = Callable[[bytes], Json]

REDIRECTS: Final = (301, 302, 303, 307, 308)
MAX_REDIRECTS: Final = 3
AUTH_STATUSES: Final = (401, 403)
# A service that asks for a longer pause than this is not believed: a guest waits.
MAX_RETRY_AFTER: Final = 3600.0
# Before each value of a JSON document stands one of them. Those within texts count too.
VALUE_SIGNS: Final = (b",", b"[", b"{")
# Bytes of the body of a failure that are looked at.
MAX_EXPLANATION: Final = 4096
# Bytes of a stream that are taken at once: less than a millisecond of work, also where
# they come one by one.
STREAM_PIECE: Final = 16 * 1024
# What a body may hold that is empty.
NOTHING: Final = b" \t\r\n\0\xef\xbb\xbf"
# Chunks of a body that is too large in which something may be saved.
BEGINNING: Final = 4
# Addresses that are kept ready: a source asks for the same few again and again.
ADDRESSES_KEPT: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long and how large an exchange may be: seconds, bytes, values of a document.

    A value of two bytes takes a hundred in memory, so bytes alone bound nothing.
    """

    connect: float = 5.0
    total: float = 10.0
    body: int = 16 * 1024 * 1024
    values: int = 1_000_000


DEFAULT_LIMITS: Final = Limits()


class Pin(aiohttp.Fingerprint):
    """A pinned certificate that remembers who showed another one.

    Of a name with several addresses aiohttp tells what became of the last; one that
    refuses must not hide that another has changed its certificate.
    """

    def __init__(self, fingerprint: str) -> None:
        """Take a SHA-256 in hex."""
        super().__init__(bytes.fromhex(fingerprint))
        self.mismatch: aiohttp.ServerFingerprintMismatch | None = None

    @override
    def check(self, transport: asyncio.Transport) -> None:
        try:
            super().check(transport)
        except aiohttp.ServerFingerprintMismatch as err:
            # A copy: the error itself would keep all that it came through.
            self.mismatch = aiohttp.ServerFingerprintMismatch(
                err.expected, err.got, err.host, err.port
            )
            raise
        self.mismatch = None


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
        self._address = lru_cache(ADDRESSES_KEPT)(partial(_address, base))
        self._limits = limits
        self._timeout = aiohttp.ClientTimeout(
            total=limits.total, sock_connect=limits.connect
        )
        # One object for the client's life: aiohttp compares it by identity when it
        # looks for a kept-alive connection.
        self._pin = Pin(fingerprint) if fingerprint else None

    async def request_json(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        params: Mapping[str, str] | None = None,
        body: Json = None,
        wait: float = 0.0,
        allow_empty: bool = False,
        empty: Json = None,
        explain: Explain | None = None,
        rescue: Rescue | None = None,
    ) -> Json:
        """Exchange JSON documents; raise a ``ServiceError`` where none comes back.

        ``wait`` is for how many seconds more than others this request may take. With
        ``allow_empty`` an empty body is ``empty``. What ``rescue`` makes of a body that cannot
        be read, or of the beginning of one that is too large, is returned in its place.
        """
        failure: ServiceError
        try:
            response = await self._send(
                method,
                path,
                headers=headers,
                params=params,
                body=body,
                timeout=aiohttp.ClientTimeout(
                    total=self._limits.total + wait, sock_connect=self._limits.connect
                )
                if wait
                else None,
                explain=explain,
            )
            async with response:
                content, flaw = await self._read_body(response)
                is_empty = not content.strip(NOTHING)
                if flaw is None and not is_empty:
                    with suppress(ValueError):
                        return await read_long_json(content, _charset(response))
                elif flaw is None and allow_empty:
                    return empty
                if rescue is not None and (saved := rescue(content)) is not None:
                    return saved
                raise ProtocolError(
                    flaw or f"The answer is {'empty' if is_empty else 'not JSON'}"
                )
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

        The limits are for its beginning alone. What is compressed stays so.
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
                    is_stream=True,
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
        explain: Explain | None = None,
        is_stream: bool = False,
    ) -> aiohttp.ClientResponse:
        """Return a good answer, its body unread, following redirects where the token may go."""
        url = self._address(path, tuple(params.items()) if params else ())
        for _ in range(MAX_REDIRECTS + 1):
            if self._pin is not None:
                self._pin.mismatch = None
            try:
                response = await self._session.request(
                    method,
                    url,
                    headers=headers,
                    data=None if body is None else orjson.dumps(body),
                    ssl=self._pin or True,
                    timeout=timeout or self._timeout,
                    allow_redirects=False,
                    auto_decompress=not is_stream,
                    read_bufsize=STREAM_PIECE if is_stream else None,
                )
            except aiohttp.ClientConnectorError, TimeoutError:
                self._raise_mismatch()
                raise
            try:
                if response.status not in REDIRECTS:
                    if explain is not None and response.status >= 300:
                        await _raise_explained(response, explain)
                    raise_for_status(response)
                    return response
                url = _redirect_target(response, url)
            except ServiceError:
                response.release()
                raise
            except asyncio.CancelledError:
                response.close()
                raise
            response.release()
        raise ProtocolError("The server redirects in a circle")

    def _raise_mismatch(self) -> None:
        """Raise that one of the server's addresses has another certificate, if so."""
        if self._pin is not None and self._pin.mismatch is not None:
            raise self._pin.mismatch

    async def _read_body(
        self, response: aiohttp.ClientResponse
    ) -> tuple[bytes, str | None]:
        """Read the body; beyond the limits its beginning, and what is wrong with it."""
        limit = self._limits.body
        too_large = f"The answer is larger than {limit} bytes"
        if (response.content_length or 0) > limit:
            return await response.content.readany(), too_large
        chunks: list[bytes] = []
        size = values = 0
        turns = Turns()
        while not response.content.at_eof():
            # What is unpacked is there at once: reading alone gives nothing away.
            await turns.give()
            chunk = await response.content.readany()
            size += len(chunk)
            values += sum(map(chunk.count, VALUE_SIGNS))
            chunks.append(chunk)
            if size > limit:
                return b"".join(chunks[:BEGINNING]), too_large
            if values > self._limits.values:
                return b"".join(chunks[:BEGINNING]), "The answer has too many values"
        return chunks[0] if len(chunks) == 1 else b"".join(chunks), None


def _address(base: URL, path: str, query: tuple[tuple[str, str], ...]) -> URL:
    """Return the address of a path below the service's own."""
    url = base / path.lstrip("/")
    return url.with_query(query) if query else url


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


async def _raise_explained(response: aiohttp.ClientResponse, explain: Explain) -> None:
    """Raise what the body of a failure says; one that does not come says nothing."""
    content = b""
    with suppress(TimeoutError, aiohttp.ClientError, OSError, ValueError):
        while len(content) < MAX_EXPLANATION and (
            chunk := await response.content.read(MAX_EXPLANATION - len(content))
        ):
            content += chunk
    error = explain(response.status, content.decode(errors="replace"))
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


def _charset(response: aiohttp.ClientResponse) -> str | None:
    """Return the charset that an answer declares."""
    # A header with a flaw of its own declares nothing.
    with suppress(ValueError):
        return response.charset
    return None
