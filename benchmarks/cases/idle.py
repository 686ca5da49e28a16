"""A quiet hour and a busy one: what is written, and what they take of the processor.

The hours pass by the wall clock, in as many polls as they have by default at a server that
answers in 10 ms.
"""

import asyncio
import logging
import time
from typing import Any, Final, override
from unittest.mock import patch

from homeassistant.const import EVENT_STATE_CHANGED, EVENT_STATE_REPORTED
from homeassistant.core import Event, callback
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.carbis_alerts.const import DOMAIN
from custom_components.carbis_alerts.domain.actor import NOBODY
from custom_components.carbis_alerts.domain.polling import LEAST, MOST_QUIET
from custom_components.carbis_alerts.runtime.timings import timings
from simulator.qr_menu import QrMenuService
from tests.clock import wall_clock

from ..figures import Figure
from ..rounds import Effort
from ..site import TOKEN, Published, a_site, add_entry

HOUR: Final = 3600
ANSWER_TIME: Final = 0.01
QUIET_POLLS: Final = round(HOUR / (MOST_QUIET + ANSWER_TIME))
BUSY_POLLS: Final = round(HOUR / (LEAST + ANSWER_TIME))
# Presses of a busy hour, each answered by a person.
PRESSES: Final = 120
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

    quiet, busy = effort.size(QUIET_POLLS), effort.size(BUSY_POLLS)
    with wall_clock(START) as clock:
        async with a_site() as hass, QrMenuService(token=TOKEN) as service:
            entry = await add_entry(hass, service, "idle")
            published = Published(hass, entry.entry_id)
            await service.wait_for_requests(2, timeout=30)
            service.waiter_call("6")
            await published.wait(lambda: bool(published.ids))
            runtime: Any = entry.runtime_data
            await runtime.alerts.async_delete(runtime.alerts.book.alerts, NOBODY, None)
            await runtime.task.async_cancel()
            # What is still to be written is, at the end of its second.
            await asyncio.sleep(2 * timings().write_interval)
            await hass.async_block_till_done()
            for event_type in (EVENT_STATE_CHANGED, EVENT_STATE_REPORTED):
                hass.bus.async_listen(
                    event_type, note, event_filter=callback(lambda _: True)
                )
            logging.disable(logging.NOTSET)
            logging.getLogger().addHandler(lines)
            began = time.process_time()
            with patch.object(Store, "_async_handle_write_data", note_write):
                for _ in range(quiet):
                    clock.pass_by(seconds=HOUR / quiet)
                    await runtime.source.coordinator.async_refresh()
                spent = time.process_time() - began
                async_fire_time_changed(hass, dt_util.utcnow())
                await hass.async_block_till_done()
            logging.getLogger().removeHandler(lines)
            logging.disable(logging.CRITICAL)
            everybody = {"device_id": runtime.devices.hub_id}
            nothing = states, lines.count, writes
            began = time.process_time()
            for poll in range(busy):
                clock.pass_by(seconds=HOUR / busy)
                is_press = poll % (busy // min(busy, PRESSES)) == 0
                if is_press:
                    service.waiter_call("6")
                await runtime.source.coordinator.async_refresh()
                if is_press:
                    await hass.services.async_call(
                        DOMAIN, "acknowledge", everybody, blocking=True
                    )
            await hass.async_block_till_done()
            spent_busy = time.process_time() - began
    return [
        Figure(name=f"idle hour: {what}", unit="", ours=number, goal=0)
        for what, number in zip(
            ("state writes", "log lines", "store writes"), nothing, strict=True
        )
    ] + [
        Figure(
            name=f"{hour} hour: processor time",
            unit="s",
            ours=taken,
            note=f"{polls:,} polls, {presses} presses, with the server's part",
        )
        for hour, taken, polls, presses in (
            ("idle", spent, quiet, 0),
            ("busy", spent_busy, busy, PRESSES),
        )
    ]
