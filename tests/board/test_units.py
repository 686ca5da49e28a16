"""The board's pure parts, tested in their own language."""

from pathlib import Path
import subprocess

import playwright

# The Node.js that Playwright brings: the same everywhere, and nothing to install.
NODE = Path(playwright.__file__).parent / "driver" / "node"
UNITS = Path(__file__).parent / "units"


def test_the_units_of_the_board_pass() -> None:
    files = sorted(str(path) for path in UNITS.glob("*.test.js"))
    assert files
    run = subprocess.run(
        [NODE, "--test", "--test-reporter=dot", *files],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
