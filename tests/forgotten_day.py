"""A day on which nobody comes: 21 tables, 31 chats and the missed call of a VIP."""

from collections.abc import Callable, Mapping
import json
from pathlib import Path
import time
from typing import Any, Final

from homeassistant.core import HomeAssistant

from .alerts import SiteClock
from .conftest import Recorder

DAY: Final[Mapping[str, Any]] = json.loads(
    (Path(__file__).parent / "fixtures" / "forgotten_day.json").read_text("utf-8")
)
TABLES: Final = 21
CHATS: Final = 31
WAITING: Final = TABLES + CHATS + 1

type Push = Callable[[Any], Any]


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
