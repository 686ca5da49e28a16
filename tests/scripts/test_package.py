"""The zip of a release: what Home Assistant needs, under the right tag only."""

from pathlib import Path
import subprocess
import sys
from zipfile import ZipFile

import pytest

from scripts.checkout import COMPONENT, Checkout, parse_json
from scripts.package import PackageError, check_tag, contents, notes, write

from .sound import replaced_in_root

ROOT = Path(__file__).parents[2]


def test_the_zip_has_what_is_needed_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "carbis_alerts.zip"
    write(Checkout(ROOT), target)
    tracked = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "."],
        cwd=ROOT / COMPONENT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    with ZipFile(target) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        manifest = parse_json(archive.read("manifest.json").decode())
    assert set(names) == {name for name in tracked.split("\0") if name} - {
        "quality_scale.yaml"
    }
    assert manifest == Checkout(ROOT).component("manifest.json")


def test_hacs_finds_the_zip_by_its_name() -> None:
    hacs = Checkout(ROOT).data("hacs.json")
    assert hacs["zip_release"] is True
    workflow = (ROOT / ".github/workflows/release.yml").read_text("utf-8")
    assert f" {hacs['filename']} --verify-tag" in workflow


@pytest.mark.slow
def test_the_unpacked_zip_compiles_and_imports_nothing_it_lacks(tmp_path: Path) -> None:
    target = tmp_path / "carbis_alerts.zip"
    write(Checkout(ROOT), target)
    with ZipFile(target) as archive:
        archive.extractall(tmp_path / COMPONENT)
    done = subprocess.run(
        [sys.executable, "-c", "import custom_components.carbis_alerts.config_flow"],
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_the_same_content_makes_the_same_zip(checkout: Path) -> None:
    first, second = checkout / "1.zip", checkout / "2.zip"
    write(Checkout(checkout), first)
    for file in contents(checkout / COMPONENT):
        file.touch()
    write(Checkout(checkout), second)
    assert first.read_bytes() == second.read_bytes()


def test_caches_and_hidden_files_stay_out(checkout: Path) -> None:
    before = contents(checkout / COMPONENT)
    for name in ("__pycache__/x.pyc", ".hidden/x", ".DS_Store"):
        file = checkout / COMPONENT / name
        file.parent.mkdir(exist_ok=True)
        file.write_text("", "utf-8")
    assert contents(checkout / COMPONENT) == before


@pytest.mark.parametrize("tag", ["1.2.4", "v1.2.3", ""])
def test_tag_that_is_not_the_manifests_version_is_refused(
    checkout: Path, tag: str
) -> None:
    with pytest.raises(PackageError, match=r"the manifest has 1\.2\.3"):
        check_tag(Checkout(checkout), tag)
    check_tag(Checkout(checkout), "1.2.3")


def test_the_notes_are_those_of_the_version(checkout: Path) -> None:
    replaced_in_root(
        "CHANGELOG.md",
        "## [1.2.3] - 2026-11-01\n",
        "## [1.2.3] - 2026-11-01\n\n- New.\n\n## [1.2.2] - 2026-10-01\n\n- Old.\n",
    )(checkout)
    assert notes(Checkout(checkout), "1.2.3") == "- New."
    assert notes(Checkout(checkout), "1.2.2") == "- Old."


@pytest.mark.parametrize("date", ["Unreleased", "unreleased"])
def test_version_without_a_date_is_not_released(checkout: Path, date: str) -> None:
    replaced_in_root("CHANGELOG.md", "2026-11-01", date)(checkout)
    with pytest.raises(PackageError, match="no dated section"):
        notes(Checkout(checkout), "1.2.3")
