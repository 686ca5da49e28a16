"""What a waiter call leaves in the recorder's database, from the call to its end."""

from collections import Counter
import sqlite3
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import get_instance

from custom_components.carbis_alerts.domain.actor import Actor
from custom_components.carbis_alerts.runtime.runtime import ServiceRuntime
from simulator.qr_menu import QrMenuService

from ..figures import Figure
from ..rounds import Effort
from ..site import TOKEN, Published, a_site, add_entry, start_recorder

# The least that the entities need. The call: waiter_called, open_calls, calls_today,
# waiting_since, the list, and the event of the table and of the hub. The answer:
# waiter_called, open_calls, answer_time, waiting_since, the list. The payment that ends it:
# payments_today, the bill, in_time, and the event of both. (The list counts what is open,
# so that its end changes nothing more.)
STATES: Final = 7 + 5 + 5
# carbis_alerts_event: the call, the payment. carbis_alerts_alert: opened, acknowledged,
# closed.
EVENTS: Final = 2 + 3


async def measure(_: Effort) -> list[Figure]:
    """Call, acknowledge, pay; count the rows of each step."""
    async with a_site() as hass, QrMenuService(token=TOKEN) as service:
        await start_recorder(hass)
        entry = await add_entry(hass, service, "records")
        published = Published(hass, entry.entry_id)
        await service.wait_for_requests(2, timeout=30)
        runtime: ServiceRuntime = entry.runtime_data

        async def wait(number: int) -> None:
            await published.wait(lambda: len(published.ids) == number)

        async def life(number: int) -> Counter[tuple[str, str]]:
            """Return the rows of one more life of an alert."""
            service.add_dishes("6", ["Борщ"])
            await wait(number + 1)
            before = await _rows(hass)
            service.waiter_call("6")
            await wait(number + 2)
            await runtime.alerts.async_acknowledge(
                runtime.alerts.book.alerts, Actor("Анна"), None
            )
            service.pay("6")
            await wait(number + 3)
            return await _rows(hass) - before

        # Once before: then the table, and all that is made once, is there.
        await life(0)
        rows = await life(3)
    states = sum(count for (kind, _), count in rows.items() if kind == "states")
    events = sum(count for (kind, _), count in rows.items() if kind == "events")
    return [
        Figure(
            name=f"recorder, a waiter call until paid: rows of {what}",
            unit="",
            ours=number,
            goal=goal,
            note=", ".join(
                f"{name} {count}"
                for (kind, name), count in rows.items()
                if kind == what
            ),
        )
        for what, number, goal in (
            ("states", states, STATES),
            ("events", events, EVENTS),
        )
    ]


async def _rows(hass: HomeAssistant) -> Counter[tuple[str, str]]:
    """Return how many rows there are of each entity and each type of event."""
    await hass.async_block_till_done()
    await get_instance(hass).async_block_till_done()
    return await hass.async_add_executor_job(
        _count, hass.config.path("home-assistant_v2.db")
    )


def _count(path: str) -> Counter[tuple[str, str]]:
    queries: dict[str, str] = {
        "states": "SELECT states_meta.entity_id, count(*) FROM states JOIN states_meta USING"
        " (metadata_id) GROUP BY 1",
        "events": "SELECT event_types.event_type, count(*) FROM events JOIN event_types USING"
        " (event_type_id) WHERE event_types.event_type LIKE 'carbis%' GROUP BY 1",
    }
    found: Counter[tuple[str, Any]] = Counter()
    with sqlite3.connect(path) as database:
        for kind, query in queries.items():
            for name, number in database.execute(query):
                found[kind, name] = number
    return found
