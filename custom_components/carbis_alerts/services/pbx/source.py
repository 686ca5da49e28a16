"""The PBX: what its messages mean for calls, extensions and the house."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
import time
from typing import Any, ClassVar, Final, override

from homeassistant.const import CONF_PASSWORD, CONF_TOKEN, CONF_URL, CONF_USERNAME
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt as dt_util
from yarl import URL

from ...api.fields import as_key, as_name
from ...api.pbx import PbxClient, PbxMessage, Unreadable, Verification, parse_message
from ...api.stream import EventStream
from ...api.times import as_moment
from ...api.transport import Limits
from ...api.turns import SLICE, Turns
from ...const import (
    CONF_DEVICE_ID,
    CONF_FINGERPRINT,
    CONF_NUMBER,
    CONF_VIP,
    SUBENTRY_CONTACT,
)
from ...domain.bounds import LINE_BURST, LINE_RATE, Pace
from ...domain.calls import Call, Calls, Direction, is_missed, sides
from ...domain.events import ServiceEvent
from ...domain.numbers import is_extension, normalised
from ...runtime.coordinator import HUB, CarbisConfigEntry
from ...runtime.identity import Identity
from ...runtime.listener import ListeningCoordinator
from ...runtime.retries import Delivery, Retries

# Within this time, in seconds, the same message is a repeat.
REPEAT_WINDOW: Final = 60.0
# How often calls whose end never came are looked for.
GIVE_UP_INTERVAL: Final = timedelta(minutes=1)

CALLS: Final = "calls"
SMS: Final = "sms"

TYPES: Final = {
    "startup": "startup",
    "incoming_call": "incoming_call",
    "outgoing_call": "outgoing_call",
    "start_talk": "start_talk",
    "answer_elsewhere": "answer_elsewhere",
    "call_end": "call_end",
    "incoming_sms": "sms",
}
BEGINNINGS: Final[Mapping[str, Direction]] = {
    "incoming_call": "incoming",
    "outgoing_call": "outgoing",
}
FIELDS: Final = (
    "call_id",
    "caller",
    "caller_name",
    "vip",
    "extension",
    "trunk",
    "direction",
    "duration",
    "status",
    "record_id",
    "number",
    "sender",
    "text",
    "raw",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Somebody whose number is known."""

    name: str
    vip: bool


