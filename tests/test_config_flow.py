"""Set-up, reauth and reconfigure, through the front door, against a real server."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import ExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
import logging
import socket
import ssl
from typing import Any, override
from unittest.mock import AsyncMock, Mock, patch

import aiohttp
from aiohttp.abc import ResolveResult
from homeassistant.config_entries import (
    SOURCE_REAUTH,
    SOURCE_USER,
    ConfigEntry,
    ConfigEntryState,
    ConfigFlowResult,
)
from homeassistant.const import CONF_NAME, CONF_TOKEN, CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.exceptions import ConfigEntryNotReady
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import pytest_socket

from custom_components.carbis_alerts.api.certificate import ServerCertificate
from custom_components.carbis_alerts.api.texts import whole
from custom_components.carbis_alerts.api.transport import Limits
from custom_components.carbis_alerts.config_flow import CONF_TRUST
from custom_components.carbis_alerts.const import CONF_FINGERPRINT, CONF_SERVICE, DOMAIN
from custom_components.carbis_alerts.runtime.certificates import async_read
from simulator.certificate import Certificate, make_certificate
from simulator.faults import Faults
from simulator.qr_menu import PATH, QrMenuService

from .conftest import TOKEN, Recorder
from .flows import every_word_known, secrets_kept, short_limits, suggested
from .old_tls import TOO_OLD, Setting, aged
from .timings import timed

FLOW = "custom_components.carbis_alerts.connector"
QR_FORM = "custom_components.carbis_alerts.services.qr_menu.form"
SETUP = "custom_components.carbis_alerts.async_setup_entry"
WRONG = "wr0ng-token-of-a-guest"
NEW = "n3w-token-of-the-server"

type MakeEntry = Callable[..., MockConfigEntry]


@pytest.fixture(autouse=True)
def _watch(caplog: pytest.LogCaptureFixture) -> Generator[None]:
    """Whatever a test does: all that is shown has words, and no secret is logged."""
    with every_word_known(), secrets_kept(caplog, TOKEN, WRONG, NEW):
        yield


@pytest.fixture
async def other_menu() -> AsyncGenerator[QrMenuService]:
    """Return a second server, on another port."""
    async with QrMenuService(token=TOKEN) as service:
        yield service


@pytest.fixture
async def tls_menu() -> AsyncGenerator[QrMenuService]:
    """Return a server with a certificate that nobody knows."""
    async with QrMenuService(token=TOKEN, certificate=make_certificate()) as service:
        yield service


@pytest.fixture
def no_certificate_read() -> Generator[AsyncMock]:
    """Return the function that looks at certificates, which should not be called."""
    with patch(f"{FLOW}.async_read", AsyncMock()) as mock:
        yield mock


class OnlyLocalhost(aiohttp.ThreadedResolver):
    """A resolver that knows this one name and asks nobody for others."""

    @override
    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,
    ) -> list[ResolveResult]:
        if host != "localhost":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return await super().resolve("127.0.0.1", port, family)

    async def real_close(self) -> None:
        """Close; Home Assistant's own resolver has it under this name."""
        await self.close()


@pytest.fixture
def only_localhost() -> Generator[None]:
    """Ask no name server."""
    with patch(
        "homeassistant.helpers.aiohttp_client._async_make_resolver",
        side_effect=lambda *_: OnlyLocalhost(),
    ):
        yield


@asynccontextmanager
async def mute_server() -> AsyncGenerator[int]:
    """Accept connections and never say a word; yield the port."""
    writers: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(
        lambda _, writer: writers.append(writer), "127.0.0.1", 0
    )
    async with server:
        yield server.sockets[0].getsockname()[1]
        for writer in writers:
            writer.transport.abort()


async def begin(hass: HomeAssistant) -> ConfigFlowResult:
    """Open the form of the QR menu."""
    menu = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    return await submit(hass, menu, next_step_id="qr_menu")


async def submit(
    hass: HomeAssistant, shown: ConfigFlowResult, **user_input: Any
) -> ConfigFlowResult:
    """Fill in the form that is shown and go on."""
    result = await hass.config_entries.flow.async_configure(
        shown["flow_id"], user_input
    )
    if result["type"] in (FlowResultType.CREATE_ENTRY, FlowResultType.ABORT):
        await hass.async_block_till_done()
    return result


def assert_form(result: ConfigFlowResult, step: str, **errors: str) -> None:
    """Check which form is shown, and its errors."""
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == step
    assert result["errors"] == errors


def assert_aborted(result: ConfigFlowResult, reason: str) -> None:
    """Check how a flow ended."""
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == reason


def assert_created(result: ConfigFlowResult, url: str, pin: str | None = None) -> None:
    """Check that an entry was created, complete and loaded."""
    assert result["type"] is FlowResultType.CREATE_ENTRY
    entry: ConfigEntry = result["result"]
    assert entry.data == {
        CONF_SERVICE: "qr_menu",
        CONF_URL: url,
        CONF_TOKEN: TOKEN,
        CONF_FINGERPRINT: pin,
    }
    assert entry.state is ConfigEntryState.LOADED


def fingerprint(service: QrMenuService) -> str:
    """Return the fingerprint of a server's certificate."""
    assert service.certificate is not None
    return service.certificate.fingerprint


def trust(certificate: Certificate | None) -> Any:
    """Let Home Assistant know a certificate, as if an authority had issued it."""
    assert certificate is not None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=certificate.certificate_pem.decode())
    stack = ExitStack()
    for name in (
        "homeassistant.helpers.aiohttp_client.ssl_util.client_context",
        "custom_components.carbis_alerts.runtime.certificates.get_default_context",
    ):
        stack.enter_context(patch(name, return_value=context))
    return stack


# Set-up


async def test_the_menu_offers_the_services_there_are(hass: HomeAssistant) -> None:
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )

    assert result["type"] is FlowResultType.MENU
    assert result["step_id"] == "user"
    assert result["menu_options"] == ["qr_menu", "pbx", "green_api", "team"]


