"""The model is plain Python: its tests need neither Home Assistant nor a server."""

from hypothesis import HealthCheck, settings
import pytest

# A machine that is busy makes no test fail.
settings.register_profile(
    "patient", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("patient")


@pytest.fixture(autouse=True)
def _site() -> None:
    """Nothing here needs Home Assistant."""


@pytest.fixture(autouse=True)
def _quick() -> None:
    """Nothing here polls."""
