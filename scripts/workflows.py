"""Check what GitHub reads: workflows whose actions are pinned, and the forms of issues."""

from collections.abc import Iterator
import re
from typing import Final

from scripts.checkout import Checkout, mapping, nested_values

PINNED: Final = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")
NAMED_PIN: Final = re.compile(r"^\s*-?\s*uses: \S+@[0-9a-f]{40} # \S+", re.MULTILINE)
FIELD_TYPES: Final = frozenset(
    {"checkboxes", "dropdown", "input", "markdown", "textarea"}
)
FORM_KEYS: Final = frozenset(
    {"assignees", "body", "description", "labels", "name", "projects", "title", "type"}
)

type Problems = Iterator[str]


def check_workflows(checkout: Checkout) -> Problems:
    """Require pinned actions, least permissions and a limit of time for every job."""
    for file in sorted((checkout.root / ".github/workflows").glob("*.yml")):
        label = checkout.relative(file)
        workflow = checkout.data(label)
        if not mapping(workflow, "permissions"):
            yield f"{label}: no permissions are named"
        for name, job in mapping(workflow, "jobs").items():
            if "timeout-minutes" not in mapping(job):
                yield f"{label}: the job {name} has no limit of time"
        used = [str(value) for value in nested_values(workflow, "uses")]
        for action in used:
            if not PINNED.fullmatch(action):
                yield f"{label}: {action} is not pinned to a commit"
        if len(NAMED_PIN.findall(file.read_text("utf-8"))) != len(used):
            yield f"{label}: a pinned action has no word on its version"


def check_issue_forms(checkout: Checkout) -> Problems:
    """Require forms that GitHub takes, in both languages, which ask for diagnostics."""
    folder = checkout.root / ".github/ISSUE_TEMPLATE"
    forms = [file for file in sorted(folder.glob("*.yml")) if file.name != "config.yml"]
    shapes: dict[str, list[tuple[object, object]]] = {}
    for file in forms:
        label = checkout.relative(file)
        form = checkout.data(label)
        for key in ("body", "description", "name"):
            if not form.get(key):
                yield f"{label}: {key} is missing"
        for key in sorted(set(form) - FORM_KEYS):
            yield f"{label}: {key} is not a key of a form"
        body = form.get("body")
        fields = list(map(mapping, body)) if isinstance(body, list) else []
        yield from _check_fields(label, fields)
        ids = [field.get("id") for field in fields]
        if "diagnostics" not in ids:
            yield f"{label}: diagnostics are not asked for"
        stem = re.sub(r"^\d+_", "", file.stem)
        shapes[stem] = [(field.get("type"), field.get("id")) for field in fields]
    for stem, shape in sorted(shapes.items()):
        if not stem.endswith("_ru") and shapes.get(f"{stem}_ru") != shape:
            yield f".github/ISSUE_TEMPLATE: {stem} is not the same in Russian"


def _check_fields(label: str, fields: list[dict[str, object]]) -> Problems:
    """Require what GitHub wants of each field of a form."""
    seen: set[object] = set()
    for number, field in enumerate(fields, start=1):
        kind, attributes = field.get("type"), mapping(field, "attributes")
        if kind not in FIELD_TYPES:
            yield f"{label}: field {number} has the type {kind!r}"
        elif kind == "markdown":
            if not attributes.get("value"):
                yield f"{label}: field {number} has no value"
            continue
        elif not attributes.get("label"):
            yield f"{label}: field {number} has no label"
        if kind in ("checkboxes", "dropdown") and not attributes.get("options"):
            yield f"{label}: field {number} has no options"
        if field.get("id") in seen:
            yield f"{label}: the id {field.get('id')} comes twice"
        seen.add(field.get("id"))
