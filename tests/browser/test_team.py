"""A team is set up in the pages of Home Assistant, and all of it is reached."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Final

from playwright.async_api import expect
import pytest
import pytest_asyncio

from scripts.live_demo.qr_menu import QrMenu
from tests.real_site import RealSite

from .conftest import Show
from .dialogs import Dialog, begin_set_up
from .people import ADMIN, add_person
from .phones import Push
from .screen import Screen
from .sites import open_site

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PEOPLE: Final = {
    "anna": "Анна",
    "boris": "Борис",
    "vera": "Вера",
    "gleb": "Глеб",
    "dina": "Дина",
}
MOST_SCREENS: Final = 4
ENTRIES: Final = "/config/integrations/integration/carbis_alerts"
PERSON: Final = "config_subentries.person"


@pytest_asyncio.fixture(loop_scope="session")
async def restaurant(tmp_path: Path) -> AsyncGenerator[RealSite]:
    """Return a Russian site with a QR menu."""
    async with open_site(tmp_path, "ru") as site:
        configuration = site.config / "configuration.yaml"
        text = configuration.read_text("utf-8")
        configuration.write_text(f"{text}\nmobile_app:\n", "utf-8")
        await site.start()
        await site.welcome()
        await site.add(QrMenu)
        yield site


@pytest.mark.timeout(180)
async def test_a_team_of_five_is_reached_after_four_screens(
    restaurant: RealSite, show: Show
) -> None:
    site = restaurant
    olga = await add_person(site, "Ольга", "olga", group=ADMIN, language="ru")
    async with Push().serve() as push:
        for username, name in PEOPLE.items():
            await push.register(site, name, username)
        screen = await show(site, person=olga)

        # The list of integrations and the menu of services.
        screens = 2
        dialog = await begin_set_up(screen, "team")
        screens += 1
        await dialog.field("config.step.team.data.name").fill("Зал")
        for name in PEOPLE.values():
            await dialog.element.get_by_text(f"{name} ({name}: iPhone)").click()
        await screen.shot("team-form")
        await dialog.submit()
        screens += 1
        await dialog.skip()
        # Of several devices Home Assistant shows the list.
        await screen.page.wait_for_url(f"**{ENTRIES}**")
        assert screens <= MOST_SCREENS

        await site.call_waiter("6")
        await push.wait_for(*PEOPLE)
        await look_at_people(screen)


async def look_at_people(screen: Screen) -> None:
    """Add somebody without an account, and change somebody step by step."""
    page, words = screen.page, screen.words
    await screen.shot("team-hub")
    await page.get_by_role(
        "button", name=words.own(f"{PERSON}.initiate_flow.user")
    ).click()
    dialog = Dialog(screen)
    await dialog.titled(f"{PERSON}.step.user.title")
    step = f"{PERSON}.step.user.data"
    await dialog.field(f"{step}.name").fill("Егор")
    await dialog.agree()
    await screen.shot("person-user")
    await dialog.submit()
    for name in ("about", "zone", "shift"):
        await dialog.titled(f"{PERSON}.step.{name}.title")
        await screen.shot(f"person-{name}")
        await dialog.submit()
    await dialog.titled(f"{PERSON}.step.channels.title")
    await screen.shot("person-channels")
    await dialog.pick(f"{PERSON}.step.channels.menu_options.add")
    await screen.shot("person-add")
    await dialog.pick(f"{PERSON}.step.add.menu_options.mobile_app")
    # Home Assistant shows no label of a device, but the help below it.
    await dialog.titled(f"{PERSON}.step.mobile_app.data_description.device_id")
    await screen.shot("person-mobile-app")
    await screen.go(ENTRIES)
    await expect(page.get_by_text(PEOPLE["anna"]).first).to_be_visible()
    await screen.shot("team-entry")
