"""Proof of alerts: from the service through the bus to what the site does about them."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import aiohttp

from .account import say
from .errors import DemoError
from .lines import changed
from .qr_menu import NEEDS_BILL
from .service import Alert, Service
from .stream import SiteEvent, Stream

# Late is soon with the options below.
LIMIT: Final = 30.0
# By the source, what is set other than its default: nobody watches a proof for minutes,
# and the menu has a code of its own.
OPTIONS: Final[Mapping[str, Mapping[str, Any]]] = {
    "qr_menu": {
        "overdue_after": 3,
        "code_meanings": [{"code": NEEDS_BILL, "meaning": "bill_request"}],
    }
}


async def prove(stream: Stream, service: Service) -> None:
    """Make all alerts of a service and say when what they lead to came."""
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
        self._event: SiteEvent | None = None
        # Where there is no bus event to wait for, it is not missed either.
        self._is_published = alert.event is None
        self._entity_changed = alert.event is None
        self._transitions = list(alert.transitions)
        self._dispatch = list(alert.dispatch)
        self._waiting = [
            (change, state) for change in alert.changes for state in change.states
        ]
        self._before: dict[str, str] = {}

    @property
    def missing(self) -> list[str]:
        """Say in words what has not come yet."""
        return [
            *([] if self._is_published else ["bus event"]),
            *([] if self._entity_changed else ["change of the event entity"]),
            *(f"alert that was {item['action']}" for item in self._transitions),
            *(
                f"{item['person']} for whom something was {item['action']}"
                for item in self._dispatch
            ),
            *(
                f"{change.entity} that turned {state}"
                for change, state in self._waiting
            ),
        ]

    def take(self, event: SiteEvent) -> None:
        """Look whether an event is one that is waited for; before the bus event none is."""
        match event.type:
            case "state_changed":
                self._take_state(event)
            case "carbis_alerts_alert":
                self._take_transition(event)
            case "carbis_alerts_dispatch":
                self._take_dispatch(event)
            case _:
                self._take_event(event)

    def _take_event(self, event: SiteEvent) -> None:
        """Strike out the bus event."""
        wanted = self.alert.event
        if self._is_published or wanted is None or not _has(event, wanted):
            return
        self._event = event
        self._is_published = True
        self._report(event, f"bus event {event.type}, {event.data['type']}")
        self._pass_over()

    def _take_transition(self, event: SiteEvent) -> None:
        """Strike out the next thing that is to become of what waits."""
        if not (self._is_published and self._transitions):
            return
        if not _has(event, self._transitions[0]):
            return
        del self._transitions[0]
        data = event.data
        about = [data["action"], *filter(None, (data["reason"],))]
        if data["outcome"]:
            about.append(data["outcome"])
        if data["action"] in ("overdue", "acknowledged"):
            about.append(f"after {data['age']:.1f} s")
        if data["action"] == "acknowledged":
            about.append(f"by {data['by']}")
        self._report(event, f"bus event {event.type}, {', '.join(about)}")

    def _take_dispatch(self, event: SiteEvent) -> None:
        """Strike out the next thing that the team does."""
        if not (self._dispatch and _has(event, self._dispatch[0])):
            return
        del self._dispatch[0]
        names = ("action", "person", "channel", "step")
        about = ", ".join(filter(None, (event.data[name] for name in names)))
        self._report(event, f"bus event {event.type}, {about}")

    def _take_state(self, event: SiteEvent) -> None:
        """Look at an entity's change."""
        new = event.data.get("new_state")
        if new is None:
            return
        entity_id = event.data["entity_id"]
        if not self._is_published:
            self._before[entity_id] = new["state"]
        elif (
            self._event is not None
            and entity_id == self._event.data["entity_id"]
            and new["attributes"].get("event_id") == self._event.data["event_id"]
        ):
            self._entity_changed = True
            self._report(event, f"{entity_id}: {new['attributes']['event_type']}")
        elif (state := changed(event.data)) is not None:
            self._take_change(event, entity_id, state)

    def _take_change(self, event: SiteEvent, entity_id: str, state: str) -> None:
        """Strike out the next state that is waited for of an entity."""
        for item in self._waiting:
            if item[0].entity == entity_id:
                break
        else:
            return
        if item[1] != state:
            return
        self._waiting.remove(item)
        outcome = f"{item[0].outcome}, " if item[0].outcome else ""
        self._report(event, f"{outcome}{entity_id}: {state}")
        if (
            self.reaction is None
            and self._event is not None
            and item[0] is self.alert.changes[0]
        ):
            self.reaction = _milliseconds(self._event.fired, event.fired)

    def _pass_over(self) -> None:
        """Strike out what was so already when the bus event came, and may be."""
        for change, state in list(self._waiting):
            if change.may_be_so and self._before.get(change.entity) == state:
                self._waiting.remove((change, state))
                say(f"{'':10}  {change.entity}: {state} just then")

    def _report(self, event: SiteEvent, what: str) -> None:
        say(f"{_milliseconds(self._began, event.fired):7.0f} ms  {what}")


def _has(event: SiteEvent, wanted: Mapping[str, Any]) -> bool:
    """Return whether an event is the one that is waited for."""
    return wanted.items() <= event.data.items()


def _milliseconds(start: datetime, end: datetime) -> float:
    """Return the time between; all clocks here are the machine's one."""
    return (end - start).total_seconds() * 1000
