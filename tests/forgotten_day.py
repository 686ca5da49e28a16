"""A day on which nobody comes: 21 tables, 31 chats and the missed call of a VIP.

What everything says of it afterwards is a table; ``shown`` makes one for a page of it.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
import json
from pathlib import Path
import re
import time
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.carbis_alerts.runtime.devices import HUB

from .alerts import SiteClock
from .conftest import Recorder
from .helpers import entity_ids

DAY: Final[Mapping[str, Any]] = json.loads(
    (Path(__file__).parent / "fixtures" / "forgotten_day.json").read_text("utf-8")
)
TABLES: Final = 21
CHATS: Final = 31
WAITING: Final = TABLES + CHATS + 1
# What is shown of a figure besides its state.
MORE: Final = ("yesterday", "ended", "longest_wait")

# In a sentence of the logbook: the other side of a call or message.
_WHO: Final = re.compile(", [+А-Я].*")

type Push = Callable[[Any], Any]
# What something says by the name of each of its parts.
type Report = dict[str, Any]


async def play(
    hass: HomeAssistant,
    clock: SiteClock,
    alerts: Recorder,
    services: Mapping[str, Push],
) -> None:
    """Let the day happen, each thing at its second, by what takes a service's objects."""
    passed = 0
    opened = 0
    for happening in DAY["happenings"]:
        await clock.wait(hass, seconds=happening["after"] - passed)
        passed = happening["after"]
        content = happening["object"]
        if happening["service"] == "green_api":
            # The service dates each by a clock of its own.
            content = {**content, "timestamp": int(time.time())}
        services[happening["service"]](content)
        opened += content.get("event_type") != "incoming_call"
        await alerts.wait(opened)


def figures(hass: HomeAssistant, entry: MockConfigEntry) -> Report:
    """Return what each sensor and the list of a service's hub say."""
    hub = entry.runtime_data.devices.hub_id
    registry = er.async_get(hass)
    report: Report = {}
    for key, entity_id in sorted(entity_ids(hass, entry).items()):
        known, state = registry.async_get(entity_id), hass.states.get(entity_id)
        if known is None or state is None or known.device_id != hub:
            continue
        if known.domain in ("sensor", "todo"):
            figure = key.removeprefix(f"{HUB}_")
            report[figure] = state.state
            report |= {
                f"{figure}, {name}": state.attributes[name]
                for name in MORE
                if state.attributes.get(name) is not None
            }
    return report


def board(snapshot: Mapping[str, Any]) -> Report:
    """Return whom the board shows, and its figures of each service."""
    return {
        "alerts": counted(
            f"{one['kind']} {one['state']}{' overdue' if one['overdue'] else ''}"
            for one in snapshot["alerts"]
        ),
        **{
            entry["source"]: {
                name: entry["figures"][name]
                for name in ("today", "answered", "answer_time", "forgotten")
            }
            for entry in snapshot["entries"]
        },
    }


def became(alerts: Iterable[Mapping[str, Any]]) -> Report:
    """Return what bus events say became of alerts."""
    fields = ("kind", "action", "reason", "outcome")
    return counted(
        " ".join(str(data[name]) for name in fields if data[name]) for data in alerts
    )


def sentences(lines: Iterable[str]) -> Report:
    """Return what lines of the logbook say, whoever they are about."""
    return counted(_WHO.sub("", line.rpartition(": ")[2]) for line in lines)


def counted(said: Iterable[str]) -> Report:
    """Return how often each thing is said, in the order of its words."""
    return dict(sorted(Counter(said).items()))


def shown(report: Mapping[str, Mapping[str, Any]]) -> str:
    """Return tables as a page has them."""
    rows = ["| what | says | |", "| --- | --- | --- |"]
    for name, parts in report.items():
        for part, value in parts.items():
            said = (
                ", ".join(f"{key} {one}" for key, one in value.items())
                if isinstance(value, dict)
                else value
            )
            rows.append(f"| {name} | `{part}` | {said} |")
    return "\n".join(rows)