async def test_the_empty_form_asks_for_address_and_token(hass: HomeAssistant) -> None:
    result = await begin(hass)

    assert_form(result, "qr_menu")
    assert not any(suggested(result).values())
    with pytest.raises(InvalidData):
        await submit(hass, result, url="127.0.0.1")
    with pytest.raises(InvalidData):
        await submit(hass, result, token=TOKEN)


async def test_a_server_that_answers_becomes_an_entry_that_works(
    hass: HomeAssistant, qr_menu: QrMenuService, bus: Recorder
) -> None:
    with timed(poll_interval=0.01):
        result = await submit(hass, await begin(hass), url=qr_menu.url, token=TOKEN)

    assert_created(result, qr_menu.url)
    assert result["title"] == "127.0.0.1"
    assert result["result"].unique_id is None
    assert result["result"].options == {}
    first, *_ = qr_menu.requests
    assert (first.path, first.cursor, first.token_ok) == (PATH, "none", True)
    await qr_menu.wait_until(lambda: qr_menu.answered > 1)
    qr_menu.waiter_call("6")
    (data,) = await bus.wait(1)
    assert data["entry_title"] == "127.0.0.1"


@pytest.mark.parametrize(
    "typed",
    [
        "{url}/",
        "{url}///",
        "  {url}\t\n",
        "HTTP://127.0.0.1:{port}",
        "{url}/api/v4/events",
        "{url}/api/v4/events?hash=none",
        "{url}?hash=none#top",
        " 127.0.0.1:{port} ",
        "127.0.0.1:{port}/api/v4/events?hash=0xd8833dd3",
    ],
)
async def test_an_address_may_be_written_in_many_ways(
    hass: HomeAssistant, qr_menu: QrMenuService, typed: str
) -> None:
    """What has no scheme means https, so the server gets a certificate for it."""
    address = typed.format(url=qr_menu.url, port=qr_menu.port)
    certificate = make_certificate()
    if "://" not in address:
        await qr_menu.set_certificate(certificate)

    with trust(certificate):
        result = await submit(hass, await begin(hass), url=address, token=TOKEN)

    assert_created(result, qr_menu.url)


async def test_a_path_before_the_api_is_kept(
    hass: HomeAssistant, qr_menu: QrMenuService
) -> None:
    shown = await begin(hass)
    result = await submit(hass, shown, url=f"{qr_menu.url}/x/{PATH}", token=TOKEN)

    # The simulator has nothing there.
    assert_form(result, "qr_menu", base="invalid_response")
    assert qr_menu.requests[-1].path == f"/x{PATH}"


@pytest.mark.parametrize("setting", TOO_OLD.values(), ids=TOO_OLD)
async def test_encryption_that_is_too_old_is_reported_so_and_can_be_tried_again(
    hass: HomeAssistant, tls_menu: QrMenuService, setting: Setting
) -> None:
    certificate = aged(setting)
    await tls_menu.set_certificate(certificate)
    shown = await submit(hass, await begin(hass), url=tls_menu.url, token=TOKEN)
    assert_form(shown, "qr_menu", base="tls_too_old")
    assert suggested(shown) == {CONF_URL: tls_menu.url, CONF_TOKEN: TOKEN}
    assert tls_menu.received == 0
    await tls_menu.set_certificate(make_certificate())
    shown = await submit(hass, shown, url=tls_menu.url, token=TOKEN)
    assert_form(shown, "certificate")


@pytest.mark.parametrize(
    "page",
    [
        *("/admin/settings", "/", "/index.html?tab=1#x", " /admin/?a=b "),
        *("/api/v4/events/?hash=none#x", "/api/v4/events/more"),
    ],
)
async def test_the_address_of_a_page_of_the_server_is_the_servers(
    hass: HomeAssistant, qr_menu: QrMenuService, page: str
) -> None:
    shown = await begin(hass)
    result = await submit(hass, shown, url=f"{qr_menu.url}{page}", token=TOKEN)
    assert_created(result, qr_menu.url)


async def test_spaces_around_a_token_are_not_part_of_it(
    hass: HomeAssistant, qr_menu: QrMenuService
) -> None:
    shown = await begin(hass)
    result = await submit(hass, shown, url=qr_menu.url, token=f"  {TOKEN}\n")

    assert_created(result, qr_menu.url)


@pytest.mark.parametrize("typed", ["[::1]", "[0:0:0:0:0:0:0:1]"])
async def test_a_server_may_have_an_ipv6_address(
    hass: HomeAssistant, typed: str
) -> None:
    pytest_socket.socket_allow_hosts(["127.0.0.1", "::1"])
    certificate = make_certificate(["::1"])
    async with QrMenuService(
        token=TOKEN, host="::1", certificate=certificate
    ) as qr_menu:
        shown = await begin(hass)
        shown = await submit(hass, shown, url=f"{typed}:{qr_menu.port}", token=TOKEN)
        assert_form(shown, "certificate")

        result = await submit(hass, shown, trust=True)

        assert_created(result, qr_menu.url, certificate.fingerprint)
        assert result["title"] == "::1"
        assert await hass.config_entries.async_remove(result["result"].entry_id)


# Errors


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "  ",
        "https://",
        "http:///api/v4/events",
        "://127.0.0.1",
        "ftp://127.0.0.1",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "the server",
        "https://the server:8443",
        "127.0.0.1:0",
        "127.0.0.1:65536",
        "127.0.0.1:-1",
        "127.0.0.1:port",
        "::1",
        "[::1",
        "https://[server]",
        "https://admin@127.0.0.1",
        "https://admin:password@127.0.0.1",
        "https://?hash=none",
        "https://127.0.0.1\\api",
        *("http//127.0.0.1:8443", "htp://127.0.0.1", "http;//127.0.0.1:8443"),
        *("https:/127.0.0.1", "https//127.0.0.1", "ws://127.0.0.1", "h//127.0.0.1"),
        "\u200b127.0.0.1",
        "\ud800",
    ],
)
async def test_what_is_no_address_is_reported_at_the_field_and_can_be_fixed(
    hass: HomeAssistant, qr_menu: QrMenuService, typed: str
) -> None:
    shown = await submit(hass, await begin(hass), url=typed, token=TOKEN)

    assert_form(shown, "qr_menu", url="invalid_url")
    assert suggested(shown) == {CONF_URL: whole(typed), CONF_TOKEN: TOKEN}
    assert qr_menu.connections == 0
    assert_created(await submit(hass, shown, url=qr_menu.url, token=TOKEN), qr_menu.url)


