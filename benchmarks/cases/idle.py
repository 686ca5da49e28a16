"""An hour in which nothing happens: what is written, and what it takes of the processor.

The hour passes by the wall clock, in as many polls as it has by default.
"""

import logging
import time
from typing import Any, Final, override
from unittest.mock import patch

from homeassistant.const import EVENT_STATE_CHANGED, EVENT_STATE_REPORTED
from homeassistant.core import Event, callback
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.carbis_alerts.const import DEFAULT_POLL_INTERVAL
from simulator.qr_menu import QrMenuService
from tests.clock import wall_clock

from ..figures import Figure
from ..rounds import Effort
from ..site import TOKEN, Published, a_site, add_entry

HOUR: Final = 3600
# In UTC; where the site is it is noon.
START: Final = "20:00"


class Lines(logging.Handler):
    """Counts what a site logs by default."""

    count = 0

    def __init__(self) -> None:
        """Begin with none."""
        super().__init__(logging.INFO)

    @override
    def emit(self, record: logging.LogRecord) -> None:
        """Count a line of ours."""
        self.count += record.name.startswith("custom_components")


async def measure(effort: Effort) -> list[Figure]:
    """Count for a QR menu, the one service that is asked all the time."""
    states = writes = 0
    lines = Lines()
    write: Any = Store._async_handle_write_data  # noqa: SLF001

    @callback
    def note(_: Event[Any]) -> None:
        nonlocal states
        states += 1

    async def note_write(self: Store[Any], *arguments: Any) -> None:
        nonlocal writes
        writes += self.key.startswith("carbis_alerts")
        await write(self, *arguments)

    polls = effort.size(HOUR // DEFAULT_POLL_INTERVAL)
    with wall_clock(START) as clock:
        async with a_site() as hass, QrMenuService(token=TOKEN) as service:
            entry = await add_entry(hass, service, "idle")
            published = Published(hass, entry.entry_id)
            await service.wait_for_requests(2, timeout=30)
            service.waiter_call("6")
            await published.wait(lambda: bool(published.ids))
            runtime: Any = entry.runtime_data
            await runtime.alerts.async_delete(runtime.alerts.book.alerts, None, None)
            await runtime.task.async_cancel()
            await runtime.store.async_persist()
            await hass.async_block_till_done()
            for event_type in (EVENT_STATE_CHANGED, EVENT_STATE_REPORTED):
                hass.bus.async_listen(
                    event_type, note, event_filter=callback(lambda _: True)
                )
            logging.disable(logging.NOTSET)
            logging.getLogger().addHandler(lines)
            began = time.process_time()
            with patch.object(Store, "_async_handle_write_data", note_write):
                for _ in range(polls):
                    clock.pass_by(seconds=DEFAULT_POLL_INTERVAL)
                    await runtime.source.coordinator.async_refresh()
                spent = time.process_time() - began
                async_fire_time_changed(hass, dt_util.utcnow())
                await hass.async_block_till_done()
            logging.getLogger().removeHandler(lines)
            logging.disable(logging.CRITICAL)
    return [
        Figure(name=f"idle hour: {what}", unit="", ours=number, goal=0)
        for what, number in (
            ("state writes", states),
            ("log lines", lines.count),
            ("store writes", writes),
        )
    ] + [
        Figure(
            name="idle hour: processor time",
            unit="s",
            ours=spent,
            note=f"{polls:,} polls, with the server's part",
        )
    ]
