"""The parts of a team that store, start or stop, each before whatever needs it."""

from typing import Final

from .open_alerts import OpenAlerts
from .runtime import Part
from .shifts import Shifts
from .zones import Zones

PARTS: Final[tuple[type[Part], ...]] = (Shifts, Zones, OpenAlerts)