HTML = "<html><body>Router</body></html>"


@pytest.mark.parametrize(
    ("faults", "error"),
    [
        pytest.param(Faults(refuse=True), "cannot_connect", id="refused"),
        pytest.param(Faults(reset=True), "cannot_connect", id="reset"),
        pytest.param(Faults(cut=10), "cannot_connect", id="cut off"),
        pytest.param(Faults(status=408), "cannot_connect", id="408"),
        pytest.param(Faults(status=429), "cannot_connect", id="429"),
        pytest.param(
            Faults(status=429, headers={"Retry-After": "3600"}),
            "cannot_connect",
            id="429 for an hour",
        ),
        pytest.param(Faults(status=500), "cannot_connect", id="500"),
        pytest.param(Faults(status=502, body=HTML), "cannot_connect", id="502"),
        pytest.param(Faults(status=503), "cannot_connect", id="503"),
        pytest.param(Faults(status=401, body=HTML), "invalid_auth", id="401"),
        pytest.param(Faults(status=403), "invalid_auth", id="403"),
        pytest.param(Faults(status=400), "invalid_response", id="400"),
        pytest.param(Faults(status=404), "invalid_response", id="404"),
        pytest.param(Faults(garbage=True), "invalid_response", id="HTML"),
        pytest.param(Faults(garbage='{"updates": ['), "invalid_response", id="half"),
        pytest.param(Faults(garbage="[]"), "invalid_response", id="a list"),
        pytest.param(Faults(garbage="null"), "invalid_response", id="null"),
        pytest.param(
            Faults(garbage='{"version": 1}'), "invalid_response", id="another service"
        ),
        pytest.param(
            Faults(garbage='{"result": true, "data": [1]}'),
            "invalid_response",
            id="no updates",
        ),
        pytest.param(
            Faults(redirect="http://192.0.2.1/"), "invalid_response", id="redirect"
        ),
        pytest.param(Faults(redirect="/"), "invalid_response", id="redirect to 404"),
        pytest.param(Faults(redirect=PATH), "invalid_response", id="circle"),
    ],
)
async def test_a_server_that_fails_is_reported_and_can_be_tried_again(
    hass: HomeAssistant, qr_menu: QrMenuService, faults: Faults, error: str
) -> None:
    shown = await begin(hass)
    qr_menu.faults.set(faults)

    shown = await submit(hass, shown, url=qr_menu.url, token=TOKEN)

    assert_form(shown, "qr_menu", base=error)
    assert suggested(shown) == {CONF_URL: qr_menu.url, CONF_TOKEN: TOKEN}
    assert hass.config_entries.async_entries(DOMAIN) == []
    qr_menu.faults.clear()
    assert_created(await submit(hass, shown, url=qr_menu.url, token=TOKEN), qr_menu.url)


async def test_a_redirect_does_not_carry_the_token_to_another_server(
    hass: HomeAssistant, qr_menu: QrMenuService, other_menu: QrMenuService
) -> None:
    qr_menu.faults.set(Faults(redirect=f"{other_menu.url}{PATH}?hash=none"))

    result = await submit(hass, await begin(hass), url=qr_menu.url, token=TOKEN)

    assert_form(result, "qr_menu", base="invalid_response")
    assert other_menu.connections == 0


async def test_a_redirect_within_the_server_is_followed(
    hass: HomeAssistant, qr_menu: QrMenuService
) -> None:
    qr_menu.faults.set(Faults(redirect=f"{PATH}?hash=none", times=1))

    result = await submit(hass, await begin(hass), url=qr_menu.url, token=TOKEN)

    assert_created(result, qr_menu.url)


@pytest.mark.parametrize("failure", [401, 403, "result_false"])
async def test_a_wrong_token_is_reported_however_the_server_says_it(
    hass: HomeAssistant, qr_menu: QrMenuService, failure: Any
) -> None:
    qr_menu.auth_failure = failure

    shown = await submit(hass, await begin(hass), url=qr_menu.url, token=WRONG)

    assert_form(shown, "qr_menu", base="invalid_auth")
    assert suggested(shown) == {CONF_URL: qr_menu.url, CONF_TOKEN: WRONG}
    assert_created(await submit(hass, shown, url=qr_menu.url, token=TOKEN), qr_menu.url)


@pytest.mark.parametrize(
    ("token", "requests"),
    [
        ("", 0),
        ("   ", 0),
        ("two\nlines", 0),
        ("a\r\nX-Header: b", 0),
        ("nul\x00", 0),
        ("\ud800", 0),
        ("токен", 1),
        ("two words", 1),
        ("x" * 5000, 1),
    ],
)
async def test_what_no_server_takes_for_a_token_is_a_wrong_one(
    hass: HomeAssistant, qr_menu: QrMenuService, token: str, requests: int
) -> None:
    """What cannot stand in a header is never sent."""
    shown = await submit(hass, await begin(hass), url=qr_menu.url, token=token)

    assert_form(shown, "qr_menu", base="invalid_auth")
    assert len(qr_menu.requests) == requests
    assert_created(await submit(hass, shown, url=qr_menu.url, token=TOKEN), qr_menu.url)


