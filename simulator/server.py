"""A listening HTTP server that can refuse and come back on the same port."""

import asyncio
from collections.abc import Awaitable, Callable
import logging
import socket
import ssl
import struct
from typing import override

from aiohttp import web

from .certificate import Certificate

type Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]

_BACKLOG = 128
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_LOGGER = logging.getLogger(__name__)


class Listener:
    """Accept connections for one request handler, with TLS or without.

    All that changes whether it listens takes effect at once, before the call returns: who connects after
    refuse() is refused, who connects after accept() is not.
    """

    def __init__(
        self,
        handler: Handler,
        *,
        host: str,
        port: int,
        certificate: Certificate | None,
        on_change: Callable[[], None],
    ) -> None:
        """Prepare; port 0 is any free one, kept from the first start on."""
        self.host = host
        self.port = port
        self.certificate = certificate
        self.accepted = 0
        self._handler = handler
        self._on_change = on_change
        self._http: _HttpServer | None = None
        self._socket: socket.socket | None = None
        self._listening = False
        self._handshakes: set[asyncio.Task[None]] = set()
        self._refusing = False

    @property
    def open(self) -> int:
        """Return how many connections are open."""
        return len(self._http.transports) if self._http is not None else 0

    @property
    def url(self) -> str:
        """Return the address that clients use."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'http' if self.certificate is None else 'https'}://{host}:{self.port}"

    async def start(self) -> None:
        """Listen. Raises OSError where the port is taken."""
        self._http = _HttpServer(self._handler, self._on_change)
        self._bind()
        if not self._refusing:
            self.accept()

    async def stop(self) -> None:
        """Close everything without waiting for clients."""
        if self._http is None:
            return
        self._close()
        self._drop_connections()
        if self._handshakes:
            await asyncio.wait(self._handshakes)
        # A connection is listed until its task is done, and nothing signals that.
        while self._http.connections:  # noqa: ASYNC110
            await asyncio.sleep(0)
        self._http = None

    def refuse(self) -> None:
        """Close the listening socket and all connections; the port stays ours."""
        self._refusing = True
        if self._listening:
            self._close()
            self._drop_connections()
            self._bind()

    def accept(self) -> None:
        """Listen again."""
        self._refusing = False
        if self._socket is not None and not self._listening:
            self._listen(self._socket)

    def restart(self, certificate: Certificate | None) -> None:
        """Drop all connections and go on with a certificate on the same port."""
        listening = self._listening
        if listening:
            self.refuse()
        self.certificate = certificate
        if listening:
            self.accept()

    def number(self, request: web.BaseRequest) -> int:
        """Return the number of a request's connection, from 1."""
        return (
            self._http.numbers.get(request.protocol, 0) if self._http is not None else 0
        )

    def _bind(self) -> None:
        family, kind, protocol, _, address = socket.getaddrinfo(
            self.host, self.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setblocking(False)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
        except OSError:
            listener.close()
            raise
        self._socket = listener
        self.port = listener.getsockname()[1]

    def _listen(self, listener: socket.socket) -> None:
        try:
            listener.listen(_BACKLOG)
        except OSError:
            self._close()
            raise
        self._listening = True
        context = None if self.certificate is None else self.certificate.ssl_context()
        asyncio.get_running_loop().add_reader(
            listener, self._accept_one, listener, context
        )

    def _close(self) -> None:
        if self._socket is None:
            return
        if self._listening:
            asyncio.get_running_loop().remove_reader(self._socket)
        self._listening = False
        self._socket.close()
        self._socket = None

    def _accept_one(
        self, listener: socket.socket, context: ssl.SSLContext | None
    ) -> None:
        try:
            connection, _ = listener.accept()
        except BlockingIOError, ConnectionAbortedError:
            return
        connection.setblocking(False)
        self.accepted += 1
        task = asyncio.get_running_loop().create_task(
            # Eager, so that a task that is cancelled at once has somebody who closes the connection.
            self._shake_hands(connection, self.accepted, context),
            eager_start=True,
        )
        self._handshakes.add(task)
        task.add_done_callback(self._handshakes.discard)
        self._on_change()

    async def _shake_hands(
        self, connection: socket.socket, number: int, context: ssl.SSLContext | None
    ) -> None:
        if (http := self._http) is None:
            return
        protocol = http.new_connection(number)
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: protocol, connection, ssl=context
            )
        except OSError as error:
            _LOGGER.debug("Connection %s failed: %s", number, error)
        finally:
            if protocol not in http.transports:
                http.numbers.pop(protocol, None)

    def _drop_connections(self) -> None:
        for task in self._handshakes:
            task.cancel()
        if self._http is not None:
            for transport in list(self._http.transports.values()):
                transport.abort()


class _HttpServer(web.Server):
    """aiohttp's protocol, which also knows the connections by number."""

    def __init__(self, handler: Handler, on_change: Callable[[], None]) -> None:
        """Serve one handler; it is cancelled when its client leaves."""
        super().__init__(handler, handler_cancellation=True, access_log=None)
        self.numbers: dict[web.RequestHandler, int] = {}
        self.transports: dict[web.RequestHandler, asyncio.Transport] = {}
        self._on_change = on_change

    def new_connection(self, number: int) -> web.RequestHandler:
        """Return the protocol of a new connection."""
        protocol = self()
        self.numbers[protocol] = number
        return protocol

    @override
    def connection_made(
        self, handler: web.RequestHandler, transport: asyncio.Transport
    ) -> None:
        """Note an open connection."""
        self.transports[handler] = transport
        super().connection_made(handler, transport)
        self._on_change()

    @override
    def connection_lost(
        self, handler: web.RequestHandler, exc: BaseException | None = None
    ) -> None:
        """Forget a closed connection."""
        self.transports.pop(handler, None)
        self.numbers.pop(handler, None)
        super().connection_lost(handler, exc)
        self._on_change()


def reset(transport: asyncio.Transport) -> None:
    """Close a connection with a reset (RST)."""
    transport.get_extra_info("socket").setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE
    )
    transport.abort()
