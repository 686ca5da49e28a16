"""Encryption that is too old is named so, whether the server says why or not."""

import aiohttp
import pytest
from yarl import URL

from custom_components.carbis_alerts.api.certificate import read_certificate
from custom_components.carbis_alerts.api.errors import (
    EncryptionTooOld,
    ServiceError,
    ServiceUnavailable,
)
from custom_components.carbis_alerts.api.qr_menu import QrMenuClient, Updates
from custom_components.carbis_alerts.api.transport import Limits
from simulator.certificate import make_certificate
from simulator.faults import Faults
from simulator.qr_menu import QrMenuService

from ..old_tls import OLD, TOO_OLD, Setting, aged, alerting
from ..plain import TOKEN
from .conftest import fails

PATIENT = Limits(connect=20, total=20)


def client(
    session: aiohttp.ClientSession, url: str, fingerprint: str | None
) -> QrMenuClient:
    """Return a client of a server."""
    return QrMenuClient(
        session, URL(url), TOKEN, fingerprint=fingerprint, limits=PATIENT
    )


@pytest.mark.parametrize("setting", TOO_OLD.values(), ids=TOO_OLD)
@pytest.mark.parametrize("has_alert", [True, False], ids=["with an alert", "silent"])
async def test_what_is_too_old_is_named(
    session: aiohttp.ClientSession, setting: Setting, has_alert: bool
) -> None:
    certificate = aged(setting)
    if has_alert:
        async with alerting(certificate) as url:
            await assert_too_old(session, url, certificate.fingerprint)
        return
    async with QrMenuService(token=TOKEN, certificate=certificate) as service:
        await assert_too_old(session, service.url, certificate.fingerprint)
        assert service.received == 0


async def assert_too_old(
    session: aiohttp.ClientSession, url: str, fingerprint: str
) -> None:
    """Ask, with a pin, and look at the error."""
    with fails(EncryptionTooOld, "too old", url):
        await client(session, url, fingerprint).fetch(None)


async def test_a_short_dh_key_is_named_where_only_the_certificate_is_read() -> None:
    certificate = aged(TOO_OLD["DH of 1,024 bits"])
    async with QrMenuService(token=TOKEN, certificate=certificate) as service:
        with pytest.raises(EncryptionTooOld):
            await read_certificate(URL(service.url), limits=PATIENT)


@pytest.mark.parametrize("bits", [1024, 2048])
@pytest.mark.parametrize("setting", OLD.values(), ids=OLD)
async def test_what_is_old_and_still_accepted_works(
    session: aiohttp.ClientSession, setting: Setting, bits: int
) -> None:
    certificate = aged(setting, bits=bits)
    async with QrMenuService(token=TOKEN, certificate=certificate) as service:
        shown = await read_certificate(URL(service.url), limits=PATIENT)
        assert shown.fingerprint == certificate.fingerprint
        asked = client(session, service.url, certificate.fingerprint)
        assert await asked.fetch(None) == Updates(events=())


@pytest.mark.parametrize("faults", [Faults(refuse=True), Faults(reset=True)])
async def test_a_server_that_is_away_is_not_called_old(
    session: aiohttp.ClientSession, faults: Faults
) -> None:
    certificate = make_certificate()
    async with QrMenuService(token=TOKEN, certificate=certificate) as service:
        service.faults.set(faults)
        with pytest.raises(ServiceUnavailable) as caught:
            await client(session, service.url, certificate.fingerprint).fetch(None)
    assert type(caught.value) is ServiceUnavailable


async def test_a_server_that_is_none_of_tls_is_not_called_old(
    session: aiohttp.ClientSession,
) -> None:
    async with QrMenuService(token=TOKEN) as service:
        url = service.url.replace("http:", "https:")
        with pytest.raises(ServiceError) as caught:
            await client(session, url, None).fetch(None)
    assert not isinstance(caught.value, EncryptionTooOld)
