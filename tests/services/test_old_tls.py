"""A server whose encryption nobody accepts any more: said in words, and gone by itself."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.carbis_alerts.const import DOMAIN
from custom_components.carbis_alerts.runtime.naming import entry_name
from simulator.certificate import Certificate, make_certificate
from simulator.green_api import GreenApiService
from simulator.pbx import PbxService
from simulator.qr_menu import QrMenuService

from ..conftest import TOKEN
from ..flows import WORDS
from ..helpers import wait_until
from ..old_tls import TOO_OLD, aged
from .conftest import MakePbx, MakeWhatsApp

type Server = GreenApiService | PbxService | QrMenuService

GOOD = make_certificate()


def issue_of(hass: HomeAssistant, entry: MockConfigEntry) -> ir.IssueEntry | None:
    """Return the repair of an entry's encryption."""
    return ir.async_get(hass).async_get_issue(DOMAIN, f"tls_too_old_{entry.entry_id}")


async def assert_repair_comes_and_goes(
    hass: HomeAssistant,
    server: Server,
    entry: MockConfigEntry,
    old: Certificate,
) -> None:
    """Give a server old encryption, then good one again."""
    runtime = entry.runtime_data
    await wait_until(lambda: bool(runtime.connection.is_up))
    await server.set_certificate(old)
    await wait_until(lambda: issue_of(hass, entry) is not None)
    issue = issue_of(hass, entry)
    assert issue is not None
    assert not issue.is_fixable
    assert issue.translation_placeholders == {"title": entry_name(hass, entry)}
    for words in WORDS.values():
        texts = words["issues"]["tls_too_old"]
        assert texts["title"].format_map(issue.translation_placeholders)
        assert texts["description"].format_map(issue.translation_placeholders)
    assert runtime.statistics.failures["EncryptionTooOld"]

    await server.set_certificate(GOOD)
    await wait_until(lambda: bool(runtime.connection.is_up))
    assert issue_of(hass, entry) is None


@pytest.mark.parametrize("setting", TOO_OLD.values(), ids=TOO_OLD)
async def test_a_qr_menu(
    hass: HomeAssistant,
    make_entry: Any,
    setting: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with QrMenuService(token=TOKEN, certificate=GOOD) as server:
        entry = make_entry(server, fingerprint=GOOD.fingerprint)
        assert await hass.config_entries.async_setup(entry.entry_id)
        await assert_repair_comes_and_goes(hass, server, entry, aged(setting))
    assert "The server's encryption is too old" in caplog.text


async def test_a_pbx(
    hass: HomeAssistant,
    pbx: PbxService,
    make_pbx: MakePbx,
) -> None:
    await pbx.set_certificate(GOOD)
    entry = make_pbx(pbx, fingerprint=GOOD.fingerprint)
    assert await hass.config_entries.async_setup(entry.entry_id)
    old = aged(TOO_OLD["TLS 1.1"])
    await assert_repair_comes_and_goes(hass, pbx, entry, old)


async def test_a_messenger(
    hass: HomeAssistant,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
) -> None:
    await green_api.set_certificate(GOOD)
    entry = make_whatsapp(green_api)
    hass.config_entries.async_update_entry(
        entry, data={**entry.data, "fingerprint": GOOD.fingerprint}
    )
    assert await hass.config_entries.async_setup(entry.entry_id)
    old = aged(TOO_OLD["TLS 1.0"])
    await assert_repair_comes_and_goes(hass, green_api, entry, old)
