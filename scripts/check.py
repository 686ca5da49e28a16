"""Check what ruff, mypy, hassfest and HACS do not: words, versions, packages, pages."""

import ast
from collections.abc import Callable, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
import re
import sys
from typing import Final

import yaml

from scripts.checkout import PARSERS, Checkout, leaves, mapping, nested_values, parse
from scripts.documents import check_links, check_subjects, check_twins
from scripts.glossary import check_glossary
from scripts.issue_forms import check_issue_forms
from scripts.rules import (
    CORE_ABORTS,
    DESCRIPTIONS,
    FORBIDDEN_TEXT,
    LANGUAGES,
    NAMES,
    REGISTRY,
)
from scripts.translation_keys import known_keys, used_keys

TRANSLATION_KEY: Final = re.compile(r"_|[a-z0-9]+(?:[-_][a-z0-9]+)*")
PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")
REQUIREMENT: Final = re.compile(r"^\s*([\w.-]+)\s*(?:\[[^\]]*\])?\s*(.*)$")

type Problems = Iterator[str]


def difference(label: str, there: set[str], here: set[str]) -> Problems:
    """Say what is missing here and what is too much."""
    for key in sorted(there - here):
        yield f"{label}: {key} is missing"
    for key in sorted(here - there):
        yield f"{label}: {key} is not expected"


def check_syntax(checkout: Checkout) -> Problems:
    """Require that data files parse and name no key twice."""
    for file in checkout.files(*PARSERS):
        try:
            parse(file)
        except (ValueError, yaml.YAMLError) as error:
            yield f"{checkout.relative(file)}: {' '.join(str(error).split())}"


def check_version(checkout: Checkout) -> Problems:
    """Require one version in manifest, pyproject and change log."""
    version = mapping(checkout.data("pyproject.toml"), "project").get("version")
    manifest_version = checkout.component("manifest.json").get("version")
    if manifest_version != version:
        yield f"manifest.json: version is {manifest_version}, pyproject.toml has {version}"
    changelog = checkout.root / "CHANGELOG.md"
    text = changelog.read_text("utf-8") if changelog.is_file() else ""
    if not re.search(rf"^## \[?{re.escape(str(version))}\b", text, re.MULTILINE):
        yield f"CHANGELOG.md: there is no section for {version}"


def check_translations(checkout: Checkout) -> Problems:
    """Require the same keys and placeholders in all languages, and texts that are allowed."""
    english = dict(leaves(checkout.translation()))
    for language in LANGUAGES:
        label = f"translations/{language}.json"
        texts = dict(leaves(checkout.translation(language)))
        yield from difference(label, set(english), set(texts))
        for key, text in texts.items():
            if not all(map(TRANSLATION_KEY.fullmatch, key.split("."))):
                yield f"{label}: {key} is not made of a-z, 0-9, - and _"
            for pattern, reason in FORBIDDEN_TEXT:
                if pattern.search(text):
                    yield f"{label}: {key} {reason}"
            wanted = sorted(PLACEHOLDER.findall(english.get(key, text)))
            if sorted(PLACEHOLDER.findall(text)) != wanted:
                yield f"{label}: {key} has not the placeholders {', '.join(wanted) or 'none'}"
            if language != "en" and english.get(key) == text and _untranslated(text):
                yield f"{label}: {key} is the English text"


def _untranslated(text: str) -> bool:
    """Return whether a text holds words that a translation would change."""
    words = re.findall(r"[A-Za-z]{4,}", PLACEHOLDER.sub("", text))
    return any(word.lower() not in NAMES for word in words)


def check_used_keys(checkout: Checkout) -> Problems:
    """Require a text for every key that the code names."""
    texts = checkout.translation()
    for used in used_keys(checkout):
        if used.key not in known_keys(texts, used.section) | CORE_ABORTS:
            yield f"{used.device}: {used.section} {used.key!r} has no translation"


