"""How long Python itself stood still in another process, to look through its memory."""

from dataclasses import dataclass
import json
from pathlib import Path
from typing import Final

DOMAIN: Final = "noted_collections"
NOTES: Final = f"{DOMAIN}.txt"

# Nothing of Python's moves while a full collection runs: all of Home Assistant's objects
# are looked at, whoever made the one that was too many.
_COMPONENT: Final = '''"""Notes each full garbage collection: when it began and ended."""

import gc
import time


async def async_setup(hass, config):
    """Begin."""
    notes = open(hass.config.path("noted_collections.txt"), "a", buffering=1)
    began = 0.0

    def note(phase, info):
        nonlocal began
        if info["generation"] < 2:
            return
        if phase == "start":
            began = time.perf_counter()
        else:
            notes.write(f"{began} {time.perf_counter()}\\n")

    gc.callbacks.append(note)
    return True
'''


@dataclass(frozen=True, slots=True)
class Span:
    """A time, by the machine's steady clock, in seconds."""

    began: float
    ended: float

    def without(self, others: list[Span]) -> float:
        """Return how long it took but for what took place meanwhile."""
        taken = sum(
            max(0.0, min(self.ended, other.ended) - max(self.began, other.began))
            for other in others
        )
        return self.ended - self.began - taken


def add_notes(config: Path) -> None:
    """Have a Home Assistant that has not started yet note its full collections."""
    folder = config / "custom_components" / DOMAIN
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(_COMPONENT, "utf-8")
    manifest = {
        "domain": DOMAIN,
        "name": "Noted collections",
        "codeowners": [],
        "documentation": "https://github.com/carbis-alerts/carbis-alerts",
        "iot_class": "calculated",
        "version": "1.0.0",
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    with (config / "configuration.yaml").open("a", encoding="utf-8") as file:
        file.write(f"\n{DOMAIN}:\n")


def read_notes(config: Path) -> list[Span]:
    """Return the full collections so far."""
    lines = (config / NOTES).read_text("utf-8").splitlines()
    return [Span(*map(float, line.split())) for line in lines]
