"""Render the brand's PNG from docs/brand/*.svg, for light and dark themes, by Chromium."""

import io
import os
from pathlib import Path
import shutil
import sys
from typing import Final

from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT: Final = Path(__file__).parents[1]
SOURCES: Final = ROOT / "docs/brand"
TARGET: Final = ROOT / "custom_components/carbis_alerts/brand"

# Home Assistant's brands: 256 pixels on the shortest side, and twice that for fine screens.
HEIGHTS: Final = {"": 256, "@2x": 512}
THEMES: Final = {"": "", "dark_": "dark"}

PAGE: Final = """<!doctype html>
<html class="{theme}"><style>
body {{ margin: 0; background: transparent; }}
body > svg {{ display: block; height: {height}px; width: auto; }}
</style><body>{svg}</body></html>"""


def render(page: Page, svg: str, height: int, theme: str) -> Image.Image:
    """Return one picture with a transparent ground."""
    page.set_viewport_size({"width": 8 * height, "height": height})
    page.set_content(PAGE.format(theme=theme, height=height, svg=svg))
    drawing = page.locator("body > svg").screenshot(omit_background=True)
    return Image.open(io.BytesIO(drawing))


def main() -> int:
    """Write every picture and say its size."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        print("brand: no Chromium here; set CHROMIUM", file=sys.stderr)
        return 1
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox"]
        )
        page = browser.new_page()
        for name in ("icon", "logo"):
            svg = (SOURCES / f"{name}.svg").read_text("utf-8")
            for prefix, theme in THEMES.items():
                for suffix, height in HEIGHTS.items():
                    file = TARGET / f"{prefix}{name}{suffix}.png"
                    drawing = render(page, svg, height, theme)
                    drawing.save(file, optimize=True)
                    print(f"{file.name}: {drawing.width} x {drawing.height}")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
