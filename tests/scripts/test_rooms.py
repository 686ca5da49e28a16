"""The rooms of the house: an import against the arrows is told, and a picture that lies."""

from pathlib import Path

import pytest

from scripts.checkout import COMPONENT, Checkout
from scripts.rooms import ARCHITECTURE, arrows, check_rooms, check_rooms_are_told

FILES = {
    "__init__.py": "from .services.bell import Bell\n",
    "api/bell.py": "import aiohttp\n\nfrom ..domain import events\n",
    "const.py": "",
    "model/events.py": "import enum\n",
    "sensor.py": "from homeassistant.core import HomeAssistant\n\nfrom .services import bell\n",
    "sources/bell.py": "from .. import const\nfrom ..api.bell import Client\n",
}
PAGE = """
# Architecture

`bell.py`, `events.py`

```mermaid
flowchart LR
    nothing --> here
```

```mermaid
flowchart TB
    %% rooms
    setup["__init__.py"] --> sources
    platforms --> sources
    sources --> api
    sources --> const
    api --> model
```
"""


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """Return a house whose picture is true."""
    for name, text in FILES.items():
        file = tmp_path / COMPONENT / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    (tmp_path / "docs").mkdir()
    (tmp_path / ARCHITECTURE).write_text(PAGE, "utf-8")
    return tmp_path


def problems(root: Path) -> list[str]:
    """Return what both checks tell."""
    checkout = Checkout(root)
    return [*check_rooms(checkout), *check_rooms_are_told(checkout)]


def test_a_true_picture_is_no_problem(house: Path) -> None:
    assert problems(house) == []
    assert ("platforms", "sources") in arrows(Checkout(house))


@pytest.mark.parametrize(
    ("name", "line", "problem"),
    [
        (
            "api/bell.py",
            "import homeassistant.core",
            "api may not import homeassistant",
        ),
        (
            "model/events.py",
            "from homeassistant import core",
            "model may not import homeassistant",
        ),
        ("model/events.py", "import aiohttp", "model may not import aiohttp"),
        ("model/events.py", "from ..api import bell", "model imports api, against"),
        (
            "api/bell.py",
            "from ..services.bell import Bell",
            "api imports sources, against",
        ),
        (
            "sources/bell.py",
            "from .. import sensor",
            "sources imports platforms, against",
        ),
        (
            "sources/bell.py",
            "def late():\n    from ..__init__ import x",
            "sources imports setup, against",
        ),
        (
            "sensor.py",
            "from . import button\nfrom .flow import form",
            "platforms imports flow",
        ),
        ("sources/chime.py", "import enum", "sources/chime.py is not told of"),
    ],
)
def test_an_import_against_the_arrows_is_a_problem(
    house: Path, name: str, line: str, problem: str
) -> None:
    with (house / COMPONENT / name).open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")
    found = problems(house)
    assert [text for text in found if problem in text], found


@pytest.mark.parametrize(
    ("arrow", "problem"),
    [
        ("model --> sources", "the arrows from model lead back to it"),
        ("platforms --> api", "platforms does not import api, as is drawn"),
    ],
)
def test_a_picture_that_lies_is_a_problem(
    house: Path, arrow: str, problem: str
) -> None:
    page = house / ARCHITECTURE
    page.write_text(
        PAGE.replace("api --> model", f"api --> model\n    {arrow}"), "utf-8"
    )
    found = problems(house)
    assert [text for text in found if problem in text], found


def test_an_arrow_that_is_not_drawn_is_a_problem(house: Path) -> None:
    page = house / ARCHITECTURE
    page.write_text(PAGE.replace("    sources --> const\n", ""), "utf-8")
    assert f"{ARCHITECTURE}: sources imports const, against or beside the arrows" in (
        problems(house)
    )
