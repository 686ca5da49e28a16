"""The model is plain Python: its tests need neither Home Assistant nor a server."""

import pytest


@pytest.fixture(autouse=True)
def _site() -> None:
    """Nothing here needs Home Assistant."""


@pytest.fixture(autouse=True)
def _quick() -> None:
    """Nothing here polls."""
