"""The parts of a team that store, start or stop, each before whatever needs it."""

from typing import Final

from .dispatcher import Dispatcher
from .figures import PeopleFigures
from .open_alerts import OpenAlerts
from .reach import Reach
from .runtime import Part
from .shifts import Shifts
from .zones import Zones

PARTS: Final[tuple[type[Part], ...]] = (
    Reach,
    Shifts,
    Zones,
    OpenAlerts,
    PeopleFigures,
    Dispatcher,
)
