"""Make the zip that HACS downloads: the component, with only what it needs to run."""

import argparse
from pathlib import Path
import re
import sys
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from scripts.checkout import COMPONENT, SKIPPED_FOLDERS, Checkout

# For those who look at the code, not for the site it runs in.
LEFT_OUT: Final = frozenset({"quality_scale.yaml"})
# The same content makes the same zip.
DATE: Final = (2026, 1, 1, 0, 0, 0)


class PackageError(Exception):
    """The release cannot be made as it is."""


def contents(component: Path) -> list[Path]:
    """Return the component's files that belong into the zip."""
    return sorted(
        file
        for file in component.rglob("*")
        if file.is_file()
        and file.relative_to(component).as_posix() not in LEFT_OUT
        and not any(part in SKIPPED_FOLDERS for part in file.parts)
        and not any(part.startswith(".") for part in file.relative_to(component).parts)
    )


def check_tag(checkout: Checkout, tag: str) -> None:
    """Raise where a tag is not exactly the manifest's version."""
    version = checkout.component("manifest.json").get("version")
    if tag != version:
        raise PackageError(f"the tag is {tag}, the manifest has {version}")


def notes(checkout: Checkout, version: str) -> str:
    """Return what the change log says of a version."""
    text = (checkout.root / "CHANGELOG.md").read_text("utf-8")
    match = re.search(
        rf"^## \[{re.escape(version)}\][^\n]*\n(.*?)(?=^## |\Z)",
        text,
        re.DOTALL | re.MULTILINE,
    )
    if match is None or "unreleased" in match[0].splitlines()[0].lower():
        raise PackageError(f"CHANGELOG.md has no dated section for {version}")
    return match[1].strip()


def write(checkout: Checkout, target: Path) -> None:
    """Write the zip; HACS unpacks it into the component's own folder."""
    component = checkout.root / COMPONENT
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for file in contents(component):
            info = ZipInfo(file.relative_to(component).as_posix(), DATE)
            info.compress_type = ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, file.read_bytes())


def main() -> int:
    """Make the zip, and the notes of its release."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", type=Path)
    parser.add_argument("--tag", help="must be the manifest's version")
    parser.add_argument("--notes", type=Path, help="file for the notes of the release")
    arguments = parser.parse_args()
    checkout = Checkout(Path(__file__).parents[1])
    try:
        if arguments.tag is not None:
            check_tag(checkout, arguments.tag)
        if arguments.notes is not None:
            version = str(checkout.component("manifest.json")["version"])
            arguments.notes.write_text(f"{notes(checkout, version)}\n", "utf-8")
        write(checkout, arguments.target)
    except PackageError as error:
        print(f"package: {error}", file=sys.stderr)
        return 1
    print(f"{arguments.target}: {arguments.target.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
