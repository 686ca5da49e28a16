"""A pinned certificate over its life: changed, back again, trusted after all."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any
from unittest.mock import patch

from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_socket import socket_allow_hosts
from yarl import URL

from custom_components.carbis_alerts.api.errors import (
    CertificateError,
    ServiceUnavailable,
)
from custom_components.carbis_alerts.const import CONF_FINGERPRINT, DOMAIN
from custom_components.carbis_alerts.runtime.certificates import (
    async_pin,
    async_read,
    pin_of,
)
from custom_components.carbis_alerts.runtime.timings import timings
from simulator.certificate import Certificate, make_certificate
from simulator.qr_menu import QrMenuService

from ..authority import Authority
from ..conftest import TOKEN, Recorder
from ..flows import begin
from ..helpers import CONNECTION, wait_for_state, wait_until
from .faults import PINNED, TRUSTED, UNKNOWN, a_machine

CERTIFICATES = "custom_components.carbis_alerts.runtime.certificates"


@pytest.fixture
async def server() -> AsyncGenerator[QrMenuService]:
    """Return a server with a certificate of its own."""
    async with QrMenuService(token=TOKEN, certificate=PINNED) as service:
        yield service


@pytest.fixture
async def pinned(
    hass: HomeAssistant, server: QrMenuService, make_entry: Any
) -> AsyncGenerator[MockConfigEntry]:
    """Return a loaded entry that has the server's certificate pinned."""
    with a_machine():
        entry: MockConfigEntry = make_entry(server, fingerprint=PINNED.fingerprint)
        assert await hass.config_entries.async_setup(entry.entry_id)
        await wait_for_state(hass, CONNECTION, "on")
        yield entry


def certificate_issue(
    hass: HomeAssistant, entry: MockConfigEntry
) -> ir.IssueEntry | None:
    """Return the repair of an entry's certificate."""
    return ir.async_get(hass).async_get_issue(
        DOMAIN, f"certificate_changed_{entry.entry_id}"
    )


def as_shown(certificate: Certificate) -> str:
    """Return a fingerprint as people compare it."""
    return bytes.fromhex(certificate.fingerprint).hex(":").upper()


async def test_a_changed_certificate_is_shown_beside_the_old_and_gets_no_token(
    hass: HomeAssistant, server: QrMenuService, pinned: MockConfigEntry
) -> None:
    await server.set_certificate(UNKNOWN)
    asked = server.received
    await wait_for_state(hass, CONNECTION, "off")
    await wait_until(lambda: certificate_issue(hass, pinned) is not None)
    await wait_until(lambda: pinned.runtime_data.statistics.tries > asked + 3)

    issue = certificate_issue(hass, pinned)
    assert issue is not None
    assert issue.severity is ir.IssueSeverity.ERROR
    assert issue.is_fixable
    assert issue.translation_placeholders == {
        "title": f"QR menu {pinned.title}",
        "old": as_shown(PINNED),
        "new": as_shown(UNKNOWN),
    }
    assert server.received == asked
    assert pinned.data[CONF_FINGERPRINT] == PINNED.fingerprint


async def test_the_repair_follows_the_certificate_and_goes_when_the_old_one_is_back(
    hass: HomeAssistant, server: QrMenuService, pinned: MockConfigEntry, bus: Recorder
) -> None:
    for certificate in (UNKNOWN, make_certificate()):
        await server.set_certificate(certificate)

        def is_shown(shown: str = as_shown(certificate)) -> bool:
            issue = certificate_issue(hass, pinned)
            return (
                issue is not None
                and (issue.translation_placeholders or {})["new"] == shown
            )

        await wait_until(is_shown)
    missed = server.waiter_call("6")["hash"]

    await server.set_certificate(PINNED)

    await bus.wait(1)
    await wait_for_state(hass, CONNECTION, "on")
    assert bus.ids == [missed]
    assert certificate_issue(hass, pinned) is None


async def test_a_pin_holds_before_a_trusted_certificate_until_a_person_agrees(
    hass: HomeAssistant, server: QrMenuService, make_entry: Any, bus: Recorder
) -> None:
    authority = Authority()
    with a_machine(authority.context()):
        entry = make_entry(
            server,
            url=f"https://localhost:{server.port}",
            fingerprint=PINNED.fingerprint,
        )
        assert await hass.config_entries.async_setup(entry.entry_id)
        await wait_for_state(hass, CONNECTION, "on")
        await server.set_certificate(authority.issue("localhost"))
        asked, missed = server.received, server.waiter_call("6")["hash"]
        await wait_until(lambda: certificate_issue(hass, entry) is not None)
        assert (server.received, bus.ids) == (asked, [])
        assert entry.data[CONF_FINGERPRINT] == PINNED.fingerprint

        seen = await async_read(
            URL(entry.data["url"]), PINNED.fingerprint, timings().limits
        )
        async_pin(hass, entry, pin_of(seen))

        await bus.wait(1)
        assert bus.ids == [missed]
        assert entry.data[CONF_FINGERPRINT] is None
        await wait_until(lambda: certificate_issue(hass, entry) is None)
        # From now on it renews itself, and another is asked about as ever.
        await server.set_certificate(authority.issue("localhost"))
        server.waiter_call("7")
        await bus.wait(2)
        await server.set_certificate(authority.issue("elsewhere.example"))
        await wait_until(lambda: certificate_issue(hass, entry) is not None)
        assert all(request.token_ok for request in server.requests)
        assert await hass.config_entries.async_unload(entry.entry_id)


