"""The PBX: one source for its messages, by whichever line they come."""

from collections.abc import Mapping
from datetime import datetime, timedelta
import time
from typing import Any, Final, override

from homeassistant.const import CONF_WEBHOOK_ID
from homeassistant.core import callback
from homeassistant.helpers.event import async_track_time_interval

from ...api.pbx import Parsed
from ...domain.calls import Calls
from ...domain.pbx import PbxInterpreter
from ...runtime.clocks import wall_since
from ...runtime.devices import HUB
from ...runtime.line import LINE_LIMITS, LineKeeper
from ...runtime.runtime import ServiceRuntime, ServiceSource
from ...runtime.timings import timings
from ..phoning import Phone
from .auto_calls import auto_calls_of
from .client import make_client
from .contacts import contacts_of, plan_of
from .delivery import MessageDelivery
from .device_question import DeviceQuestion
from .hook import HookLine
from .line import Line
from .stream import StreamLine

# Within this time, in seconds, the same message is a repeat.
REPEAT_WINDOW: Final = 60.0
# How often calls whose end never came are looked for.
GIVE_UP_INTERVAL: Final = timedelta(minutes=1)


class PbxSource(ServiceSource):
    """Publish what a PBX sends, by whichever line it comes."""

    def __init__(self, runtime: ServiceRuntime) -> None:
        """Prepare interpreter and line; nothing is opened yet."""
        super().__init__(runtime)
        hass, entry = self.hass, self.entry
        self.interpreter = PbxInterpreter(contacts_of(entry), plan_of(entry))
        client = make_client(
            hass, entry.data, LINE_LIMITS, runtime.recording.tap, runtime.budget
        )
        self.line: Line = (
            HookLine(hass, entry, self, client, runtime.recording.tap)
            if CONF_WEBHOOK_ID in entry.data
            else StreamLine(self, client, entry.data)
        )
        self._keeper = LineKeeper(
            hass, entry, self.name, runtime.connection, self.line.async_session
        )
        runtime.store.add_section(self._collect, self._restore)
        self._delivery = MessageDelivery(runtime, self.interpreter)
        self._phone = auto_calls_of(hass, entry)

    # What entities and the board show

    @property
    def calls(self) -> Calls:
        """Return the calls in progress."""
        return self.interpreter.calls

    @property
    def last_caller(self) -> str | None:
        """Return who called last, by name where it is known."""
        return self.interpreter.last_caller

    def caller(self, extension: str) -> str | None:
        """Return who is on the line of an extension, by name where it is known."""
        return self.interpreter.caller(extension)

    def caller_data(self, number: str | None) -> dict[str, Any]:
        """Return what the board shows of the other side of a call."""
        contacts = self.interpreter.contacts
        return {
            "caller": number,
            "caller_name": contacts.name(number),
            "vip": contacts.is_vip(number),
        }

    def device_of(self, extension: str | None) -> str:
        """Return the id of an extension's device, of the hub's where there is none."""
        devices = self.runtime.devices
        return devices.id_of(devices.known_key(extension))

    @property
    def phone(self) -> Phone | None:
        """Return what phones people, None where the entry names no device."""
        return self._phone

    # Life

    @override
    @callback
    def async_start(self) -> None:
        self.line.async_open()
        self.entry.async_on_unload(
            async_track_time_interval(
                self.hass,
                self._async_give_up_calls,
                GIVE_UP_INTERVAL,
                cancel_on_shutdown=True,
            )
        )

    @override
    async def async_run(self) -> None:
        await self._keeper.async_run()

    @override
    async def async_finish(self) -> None:
        # Whatever waits for another try has its last ones now; a message that waits for
        # its turn is not waited for.
        await self._delivery.retries.async_finish()

    @override
    @callback
    def async_close(self) -> None:
        self.line.async_close()

    @override
    @callback
    def async_interrupted(self) -> None:
        self.interpreter.interrupt()
        self.runtime.signals.values_changed((HUB, *self.runtime.devices.all))

    @override
    @callback
    def async_lost(self) -> None:
        self.interpreter.hide()
        self.runtime.signals.values_changed((HUB, *self.runtime.devices.all))

    @callback
    def _async_give_up_calls(self, _: datetime) -> None:
        if self.interpreter.give_up(time.monotonic()):
            self.runtime.signals.values_changed((HUB, *self.runtime.devices.all))

    # What the line needs

    @property
    def device_id(self) -> str | None:
        """Return the device that the messages come from, once it is known."""
        return self.line.senders.device_id

    @property
    def device_question(self) -> DeviceQuestion | None:
        """Return the question whose the devices are, None where nobody else can send."""
        return self.line.question

    @property
    def is_flooded(self) -> bool:
        """Return whether more came than there is to take now."""
        return self.runtime.budget.is_flooded

    @callback
    def async_line_up(self) -> None:
        """Note that the line is up."""
        self.runtime.connection.async_answered()
        self.runtime.connection.async_up()

    @callback
    def async_pause_asked(self, seconds: float) -> None:
        """Note the pause that the PBX asks for before the line is brought up again."""
        least = timings().least_base_pause
        self.runtime.connection.backoff.base = max(seconds, least)

    @callback
    def async_store(self) -> None:
        """Have what the line knows written down."""
        self.runtime.store.async_changed()

    async def async_handle(self, message: Parsed) -> None:
        """Take one message: publish what is new."""
        await self._delivery.async_handle(message)

    # For people who look for a fault, and what is stored

    @override
    def diagnostics(self) -> dict[str, Any]:
        connection = self.runtime.connection
        up_since = connection.up_since
        return {
            **self.interpreter.diagnostics(),
            "connections": connection.count,
            "line_age": (
                None if up_since is None else round(time.monotonic() - up_since, 1)
            ),
            **self.line.diagnostics(),
        }

    def _collect(self) -> dict[str, Any]:
        interpreter = self.interpreter.as_dict(time.monotonic(), time.time())
        return {**interpreter, **self.line.as_dict()}

    def _restore(self, stored: Mapping[str, Any]) -> None:
        wall = wall_since(stored.get("clocks"))
        self.interpreter.restore(stored, time.monotonic(), wall)
        self.line.restore(stored)
