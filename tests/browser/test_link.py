"""An account is linked in the dialogs as a person sees them, with an image that a phone could read."""

from collections.abc import Mapping
from typing import Any

from playwright.async_api import Locator, expect
import pytest
import pytest_asyncio

from simulator.green_api_linking import draw
from tests.real_site import RealSite

from .conftest import Show
from .dialogs import Dialog, arrive, begin_set_up
from .people import Person
from .screen import Screen

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.parametrize("language", ["en", "ru"]),
]

STEP = "config.step"
FIX = "issues.not_linked.fix_flow.step"
# Of any text that is as long.
WIDTH = int.from_bytes(draw(f"2@{'x' * 64}")[16:20])
INSTANCES = {
    ("max", "en"): "3100000001",
    ("max", "ru"): "3100000002",
    ("telegram", "en"): "4100000001",
    ("telegram", "ru"): "4100000002",
    ("whatsapp", "en"): "1101000001",
    ("whatsapp", "ru"): "1101000002",
    ("logged out", "en"): "1101000003",
    ("logged out", "ru"): "1101000004",
}


@pytest_asyncio.fixture(loop_scope="session")
async def gateway(site: RealSite, messenger: str, language: str) -> Mapping[str, Any]:
    """Return a gateway that has no account yet, one for each messenger and language."""
    name = "whatsapp" if messenger == "logged out" else messenger
    simulator = await site.start_simulator(
        *("--messenger", name),
        *("--green-api-instance", INSTANCES[messenger, language]),
    )
    await set_state(site, simulator, "notAuthorized")
    return simulator


async def set_state(site: RealSite, gateway: Mapping[str, Any], state: str) -> None:
    """Change the state of a gateway's account."""
    await site.publish("/green-api/account", {"state": state}, simulator=gateway)


async def fill_in(screen: Screen, gateway: Mapping[str, Any]) -> Dialog:
    """Fill in the form of a messenger and send it."""
    fields = f"{STEP}.green_api.data"
    dialog = await begin_set_up(screen, "green_api")
    await dialog.field(f"{fields}.url").fill(gateway["green_api_url"])
    await dialog.field(f"{fields}.instance_id").fill(gateway["green_api_instance_id"])
    await dialog.field(f"{fields}.token").fill(gateway["green_api_token"])
    await dialog.submit()
    return dialog


async def image_of(dialog: Dialog) -> Locator:
    """Wait for an image that the browser has really got and shows."""
    image = dialog.element.locator("ha-markdown img")
    await expect(image).to_be_visible()
    await expect(image).to_have_js_property("naturalWidth", WIDTH)
    return image


@pytest.mark.parametrize("messenger", ["whatsapp", "max", "telegram"])
async def test_an_account_is_linked_by_its_image(
    site: RealSite,
    person: Person,
    language: str,
    messenger: str,
    gateway: Mapping[str, Any],
    show: Show,
) -> None:
    screen = await show(site, person=person)
    dialog = await fill_in(screen, gateway)
    await dialog.titled(f"{STEP}.link.title")
    await screen.shot(f"link-{messenger}")
    await dialog.pick(f"{STEP}.link.menu_options.link_qr")
    image = await image_of(dialog)
    await screen.shot(f"link-qr-{messenger}")

    first = await image.get_attribute("src")
    assert first is not None
    assert first.startswith("/api/carbis_alerts/link/")
    if messenger != "whatsapp":
        # Another one after 5 s.
        await expect(image).not_to_have_attribute("src", first)
        await image_of(dialog)

    await site.publish("/green-api/link", {}, simulator=gateway)
    await arrive(screen, dialog)
    await screen.shot(f"linked-{messenger}")


@pytest.mark.parametrize("messenger", ["logged out"])
async def test_an_account_that_was_logged_out_is_linked_in_its_repair(
    site: RealSite,
    person: Person,
    language: str,
    gateway: Mapping[str, Any],
    show: Show,
) -> None:
    await set_state(site, gateway, "authorized")
    screen = await show(site, person=person)
    await arrive(screen, await fill_in(screen, gateway))
    await set_state(site, gateway, "notAuthorized")
    await screen.go("/config/repairs")
    title = screen.words.own("issues.not_linked.title", title="WhatsApp …4567")
    notice = screen.page.get_by_text(title)
    repair = Dialog(screen)

    await notice.click()
    await repair.titled(f"{FIX}.link.title")
    await repair.pick(f"{FIX}.link.menu_options.link_qr")
    await image_of(repair)
    await screen.shot("repair-qr")
    # Given up in the middle, and begun again.
    await repair.close()
    await expect(repair.element.locator("ha-markdown img")).to_have_count(0)

    await notice.click()
    await repair.pick(f"{FIX}.link.menu_options.link_code")
    await repair.field(f"{FIX}.link_code.data.phone").fill("+7 900 123-45-67")
    await screen.shot("repair-code-form")
    await repair.submit()
    code = await repair.element.locator("ha-markdown h1").inner_text()
    await screen.shot("repair-code")
    await site.publish("/green-api/link", {"code": code}, simulator=gateway)
    await expect(notice).to_have_count(0)
