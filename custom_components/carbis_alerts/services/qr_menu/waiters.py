"""Who serves the tables by the till, as the orders of a QR menu name them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from homeassistant.core import callback
from homeassistant.util import dt as dt_util

from ...api.qr_menu import QrMenuEvent
from ...domain.bills import Taken
from ...domain.events import table_key
from ...domain.payments import NAMELESS
from ...domain.table_waiters import TableWaiters, Waiter, waiter_named
from ...runtime.devices import Devices
from ...runtime.storage import EntryStore

SECTION: Final = "waiters"


class OrderWaiters:
    """The waiters of an entry's tables."""

    def __init__(self, devices: Devices, store: EntryStore) -> None:
        """Take the tables, and the file that keeps what is known of their waiters."""
        self._devices = devices
        self._waiters = TableWaiters()
        store.add_section(self._collect, self._restore)

    @property
    def seen(self) -> list[Waiter]:
        """Return the waiters that orders named, the one that came last first."""
        return self._waiters.seen

    @callback
    def async_of(self, device_key: str | None) -> Waiter | None:
        """Return who serves a table by the till, None where nobody is known to."""
        table = self._devices.all.get(device_key or "")
        if table is None:
            return None
        return self._waiters.at(table.id, dt_util.utcnow().timestamp())

    @callback
    def async_take(self, message: QrMenuEvent, time: datetime, bill: Taken) -> None:
        """Take what a message says of its order; taking it twice changes nothing."""
        table = table_key(message.table_id, message.table_name)
        key = next(iter(bill.orders), None if table is None else f"{NAMELESS}{table}")
        if key is None:
            return
        waiter = waiter_named(message.waiter_id, message.waiter)
        self._waiters.take(key, table, waiter, time.timestamp())
        for order_key, order in bill.orders.items():
            is_paid = message.kind == "online_payment" or (
                order is not None and order.paid > 0
            )
            # Paid, or known by its id from now on.
            if order is None or (is_paid and order.due == 0):
                self._waiters.forget(order_key)

    def _collect(self) -> dict[str, Any]:
        return {SECTION: self._waiters.as_dict()}

    def _restore(self, stored: Mapping[str, Any]) -> None:
        self._waiters.restore(stored.get(SECTION))
