"""A name that suddenly means another machine: what that one gets to see."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
import socket
from typing import Any, override

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
import pytest
from yarl import URL

from custom_components.carbis_alerts.api.certificate import read_certificate
from custom_components.carbis_alerts.api.errors import CertificateError, ServiceError
from custom_components.carbis_alerts.api.green_api import GreenApiClient
from custom_components.carbis_alerts.api.pbx import PbxClient
from custom_components.carbis_alerts.api.qr_menu import QrMenuClient
from custom_components.carbis_alerts.api.transport import Limits
from simulator.certificate import make_certificate
from simulator.faults import Faults
from simulator.qr_menu import QrMenuService

from ..api.conftest import RawServer

LIMITS = Limits(connect=5, total=5)
NAME = "menu.example"
TOKEN = "s3cret-token-of-the-server"


class Resolver(AbstractResolver):
    """A name server that can be turned."""

    def __init__(self) -> None:
        """Lead where the address says."""
        # All machines of a test are ports of the loopback.
        self.port: int | None = None

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host="127.0.0.1",
                port=self.port or port,
                family=socket.AF_INET,
                proto=0,
                flags=0,
            )
        ]

    @override
    async def close(self) -> None:
        """Have nothing to close."""


@pytest.fixture(autouse=True)
def _site(socket_enabled: None) -> None:
    """Reach the loopback; nothing here needs Home Assistant."""


@pytest.fixture(autouse=True)
def _quick() -> None:
    """Nothing here polls."""


@pytest.fixture
def resolver() -> Resolver:
    return Resolver()


@pytest.fixture
async def session(resolver: Resolver) -> AsyncGenerator[aiohttp.ClientSession]:
    """Return a session that asks again for each connection, as after a name's lifetime."""
    connector = aiohttp.TCPConnector(
        resolver=resolver, use_dns_cache=False, force_close=True
    )
    async with aiohttp.ClientSession(connector=connector) as session:
        yield session


@asynccontextmanager
async def impostor(resolver: Resolver) -> AsyncGenerator[RawServer]:
    """Run a machine with another certificate, to which all names lead."""
    raw = RawServer(None, await_request=False)
    server = await asyncio.start_server(
        raw.handle, "127.0.0.1", 0, ssl=make_certificate().ssl_context()
    )
    resolver.port = server.sockets[0].getsockname()[1]
    try:
        yield raw
    finally:
        resolver.port = None
        server.close()
        server.abort_clients()
        await server.wait_closed()


def asked(session: Any, url: URL, fingerprint: str) -> list[Callable[[], Any]]:
    more: dict[str, Any] = {"fingerprint": fingerprint, "limits": LIMITS}
    menu = QrMenuClient(session, url, TOKEN, **more)
    pbx = PbxClient(session, url, token=TOKEN, **more)
    gateway = GreenApiClient(session, url, "1", TOKEN, **more)
    return [lambda: menu.fetch(None), lambda: pbx.subscribe("https://x"), gateway.state]


async def test_a_name_that_leads_elsewhere_moves_no_token_over_tls(
    session: aiohttp.ClientSession, resolver: Resolver
) -> None:
    async with QrMenuService(token=TOKEN, certificate=make_certificate()) as service:
        url = URL(service.url).with_host(NAME)
        pin = (await read_certificate(URL(service.url))).fingerprint
        client = QrMenuClient(session, url, TOKEN, fingerprint=pin, limits=LIMITS)
        assert await client.fetch(None) is not None
        async with impostor(resolver) as other:
            for ask in asked(session, url, pin):
                with pytest.raises(CertificateError):
                    await ask()
            assert bytes(other.received) == b""
        assert await client.fetch(None) is not None


async def test_a_server_that_was_never_pinned_needs_a_certificate_for_its_name(
    session: aiohttp.ClientSession, resolver: Resolver
) -> None:
    async with QrMenuService(token=TOKEN, certificate=make_certificate()) as service:
        url = URL(service.url).with_host(NAME)
        async with impostor(resolver) as other:
            client = QrMenuClient(session, url, TOKEN, limits=LIMITS)
            with pytest.raises(CertificateError):
                await client.fetch(None)
            assert bytes(other.received) == b""


async def test_a_redirect_to_a_name_of_the_same_machine_is_another_origin(
    session: aiohttp.ClientSession,
) -> None:
    async with QrMenuService(token=TOKEN) as service:
        url = URL(service.url)
        service.faults.set(Faults(redirect=str(url.with_host(NAME) / "api/v4/events")))
        client = QrMenuClient(session, url, TOKEN, limits=LIMITS)
        before = service.received
        with pytest.raises(ServiceError, match="redirects to another address"):
            await client.fetch(None)
        assert service.received == before + 1
