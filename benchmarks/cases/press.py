"""From a guest's press to the lamp: ours by default, beside ``rest`` by default and each second.

The server answers in 10 ms and is a process of its own. Each way has an automation that
turns on a lamp of its own; all of them see the same presses, at moments by chance.
"""

import asyncio
from collections.abc import Callable
import random
from statistics import median, quantiles
import time
from typing import Any, Final

import aiohttp
from homeassistant.components.input_boolean import DOMAIN as LAMPS
from homeassistant.const import CONF_TOKEN, CONF_URL, EVENT_STATE_CHANGED
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.setup import async_setup_component

from custom_components.carbis_alerts.const import CONF_SERVICE
from simulator.qr_menu import PATH

from ..figures import Figure
from ..processes import a_simulator
from ..rounds import Effort
from ..site import a_site, set_up

PRESSES: Final = 90
ANSWER_TIME: Final = 0.01
# Seconds between two presses: less than the queue keeps, for all of them together.
PAUSES: Final = (0.7, 1.3)
# The rivals' intervals in seconds, None for their own default.
RIVALS: Final = {"rest": None, "rest each second": 1}


def percentile_95(values: list[float]) -> float:
    """Return what 95 of 100 values do not exceed."""
    return quantiles(values, n=20, method="inclusive")[-1]


# In milliseconds.
GOALS: Final[dict[str, tuple[Callable[[list[float]], float], float]]] = {
    "p50": (median, 250.0),
    "p95": (percentile_95, 500.0),
}


class Lamp:
    """A lamp that an automation turns on, and how long each press waited for it."""

    def __init__(self, hass: HomeAssistant, name: str) -> None:
        """Watch the lamp of a name; it goes off again at once."""
        self.entity_id = f"{LAMPS}.{name}"
        self.waits: list[float] = []
        self._pressed: list[float] = []
        self._hass = hass
        self._lit = asyncio.Event()
        hass.bus.async_listen(EVENT_STATE_CHANGED, self._note)

    def press(self) -> None:
        """Note a press."""
        self._pressed.append(time.perf_counter())
        self._lit.clear()

    async def lit(self) -> None:
        """Wait until all presses were seen."""
        if self._pressed:
            await self._lit.wait()

    @callback
    def _note(self, event: Event[EventStateChangedData]) -> None:
        new = event.data["new_state"]
        if event.data["entity_id"] != self.entity_id or not new or new.state != "on":
            return
        now = time.perf_counter()
        self.waits += [(now - pressed) * 1e3 for pressed in self._pressed]
        self._pressed.clear()
        self._lit.set()
        self._hass.states.async_set(self.entity_id, "off", new.attributes)


async def measure(effort: Effort) -> list[Figure]:
    """Press, and wait for the lamps."""
    pauses = (0.1, 0.3) if effort.quick else PAUSES
    async with (
        a_simulator() as simulator,
        a_site() as hass,
        aiohttp.ClientSession() as session,
    ):
        control = simulator["control_url"]
        delay = {"qr_menu": {"delay": ANSWER_TIME}}
        async with session.post(f"{control}/faults", json=delay) as answer:
            answer.raise_for_status()
        data = {
            CONF_SERVICE: "qr_menu",
            CONF_URL: simulator["qr_menu_url"],
            CONF_TOKEN: simulator["qr_menu_token"],
        }
        names = ["ours", *RIVALS]
        lamps = {name: Lamp(hass, name.replace(" ", "_")) for name in names}
        await _build(hass, simulator, lamps)
        entry = await set_up(hass, "QR menu", data)
        await hass.async_block_till_done()
        # By then its usual answer time is known.
        await asyncio.sleep(0 if effort.quick else 5)
        for _ in range(10 if effort.quick else PRESSES):
            await asyncio.sleep(random.uniform(*pauses))  # noqa: S311
            for lamp in lamps.values():
                lamp.press()
            call = {"code": "waiter_call", "table": 6}
            async with session.post(f"{control}/qr-menu/events", json=call) as answer:
                answer.raise_for_status()
        for name, lamp in lamps.items():
            if not (effort.quick and name == "rest"):
                await lamp.lit()
        report = entry.runtime_data.source.diagnostics()
    note = f"asked each {report['poll_interval']:.2f} s, answered in {report['answer_time']:.3f} s"
    return [
        Figure(
            name=f"press to lamp, {name}",
            unit="ms",
            ours=percentile(lamps["ours"].waits),
            goal=goal,
            note="; ".join(
                [
                    *(
                        f"{rival} {percentile(lamps[rival].waits):,.0f} ms"
                        for rival in RIVALS
                        if lamps[rival].waits
                    ),
                    note,
                ]
            ),
        )
        for name, (percentile, goal) in GOALS.items()
    ]


async def _build(
    hass: HomeAssistant, simulator: dict[str, Any], lamps: dict[str, Lamp]
) -> None:
    """Set up the rivals, and what turns each lamp on."""
    rest = [
        {
            "resource": f"{simulator['qr_menu_url']}{PATH}",
            "headers": {"token": simulator["qr_menu_token"]},
            "params": {"hash": "none"},
            **({"scan_interval": interval} if interval else {}),
            "sensor": [
                {
                    "name": name,
                    "value_template": "{{ value_json.data.updates | length }}",
                }
            ],
        }
        for name, interval in RIVALS.items()
    ]
    triggers: dict[str, dict[str, Any]] = {
        "ours": {"trigger": "carbis_alerts.waiter_called"},
        **{
            name: {"trigger": "state", "entity_id": f"sensor.{name.replace(' ', '_')}"}
            for name in RIVALS
        },
    }
    automations = [
        {
            "id": name,
            "alias": name,
            "mode": "queued",
            "triggers": [trigger],
            "actions": [
                {
                    "action": f"{LAMPS}.turn_on",
                    "target": {"entity_id": lamps[name].entity_id},
                }
            ],
        }
        for name, trigger in triggers.items()
    ]
    built: dict[str, Any] = {
        LAMPS: {lamp.entity_id.partition(".")[2]: {} for lamp in lamps.values()},
        "rest": rest,
        "automation": automations,
    }
    for domain, config in built.items():
        if not await async_setup_component(hass, domain, {domain: config}):
            raise RuntimeError(f"{domain} cannot be set up")
