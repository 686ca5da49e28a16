"""HTTP as real servers speak it, well and badly, and what becomes of it."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
import gzip
import itertools
import socket
from typing import override

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from freezegun import freeze_time
from hypothesis import given, strategies as st
import pytest
from pytest_socket import socket_allow_hosts
from yarl import URL

from custom_components.carbis_alerts.api.errors import (
    AuthenticationError,
    CertificateError,
    ProtocolError,
    RateLimited,
    ServiceError,
    ServiceTimeout,
    ServiceUnavailable,
)
from custom_components.carbis_alerts.api.intake import loop_yield
from custom_components.carbis_alerts.api.transport import (
    DEFAULT_LIMITS,
    Limits,
    Transport,
    describe,
)
from custom_components.carbis_alerts.api.transport.failures import (
    MAX_RETRY_AFTER,
    parse_retry_after,
)
from custom_components.carbis_alerts.api.transport.redirects import (
    MAX_REDIRECTS,
    REDIRECTS,
)
from custom_components.carbis_alerts.api.types import Json
from simulator.certificate import Certificate, make_certificate
from simulator.faults import Faults
from simulator.qr_menu import PATH, QrMenuService
from simulator.service import PATIENCE, Answer

from ..plain import TOKEN
from .conftest import Routes, fails, leaks, raw_server

GOOD: Json = {"result": True, "data": {"updates": []}}
# Long for a loopback, short for a person who waits for a test that fails.
PATIENT = Limits(connect=20, total=20)
HASTY = Limits(connect=20, total=0.1)


async def get(transport: Transport, path: str = PATH) -> Json:
    """Ask as the QR menu's client does."""
    return await transport.request_json(
        "GET", path, params={"hash": "none"}, headers={"token": TOKEN}
    )


@pytest.fixture
def make(session: aiohttp.ClientSession) -> Callable[..., Transport]:
    """Return a function that makes a transport."""

    def make(
        url: URL | str, *, fingerprint: str | None = None, limits: Limits = PATIENT
    ) -> Transport:
        return Transport(session, URL(url), fingerprint=fingerprint, limits=limits)

    return make


# --- Each fault of a server, its error, and the good answer after it -------------------


UNAVAILABLE: list[tuple[str, Faults, str]] = [
    ("refused", Faults(refuse=True), "does not accept connections"),
    ("reset", Faults(reset=True), "cut off"),
    ("cut before the body", Faults(cut=0), "cut off"),
    ("cut within the body", Faults(cut=10), "cut off"),
]
TIMEOUTS: list[tuple[str, Faults]] = [
    ("half-open", Faults(half_open=True)),
    ("late", Faults(delay=60)),
    ("dripping", Faults(drip=60)),
]
NO_JSON: list[tuple[str, Faults, str]] = [
    ("a web page", Faults(garbage=True), "is not JSON"),
    ("truncated JSON", Faults(garbage='{"result": tr'), "is not JSON"),
    ("no word of JSON", Faults(garbage='{"a": undefined}'), "is not JSON"),
    ("too deep", Faults(garbage="[" * 2000 + "]" * 2000), "is not JSON"),
    ("two documents", Faults(garbage="{} {}"), "is not JSON"),
    ("empty", Faults(empty=True), "is empty"),
    ("spaces", Faults(empty=True, body_size=100), "is empty"),
    ("204", Faults(no_content=True), "is empty"),
]


def ids(table: list[tuple[str, Faults, str]] | list[tuple[str, Faults]]) -> list[str]:
    """Return the names of a table's rows."""
    return [row[0] for row in table]


@pytest.mark.parametrize("warm", [False, True], ids=["first", "kept alive"])
@pytest.mark.parametrize(("_", "fault", "match"), UNAVAILABLE, ids=ids(UNAVAILABLE))
async def test_a_lost_connection_is_unavailable_and_the_next_answer_is_good(
    qr_menu: QrMenuService,
    make: Callable[..., Transport],
    _: str,
    fault: Faults,
    match: str,
    warm: bool,
) -> None:
    transport = make(qr_menu.url)
    if warm:
        assert await get(transport) == GOOD

    qr_menu.faults.set(fault)
    with fails(ServiceUnavailable, match, qr_menu.url) as caught:
        await get(transport)
    assert (caught.value.status, caught.value.retry_after) == (None, None)

    qr_menu.faults.clear()
    assert await get(transport) == GOOD


