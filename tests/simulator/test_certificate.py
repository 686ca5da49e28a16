"""Self-signed certificates and how a server swaps them."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
import hashlib
import ssl

import aiohttp
import pytest

from simulator.certificate import Certificate, make_certificate
from simulator.qr_menu import QrMenuService

from .conftest import fetch


def trusting(certificate: Certificate) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=certificate.certificate_pem.decode())


def pin(certificate: Certificate) -> aiohttp.Fingerprint:
    return aiohttp.Fingerprint(bytes.fromhex(certificate.fingerprint))


def test_fingerprint_is_the_sha256_of_the_der_form() -> None:
    certificate = make_certificate()
    der = ssl.PEM_cert_to_DER_cert(certificate.certificate_pem.decode())
    assert certificate.fingerprint == hashlib.sha256(der).hexdigest()


def test_each_certificate_is_another() -> None:
    assert make_certificate().fingerprint != make_certificate().fingerprint


def test_dates_and_names_are_kept() -> None:
    start, end = datetime(2020, 1, 1, tzinfo=UTC), datetime(2021, 1, 1, tzinfo=UTC)
    certificate = make_certificate(
        ["menu.local"], not_before=start, not_after=end, common_name="Меню"
    )
    assert (certificate.not_before, certificate.not_after) == (start, end)
    assert (certificate.names, certificate.common_name) == (("menu.local",), "Меню")


async def test_client_that_trusts_it_checks_name_and_certificate(
    session: aiohttp.ClientSession,
) -> None:
    certificate = make_certificate()
    async with QrMenuService(certificate=certificate) as service:
        assert service.url == f"https://127.0.0.1:{service.port}"
        assert (
            await fetch(session, service.url, ssl=trusting(certificate))
        ).status == 200
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await fetch(session, service.url)


async def test_expired_certificate_is_served_and_refused(
    session: aiohttp.ClientSession,
) -> None:
    past = datetime(2020, 1, 1, tzinfo=UTC), datetime(2021, 1, 1, tzinfo=UTC)
    certificate = make_certificate(not_before=past[0], not_after=past[1])
    async with QrMenuService(certificate=certificate) as service:
        with pytest.raises(aiohttp.ClientConnectorCertificateError, match="expired"):
            await fetch(session, service.url, ssl=trusting(certificate))


async def test_changed_certificate_on_the_same_port(
    session: aiohttp.ClientSession,
) -> None:
    old, new = make_certificate(), make_certificate()
    async with QrMenuService(certificate=old) as service:
        url = service.url
        assert (await fetch(session, url, ssl=pin(old))).status == 200
        await service.set_certificate(new)
        assert service.url == url
        with pytest.raises(aiohttp.ServerFingerprintMismatch):
            await fetch(session, url, ssl=pin(old))
        assert (await fetch(session, url, ssl=pin(new))).status == 200


async def test_tls_can_be_taken_away(session: aiohttp.ClientSession) -> None:
    async with QrMenuService(certificate=make_certificate()) as service:
        await service.set_certificate(None)
        assert service.url.startswith("http://")
        assert (await fetch(session, service.url)).status == 200


async def test_connection_counts_even_when_its_handshake_fails() -> None:
    async with QrMenuService(certificate=make_certificate()) as service:
        reader, writer = await asyncio.open_connection(service.host, service.port)
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        with suppress(ConnectionError):
            await reader.read()
        writer.close()
        assert (service.connections, service.open_connections) == (1, 0)
        assert service.requests == []
