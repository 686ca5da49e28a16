"""What is left to pay at each table, as its sensor shows it."""

from datetime import datetime
from typing import Any, Final

from homeassistant.core import callback

from ...api.qr_menu import QrMenuEvent
from ...domain.bills import Bills, Taken
from ...runtime.devices import Devices
from .events import said_by

BILL: Final = "bill"


class TableBills:
    """The bills of an entry's tables."""

    def __init__(self, devices: Devices) -> None:
        """Take the tables."""
        self._devices = devices
        self._bills = Bills()

    def take(self, message: QrMenuEvent, time: datetime) -> Taken:
        """Return what a message comes to; nothing changes before it is kept."""
        return self._bills.take(said_by(message, time))

    @callback
    def async_show(self, taken: Taken) -> list[str]:
        """Have tables show what is left to pay there; return their keys."""
        shown = []
        for table, left in taken.bills.items():
            if (key := self._devices.known_key(table)) is not None:
                self._devices.all[key].values[BILL] = left
                shown.append(key)
        return shown

    def keep(self, taken: Taken) -> None:
        """Keep what a message came to."""
        self._bills.keep(taken)

    def as_list(self) -> list[list[Any]]:
        """Return what to store."""
        return self._bills.as_list()

    def restore(self, stored: object) -> None:
        """Take over what was stored."""
        self._bills.restore(stored)