@pytest.mark.parametrize("warm", [False, True], ids=["first", "kept alive"])
@pytest.mark.parametrize(("_", "fault"), TIMEOUTS, ids=ids(TIMEOUTS))
async def test_a_server_that_takes_too_long_is_a_timeout_and_the_next_answer_is_good(
    qr_menu: QrMenuService,
    session: aiohttp.ClientSession,
    make: Callable[..., Transport],
    _: str,
    fault: Faults,
    warm: bool,
) -> None:
    if warm:
        assert await get(make(qr_menu.url)) == GOOD

    qr_menu.faults.set(fault)
    with fails(ServiceTimeout, "did not answer in time", qr_menu.url):
        await get(make(qr_menu.url, limits=HASTY))

    qr_menu.faults.clear()
    assert await get(make(qr_menu.url)) == GOOD


@pytest.mark.parametrize(("_", "fault", "match"), NO_JSON, ids=ids(NO_JSON))
async def test_what_is_no_json_is_a_protocol_error_and_the_next_answer_is_good(
    qr_menu: QrMenuService,
    make: Callable[..., Transport],
    _: str,
    fault: Faults,
    match: str,
) -> None:
    transport = make(qr_menu.url)
    qr_menu.faults.set(fault)
    with fails(ProtocolError, match, qr_menu.url) as caught:
        await get(transport)
    assert caught.value.status is None

    qr_menu.faults.clear()
    assert await get(transport) == GOOD


@pytest.mark.parametrize(
    ("status", "error", "match"),
    [
        (401, AuthenticationError, "refuses the credentials"),
        (403, AuthenticationError, "refuses the credentials"),
        (408, ServiceUnavailable, "out of order"),
        (429, RateLimited, "fewer requests"),
        (500, ServiceUnavailable, "out of order"),
        (502, ServiceUnavailable, "out of order"),
        (503, ServiceUnavailable, "out of order"),
        (599, ServiceUnavailable, "out of order"),
        (300, ProtocolError, "Unexpected answer"),
        (400, ProtocolError, "Unexpected answer"),
        (404, ProtocolError, "Unexpected answer"),
        (405, ProtocolError, "Unexpected answer"),
        (466, ProtocolError, "Unexpected answer"),
    ],
)
async def test_a_status_is_its_error_and_the_next_answer_is_good(
    qr_menu: QrMenuService,
    make: Callable[..., Transport],
    status: int,
    error: type[ServiceError],
    match: str,
) -> None:
    transport = make(qr_menu.url)
    # A server may well repeat what it was sent; none of it may come through.
    qr_menu.faults.set(Faults(status=status, body=f"{TOKEN} at {qr_menu.url}"))
    with fails(error, f"{match}.*HTTP {status}", qr_menu.url) as caught:
        await get(transport)
    if not isinstance(caught.value, AuthenticationError):
        assert vars(caught.value)["status"] == status

    qr_menu.faults.clear()
    assert await get(transport) == GOOD


@pytest.mark.parametrize("status", [200, 201, 202, 206])
async def test_each_status_of_success_may_bring_the_document(
    routes: Routes, make: Callable[..., Transport], status: int
) -> None:
    routes.answers[PATH] = Answer.json(GOOD, status)
    assert await get(make(routes.url)) == GOOD


# --- Retry-After -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "error"), [(429, RateLimited), (503, ServiceUnavailable)]
)
async def test_a_pause_in_seconds_is_reported(
    qr_menu: QrMenuService,
    make: Callable[..., Transport],
    status: int,
    error: type[ServiceUnavailable],
) -> None:
    qr_menu.faults.set(Faults(status=status, headers={"Retry-After": "7"}))
    with fails(error, str(status), qr_menu.url) as caught:
        await get(make(qr_menu.url))
    assert caught.value.retry_after == 7.0


async def test_a_pause_up_to_a_date_is_reported_in_seconds(
    qr_menu: QrMenuService, make: Callable[..., Transport]
) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(minutes=10), usegmt=True)
    qr_menu.faults.set(Faults(status=429, headers={"Retry-After": date}))
    with fails(RateLimited, "429", qr_menu.url) as caught:
        await get(make(qr_menu.url))
    assert caught.value.retry_after is not None
    assert 500 < caught.value.retry_after <= 600


