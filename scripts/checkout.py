"""Read the data files and modules of a checkout."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
import json
from pathlib import Path
import re
import tomllib
from typing import Final

import yaml

DOMAIN: Final = "carbis_alerts"
COMPONENT: Final = Path("custom_components", DOMAIN)

SKIPPED_FOLDERS: Final = frozenset({"__pycache__", "node_modules"})
SHOWN_DOT_FOLDERS: Final = frozenset({".devcontainer", ".github"})


class DuplicateKeyError(ValueError):
    """A mapping names one key twice."""


class AnyTagLoader(yaml.SafeLoader):
    """Reads Home Assistant's YAML, whose tags (`!input`) mean nothing here."""


def _construct_tagged(
    loader: AnyTagLoader, _suffix: str, node: yaml.nodes.Node
) -> object:
    """Return the bare value behind a tag."""
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    assert isinstance(node, yaml.MappingNode)  # noqa: S101
    return loader.construct_mapping(node, deep=True)


def _construct_unique_mapping(
    loader: AnyTagLoader, node: yaml.MappingNode
) -> Iterator[dict[str, object]]:
    """Construct a mapping, refusing a key that comes twice."""
    names = [str(key.value) for key, _ in node.value if key.value != "<<"]
    _refuse_duplicates(names)
    result: dict[str, object] = {}
    yield result
    loader.flatten_mapping(node)
    result.update(
        {str(key): item for key, item in loader.construct_mapping(node).items()}
    )


AnyTagLoader.add_multi_constructor("!", _construct_tagged)
AnyTagLoader.add_constructor("tag:yaml.org,2002:map", _construct_unique_mapping)


def _refuse_duplicates(names: list[str]) -> None:
    """Raise on the first name that comes twice."""
    for index, name in enumerate(names):
        if name in names[:index]:
            raise DuplicateKeyError(f"the key {name!r} comes twice")


def _unique_object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Build a JSON object, refusing a key that comes twice."""
    _refuse_duplicates([name for name, _ in pairs])
    return dict(pairs)


# Of Home Assistant's YAML: another file, in place of a value.
INCLUDE: Final = re.compile(r"(?<=: )!include (\w+\.yaml)$", re.MULTILINE)


def parse_json(text: str) -> object:
    """Parse JSON strictly."""
    result: object = json.loads(text, object_pairs_hook=_unique_object)
    return result


def parse_yaml(text: str) -> object:
    """Parse YAML strictly, with any tag."""
    result: object = yaml.load(text, AnyTagLoader)  # noqa: S506
    return result


PARSERS: Final[dict[str, Callable[[str], object]]] = {
    ".json": parse_json,
    ".lock": tomllib.loads,
    ".toml": tomllib.loads,
    ".yaml": parse_yaml,
    ".yml": parse_yaml,
}


def parse(file: Path) -> object:
    """Parse a data file in the way that its suffix asks for, with what it includes."""

    def include(found: re.Match[str]) -> str:
        # What a configuration of Home Assistant includes may not be there yet.
        included = file.parent / found[1]
        return json.dumps(parse(included)) if included.exists() else found[0]

    return PARSERS[file.suffix](INCLUDE.sub(include, file.read_text("utf-8")))


def mapping(value: object, *path: str) -> dict[str, object]:
    """Return the mapping at a path, or an empty one where there is none."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def leaves(value: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Yield dotted path and text of every leaf."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, (*path, str(key)))
    else:
        yield ".".join(path), value if isinstance(value, str) else repr(value)


def nested_values(value: object, name: str) -> Iterator[object]:
    """Yield what stands under a key, at any depth."""
    if isinstance(value, dict):
        if name in value:
            yield value[name]
        for item in value.values():
            yield from nested_values(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from nested_values(item, name)


@dataclass(frozen=True, slots=True)
class Checkout:
    """The files of the project under one root."""

    root: Path

    def data(self, path: Path | str) -> dict[str, object]:
        """Return a file's mapping; empty where it is absent or broken."""
        file = self.root / path
        try:
            return mapping(parse(file))
        except OSError, ValueError, yaml.YAMLError:
            return {}

    def component(self, name: str) -> dict[str, object]:
        """Return the mapping in one of the component's files."""
        return self.data(COMPONENT / name)

    def translation(self, language: str = "en") -> dict[str, object]:
        """Return one language's texts."""
        return self.component(f"translations/{language}.json")

    def files(self, *suffixes: str) -> Iterator[Path]:
        """Yield the project's own files with these suffixes."""
        for folder, folders, names in self.root.walk():
            folders[:] = sorted(
                name
                for name in folders
                if name not in SKIPPED_FOLDERS
                and (not name.startswith(".") or name in SHOWN_DOT_FOLDERS)
            )
            for name in sorted(names):
                if Path(name).suffix in suffixes:
                    yield folder / name

    def modules(self) -> Iterator[tuple[Path, ast.Module]]:
        """Yield the component's Python files, parsed."""
        for file in sorted((self.root / COMPONENT).rglob("*.py")):
            try:
                yield file.relative_to(self.root), ast.parse(file.read_text("utf-8"))
            except SyntaxError:
                continue

    def relative(self, file: Path) -> str:
        """Return a path as a problem names it."""
        return file.relative_to(self.root).as_posix()