class PbxCoordinator(ListeningCoordinator):
    """Listen to a PBX over its event stream."""

    # Seconds until a message whose publishing failed is tried again, by its failures.
    retry_after: ClassVar[tuple[float, ...]] = (1.0, 5.0)

    def __init__(
        self, hass: HomeAssistant, entry: CarbisConfigEntry, identity: Identity
    ) -> None:
        """Prepare the client; nothing is opened yet."""
        super().__init__(hass, entry, identity, repeat_window=REPEAT_WINDOW)
        self.client = make_client(hass, entry.data, self.limits)
        self.calls = Calls()
        self.last_caller: str | None = None
        # The device that the messages come from, once one has come.
        self.device_id = as_key(entry.data.get(CONF_DEVICE_ID))
        self._contacts = _contacts(entry)
        self._startups = 0
        # A startup counts once something follows it: so one that is sent twice is
        # known as a repeat.
        self._startup_pending = False
        self._last_event_id = ""
        self._handling = asyncio.Lock()
        self._retries = Retries(hass, self._async_retry)
        self._stream: EventStream | None = None
        # How fast the line is read and messages are taken, whatever is in them.
        self.line_pace = Pace(LINE_BURST, LINE_RATE)
        self._turns = Turns()

    @override
    @callback
    def async_start(self) -> None:
        super().async_start()
        self.config_entry.async_on_unload(
            async_track_time_interval(
                self.hass,
                self._async_give_up_calls,
                GIVE_UP_INTERVAL,
                cancel_on_shutdown=True,
            )
        )

    @override
    async def _async_session(self) -> None:
        async with self.client.stream(self._last_event_id) as stream:
            self._stream = stream
            self._async_up()
            try:
                while True:
                    # What is not read waits at the PBX: nothing gets lost.
                    await self.async_wait_for(self.line_pace)
                    events = await stream.read()
                    if not events:
                        # Comments and parts of an event cost too.
                        self.line_pace.spend(0, time.monotonic())
                    for event in events:
                        await stream.turns.give()
                        await self.async_handle(
                            parse_message(event.data, stream.charset)
                        )
            finally:
                self._stream = None
                self._last_event_id = stream.decoder.last_event_id
                if stream.decoder.retry is not None:
                    self._base_pause = stream.decoder.retry

    @override
    @callback
    def async_interrupted(self) -> None:
        self.calls.interrupt()
        self.async_values_changed((HUB, *self.places))

    async def async_handle(
        self, message: PbxMessage | Verification | Unreadable
    ) -> None:
        """Take one message: tell what is new."""
        # Over a hook messages may come at once; they are told one by one.
        async with self._handling:
            await self._turns.give()
            # Repeats and what cannot be read cost as much as what is new.
            await self.async_wait_for(self.line_pace)
            self.line_pace.spend(0, time.monotonic())
            if isinstance(message, Unreadable):
                self.statistics.passed_over(message.shape)
            elif isinstance(message, PbxMessage):
                await self.async_keep_pace()
                await self._async_take(message, self._event_id(message))
                # Automations start with each event, and boards show it: they go on, and
                # whoever asks meanwhile has an answer, before the next one.
                await asyncio.sleep(SLICE)

    def _event_id(self, message: PbxMessage) -> str:
        """Return the id of a message: after a restart the PBX counts calls anew."""
        if message.event_type != "startup" and self._startup_pending:
            self._startup_pending = False
            self._startups += 1
        content = f"{message.digest}:{self._startups}"
        return sha256(content.encode()).hexdigest()[:16]

    async def _async_take(self, message: PbxMessage, event_id: str) -> None:
        """Publish the events of a message; one that fails keeps none of the others."""
        if event_id in self._retries:
            self.statistics.repeats += 1
            return
        events: list[tuple[ServiceEvent, Iterable[str]]] = []

        async def interpret() -> None:
            now = time.monotonic()
            if self.journal.is_repeat(event_id, now):
                self.statistics.repeats += 1
                return
            if message.device_id is not None:
                self.device_id = message.device_id
            events.extend(await self._async_interpret(message, event_id, now))

        await self._async_try_or_keep(
            event_id, interpret, message, partial(self._async_take, message, event_id)
        )
        for event, changed in events:
            await self._async_deliver_event(event, changed, message)

    async def _async_deliver_event(
        self, event: ServiceEvent, changed: Iterable[str], message: PbxMessage
    ) -> None:
        """Publish an event of a message."""

        async def publish() -> None:
            self.async_publish(event, changed)

        again = partial(self._async_deliver_event, event, changed, message)
        await self._async_try_or_keep(event.event_id, publish, message, again)

    async def _async_interpret(
        self, message: PbxMessage, event_id: str, now: float
    ) -> list[tuple[ServiceEvent, Iterable[str]]]:
        """Move the call on; return the events, and the keys of what has changed."""
        extension = self._extension(message)
        key = (
            None
            if extension is None
            else await self.async_ensure_place(extension, extension)
        )

        # No await from here on: a call moves on as a whole or not at all.
        call, changed = self._advance(message, event_id, now)
        event = ServiceEvent(
            source=self.source,
            type=TYPES.get(message.event_type, "other"),
            code=message.event_type,
            event_id=event_id,
            late=False,
            time=_time(message),
            place=key,
            entity=SMS if message.event_type == "incoming_sms" else CALLS,
            data=self._data(message, call, extension),
        )
        events: list[tuple[ServiceEvent, Iterable[str]]] = [(event, changed)]
        if (
            message.event_type == "call_end"
            and call is not None
            and is_missed(call, message.status)
        ):
            missed_id = f"{call.event_id}:missed"
            events.append((replace(event, type="missed_call", event_id=missed_id), ()))
        return events

    async def _async_try_or_keep(
        self,
        event_id: str,
        publish: Callable[[], Awaitable[None]],
        message: PbxMessage,
        again: Delivery,
    ) -> None:
        """Try; what fails is kept for later, since the PBX sends nothing twice."""

        def plain() -> ServiceEvent:
            return ServiceEvent(
                source=self.source,
                type="other",
                code=message.event_type,
                event_id=event_id,
                late=False,
                time=dt_util.utcnow(),
                place=None,
                entity=CALLS,
                data={**dict.fromkeys(FIELDS), "raw": message.raw},
            )

        if not await self.async_try(event_id, publish, plain):
            attempt = self.failures.first(event_id)
            tries = attempt.tries if attempt else 1
            self._retries.async_keep(event_id, again, self.retry_after[tries - 1])

    @callback
    def _async_retry(self, delivery: Delivery) -> None:
        """Try again what failed, one by one with what comes meanwhile."""

        async def retry() -> None:
            async with self._handling:
                await delivery()

        # Home Assistant keeps the task.
        _ = self.config_entry.async_create_background_task(
            self.hass, retry(), f"{self.name} retry"
        )

    @override
    async def async_stop(self) -> None:
        # Whatever waits for another try has its last ones now; a message that waits for
        # its turn is not waited for.
        await self._retries.async_finish()
        await super().async_stop()

    @override
    async def _async_on_stop(self, event: Event) -> None:
        await self._retries.async_finish()
        await super()._async_on_stop(event)

    @override
    def alert_title(self, event: ServiceEvent) -> str:
        return event.data["caller_name"] or event.data["caller"] or ""

    def caller(self, extension: str) -> str | None:
        """Return who is on the line of an extension, by name where it is known."""
        return self._shown(self.calls.caller(extension))

    def caller_data(self, number: str | None) -> dict[str, Any]:
        """Return what events and the board tell of the other side of a call."""
        contact = self._contacts.get(normalised(number) or "")
        return {
            "caller": number,
            "caller_name": contact.name if contact else None,
            "vip": contact is not None and contact.vip,
        }

    def device_of(self, extension: str | None) -> str:
        """Return the id of an extension's device, of the hub's where there is none."""
        place = self.places.get(self.place_key(extension)) if extension else None
        return place.device_id if place else self.hub_device_id

    def _shown(self, number: str | None) -> str | None:
        """Return a contact's name, else the number."""
        contact = self._contacts.get(normalised(number) or "")
        return contact.name if contact else number

    def _extension(self, message: PbxMessage) -> str | None:
        """Return the extension whose event this is."""
        call = self.calls.get(message.call_id)
        match message.event_type:
            case "incoming_call":
                return sides("incoming", message.call_src, message.call_dst)[0]
            case "outgoing_call":
                return sides("outgoing", message.call_src, message.call_dst)[0]
            case "start_talk" if call is None:
                return sides("incoming", message.call_src, message.call_dst)[0]
            case "answer_elsewhere" if is_extension(message.number):
                return message.number
            case "start_talk" | "answer_elsewhere" | "call_end" if call is not None:
                return call.extension
            case _:
                return None

    @callback
    def _advance(
        self, message: PbxMessage, event_id: str, now: float
    ) -> tuple[Call | None, Iterable[str]]:
        """Move the call on; return it and the keys of the devices it concerns."""
        call_id = message.call_id
        before = self.calls.get(call_id)
        concerned = {before.extension} if before else set()
        call: Call | None = None
        if message.event_type == "startup":
            self._startup_pending = True
            self.calls.restart()
            return None, (HUB, *self.places)
        if call_id is None:
            return None, ()
        match message.event_type:
            case "incoming_call" | "outgoing_call":
                call = self.calls.begin(
                    call_id,
                    "incoming" if message.event_type == "incoming_call" else "outgoing",
                    source=message.call_src,
                    destination=message.call_dst,
                    trunk=message.trunk,
                    event_id=event_id,
                    now=now,
                )
                if call.direction == "incoming":
                    self.last_caller = self._shown(call.caller)
            case "start_talk":
                call = self.calls.talk(
                    call_id,
                    source=message.call_src,
                    destination=message.call_dst,
                    trunk=message.trunk,
                    event_id=event_id,
                    now=now,
                )
            case "answer_elsewhere":
                call = self.calls.move(call_id, message.number)
            case "call_end":
                call = self.calls.end(call_id, now)
            case _:
                return None, ()
        if call is not None:
            concerned.add(call.extension)
        return call, (
            HUB,
            *(self.place_key(extension) for extension in concerned if extension),
        )

    def _data(
        self, message: PbxMessage, call: Call | None, extension: str | None
    ) -> dict[str, Any]:
        """Return the fields of the event."""
        data: dict[str, Any] = dict.fromkeys(FIELDS)
        if message.event_type not in TYPES:
            data["raw"] = message.raw
            return data
        if message.event_type == "startup":
            return data
        if message.event_type == "incoming_sms":
            contact = self._contacts.get(normalised(message.sms_src) or "")
            data.update(
                sender=message.sms_src,
                text=message.text,
                trunk=message.trunk,
                caller_name=contact.name if contact else None,
            )
            return data
        direction: Direction | None = call.direction if call else None
        caller = call.caller if call else None
        if call is None and message.event_type in BEGINNINGS:
            # Without an id there is no call to look into: the message itself tells.
            direction = BEGINNINGS[message.event_type]
            caller = sides(direction, message.call_src, message.call_dst)[1]
        data.update(self.caller_data(caller))
        data.update(
            call_id=message.call_id,
            extension=extension,
            trunk=message.trunk or (call.trunk if call else None),
            direction=direction,
            number=message.number,
        )
        if message.event_type == "call_end":
            data.update(
                duration=message.duration,
                status=message.status,
                record_id=message.record_id,
            )
        return data

    @callback
    def _async_give_up_calls(self, _: datetime) -> None:
        """Forget calls whose end never came."""
        if self.calls.give_up(time.monotonic()):
            self.async_values_changed((HUB, *self.places))

    @override
    def diagnostics(self) -> dict[str, Any]:
        stream = self._stream
        return {
            **super().diagnostics(),
            "active_calls": len(self.calls.active),
            "contacts": len(self._contacts),
            "startups": self._startups,
            "failures_in_a_row": self._failures,
            "connections": self._connections,
            "line_age": (
                None
                if self._up_since is None
                else round(time.monotonic() - self._up_since, 1)
            ),
            "heartbeats": stream.decoder.comments if stream else None,
            "patience": stream.patience if stream else None,
        }

    @override
    def _collect(self) -> dict[str, Any]:
        return {
            "startups": self._startups + self._startup_pending,
            "last_caller": self.last_caller,
            "device_id": self.device_id,
        }

    @override
    def _restore(self, stored: dict[str, Any]) -> None:
        startups, last_caller = stored.get("startups"), stored.get("last_caller")
        self._startups = startups if isinstance(startups, int) else 0
        self.last_caller = (
            as_name(last_caller) if isinstance(last_caller, str) else None
        )
        device_id = stored.get("device_id")
        if self.device_id is None and isinstance(device_id, str):
            self.device_id = as_key(device_id)


def make_client(
    hass: HomeAssistant, data: Mapping[str, Any], limits: Limits
) -> PbxClient:
    """Return a client for the data of an entry."""
    return PbxClient(
        async_get_clientsession(hass),
        URL(data[CONF_URL]),
        token=data.get(CONF_TOKEN),
        username=data.get(CONF_USERNAME),
        password=data.get(CONF_PASSWORD),
        fingerprint=data.get(CONF_FINGERPRINT),
        limits=limits,
    )


def _contacts(entry: CarbisConfigEntry) -> dict[str, Contact]:
    """Return the contacts of an entry by their normalised numbers."""
    return {
        number: Contact(name=subentry.title, vip=subentry.data.get(CONF_VIP) is True)
        for subentry in entry.subentries.values()
        if subentry.subentry_type == SUBENTRY_CONTACT
        and (number := normalised(subentry.data.get(CONF_NUMBER)))
    }


def _time(message: PbxMessage) -> datetime:
    """Return when it happened: an SMS says so, in whatever zone the house is in."""
    now = dt_util.utcnow()
    return as_moment(message.date, now, zone=dt_util.get_default_time_zone()) or now
