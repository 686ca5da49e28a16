"""What a line to a PBX is, and what it needs of whoever takes its messages."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, Protocol

from homeassistant.core import callback

from ...api.fields import as_key
from ...api.pbx import Parsed
from ...const import CONF_DEVICE_ID
from ...domain.senders import Senders
from .device_question import DeviceQuestion


class Intake(Protocol):
    """Whoever takes the messages of a line."""

    @property
    def is_flooded(self) -> bool:
        """Return whether more came than there is to take now."""

    async def async_handle(self, message: Parsed) -> None:
        """Take one message."""

    @callback
    def async_line_up(self) -> None:
        """Note that the line is up."""

    @callback
    def async_pause_asked(self, seconds: float) -> None:
        """Note the pause that the PBX asks for before the line is brought up again."""

    @callback
    def async_store(self) -> None:
        """Have what the line knows written down."""


class Line(ABC):
    """A way by which the messages of a PBX come."""

    # Where anybody may send.
    question: DeviceQuestion | None = None

    def __init__(self, data: Mapping[str, Any]) -> None:
        """Take an entry's data."""
        self.senders = Senders(as_key(data.get(CONF_DEVICE_ID)))

    def async_open(self) -> None:  # noqa: B027 - a stream has nothing to do
        """Take messages from now on, whether or not the PBX knows of it."""

    def async_close(self) -> None:  # noqa: B027 - as above
        """Take no messages any more."""

    @abstractmethod
    async def async_session(self) -> None:
        """Bring the line up, say so and stay on it; end by a ``ServiceError``."""

    def diagnostics(self) -> dict[str, Any]:
        """Return how the line does, without any content."""
        return {"heartbeats": None, "patience": None}

    def as_dict(self) -> dict[str, Any]:
        """Return what has to survive a restart."""
        return self.senders.as_dict()

    def restore(self, stored: Mapping[str, Any]) -> None:
        """Take over what was stored."""
        self.senders.restore(stored)
