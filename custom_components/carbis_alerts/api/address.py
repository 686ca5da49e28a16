"""The address of a service as a person types it."""

from contextlib import suppress
from ipaddress import IPv4Address
import re
from typing import Final

from yarl import URL

SCHEMES: Final = ("https", "http")
# A scheme without its colon is taken for a host: no server has such a name.
NO_HOSTS: Final = frozenset(("http", "https", "htp", "htps", "http.", "https."))
NAME: Final = re.compile(r"[\w-]+(?:\.[\w-]+)*\.?", re.ASCII)
NUMBERS: Final = re.compile(r"[0-9.]+", re.ASCII)


def parse_address(text: str, *, without: str = "") -> URL:
    """Return the base address; raise ``ValueError`` where it is none.

    Without a scheme https is meant. ``without`` is where the service's own paths begin,
    which people copy along with the address; query and fragment are dropped.
    """
    text = text.strip()
    if "://" not in text:
        if "//" in text:
            raise ValueError("This is not the address of a server")
        text = f"https://{text}"
    try:
        url = URL(text)
    except IndexError:
        # yarl's answer to some addresses with brackets.
        url = URL()
    if (
        url.scheme not in SCHEMES
        or not url.host
        or not _is_host(url.raw_host or "")
        or url.port == 0
        or url.user is not None
        or url.password is not None
    ):
        raise ValueError("This is not the address of a server")
    path = url.path.partition(without)[0] if without else url.path
    return url.origin().with_path(path.rstrip("/"))


def _is_host(host: str) -> bool:
    """Return whether a server may have this name or number."""
    if ":" in host:
        # Brackets hold nothing but an address of IPv6.
        return not any(character.isspace() for character in host)
    if NUMBERS.fullmatch(host):
        with suppress(ValueError):
            return IPv4Address(host) is not None
        return False
    return host not in NO_HOSTS and NAME.fullmatch(host) is not None


def same_server(one: URL, other: URL) -> bool:
    """Return whether two addresses lead to the same host and port."""
    return (one.host, one.port) == (other.host, other.port)
