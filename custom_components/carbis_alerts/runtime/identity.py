"""What an entry's runtime has to know of its service."""

from dataclasses import dataclass

from ..domain.events import Source


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Which service it is, and how Home Assistant shows its devices.

    ``device_kind`` is the translation key of the devices below the hub and the first
    part of their keys, None where there are none; ``alert_entity`` is the key of the
    event entity that alerts belong to.
    """

    source: Source
    manufacturer: str
    model: str
    device_kind: str | None = None
    alert_entity: str
    repeat_window: float
    """For how many seconds after it was last seen an event is a repeat."""