@pytest.mark.parametrize("value", ["soon", "", "9" * 400, "-" + "9" * 400])
async def test_rubbish_for_a_pause_hides_no_rate_limit(
    qr_menu: QrMenuService, make: Callable[..., Transport], value: str
) -> None:
    qr_menu.faults.set(Faults(status=429, headers={"Retry-After": value}))
    with fails(RateLimited, "429", qr_menu.url):
        await get(make(qr_menu.url))


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("0", 0.0),
        ("120", 120.0),
        (" 5 ", 5.0),
        ("-5", 0.0),
        ("3601", MAX_RETRY_AFTER),
        ("9" * 400, MAX_RETRY_AFTER),
        ("-" + "9" * 400, 0.0),
        ("Thu, 01 Jan 2026 00:01:00 GMT", 60.0),
        ("Thu, 01 Jan 2026 00:01:00 -0000", 60.0),
        ("Thu, 01 Jan 2026 03:01:00 +0300", 60.0),
        ("Thursday, 01-Jan-26 00:01:00 GMT", 60.0),
        ("Thu Jan  1 00:01:00 2026", 60.0),
        ("Wed, 31 Dec 2025 23:59:00 GMT", 0.0),
        ("Fri, 01 Jan 2027 00:00:00 GMT", MAX_RETRY_AFTER),
        ("", None),
        ("1.5", None),
        ("soon", None),
        ("9" * 5000, None),
        ("Thu, 99 Jan 2026 00:00:00 GMT", None),
        ("Thu, 01 Jan 99999999999999 00:00:00 GMT", None),
        ("Thu, 01 Jan 2026 00:00:00 +99999999999999999999", None),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_never_believed_beyond_an_hour(
    value: str | None, seconds: float | None
) -> None:
    with freeze_time("2026-01-01T00:00:00Z"):
        assert parse_retry_after(value) == seconds


@given(
    st.lists(
        st.sampled_from(
            (
                *("Thu", ",", " ", "01", "Jan", "2026", ":", "00", "GMT", "+", "-"),
                *("9" * 20, "EST", ".", "(", "/", "é", "\t"),
            )
        ),
        max_size=14,
    ).map("".join)
    | st.text(max_size=40)
)
def test_no_retry_after_is_more_than_an_hour_or_an_error(value: str) -> None:
    seconds = parse_retry_after(value)
    assert seconds is None or 0 <= seconds <= MAX_RETRY_AFTER


# --- Limits ----------------------------------------------------------------------------


def test_the_limits_are_what_is_documented() -> None:
    assert Limits(connect=5, total=10, body=16 * 1024 * 1024) == DEFAULT_LIMITS


async def test_a_connection_that_does_not_come_about_has_a_limit_of_its_own(
    make: Callable[..., Transport],
) -> None:
    # It accepts, and never says a word of TLS.
    async with raw_server(None, scheme="https") as silent, asyncio.timeout(PATIENCE):
        transport = make(silent.url, limits=Limits(connect=0.1, total=3600))
        with fails(ServiceTimeout, "did not answer in time", silent.url):
            await get(transport)


async def test_a_body_of_several_megabytes_is_read(
    qr_menu: QrMenuService, make: Callable[..., Transport]
) -> None:
    qr_menu.faults.set(Faults(body_size=8 * 1024 * 1024))
    assert await get(make(qr_menu.url)) == GOOD


@pytest.mark.parametrize(("size", "fits"), [(1000, True), (1001, False)])
async def test_a_body_may_be_as_large_as_the_limit_and_no_larger(
    qr_menu: QrMenuService, make: Callable[..., Transport], size: int, fits: bool
) -> None:
    transport = make(qr_menu.url, limits=Limits(body=1000))
    qr_menu.faults.set(Faults(body_size=size))
    if fits:
        assert await get(transport) == GOOD
    else:
        with fails(ProtocolError, "larger than 1000 bytes", qr_menu.url):
            await get(transport)
    qr_menu.faults.clear()
    assert await get(transport) == GOOD


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
PACKED = HEAD + b"Content-Encoding: %b\r\n\r\n"
ZIPPED = PACKED % b"gzip"
BODY = b'{"result":true,"data":{"updates":[]}}'


