"""What of Carbis Alerts is alive in a Home Assistant: counted, sized, as plain JSON.

Only what is ours counts, not the process: core and the recorder have caches. Known by
the module that a type, a function or a coroutine comes from. It runs inside of the site
that it looks at, and so imports nothing but Home Assistant.
"""

import asyncio
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
import gc
from pathlib import Path
import sys
import threading
from types import FunctionType
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from homeassistant.helpers.aiohttp_client import DATA_CONNECTOR

DOMAIN: Final = "carbis_alerts"
OURS: Final = f"custom_components.{DOMAIN}"
# What our objects keep things in; everything else belongs to somebody else.
CONTAINERS: Final = (
    *(dict, list, tuple, set, frozenset, deque, OrderedDict, Counter, defaultdict),
    *(str, bytes, bytearray, int, float, datetime, timedelta),
)
PROCESS: Final = Path("/proc/self")


def take_census(hass: HomeAssistant) -> dict[str, Any]:
    """Return what is alive now."""
    gc.collect()
    runtimes = _runtimes(hass)
    sizes = _sizes(runtimes.values())
    return {
        "objects": _objects(),
        "functions": _functions(),
        "bytes": sizes,
        "tasks": _tasks(hass),
        "timers": _timers(hass),
        "listeners": _listeners(hass),
        "unload": {
            service: len(runtime.entry._on_unload or ())
            for service, runtime in runtimes.items()
        },
        "connections": sum(
            len(connector._acquired) + sum(map(len, connector._conns.values()))
            for connector in hass.data.get(DATA_CONNECTOR, {}).values()
        ),
        "states": len(hass.states.async_entity_ids()),
        "devices": len(dr.async_get(hass).devices),
        "issues": sum(
            domain == DOMAIN and issue.active
            for (domain, _), issue in ir.async_get(hass).issues.items()
        ),
        "journal": {
            service: len(runtime.journal) for service, runtime in runtimes.items()
        },
        "alerts": {
            service: len(runtime.alerts.book) for service, runtime in runtimes.items()
        },
    }


def process_figures() -> dict[str, int]:
    """Return what is known of the whole process; ``process`` is its bytes in memory."""
    pages = int((PROCESS / "statm").read_text("ascii").split()[1])
    return {
        "file handles": len(list((PROCESS / "fd").iterdir())),
        "threads": threading.active_count(),
        "process": pages * 4096,
    }


def files_of(folder: str, name: str) -> list[str]:
    """Return the files of a folder with something in their names."""
    return sorted(path.name for path in Path(folder).glob(f"*{name}*"))


def remains(hass: HomeAssistant, entry_id: str) -> dict[str, list[str]]:
    """Return what there is of an entry, by where it is; nothing where it is gone."""
    found = {
        "entry": [
            entry.title
            for entry in hass.config_entries.async_entries()
            if entry.entry_id == entry_id
        ],
        "devices": [
            device.id
            for device in dr.async_get(hass).devices
            if entry_id == device.config_entry_id
            or any(entry_id in item for _, item in device.identifiers)
        ],
        "entities": [
            entity.entity_id
            for entity in er.async_get(hass).entities.values()
            if entry_id in (entity.config_entry_id, *entity.unique_id.split("_"))
        ],
        "repairs": [
            issue for _, issue in ir.async_get(hass).issues if entry_id in issue
        ],
        "flows": [
            flow["flow_id"]
            for flow in hass.config_entries.flow.async_progress(
                include_uninitialized=True
            )
            if flow["context"].get("entry_id") == entry_id
        ],
        "data": [
            str(key)
            for key, value in hass.data.items()
            if str(key).startswith(DOMAIN) and any(_mentions(value, entry_id))
        ],
    }
    return {where: what for where, what in found.items() if what}


def _runtimes(hass: HomeAssistant) -> dict[str, Any]:
    """Return the runtimes of loaded entries by their services: one of each."""
    return {
        entry.data["service"]: entry.runtime_data
        for entry in hass.config_entries.async_entries(DOMAIN)
        if hasattr(entry, "runtime_data")
    }


