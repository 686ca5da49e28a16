"""The address of a service as a person types it."""

from typing import Final

from yarl import URL

SCHEMES: Final = ("https", "http")


def parse_address(text: str, *, without: str = "") -> URL:
    """Return the base address; raise ``ValueError`` where it is none.

    Without a scheme https is meant. ``without`` is a path that people copy along
    with the address; query and fragment are dropped.
    """
    text = text.strip()
    if "://" not in text:
        text = f"https://{text}"
    try:
        url = URL(text)
    except IndexError:
        # yarl's answer to some addresses with brackets.
        url = URL()
    if (
        url.scheme not in SCHEMES
        or not url.host
        or any(character.isspace() for character in url.host)
        or url.port == 0
        or url.user is not None
        or url.password is not None
    ):
        raise ValueError("This is not the address of a server")
    path = url.path.rstrip("/").removesuffix(without).rstrip("/")
    return url.origin().with_path(path)


def same_server(one: URL, other: URL) -> bool:
    """Tell whether two addresses lead to the same host and port."""
    return (one.host, one.port) == (other.host, other.port)