@pytest.mark.parametrize(
    "answer",
    [
        HEAD + b"\r\n" + BODY.ljust(100_000),
        CHUNKED + (b"400\r\n" + b" " * 1024 + b"\r\n") * 100 + b"0\r\n\r\n",
        ZIPPED + gzip.compress(BODY.ljust(50_000_000)),
    ],
    ids=["until closed", "chunked", "compressed"],
)
async def test_a_body_that_says_no_length_is_cut_at_the_limit(
    make: Callable[..., Transport], answer: bytes
) -> None:
    async with raw_server(answer) as server:
        with fails(ProtocolError, "larger than 1000 bytes", server.url):
            await get(make(server.url, limits=Limits(body=1000)))


async def test_others_get_a_turn_while_a_body_is_unpacked(
    make: Callable[..., Transport], monkeypatch: pytest.MonkeyPatch
) -> None:
    # So that each offer of a turn is taken, on a fast machine too.
    monkeypatch.setattr(loop_yield, "SLICE", 0.0)
    offered: list[None] = []
    give = loop_yield.LoopYield.give

    async def note(self: loop_yield.LoopYield) -> None:
        offered.append(None)
        await give(self)

    monkeypatch.setattr(loop_yield.LoopYield, "give", note)
    async with raw_server(ZIPPED + gzip.compress(BODY.ljust(50_000_000))) as server:
        with fails(ProtocolError, "larger than 10000000 bytes", server.url):
            await get(make(server.url, limits=Limits(body=10_000_000)))
    # At the most some pieces of 256 KiB between two turns.
    assert len(offered) >= 10


async def test_a_body_without_end_ends_at_the_limit(
    make: Callable[..., Transport],
) -> None:
    async with raw_server(HEAD + b"\r\n" + b" " * 2000, stay=True) as server:
        with fails(ProtocolError, "larger than 1000 bytes", server.url):
            await get(
                make(server.url, limits=Limits(connect=3600, total=3600, body=1000))
            )
        async with asyncio.timeout(PATIENCE):
            await server.ended.wait()


# --- Bytes on the wire that no good server sends ---------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        HEAD + b"\r\n" + BODY,
        HEAD + b"Content-Length: 37\r\n\r\n" + BODY,
        CHUNKED + b"25\r\n" + BODY + b"\r\n0\r\n\r\n",
        CHUNKED + b"5\r\n" + BODY[:5] + b"\r\n20\r\n" + BODY[5:] + b"\r\n0\r\n\r\n",
        ZIPPED + gzip.compress(BODY),
        b"HTTP/1.0 200 OK\r\n\r\n" + BODY,
        HEAD.replace(b"application/json", b"text/html; charset=nonsense")
        + b"\r\n"
        + BODY,
        b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD + b"\r\n" + BODY,
    ],
    ids=[
        "until closed",
        "length",
        "chunked",
        "chunks",
        "gzip",
        "HTTP/1.0",
        "wrong type",
        "100 first",
    ],
)
async def test_every_form_of_a_good_body_is_read(
    make: Callable[..., Transport], answer: bytes
) -> None:
    async with raw_server(answer) as server:
        assert await get(make(server.url)) == GOOD


@pytest.mark.parametrize(
    ("answer", "error", "match"),
    [
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", ProtocolError, "does not speak HTTP"),
        (b"\x15\x03\x01\x00\x02\x02\x46", ProtocolError, "does not speak HTTP"),
        (
            HEAD + b"X: " + b"x" * 100_000 + b"\r\n\r\n",
            ProtocolError,
            "does not speak HTTP",
        ),
        (
            HEAD + b"Content-Length: ten\r\n\r\n" + BODY,
            ProtocolError,
            "does not speak HTTP",
        ),
        (b"", ServiceUnavailable, "cut off"),
        (b"HTTP/1.1 2", ServiceUnavailable, "cut off"),
        (HEAD, ServiceUnavailable, "cut off"),
        (CHUNKED + b"25\r\n" + BODY[:9], ServiceUnavailable, "cut off"),
        (CHUNKED + b"no length\r\n", ProtocolError, "does not speak HTTP"),
        (ZIPPED + b"this is not compressed", ProtocolError, "cannot be unpacked"),
        (HEAD + b"\r\n" + BODY[:9], ProtocolError, "is not JSON"),
        (ZIPPED + gzip.compress(BODY)[:30], ProtocolError, "is not JSON"),
        *(
            (PACKED % coding + BODY, ProtocolError, "was not asked for")
            for coding in (b"zstd", b"br", b"gzip, gzip", b"new")
        ),
    ],
    ids=[
        "SSH",
        "TLS alert",
        "huge header",
        "no length",
        "nothing",
        "half a status",
        "half a head",
        "half a chunk",
        "no chunk",
        "not gzip",
        "truncated",
        "truncated gzip",
        "zstd",
        "brotli",
        "twice",
        "new",
    ],
)
async def test_bytes_that_are_no_good_answer_are_a_named_error(
    make: Callable[..., Transport],
    answer: bytes,
    error: type[ServiceError],
    match: str,
) -> None:
    async with raw_server(answer) as server:
        with fails(error, match, server.url):
            await get(make(server.url))


