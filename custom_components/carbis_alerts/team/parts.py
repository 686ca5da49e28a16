"""The parts of a team that store, start or stop, each before whatever needs it."""

from typing import Final

from .runtime import Part
from .shifts import Shifts

PARTS: Final[tuple[type[Part], ...]] = (Shifts,)
