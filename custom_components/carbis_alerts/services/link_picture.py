"""The picture that links an account: shown at an address of its own, and soon gone.

Home Assistant's dialogs show no picture that stands in their text. Whoever has it can link
an account of theirs, so its address is signed, and never the same twice.
"""

from datetime import timedelta
import secrets
import time
from typing import Final

from aiohttp import hdrs, web
from homeassistant.components.http import HomeAssistantView
from homeassistant.components.http.auth import async_sign_path
from homeassistant.core import HomeAssistant
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..runtime.timings import timings

PATH: Final = f"/api/{DOMAIN}/link"
# Its signature is good for so long, its picture no longer.
SIGNED_FOR: Final = timedelta(seconds=30)


class LinkPictures(HomeAssistantView):
    """Serve the pictures that dialogs show just now, by signed paths alone."""

    url = f"{PATH}/{{picture_id}}"
    name = f"api:{DOMAIN}:link"

    def __init__(self) -> None:
        """Begin with none."""
        self._pictures: dict[str, tuple[bytes, float]] = {}

    def put(self, picture_id: str, picture: bytes) -> None:
        """Show a picture, or the next one in its place."""
        until = time.monotonic() + timings().link_picture
        self._pictures[picture_id] = picture, until

    def drop(self, picture_id: str) -> None:
        """Show it no more."""
        self._pictures.pop(picture_id, None)

    async def get(self, request: web.Request, picture_id: str) -> web.Response:
        """Return a picture; who signs in instead of having a path gets none."""
        picture, until = self._pictures.get(picture_id, (b"", 0.0))
        if hdrs.AUTHORIZATION in request.headers or time.monotonic() >= until:
            raise web.HTTPNotFound
        return web.Response(
            body=picture,
            content_type="image/png",
            headers={hdrs.CACHE_CONTROL: "no-store"},
        )


PICTURES: HassKey[LinkPictures] = HassKey(f"{DOMAIN}_link_pictures")


def link_pictures(hass: HomeAssistant) -> LinkPictures:
    """Return what serves pictures; the first set-up begins before there is an entry."""
    if (view := hass.data.get(PICTURES)) is None:
        view = hass.data[PICTURES] = LinkPictures()
        hass.http.register_view(view)
    return view


class LinkPicture:
    """The picture of one dialog."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Have a path that nobody can guess."""
        self._hass = hass
        self._view = link_pictures(hass)
        self._id = secrets.token_urlsafe(16)
        self._count = 0
        self._shown: tuple[bytes, str, float] | None = None

    def path_of(self, picture: bytes) -> str:
        """Show a picture; return its signed path, another for each picture and each 20 s."""
        now = time.monotonic()
        self._view.put(self._id, picture)
        if self._shown is not None:
            shown, path, until = self._shown
            if shown == picture and now < until:
                return path
        self._count += 1
        # Signed for the session of whoever opened the dialog.
        path = async_sign_path(
            self._hass, f"{PATH}/{self._id}?n={self._count}", SIGNED_FOR
        )
        self._shown = picture, path, now + timings().link_picture * 2 / 3
        return path

    def drop(self) -> None:
        """Show it no more."""
        self._view.drop(self._id)