# --- Redirects -------------------------------------------------------------------------


@pytest.mark.parametrize("status", REDIRECTS)
@pytest.mark.parametrize("form", ["absolute", "path", "relative"])
async def test_a_redirect_on_the_same_server_is_followed_with_the_token(
    routes: Routes, make: Callable[..., Transport], status: int, form: str
) -> None:
    location = {
        "absolute": f"{routes.url}/api/v4/moved?hash=0x1",
        "path": "/api/v4/moved?hash=0x1",
        "relative": "moved?hash=0x1",
    }[form]
    routes.redirect(PATH, location, status)
    routes.answers["/api/v4/moved"] = Answer.json(GOOD)

    assert await get(make(routes.url)) == GOOD

    assert [
        (request.path, request.cursor, request.token_ok) for request in routes.requests
    ] == [(PATH, "none", True), ("/api/v4/moved", "0x1", True)]


@pytest.mark.parametrize("status", REDIRECTS)
async def test_a_redirect_to_another_server_is_refused_and_says_it_nothing(
    routes: Routes, other_routes: Routes, make: Callable[..., Transport], status: int
) -> None:
    routes.redirect(PATH, f"{other_routes.url}{PATH}?hash=none", status)
    other_routes.answers[PATH] = Answer.json(GOOD)

    with fails(
        ProtocolError, "to another address", routes.url, other_routes.url
    ) as caught:
        await get(make(routes.url))

    assert caught.value.status == status
    assert len(routes.requests) == 1
    assert other_routes.connections == 0


async def test_a_redirect_to_another_name_of_the_server_is_refused(
    routes: Routes, make: Callable[..., Transport]
) -> None:
    routes.redirect(PATH, f"http://localhost:{routes.port}/moved")
    with fails(ProtocolError, "to another address", routes.url):
        await get(make(routes.url))
    assert [request.path for request in routes.requests] == [PATH]


@pytest.mark.parametrize("location", ["//other.example/", "ftp://127.0.0.1/x"])
async def test_a_redirect_to_another_host_or_scheme_is_refused(
    routes: Routes, make: Callable[..., Transport], location: str
) -> None:
    routes.redirect(PATH, location)
    with fails(ProtocolError, "redirects to", routes.url):
        await get(make(routes.url))


async def test_a_redirect_from_tls_to_plain_http_is_refused(
    certificate: Certificate, routes: Routes, make: Callable[..., Transport]
) -> None:
    async with Routes(certificate) as secure:
        secure.redirect(PATH, f"http://127.0.0.1:{secure.port}{PATH}")
        with fails(ProtocolError, "to another address", secure.url):
            await get(make(secure.url, fingerprint=certificate.fingerprint))
        assert secure.connections == 1


async def test_redirects_in_a_circle_end(
    routes: Routes, make: Callable[..., Transport]
) -> None:
    routes.redirect(PATH, "/other")
    routes.redirect("/other", PATH)
    with fails(ProtocolError, "in a circle", routes.url):
        await get(make(routes.url))
    assert routes.received == MAX_REDIRECTS + 1


async def test_a_few_redirects_in_a_row_are_followed(
    routes: Routes, make: Callable[..., Transport]
) -> None:
    steps = [PATH, *(f"/{step}" for step in range(MAX_REDIRECTS))]
    for here, there in itertools.pairwise(steps):
        routes.redirect(here, there)
    routes.answers[steps[-1]] = Answer.json(GOOD)
    assert await get(make(routes.url)) == GOOD


