"""The alerts of an entry as its file has them."""

from collections.abc import Iterable
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
        # What was stored and is not taken over yet.
        self._unread: list[Any] = []

    def as_list(self) -> list[Any]:
        """Return what to store."""
        alerts = [*self._book.closed, *self._book.alerts]
        made = [self._of(alert) for alert in alerts]
        self._made = {
            alert.alert_id: kept for alert, kept in zip(alerts, made, strict=True)
        }
        return [*(form for _, form in made), *self._unread]

    def prepare(self, alerts: Iterable[Alert]) -> None:
        """Make what to store of many alerts in the slices in which they change."""
        for alert in alerts:
            self._made[alert.alert_id] = self._of(alert)

    def restore(self, stored: object) -> None:
        """Take what was stored; ``async_restored`` takes it over."""
        self._unread = stored if isinstance(stored, list) else []

    async def async_restored(self) -> None:
        """Take over what was stored, with turns for everybody else."""
        async for part in Slices().of(self._unread):
            self.prepare(self._book.restore(part))
            self._unread = self._unread[len(part) :]

    def _of(self, alert: Alert) -> tuple[Alert, orjson.Fragment]:
        kept = self._made.get(alert.alert_id)
        if kept is not None and kept[0] is alert:
            return kept
        return alert, orjson.Fragment(orjson.dumps(alert.as_dict()))
