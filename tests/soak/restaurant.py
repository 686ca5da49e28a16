"""A restaurant inside of a test: three services, an entry of each, and a day's clock."""

from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from datetime import UTC, datetime, tzinfo
import heapq
import time
from typing import Any, Final
from unittest.mock import patch

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.const import CONF_TOKEN, CONF_URL
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.carbis_alerts.const import (
    CONF_FINGERPRINT,
    CONF_INSTANCE_ID,
    CONF_POLL_INTERVAL,
    CONF_SERVICE,
    CONF_TRANSPORT,
    DOMAIN,
    EVENT,
)
from simulator.green_api import GreenApiService
from simulator.pbx import PbxService
from simulator.qr_menu import QrMenuService

from ..plain import TOKEN
from .ledger import Ledger
from .probe.census import our_callback
from .traffic import Happening

WHATSAPP: Final = "WhatsApp …4567"
COMPONENT: Final = "custom_components.carbis_alerts"
# The modules that look at a clock which only goes on.
TIMED: Final = (
    "api.intake.budget",
    *(
        f"runtime.{name}"
        for name in (
            "alert_timer",
            "connection",
            "delivery",
            "line",
            "publisher",
            "runtime",
        )
    ),
    *(f"services.{name}.source" for name in ("green_api", "pbx", "qr_menu")),
)


class DayClock:
    """A clock that runs, and that tests put forward for the component and the services.

    Sockets and their limits live by the real one.
    """

    def __init__(self, start: datetime) -> None:
        """Begin at a moment."""
        self._start = start.timestamp()
        self._began = time.monotonic()
        self._passed = 0.0

    def monotonic(self) -> float:
        """Return the seconds of a clock that is never set."""
        return time.monotonic() + self._passed

    def time(self) -> float:
        """Return the time of day as a timestamp."""
        return self._start + self.monotonic() - self._began

    def utcnow(self) -> datetime:
        """Return the time in UTC."""
        return datetime.fromtimestamp(self.time(), UTC)

    def now(self, zone: tzinfo | None = None) -> datetime:
        """Return the time in a zone."""
        return self.utcnow().astimezone(zone or dt_util.get_default_time_zone())

    @callback
    def pass_by(self, hass: HomeAssistant, seconds: float) -> None:
        """Put the clock forward, and with it the timers that call the component."""
        self._passed += seconds
        timers = hass.loop._scheduled  # type: ignore[attr-defined]
        for handle in timers:
            if (
                not handle.cancelled()
                and handle._callback.__module__ == "homeassistant.helpers.event"
                and our_callback(handle) is not None
            ):
                handle._when -= seconds
        heapq.heapify(timers)


@contextmanager
def day_clock(start: datetime) -> Generator[DayClock]:
    """Have the component live by a clock of the test's."""
    clock = DayClock(start)
    with ExitStack() as stack:
        for name in TIMED:
            stack.enter_context(patch(f"{COMPONENT}.{name}.time", clock))
        for name in ("utcnow", "now"):
            replaced = patch(f"homeassistant.util.dt.{name}", getattr(clock, name))
            stack.enter_context(replaced)
        yield clock


class Restaurant:
    """The services, their entries, and a ledger of what they gave and what came."""

    def __init__(self, hass: HomeAssistant, clock: Any = time) -> None:
        """Prepare; nothing listens yet."""
        self.hass = hass
        self.qr_menu = QrMenuService(token=TOKEN, clock=clock.monotonic)
        self.pbx = PbxService(clock=clock.monotonic)
        self.green_api = GreenApiService(clock=clock.monotonic)
        self.green_api.poll_time = 0.05
        self.ledger = Ledger()
        self.entries: dict[str, MockConfigEntry] = {}

    async def open(self) -> None:
        """Add an entry of each service, and wait until all of them answer."""
        for service in ("qr_menu", "pbx", "green_api"):
            await self.add(service)
        await self.qr_menu.wait_for_requests(2)
        await self.pbx.wait_for_streams(1)
        await self.green_api.wait_for_readers(1)

    async def add(self, service: str, **data: Any) -> MockConfigEntry:
        """Add an entry of a service and set it up."""
        match service:
            case "qr_menu":
                entry = self._entry(
                    *(service, self.qr_menu.url, self.qr_menu.host),
                    data={CONF_TOKEN: TOKEN},
                    options={CONF_POLL_INTERVAL: 0.01},
                )
            case "pbx":
                entry = self._entry(
                    *(service, self.pbx.url, self.pbx.host),
                    data={CONF_TRANSPORT: "sse", **data},
                    subentry=("contact", {"name": "Анна", "number": "+79825550001"}),
                )
            case _:
                entry = self._entry(
                    *(service, self.green_api.url, WHATSAPP),
                    data={
                        CONF_INSTANCE_ID: self.green_api.instance_id,
                        CONF_TOKEN: self.green_api.token,
                        "title": WHATSAPP,
                    },
                    subentry=("chat", {"name": "Кухня", "chat_id": "79825550002@c.us"}),
                )
        entry.add_to_hass(self.hass)
        self.entries[service] = entry
        assert await self.hass.config_entries.async_setup(entry.entry_id)
        await self.hass.async_block_till_done()
        return entry

    @callback
    def publish(self, happening: Happening, *, is_heard: bool = True) -> None:
        """Let something happen; what a PBX sends while nobody listens is lost."""
        if is_heard or happening.service != "pbx":
            self.ledger.give(happening.service, happening.mark)
        getattr(self, happening.service).push(happening.content)

    @callback
    def arrive(self, event: Event[Any]) -> None:
        """Note what came."""
        self.ledger.arrive(event.data)

    def _entry(
        self,
        service: str,
        url: str,
        title: str,
        *,
        data: dict[str, Any],
        options: dict[str, Any] | None = None,
        subentry: tuple[str, dict[str, Any]] | None = None,
    ) -> MockConfigEntry:
        return MockConfigEntry(
            domain=DOMAIN,
            title=title,
            data={CONF_SERVICE: service, CONF_URL: url, CONF_FINGERPRINT: None, **data},
            options=options or {},
            subentries_data=[
                ConfigSubentryData(
                    data=content,
                    subentry_type=kind,
                    title=content["name"],
                    unique_id=None,
                )
                for kind, content in ([subentry] if subentry else ())
            ],
        )


@asynccontextmanager
async def a_restaurant(
    hass: HomeAssistant, clock: Any = time
) -> AsyncGenerator[Restaurant]:
    """Return a restaurant whose services run; there is no entry yet."""
    restaurant = Restaurant(hass, clock)
    services = (restaurant.qr_menu, restaurant.pbx, restaurant.green_api)
    async with AsyncExitStack() as stack:
        for service in services:
            await stack.enter_async_context(service)
        stack.callback(hass.bus.async_listen(EVENT, restaurant.arrive))
        yield restaurant
