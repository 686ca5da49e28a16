"""Proof of one alert: from the service through the bus to a lamp that lit."""

import asyncio
from datetime import UTC, datetime
from typing import Final

import aiohttp

from .account import say
from .errors import DemoError
from .lines import turned
from .services import Alert, Service
from .stream import HouseEvent, Stream

# The QR menu is asked every 2 seconds.
LIMIT: Final = 20.0


async def prove(stream: Stream, service: Service) -> None:
    """Make one alert and tell when what it leads to came."""
    began = datetime.now(UTC)
    try:
        alert = await service.alert()
    except aiohttp.ClientError as error:
        raise DemoError(f"The simulator does not take the alert: {error}.") from error
    proof = Proof(alert, began)
    say(f"\n{alert.text}:")
    try:
        async with asyncio.timeout(LIMIT):
            while proof.missing:
                proof.take(await stream.next_event())
    except TimeoutError as error:
        raise DemoError(
            f"{alert.text}: within {LIMIT:g} seconds there was no {' and no '.join(proof.missing)}."
        ) from error
    say(f"{proof.reaction:7.0f} ms  of it from the bus event to the light")


class Proof:
    """What is still missing of what an alert must lead to."""

    def __init__(self, alert: Alert, began: datetime) -> None:
        """Expect all of it."""
        self._alert = alert
        self._began = began
        self._event: HouseEvent | None = None
        self._light: HouseEvent | None = None
        self._entity_changed = False

    @property
    def missing(self) -> list[str]:
        """Tell in words what has not come yet."""
        return [
            name
            for name, there in (
                ("bus event", self._event is not None),
                ("change of the event entity", self._entity_changed),
                (f"{self._alert.lamp} that turned on", self._light is not None),
            )
            if not there
        ]

    @property
    def reaction(self) -> float:
        """Return the milliseconds from the bus event to the light."""
        assert self._event is not None  # noqa: S101
        assert self._light is not None  # noqa: S101
        return _milliseconds(self._event.fired, self._light.fired)

    def take(self, event: HouseEvent) -> None:
        """Look whether an event is one that is waited for; before the bus event none is."""
        if self._event is None:
            if (
                event.type != "state_changed"
                and self._alert.event.items() <= event.data.items()
            ):
                self._event = event
                self._tell(event, f"bus event {event.type}, {event.data['type']}")
            return
        new = event.data.get("new_state")
        if event.type != "state_changed" or new is None:
            return
        if (
            event.data["entity_id"] == self._event.data["entity_id"]
            and new["attributes"].get("event_id") == self._alert.event["event_id"]
        ):
            self._entity_changed = True
            self._tell(event, f"{new['entity_id']}: {new['attributes']['event_type']}")
        elif event.data["entity_id"] == self._alert.lamp and turned(event.data) == "on":
            self._light = event
            self._tell(event, f"{new['entity_id']}: on")

    def _tell(self, event: HouseEvent, what: str) -> None:
        say(f"{_milliseconds(self._began, event.fired):7.0f} ms  {what}")


def _milliseconds(start: datetime, end: datetime) -> float:
    """Return the time between; all clocks here are the machine's one."""
    return (end - start).total_seconds() * 1000