@pytest.fixture
def two_addresses(server: QrMenuService, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return an address of the server by a name that has a second one: nobody is there."""
    socket_allow_hosts(["127.0.0.1", "127.0.0.2"])
    loop = asyncio.get_event_loop()
    real = loop.getaddrinfo

    async def found(host: Any, port: Any, **more: Any) -> Any:
        hosts = (server.host, "127.0.0.2") if host == "menu.example" else (host,)
        return [one for name in hosts for one in await real(name, port, **more)]

    monkeypatch.setattr(loop, "getaddrinfo", found)
    return f"https://menu.example:{server.port}"


async def test_of_two_addresses_the_form_asks_about_the_certificate_of_one(
    hass: HomeAssistant, server: QrMenuService, two_addresses: str
) -> None:
    with a_machine(Authority().context()):
        shown = await hass.config_entries.flow.async_configure(
            (await begin(hass, "qr_menu"))["flow_id"],
            {"url": two_addresses, "token": TOKEN},
        )
    assert shown["step_id"] == "certificate"
    placeholders: Any = shown["description_placeholders"]
    assert placeholders["fingerprint"] == as_shown(PINNED)
    assert server.received == 0


@pytest.mark.parametrize("is_pinned", [True, False])
async def test_of_two_addresses_the_one_with_another_certificate_is_asked_about(
    hass: HomeAssistant,
    server: QrMenuService,
    make_entry: Any,
    two_addresses: str,
    is_pinned: bool,
) -> None:
    authority = Authority()
    before = PINNED if is_pinned else authority.issue("menu.example")
    await server.set_certificate(before)
    with a_machine(authority.context()):
        entry = make_entry(
            server,
            url=two_addresses,
            fingerprint=PINNED.fingerprint if is_pinned else None,
        )
        assert await hass.config_entries.async_setup(entry.entry_id)
        await wait_until(lambda: entry.runtime_data.connection.is_up is True)
        await server.set_certificate(UNKNOWN)
        await wait_until(lambda: certificate_issue(hass, entry) is not None)
        failure = entry.runtime_data.connection.failure
        assert isinstance(failure, CertificateError)
        await server.set_certificate(before)
        await wait_until(lambda: certificate_issue(hass, entry) is None)
        assert await hass.config_entries.async_unload(entry.entry_id)


async def test_a_certificate_that_is_trusted_no_more_is_asked_about_without_an_old_one(
    hass: HomeAssistant, server: QrMenuService, make_entry: Any
) -> None:
    with a_machine():
        await server.set_certificate(TRUSTED)
        entry = make_entry(server)
        assert await hass.config_entries.async_setup(entry.entry_id)
        await wait_for_state(hass, CONNECTION, "on")
        await server.set_certificate(UNKNOWN)
        await wait_until(lambda: certificate_issue(hass, entry) is not None)
        issue = certificate_issue(hass, entry)
        assert issue is not None
        assert (issue.translation_placeholders or {})["old"] == "—"
        assert await hass.config_entries.async_unload(entry.entry_id)


async def test_a_server_that_goes_while_it_is_looked_at_is_asked_about_later(
    hass: HomeAssistant, server: QrMenuService, pinned: MockConfigEntry
) -> None:
    gone = ServiceUnavailable("gone")
    with patch(f"{CERTIFICATES}.read_certificate", side_effect=gone) as looked:
        await server.set_certificate(UNKNOWN)
        await wait_until(lambda: looked.call_count >= 2)
        assert certificate_issue(hass, pinned) is None
    await wait_until(lambda: certificate_issue(hass, pinned) is not None)


@pytest.mark.parametrize("disable", [True, False])
async def test_an_entry_that_goes_takes_its_repair_along(
    hass: HomeAssistant, server: QrMenuService, pinned: MockConfigEntry, disable: bool
) -> None:
    await server.set_certificate(UNKNOWN)
    await wait_until(lambda: certificate_issue(hass, pinned) is not None)
    if disable:
        await hass.config_entries.async_set_disabled_by(
            pinned.entry_id, ConfigEntryDisabler.USER
        )
    else:
        await hass.config_entries.async_remove(pinned.entry_id)
    assert certificate_issue(hass, pinned) is None
