"""What can happen to a QR menu server, each with its beginning and its end."""

from collections.abc import AsyncGenerator, Callable, Generator, Iterable, Mapping
from contextlib import (
    AbstractAsyncContextManager,
    ExitStack,
    asynccontextmanager,
    contextmanager,
)
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
import socket
import ssl
from typing import Any, Final
from unittest.mock import patch

from aiohttp import ThreadedResolver
from homeassistant.const import CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from custom_components.carbis_alerts.const import CONF_FINGERPRINT
from simulator.certificate import Certificate, make_certificate
from simulator.faults import Faults
from simulator.qr_menu import QrMenuService

type Happening = Callable[
    [QrMenuService, HomeAssistant], AbstractAsyncContextManager[None]
]

DAY: Final = timedelta(days=1)
PINNED: Final = make_certificate()
TRUSTED: Final = make_certificate()
EXPIRED: Final = make_certificate(
    not_before=datetime.now(UTC) - 2 * DAY, not_after=datetime.now(UTC) - DAY
)
UNKNOWN: Final = make_certificate()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault of a server, and what the site must know of it.

    ``error`` is the name of the error that it counts as, None where it must not
    disturb at all; ``says`` are events that come of the fault itself. ``hangs`` is
    for faults that end by a time limit.
    """

    happens: Happening
    error: str | None = None
    says: tuple[str, ...] = ()
    certificate: Certificate | None = None
    is_pinned: bool = False
    by_name: bool = False
    hangs: bool = False
    asks: tuple[str, ...] = ()

    def entry_data(self, service: QrMenuService) -> dict[str, Any]:
        """Return what an entry for the server holds."""
        url = service.url
        return {
            CONF_URL: url.replace(service.host, "localhost") if self.by_name else url,
            CONF_FINGERPRINT: (
                self.certificate.fingerprint
                if self.certificate is not None and self.is_pinned
                else None
            ),
        }


class _Resolver(ThreadedResolver):
    """The machine's own resolver; Home Assistant ends it by a method of this name."""

    real_close = ThreadedResolver.close


@contextmanager
def a_machine(context: ssl.SSLContext | None = None) -> Generator[None]:
    """Be a machine that resolves names and trusts as a context, else two certificates."""
    if context is None:
        context = ssl.create_default_context(
            cadata="".join(item.certificate_pem.decode() for item in (TRUSTED, EXPIRED))
        )
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    with ExitStack() as stack:
        for name in (
            "homeassistant.helpers.aiohttp_client.ssl_util.client_context",
            "custom_components.carbis_alerts.runtime.certificates.get_default_context",
        ):
            stack.enter_context(patch(name, return_value=context))
        # The test plugin's own resolver belongs to another loop.
        resolver = "homeassistant.helpers.aiohttp_client._async_make_resolver"
        stack.enter_context(patch(resolver, return_value=_Resolver()))
        yield


def _simulated(faults: Faults) -> Happening:
    @asynccontextmanager
    async def happen(service: QrMenuService, _: HomeAssistant) -> AsyncGenerator[None]:
        service.faults.set(faults)
        yield
        service.faults.clear()

    return happen


def _shows(certificate: Certificate | None) -> Happening:
    @asynccontextmanager
    async def happen(service: QrMenuService, _: HomeAssistant) -> AsyncGenerator[None]:
        before = service.certificate
        await service.set_certificate(certificate)
        yield
        await service.set_certificate(before)

    return happen


def _refuses_token(answer: Any) -> Happening:
    @asynccontextmanager
    async def happen(service: QrMenuService, _: HomeAssistant) -> AsyncGenerator[None]:
        before, service.auth_failure = service.token, answer
        service.token = "another"
        yield
        service.token = before

    return happen


@asynccontextmanager
async def _name_is_gone(
    service: QrMenuService, hass: HomeAssistant
) -> AsyncGenerator[None]:
    connector: Any = async_get_clientsession(hass).connector
    unknown = OSError(None, "Domain name not found")
    with patch.object(connector._resolver, "resolve", side_effect=unknown):
        connector.clear_dns_cache()
        await service.restart(keep_queue=True)
        yield


@asynccontextmanager
async def _accepts_nobody(
    service: QrMenuService, _: HomeAssistant
) -> AsyncGenerator[None]:
    """Listen with a queue that is full: the kernel drops who wants to connect."""
    await service.stop()
    with ExitStack() as stack:
        full = stack.enter_context(socket.socket())
        full.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        full.bind((service.host, service.port))
        full.listen(0)
        for _attempt in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex((service.host, service.port))
        yield
    await service.start()


@asynccontextmanager
async def _redirects_elsewhere(
    service: QrMenuService, _: HomeAssistant
) -> AsyncGenerator[None]:
    async with QrMenuService() as elsewhere:
        service.faults.set(Faults(redirect=f"{elsewhere.url}/api/v4/events"))
        yield
        service.faults.clear()
        assert elsewhere.connections == 0, "the token may have gone elsewhere"


