"""Very many alerts at once, taken one at a time, so that few show what many do."""

import asyncio
from collections.abc import Awaitable, Generator
from contextlib import contextmanager, suppress
from unittest.mock import patch

from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.carbis_alerts.domain.rules import AlertKind
from custom_components.carbis_alerts.runtime import slices

CROWD = 30


@contextmanager
def one_at_a_time() -> Generator[None]:
    """Have each slice be of one alert."""
    with patch.object(slices, "FIRST", 1), patch.object(slices, "MOST", 1):
        yield


def crowd_calls(
    entry: MockConfigEntry, count: int = CROWD, kind: AlertKind = AlertKind.WAITER_CALL
) -> None:
    """Have many guests without a table wait; those who wait already call again."""
    runtime = entry.runtime_data
    for number in range(count):
        guest_calls(entry, number, kind)
    runtime.alerts._timer.async_schedule()
    runtime.alert_events.async_publish([], None)


def guest_calls(
    entry: MockConfigEntry, number: int, kind: AlertKind = AlertKind.WAITER_CALL
) -> None:
    """Have one of them call, again where that one waits."""
    entry.runtime_data.alerts.book.open(
        kind,
        f"guest-{number}",
        title=f"Guest {number}",
        text=None,
        device_key=None,
        now=dt_util.utcnow(),
    )


async def yields_of[T](work: Awaitable[T]) -> tuple[T, int]:
    """Return what comes of some work, and how often it yielded to others."""
    count = 0

    async def take_turn() -> None:
        nonlocal count
        while True:
            await asyncio.sleep(0)
            count += 1

    others = asyncio.create_task(take_turn())
    try:
        return await work, count
    finally:
        others.cancel()
        with suppress(asyncio.CancelledError):
            await others
