"""What a page says in the console, and whose it is."""

from dataclasses import dataclass, field
import re
from typing import Final

from playwright.async_api import ConsoleMessage, Error, Page, WebError

LOUD: Final = frozenset({"error", "warning", "assert"})
# Our modules and pictures, and whatever calls itself by our name.
OURS: Final = re.compile(
    r"carbis[-_]alerts[-_/.]|/api/brands/integration/carbis_alerts", re.IGNORECASE
)
# A message without a place of its own is given the page's address.
PAGES: Final = re.compile(r"/config/\S*")


@dataclass
class Console:
    """All that is loud, of ours and of others."""

    ours: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)

    def follow(self, page: Page) -> None:
        """Listen to a page from now on."""
        page.on("console", self._message)
        page.on("pageerror", self._error)
        page.context.on("weberror", self._web_error)

    def _message(self, message: ConsoleMessage) -> None:
        if message.type in LOUD:
            url = message.location.get("url", "")
            self._add(f"{message.type}: {message.text} ({url})")

    def _error(self, error: Error) -> None:
        self._add(f"uncaught: {error.message}\n{error.stack or ''}")

    def _web_error(self, error: WebError) -> None:
        # Those of a page come by the page too; those of workers only here.
        if error.page is None:
            self._add(f"uncaught: {error.error.message}\n{error.error.stack or ''}")

    def _add(self, text: str) -> None:
        is_ours = OURS.search(PAGES.sub("", text)) is not None
        (self.ours if is_ours else self.others).append(text)
