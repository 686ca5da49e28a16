"""One poll of the QR menu, next to a bare request and to Home Assistant's ``rest`` sensor.

The server is a process of its own. The ``rest`` sensor reads the same address, and an
automation waits for its state, which is what a user could build without us; it knows
neither places in the queue nor repeats.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final, cast

import aiohttp
from homeassistant.const import CONF_TOKEN, CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_component import EntityComponent
from homeassistant.setup import async_setup_component
import orjson
from yarl import URL

from custom_components.carbis_alerts.api.qr_menu import QrMenuClient
from custom_components.carbis_alerts.const import CONF_SERVICE
from simulator.qr_menu import PATH

from ..figures import Figure, compare
from ..processes import a_simulator
from ..rounds import Effort, alternate
from ..site import a_site, set_up

ROUNDS: Final = 15
POLLS: Final = 100
GOALS: Final = {0: 1.15, 2: 1.25}
REST_SENSOR: Final = "sensor.queue"


async def measure(effort: Effort) -> list[Figure]:
    """Measure an answer without events, and one with two."""
    async with (
        a_simulator() as simulator,
        a_site() as hass,
        aiohttp.ClientSession() as session,
    ):
        url, token = simulator["qr_menu_url"], simulator["qr_menu_token"]
        data = {CONF_SERVICE: "qr_menu", CONF_URL: url, CONF_TOKEN: token}
        entry = await set_up(hass, "QR menu", data)
        runtime: Any = entry.runtime_data
        await runtime.task.async_cancel()
        rest = await _rest_sensor(hass, url, token)
        client = QrMenuClient(session, URL(url), token)

        async def bare() -> None:
            async with session.get(
                f"{url}{PATH}", params={"hash": "none"}, headers={"token": token}
            ) as answer:
                orjson.loads(await answer.read())

        polls: dict[str, Callable[[], Awaitable[object]]] = {
            "floor": bare,
            "ours": runtime.source.coordinator.async_refresh,
            "ours without Home Assistant's coordinator": runtime.source._async_update,  # noqa: SLF001
            "our client alone": partial(client.fetch, None),
            "rest sensor": rest.async_refresh,
            "again": bare,
        }
        number = effort.size(POLLS)

        async def repeat(poll: Callable[[], Awaitable[object]]) -> None:
            for _ in range(number):
                await poll()

        figures: list[Figure] = []
        for events, goal in GOALS.items():
            for _ in range(events):
                event = {"code": "waiter_call", "table": 6}
                async with session.post(
                    f"{simulator['control_url']}/qr-menu/events", json=event
                ) as answer:
                    answer.raise_for_status()
            costs = await alternate(
                {name: partial(repeat, poll) for name, poll in polls.items()},
                effort.rounds(ROUNDS),
                units=number,
            )
            name = f"QR menu, a poll, {events or 'no'} events"
            figures.append(compare(name, "µs", costs, goal=goal))
            # From here on ours asks as it does while events come: with its place.
            runtime.journal.cursor = None
        if not runtime.connection.is_up or not rest.last_update_success:
            raise RuntimeError("The polls did not succeed")
        return figures


async def _rest_sensor(hass: HomeAssistant, url: str, token: str) -> Any:
    """Set up what a user could build; return its coordinator."""
    rest = {
        "resource": f"{url}{PATH}",
        "headers": {"token": token},
        "params": {"hash": "none"},
        "scan_interval": 3600,
        "sensor": [
            {
                "name": "Queue",
                "value_template": "{{ value_json.data.updates | map(attribute='hash')"
                " | list | last | default('none') }}",
                "json_attributes_path": "$.data",
                "json_attributes": ["updates"],
            }
        ],
    }
    automation = {
        "id": "queue",
        "alias": "Queue",
        "triggers": [{"trigger": "state", "entity_id": REST_SENSOR}],
        "actions": [{"event": "queue_changed"}],
    }
    for domain, config in (("rest", [rest]), ("automation", [automation])):
        if not await async_setup_component(hass, domain, {domain: config}):
            raise RuntimeError(f"{domain} cannot be set up")
    await hass.async_block_till_done()
    component = cast(EntityComponent[Any], hass.data["entity_components"]["sensor"])
    entity: Any = component.get_entity(REST_SENSOR)
    return entity._coordinator  # noqa: SLF001
