"""Files that are sent by their address: what they are called, and who can fetch them."""

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
import re
from typing import Final

from yarl import URL

MAX_ADDRESS: Final = 2_048
MAX_NAME: Final = 100
# What the service knows the kind of a file by.
_NAMED: Final = re.compile(r".{0,400}\.(?P<ending>[A-Za-z0-9]{1,10})", re.DOTALL)
_NOT_IN_NAMES: Final = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]+')
# Below these words are shown; a document has none.
_WITH_CAPTION: Final = frozenset(
    {
        *("jpg", "jpeg", "png", "gif", "webp", "bmp", "heic", "tif", "tiff"),
        *("mp4", "mov", "avi", "mkv", "webm", "3gp", "mpeg", "mpg"),
    }
)
# Names that only a network of one's own knows.
_LOCAL_ENDINGS: Final = (
    ".local",
    ".lan",
    ".home",
    ".internal",
    ".localdomain",
    ".arpa",
)


class FileFault(StrEnum):
    """Why a file cannot be sent by an address."""

    INVALID = "file_url_invalid"
    LOCAL = "file_url_local"
    NAMELESS = "file_url_nameless"


class UnusableFile(ValueError):
    """A file that cannot be sent; ``fault`` says why."""

    def __init__(self, fault: FileFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file: its address on the web, and the name that it is shown with."""

    url: str
    name: str

    @property
    def takes_caption(self) -> bool:
        """Return whether words are shown with it, as of pictures and videos."""
        return self.name.rpartition(".")[2].lower() in _WITH_CAPTION


def attachment_of(address: str) -> Attachment:
    """Return the file at an address; raise ``UnusableFile``.

    Its name is the end of the path. Where that is none, or another is wanted, it stands
    behind a ``#``, which belongs to no address that is asked for.
    """
    try:
        url = URL(address.strip())
        host = url.host if url.scheme in ("http", "https") else None
        text = str(url.with_fragment(None))
        names = (url.fragment, url.name)
    except ValueError:
        raise UnusableFile(FileFault.INVALID) from None
    if not host or len(text) > MAX_ADDRESS:
        raise UnusableFile(FileFault.INVALID)
    if _is_local(host):
        raise UnusableFile(FileFault.LOCAL)
    for name in names:
        if (found := _NAMED.fullmatch(name)) is not None:
            stem = _NOT_IN_NAMES.sub("_", name[: found.start("ending") - 1]).strip()
            ending = found["ending"]
            return Attachment(text, f"{stem[: MAX_NAME - 11] or '_'}.{ending}")
    raise UnusableFile(FileFault.NAMELESS)


def _is_local(host: str) -> bool:
    """Return whether the service cannot fetch anything from a host."""
    try:
        return not ip_address(host).is_global
    except ValueError:
        host = host.lower().rstrip(".")
        return "." not in host or host.endswith(_LOCAL_ENDINGS)
