"""What the tests of alerts share: names, a clock, and small things that people do."""

import asyncio
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from unittest.mock import patch

from homeassistant.core import Context, Event, HomeAssistant, callback
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.carbis_alerts.const import DOMAIN
from custom_components.carbis_alerts.entries import loaded_services
from simulator.qr_menu import QrMenuService

from .clock import WallClock
from .conftest import Recorder
from .helpers import state_of

HUB: Final = "qr_menu_127_0_0_1"
OPEN_CALLS: Final = f"sensor.{HUB}_open_calls"
CALLS_TODAY: Final = f"sensor.{HUB}_calls_today"
FORGOTTEN_TODAY: Final = f"sensor.{HUB}_forgotten_today"
PAYMENTS_TODAY: Final = f"sensor.{HUB}_payments_today"
ANSWER_TIME: Final = f"sensor.{HUB}_answer_time"
IN_TIME: Final = f"sensor.{HUB}_in_time"
TODO: Final = f"todo.{HUB}_alerts"
ACKNOWLEDGE_ALL: Final = f"button.{HUB}_acknowledge_all"
WAITER_CALLED: Final = "binary_sensor.table_6_waiter_called"
ACKNOWLEDGE: Final = "button.table_6_acknowledge"


class SiteClock(WallClock):
    """A wall clock that takes Home Assistant's timers with it."""

    def __init__(self, start: str | datetime) -> None:
        """Begin at a moment, or at a time of a day such as 19:02 in UTC."""
        super().__init__(start)
        self._passed = timedelta()

    async def wait(self, hass: HomeAssistant, **amount: float) -> None:
        """Let time pass, given as of timedelta, and do all that it brings."""
        self.begin(hass, **amount)
        await hass.async_block_till_done()
        for entry in loaded_services(hass):
            while entry.runtime_data.alerts._timer._behind:  # noqa: ASYNC110
                await asyncio.sleep(0)
        await hass.async_block_till_done()

    @callback
    def begin(self, hass: HomeAssistant, **amount: float) -> None:
        """Let time pass, and do the first of what it brings."""
        self.pass_by(**amount)
        self._passed += timedelta(**amount)
        async_fire_time_changed(hass, datetime.now(UTC) + self._passed)


@contextmanager
def site_clock(start: str | datetime) -> Generator[SiteClock]:
    """Set the clock for as long as this lasts."""
    clock = SiteClock(start)
    with (
        patch("homeassistant.util.dt.utcnow", clock.utcnow),
        patch("homeassistant.util.dt.now", clock.now),
    ):
        yield clock


class Writes:
    """How often each of our entities was written since the last look."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Begin to count."""
        self._writes: Counter[str] = Counter()

        @callback
        def every(_: object) -> bool:
            return True

        for event_type in ("state_changed", "state_reported"):
            # The latter reaches only those who say which ones they want.
            hass.bus.async_listen(event_type, self._note, event_filter=every)

    @callback
    def _note(self, event: Event[Any]) -> None:
        self._writes[event.data["entity_id"]] += 1

    def take(self) -> dict[str, int]:
        """Return what was written, and begin again."""
        writes, self._writes = dict(self._writes), Counter()
        return writes


async def act(
    hass: HomeAssistant, action: str, context: Context | None = None, **data: Any
) -> Any:
    """Call an action of ours and return what it answers."""
    return await hass.services.async_call(
        DOMAIN, action, data, blocking=True, return_response=True, context=context
    )


async def get_alerts(hass: HomeAssistant, **data: Any) -> list[Any]:
    """Return alerts as the action has them."""
    found: list[Any] = (await act(hass, "get_alerts", **data))["alerts"]
    return found


async def items(hass: HomeAssistant, entity_id: str = TODO) -> list[Any]:
    """Return the items of a to-do list."""
    response: Any = await hass.services.async_call(
        "todo",
        "get_items",
        {"entity_id": entity_id},
        blocking=True,
        return_response=True,
    )
    found: list[Any] = response[entity_id]["items"]
    return found


async def press(
    hass: HomeAssistant, entity_id: str, context: Context | None = None
) -> None:
    """Press a button."""
    await hass.services.async_call(
        "button", "press", {"entity_id": entity_id}, blocking=True, context=context
    )


async def table_calls(qr_menu: QrMenuService, alerts: Recorder, table: str) -> Any:
    """Let a guest call, and return what became of an alert by it."""
    before = len(alerts.events)
    qr_menu.waiter_call(table)
    return (await alerts.wait(before + 1))[-1]


def number_of(hass: HomeAssistant, entity_id: str) -> float:
    """Return the state of a sensor as a number."""
    return float(state_of(hass, entity_id))


async def both(*acts: Any) -> list[Any]:
    """Do things at the same time."""
    return list(await asyncio.gather(*acts))