def check_unused_keys(checkout: Checkout) -> Problems:
    """Require that the code names every key that has a text."""
    constants = {
        node.value
        for _, module in checkout.modules()
        for node in ast.walk(module)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    texts = checkout.translation()
    for section in ("abort", "entity", "error", "exceptions", "issues", "selector"):
        keys = known_keys(texts, section) - constants - CORE_ABORTS
        if section == "selector":
            keys -= {
                str(key)
                for file in DESCRIPTIONS
                for key in nested_values(checkout.component(file), "translation_key")
            }
        for key in sorted(keys):
            yield f"translations: {section} {key!r} is not used in the code"


def _requirement(text: str) -> tuple[str, str]:
    """Split a requirement into its normalized name and versions.

    What comes behind a semicolon is worded again in the lock file.
    """
    match = REQUIREMENT.match(text.partition(";")[0])
    name, rest = match.groups() if match else (text, "")
    return re.sub(r"[-_.]+", "-", name).lower(), rest.replace(" ", "")


def _requirements(value: object) -> set[tuple[str, str]]:
    """Return the requirements in a list, normalized."""
    return (
        {_requirement(str(item)) for item in value}
        if isinstance(value, list)
        else set()
    )


def check_lock(checkout: Checkout) -> Problems:
    """Require a lock file made from this pyproject."""
    packages = checkout.data("uv.lock").get("package")
    locked: dict[str, object] = {}
    for package in packages if isinstance(packages, list) else []:
        if mapping(package, "source").get("virtual") == ".":
            locked = mapping(package, "metadata", "requires-dev")
    groups = mapping(checkout.data("pyproject.toml"), "dependency-groups")
    for group in sorted({*groups, *locked}):
        items = locked.get(group)
        have = [
            f"{item.get('name')}{item.get('specifier', '')}"
            for item in map(mapping, items if isinstance(items, list) else [])
        ]
        if _requirements(groups.get(group)) != _requirements(have):
            yield f"uv.lock: the group {group} is not that of pyproject.toml; run .venv/bin/uv lock"


@cache
def home_assistant() -> Path | None:
    """Return the folder of the installed Home Assistant, without importing it."""
    spec = find_spec("homeassistant")
    return Path(spec.origin).parent if spec and spec.origin else None


@cache
def core_requirements() -> dict[str, str]:
    """Return what the integrations of the installed Home Assistant ask for."""
    core = home_assistant()
    found: dict[str, str] = {}
    for file in sorted((core / "components").glob("*/manifest.json")) if core else []:
        found.update(_requirements(mapping(parse(file)).get("requirements")))
    return found


def check_registry(checkout: Checkout) -> Problems:
    """Require the public registry for each package, whatever mirror the lock was made with."""
    for source in nested_values(checkout.data("uv.lock").get("package"), "registry"):
        if source != REGISTRY:
            yield f"uv.lock: a package comes from {source}, not from {REGISTRY}"


def check_demo_group(checkout: Checkout) -> Problems:
    """Require the versions that Home Assistant would itself install for the demo."""
    groups = mapping(checkout.data("pyproject.toml"), "dependency-groups")
    for name, pin in sorted(_requirements(groups.get("demo"))):
        wanted = core_requirements().get(name, pin)
        if pin != wanted:
            yield f"pyproject.toml: the demo group has {name}{pin}, Home Assistant asks for {wanted}"


CHECKS: Final[tuple[Callable[[Checkout], Problems], ...]] = (
    check_syntax,
    check_version,
    check_translations,
    check_used_keys,
    check_unused_keys,
    check_lock,
    check_registry,
    check_demo_group,
    check_links,
    check_twins,
    check_subjects,
    check_issue_forms,
    check_glossary,
)


def problems(root: Path) -> list[str]:
    """Return all problems of the checkout at a root."""
    checkout = Checkout(root)
    return [problem for check in CHECKS for problem in check(checkout)]


def main() -> int:
    """Print the problems of this checkout; 1 if there are any."""
    found = problems(Path(__file__).parents[1])
    for problem in found:
        print(problem)
    print(f"{len(CHECKS)} checks, {len(found) or 'no'} problems")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
