"""The parts of a team that store, start or stop, each before whatever needs it."""

from collections.abc import Callable
from typing import Final

from .runtime import Running, TeamRuntime
from .shifts import Shifts

PARTS: Final[tuple[Callable[[TeamRuntime], Running], ...]] = (Shifts,)
