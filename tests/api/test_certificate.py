"""A look at a server's certificate, which sends the server no request."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
import socket
import ssl

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
import pytest
from yarl import URL

from custom_components.carbis_alerts.api.certificate import (
    ServerCertificate,
    parse_certificate,
    read_certificate,
)
from custom_components.carbis_alerts.api.errors import (
    ProtocolError,
    ServiceTimeout,
    ServiceUnavailable,
)
from custom_components.carbis_alerts.api.transport import Limits
from simulator.certificate import Certificate, make_certificate
from simulator.faults import Faults
from simulator.qr_menu import QrMenuService
from simulator.service import PATIENCE

from .conftest import fails, raw_server

START = datetime(2026, 1, 1, tzinfo=UTC)
END = START + timedelta(days=1)


def encode(
    common_names: Sequence[str], extensions: Sequence[x509.ExtensionType] = ()
) -> bytes:
    """Return a certificate in DER; the extensions may be such as no builder takes."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [x509.NameAttribute(x509.NameOID.COMMON_NAME, text) for text in common_names]
    )
    builder = x509.CertificateBuilder(
        issuer_name=name,
        subject_name=name,
        public_key=key.public_key(),
        serial_number=1,
        not_valid_before=START,
        not_valid_after=END,
        extensions=[x509.Extension(item.oid, False, item) for item in extensions],
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def alternative_names(encoded: bytes) -> x509.UnrecognizedExtension:
    """Return alternative names made of these bytes."""
    return x509.UnrecognizedExtension(x509.SubjectAlternativeName.oid, encoded)


@pytest.mark.parametrize(
    "names",
    [
        ("menu.local",),
        ("localhost", "127.0.0.1"),
        ("menu.local", "*.menu.local", "::1"),
    ],
)
async def test_what_a_person_compares_is_what_the_server_has(
    names: tuple[str, ...],
) -> None:
    certificate = make_certificate(names)
    async with QrMenuService(certificate=certificate) as service:
        assert await read_certificate(URL(service.url)) == ServerCertificate(
            fingerprint=certificate.fingerprint,
            names=names,
            not_before=certificate.not_before,
            not_after=certificate.not_after,
        )


async def test_an_expired_certificate_is_shown_with_its_dates() -> None:
    certificate = make_certificate(
        not_before=START - timedelta(days=900), not_after=START - timedelta(days=800)
    )
    async with QrMenuService(certificate=certificate) as service:
        seen = await read_certificate(URL(service.url))
    assert (seen.not_before, seen.not_after) == (
        START - timedelta(days=900),
        START - timedelta(days=800),
    )


async def test_the_server_gets_a_handshake_and_no_request(
    certificate: Certificate,
) -> None:
    async with QrMenuService(certificate=certificate) as service:
        await read_certificate(URL(service.url))
        await service.wait_until(
            lambda: service.connections == 1 and service.open_connections == 0
        )
        assert service.requests == []


async def test_not_one_byte_is_sent_over_the_connection(
    certificate: Certificate,
) -> None:
    context = certificate.ssl_context()
    async with raw_server(None, scheme="https", context=context) as server:
        await read_certificate(server.url)
        async with asyncio.timeout(PATIENCE):
            await server.ended.wait()
        assert server.received == b""


async def test_the_certificate_is_shown_again_after_it_was_changed(
    certificate: Certificate,
) -> None:
    new = make_certificate()
    async with QrMenuService(certificate=certificate) as service:
        url = URL(service.url)
        assert (await read_certificate(url)).fingerprint == certificate.fingerprint
        await service.set_certificate(new)
        assert (await read_certificate(url)).fingerprint == new.fingerprint


async def test_a_server_without_tls_is_reported_as_one_and_sees_no_request(
    qr_menu: QrMenuService,
) -> None:
    with fails(ServiceUnavailable, "does not offer a secure connection", qr_menu.url):
        await read_certificate(URL(qr_menu.url).with_scheme("https"))
    assert qr_menu.requests == []


async def test_a_refused_connection_is_reported_and_the_next_look_succeeds(
    certificate: Certificate,
) -> None:
    async with QrMenuService(certificate=certificate) as service:
        url = URL(service.url)
        service.faults.set(Faults(refuse=True))
        with fails(ServiceUnavailable, "does not accept connections", url):
            await read_certificate(url)
        service.faults.clear()
        assert (await read_certificate(url)).fingerprint == certificate.fingerprint


async def test_a_server_that_never_shakes_hands_is_a_timeout() -> None:
    async with raw_server(None, scheme="https") as silent, asyncio.timeout(PATIENCE):
        with fails(ServiceTimeout, "did not answer in time", silent.url):
            await read_certificate(silent.url, limits=Limits(connect=0.1, total=3600))


async def test_a_connection_closed_within_the_handshake_is_reported_as_cut_off() -> (
    None
):
    async with raw_server(b"", scheme="https", await_request=False) as server:
        with fails(ServiceUnavailable, "cut off", server.url):
            await read_certificate(server.url)


async def test_an_unknown_name_is_reported_as_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def fail(host: str, port: int, **_: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, f"{host}:{port} is not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", fail)
    url = URL("https://menu.example:8443")
    with fails(ServiceUnavailable, "name is not known", url):
        await read_certificate(url)


async def test_a_connection_without_any_certificate_is_reported(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    # No cipher that a client offers by itself does without one.
    monkeypatch.setattr(ssl.SSLObject, "getpeercert", lambda *_, **__: None)
    async with QrMenuService(certificate=certificate) as service:
        with fails(ServiceUnavailable, "shows no certificate", service.url):
            await read_certificate(URL(service.url))


async def test_a_certificate_that_cannot_be_read_is_a_protocol_error(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ssl.SSLObject, "getpeercert", lambda *_, **__: b"\x30\x00")
    async with QrMenuService(certificate=certificate) as service:
        with fails(ProtocolError, "does not speak", service.url):
            await read_certificate(URL(service.url))


async def test_what_a_library_raises_for_a_certificate_is_a_protocol_error(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A version that there is not; no builder makes one.
    encoded = bytearray(encode(["QR menu"]))
    at = encoded.index(b"\xa0\x03\x02\x01\x02") + 4
    encoded[at] = 7
    with pytest.raises(x509.InvalidVersion):
        parse_certificate(bytes(encoded))
    monkeypatch.setattr(ssl.SSLObject, "getpeercert", lambda *_, **__: bytes(encoded))
    async with QrMenuService(certificate=certificate) as service:
        with fails(ProtocolError, "certificate cannot be read", service.url):
            await read_certificate(URL(service.url))


@pytest.mark.parametrize(
    ("common_names", "extensions", "names"),
    [
        (["QR menu"], [], ("QR menu",)),
        (["Меню", "menu"], [], ("Меню", "menu")),
        ([], [], ()),
        (
            ["QR menu"],
            [x509.SubjectAlternativeName([x509.DNSName("menu.local")])],
            ("menu.local",),
        ),
        (
            ["QR menu"],
            [x509.SubjectAlternativeName([x509.RFC822Name("a@menu.local")])],
            ("QR menu",),
        ),
        (
            ["QR menu"],
            [x509.SubjectAlternativeName([x509.DNSName("menu.local")])] * 2,
            ("QR menu",),
        ),
        (["QR menu"], [alternative_names(b"\xff\xff")], ("QR menu",)),
        (
            ["QR menu"],
            [alternative_names(b"\x30\x04\x87\x02\x01\x02")],
            ("QR menu",),
        ),
        (
            ["QR menu"],
            [alternative_names(b"\x30\x04\xa3\x02\x30\x00")],
            ("QR menu",),
        ),
    ],
    ids=[
        "common name",
        "two common names",
        "no name at all",
        "alternative name",
        "another kind of name",
        "alternative names twice",
        "rubbish",
        "half an address",
        "a kind that nobody reads",
    ],
)
def test_names_are_the_alternative_ones_else_the_subjects(
    common_names: list[str],
    extensions: list[x509.ExtensionType],
    names: tuple[str, ...],
) -> None:
    encoded = encode(common_names, extensions)
    assert parse_certificate(encoded) == ServerCertificate(
        fingerprint=sha256(encoded).hexdigest(),
        names=names,
        not_before=START,
        not_after=END,
    )


@pytest.mark.parametrize("encoded", [b"", b"not a certificate", b"\x30\x80\x00\x00"])
def test_what_is_no_certificate_is_a_value_error(encoded: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_certificate(encoded)


# --- Whether an authority vouches for a certificate ------------------------------------


def trusting(*certificates: Certificate) -> ssl.SSLContext:
    """Return a client's context that trusts these and nothing else."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for certificate in certificates:
        context.load_verify_locations(cadata=certificate.certificate_pem.decode())
    return context


async def test_a_certificate_of_the_context_is_trusted(
    certificate: Certificate,
) -> None:
    async with QrMenuService(certificate=certificate) as service:
        context = trusting(certificate)
        seen = await read_certificate(URL(service.url), context=context)
    assert seen.is_trusted
    assert seen.fingerprint == certificate.fingerprint


@pytest.mark.parametrize(
    "make",
    [
        make_certificate,
        lambda: make_certificate(["elsewhere.example"]),
        lambda: make_certificate(not_before=START - timedelta(days=9), not_after=START),
    ],
    ids=["unknown", "another name", "expired"],
)
async def test_any_other_certificate_is_not_trusted(
    certificate: Certificate,
    make: Callable[[], Certificate],
) -> None:
    shown = make()
    known = certificate if make is make_certificate else shown
    async with QrMenuService(certificate=shown) as service:
        seen = await read_certificate(URL(service.url), context=trusting(known))
    assert not seen.is_trusted
    assert seen.fingerprint == shown.fingerprint


async def test_asking_for_trust_sends_not_one_byte(certificate: Certificate) -> None:
    context = certificate.ssl_context()
    async with raw_server(None, scheme="https", context=context) as server:
        await read_certificate(server.url, context=trusting(certificate))
        async with asyncio.timeout(PATIENCE):
            await server.ended.wait()
        assert server.received == b""


async def test_asking_for_trust_in_vain_makes_no_request(
    certificate: Certificate,
) -> None:
    async with QrMenuService(certificate=certificate) as service:
        await read_certificate(URL(service.url), context=trusting())
        await service.wait_until(
            lambda: service.connections == 2 and service.open_connections == 0
        )
        assert service.requests == []
