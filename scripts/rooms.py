"""Hold the rooms of the house apart: who may import whom, and that the picture shows it."""

import ast
from collections.abc import Iterator
import re
import sys
from typing import Final

from scripts.checkout import COMPONENT, Checkout
from scripts.documents import Page

ARCHITECTURE: Final = "docs/architecture.md"
PICTURE: Final = re.compile(r"^\s*%% rooms$", re.MULTILINE)
ARROW: Final = re.compile(r"^\s*(\w+)(?:\[[^\]]*\])?\s*-->\s*(\w+)(?:\[[^\]]*\])?\s*$")

# What may be imported beside Python's own library. Other rooms may import anything.
FOREIGN: Final[dict[str, frozenset[str]]] = {
    "api": frozenset({"aiohttp", "cryptography", "orjson", "yarl"}),
    "log_filter": frozenset(),
    "model": frozenset({"orjson"}),
}
# How the picture calls the files that are a room together.
PLATFORMS: Final = frozenset(
    {"binary_sensor", "button", "event", "notify", "sensor", "todo"}
)
AUTOMATION: Final = frozenset({"condition", "logbook", "trigger"})
CARE: Final = frozenset({"diagnostics", "repairs", "system_health"})
GROUPS: Final = {
    **dict.fromkeys(PLATFORMS, "platforms"),
    **dict.fromkeys(AUTOMATION, "automation"),
    **dict.fromkeys(CARE, "care"),
    "__init__": "setup",
}
# Rooms whose every file the page names.
LISTED: Final = ("api", "flow", "frontend", "model", "sources")

type Problems = Iterator[str]


def _imports(parts: tuple[str, ...], module: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield the room of ours, or the foreign package, that each import names."""
    for node in ast.walk(module):
        match node:
            case ast.Import(names=names):
                for item in names:
                    yield "foreign", item.name.partition(".")[0]
            case ast.ImportFrom(level=0, module=str(name)):
                yield "foreign", name.partition(".")[0]
            case ast.ImportFrom(level=level, module=name, names=names) if level:
                folder = parts[: len(parts) - level]
                inner = (*folder, *(name or "").split(".")) if name else folder
                if inner:
                    yield "ours", inner[0]
                else:
                    for item in names:
                        yield "ours", item.name


def arrows(checkout: Checkout) -> set[tuple[str, str]]:
    """Return which room imports which, as the code has it."""
    found: set[tuple[str, str]] = set()
    for file, module in checkout.modules():
        parts = file.relative_to(COMPONENT).with_suffix("").parts
        for kind, name in _imports(parts, module):
            if kind == "ours" and name != parts[0]:
                found.add((_room(parts[0]), _room(name)))
    return {(one, two) for one, two in found if one != two}


def _room(name: str) -> str:
    """Return how the picture calls the room of a file or folder."""
    return GROUPS.get(name, name)


def _drawn(checkout: Checkout) -> set[tuple[str, str]]:
    """Return the arrows of the picture."""
    file = checkout.root / ARCHITECTURE
    return {
        (match[1], match[2])
        for kind, text in (Page(file).fences if file.is_file() else [])
        if kind == "mermaid" and PICTURE.search(text)
        for line in text.splitlines()
        if (match := ARROW.fullmatch(line))
    }


def _reach(drawn: set[tuple[str, str]], room: str) -> set[str]:
    """Return the rooms that arrows lead to, over any number of them."""
    found: set[str] = set()
    waiting = [room]
    while waiting:
        here = waiting.pop()
        for one, two in drawn:
            if one == here and two not in found:
                found.add(two)
                waiting.append(two)
    return found


def check_rooms(checkout: Checkout) -> Problems:
    """Require that arrows go one way, as the picture has them, and foreign ones nowhere else."""
    for file, module in checkout.modules():
        parts = file.relative_to(COMPONENT).with_suffix("").parts
        allowed = FOREIGN.get(parts[0])
        if allowed is not None:
            for kind, name in _imports(parts, module):
                if kind == "foreign" and name not in allowed | sys.stdlib_module_names:
                    yield f"{file}: {parts[0]} may not import {name}"
    drawn = _drawn(checkout)
    for room in sorted({one for one, _ in drawn}):
        if room in _reach(drawn, room):
            yield f"{ARCHITECTURE}: the arrows from {room} lead back to it"
    real = arrows(checkout)
    for one, two in sorted(real):
        if two not in _reach(drawn, one):
            yield f"{ARCHITECTURE}: {one} imports {two}, against or beside the arrows"
    for one, two in sorted(drawn - real):
        yield f"{ARCHITECTURE}: {one} does not import {two}, as is drawn"


def check_rooms_are_told(checkout: Checkout) -> Problems:
    """Require that the page names each file of the larger rooms."""
    page = checkout.root / ARCHITECTURE
    told = Page(page).spans if page.is_file() else set()
    for room in LISTED:
        for file in sorted((checkout.root / COMPONENT / room).glob("*.py")):
            names = {file.name, f"{room}/{file.name}"}
            if file.name != "__init__.py" and not names & told:
                yield f"{ARCHITECTURE}: {room}/{file.name} is not told of"