@pytest.mark.usefixtures("only_localhost")
async def test_an_unknown_host_cannot_be_reached(
    hass: HomeAssistant, qr_menu: QrMenuService
) -> None:
    shown = await begin(hass)

    shown = await submit(hass, shown, url="menu.invalid", token=TOKEN)

    assert_form(shown, "qr_menu", base="cannot_connect")
    assert suggested(shown) == {CONF_URL: "menu.invalid", CONF_TOKEN: TOKEN}
    assert_created(await submit(hass, shown, url=qr_menu.url, token=TOKEN), qr_menu.url)


async def test_https_where_the_server_speaks_http_cannot_connect(
    hass: HomeAssistant, qr_menu: QrMenuService
) -> None:
    address = f"127.0.0.1:{qr_menu.port}"

    shown = await submit(hass, await begin(hass), url=address, token=TOKEN)

    assert_form(shown, "qr_menu", base="cannot_connect")
    assert qr_menu.requests == []
    assert_created(await submit(hass, shown, url=qr_menu.url, token=TOKEN), qr_menu.url)


@pytest.mark.parametrize("faults", [Faults(half_open=True), Faults(drip=0.05)])
async def test_a_server_that_never_finishes_its_answer_runs_into_the_limit(
    hass: HomeAssistant, qr_menu: QrMenuService, faults: Faults
) -> None:
    qr_menu.faults.set(faults)

    with short_limits(faults):
        shown = await submit(hass, await begin(hass), url=qr_menu.url, token=TOKEN)

    assert_form(shown, "qr_menu", base="timeout")
    qr_menu.faults.clear()
    assert_created(await submit(hass, shown, url=qr_menu.url, token=TOKEN), qr_menu.url)


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_server_that_accepts_and_keeps_silent_runs_into_the_limit(
    hass: HomeAssistant, scheme: str
) -> None:
    async with mute_server() as port:
        address = f"{scheme}://127.0.0.1:{port}"

        with short_limits(Faults(half_open=True)):
            shown = await submit(hass, await begin(hass), url=address, token=TOKEN)

    assert_form(shown, "qr_menu", base="timeout")


@pytest.mark.parametrize(
    "where", [f"{QR_FORM}.QrMenuClient.fetch", f"{FLOW}.async_read"]
)
async def test_what_nobody_expects_is_reported_and_logged(
    hass: HomeAssistant,
    tls_menu: QrMenuService,
    caplog: pytest.LogCaptureFixture,
    where: str,
) -> None:
    shown = await begin(hass)
    with patch(where, side_effect=RuntimeError("out of cheese")):
        shown = await submit(hass, shown, url=tls_menu.url, token=TOKEN)

    assert_form(shown, "qr_menu", base="unknown")
    (record,) = [line for line in caplog.records if line.levelno >= logging.ERROR]
    assert record.name == FLOW
    assert "out of cheese" in str(record.exc_text)
    shown = await submit(hass, shown, url=tls_menu.url, token=TOKEN)
    assert_created(
        await submit(hass, shown, trust=True), tls_menu.url, fingerprint(tls_menu)
    )


async def test_a_failure_that_is_expected_is_not_logged_as_an_error(
    hass: HomeAssistant, qr_menu: QrMenuService, caplog: pytest.LogCaptureFixture
) -> None:
    qr_menu.faults.set(Faults(status=500))

    await submit(hass, await begin(hass), url=qr_menu.url, token=TOKEN)

    assert [
        line
        for line in caplog.records
        if line.levelno > logging.INFO and line.name.startswith("custom_components")
    ] == []


# Certificate


async def test_a_certificate_that_nobody_knows_is_shown_before_anything_is_sent(
    hass: HomeAssistant, tls_menu: QrMenuService
) -> None:
    certificate = make_certificate(
        ["menu.restaurant.example", "127.0.0.1", "::1"],
        not_before=datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC),
        not_after=datetime(2045, 1, 1, tzinfo=UTC),
    )
    await tls_menu.set_certificate(certificate)

    shown = await submit(hass, await begin(hass), url=tls_menu.url, token=TOKEN)

    assert_form(shown, "certificate")
    assert suggested(shown) == {}
    print_ = certificate.fingerprint.upper()
    assert shown["description_placeholders"] == {
        "fingerprint": ":".join(print_[at : at + 2] for at in range(0, 64, 2)),
        "names": "menu.restaurant.example, 127.0.0.1, ::1",
        "not_before": "2025-12-31",
        "not_after": "2045-01-01",
        "host": "127.0.0.1",
    }
    assert tls_menu.connections == 3
    assert tls_menu.requests == []

    result = await submit(hass, shown, trust=True)

    assert_created(result, tls_menu.url, certificate.fingerprint)
    assert {request.token_ok for request in tls_menu.requests} == {True}


async def test_a_certificate_without_names_is_shown_with_a_dash(
    hass: HomeAssistant, tls_menu: QrMenuService
) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    nameless = ServerCertificate(
        fingerprint="0" * 64, names=(), not_before=moment, not_after=moment
    )
    shown = await begin(hass)
    with patch(f"{FLOW}.async_read", AsyncMock(return_value=nameless)):
        shown = await submit(hass, shown, url=tls_menu.url, token=TOKEN)

    assert_form(shown, "certificate")
    assert shown["description_placeholders"] is not None
    assert shown["description_placeholders"]["names"] == "—"


async def test_without_trust_no_connection_is_made_and_the_question_stays(
    hass: HomeAssistant, tls_menu: QrMenuService
) -> None:
    asked = await submit(hass, await begin(hass), url=tls_menu.url, token=TOKEN)

    for answer in ({CONF_TRUST: False}, {}):
        shown = await submit(hass, asked, **answer)
        assert_form(shown, "certificate", base="certificate_rejected")
        assert shown["description_placeholders"] == asked["description_placeholders"]
    assert tls_menu.requests == []

    assert_created(
        await submit(hass, asked, trust=True), tls_menu.url, fingerprint(tls_menu)
    )