@pytest.mark.parametrize("location", [None, "", "http://[", "//[]@", "mailto:menu"])
async def test_a_redirect_without_a_target_is_reported_at_once(
    routes: Routes, make: Callable[..., Transport], location: str | None
) -> None:
    routes.redirect(PATH, location)
    with fails(
        ProtocolError, "redirects to another address or to none", routes.url
    ) as caught:
        await get(make(routes.url))
    assert caught.value.status == 302
    assert routes.received == 1


# --- Answers that never end ------------------------------------------------------------


async def test_an_answer_without_end_is_handed_over_as_it_begins(
    make: Callable[..., Transport],
) -> None:
    async with raw_server(HEAD + b"\r\nfirst", stay=True) as server:
        transport = make(server.url)
        async with await transport.open("/live", headers={"token": TOKEN}) as response:
            assert await response.content.readexactly(5) == b"first"
        assert server.received.startswith(b"GET /live HTTP/1.1\r\n")
        assert f"token: {TOKEN}".encode() in server.received
        async with asyncio.timeout(PATIENCE):
            await server.ended.wait()


@pytest.mark.parametrize(
    ("fault", "error", "match"),
    [
        (Faults(refuse=True), ServiceUnavailable, "does not accept connections"),
        (Faults(reset=True), ServiceUnavailable, "cut off"),
        (Faults(half_open=True), ServiceTimeout, "did not answer in time"),
        (Faults(status=401), AuthenticationError, "refuses the credentials"),
        (Faults(status=429), RateLimited, "fewer requests"),
        (Faults(redirect="http://127.0.0.1:1/"), ProtocolError, "another address"),
    ],
    ids=["refused", "reset", "half-open", "401", "429", "redirect"],
)
async def test_an_answer_without_end_that_does_not_begin_is_a_named_error(
    qr_menu: QrMenuService,
    make: Callable[..., Transport],
    fault: Faults,
    error: type[ServiceError],
    match: str,
) -> None:
    limits = HASTY if error is ServiceTimeout else PATIENT
    qr_menu.faults.set(fault)
    with fails(error, match, qr_menu.url):
        await make(qr_menu.url, limits=limits).open(PATH, headers={"token": TOKEN})

    qr_menu.faults.clear()
    transport = make(qr_menu.url)
    async with await transport.open(PATH, headers={"token": TOKEN}) as response:
        assert response.status == 200


# --- Connections and certificates ------------------------------------------------------


async def test_one_connection_serves_many_requests(
    qr_menu: QrMenuService, make: Callable[..., Transport]
) -> None:
    transport = make(qr_menu.url)
    for _ in range(20):
        assert await get(transport) == GOOD
    assert (qr_menu.received, qr_menu.connections) == (20, 1)


async def test_one_connection_serves_many_requests_with_a_pinned_certificate(
    certificate: Certificate, make: Callable[..., Transport]
) -> None:
    async with QrMenuService(token=TOKEN, certificate=certificate) as service:
        transport = make(service.url, fingerprint=certificate.fingerprint)
        for _ in range(20):
            assert await get(transport) == GOOD
        assert (service.received, service.connections) == (20, 1)


async def test_a_server_that_was_restarted_is_asked_on_a_new_connection(
    qr_menu: QrMenuService, make: Callable[..., Transport]
) -> None:
    transport = make(qr_menu.url)
    assert await get(transport) == GOOD
    await qr_menu.restart()
    assert await get(transport) == GOOD
    assert qr_menu.connections == 2


async def test_a_self_signed_certificate_is_not_trusted_and_gets_no_token(
    certificate: Certificate, make: Callable[..., Transport]
) -> None:
    async with QrMenuService(token=TOKEN, certificate=certificate) as service:
        with fails(CertificateError, "is not trusted", service.url) as caught:
            await get(make(service.url))
        assert caught.value.fingerprint is None
        assert service.requests == []
        # The same session goes on where the certificate is pinned.
        pinned = make(service.url, fingerprint=certificate.fingerprint)
        assert await get(pinned) == GOOD


@pytest.mark.parametrize("case", [str.lower, str.upper])
async def test_a_pinned_certificate_is_trusted_though_expired_and_of_another_name(
    make: Callable[..., Transport], case: Callable[[str], str]
) -> None:
    old = make_certificate(
        ["elsewhere.example"],
        not_before=datetime(2020, 1, 1, tzinfo=UTC),
        not_after=datetime(2021, 1, 1, tzinfo=UTC),
    )
    async with QrMenuService(token=TOKEN, certificate=old) as service:
        transport = make(service.url, fingerprint=case(old.fingerprint))
        assert await get(transport) == GOOD


