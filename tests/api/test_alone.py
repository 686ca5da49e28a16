"""``api`` and ``domain`` are used alone: nothing of Home Assistant is imported for them."""

from pathlib import Path
import subprocess
import sys

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = "custom_components.carbis_alerts"

IMPORT_ALL = """
from importlib import import_module
from importlib.abc import MetaPathFinder
import pkgutil
import sys

package, room, root = sys.argv[1:]


class NoHomeAssistant(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.partition(".")[0] in {"homeassistant", "voluptuous", "probatio"}:
            raise ImportError(f"{name} is imported")


sys.path.insert(0, root)
sys.meta_path.insert(0, NoHomeAssistant())
module = import_module(f"{package}.{room}")
for found in pkgutil.walk_packages(module.__path__, f"{module.__name__}."):
    import_module(found.name)
    print(found.name)
"""


@pytest.mark.parametrize("room", ["api", "domain"])
def test_every_module_is_imported_without_home_assistant(room: str) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-c", IMPORT_ALL, PACKAGE, room, str(ROOT)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    folder = ROOT / PACKAGE.replace(".", "/") / room
    files = {file.relative_to(folder) for file in folder.rglob("*.py")} - {
        Path("__init__.py")
    }
    assert len(done.stdout.split()) == len(files)


IN_EXECUTOR = """
import sys

import custom_components.carbis_alerts as component

assert not any(name.startswith(component.__name__ + ".") for name in sys.modules)
import custom_components.carbis_alerts.config_flow

before = set(sys.modules)
for name in component._HOMES:
    assert hasattr(component, name), name
assert not hasattr(component, "setup")
assert set(sys.modules) == before, set(sys.modules) - before
"""


@pytest.mark.slow
def test_what_home_assistant_calls_is_loaded_with_the_flow() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IN_EXECUTOR],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
