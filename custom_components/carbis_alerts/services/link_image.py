"""The image that links an account: shown at an address of its own, and soon gone.

Home Assistant's dialogs show no image that stands in their text. Whoever has it can link
an account of theirs, so its address is signed, and never the same twice.
"""

from datetime import timedelta
import secrets
import time
from typing import Final

from aiohttp import hdrs, web
from homeassistant.components.http.auth import async_sign_path
from homeassistant.core import HomeAssistant
from homeassistant.helpers.http import HomeAssistantView
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..runtime.timings import timings

PATH: Final = f"/api/{DOMAIN}/link"
# Its signature is good for so long, its image no longer.
SIGNED_FOR: Final = timedelta(seconds=30)


class LinkImages(HomeAssistantView):
    """Serve the images that dialogs show just now, by signed paths alone."""

    url = f"{PATH}/{{image_id}}"
    name = f"api:{DOMAIN}:link"

    def __init__(self) -> None:
        """Begin with none."""
        self._images: dict[str, tuple[bytes, float]] = {}

    def show(self, image_id: str, image: bytes) -> None:
        """Show an image, or the next one in its place."""
        until = time.monotonic() + timings().link_image
        self._images[image_id] = image, until

    def drop(self, image_id: str) -> None:
        """Show it no more."""
        self._images.pop(image_id, None)

    async def get(self, request: web.Request, image_id: str) -> web.Response:
        """Return an image; who signs in instead of having a path gets none."""
        image, until = self._images.get(image_id, (b"", 0.0))
        if hdrs.AUTHORIZATION in request.headers or time.monotonic() >= until:
            raise web.HTTPNotFound
        return web.Response(
            body=image,
            content_type="image/png",
            headers={hdrs.CACHE_CONTROL: "no-store"},
        )


IMAGES: HassKey[LinkImages] = HassKey(f"{DOMAIN}_link_images")


def link_images(hass: HomeAssistant) -> LinkImages:
    """Return what serves images; the first set-up begins before there is an entry."""
    if (view := hass.data.get(IMAGES)) is None:
        view = hass.data[IMAGES] = LinkImages()
        hass.http.register_view(view)
    return view


class LinkImage:
    """The image of one dialog."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Have a path that nobody can guess."""
        self._hass = hass
        self._view = link_images(hass)
        self._id = secrets.token_urlsafe(16)
        self._count = 0
        self._shown: tuple[bytes, str, float] | None = None

    def path_of(self, image: bytes) -> str:
        """Show an image; return its signed path, another for each image and each 20 s."""
        now = time.monotonic()
        self._view.show(self._id, image)
        if self._shown is not None:
            shown, path, until = self._shown
            if shown == image and now < until:
                return path
        self._count += 1
        # Signed for the session of whoever opened the dialog.
        path = async_sign_path(
            self._hass, f"{PATH}/{self._id}?n={self._count}", SIGNED_FOR
        )
        self._shown = image, path, now + timings().link_image * 2 / 3
        return path

    def drop(self) -> None:
        """Show it no more."""
        self._view.drop(self._id)