def _answer(events: str) -> Faults:
    return Faults(garbage=f'{{"result": true, "data": {{"updates": [{events}]}}}}')


def _nested(levels: int) -> Faults:
    return _answer(
        f'{{"hash": "0xdeep", "code": "deep", "x": {"[" * levels}{"]" * levels}}}'
    )


DUPLICATE_KEYS: Final = Faults(
    garbage='{"result": false, "result": true, "data": 5, "data": {"updates": ['
    '{"hash": "0x1", "hash": "0xlast", "code": "?", "code": "waiter_call"}]}}'
)

UNAVAILABLE: Final = "ServiceUnavailable"
TIMEOUT: Final = "ServiceTimeout"
PROTOCOL: Final = "ProtocolError"
CERTIFICATE: Final = "CertificateError"
REFUSED: Final = "RequestRefused"
# The flow, and the repair by which Home Assistant leads to it.
REAUTH: Final = ("config_entry_reauth", "reauth")
REPAIR: Final = ("certificate_changed",)


def _plain(error: str, faults: Iterable[tuple[str, Faults]]) -> dict[str, Fault]:
    return {
        name: Fault(happens=_simulated(fault), error=error) for name, fault in faults
    }


def _token(name: str, answer: Any, error: str) -> dict[str, Fault]:
    fault = Fault(happens=_refuses_token(answer), error=error, asks=REAUTH)
    return {f"wrong token, {name}": fault}


FAULTS: Final[Mapping[str, Fault]] = {
    **_plain(
        UNAVAILABLE,
        [
            ("refused", Faults(refuse=True)),
            ("reset", Faults(reset=True)),
            ("500", Faults(status=500)),
            ("503", Faults(status=503)),
            ("cut off in the middle", Faults(cut=20)),
        ],
    ),
    "name unknown": Fault(happens=_name_is_gone, error=UNAVAILABLE, by_name=True),
    "connect time-out": Fault(happens=_accepts_nobody, error=TIMEOUT, hangs=True),
    "read time-out": Fault(
        happens=_simulated(Faults(half_open=True)), error=TIMEOUT, hangs=True
    ),
    "a byte at a time": Fault(
        happens=_simulated(Faults(drip=1.0)), error=TIMEOUT, hangs=True
    ),
    "429": Fault(
        happens=_simulated(Faults(status=429, headers={"Retry-After": "0"})),
        error="RateLimited",
    ),
    **_plain(
        PROTOCOL,
        [
            ("20 MB", Faults(body_size=20 * 1024 * 1024)),
            ("HTML", Faults(garbage=True)),
            ("truncated JSON", Faults(garbage='{"result": true, "data": {"upd')),
            ("updates no list", Faults(garbage='{"result": true, "data": [1]}')),
            ("404", Faults(status=404)),
            ("redirect in a circle", Faults(redirect="/api/v4/events")),
            ("1,100 levels deep", _nested(1100)),
        ],
    ),
    "redirect to another origin": Fault(happens=_redirects_elsewhere, error=PROTOCOL),
    "HTTP client, TLS server": Fault(happens=_shows(PINNED), error=UNAVAILABLE),
    "TLS client, HTTP server": Fault(
        happens=_shows(None), error=UNAVAILABLE, certificate=PINNED, is_pinned=True
    ),
    "certificate expired": Fault(
        happens=_shows(EXPIRED), error=CERTIFICATE, certificate=TRUSTED, asks=REPAIR
    ),
    "certificate changed": Fault(
        happens=_shows(UNKNOWN),
        error=CERTIFICATE,
        certificate=PINNED,
        is_pinned=True,
        asks=REPAIR,
    ),
    **_token("401", 401, "AuthenticationError"),
    **_token("403", 403, "AuthenticationError"),
    **_token("result false", "result_false", REFUSED),
    # What must not disturb.
    "redirect to the same origin": Fault(
        happens=_simulated(Faults(redirect="/api/v4/events?hash=none", times=1))
    ),
    "pinned certificate expired": Fault(
        happens=_shows(EXPIRED), certificate=EXPIRED, is_pinned=True
    ),
    "204": Fault(happens=_simulated(Faults(no_content=True))),
    "empty body": Fault(happens=_simulated(Faults(empty=True))),
    "an empty list": Fault(
        happens=_simulated(Faults(garbage='{"result": true, "data": []}'))
    ),
    "an empty object": Fault(
        happens=_simulated(Faults(garbage='{"result": true, "data": {"updates": {}}}'))
    ),
    "100 levels deep": Fault(happens=_simulated(_nested(100)), says=("0xdeep",)),
    "1,000 levels deep": Fault(happens=_simulated(_nested(1000)), says=("0xdeep",)),
    "duplicate keys": Fault(happens=_simulated(DUPLICATE_KEYS), says=("0xlast",)),
}
