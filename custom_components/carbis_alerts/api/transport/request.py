"""Send a request and take its answer."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache, partial
from typing import Final

import aiohttp
from aiohttp import hdrs
import orjson
from yarl import URL

from ..errors import ProtocolError, ServiceError
from ..fields import without_halves
from ..intake import UNPACKED, Budget
from ..json import read_long_json
from ..recorder import Exchange, Kind, Tap
from ..types import Json
from .body import NOTHING, charset_of, read_body
from .failures import (
    Explain,
    diagnose,
    raise_explained,
    raise_for_status,
    read_explanation,
)
from .limits import DEFAULT_LIMITS, Limits
from .pin import Pin
from .redirects import MAX_REDIRECTS, REDIRECTS, redirect_target

# What can be saved of a body that cannot be read, None where nothing can.
type Rescue = Callable[[bytes], Json]
# Bytes of a stream that are taken at once: less than a millisecond of work, also where
# they come one by one.
STREAM_PIECE: Final = 16 * 1024
# Addresses that are kept ready: a source asks for the same few again and again.
ADDRESSES_KEPT: Final = 8


class Transport:
    """One service's address, limits and way of trusting its certificate."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        base: URL,
        *,
        fingerprint: str | None = None,
        limits: Limits = DEFAULT_LIMITS,
        tap: Tap | None = None,
        budget: Budget | None = None,
    ) -> None:
        """Take a shared session; ``fingerprint`` is a pinned SHA-256 in hex.

        ``budget`` is the service's own, where somebody else takes of it too.
        """
        self._session = session
        self.tap = tap or Tap()
        self.budget = budget or Budget()
        self._base = base
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
        exchange = self._started(method, path, params, body)
        try:
            response = await self._send(
                method,
                path,
                headers=headers,
                params=params,
                body=body,
                exchange=exchange,
                timeout=aiohttp.ClientTimeout(
                    total=self._limits.total + wait, sock_connect=self._limits.connect
                )
                if wait
                else None,
                explain=explain,
            )
            async with response:
                content, flaw = await read_body(response, self._limits, self.budget)
                if exchange is not None:
                    exchange.body = content
                is_empty = not content.strip(NOTHING)
                if flaw is None and not is_empty:
                    with suppress(ValueError):
                        return await read_long_json(
                            content, charset_of(response), self.budget.loop_yield
                        )
                elif flaw is None and allow_empty:
                    return empty
                if rescue is not None and (saved := rescue(content)) is not None:
                    return saved
                raise ProtocolError(
                    flaw or f"The answer is {'empty' if is_empty else 'not JSON'}"
                )
        except ServiceError as err:
            _note(exchange, err)
            raise
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as err:
            failure = await diagnose(err, self._base, self._limits)
            _note(exchange, failure)
        finally:
            if exchange is not None:
                self.tap.take(exchange)
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
        exchange = self._started("GET", path, None, None)
        try:
            async with asyncio.timeout(self._limits.total):
                return await self._send(
                    "GET",
                    path,
                    headers=headers,
                    exchange=exchange,
                    timeout=aiohttp.ClientTimeout(
                        total=None, sock_connect=self._limits.connect
                    ),
                    is_stream=True,
                )
        except ServiceError as err:
            _note(exchange, err)
            raise
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as err:
            failure = await diagnose(err, self._base, self._limits)
            _note(exchange, failure)
        finally:
            if exchange is not None:
                self.tap.take(exchange)
        raise failure

    def _started(
        self, method: str, path: str, params: Mapping[str, str] | None, body: Json
    ) -> Exchange | None:
        """Return the exchange that begins, None where nobody takes any."""
        if self.tap.recorder is None:
            return None
        return Exchange(
            kind=Kind.REQUEST,
            method=method,
            path=path,
            query=params or {},
            sent=b"" if body is None else _written(body),
        )

    async def _send(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        params: Mapping[str, str] | None = None,
        body: Json = None,
        timeout: aiohttp.ClientTimeout | None = None,
        exchange: Exchange | None = None,
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
                    headers={hdrs.ACCEPT_ENCODING: UNPACKED, **headers},
                    data=None if body is None else _written(body),
                    ssl=self._pin or True,
                    timeout=timeout or self._timeout,
                    allow_redirects=False,
                    # Unpacked here, and no more of it than is taken.
                    auto_decompress=False,
                    read_bufsize=STREAM_PIECE if is_stream else None,
                )
            except aiohttp.ClientConnectorError, TimeoutError:
                self._raise_mismatch()
                raise
            try:
                if exchange is not None:
                    exchange.status = response.status
                    exchange.content_type = response.headers.get(hdrs.CONTENT_TYPE)
                if response.status not in REDIRECTS:
                    if response.status >= 300 and (explain or exchange):
                        content = await read_explanation(response)
                        if exchange is not None:
                            exchange.body = content
                        raise_explained(response.status, content, explain)
                    raise_for_status(response)
                    return response
                url = redirect_target(response, url)
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


def _address(base: URL, path: str, query: tuple[tuple[str, str], ...]) -> URL:
    """Return the address of a path below the service's own."""
    url = base / path.lstrip("/")
    return url.with_query(query) if query else url


def _written(body: Json) -> bytes:
    """Return a document as it is sent; halves of characters in it cost themselves."""
    try:
        return orjson.dumps(body)
    except orjson.JSONEncodeError:
        return orjson.dumps(without_halves(body))


def _note(exchange: Exchange | None, err: Exception) -> None:
    """Note on an exchange how it failed."""
    if exchange is not None:
        exchange.error = type(err).__name__
