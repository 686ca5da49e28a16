"""Timings that are shorter than the real ones."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from custom_components.carbis_alerts.runtime import timings


@contextmanager
def timed(**changes: Any) -> Generator[None]:
    """Change some timings for a while; a name that there is not is an error."""
    with patch.object(timings, "TIMINGS", replace(timings.TIMINGS, **changes)):
        yield