async def test_a_wrong_token_after_trust_does_not_ask_for_trust_again(
    hass: HomeAssistant, tls_menu: QrMenuService
) -> None:
    shown = await submit(hass, await begin(hass), url=tls_menu.url, token=WRONG)
    assert_form(shown, "certificate")

    shown = await submit(hass, shown, trust=True)

    assert_form(shown, "qr_menu", base="invalid_auth")
    assert suggested(shown) == {CONF_URL: tls_menu.url, CONF_TOKEN: WRONG}
    assert_created(
        await submit(hass, shown, url=tls_menu.url, token=TOKEN),
        tls_menu.url,
        fingerprint(tls_menu),
    )


async def test_trust_in_one_server_is_none_in_another(
    hass: HomeAssistant, tls_menu: QrMenuService
) -> None:
    """Even where both show the same certificate: a person has not seen that."""
    async with QrMenuService(token=TOKEN, certificate=tls_menu.certificate) as other:
        shown = await submit(hass, await begin(hass), url=tls_menu.url, token=WRONG)
        shown = await submit(hass, shown, trust=True)
        assert_form(shown, "qr_menu", base="invalid_auth")

        shown = await submit(hass, shown, url=other.url, token=TOKEN)

        assert_form(shown, "certificate")
        assert other.requests == []


async def test_a_certificate_that_changes_after_the_question_is_asked_about_again(
    hass: HomeAssistant, tls_menu: QrMenuService
) -> None:
    first = await submit(hass, await begin(hass), url=tls_menu.url, token=TOKEN)
    await tls_menu.set_certificate(make_certificate())

    second = await submit(hass, first, trust=True)

    assert_form(second, "certificate")
    placeholders = second["description_placeholders"]
    assert placeholders is not None
    shown = placeholders["fingerprint"].replace(":", "").lower()
    assert shown == fingerprint(tls_menu)
    assert tls_menu.requests == []
    assert_created(
        await submit(hass, second, trust=True), tls_menu.url, fingerprint(tls_menu)
    )


async def test_a_certificate_that_is_trusted_after_the_question_is_asked_about_again(
    hass: HomeAssistant, tls_menu: QrMenuService
) -> None:
    authority = make_certificate()
    with trust(authority):
        shown = await submit(hass, await begin(hass), url=tls_menu.url, token=TOKEN)
        assert_form(shown, "certificate")
        await tls_menu.set_certificate(authority)

        shown = await submit(hass, shown, trust=True)
        assert_form(shown, "certificate_trusted")
        assert tls_menu.requests == []
        assert_created(await submit(hass, shown, trust=True), tls_menu.url)


async def test_an_expired_certificate_can_be_pinned_and_its_dates_are_shown(
    hass: HomeAssistant, tls_menu: QrMenuService
) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    expired = make_certificate(
        not_before=yesterday - timedelta(days=365), not_after=yesterday
    )
    await tls_menu.set_certificate(expired)
    shown = await begin(hass)
    with trust(expired):
        shown = await submit(hass, shown, url=tls_menu.url, token=TOKEN)

        assert_form(shown, "certificate")
        placeholders = shown["description_placeholders"]
        assert placeholders is not None
        assert placeholders["not_after"] == yesterday.date().isoformat()
        assert_created(
            await submit(hass, shown, trust=True), tls_menu.url, expired.fingerprint
        )


async def test_a_certificate_for_another_name_is_asked_about(
    hass: HomeAssistant, tls_menu: QrMenuService
) -> None:
    certificate = make_certificate(["menu.restaurant.example"])
    await tls_menu.set_certificate(certificate)
    with trust(certificate):
        shown = await submit(hass, await begin(hass), url=tls_menu.url, token=TOKEN)

    assert_form(shown, "certificate")
    assert tls_menu.requests == []


@pytest.mark.parametrize("asked_again", [False, True])
async def test_a_server_that_vanishes_while_its_certificate_is_read_is_reported(
    hass: HomeAssistant, tls_menu: QrMenuService, asked_again: bool
) -> None:
    async def vanish(*args: Any, **kwargs: Any) -> ServerCertificate:
        tls_menu.faults.set(Faults(refuse=True))
        return await async_read(*args, **kwargs)

    shown = await begin(hass)
    typed: dict[str, Any] = {CONF_URL: tls_menu.url, CONF_TOKEN: TOKEN}
    if asked_again:
        shown = await submit(hass, shown, **typed)
        await tls_menu.set_certificate(make_certificate())
        typed = {CONF_TRUST: True}
    with patch(f"{FLOW}.async_read", vanish):
        shown = await submit(hass, shown, **typed)

    assert_form(shown, "qr_menu", base="cannot_connect")
    tls_menu.faults.clear()
    shown = await submit(hass, shown, url=tls_menu.url, token=TOKEN)
    assert_form(shown, "certificate")
    assert_created(
        await submit(hass, shown, trust=True), tls_menu.url, fingerprint(tls_menu)
    )


async def test_a_server_that_falls_silent_while_its_certificate_is_read_is_reported(
    hass: HomeAssistant, tls_menu: QrMenuService
) -> None:
    async with mute_server() as port:

        async def fall_silent(url: Any, *_: Any) -> ServerCertificate:
            limits = Limits(connect=0.1, total=0.1)
            return await async_read(url.with_port(port), None, limits)

        shown = await begin(hass)
        with patch(f"{FLOW}.async_read", fall_silent):
            shown = await submit(hass, shown, url=tls_menu.url, token=TOKEN)

    assert_form(shown, "qr_menu", base="timeout")


async def test_a_server_that_fails_after_trust_is_reported_on_the_form(
    hass: HomeAssistant, tls_menu: QrMenuService
) -> None:
    shown = await submit(hass, await begin(hass), url=tls_menu.url, token=TOKEN)
    tls_menu.faults.set(Faults(status=404))

    shown = await submit(hass, shown, trust=True)

    assert_form(shown, "qr_menu", base="invalid_response")


# The same server again


