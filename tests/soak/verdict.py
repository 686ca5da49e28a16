"""What a curve of censuses says: is what is ours as large as it was?"""

from collections.abc import Mapping
from statistics import median
from typing import Any, Final

from scripts.live_demo.account import say

# The part of a run in which lists fill up to the lengths that they are allowed.
FILLING: Final = 0.55
# How much larger the last part may be than the one before: by how traffic comes.
SWING: Final = 1.1
# Things that may come and go by ones: a request in flight, a timer of a call.
SLACK: Final = 5
# Lists of three entries may fill up to these lengths; calls are in progress, or known
# for a minute after their end: as many as guests phone just then.
LENGTHS: Final = {
    "objects: Outage": 3 * 20,
    "objects: Alert": 3 * 200,
    "objects: Call": 60,
}


class Curve:
    """Censuses, one after another."""

    def __init__(self) -> None:
        """Begin with none."""
        self.points: list[dict[str, Any]] = []

    def add(self, at: float, census: Mapping[str, Any]) -> None:
        """Add a census that was taken so many seconds after the start; print it."""
        self.points.append({"at": at, **census})
        say(_line(at, census))

    def growth(self) -> list[str]:
        """Return what was larger in the last part of the run than in the part before."""
        settled = [_figures(point) for point in self.points[self._filled :]]
        half = len(settled) // 2
        if half < 1:
            return []
        first, last = settled[:half], settled[-half:]
        found = []
        for name in last[-1]:
            before = median(point.get(name, 0) for point in first)
            after = median(point.get(name, 0) for point in last)
            if after > max(before * SWING + SLACK, LENGTHS.get(name, 0)):
                found.append(f"{name}: {before:g} → {after:g}")
        return found

    @property
    def _filled(self) -> int:
        return int(len(self.points) * FILLING)


def left_over(census: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of ours works or waits though no entry is loaded."""
    found: dict[str, Any] = {
        name: census[name]
        for name in ("tasks", "timers", "unload", "journal", "alerts")
        if census[name]
    }
    objects = {
        name: count
        for name, count in census["objects"].items()
        if name.endswith(("Coordinator", "Client", "Transport", "Sensor", "Button"))
        or name in ("Alert", "Place", "EntryStore", "Journal", "AlertBook", "Gap")
    }
    return found | ({"objects": objects} if objects else {})


def _figures(census: Mapping[str, Any]) -> dict[str, float]:
    """Return the figures of a census that must not grow, by their names."""
    found: dict[str, float] = {
        "functions": census["functions"],
        "bytes": census["bytes"]["rest"],
        "bytes of journals": census["bytes"]["journal"],
        "connections": census["connections"],
        "file handles": census["file handles"],
        "threads": census["threads"],
    }
    for name in ("objects", "tasks", "timers", "listeners", "unload"):
        found |= {f"{name}: {key}": count for key, count in census[name].items()}
    return found


def _line(at: float, census: Mapping[str, Any]) -> str:
    sizes = census["bytes"]
    return (
        f"{at / 60:5.0f} min  objects {sum(census['objects'].values()):6,}"
        f"  functions {census['functions']:5,}"
        f"  KiB {sizes['rest'] / 1024:7,.0f} + journal {sizes['journal'] / 1024:6,.0f}"
        f" + waits {sizes['waits'] / 1024:5,.0f}"
        f"  tasks {sum(census['tasks'].values())}"
        f"  timers {sum(census['timers'].values())}"
        f"  listeners {sum(census['listeners'].values())}"
        f"  on unload {sum(census['unload'].values())}"
        f"  connections {census['connections']}"
        f"  files {census['file handles']}"
        f"  process {census['process'] / 2**20:.0f} MiB"
    )
