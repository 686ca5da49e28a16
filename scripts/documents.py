"""Check the documents: both languages alike, links that arrive, nothing without a place."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
import os
from pathlib import Path
import re
from typing import Final

import yaml

from scripts.checkout import Checkout, mapping, parse_yaml
from scripts.rules import DEVELOPERS_PAGES, RUSSIAN_IDS

LINK: Final = re.compile(r"\]\(<?([^)#>\s]*)(?:#([^)>\s]+))?")
HEADING: Final = re.compile(r"(#{1,6}) +(.+?)\s*#*")
SPAN: Final = re.compile(r"(?<!`)`([^`]+)`(?!`)")
CYRILLIC: Final = re.compile(r"[А-Яа-яЁё]")
ENTITY_ID: Final = re.compile(
    rf"(?<![\w.])(binary_sensor|button|event|sensor|todo)\.({'|'.join(RUSSIAN_IDS)})_"
)

type Problems = Iterator[str]


@dataclass(frozen=True)
class Page:
    """A Markdown page, taken apart."""

    file: Path

    @cached_property
    def _parts(self) -> tuple[list[str], list[tuple[str, str]]]:
        """Return the lines outside fences, and language and text of the fences."""
        prose: list[str] = []
        fences: list[tuple[str, str]] = []
        opened: str | None = None
        inside: list[str] = []
        for line in self.file.read_text("utf-8").splitlines():
            if opened is None and line.startswith("```"):
                opened, inside = line[3:].strip(), []
            elif opened is not None and line.startswith("```"):
                fences.append((opened, "\n".join(inside)))
                opened = None
            elif opened is None:
                prose.append(line)
            else:
                inside.append(line)
        return prose, fences

    @property
    def prose(self) -> list[str]:
        """Return the lines outside code."""
        return self._parts[0]

    @property
    def fences(self) -> list[tuple[str, str]]:
        """Return language and text of each block of code."""
        return self._parts[1]

    @property
    def headings(self) -> list[tuple[int, str]]:
        """Return level and text of each heading."""
        return [
            (len(match[1]), match[2])
            for line in self.prose
            if (match := HEADING.fullmatch(line))
        ]

    @property
    def anchors(self) -> set[str]:
        """Return the names under which GitHub reaches the headings."""
        found: set[str] = set()
        for _, text in self.headings:
            plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text).lower()
            name = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
            count = 0
            anchor = name
            while anchor in found:
                count += 1
                anchor = f"{name}-{count}"
            found.add(anchor)
        return found

    @property
    def links(self) -> list[tuple[str, str]]:
        """Return target and anchor of each link that stays in the project."""
        return [
            (target, anchor)
            for line in self.prose
            for target, anchor in LINK.findall(re.sub(SPAN, "", line))
            if ":" not in target
        ]

    @property
    def spans(self) -> set[str]:
        """Return what stands in code within the text."""
        return set(SPAN.findall("\n".join(self.prose).replace("\n", " ")))

    @property
    def rows(self) -> int:
        """Return how many rows the tables have."""
        return sum(line.startswith("|") for line in self.prose)


def russian_ids(text: str) -> str:
    """Return a text with the entity ids of a Russian site."""
    return ENTITY_ID.sub(lambda match: f"{match[1]}.{RUSSIAN_IDS[match[2]]}_", text)


def check_links(checkout: Checkout) -> Problems:
    """Require that links between documents lead somewhere, to a heading where one is named."""
    for file in checkout.files(".md"):
        for target, anchor in Page(file).links:
            there = (file.parent / target) if target else file
            if not there.exists():
                yield f"{checkout.relative(file)}: the link to {target} leads nowhere"
            elif anchor and there.suffix == ".md" and anchor not in Page(there).anchors:
                yield f"{checkout.relative(file)}: {target}#{anchor} is no heading"


def pairs(checkout: Checkout) -> Iterator[tuple[Path, Path]]:
    """Yield the English and the Russian file of each page for users."""
    yield checkout.root / "README.md", checkout.root / "README.ru.md"
    docs = checkout.root / "docs"
    names = {
        file.relative_to(docs if docs / "ru" not in file.parents else docs / "ru")
        for file in docs.rglob("*.md")
    }
    for name in sorted(names):
        if name.as_posix() not in DEVELOPERS_PAGES:
            yield docs / name, docs / "ru" / name


def check_twins(checkout: Checkout) -> Problems:
    """Require each page for users in both languages, of one build, with the same code."""
    for english, russian in pairs(checkout):
        missing = [file for file in (english, russian) if not file.is_file()]
        for file in missing:
            yield f"{checkout.relative(file)}: the page is missing in this language"
        if missing:
            continue
        label = checkout.relative(russian)
        for file, other in ((english, russian), (russian, english)):
            target = Path(os.path.relpath(other, file.parent)).as_posix()
            if (target, "") not in Page(file).links:
                yield f"{checkout.relative(file)}: no link to {target}, the other language"
        first, second = Page(english), Page(russian)
        if [level for level, _ in first.headings] != [
            level for level, _ in second.headings
        ]:
            yield f"{label}: the headings are not built as in English"
        if first.rows != second.rows:
            yield f"{label}: the tables have {second.rows} rows, {first.rows} in English"
        yield from _check_spans(label, first, second)
        yield from _check_fences(label, first, second)


def _check_spans(label: str, english: Page, russian: Page) -> Problems:
    """Require the same names in code within the text."""
    wanted = {russian_ids(span) for span in english.spans}
    found = {russian_ids(span) for span in russian.spans}
    for span in sorted(wanted - found):
        yield f"{label}: `{span}` of the English page is missing"
    for span in sorted(found - wanted):
        yield f"{label}: `{span}` is not on the English page"


def _check_fences(label: str, english: Page, russian: Page) -> Problems:
    """Require the same blocks of code, but for what persons read."""
    if len(english.fences) != len(russian.fences):
        yield f"{label}: {len(russian.fences)} blocks of code, {len(english.fences)} in English"
        return
    for number, (first, second) in enumerate(
        zip(english.fences, russian.fences, strict=True), start=1
    ):
        same = first[0] == second[0]
        if same and first[0] in {"yaml", "json"}:
            same = _alike(_parsed(russian_ids(first[1])), _parsed(second[1]))
        elif same:
            same = russian_ids(first[1]) == second[1]
        if not same:
            yield f"{label}: block of code {number} is not that of the English page"


def _parsed(text: str) -> object:
    """Return what a block of YAML holds, or its text where it is broken."""
    try:
        return parse_yaml(text)
    except ValueError, yaml.YAMLError:
        return text


def _alike(english: object, russian: object) -> bool:
    """Return whether two blocks differ in Russian words only."""
    if isinstance(english, dict) and isinstance(russian, dict):
        return english.keys() == russian.keys() and all(
            _alike(item, russian[key]) for key, item in english.items()
        )
    if isinstance(english, list) and isinstance(russian, list):
        return len(english) == len(russian) and all(
            map(_alike, english, russian, strict=True)
        )
    return english == russian or (
        isinstance(russian, str) and CYRILLIC.search(russian) is not None
    )


def _keys(checkout: Checkout, file: str) -> set[str]:
    """Return the names that a description file declares."""
    return {name for name in checkout.component(file) if not name.startswith(".")}


def _fields(checkout: Checkout) -> set[str]:
    """Return the fields of events, which the event entities have as attributes."""
    return {
        field
        for entity in mapping(checkout.translation(), "entity", "event").values()
        for field in mapping(entity, "state_attributes")
    } - {"event_type"}


def _entities(checkout: Checkout) -> set[str]:
    """Return platform and key of each entity."""
    return {
        f"{platform}.{key}"
        for platform, entities in mapping(checkout.translation(), "entity").items()
        for key in mapping(entities)
    }


SUBJECTS: Final[dict[str, Callable[[Checkout], set[str]]]] = {
    "actions.md": lambda checkout: {
        f"carbis_alerts.{name}" for name in _keys(checkout, "services.yaml")
    },
    "conditions.md": lambda checkout: _keys(checkout, "conditions.yaml"),
    "entities.md": _entities,
    "events.md": _fields,
    "options.md": lambda checkout: set(
        mapping(checkout.translation(), "options", "step", "init", "data")
    ),
    "triggers.md": lambda checkout: _keys(checkout, "triggers.yaml"),
}


def check_subjects(checkout: Checkout) -> Problems:
    """Require a place in the documents for whatever a user meets by name."""
    docs = checkout.root / "docs"
    for name, subjects in SUBJECTS.items():
        file = docs / name
        written = Page(file).spans if file.is_file() else set()
        for subject in sorted(subjects(checkout) - written):
            yield f"docs/{name}: `{subject}` has no place"
    blueprints = checkout.root / "blueprints/automation/carbis_alerts"
    for file in sorted(blueprints.glob("*.yaml")):
        if not (docs / "blueprints" / f"{file.stem}.md").is_file():
            yield f"docs/blueprints/{file.stem}.md: the blueprint has no page"
    repairs = docs / "repairs.md"
    anchors = Page(repairs).anchors if repairs.is_file() else set()
    for issue in sorted(mapping(checkout.translation(), "issues")):
        if issue.replace("_", "-") not in anchors:
            yield f"docs/repairs.md: {issue} has no heading"
