"""A browser's window in somebody's hands."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
import json
import os
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, Locator, Page

from .console import Console
from .people import Person
from .words import Words, folder_of, words

ARGS: Final = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LOCALES: Final = {"en": "en-US", "ru": "ru-RU"}
# Milliseconds for one thing on a page to come; a machine may be busy.
PATIENCE: Final = 20_000
MOST_BYTES: Final = 150_000


@dataclass(frozen=True, slots=True)
class Screen:
    """One page, its owner's words, and what the console says."""

    page: Page
    url: str
    words: Words
    language: str
    console: Console
    screenshots: Path

    async def go(self, path: str) -> None:
        """Open a page of Home Assistant."""
        await self.page.goto(self.url + path)

    def button(self, key: str) -> Locator:
        """Return a button of Home Assistant's."""
        return self.page.get_by_role(
            "button", name=self.words.frontend(key), exact=True
        )

    async def shot(self, name: str, *, in_docs: str | None = None) -> None:
        """Keep a picture of the window; some are the documentation's, by their name there."""
        # Things that glide in would differ each time.
        await self.page.screenshot(
            path=self.screenshots / f"{name}-{self.language}.png", animations="disabled"
        )
        if in_docs and (folder := os.environ.get("CARBIS_PICTURES")):
            suffix = ".png" if self.language == "en" else f".{self.language}.png"
            target = folder_of(folder) / f"{in_docs}{suffix}"
            await self.page.screenshot(path=target, animations="disabled")
            assert target.stat().st_size <= MOST_BYTES, f"{target} is too large"


@asynccontextmanager
async def open_screen(
    browser: Browser,
    url: str,
    screenshots: Path,
    *,
    person: Person | None = None,
    language: str = "en",
    width: int = 1280,
    height: int = 800,
    dark: bool = False,
) -> AsyncGenerator[Screen]:
    """Open a window of a browser of its own; somebody signed in speaks their language."""
    language = person.language if person else language
    context = await browser.new_context(
        viewport={"width": width, "height": height},
        locale=LOCALES[language],
        color_scheme="dark" if dark else "light",
        timezone_id="UTC",
    )
    context.set_default_timeout(PATIENCE)
    if person is not None:
        tokens = json.dumps(json.dumps(person.tokens))
        await context.add_init_script(f"localStorage.setItem('hassTokens', {tokens})")
    console = Console()
    page = await context.new_page()
    console.follow(page)
    try:
        yield Screen(page, url, words(language), language, console, screenshots)
    finally:
        await context.close()
