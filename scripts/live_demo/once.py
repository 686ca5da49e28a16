"""Proof of alerts: from the service through the bus to what the house does about them."""

import asyncio
from datetime import UTC, datetime
from typing import Final

import aiohttp

from .account import say
from .errors import DemoError
from .lines import changed
from .service import Alert, Service
from .stream import HouseEvent, Stream

# The QR menu is asked every 2 seconds.
LIMIT: Final = 20.0


async def prove(stream: Stream, service: Service) -> None:
    """Make all alerts of a service and tell when what they lead to came."""
    alerts = service.alerts(stream)
    while True:
        began = datetime.now(UTC)
        try:
            alert = await anext(alerts, None)
        except aiohttp.ClientError as error:
            raise DemoError(
                f"The simulator does not take the alert: {error}."
            ) from error
        if alert is None:
            return
        await _follow(stream, Proof(alert, began))


async def _follow(stream: Stream, proof: Proof) -> None:
    """Wait until nothing is missing."""
    text = proof.alert.text
    say(f"\n{text}:")
    try:
        async with asyncio.timeout(LIMIT):
            while proof.missing:
                proof.take(await stream.next_event())
    except TimeoutError as error:
        raise DemoError(
            f"{text}: within {LIMIT:g} seconds there was no {' and no '.join(proof.missing)}."
        ) from error
    if proof.reaction is not None:
        say(
            f"{proof.reaction:7.0f} ms  of it from the bus event to {proof.alert.changes[0].entity}"
        )


class Proof:
    """What is still missing of what an alert must lead to."""

    def __init__(self, alert: Alert, began: datetime) -> None:
        """Expect all of it."""
        self.alert = alert
        self.reaction: float | None = None
        """The milliseconds from the bus event to the first change, once both came."""
        self._began = began
        self._event: HouseEvent | None = None
        self._entity_changed = False
        self._waiting = [
            (change, state) for change in alert.changes for state in change.states
        ]
        self._before: dict[str, str] = {}

    @property
    def missing(self) -> list[str]:
        """Tell in words what has not come yet."""
        return [
            *([] if self._event else ["bus event"]),
            *([] if self._entity_changed else ["change of the event entity"]),
            *(
                f"{change.entity} that turned {state}"
                for change, state in self._waiting
            ),
        ]

    def take(self, event: HouseEvent) -> None:
        """Look whether an event is one that is waited for; before the bus event none is."""
        if event.type != "state_changed":
            if self._event is None and self.alert.event.items() <= event.data.items():
                self._event = event
                self._tell(event, f"bus event {event.type}, {event.data['type']}")
                self._pass_over()
            return
        new = event.data.get("new_state")
        if new is None:
            return
        entity_id = event.data["entity_id"]
        if self._event is None:
            self._before[entity_id] = new["state"]
        elif (
            entity_id == self._event.data["entity_id"]
            and new["attributes"].get("event_id") == self._event.data["event_id"]
        ):
            self._entity_changed = True
            self._tell(event, f"{entity_id}: {new['attributes']['event_type']}")
        elif (state := changed(event.data)) is not None:
            self._take_change(event, entity_id, state)

    def _take_change(self, event: HouseEvent, entity_id: str, state: str) -> None:
        """Strike out the next state that is waited for of an entity."""
        for item in self._waiting:
            if item[0].entity == entity_id:
                break
        else:
            return
        if item[1] != state:
            return
        self._waiting.remove(item)
        self._tell(event, f"{entity_id}: {state}")
        if self.reaction is None and self._event is not None:
            self.reaction = _milliseconds(self._event.fired, event.fired)

    def _pass_over(self) -> None:
        """Strike out what was so already when the bus event came, and may be."""
        for change, state in list(self._waiting):
            if change.may_be_so and self._before.get(change.entity) == state:
                self._waiting.remove((change, state))
                say(f"{'':10}  {change.entity}: {state} just then")

    def _tell(self, event: HouseEvent, what: str) -> None:
        say(f"{_milliseconds(self._began, event.fired):7.0f} ms  {what}")


def _milliseconds(start: datetime, end: datetime) -> float:
    """Return the time between; all clocks here are the machine's one."""
    return (end - start).total_seconds() * 1000