@pytest.mark.parametrize(
    ("known", "typed"),
    [
        ("http://127.0.0.1:8181", "http://127.0.0.1:8181"),
        ("http://127.0.0.1:8181", "127.0.0.1:8181"),
        ("http://127.0.0.1:8181", "https://127.0.0.1:8181/api/v4/events?hash=none"),
        ("http://127.0.0.1:8181", "  HTTP://127.0.0.1:8181/other/path "),
        ("https://menu.example", "menu.example"),
        ("https://menu.example", "https://MENU.Example:443/"),
        ("https://menu.example", "http://menu.example:443"),
        ("http://menu.example", "http://menu.example:80"),
        ("https://xn--h1aeblog.example", "СТОЛИК.example"),
        ("https://[::1]:8443", "[0:0:0:0:0:0:0:1]:8443"),
    ],
)
async def test_a_server_is_set_up_only_once_however_it_is_written(
    hass: HomeAssistant, known: str, typed: str
) -> None:
    MockConfigEntry(
        domain=DOMAIN,
        data={
            CONF_SERVICE: "qr_menu",
            CONF_URL: known,
            CONF_TOKEN: TOKEN,
            CONF_FINGERPRINT: None,
        },
    ).add_to_hass(hass)

    result = await submit(hass, await begin(hass), url=typed, token=TOKEN)

    assert_aborted(result, "already_configured")


async def test_another_port_is_another_server(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    other_menu: QrMenuService,
) -> None:
    result = await submit(hass, await begin(hass), url=other_menu.url, token=TOKEN)

    assert_created(result, other_menu.url)
    assert len(hass.config_entries.async_entries(DOMAIN)) == 2


async def test_a_server_that_is_set_up_by_two_people_at_a_time_is_set_up_once(
    hass: HomeAssistant, qr_menu: QrMenuService
) -> None:
    slow, quick = await begin(hass), await begin(hass)
    qr_menu.faults.set(Faults(half_open=True, times=1))
    waiting = asyncio.create_task(submit(hass, slow, url=qr_menu.url, token=TOKEN))
    await qr_menu.wait_until(lambda: qr_menu.received == 1)
    assert_created(await submit(hass, quick, url=qr_menu.url, token=TOKEN), qr_menu.url)
    qr_menu.faults.clear()

    assert_aborted(await waiting, "already_configured")
    assert len(hass.config_entries.async_entries(DOMAIN)) == 1


# Reauth


async def test_refused_credentials_open_the_form_and_a_new_token_fixes_them(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry
) -> None:
    qr_menu.token = NEW
    await qr_menu.wait_for_requests(2)
    (flow,) = entry.async_get_active_flows(hass, {SOURCE_REAUTH})
    shown = await hass.config_entries.flow.async_configure(flow["flow_id"])
    assert_form(shown, "reauth_confirm")
    assert suggested(shown) == {CONF_URL: qr_menu.url}
    assert shown["description_placeholders"] is not None
    assert shown["description_placeholders"]["title"] == "QR menu 127.0.0.1"

    shown = await submit(hass, shown, url=qr_menu.url, token=WRONG)
    assert_form(shown, "reauth_confirm", base="invalid_auth")
    assert suggested(shown) == {CONF_URL: qr_menu.url, CONF_TOKEN: WRONG}
    result = await submit(hass, shown, url=qr_menu.url, token=NEW)

    assert_aborted(result, "reauth_successful")
    assert entry.data[CONF_TOKEN] == NEW
    assert entry.state is ConfigEntryState.LOADED
    await qr_menu.wait_for_requests(2)
    assert qr_menu.requests[-1].token_ok
    assert not any(entry.async_get_active_flows(hass, {SOURCE_REAUTH}))


@pytest.mark.parametrize("blank", [{}, {CONF_TOKEN: ""}, {CONF_TOKEN: "  "}])
async def test_a_token_left_blank_stays_as_it_is(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    other_menu: QrMenuService,
    blank: dict[str, str],
) -> None:
    shown = await entry.start_reauth_flow(hass)
    assert_form(shown, "reauth_confirm")

    result = await submit(hass, shown, url=other_menu.url, **blank)

    assert_aborted(result, "reauth_successful")
    assert entry.data == {
        CONF_SERVICE: "qr_menu",
        CONF_URL: other_menu.url,
        CONF_TOKEN: TOKEN,
        CONF_FINGERPRINT: None,
    }
    await other_menu.wait_for_requests()


async def start(
    hass: HomeAssistant, entry: MockConfigEntry, source: str
) -> ConfigFlowResult:
    """Open the form that changes an entry."""
    if source == SOURCE_REAUTH:
        return await entry.start_reauth_flow(hass)
    return await entry.start_reconfigure_flow(hass)


change = pytest.mark.parametrize(
    ("source", "step"),
    [("reauth", "reauth_confirm"), ("reconfigure", "reconfigure")],
)


@change
@pytest.mark.parametrize(
    ("typed", "faults", "errors"),
    [
        ({CONF_URL: "the server"}, Faults(), {CONF_URL: "invalid_url"}),
        ({}, Faults(refuse=True), {"base": "cannot_connect"}),
        ({}, Faults(wrong_token=True), {"base": "invalid_auth"}),
        ({CONF_TOKEN: WRONG}, Faults(), {"base": "invalid_auth"}),
        ({CONF_TOKEN: "two\nlines"}, Faults(), {"base": "invalid_auth"}),
        ({}, Faults(garbage=True), {"base": "invalid_response"}),
        ({}, Faults(half_open=True), {"base": "timeout"}),
    ],
)
async def test_a_change_that_fails_leaves_the_entry_as_it_is(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    other_menu: QrMenuService,
    source: str,
    step: str,
    typed: dict[str, str],
    faults: Faults,
    errors: dict[str, str],
) -> None:
    before = dict(entry.data)
    shown = await start(hass, entry, source)
    other_menu.faults.set(faults)
    typed = {CONF_URL: other_menu.url, **typed}

    with short_limits(faults):
        shown = await submit(hass, shown, **typed)

    assert_form(shown, step, **errors)
    assert suggested(shown) == typed
    assert entry.data == before
    assert entry.state is ConfigEntryState.LOADED
    other_menu.faults.clear()
    assert_aborted(
        await submit(hass, shown, url=other_menu.url), f"{source}_successful"
    )
    assert entry.data == {**before, CONF_URL: other_menu.url}


