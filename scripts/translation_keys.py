"""Find the translation keys that the component's code names."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from scripts.checkout import Checkout, mapping


@dataclass(frozen=True, slots=True)
class UsedKey:
    """A translation key as the code names it."""

    device: str
    section: str
    key: str


def _callee(call: ast.Call) -> str:
    """Return the last part of what is called."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _constants(node: ast.expr) -> Iterator[str]:
    """Yield the string constants that an expression can give."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=body, orelse=orelse):
            yield from _constants(body)
            yield from _constants(orelse)
        case ast.List(elts=items):
            for item in items:
                yield from _constants(item)


def _section(call: ast.Call, keyword: str) -> str | None:
    """Say which part of the texts a keyword of a call names a key of."""
    name = _callee(call)
    keywords = {item.arg for item in call.keywords}
    match keyword:
        case "translation_key" if name.endswith("create_issue"):
            return "issues"
        case "translation_key" if "translation_domain" in keywords:
            return "exceptions"
        case "translation_key" if name.endswith(("SelectorConfig", "Selector")):
            return "selector"
        case "translation_key" if name == "DeviceInfo":
            return "device"
        case "translation_key":
            return "entity"
        case "reason" if name == "async_abort":
            return "abort"
        case "step_id" if name in ("async_show_form", "async_show_menu"):
            return "step"
    return None


def used_keys(checkout: Checkout) -> Iterator[UsedKey]:
    """Yield every translation key that stands in the component's code."""
    for file, module in checkout.modules():
        for node in ast.walk(module):
            found: list[tuple[str, ast.expr]] = []
            match node:
                case ast.Call(keywords=keywords):
                    found = [
                        (section, item.value)
                        for item in keywords
                        if item.arg and (section := _section(node, item.arg))
                    ]
                case ast.Assign(
                    targets=[ast.Name(id="_attr_translation_key")], value=value
                ):
                    found = [("entity", value)]
                case ast.Assign(targets=[target], value=value) if (
                    ast.unparse(target) == "errors['base']"
                ):
                    found = [("error", value)]
            for section, value in found:
                for key in _constants(value):
                    yield UsedKey(f"{file}:{value.lineno}", section, key)


def known_keys(texts: dict[str, object], section: str) -> set[str]:
    """Return the keys of a section, over all platforms and flows."""
    if section == "entity":
        return {
            key for item in mapping(texts, "entity").values() for key in mapping(item)
        }
    if section in ("abort", "error", "step"):
        flows = [
            mapping(texts, "config"),
            mapping(texts, "options"),
            *(mapping(flow) for flow in mapping(texts, "config_subentries").values()),
            *(
                mapping(issue, "fix_flow")
                for issue in mapping(texts, "issues").values()
            ),
        ]
        return {key for flow in flows for key in mapping(flow, section)}
    return set(mapping(texts, section))
