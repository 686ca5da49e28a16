"""The board on a dashboard: how to put it up, and what stands on it."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
import json
import re
from typing import Any, Final

from playwright.async_api import Locator, expect

from scripts.live_demo.home_assistant import PAUSE
from scripts.live_demo.site_files import COMPONENT, ROOT
from tests.real_site import RealSite

from .screen import Screen

WORDS: Final = {
    language: json.loads(
        (ROOT / COMPONENT / "board/www/words" / f"{language}.json").read_text("utf-8")
    )
    for language in ("en", "ru")
}


async def put_up(site: RealSite, path: str, title: str, **config: Any) -> str:
    """Add a dashboard with nothing but the board; return the path of its page."""
    async with await site.stream() as stream:
        await stream.command("lovelace/dashboards/create", url_path=path, title=title)
        card = {"type": "custom:carbis-alerts-board", **config}
        view = {"title": title, "path": "board", "type": "panel", "cards": [card]}
        await stream.command(
            "lovelace/config/save", url_path=path, config={"views": [view]}
        )
    return f"/{path}/board"


async def alerts_of(site: RealSite) -> list[dict[str, Any]]:
    """Return all alerts that are not closed."""
    async with await site.stream() as stream:
        answer = await stream.ask("carbis_alerts.get_alerts")
    return list(answer["alerts"])


async def close_all(site: RealSite) -> None:
    """Close all alerts."""
    async with await site.stream() as stream:
        lists = [
            state["entity_id"]
            for state in await stream.command("get_states")
            if state["entity_id"].startswith("todo.")
        ]
        items = await stream.ask("todo.get_items", entity_id=lists)
        for entity_id, found in items.items():
            if uids := [item["uid"] for item in found["items"]]:
                await stream.act("todo.remove_item", entity_id=entity_id, item=uids)


async def wait_for_devices(site: RealSite, *names: str) -> None:
    """Wait until devices of these names are known."""
    async with await site.stream() as stream:
        while not {*names} <= {  # noqa: ASYNC110
            device["name"]
            for device in await stream.command("config/device_registry/list")
        }:
            await asyncio.sleep(PAUSE)


async def put_into_area(site: RealSite, area: str, *devices: str) -> None:
    """Put devices into an area by their names, and make the area where there is none."""
    async with await site.stream() as stream:
        areas = {
            found["name"]: found["area_id"]
            for found in await stream.command("config/area_registry/list")
        }
        if area not in areas:
            made = await stream.command("config/area_registry/create", name=area)
            areas[area] = made["area_id"]
        for device in await stream.command("config/device_registry/list"):
            if device["name"] in devices:
                await stream.command(
                    "config/device_registry/update",
                    device_id=device["id"],
                    area_id=areas[area],
                )


class Board:
    """The board on a screen."""

    def __init__(self, screen: Screen) -> None:
        """Look at the one that is shown, or about to be."""
        self.page = screen.page
        self.words: Mapping[str, Any] = WORDS[screen.language]
        self.card = screen.page.locator("carbis-alerts-board")
        self.tiles = self.card.locator(".tile")
        self.notes = self.card.locator(".notes")
        self.failure = self.card.locator(".failure")
        self.choices = self.card.locator("dialog:not(.who)")

    def tile(self, name: str) -> Locator:
        """Return the tile of a table."""
        exactly = self.page.locator(
            ".name", has_text=re.compile(f"^{re.escape(name)}$")
        )
        return self.tiles.filter(has=exactly)

    def row(self, name: str) -> Locator:
        """Return the row of a call or a conversation."""
        return self.card.locator(".row").filter(has_text=name)

    async def touch(self, name: str) -> None:
        """Touch a table's tile."""
        await self.tile(name).locator(".main").click()

    async def choose(self, name: str, choice: str) -> None:
        """Open what else there is to a table, and take it."""
        await self.tile(name).locator(".more").click()
        await self.choices.locator(f".{choice}").click()

    async def expect_level(
        self, name: str, level: str, *, within: float | None = None
    ) -> None:
        """Wait until a table presses so much, at most so many seconds."""
        await expect(self.tile(name)).to_have_attribute(
            "data-level", level, timeout=within and within * 1000
        )

    @asynccontextmanager
    async def passing_through(self, name: str, level: str) -> AsyncGenerator[None]:
        """Require that a table presses so much for a while because of what is done inside.

        The page itself looks each time it paints: from outside it may be seen too late.
        """
        tile = await self.tile(name).element_handle()
        seen = asyncio.ensure_future(
            self.page.wait_for_function(
                "([tile, level]) => tile.dataset.level === level", arg=[tile, level]
            )
        )
        yield
        await seen

    async def painted(self) -> dict[str, int]:
        """Return how often each tile was painted, by its key."""
        found: dict[str, int] = await self.tiles.evaluate_all(
            """tiles => Object.fromEntries(
                tiles.map(({dataset}) => [dataset.key, Number(dataset.painted)]))"""
        )
        return found

    async def is_too_wide(self) -> bool:
        """Return whether somebody would have to scroll sideways."""
        wide: bool = await self.card.evaluate(
            """card => {
                const box = card.shadowRoot.querySelector("ha-card");
                return document.scrollingElement.scrollWidth > innerWidth
                    || box.scrollWidth > box.clientWidth
                    || box.getBoundingClientRect().right > innerWidth + 1;
            }"""
        )
        return wide
