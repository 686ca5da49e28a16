"""Automations that tests set up as a person's YAML would, and what they did."""

from collections import Counter
from collections.abc import Mapping, Sequence
import json
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component

from custom_components.carbis_alerts.const import DOMAIN

from .conftest import Recorder

RAN = "an_automation_ran"
GO = "go"


class Runs(Recorder):
    """The runs of automations: the id of each, and what its trigger brought."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Begin to record."""
        super().__init__(hass, RAN)
        self._hass = hass

    @property
    def names(self) -> list[str]:
        """Return which automations ran, in order."""
        return [data["name"] for data in self.data]

    @property
    def counts(self) -> dict[str, int]:
        """Return how often each automation ran."""
        return dict(Counter(self.names))

    def brought(self, name: str) -> list[dict[str, Any]]:
        """Return ``trigger.event`` of each run of an automation."""
        return [
            json.loads(data["event"][1:])
            for data in self.data
            if data["name"] == name and data["event"] != "="
        ]

    async def all_done(self) -> None:
        """Wait until nothing runs any more."""
        await self._hass.async_block_till_done()

    def clear(self) -> None:
        """Forget what ran."""
        self.events.clear()


async def automate(
    hass: HomeAssistant,
    triggers: Mapping[str, Mapping[str, Any]],
    conditions: Mapping[str, Sequence[Any]] | None = None,
) -> Runs:
    """Set up an automation for each name, with its trigger and conditions."""
    runs = Runs(hass)
    assert await async_setup_component(
        hass,
        "automation",
        {
            "automation": [
                {
                    "id": name,
                    "alias": name,
                    "mode": "queued",
                    "max": 1000,
                    "triggers": [dict(trigger)],
                    "conditions": list((conditions or {}).get(name, ())),
                    "actions": [
                        {
                            "event": RAN,
                            "event_data": {
                                "name": name,
                                # With something before it, it stays a text.
                                "event": "={{ trigger.event | to_json if trigger.platform != 'event' }}",
                            },
                        }
                    ],
                }
                for name, trigger in triggers.items()
            ]
        },
    )
    await hass.async_block_till_done()
    assert len(hass.states.async_entity_ids("automation")) == len(triggers)
    for state in hass.states.async_all("automation"):
        assert state.state == "on", f"{state.name} is not valid"
    return runs


def ours(
    name: str, target: Mapping[str, Any] | None = None, **options: Any
) -> dict[str, Any]:
    """Return the configuration of a trigger of ours; ``for_`` is its option ``for``."""
    named = {option.removesuffix("_"): value for option, value in options.items()}
    return {
        "trigger": f"{DOMAIN}.{name}",
        **({} if target is None else {"target": dict(target)}),
        **({"options": named} if named else {}),
    }


async def check(
    hass: HomeAssistant, conditions: Mapping[str, Mapping[str, Any]]
) -> Checks:
    """Set up an automation for each condition, that runs when it is asked to."""
    runs = await automate(
        hass,
        {name: {"trigger": "event", "event_type": GO} for name in conditions},
        {name: [condition] for name, condition in conditions.items()},
    )
    return Checks(hass, runs)


class Checks:
    """Which conditions hold."""

    def __init__(self, hass: HomeAssistant, runs: Runs) -> None:
        """Take the automations' runs."""
        self._hass = hass
        self._runs = runs

    async def hold(self) -> set[str]:
        """Return the names of the conditions that hold now."""
        self._runs.clear()
        self._hass.bus.async_fire(GO)
        await self._runs.all_done()
        return set(self._runs.names)