def _is_ours(thing: object) -> bool:
    """Return whether a type or a function is ours."""
    module = getattr(thing, "__module__", None)
    return isinstance(module, str) and module.startswith(OURS)


def _objects() -> dict[str, int]:
    """Return how many objects of each of our types there are."""
    return _sorted(
        Counter(
            type(item).__qualname__ for item in gc.get_objects() if _is_ours(type(item))
        )
    )


def _functions() -> int:
    """Return how many functions of ours there are: those made on the way, too."""
    return sum(
        type(item) is FunctionType and _is_ours(item) for item in gc.get_objects()
    )


def _sizes(runtimes: Collection[Any]) -> dict[str, int]:
    """Return the bytes that runtimes hold; apart what grows by its own law.

    A journal grows until its window is full, the waits of a day until its end.
    """
    sizes: Counter[str] = Counter({"journal": 0, "waits": 0, "rest": 0})
    seen: set[int] = set()
    for runtime in runtimes:
        sizes["journal"] += _size(runtime.journal, seen)
        sizes["waits"] += _size(runtime.alerts.waits_today, seen)
    # One may lead to another.
    for runtime in runtimes:
        sizes["rest"] += _size(runtime, seen)
    return dict(sizes)


def _size(root: object, seen: set[int]) -> int:
    """Return the bytes of an object and of all that only it and its own hold."""
    total = 0
    waiting = [root]
    while waiting:
        item = waiting.pop()
        kind = type(item)
        if id(item) in seen or not (kind in CONTAINERS or _is_ours(kind)):
            continue
        seen.add(id(item))
        total += sys.getsizeof(item)
        waiting += _held(item)
    return total


def _held(item: object) -> Iterable[Any]:
    """Return what an object holds; of a dict the collector knows the values only."""
    if isinstance(item, dict):
        return (*item.keys(), *item.values())
    return gc.get_referents(item)


def _tasks(hass: HomeAssistant) -> dict[str, int]:
    """Return the tasks that run our coroutines, by their functions."""
    counts: Counter[str] = Counter()
    for task in asyncio.all_tasks(hass.loop):
        code = getattr(task.get_coro(), "cr_code", None)
        if code is not None and DOMAIN in code.co_filename:
            counts[code.co_qualname] += 1
    return _sorted(counts)


def _timers(hass: HomeAssistant) -> dict[str, int]:
    """Return the timers that call us, by what they call."""
    counts: Counter[str] = Counter()
    for handle in hass.loop._scheduled:  # type: ignore[attr-defined]
        if not handle.cancelled() and (called := our_callback(handle)) is not None:
            counts[called.__qualname__] += 1
    return _sorted(counts)


def our_callback(handle: Any) -> Any:
    """Return what of ours a timer calls, None where it is somebody else's."""
    for item in (handle._callback, *(handle._args or ())):
        if _calls_us(target := _target(item)):
            return target
    return None


def _calls_us(target: Any) -> bool:
    """Return whether something that is called is ours, or belongs to an object of ours."""
    return _is_ours(target) or _is_ours(type(getattr(target, "__self__", None)))


def _target(item: Any) -> Any:
    """Return what a job calls in the end; an interval is one of Home Assistant's own."""
    target = getattr(item, "target", item)
    return getattr(getattr(target, "__self__", None), "action", target)


def _listeners(hass: HomeAssistant) -> dict[str, int]:
    """Return our listeners on the bus by the type of event."""
    counts: Counter[str] = Counter()
    for event_type, listeners in hass.bus._listeners.items():
        for job, _ in listeners:
            if _calls_us(job.target):
                counts[str(event_type)] += 1
    return _sorted(counts)


def _mentions(value: Any, text: str) -> Iterator[bool]:
    """Yield True for each place where something of ours holds a text."""
    seen: set[int] = set()
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        if isinstance(item, str):
            if text in item:
                yield True
        elif type(item) in CONTAINERS or _is_ours(type(item)):
            waiting += _held(item)


def _sorted(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items()))
