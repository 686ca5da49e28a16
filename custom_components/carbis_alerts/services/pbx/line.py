"""What a line to a PBX is, and what it needs of whoever takes its messages."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, Protocol

from homeassistant.core import callback

from ...api.pbx import Parsed


class Intake(Protocol):
    """Whoever takes the messages of a line."""

    @property
    def device_id(self) -> str | None:
        """Return the device that the messages come from, once it is known."""

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
        return {}

    def restore(self, stored: Mapping[str, Any]) -> None:  # noqa: B027 - as above
        """Take over what was stored."""
