"""The board: a dashboard card, served by the integration, and what feeds it."""

from hashlib import sha256
import logging
from pathlib import Path
from typing import Final

from homeassistant.components import frontend, websocket_api
from homeassistant.components.http.server import StaticPathConfig
from homeassistant.core import HomeAssistant

from ..const import DOMAIN
from .hub import BOARD, BoardHub
from .websocket import async_subscribe

_LOGGER = logging.getLogger(__name__)

FOLDER: Final = Path(__file__).parent / "www"
ENTRANCE: Final = "board.js"


async def async_setup_board(hass: HomeAssistant) -> None:
    """Serve the card, have every dashboard load it, and answer its subscription."""
    version = await hass.async_add_executor_job(asset_version_of, FOLDER)
    hass.data[BOARD] = BoardHub(hass, version)
    websocket_api.async_register_command(hass, async_subscribe)
    url = f"/{DOMAIN}/board/{version}"
    # The address changes with the files, so a browser may keep them for good.
    try:
        await hass.http.async_register_static_paths(
            [StaticPathConfig(url, str(FOLDER), cache_headers=True)]
        )
    except RuntimeError as err:
        # A server that takes no more addresses costs the board, not the alerts.
        _LOGGER.warning("The board cannot be served: %s", err)
        return
    if frontend.DOMAIN in hass.config.components:
        frontend.add_extra_js_url(hass, f"{url}/{ENTRANCE}")


def asset_version_of(folder: Path) -> str:
    """Return what changes when a file of a folder does; reads files."""
    digest = sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
