"""The alerts of an entry as its file has them."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from ..domain.alert import Alert
from ..domain.alerts import AlertBook
from .slices import Slices


class StoredAlerts:
    """What is stored of a book, and taken over from what was stored."""

    def __init__(self, book: AlertBook) -> None:
        """Begin without any."""
        self._book = book
        # What was stored and is not taken over yet.
        self._unread: list[Any] = []

    def later_list(self) -> Callable[[], list[Any]]:
        """Return what makes what is to be stored of the alerts that there are now."""
        alerts = (*self._book.closed, *self._book.alerts, *self._unread)
        return partial(_forms, alerts)

    def restore(self, stored: object) -> None:
        """Take what was stored; ``async_restored`` takes it over."""
        self._unread = stored if isinstance(stored, list) else []

    async def async_restored(self) -> None:
        """Take over what was stored, with turns for everybody else."""
        async for part in Slices().of(self._unread):
            self._book.restore(part)
            self._unread = self._unread[len(part) :]


def _forms(alerts: Iterable[Any]) -> list[Any]:
    return [alert.as_dict() if isinstance(alert, Alert) else alert for alert in alerts]
