"""The service that CONTRIBUTING.md describes works as it stands there."""

from pathlib import Path
import shutil
import subprocess
import sys

import pytest

from scripts.check import check_translations, check_used_keys
from scripts.checkout import Checkout

from .recipe import ROOT, make, patched

TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
FILES = {
    "api/bell.py",
    "domain/events/__init__.py",
    "domain/events/base.py",
    "domain/events/bell.py",
    "domain/rules.py",
    "services/bell/__init__.py",
    "services/bell/description.py",
    "services/bell/form.py",
    "services/bell/source.py",
    "services/registry.py",
    "translations/en.json",
    "translations/ru.json",
}
SETTINGS = """
[pytest]
addopts = --import-mode=importlib
asyncio_mode = auto
pythonpath = .
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return a folder with the component and the service of the text."""
    assert set(make(tmp_path, TEXT)) == FILES
    return tmp_path


@pytest.mark.slow
def test_a_press_of_the_bell_has_all_that_the_text_declares(site: Path) -> None:
    (site / "pytest.ini").write_text(SETTINGS, "utf-8")
    shutil.copy(Path(__file__).parent / "check_bell.py", site / "test_bell.py")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "."],
        cwd=site,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 passed" in done.stdout


def test_its_words_and_code_pass_the_checks(site: Path) -> None:
    checkout = Checkout(site)
    assert [
        problem
        for check in (check_translations, check_used_keys)
        for problem in check(checkout)
    ] == []


def test_its_code_is_in_the_projects_style(site: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", site)
    files = [f"custom_components/carbis_alerts/{name}" for name in sorted(FILES)]
    for command in (["check", "--quiet"], ["format", "--check", "--diff"]):
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "ruff",
                *command,
                *(name for name in files if name.endswith(".py")),
            ],
            cwd=site,
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout


def test_an_edit_that_fits_nowhere_is_an_error() -> None:
    with pytest.raises(ValueError, match="fits in 0 places"):
        patched("one\ntwo\n", " three\n+four")
    with pytest.raises(ValueError, match="fits in 2 places"):
        patched("one\none\n", " one\n+two")
