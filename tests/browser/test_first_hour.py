"""A newcomer's way: a fresh Home Assistant, the first service, the first light."""

import json
from pathlib import Path
import re

from homeassistant import components
from playwright.async_api import expect
import pytest
from yarl import URL

from tests.real_site import PASSWORD, RealSite

from .conftest import Show
from .dialogs import set_up_qr_menu
from .screen import Screen
from .sites import LAMP, LAMPS

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

EDITOR = "panel.config.automation.editor"
TABLES = {"en": "Table 6", "ru": "Столик 6"}


@pytest.mark.timeout(180)
@pytest.mark.parametrize("language", ["en", "ru"])
async def test_a_newcomer_gets_from_the_welcome_to_the_first_light(
    new_site: RealSite, language: str, show: Show
) -> None:
    screen = await show(new_site, language=language)

    await onboard(screen)
    # What the page has got is good for the test's own questions too.
    tokens = await screen.page.evaluate("localStorage.hassTokens")
    new_site.assistant.token = json.loads(tokens)["access_token"]
    await set_up_qr_menu(screen, new_site.simulator)
    await new_site.call_waiter("6")
    await screen.page.get_by_role("link", name=TABLES[language]).click()
    waits = screen.words.own("entity.binary_sensor.waiter_called.state.on")
    await expect(screen.page.get_by_text(waits).first).to_be_visible()

    await make_automation(screen)
    await new_site.wait_for(LAMP, "off")
    await new_site.call_waiter("6")
    await new_site.wait_for(LAMP, "on")


async def onboard(screen: Screen) -> None:
    """Go from the welcome to the first dashboard, as everybody does."""
    page, words = screen.page, screen.words

    async def press(key: str) -> None:
        name = words.frontend(f"panel.page-onboarding.{key}")
        await page.get_by_role("button", name=name, exact=True).click()

    await screen.go("/")
    await press("welcome.start")
    user = page.locator("onboarding-create-user")
    for key, text in (("name", "Anna"), ("username", "anna")):
        label = words.frontend_label(f"panel.page-onboarding.user.data.{key}")
        await user.get_by_role("textbox", name=label).fill(text)
    for field in await user.locator("input[type=password]").all():
        await field.fill(PASSWORD)
    await press("user.create_account")
    await expect(page.locator("onboarding-location")).to_be_visible()
    await press("core-config.finish")
    await expect(
        page.locator("onboarding-core-config ha-country-picker")
    ).to_be_visible()
    await press("core-config.finish")
    await expect(page.locator("onboarding-analytics")).to_be_visible()
    await press("analytics.finish")
    await press("integration.finish")
    await page.wait_for_url(
        lambda url: URL(url).path.startswith(("/home", "/lovelace"))
    )


async def make_automation(screen: Screen) -> None:
    """Let table 6 turn on the lamp, in the editor of automations."""
    page, words = screen.page, screen.words
    adding = page.locator("add-automation-element-dialog")

    await screen.go("/config/automation/edit/new")
    await screen.button(f"{EDITOR}.triggers.add").click()
    by_type = adding.get_by_text(words.frontend(f"{EDITOR}.tabs.type"), exact=True)
    await by_type.click()
    await adding.get_by_role("button", name="Carbis Alerts").click()
    trigger = words.own("triggers.waiter_called.name")
    await expect(adding.get_by_text(trigger, exact=True)).to_be_visible()
    await screen.shot("triggers")
    await adding.get_by_text(trigger, exact=True).click()
    await add_target(screen, TABLES[screen.language], device=True)

    await screen.button(f"{EDITOR}.actions.add").click()
    turn_on = turn_on_words(screen.language)
    await adding.get_by_role("textbox").fill(turn_on)
    await adding.get_by_text(turn_on).click()
    await add_target(screen, LAMPS[screen.language])
    await screen.shot("automation", in_docs="automation")

    await screen.button("common.save").click()
    saving = page.locator("ha-dialog-automation-save")
    await saving.get_by_role("textbox").first.fill("Table 6 calls")
    save = saving.get_by_role("button", name=words.frontend("common.save"), exact=True)
    await save.click()
    await page.wait_for_url(re.compile(r"/config/automation/edit/(?!new)"))


async def add_target(screen: Screen, name: str, *, device: bool = False) -> None:
    """Search for a target of what the editor's side shows, and take it."""
    page = screen.page
    await screen.button("components.target-picker.add_target").last.click()
    picker = page.locator("ha-picker-combo-box")
    await picker.get_by_role("textbox").fill(name)
    found = picker.locator("ha-combo-box-item").filter(has_text=name)
    if device:
        # Its entities bear its name too, and are of a kind each.
        found = found.filter(has_text="Carbis Alerts")
    await found.click()


def turn_on_words(language: str) -> str:
    """Return what Home Assistant calls the turning on of a light."""
    (folder,) = components.__path__
    path = Path(folder, "light", "translations", f"{language}.json")
    return str(json.loads(path.read_text("utf-8"))["services"]["turn_on"]["name"])