@change
async def test_a_change_that_ends_in_something_unexpected_is_reported(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    make_entry: MakeEntry,
    source: str,
    step: str,
) -> None:
    entry = make_entry(qr_menu)
    shown = await start(hass, entry, source)
    with patch(f"{QR_FORM}.QrMenuClient.fetch", side_effect=RuntimeError):
        shown = await submit(hass, shown, url=qr_menu.url)

    assert_form(shown, step, base="unknown")


@change
async def test_a_certificate_that_has_changed_is_asked_about(
    hass: HomeAssistant,
    tls_menu: QrMenuService,
    make_entry: MakeEntry,
    source: str,
    step: str,
) -> None:
    entry = make_entry(tls_menu, fingerprint=fingerprint(tls_menu))
    assert await hass.config_entries.async_setup(entry.entry_id)
    await tls_menu.wait_for_requests()
    await tls_menu.set_certificate(make_certificate())
    received = tls_menu.received

    shown = await start(hass, entry, source)
    shown = await submit(hass, shown, url=tls_menu.url)

    assert_form(shown, "certificate")
    placeholders = shown["description_placeholders"]
    assert placeholders is not None
    seen = placeholders["fingerprint"].replace(":", "").lower()
    assert seen == fingerprint(tls_menu)
    shown = await submit(hass, shown, trust=False)
    assert_form(shown, "certificate", base="certificate_rejected")
    assert tls_menu.received == received
    assert entry.data[CONF_FINGERPRINT] != fingerprint(tls_menu)
    result = await submit(hass, shown, trust=True)
    assert_aborted(result, f"{source}_successful")
    assert entry.data[CONF_FINGERPRINT] == fingerprint(tls_menu)
    await tls_menu.wait_for_requests()


@change
async def test_an_error_after_trust_is_reported_on_the_form_of_the_change(
    hass: HomeAssistant,
    tls_menu: QrMenuService,
    make_entry: MakeEntry,
    source: str,
    step: str,
) -> None:
    entry = make_entry(tls_menu)
    shown = await start(hass, entry, source)
    shown = await submit(hass, shown, url=tls_menu.url, token=WRONG)
    assert_form(shown, "certificate")

    shown = await submit(hass, shown, trust=True)

    assert_form(shown, step, base="invalid_auth")
    assert_aborted(
        await submit(hass, shown, url=tls_menu.url, token=TOKEN),
        f"{source}_successful",
    )
    assert entry.data[CONF_FINGERPRINT] == fingerprint(tls_menu)


@change
async def test_a_pin_holds_before_a_trusted_certificate_until_a_person_agrees(
    hass: HomeAssistant,
    tls_menu: QrMenuService,
    make_entry: MakeEntry,
    source: str,
    step: str,
) -> None:
    entry = make_entry(tls_menu, fingerprint=fingerprint(tls_menu))
    before = dict(entry.data)
    await tls_menu.set_certificate(make_certificate())
    with trust(tls_menu.certificate):
        shown = await start(hass, entry, source)
        shown = await submit(hass, shown, url=tls_menu.url)

        assert_form(shown, "certificate_trusted")
        placeholders = shown["description_placeholders"]
        assert placeholders is not None
        seen = placeholders["fingerprint"].replace(":", "").lower()
        assert seen == fingerprint(tls_menu)
        shown = await submit(hass, shown, trust=False)
        assert_form(shown, "certificate_trusted", base="certificate_rejected")
        assert tls_menu.requests == []
        assert entry.data == before
        result = await submit(hass, shown, trust=True)

    assert_aborted(result, f"{source}_successful")
    assert entry.data[CONF_FINGERPRINT] is None
    assert entry.state is ConfigEntryState.LOADED


@change
async def test_a_pin_goes_with_https(
    hass: HomeAssistant,
    tls_menu: QrMenuService,
    make_entry: MakeEntry,
    no_certificate_read: AsyncMock,
    source: str,
    step: str,
) -> None:
    entry = make_entry(tls_menu, fingerprint=fingerprint(tls_menu))
    await tls_menu.set_certificate(None)
    shown = await start(hass, entry, source)

    result = await submit(hass, shown, url=tls_menu.url)

    assert_aborted(result, f"{source}_successful")
    assert entry.data[CONF_URL] == f"http://127.0.0.1:{tls_menu.port}"
    assert entry.data[CONF_FINGERPRINT] is None
    no_certificate_read.assert_not_called()


@change
async def test_a_pin_stays_while_the_server_is_the_same(
    hass: HomeAssistant,
    tls_menu: QrMenuService,
    make_entry: MakeEntry,
    no_certificate_read: AsyncMock,
    source: str,
    step: str,
) -> None:
    entry = make_entry(tls_menu, fingerprint=fingerprint(tls_menu))
    tls_menu.token = NEW
    shown = await start(hass, entry, source)

    result = await submit(hass, shown, url=tls_menu.url, token=NEW)

    assert_aborted(result, f"{source}_successful")
    assert entry.data[CONF_FINGERPRINT] == fingerprint(tls_menu)
    assert entry.data[CONF_TOKEN] == NEW
    no_certificate_read.assert_not_called()


