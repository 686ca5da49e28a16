"""What an administrator does later, in the pages of Home Assistant."""

import json
from pathlib import Path
from typing import Any

from playwright.async_api import Locator, expect
import pytest
import pytest_asyncio

from scripts.live_demo.qr_menu import QrMenu
from tests.real_site import RealSite

from .conftest import Show
from .dialogs import Dialog
from .people import Person
from .screen import Screen

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PAGE = "/config/integrations/integration/carbis_alerts"
ENTRY = "panel.config.integrations.config_entry"
CONNECTION = "binary_sensor.qr_menu_127_0_0_1_connection"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def entry_id(site: RealSite) -> str:
    """Return the id of a QR menu that is set up."""
    return await site.add(QrMenu)


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_who_is_asked_for_a_new_token_enters_it_and_it_works(
    site: RealSite, entry_id: str, person: Person, show: Show
) -> None:
    screen = await show(site, person=person)
    await screen.go(PAGE)

    new_token = f"token-for-{person.language}"
    await site.publish("/qr-menu/settings", {"token": new_token})
    asks = screen.button("panel.config.integrations.reconfigure")
    await asks.click()
    dialog = Dialog(screen)
    await dialog.titled("config.step.reauth_confirm.title")
    await dialog.field("config.step.reauth_confirm.data.token").fill("a wrong one")
    await dialog.submit()
    await dialog.titled("config.error.invalid_auth")
    await screen.shot("reauth")
    await dialog.field("config.step.reauth_confirm.data.token").fill(new_token)
    await dialog.submit()
    await dialog.titled("config.abort.reauth_successful")
    await dialog.close()

    await expect(asks).to_have_count(0)
    await site.wait_for(CONNECTION, "on")


async def test_an_address_is_changed_and_the_token_stays(
    site: RealSite, entry_id: str, owner: Person, show: Show
) -> None:
    screen = await show(site, person=owner)
    await screen.go(PAGE)

    await (await menu_item(screen, "reconfigure")).click()
    dialog = Dialog(screen)
    await dialog.titled("config.step.reconfigure.title")
    address = dialog.field("config.step.reconfigure.data.url")
    await expect(address).to_have_value(site.simulator["qr_menu_url"])
    await address.fill("https://127.0.0.1:1")
    await dialog.submit()
    await dialog.titled("config.error.cannot_connect")
    await screen.shot("reconfigure")
    await address.fill(site.simulator["qr_menu_url"])
    await dialog.submit()
    await dialog.titled("config.abort.reconfigure_successful")
    await dialog.close()

    await site.wait_for(CONNECTION, "on")


async def test_options_are_kept(
    site: RealSite, entry_id: str, manager: Person, show: Show
) -> None:
    screen = await show(site, person=manager)
    await screen.go(PAGE)

    await screen.button(f"{ENTRY}.configure").first.click()
    dialog = Dialog(screen)
    await dialog.titled("options.step.init.title")
    overdue = dialog.number("options.step.init.data.overdue_after")
    await expect(overdue).to_have_value("120")
    await overdue.fill("45")
    await screen.shot("options")
    await dialog.submit()
    await dialog.finish()

    await screen.button(f"{ENTRY}.configure").first.click()
    await expect(overdue).to_have_value("45")


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_what_a_code_means_is_asked_and_can_be_changed_later(
    site: RealSite, entry_id: str, person: Person, language: str, show: Show
) -> None:
    code = f"need_bill_{language}"
    name = {"en": "21", "ru": "22"}[language]
    table = {"id": 1000900 + int(name), "name": name, "max_guests": 4}
    event = {"code": code, "table": table["id"], "table_repr": table}
    screen = await show(site, person=person, width=390, height=844)
    for _ in range(3):
        await site.publish("/qr-menu/events", event)
    await screen.go("/config/repairs")

    notice = screen.page.get_by_text(code)
    await expect(notice).to_be_visible()
    await screen.shot("repairs-unknown-code")
    await notice.click()
    repair = Dialog(screen)
    await expect(repair.element).to_contain_text(code)
    meaning = screen.words.own("selector.code_meaning.options.bill_request")
    await repair.element.get_by_text(meaning).click()
    await screen.shot("unknown-code")
    await repair.submit()
    await expect(notice).to_have_count(0)
    await site.wait_for(CONNECTION, "on")
    await site.publish("/qr-menu/events", event)
    await site.wait_for(f"binary_sensor.table_{name}_bill_requested", "on")

    await screen.go(PAGE)
    await screen.button(f"{ENTRY}.configure").first.click()
    dialog = Dialog(screen)
    row = dialog.element.get_by_text(code)
    await row.scroll_into_view_if_needed()
    await screen.shot("options-codes")


async def test_a_certificate_that_has_changed_is_trusted_in_the_repair(
    site: RealSite, entry_id: str, manager: Person, show: Show
) -> None:
    screen = await show(site, person=manager)
    await screen.go("/config/repairs")

    changed = await site.publish("/qr-menu/certificate")
    title = screen.words.own(
        "issues.certificate_changed.title", title="QR menu 127.0.0.1"
    )
    notice = screen.page.get_by_text(title)
    await notice.click()
    repair = Dialog(screen)
    await repair.titled("issues.certificate_changed.fix_flow.step.confirm.title")
    shown = await repair.element.locator("code").last.inner_text()
    assert shown.replace(":", "").lower() == changed["fingerprint"]
    await screen.shot("certificate-changed")
    await repair.submit()
    await site.wait_for(CONNECTION, "on")
    await expect(notice).to_have_count(0)


async def test_the_diagnostics_hold_no_token_and_no_address(
    site: RealSite, entry_id: str, owner: Person, show: Show, tmp_path: Path
) -> None:
    token = (await site.publish("/qr-menu/settings", {}))["token"]
    screen = await show(site, person=owner)
    await screen.go(PAGE)

    item = await menu_item(screen, "download_diagnostics")
    async with screen.page.expect_download() as started:
        await item.click()
    path = tmp_path / "diagnostics.json"
    await (await started.value).save_as(path)

    text = path.read_text("utf-8")
    published: dict[str, Any] = json.loads(text)["data"]
    assert published["entry"]["data"]["service"] == "qr_menu"
    assert token not in text
    assert "127.0.0.1" not in text


def entry_row(screen: Screen) -> Locator:
    """Return the row of the one entry."""
    return screen.page.locator("ha-config-entry-row")


async def menu_item(screen: Screen, key: str) -> Locator:
    """Open the entry's menu; return one of its items."""
    menu = screen.words.frontend("common.menu")
    row = entry_row(screen)
    await row.get_by_role("button", name=menu, exact=True).first.click()
    name = screen.words.frontend(f"{ENTRY}.{key}")
    return screen.page.get_by_role("menuitem", name=name, exact=True)
