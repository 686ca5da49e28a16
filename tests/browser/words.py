"""What stands on the pages, as Home Assistant and the component translate it."""

from functools import cache
import json
from pathlib import Path
import re
from typing import Any

import hass_frontend

from scripts.live_demo.site_files import COMPONENT, ROOT

HASH = "[0-9a-f]" * 32
FRAGMENTS = (".", "config", "lovelace", "page-onboarding")


class Words:
    """The words in one language, by their keys."""

    def __init__(self, language: str) -> None:
        """Read all that the tests look for."""
        folder = hass_frontend.where() / "static" / "translations"
        self._frontend: dict[str, str] = {}
        for fragment in FRAGMENTS:
            (path,) = (folder / fragment).glob(f"{language}-{HASH}.json")
            self._frontend |= json.loads(path.read_text("utf-8"))
        path = ROOT / COMPONENT / "translations" / f"{language}.json"
        self._own: dict[str, Any] = json.loads(path.read_text("utf-8"))

    def frontend(self, key: str) -> str:
        """Return words of Home Assistant's pages."""
        return self._frontend[f"ui.{key}"]

    def own(self, key: str, **placeholders: str) -> str:
        """Return words of the component."""
        found: Any = self._own
        for part in key.split("."):
            found = found[part]
        return str(found).format(**placeholders)

    def label(self, key: str) -> re.Pattern[str]:
        """Return a field's label as it is shown: a star follows where it is required."""
        return _label(self.own(key))

    def frontend_label(self, key: str) -> re.Pattern[str]:
        """Return the same for a field of Home Assistant's."""
        return _label(self.frontend(key))


def _label(text: str) -> re.Pattern[str]:
    return re.compile(rf"^{re.escape(text)}\s*\*?$")


words = cache(Words)


def folder_of(path: str) -> Path:
    """Return a folder for what tests leave, and make it."""
    folder = Path(path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
