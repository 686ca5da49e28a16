"""A name with several addresses: what one of them shows of a certificate is not hidden.

Real sockets on 127.0.0.1, 127.0.0.2 and ::1; only the name server is invented.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
import socket
from typing import Any

import pytest
from pytest_socket import socket_allow_hosts
from yarl import URL

from custom_components.carbis_alerts.api.certificate import (
    read_certificate,
    refused_certificate,
)
from custom_components.carbis_alerts.api.errors import ServiceTimeout
from custom_components.carbis_alerts.api.transport import DEFAULT_LIMITS, Limits
from simulator.certificate import Certificate, make_certificate
from simulator.qr_menu import QrMenuService

from ..authority import Authority

NAME = "menu.example"
FIRST, SECOND, SIXTH = "127.0.0.1", "127.0.0.2", "::1"
PINNED = make_certificate()
UNKNOWN = make_certificate()
AUTHORITY = Authority()
TRUSTED = AUTHORITY.issue(NAME)
ELSEWHERE = AUTHORITY.issue("elsewhere.example")
# For an address that keeps silent; a handshake takes some milliseconds.
SHORT = Limits(connect=1, total=1)
# What an address does in place of showing a certificate.
REFUSES = "refuses"
KEEPS_SILENT = "keeps silent"

type Shown = Certificate | str


@pytest.fixture(autouse=True)
def _hosts(socket_enabled: None) -> None:
    socket_allow_hosts([FIRST, SECOND, SIXTH])


@pytest.fixture
def resolve(monkeypatch: pytest.MonkeyPatch) -> Callable[[Iterable[str]], None]:
    """Return a function that gives the name its addresses."""

    def resolve(addresses: Iterable[str]) -> None:
        loop = asyncio.get_running_loop()
        real = loop.getaddrinfo

        async def found(host: Any, port: Any, **more: Any) -> Any:
            if host != NAME:
                return await real(host, port, **more)
            return [one for name in addresses for one in await real(name, port, **more)]

        monkeypatch.setattr(loop, "getaddrinfo", found)

    return resolve


@asynccontextmanager
async def machines(shown: dict[str, Shown]) -> AsyncGenerator[int]:
    """Run what each address shows, all on one port; yield it."""
    kept: list[asyncio.StreamWriter] = []

    def keep(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        kept.append(writer)

    async with AsyncExitStack() as stack:
        with socket.socket() as free:
            free.bind((FIRST, 0))
            port: int = free.getsockname()[1]
        for host, what in shown.items():
            if isinstance(what, Certificate):
                service = QrMenuService(host=host, port=port, certificate=what)
                await stack.enter_async_context(service)
            elif what == KEEPS_SILENT:
                server = await asyncio.start_server(keep, host, port)
                stack.callback(server.abort_clients)
                stack.callback(server.close)
        yield port


def limits_for(shown: dict[str, Shown]) -> Limits:
    return SHORT if KEEPS_SILENT in shown.values() else DEFAULT_LIMITS


BAD_BESIDE: tuple[tuple[dict[str, Shown], Certificate | None, Certificate], ...] = (
    ({FIRST: UNKNOWN, SECOND: REFUSES}, PINNED, UNKNOWN),
    ({FIRST: REFUSES, SECOND: UNKNOWN}, PINNED, UNKNOWN),
    ({FIRST: UNKNOWN, SECOND: REFUSES}, None, UNKNOWN),
    ({FIRST: REFUSES, SECOND: UNKNOWN}, None, UNKNOWN),
    ({SIXTH: UNKNOWN, FIRST: REFUSES}, None, UNKNOWN),
    ({SIXTH: REFUSES, FIRST: UNKNOWN}, PINNED, UNKNOWN),
    ({FIRST: UNKNOWN, SECOND: KEEPS_SILENT}, None, UNKNOWN),
    ({FIRST: KEEPS_SILENT, SECOND: UNKNOWN}, PINNED, UNKNOWN),
    ({FIRST: PINNED, SECOND: UNKNOWN, SIXTH: REFUSES}, PINNED, UNKNOWN),
    ({FIRST: TRUSTED, SECOND: UNKNOWN}, None, UNKNOWN),
    ({FIRST: REFUSES, SECOND: ELSEWHERE}, None, ELSEWHERE),
    # Who pinned one has agreed to no other, whoever vouches for it.
    ({FIRST: REFUSES, SECOND: TRUSTED}, PINNED, TRUSTED),
)


@pytest.mark.parametrize(("shown", "pinned", "refused"), BAD_BESIDE)
async def test_a_certificate_that_is_not_accepted_wins_over_what_others_do(
    resolve: Callable[[Iterable[str]], None],
    shown: dict[str, Shown],
    pinned: Certificate | None,
    refused: Certificate,
) -> None:
    resolve(shown)
    pin = pinned.fingerprint if pinned else None
    async with machines(shown) as port:
        url = URL(f"https://{NAME}:{port}")
        more: Any = {
            "pinned": pin,
            "context": AUTHORITY.context(),
            "limits": limits_for(shown),
        }
        err = await refused_certificate(url, **more)
        seen = await read_certificate(url, **more)
    assert err is not None
    assert err.fingerprint == (refused.fingerprint if pin else None)
    assert seen.fingerprint == refused.fingerprint
    assert seen.is_trusted is (refused is TRUSTED)


@pytest.mark.parametrize(
    ("shown", "pinned"),
    [
        ({FIRST: REFUSES, SECOND: REFUSES}, PINNED),
        ({FIRST: PINNED, SECOND: REFUSES}, PINNED),
        ({FIRST: TRUSTED, SECOND: REFUSES, SIXTH: KEEPS_SILENT}, None),
        # What a single address does is known already.
        ({FIRST: UNKNOWN}, None),
    ],
)
async def test_where_none_is_refused_the_failure_is_what_it_was(
    resolve: Callable[[Iterable[str]], None],
    shown: dict[str, Shown],
    pinned: Certificate | None,
) -> None:
    resolve(shown)
    async with machines(shown) as port:
        for host in (NAME, FIRST):
            err = await refused_certificate(
                URL(f"https://{host}:{port}"),
                pinned=pinned.fingerprint if pinned else None,
                context=AUTHORITY.context(),
                limits=limits_for(shown),
            )
            assert err is None


async def test_addresses_that_all_keep_silent_are_a_timeout(
    resolve: Callable[[Iterable[str]], None],
) -> None:
    shown: dict[str, Shown] = dict.fromkeys((FIRST, SECOND, SIXTH), KEEPS_SILENT)
    resolve(shown)
    async with machines(shown) as port:
        with pytest.raises(ServiceTimeout):
            await read_certificate(URL(f"https://{NAME}:{port}"), limits=SHORT)


async def test_a_look_sends_no_request(
    resolve: Callable[[Iterable[str]], None],
) -> None:
    resolve((FIRST, SECOND))
    async with QrMenuService(host=FIRST, certificate=TRUSTED) as service:
        seen = await read_certificate(
            URL(f"https://{NAME}:{service.port}"), context=AUTHORITY.context()
        )
        await service.wait_until(lambda: service.open_connections == 0)
        assert service.requests == []
    assert seen.is_trusted
