"""Check the forms of issues: both languages alike, and each asks for diagnostics."""

from collections.abc import Iterator
import re

from scripts.checkout import Checkout, mapping

type Problems = Iterator[str]


def check_issue_forms(checkout: Checkout) -> Problems:
    """Require forms of one build in both languages, which ask for diagnostics."""
    folder = checkout.root / ".github/ISSUE_TEMPLATE"
    forms = [file for file in sorted(folder.glob("*.yml")) if file.name != "config.yml"]
    shapes: dict[str, list[tuple[object, object]]] = {}
    for file in forms:
        label = checkout.relative(file)
        body = checkout.data(label).get("body")
        fields = list(map(mapping, body)) if isinstance(body, list) else []
        if "diagnostics" not in [field.get("id") for field in fields]:
            yield f"{label}: diagnostics are not asked for"
        stem = re.sub(r"^\d+_", "", file.stem)
        shapes[stem] = [(field.get("type"), field.get("id")) for field in fields]
    for stem, shape in sorted(shapes.items()):
        if not stem.endswith("_ru") and shapes.get(f"{stem}_ru") != shape:
            yield f".github/ISSUE_TEMPLATE: {stem} is not the same in Russian"