@change
async def test_a_pin_is_not_carried_to_another_server(
    hass: HomeAssistant,
    tls_menu: QrMenuService,
    make_entry: MakeEntry,
    source: str,
    step: str,
) -> None:
    entry = make_entry(tls_menu, fingerprint=fingerprint(tls_menu))
    async with QrMenuService(token=TOKEN, certificate=tls_menu.certificate) as other:
        shown = await start(hass, entry, source)
        shown = await submit(hass, shown, url=other.url)
        assert_form(shown, "certificate")
        assert other.requests == []

        result = await submit(hass, shown, trust=True)

        assert_aborted(result, f"{source}_successful")
        assert entry.data[CONF_URL] == other.url
        assert entry.data[CONF_FINGERPRINT] == fingerprint(other)
        assert await hass.config_entries.async_unload(entry.entry_id)


@change
async def test_the_address_of_another_entry_is_refused(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    other_menu: QrMenuService,
    make_entry: MakeEntry,
    source: str,
    step: str,
) -> None:
    entry = make_entry(qr_menu)
    make_entry(other_menu)
    shown = await start(hass, entry, source)

    result = await submit(hass, shown, url=f"127.0.0.1:{other_menu.port}/")

    assert_aborted(result, "already_configured")
    assert entry.data[CONF_URL] == qr_menu.url
    assert other_menu.connections == 0


# Reconfigure


async def test_the_form_of_a_change_shows_the_address_and_no_secret(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry
) -> None:
    hass.config_entries.async_update_entry(entry, title="Terrace")

    shown = await entry.start_reconfigure_flow(hass)

    assert_form(shown, "reconfigure")
    assert suggested(shown) == {CONF_NAME: "Terrace", CONF_URL: qr_menu.url}
    assert shown["description_placeholders"] == {"title": "Terrace", "said": "—"}
    assert TOKEN not in repr(shown)
    await hass.async_block_till_done()


def registered(hass: HomeAssistant, entry: ConfigEntry) -> dict[str, str]:
    """Return the ids of an entry's devices, and its entities by unique id."""
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    entities = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    return {
        **{device.id: str(device.identifiers) for device in devices},
        **{entity.unique_id: entity.entity_id for entity in entities},
    }


async def test_a_new_address_keeps_entry_devices_and_entities(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    other_menu: QrMenuService,
    entry: MockConfigEntry,
    bus: Recorder,
) -> None:
    qr_menu.waiter_call("6")
    await bus.wait(1)
    await hass.async_block_till_done()
    entry_id, before = entry.entry_id, registered(hass, entry)
    assert "event.table_6_activity" in before.values()
    shown = await entry.start_reconfigure_flow(hass)

    result = await submit(hass, shown, url=other_menu.url, token=TOKEN)

    assert_aborted(result, "reconfigure_successful")
    assert [one.entry_id for one in hass.config_entries.async_entries(DOMAIN)] == [
        entry_id
    ]
    assert registered(hass, entry) == before
    assert entry.data[CONF_URL] == other_menu.url
    await other_menu.wait_for_requests(2)
    other_menu.waiter_call("6")
    first, second = await bus.wait(2)
    assert second["entity_id"] == first["entity_id"]
    assert second["device_id"] == first["device_id"]
    received = qr_menu.received
    await other_menu.wait_for_requests(5)
    assert qr_menu.received == received


@pytest.mark.usefixtures("only_localhost")
@pytest.mark.parametrize(
    ("title", "expected"), [("127.0.0.1", "localhost"), ("Terrace", "Terrace")]
)
async def test_the_title_follows_the_host_unless_a_person_gave_one(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    title: str,
    expected: str,
) -> None:
    hass.config_entries.async_update_entry(entry, title=title)
    await hass.async_block_till_done()
    shown = await entry.start_reconfigure_flow(hass)

    result = await submit(hass, shown, url=f"http://localhost:{qr_menu.port}")

    assert_aborted(result, "reconfigure_successful")
    assert entry.title == expected
    assert entry.data[CONF_URL] == f"http://localhost:{qr_menu.port}"


@change
async def test_a_change_reloads_the_entry_exactly_once(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    other_menu: QrMenuService,
    source: str,
    step: str,
) -> None:
    shown = await start(hass, entry, source)
    with count_setups() as setups:
        result = await submit(hass, shown, url=other_menu.url)

    assert_aborted(result, f"{source}_successful")
    assert setups.call_count == 1
    assert entry.state is ConfigEntryState.LOADED


@change
async def test_a_change_of_nothing_does_not_reload_a_loaded_entry(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    source: str,
    step: str,
) -> None:
    shown = await start(hass, entry, source)
    with count_setups() as setups:
        result = await submit(hass, shown, url=qr_menu.url)

    assert_aborted(result, f"{source}_successful")
    setups.assert_not_called()
    assert entry.state is ConfigEntryState.LOADED


def count_setups(**behaviour: Any) -> Any:
    """Count how often an entry is set up."""
    from custom_components.carbis_alerts import async_setup_entry

    return patch(SETUP, Mock(wraps=async_setup_entry, **behaviour))


@change
@pytest.mark.parametrize(
    ("failure", "state"),
    [
        (ConfigEntryNotReady, ConfigEntryState.SETUP_RETRY),
        (RuntimeError, ConfigEntryState.SETUP_ERROR),
    ],
)
@pytest.mark.parametrize("token", [TOKEN, NEW])
async def test_an_entry_that_failed_to_load_is_loaded_with_the_change(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    make_entry: MakeEntry,
    source: str,
    step: str,
    failure: type[Exception],
    state: ConfigEntryState,
    token: str,
) -> None:
    """Also where nothing has changed: the person expects it to work now."""
    entry = make_entry(qr_menu)
    with count_setups(side_effect=failure):
        assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is state
    qr_menu.token = token
    shown = await start(hass, entry, source)

    with count_setups() as setups:
        result = await submit(hass, shown, url=qr_menu.url, token=token)

    assert_aborted(result, f"{source}_successful")
    assert setups.call_count == 1
    assert entry.state.value == ConfigEntryState.LOADED.value
    await qr_menu.wait_for_requests(2)
    assert {request.token_ok for request in qr_menu.requests} == {True}
