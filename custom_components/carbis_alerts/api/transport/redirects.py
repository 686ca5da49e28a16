"""Redirects, followed only where the token may go."""

from contextlib import suppress
from typing import Final

import aiohttp
from yarl import URL

from ..errors import ProtocolError

REDIRECTS: Final = (301, 302, 303, 307, 308)
MAX_REDIRECTS: Final = 3


def redirect_target(response: aiohttp.ClientResponse, url: URL) -> URL:
    """Return where a redirect leads; another origin would get the token."""
    if location := response.headers.get("Location"):
        # An IndexError is yarl's answer to some addresses with brackets.
        with suppress(ValueError, IndexError):
            target = url.join(URL(location))
            if target.origin() == url.origin():
                return target
    raise ProtocolError(
        "The server redirects to another address or to none", status=response.status
    )
