"""Check what neither ruff nor mypy reads: manifest, texts, icons, actions, versions."""

import ast
from collections.abc import Callable, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
import re
import sys
from typing import Final

import yaml

from scripts.checkout import (
    DOMAIN,
    PARSERS,
    Checkout,
    leaves,
    mapping,
    nested_values,
    parse,
)
from scripts.documents import check_links, check_subjects, check_twins
from scripts.quality import check_quality_scale
from scripts.rooms import check_rooms, check_rooms_are_told
from scripts.rules import (
    CORE_ABORTS,
    DESCRIPTIONS,
    FORBIDDEN_TEXT,
    HACS_KEYS,
    LANGUAGES,
    MANIFEST_KEYS,
    MANIFEST_REQUIRED,
    MANIFEST_VALUES,
    NAMES,
    REQUIRED_FILES,
)
from scripts.translation_keys import known_keys, used_keys
from scripts.workflows import check_issue_forms, check_workflows

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


def check_files(checkout: Checkout) -> Problems:
    """Require every file that the project cannot do without."""
    for name in REQUIRED_FILES:
        if not (checkout.root / name).is_file():
            yield f"{name}: the file is missing"


def check_syntax(checkout: Checkout) -> Problems:
    """Require that data files parse and name no key twice."""
    for file in checkout.files(*PARSERS):
        try:
            parse(file)
        except (ValueError, yaml.YAMLError) as error:
            yield f"{checkout.relative(file)}: {' '.join(str(error).split())}"


def check_manifest(checkout: Checkout) -> Problems:
    """Require a manifest that Home Assistant and HACS take."""
    manifest = checkout.component("manifest.json")
    if not manifest:
        return
    keys = list(manifest)
    for key in MANIFEST_REQUIRED:
        if key not in manifest:
            yield f"manifest.json: {key} is missing"
    for key in sorted(set(keys) - MANIFEST_KEYS):
        yield f"manifest.json: {key} is not a known key"
    if keys != ["domain", "name", *sorted(set(keys) - {"domain", "name"})]:
        yield "manifest.json: the keys are not domain, name and the others sorted"
    if manifest.get("domain") != DOMAIN:
        yield f"manifest.json: domain is not {DOMAIN}"
    for key, values in MANIFEST_VALUES.items():
        if key in manifest and manifest[key] not in values:
            yield f"manifest.json: {key} is {manifest[key]!r}, not one of {', '.join(sorted(values))}"
    yield from _check_manifest_requirements(checkout, manifest)


def _check_manifest_requirements(
    checkout: Checkout, manifest: dict[str, object]
) -> Problems:
    """Require a word on each requirement, and dependencies that exist."""
    documents = "".join(file.read_text("utf-8") for file in checkout.files(".md"))
    requirements = manifest.get("requirements")
    for requirement in requirements if isinstance(requirements, list) else []:
        name = _requirement(str(requirement))[0]
        if name not in documents:
            yield f"manifest.json: no document tells what the requirement {name} is for"
    core = home_assistant()
    for key in ("dependencies", "after_dependencies"):
        names = manifest.get(key)
        for name in names if isinstance(names, list) else []:
            if (
                core
                and not (core / "components" / str(name) / "manifest.json").is_file()
            ):
                yield f"manifest.json: {key} names {name}, which Home Assistant does not have"


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


def check_hacs(checkout: Checkout) -> Problems:
    """Require only keys that HACS knows; it refuses others."""
    hacs = checkout.data("hacs.json")
    if not hacs:
        return
    for key in sorted(set(hacs) - HACS_KEYS):
        yield f"hacs.json: {key} is not a key that HACS knows"
    if not hacs.get("name"):
        yield "hacs.json: name is missing"
    if not re.fullmatch(r"\d{4}\.\d{1,2}\.\d+", str(hacs.get("homeassistant"))):
        yield "hacs.json: homeassistant is not a version such as 2026.10.0"
    if bool(hacs.get("zip_release")) != bool(hacs.get("filename")):
        yield "hacs.json: zip_release and filename go together"


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
    """Tell whether a text holds words that a translation would change."""
    words = re.findall(r"[A-Za-z]{4,}", PLACEHOLDER.sub("", text))
    return any(word.lower() not in NAMES for word in words)


