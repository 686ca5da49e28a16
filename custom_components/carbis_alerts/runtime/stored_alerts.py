"""The alerts of an entry as its file has them."""

from typing import Any

import orjson

from ..domain.alert import Alert
from ..domain.alerts import AlertBook
from .slices import Slices


class StoredAlerts:
    """What is stored of a book: made once for each alert, as long as it stays the same."""

    def __init__(self, book: AlertBook) -> None:
        """Begin without any."""
        self._book = book
        self._made: dict[str, tuple[Alert, orjson.Fragment]] = {}
        # The ids of those that are not as they were made.
        self._changed = book.follow()
        # What was stored and is not taken over yet.
        self._unread: list[Any] = []

    def as_list(self) -> list[Any]:
        """Return what to store."""
        alerts = [*self._book.closed, *self._book.alerts]
        made = [self._of(alert) for alert in alerts]
        self._made = {
            alert.alert_id: kept for alert, kept in zip(alerts, made, strict=True)
        }
        self._changed.clear()
        return [*(form for _, form in made), *self._unread]

    def prepare(self) -> None:
        """Make what has changed, in the slice in which it did; it may be very many."""
        for alert_id in self._changed:
            if (alert := self._book.find(alert_id)) is not None:
                self._made[alert_id] = self._of(alert)
        self._changed.clear()

    def restore(self, stored: object) -> None:
        """Take what was stored; ``async_restored`` takes it over."""
        self._unread = stored if isinstance(stored, list) else []

    async def async_restored(self) -> None:
        """Take over what was stored, with turns for everybody else."""
        async for part in Slices().of(self._unread):
            self._book.restore(part)
            self.prepare()
            self._unread = self._unread[len(part) :]

    def _of(self, alert: Alert) -> tuple[Alert, orjson.Fragment]:
        kept = self._made.get(alert.alert_id)
        if kept is not None and kept[0] is alert:
            return kept
        return alert, orjson.Fragment(orjson.dumps(alert.as_dict()))
