"""Where what goes to and comes from a service may be listened to, as it was sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
import time
from typing import Protocol


class Kind(StrEnum):
    """How something came."""

    REQUEST = "request"
    """Asked for by us: a request and its answer."""
    STREAM = "stream"
    """A message of an event stream."""
    HOOK = "hook"
    """Posted to a hook of ours."""


@dataclass(slots=True, kw_only=True)
class Exchange:
    """One exchange with a service, raw: whoever takes it makes sure that nobody is in it.

    ``path`` is below the service's address, ``sent`` the body of a request, ``body`` what came, as
    bytes. ``error`` is the name of the class of a failure. Times are of the monotonic clock, in seconds.
    """

    kind: Kind
    method: str = ""
    path: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    sent: bytes = b""
    status: int | None = None
    content_type: str | None = None
    body: bytes = b""
    event: str | None = None
    error: str | None = None
    began: float = field(default_factory=time.monotonic)
    ended: float = 0.0


class Recorder(Protocol):
    """Whoever takes exchanges."""

    def take(self, exchange: Exchange) -> None:
        """Take an exchange that is over."""


@dataclass(slots=True)
class Tap:
    """Where a client's exchanges can be taken; nobody does unless ``recorder`` is set."""

    recorder: Recorder | None = None

    def take(self, exchange: Exchange) -> None:
        """Hand an exchange on that is over now, if somebody takes it."""
        exchange.ended = time.monotonic()
        if self.recorder is not None:
            self.recorder.take(exchange)
