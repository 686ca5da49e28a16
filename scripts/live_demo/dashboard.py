"""What a user of the demo sees first."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from .site_files import dashboard
from .stream import Stream
from .words import WORDS

REGISTERED: Final = "entity_registry_updated"
# Of each table.
SHOWN: Final = frozenset({"waiter_called", "acknowledge"})
DASHBOARD: Final = "demo-restaurant"


@dataclass(slots=True)
class Dashboard:
    """What a user sees first; the tables are on it as they become known."""

    stream: Stream
    language: str
    found: Mapping[str, str]
    tables: list[dict[str, str]] = field(default_factory=list)

    async def add(self) -> None:
        """Put it up, in the demo's language."""
        title = WORDS[self.language]["site"]
        await self.stream.command(
            "lovelace/dashboards/create",
            url_path=DASHBOARD,
            title=title,
            icon="mdi:silverware-fork-knife",
        )
        await self._save()
        await self.stream.command(
            "frontend/set_system_data", key="core", value={"default_panel": DASHBOARD}
        )
        await self.stream.command(
            "frontend/set_user_data",
            key="language",
            value={
                "language": self.language,
                "number_format": "language",
                "time_format": "language",
                "date_format": "language",
                "time_zone": "local",
                "first_weekday": "language",
            },
        )

    async def follow(self) -> None:
        """Listen for entities that are added."""
        await self.stream.listen(REGISTERED)
        await self.update()

    async def update(self) -> None:
        """Show the tables that are known now."""
        tables = await _tables(self.stream, self.found["qr_menu_entry_id"])
        if tables != self.tables:
            self.tables = tables
            await self._save()

    async def _save(self) -> None:
        await self.stream.command(
            "lovelace/config/save",
            url_path=DASHBOARD,
            config=dashboard(self.language, self.found, self.tables),
        )


async def _tables(stream: Stream, entry_id: str) -> list[dict[str, str]]:
    """Return what the dashboard shows of each table: that it calls, and the button."""
    devices: dict[str, dict[str, str]] = {}
    for entity in await stream.command("config/entity_registry/list"):
        if entity["config_entry_id"] == entry_id and entity["translation_key"] in SHOWN:
            table = devices.setdefault(entity["device_id"], {})
            table[entity["translation_key"]] = entity["entity_id"]
    return [table for table in devices.values() if table.keys() == SHOWN]
