"""What goes wrong at a service for a while, as the simulator's control takes it."""

from collections.abc import Mapping
import random
from typing import Any, Final

from .traffic import SERVICES, ServiceName

FAULTS: Final[tuple[Mapping[str, Any], ...]] = (
    {"refuse": True},
    {"reset": True},
    {"status": 500},
    {"status": 503},
    {"status": 429, "headers": {"Retry-After": "1"}},
    {"garbage": True},
    {"status": 502},
    {"cut": 20},
    {"half_open": True},
    {"wrong_token": True},
)
# A stream that is open meets none of the above but the first; so it is ended, too.
ENDS_STREAM: Final = ("/pbx/streams/end", "/pbx/streams/reset")


def plan(seed: int, count: int) -> list[tuple[ServiceName, Mapping[str, Any]]]:
    """Return outages, each of a service: every kind at every service before any again."""
    every = [(service, fault) for fault in FAULTS for service in SERVICES]
    shuffled = random.Random(seed)
    found: list[tuple[ServiceName, Mapping[str, Any]]] = []
    while len(found) < count:
        shuffled.shuffle(every)
        found += every
    return found[:count]
