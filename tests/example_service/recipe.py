"""Make the service that CONTRIBUTING.md describes, in a copy of the component."""

from collections.abc import Iterator
from pathlib import Path
import re
import shutil
from typing import Final

ROOT: Final = Path(__file__).parents[2]
COMPONENT: Final = Path("custom_components/carbis_alerts")

# A path in its own line, then one block of code or several.
STEP: Final = re.compile(
    r"^(?:`([\w./]+)`:|```(python|diff)\n(.*?)\n```)$", re.MULTILINE | re.DOTALL
)


def steps(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield file, kind and code of each block that follows a path."""
    path: str | None = None
    for match in STEP.finditer(text):
        if match[1]:
            path = match[1]
        elif path is not None:
            yield path, match[2], match[3]


def patched(text: str, diff: str) -> str:
    """Return a text with the lines of a diff, which must fit in one place."""
    lines = diff.splitlines()
    old = "\n".join(line[1:] for line in lines if line[:1] in (" ", "-"))
    new = "\n".join(line[1:] for line in lines if line[:1] in (" ", "+"))
    found = text.count(old)
    if found != 1:
        raise ValueError(f"fits in {found} places:\n{diff}")
    return text.replace(old, new)


def make(target: Path, text: str) -> list[str]:
    """Copy the component into a folder and follow the text; return the files touched."""
    component = target / COMPONENT
    shutil.copytree(
        ROOT / COMPONENT, component, ignore=shutil.ignore_patterns("__pycache__")
    )
    touched = []
    for path, kind, code in steps(text):
        file = component / path
        if kind == "python":
            file.parent.mkdir(exist_ok=True)
            file.write_text(f"{code}\n", "utf-8")
        else:
            file.write_text(patched(file.read_text("utf-8"), code), "utf-8")
        touched.append(path)
    return touched
