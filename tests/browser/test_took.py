"""A tablet that many share: one more touch says who has it; the dashboard shows the people."""

from collections.abc import Mapping
from typing import Any

from playwright.async_api import expect
import pytest

from scripts.live_demo.errors import DemoError
from scripts.live_demo.qr_menu import QrMenu
from scripts.live_demo.service import Subentry
from tests.real_site import RealSite

from .boards import Board, alerts_of, close_all, put_up, wait_for_devices
from .conftest import Show
from .people import USER, add_person

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


class Team:
    """A team without a name of its own."""

    name = "team"

    def answer(self, step: str, shown: Mapping[str, Any]) -> dict[str, Any]:
        """Pick the team, and leave out whatever can be."""
        match step:
            case "user":
                return {"next_step_id": "team"}
            case "team":
                return {"name": "Вечерняя смена"}
        raise DemoError(f"The form asks for {step}.")


async def test_one_more_touch_says_who_has_it(site: RealSite, show: Show) -> None:
    await site.add(QrMenu)
    entry_id = await site.assistant.set_up(Team())
    for name in ("Мария", "Анна"):
        person = Subentry("person", {"name": name, "more": False})
        await site.assistant.add(entry_id, person)
    tablet = await add_person(site, "Планшет", "tablet", group=USER, language="ru")
    path = await put_up(site, "a-shared", "Shared", ask_who=True)
    await close_all(site)
    await site.publish("/qr-menu/tables/1/call")
    await wait_for_devices(site, "Анна", "Мария", "Table 1")
    screen = await show(site, person=tablet, width=1024, height=768)
    await screen.go(path)
    board = Board(screen)
    await board.touch("Table 1")
    asked = board.card.locator("dialog.who")
    await expect(asked.locator(".pick")).to_have_text(["Анна", "Мария"])
    await screen.shot("board-who")
    await asked.get_by_role("button", name="Анна").click()
    await expect(asked).to_be_hidden()
    await expect(board.card.get_by_text("Принято: Анна")).to_be_visible()
    (alert,) = await alerts_of(site)
    assert (alert["state"], alert["by"]) == ("acknowledged", "Анна")
    assert alert["person_id"] is not None

    async with await site.stream() as stream:
        await stream.command(
            "lovelace/dashboards/create", url_path="whole-team", title="Whole"
        )
        await stream.command(
            "lovelace/config/save",
            url_path="whole-team",
            config={"strategy": {"type": "custom:carbis-alerts"}},
        )
    await screen.go("/whole-team/people")
    await expect(screen.page.get_by_text("Анна").first).to_be_visible()
    await expect(screen.page.locator("hui-tile-card").first).to_be_visible()
    await screen.shot("dashboard-people")
