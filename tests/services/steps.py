"""The steps of a delivery, and something that happens right after one of them."""

import asyncio
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from inspect import iscoroutinefunction
from types import ModuleType
from typing import Any, Final
from unittest.mock import patch

from homeassistant.core import EventBus

from custom_components.carbis_alerts.const import EVENT
from custom_components.carbis_alerts.domain.journal import Journal
from custom_components.carbis_alerts.domain.messages import Messages
from custom_components.carbis_alerts.domain.short_ids import short_id
from custom_components.carbis_alerts.event import CarbisEventEntity
from custom_components.carbis_alerts.runtime.alerts import AlertManager
from custom_components.carbis_alerts.runtime.devices import HUB
from custom_components.carbis_alerts.runtime.publisher import Publisher
from custom_components.carbis_alerts.runtime.statistics import Statistics
from custom_components.carbis_alerts.runtime.storage import _TolerantStore

from ..sites import Life

# Whether a call, by its arguments and result, was about something that was sent.
type IsAbout = Callable[[Any, tuple[Any, ...], Any], bool]
# The id that something that was sent has on the bus.
type IdOf = Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the delivery: the function that it ends with, and when it is about what."""

    owner: type | ModuleType
    name: str
    is_about: IsAbout


def steps_of_all(id_of: IdOf) -> dict[str, Step]:
    """Return the steps that every service's delivery has, in their order."""
    return {
        "journal asked": Step(
            Journal, "is_repeat", lambda sent, args, _: args[1] == id_of(sent)
        ),
        "journal marked": Step(
            Journal, "add", lambda sent, args, _: args[1] == id_of(sent)
        ),
        "values written": Step(
            Publisher,
            "bus_data",
            lambda sent, args, _: args[1].event_id == id_of(sent),
        ),
        "bus fired": Step(
            EventBus,
            "async_fire",
            lambda sent, args, _: (
                args[1] == EVENT and args[2]["event_id"] == id_of(sent)
            ),
        ),
        "event entities written": Step(
            CarbisEventEntity,
            "async_write_ha_state",
            lambda sent, args, _: (
                args[0]._key == HUB
                and args[0].state_attributes.get("event_id") == id_of(sent)
            ),
        ),
        "store written": Step(
            _TolerantStore,
            "_async_write_data",
            lambda sent, args, _: (
                short_id(id_of(sent)) in args[1]["data"]["journal"]["seen"]
            ),
        ),
    }


@contextmanager
def after(
    step: Step, sent: list[Any], which: int, act: Callable[[], None]
) -> Generator[asyncio.Event]:
    """Act once, right after a step of the delivery of what is to be sent."""
    function = getattr(step.owner, step.name)
    reached = asyncio.Event()

    def look(args: Any, result: Any) -> None:
        if sent and not reached.is_set() and step.is_about(sent[which], args, result):
            reached.set()
            act()

    def hooked(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        look(args, result)
        return result

    async def hooked_async(*args: Any, **kwargs: Any) -> Any:
        result = await function(*args, **kwargs)
        look(args, result)
        return result

    hook = hooked_async if iscoroutinefunction(function) else hooked
    with patch.object(step.owner, step.name, hook):
        yield reached


async def _unload_first(site: Life) -> None:
    assert await site.hass.config_entries.async_unload(site.entry.entry_id)


async def _stop_at_once(site: Life) -> None:
    await site.stop()


# How a life ends that is not killed.
ENDS: Final[dict[str, Callable[[Life], Coroutine[Any, Any, None]]]] = {
    "unloaded": _unload_first,
    "stopped": _stop_at_once,
}


# What may fail by a fault of our own before the bus has an event, and after it.
BEFORE_THE_BUS: Final = {
    "journal asked": Step(
        Journal, "is_repeat", lambda event_id, args, _: args[1] == event_id
    ),
    "rules": Step(
        AlertManager,
        "async_take",
        lambda event_id, args, _: args[1].event_id == event_id,
    ),
    "values written": Step(
        Publisher,
        "bus_data",
        lambda event_id, args, _: args[1].event_id == event_id,
    ),
    "bus fired": Step(
        EventBus,
        "async_fire",
        lambda event_id, args, _: args[1] == EVENT and args[2]["event_id"] == event_id,
    ),
}
AFTER_THE_BUS: Final = {
    "messages kept": Step(
        Messages, "take", lambda event_id, args, _: args[1].event_id == event_id
    ),
    "event entities written": Step(
        CarbisEventEntity,
        "_trigger_event",
        lambda event_id, args, _: args[2]["event_id"] == event_id,
    ),
    "triggers started": Step(
        Publisher,
        "_trigger_event",
        lambda event_id, args, _: args[2].get("event_id") == event_id,
    ),
    "counted": Step(
        Statistics, "published", lambda event_id, args, _: args[1].event_id == event_id
    ),
}
# What an error may quote, and the log must not.
PERSON: Final = "+79820000001"
# Of these the plainest form needs as much.
NEVER_PUBLISHED: Final = ("values written", "bus fired")


@contextmanager
def raising(step: Step, event_id: str, times: float) -> Generator[list[None]]:
    """Have a step raise so many times where it is about an event; return the times."""
    function = getattr(step.owner, step.name)
    raised: list[None] = []

    def hooked(*args: Any, **kwargs: Any) -> Any:
        if len(raised) < times and step.is_about(event_id, args, None):
            raised.append(None)
            raise RuntimeError(f"{PERSON} wrote this")
        return function(*args, **kwargs)

    with patch.object(step.owner, step.name, hooked):
        yield raised