async def test_another_certificate_than_the_pinned_one_is_shown_and_gets_no_token(
    certificate: Certificate, make: Callable[..., Transport]
) -> None:
    pinned = make_certificate().fingerprint
    async with QrMenuService(token=TOKEN, certificate=certificate) as service:
        with fails(CertificateError, "has changed", service.url) as caught:
            await get(make(service.url, fingerprint=pinned))
        assert caught.value.fingerprint == certificate.fingerprint
        assert service.requests == []


async def test_a_certificate_that_changes_on_the_way_is_noticed_and_its_return_too(
    certificate: Certificate, make: Callable[..., Transport]
) -> None:
    new = make_certificate()
    async with QrMenuService(token=TOKEN, certificate=certificate) as service:
        transport = make(service.url, fingerprint=certificate.fingerprint)
        assert await get(transport) == GOOD
        await service.set_certificate(new)
        with fails(CertificateError, "has changed", service.url) as caught:
            await get(transport)
        assert caught.value.fingerprint == new.fingerprint
        await service.set_certificate(certificate)
        assert await get(transport) == GOOD


async def test_plain_http_to_a_tls_port_fails_and_its_own_scheme_works(
    certificate: Certificate, make: Callable[..., Transport]
) -> None:
    async with QrMenuService(token=TOKEN, certificate=certificate) as service:
        plain = URL(service.url).with_scheme("http")
        with fails(ServiceUnavailable, "cut off", plain):
            await get(make(plain))
        assert service.requests == []
        right = make(service.url, fingerprint=certificate.fingerprint)
        assert await get(right) == GOOD


@pytest.mark.parametrize("pinned", [False, True])
async def test_tls_to_a_plain_port_fails_and_its_own_scheme_works(
    qr_menu: QrMenuService,
    certificate: Certificate,
    make: Callable[..., Transport],
    pinned: bool,
) -> None:
    secure = URL(qr_menu.url).with_scheme("https")
    transport = make(secure, fingerprint=certificate.fingerprint if pinned else None)
    with fails(ServiceUnavailable, "does not offer a secure connection", secure):
        await get(transport)
    assert await get(make(qr_menu.url)) == GOOD


class Nameless(AbstractResolver):
    """A name server that knows no name."""

    @override
    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,
    ) -> list[ResolveResult]:
        raise OSError(None, f"no address for {host}:{port}")

    @override
    async def close(self) -> None:
        """Keep nothing open."""


class Named(Nameless):
    """A name server that gives every name these addresses."""

    def __init__(self, *addresses: str) -> None:
        """Take the addresses in their order."""
        self._addresses = addresses

    @override
    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in self._addresses
        ]


@pytest.fixture
def _loopback(socket_enabled: None) -> None:
    """Let a test knock at all addresses of this machine."""
    socket_allow_hosts(["127.0.0.1", "127.0.0.2", "::1"])


@pytest.mark.usefixtures("_loopback")
@pytest.mark.parametrize(
    "addresses",
    [
        ("127.0.0.1", "127.0.0.2"),
        ("127.0.0.2", "127.0.0.1"),
        ("127.0.0.1", "::1"),
        ("::1", "127.0.0.1"),
    ],
)
async def test_an_address_that_refuses_does_not_hide_a_changed_certificate(
    certificate: Certificate, addresses: tuple[str, ...]
) -> None:
    async with QrMenuService(certificate=certificate) as service:
        url = URL(service.url).with_host("menu.example")
        connector = aiohttp.TCPConnector(resolver=Named(*addresses))
        async with aiohttp.ClientSession(connector=connector) as session:
            pinned = Transport(session, url, fingerprint=make_certificate().fingerprint)
            with fails(CertificateError, "has changed", url) as caught:
                await get(pinned)
            assert caught.value.fingerprint == certificate.fingerprint
            with fails(CertificateError, "has changed", url):
                await pinned.open(PATH, headers={})
            assert service.requests == []
            # What is away as a whole is reported as away, whatever it showed before.
            service.faults.set(Faults(refuse=True))
            with fails(ServiceUnavailable, "does not accept connections", url):
                await get(pinned)


