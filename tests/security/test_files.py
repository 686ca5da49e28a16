"""What lies on the disk: who may read it."""

from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulator.qr_menu import QrMenuService

from ..conftest import TOKEN, Recorder
from ..helpers import storage_key, wait_until


@pytest.fixture
def hass_config_dir(hass_tmp_config_dir: str) -> str:
    """Write to a folder of the test's own."""
    return hass_tmp_config_dir


@pytest.fixture
def hass_storage() -> dict[str, Any]:
    """Write for real."""
    return {}


def look(path: Path) -> tuple[int, str, list[Path]]:
    """Return a file's permissions, its content, and what else of its name there is."""
    others = [other for other in path.parent.iterdir() if path.name in other.name]
    return path.stat().st_mode & 0o777, path.read_text("utf-8"), others


async def test_the_file_of_an_entry_is_its_users_alone_and_holds_no_token(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder
) -> None:
    path = Path(hass.config.path(".storage", storage_key(entry)))
    pushed = qr_menu.waiter_call("6")
    await bus.wait(1)
    await wait_until(lambda: path.exists() and pushed["hash"] in look(path)[1])
    permissions, content, files = look(path)
    assert permissions == 0o600
    assert TOKEN not in content
    # Written beside it and put in its place; nothing readable stays behind.
    assert files == [path]
