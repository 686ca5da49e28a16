"""A sound checkout for each test."""

from pathlib import Path

import pytest

from .sound import build


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return the root of a sound checkout."""
    build(tmp_path)
    return tmp_path
