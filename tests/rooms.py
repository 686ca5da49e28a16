"""Loads Home Assistant's test plug-in, but for tests of the rooms that do not know it."""

from pathlib import Path
from typing import Final
import warnings

import pytest

PLUGIN: Final = "pytest_homeassistant_custom_component.plugins"
ROOT: Final = Path(__file__).parent
PLAIN: Final = (ROOT / "api", ROOT / "domain")


def _is_plain(argument: str) -> bool:
    path = Path(argument.partition("::")[0]).resolve()
    return any(path.is_relative_to(room) for room in PLAIN)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Load it where any argument, or none, asks for other rooms."""
    arguments: list[str] = early_config.known_args_namespace.file_or_dir
    if not arguments or not all(map(_is_plain, arguments)):
        # As quiet as a plug-in that is loaded before warnings are shown: they are others'.
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            early_config.pluginmanager.import_plugin(PLUGIN)
