"""Put a stored configuration folder where Home Assistant can start with it.

What depends on the machine and the day is made to fit: the addresses of the services,
every time, so that the folder was written a minute ago, and the time zone, so that no
restaurant's day begins meanwhile.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
import json
from pathlib import Path
import re
import shutil
from typing import Any, Final
from zoneinfo import ZoneInfo

from .now import OPTIONS

V0_1_0: Final = Path(__file__).parent / "v0_1_0"
V0_2_0: Final = Path(__file__).parent / "v0_2_0"
# A dot would hide it from whoever looks into the fixture.
STORAGE: Final = "storage"
EXPECTED: Final = "expected.json"
ENTRIES: Final = "core.config_entries"
RESTORED: Final = "core.restore_state"
OURS: Final = "carbis_alerts."
AGE: Final = timedelta(minutes=1)
# When the restaurant's day begins, as the stored options say.
DAY_BEGINS: Final = time(5, 30)

TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+\d\d:\d\d")
URL: Final = re.compile(r"^  internal_url: .*$", re.MULTILINE)
TIME_ZONE: Final = re.compile(r"^  time_zone: .*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a service is, and the certificate that it has."""

    url: str
    fingerprint: str | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """What was put in place."""

    expected: Mapping[str, Any]
    """What the version that wrote the folder said of itself; its times are not shifted."""
    shift: timedelta
    """How far all times were set forward."""
    time_zone: str
    options: Mapping[str, Mapping[str, Any]]
    """The options of each entry that the present version is to have, by its name."""

    def moment(self, written: str) -> datetime:
        """Return the present form of a time that was stored."""
        return datetime.fromisoformat(written) + self.shift


def install(source: Path, config: Path, addresses: Mapping[str, Address]) -> Placed:
    """Put a stored folder in place; addresses are by the names of its entries."""
    expected = json.loads((source / EXPECTED).read_text("utf-8"))
    now = datetime.now(UTC)
    time_zone = midday_zone(now)
    shift = now - AGE - datetime.fromisoformat(expected["written_at"])
    zone = ZoneInfo(time_zone)
    began = datetime.combine(now.astimezone(zone), DAY_BEGINS, zone)
    shutil.copytree(source / "blueprints", config / "blueprints", dirs_exist_ok=True)
    shutil.copy(source / "automations.yaml", config)
    configuration = (source / "configuration.yaml").read_text("utf-8")
    (config / "configuration.yaml").write_text(
        TIME_ZONE.sub(f"  time_zone: {time_zone}", configuration), "utf-8"
    )
    by_id = {
        expected["entries"][name]["entry_id"]: address
        for name, address in addresses.items()
    }
    stored: dict[str, Mapping[str, Any]] = {}
    storage = config / ".storage"
    storage.mkdir(exist_ok=True)
    for file in sorted((source / STORAGE).iterdir()):
        content = json.loads(file.read_text("utf-8"))
        if file.name == ENTRIES:
            for entry in content["data"]["entries"]:
                stored[entry["entry_id"]] = entry["options"]
                _move(entry["data"], by_id[entry["entry_id"]])
        if file.name == RESTORED or file.name.startswith(OURS):
            content["data"] = _shifted(content["data"], shift, began)
        (storage / file.name).write_text(json.dumps(content), "utf-8")
    options = OPTIONS.get(source.name) or {
        name: stored[entry["entry_id"]] for name, entry in expected["entries"].items()
    }
    return Placed(expected, shift, time_zone, options)


def with_url(configuration: str, url: str) -> str:
    """Return a configuration with Home Assistant's own address."""
    return URL.sub(f"  internal_url: {url}", configuration)


def midday_zone(now: datetime) -> str:
    """Return a time zone in which it is between noon and one."""
    ahead = 12 - now.astimezone(UTC).hour
    # The names count westwards.
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


def _move(data: dict[str, Any], address: Address) -> None:
    """Let an entry be about a service at another address."""
    data["url"] = address.url
    data["fingerprint"] = address.fingerprint


def _shifted(value: Any, shift: timedelta, began: datetime) -> Any:
    """Return stored data with all its times set forward."""
    match value:
        case dict():
            return {
                key: _shifted_item(key, item, shift, began)
                for key, item in value.items()
            }
        case list():
            return [_shifted(item, shift, began) for item in value]
        case str() if TIME.fullmatch(value):
            return (datetime.fromisoformat(value) + shift).isoformat()
    return value


def _shifted_item(key: str, value: Any, shift: timedelta, began: datetime) -> Any:
    match key:
        case "since" | "day" if value is not None:
            return began.isoformat()
        case "seen":
            # Seconds of the wall clock.
            return {
                event_id: seen + shift.total_seconds()
                for event_id, seen in value.items()
            }
        case "wall":
            return value + shift.total_seconds()
    return _shifted(value, shift, began)
