"""Whatever fills a sentence of ours comes from one function, all through the code."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

COMPONENT: Final = Path("custom_components/carbis_alerts")
SHOWN: Final = COMPONENT / "domain" / "shown.py"
# What shows sentences; nothing may be handed on to it unseen.
SHOWS: Final = frozenset(
    (
        *("async_show_form", "async_show_menu", "async_show_progress", "async_abort"),
        *("async_update_and_abort", "async_create_issue", "AbortFlow"),
    )
)
# What is shown by its own text, unless it has the key of one.
RAISED: Final = frozenset(
    (
        *("HomeAssistantError", "ServiceValidationError", "IntegrationError"),
        *("ConfigEntryError", "ConfigEntryNotReady", "ConfigEntryAuthFailed"),
        "PlatformNotReady",
    )
)
# The name of a device is no sentence: Home Assistant shows it as it is, everywhere.
DEVICES: Final = "async_get_or_create"


def name_of(call: ast.Call) -> str:
    return ast.unparse(call.func).rpartition(".")[2]


def is_filled(name: str | None) -> bool:
    return (name or "").endswith("_placeholders")


def faults(tree: ast.Module, *, is_shown: bool = False) -> Iterator[str]:
    """Yield how a file fills a sentence in another way."""
    for node in ast.walk(tree):
        match node:
            case ast.Call():
                yield from faults_of_call(node, is_shown=is_shown)
            case ast.Attribute(ctx=ast.Store()) if is_filled(node.attr):
                yield f"{node.lineno}: sets {node.attr}"
            case ast.Constant(value=str(text)) if is_filled(text) or (
                "persistent_notification" in text
            ):
                yield f"{node.lineno}: speaks of {text}"
            case ast.ImportFrom(names=names) if any(
                "persistent_notification" in name.name
                or (name.name == "placeholders" and name.asname)
                or name.asname == "placeholders"
                for name in names
            ):
                yield f"{node.lineno}: an import"
            case ast.FunctionDef(name="placeholders") if not is_shown:
                yield f"{node.lineno}: another function of the name"
            case ast.Name(id="placeholders", ctx=ast.Store()):
                yield f"{node.lineno}: another thing of the name"


def faults_of_call(call: ast.Call, *, is_shown: bool) -> Iterator[str]:
    name, line = name_of(call), call.lineno
    if name == "OurWords" and not is_shown:
        yield f"{line}: claims words as ours"
    if name in SHOWS and any(keyword.arg is None for keyword in call.keywords):
        yield f"{line}: hands something on to {name}"
    if name in RAISED | {"AbortFlow"} and any(
        not isinstance(arg, ast.Constant) or name in RAISED for arg in call.args
    ):
        yield f"{line}: a text of its own in {name}"
    for keyword in call.keywords:
        if (
            is_filled(keyword.arg)
            and name != DEVICES
            and not (
                isinstance(keyword.value, ast.Call)
                and ast.unparse(keyword.value.func) == "placeholders"
            )
        ):
            yield f"{line}: fills {keyword.arg} of {name} itself"


def test_whatever_fills_a_sentence_goes_the_one_way() -> None:
    found = {
        str(path): list(faults(ast.parse(path.read_bytes()), is_shown=path == SHOWN))
        for path in COMPONENT.rglob("*.py")
    }
    assert {path: lines for path, lines in found.items() if lines} == {}


def test_there_is_something_to_go_that_way() -> None:
    filled = [
        keyword
        for path in COMPONENT.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if is_filled(keyword.arg)
    ]
    assert len(filled) >= 8


@pytest.mark.parametrize(
    "code",
    [
        "flow.async_show_form(description_placeholders={'a': said})",
        "flow.async_show_form(description_placeholders=made)",
        "flow.async_show_form(description_placeholders=dict(a=said))",
        "flow.async_show_form(**more)",
        "ir.async_create_issue(hass, **more)",
        "ir.async_create_issue(hass, translation_placeholders=x and placeholders())",
        "more['description_placeholders'] = said",
        "more = {'translation_placeholders': said}",
        "err.translation_placeholders = said",
        "self.context['title_placeholders'] = said",
        "raise HomeAssistantError(said)",
        "raise ServiceValidationError(f'no {said}')",
        "raise AbortFlow(said)",
        "raise AbortFlow('x', {'said': said})",
        "words = OurWords(said)",
        "def placeholders(**words): return words",
        "placeholders = dict",
        "from elsewhere import made as placeholders",
        "from homeassistant.components import persistent_notification",
    ],
)
def test_another_way_is_found(code: str) -> None:
    assert list(faults(ast.parse(code)))
