"""What the services handed out, and what arrived in the site: the two are compared."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from simulator.service import PATIENCE


@dataclass(slots=True)
class Ledger:
    """Events by service: what it had to give, and what came of it, each in order.

    They are known by a mark that is in both of them.
    """

    given: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    came: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    # Given and not come yet, each service's in order.
    waiting: dict[str, dict[str, None]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    # What the service itself did not keep until it could be fetched.
    gone: set[str] = field(default_factory=set)
    late: set[str] = field(default_factory=set)
    events: int = 0
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def give(self, service: str, mark: str) -> None:
        """Note what a service has to give."""
        self.given[service].append(mark)
        self.waiting[service][mark] = None

    def take_back(self, service: str, marks: Iterable[str]) -> None:
        """Note what a service has dropped by its own rules."""
        for mark in marks:
            del self.waiting[service][mark]
            self.gone.add(mark)

    def arrive(self, data: Mapping[str, Any]) -> None:
        """Note a bus event."""
        self.events += 1
        if (mark := mark_of(data)) is None:
            return
        self.came[data["source"]].append(mark)
        self.waiting[data["source"]].pop(mark, None)
        if data["late"]:
            self.late.add(mark)
        self._arrived.set()

    async def all_came(self, *services: str, timeout: float = PATIENCE) -> None:
        """Wait until all has come of these services. Raises TimeoutError."""
        try:
            async with asyncio.timeout(timeout):
                while any(self.waiting[service] for service in services):
                    self._arrived.clear()
                    await self._arrived.wait()
        except TimeoutError:
            raise TimeoutError(f"Not come: {self.lost()}") from None

    def lost(self) -> list[str]:
        """Return what was given, was there to be fetched, and has not come."""
        return [mark for marks in self.waiting.values() for mark in marks]

    def twice(self) -> list[str]:
        """Return what came more than once."""
        return [
            mark
            for marks in self.came.values()
            for mark, count in Counter(marks).items()
            if count > 1
        ]

    def unknown(self) -> list[str]:
        """Return what came and was never given, or was gone before."""
        return [
            mark
            for service, marks in self.came.items()
            for mark in set(marks) - set(self.given[service]) | set(marks) & self.gone
        ]

    def out_of_order(self) -> list[str]:
        """Return the services whose events came in another order than they were given."""
        found = []
        for service, given in self.given.items():
            came = dict.fromkeys(self.came[service])
            if [mark for mark in given if mark in came] != list(came):
                found.append(service)
        return found


def mark_of(data: Mapping[str, Any]) -> str | None:
    """Return by what the ledger knows a bus event; None for what follows from another.

    A call's own end brings the event of a missed call.
    """
    if data["source"] == "qr_menu":
        return str(data["event_id"])
    if data["source"] == "green_api":
        return data["message_id"] and f"{data['code']} {data['message_id']}"
    if data["type"] == "missed_call":
        return None
    return f"{data['code']} {data['call_id'] or data['text']}"
