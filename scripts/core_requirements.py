"""Print what the installed Home Assistant wants instead of what pyproject.toml names.

Each line replaces a requirement, as an override of uv does. The versions stand in the
manifests of Home Assistant's integrations and in its own list of constraints. Packages
that the command line names are left out.
"""

from importlib.metadata import version
from importlib.util import find_spec
import json
from pathlib import Path
import re
import sys
import tomllib
from typing import Final

ROOT: Final = Path(__file__).parents[1]
NEVER: Final = "; python_version < '3'"
NAME: Final = re.compile(r"[A-Za-z0-9._-]+")


def main() -> None:
    """Print a line for each package of our groups that Home Assistant names."""
    spec = find_spec("homeassistant")
    if spec is None or spec.origin is None:
        raise SystemExit("Home Assistant is not installed.")
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    ours = {
        name_of(line)
        for group in ("demo", "test")
        for line in groups["dependency-groups"][group]
    }
    wanted = requirements(Path(spec.origin).parent)
    for name in sorted(ours & wanted.keys()):
        print(wanted[name] + (NEVER if name in sys.argv[1:] else ""))
    print(f"homeassistant=={version('homeassistant')}")


def requirements(core: Path) -> dict[str, str]:
    """Return the requirements of a Home Assistant by the packages' names."""
    lines = [
        line
        for manifest in core.glob("components/*/manifest.json")
        for line in json.loads(manifest.read_text("utf-8")).get("requirements", ())
    ]
    lines += (core / "package_constraints.txt").read_text("utf-8").splitlines()
    return {name_of(line): line for line in lines if NAME.match(line) and "==" in line}


def name_of(requirement: str) -> str:
    """Return the name of the package that a requirement is about, in its usual form."""
    found = NAME.match(requirement)
    return re.sub(r"[._-]+", "-", found[0]).lower() if found else ""


if __name__ == "__main__":
    main()
