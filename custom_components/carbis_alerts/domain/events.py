"""What a source tells the rest of the house: one event, the same for all services."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Source(StrEnum):
    """The services."""

    QR_MENU = "qr_menu"
    PBX = "pbx"
    GREEN_API = "green_api"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceEvent:
    """Something that happened at a service.

    ``type`` is one of the source's event types, ``code`` the service's own name of
    it. ``place`` is the key of the device that it belongs to, None for the hub, and
    ``entity`` the key of the event entity there.
    ``time`` is aware. ``data`` holds the fields of the source, each of them: what
    does not apply is None.
    """

    source: Source
    type: str
    code: str | None
    event_id: str
    late: bool
    time: datetime
    place: str | None
    entity: str
    data: Mapping[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """Return the fields of the bus event that the service knows."""
        return {
            "source": self.source.value,
            "type": self.type,
            "code": self.code,
            "event_id": self.event_id,
            "late": self.late,
            "time": self.time.isoformat(),
            **self.data,
        }