@pytest.mark.usefixtures("_loopback")
@pytest.mark.parametrize("addresses", [("127.0.0.1", "::1"), ("::1", "127.0.0.1")])
async def test_an_address_that_refuses_does_not_hide_a_certificate_nobody_knows(
    certificate: Certificate, addresses: tuple[str, ...]
) -> None:
    async with QrMenuService(certificate=certificate) as service:
        url = URL(service.url).with_host("menu.example")
        connector = aiohttp.TCPConnector(resolver=Named(*addresses))
        async with aiohttp.ClientSession(connector=connector) as session:
            with fails(CertificateError, "not trusted", url):
                await get(Transport(session, url))


async def test_an_unknown_name_is_reported_as_one() -> None:
    url = URL("https://menu.example:8443")
    connector = aiohttp.TCPConnector(resolver=Nameless())
    async with aiohttp.ClientSession(connector=connector) as session:
        with fails(ServiceUnavailable, "name is not known", url):
            await get(Transport(session, url))


async def test_a_name_that_cannot_be_one_is_reported_as_unknown(
    make: Callable[..., Transport],
) -> None:
    url = URL("https://menu..example:8443")
    with fails(ServiceUnavailable, "name is not known", url):
        await get(make(url))


async def test_a_token_that_no_header_can_hold_is_an_error_that_does_not_report_it(
    qr_menu: QrMenuService, make: Callable[..., Transport]
) -> None:
    with fails(ProtocolError, "does not speak HTTP", qr_menu.url):
        await make(qr_menu.url).request_json(
            "GET", PATH, headers={"token": f"{TOKEN}\r\n"}
        )
    assert qr_menu.requests == []


async def test_a_cancelled_request_leaves_no_connection_behind(
    qr_menu: QrMenuService, make: Callable[..., Transport]
) -> None:
    qr_menu.faults.set(Faults(half_open=True))
    task = asyncio.create_task(get(make(qr_menu.url)))
    await qr_menu.wait_for_arrivals()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await qr_menu.wait_until(lambda: qr_menu.open_connections == 0)


@pytest.mark.parametrize(
    ("url", "path", "asked"),
    [
        ("http://menu.example", "/a/b", "http://menu.example/a/b?hash=none"),
        ("http://menu.example/", "a/b", "http://menu.example/a/b?hash=none"),
        ("http://menu.example/x", "/a", "http://menu.example/x/a?hash=none"),
        ("http://menu.example/x?y=1", "/a", "http://menu.example/x/a?hash=none"),
    ],
)
async def test_a_path_is_put_behind_the_base_address(
    session: aiohttp.ClientSession,
    monkeypatch: pytest.MonkeyPatch,
    url: str,
    path: str,
    asked: str,
) -> None:
    seen: list[URL] = []

    def refuse(_: str, url: URL, **__: object) -> None:
        seen.append(url)
        raise aiohttp.ClientConnectionError

    monkeypatch.setattr(session, "request", refuse)
    with pytest.raises(ServiceUnavailable):
        await get(Transport(session, URL(url)), path)
    assert seen == [URL(asked)]


@pytest.mark.parametrize(
    ("err", "error", "match"),
    [
        (TimeoutError(), ServiceTimeout, "in time"),
        (aiohttp.ConnectionTimeoutError(TOKEN), ServiceTimeout, "in time"),
        (aiohttp.SocketTimeoutError(TOKEN), ServiceTimeout, "in time"),
        (socket.gaierror(-2, TOKEN), ServiceUnavailable, "name is not known"),
        (ConnectionRefusedError(111, TOKEN), ServiceUnavailable, "not accept"),
        (ConnectionResetError(104, TOKEN), ServiceUnavailable, "cut off"),
        (aiohttp.ServerDisconnectedError(TOKEN), ServiceUnavailable, "cut off"),
        (aiohttp.ClientPayloadError(TOKEN), ServiceUnavailable, "cut off"),
        (aiohttp.InvalidURL(f"http://{TOKEN}"), ProtocolError, "HTTP"),
        (ValueError(TOKEN), ProtocolError, "HTTP"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_a_failure_is_described_without_its_text(
    err: Exception, error: type[ServiceError], match: str
) -> None:
    described = describe(err)
    assert type(described) is error
    assert match in str(described)
    assert leaks(described, {TOKEN}) == []