def check_icons(checkout: Checkout) -> Problems:
    """Require Material icons, for entities and states that have a name."""
    icons = checkout.component("icons.json")
    for path, icon in leaves(icons):
        if not icon.startswith("mdi:"):
            yield f"icons.json: {path} is {icon}, not an mdi: icon"
    for platform, entities in mapping(icons, "entity").items():
        for key, entity in mapping(entities).items():
            texts = mapping(checkout.translation(), "entity", platform, key)
            if not texts:
                yield f"icons.json: entity.{platform}.{key} has no translation"
            # Core names the states of a binary sensor by its device class.
            elif platform != "binary_sensor":
                yield from difference(
                    f"translations: entity.{platform}.{key}.state",
                    set(mapping(entity, "state")),
                    set(mapping(entity, "state")) & set(mapping(texts, "state")),
                )


def check_descriptions(checkout: Checkout) -> Problems:
    """Require names and icons for actions, triggers and conditions."""
    for kind, (file, icon) in DESCRIPTIONS.items():
        declared = {
            name: item
            for name, item in checkout.component(file).items()
            if not name.startswith(".")
        }
        texts = mapping(checkout.translation(), kind)
        icons = mapping(checkout.component("icons.json"), kind)
        yield from difference(f"translations: {kind}", set(declared), set(texts))
        yield from difference(f"icons.json: {kind}", set(declared), set(icons))
        for name, item in icons.items():
            if icon not in mapping(item):
                yield f"icons.json: {kind}.{name} has no {icon}"
        for name, item in declared.items():
            if name in texts:
                yield from _check_description(f"{kind}.{name}", item, texts[name])


def _check_description(label: str, declared: object, texts: object) -> Problems:
    """Require names for one description and its fields."""
    fields: dict[str, object] = {}
    for name, field in mapping(declared, "fields").items():
        section = mapping(field, "fields")
        fields.update(section or {name: field})
    for part in ("name", "description"):
        if part not in mapping(texts):
            yield f"translations: {label} has no {part}"
    yield from difference(
        f"translations: {label}.fields", set(fields), set(mapping(texts, "fields"))
    )
    for name, field in mapping(texts, "fields").items():
        if "name" not in mapping(field):
            yield f"translations: {label}.fields.{name} has no name"


def check_selectors(checkout: Checkout) -> Problems:
    """Require a name for each option of a selector with a translation key."""
    selectors = mapping(checkout.translation(), "selector")
    for file, _ in DESCRIPTIONS.values():
        for select in nested_values(checkout.component(file), "select"):
            key = mapping(select).get("translation_key")
            options = mapping(select).get("options")
            if key is not None:
                yield from difference(
                    f"translations: selector.{key}.options",
                    {str(item) for item in options if isinstance(item, str)}
                    if isinstance(options, list)
                    else set(),
                    set(mapping(selectors, str(key), "options")),
                )


def check_used_keys(checkout: Checkout) -> Problems:
    """Require a text for every key that the code names."""
    texts = checkout.translation()
    for used in used_keys(checkout):
        if used.key not in known_keys(texts, used.section) | CORE_ABORTS:
            yield f"{used.place}: {used.section} {used.key!r} has no translation"


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
                for file, _ in DESCRIPTIONS.values()
                for key in nested_values(checkout.component(file), "translation_key")
            }
        for key in sorted(keys):
            yield f"translations: {section} {key!r} is not used in the code"


def _requirement(text: str) -> tuple[str, str]:
    """Split a requirement into its normalized name and versions.

    What comes behind a semicolon is worded anew in the lock file.
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


def check_demo_group(checkout: Checkout) -> Problems:
    """Require the versions that Home Assistant would itself install for the demo."""
    groups = mapping(checkout.data("pyproject.toml"), "dependency-groups")
    for name, pin in sorted(_requirements(groups.get("demo"))):
        wanted = core_requirements().get(name, pin)
        if pin != wanted:
            yield f"pyproject.toml: the demo group has {name}{pin}, Home Assistant asks for {wanted}"


CHECKS: Final[tuple[Callable[[Checkout], Problems], ...]] = (
    check_files,
    check_syntax,
    check_manifest,
    check_version,
    check_hacs,
    check_translations,
    check_icons,
    check_descriptions,
    check_selectors,
    check_quality_scale,
    check_used_keys,
    check_unused_keys,
    check_lock,
    check_demo_group,
    check_links,
    check_twins,
    check_subjects,
    check_workflows,
    check_issue_forms,
    check_rooms,
    check_rooms_are_told,
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
