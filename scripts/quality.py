"""Hold the quality scale's claims against the code, as far as a machine can tell."""

import ast
from collections.abc import Callable, Iterator
import struct
from typing import Final

from scripts.checkout import COMPONENT, Checkout, mapping
from scripts.rules import BRAND_PICTURES, QUALITY_RULES

TRANSLATED: Final = frozenset(
    {"ConfigEntryError", "HomeAssistantError", "ServiceValidationError"}
)

type Problems = Iterator[str]


def _calls(module: ast.Module) -> Iterator[ast.Call]:
    return (node for node in ast.walk(module) if isinstance(node, ast.Call))


def _name(node: ast.expr) -> str:
    """Return the last part of a name."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _functions(checkout: Checkout, file: str) -> set[str]:
    """Return what a module of the component defines."""
    return {
        node.name
        for path, module in checkout.modules()
        if path == COMPONENT / file
        for node in ast.walk(module)
        if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef)
    }


def _flow_fields(checkout: Checkout) -> Problems:
    """Require a description for every field of every form."""
    texts = checkout.translation()
    flows = {
        "config": mapping(texts, "config"),
        "options": mapping(texts, "options"),
        **{
            f"config_subentries.{key}": mapping(flow)
            for key, flow in mapping(texts, "config_subentries").items()
        },
    }
    for name, flow in flows.items():
        for step, words in mapping(flow, "step").items():
            described = mapping(words, "data_description")
            for field in sorted(set(mapping(words, "data")) - set(described)):
                yield f"{name}.step.{step}: the field {field} has no description"


def _exceptions(checkout: Checkout) -> Problems:
    """Require a translation for every error that a user sees."""
    for file, module in checkout.modules():
        for call in _calls(module):
            keywords = {item.arg for item in call.keywords}
            if _name(call.func) in TRANSLATED and "translation_key" not in keywords:
                yield f"{file}:{call.lineno}: {_name(call.func)} has no translation key"


def _parallel_updates(checkout: Checkout) -> Problems:
    """Require that every platform says how much it does at a time."""
    for file, module in checkout.modules():
        names = {
            target.id
            for node in module.body
            if isinstance(node, ast.Assign | ast.AnnAssign)
            for target in (
                node.targets if isinstance(node, ast.Assign) else [node.target]
            )
            if isinstance(target, ast.Name)
        }
        defined = {
            node.name for node in module.body if isinstance(node, ast.AsyncFunctionDef)
        }
        if (
            file.name != "__init__.py"
            and "async_setup_entry" in defined
            and "PARALLEL_UPDATES" not in names
        ):
            yield f"{file}: no PARALLEL_UPDATES"


def _sessions(checkout: Checkout) -> Problems:
    """Require Home Assistant's own web session."""
    for file, module in checkout.modules():
        for call in _calls(module):
            if _name(call.func) == "ClientSession":
                yield f"{file}:{call.lineno}: a web session of its own"


def _defines(file: str, *names: str) -> Callable[[Checkout], Problems]:
    """Return a check that a module defines functions."""

    def check(checkout: Checkout) -> Problems:
        for name in sorted(set(names) - _functions(checkout, file)):
            yield f"{file}: {name} is not defined"

    return check


def _owner(checkout: Checkout) -> Problems:
    if not checkout.component("manifest.json").get("codeowners"):
        yield "manifest.json: nobody owns the code"


def _requirements(checkout: Checkout) -> Problems:
    """Require that the manifest pins what it asks for."""
    wanted = checkout.component("manifest.json").get("requirements")
    for requirement in wanted if isinstance(wanted, list) else []:
        if "==" not in str(requirement):
            yield f"manifest.json: {requirement} is not pinned"


def _strict(checkout: Checkout) -> Problems:
    mypy = mapping(checkout.data("pyproject.toml"), "tool", "mypy")
    files = mypy.get("files")
    if mypy.get("strict") is not True or (
        isinstance(files, list) and "custom_components" not in files
    ):
        yield "pyproject.toml: mypy does not check the component strictly"


def _icons(checkout: Checkout) -> Problems:
    """Require an icon for every entity but those whose device class brings one."""
    icons = mapping(checkout.component("icons.json"), "entity")
    for platform, entities in mapping(checkout.translation(), "entity").items():
        for key in sorted(set(mapping(entities)) - set(mapping(icons, platform))):
            if f"{platform}.{key}" != "binary_sensor.connection":
                yield f"icons.json: entity.{platform}.{key} has no icon"


def _pictures(checkout: Checkout) -> Problems:
    """Require the brand's pictures in the sizes of Home Assistant's brands."""
    for name, (square, height) in BRAND_PICTURES.items():
        file = checkout.root / COMPONENT / "brand" / name
        head = file.read_bytes()[:24] if file.is_file() else b""
        if len(head) < 24 or head[:8] != b"\x89PNG\r\n\x1a\n":
            yield f"brand/{name}: there is no such PNG"
            continue
        width, tall = struct.unpack(">II", head[16:24])
        if tall != height or width < height or (square and width != height):
            yield f"brand/{name}: {width} x {tall} pixels"


EVIDENCE: Final[dict[str, Callable[[Checkout], Problems]]] = {
    "action-setup": _defines("entry.py", "async_setup"),
    "brands": _pictures,
    "config-entry-unloading": _defines("entry.py", "async_unload_entry"),
    "config-flow": _flow_fields,
    "dependency-transparency": _requirements,
    "diagnostics": _defines("diagnostics.py", "async_get_config_entry_diagnostics"),
    "exception-translations": _exceptions,
    "icon-translations": _icons,
    "inject-websession": _sessions,
    "integration-owner": _owner,
    "parallel-updates": _parallel_updates,
    "reauthentication-flow": _defines(
        "config_flow.py", "async_step_reauth", "async_step_reauth_confirm"
    ),
    "reconfiguration-flow": _defines("config_flow.py", "async_step_reconfigure"),
    "repair-issues": _defines("repairs.py", "async_create_fix_flow"),
    "stale-devices": _defines("entry.py", "async_remove_config_entry_device"),
    "strict-typing": _strict,
}


def check_quality_scale(checkout: Checkout) -> Problems:
    """Require every rule, done or exempt with a reason, and evidence where there is some."""
    rules = mapping(checkout.component("quality_scale.yaml"), "rules")
    if not rules:
        return
    for rule in sorted(QUALITY_RULES - set(rules)):
        yield f"quality_scale.yaml: {rule} is missing"
    for rule in sorted(set(rules) - QUALITY_RULES):
        yield f"quality_scale.yaml: {rule} is not expected"
    for rule, value in rules.items():
        entry = mapping(value)
        status = entry.get("status", value)
        if status not in ("done", "exempt"):
            yield f"quality_scale.yaml: {rule} has the status {status!r}"
        if status == "exempt" and not str(entry.get("comment", "")).strip():
            yield f"quality_scale.yaml: {rule} is exempt without a comment"
        for key in sorted(set(entry) - {"status", "comment"}):
            yield f"quality_scale.yaml: {rule} has the unknown key {key}"
        if status == "done" and rule in EVIDENCE:
            for problem in EVIDENCE[rule](checkout):
                yield f"{problem} ({rule})"
