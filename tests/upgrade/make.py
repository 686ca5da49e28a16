"""Make the stored folder of a version, with a real Home Assistant and the simulator.

``v0_1_0`` was made by ``python -m tests.upgrade.make tests/upgrade/v0_1_0`` in a checkout
of 0.1.0 itself, with Home Assistant 2026.10.4, and ``v0_2_0`` alike; each is made once
and never again. Every name,
number and token in it is made up. Left out is what is not the integration's: people,
log-ins, other integrations' devices, names of the machine.
"""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
import json
from pathlib import Path
import shutil
import signal
import sys
import tempfile
from typing import Any, Final

import aiohttp

from scripts.live_demo.home_assistant import DOMAIN
from scripts.live_demo.processes import Processes
from scripts.live_demo.site_files import BLUEPRINTS

from .folder import ENTRIES, EXPECTED, OURS, RESTORED, STORAGE
from .restaurant import Restaurant

# What is kept of each registry: lists by their key, and how an item is known as ours.
REGISTRIES: Final[Mapping[str, str]] = {
    "core.area_registry": "areas",
    "core.floor_registry": "floors",
    "core.label_registry": "labels",
    "core.device_registry": "devices",
    "core.entity_registry": "entities",
}


async def make(target: Path) -> None:
    """Make the folder."""
    folder = Path(tempfile.mkdtemp())
    processes = Processes(folder, lambda death: None)
    try:
        async with aiohttp.ClientSession() as session:
            restaurant = Restaurant(session, processes, folder)
            await restaurant.set_up()
            await restaurant.live()
            await restaurant.furnish()
            described = await restaurant.describe()
            written_at = datetime.now(UTC).isoformat()
            await restaurant.end(signal.SIGTERM)
        store(restaurant.config, target, {"written_at": written_at, **described})
    finally:
        await processes.stop()
        shutil.rmtree(folder, ignore_errors=True)


def store(config: Path, target: Path, expected: Mapping[str, Any]) -> None:
    """Keep what is the integration's of a configuration folder."""
    shutil.rmtree(target, ignore_errors=True)
    (target / STORAGE).mkdir(parents=True)
    for name in ("automations.yaml", "configuration.yaml"):
        shutil.copy(config / name, target)
    shutil.copytree(config / BLUEPRINTS, target / BLUEPRINTS)
    _write(target / EXPECTED, expected)
    ids = {entry["entry_id"] for entry in expected["entries"].values()}
    storage = config / ".storage"
    for file in sorted(storage.iterdir()):
        content = json.loads(file.read_text("utf-8"))
        data, key = content["data"], ""
        if file.name == ENTRIES:
            key = "entries"
            data[key] = [e for e in data[key] if e["entry_id"] in ids]
        elif file.name in REGISTRIES:
            key = REGISTRIES[file.name]
            data[key] = [item for item in data[key] if _is_ours(file.name, item)]
            for other in data:
                if other.startswith("deleted_"):
                    data[other] = []
        elif file.name == RESTORED:
            key = "data"
            content[key] = [
                item
                for item in data
                if item["state"]["entity_id"] in expected["entities"]
            ]
        elif file.name.startswith(OURS):
            # It names the machine's present run.
            data["clocks"]["boot"] = "00000000-0000-0000-0000-000000000000"
        else:
            continue
        _write(target / STORAGE / file.name, content, key)


def _is_ours(registry: str, item: Mapping[str, Any]) -> bool:
    """Return whether an item of a registry is to be kept."""
    if registry == "core.entity_registry":
        return item["platform"] in (DOMAIN, "automation")
    if registry == "core.device_registry":
        return any(domain == DOMAIN for domain, _ in item["identifiers"])
    if registry == "core.area_registry":
        return item["id"] in ("hall", "terrace", "office")
    return True


def _write(file: Path, content: Mapping[str, Any], key: str = "") -> None:
    """Write a file; the items of the list with a key get a line each."""
    text = json.dumps(content, ensure_ascii=False, indent=1)
    if key:
        items = content[key] if key in content else content["data"][key]
        long = json.dumps({key: items}, ensure_ascii=False, indent=1)
        lines = ",\n".join(json.dumps(item, ensure_ascii=False) for item in items)
        indent = " " if key not in content else ""
        long = "\n".join(indent + line for line in long.splitlines()[1:-1]).lstrip()
        assert long in text
        text = text.replace(long, f'"{key}": [\n{lines}\n]')
    file.write_text(f"{text}\n", "utf-8")


if __name__ == "__main__":
    asyncio.run(make(Path(sys.argv[1]).resolve()))
