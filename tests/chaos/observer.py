"""What arrived: over a WebSocket that comes back, in the recorder's database, at the witness."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
import json
from pathlib import Path
import sqlite3
import time
from typing import Any, Final

import aiohttp
from ulid_transform import bytes_to_ulid

from scripts.live_demo.home_assistant import PAUSE, HomeAssistant

from .chaos_witness import FILE
from .ledger import Line, Published, key_of_event

EVENT: Final = "carbis_alerts_event"
ROWS: Final = """
    SELECT events.context_id_bin, events.time_fired_ts, event_data.shared_data
    FROM events
    JOIN event_types ON event_types.event_type_id = events.event_type_id
    JOIN event_data ON event_data.data_id = events.data_id
    WHERE event_types.event_type = ?
    ORDER BY events.event_id
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """A bus event as one of the three saw it; each firing has a context of its own."""

    context: str
    at: float
    data: Mapping[str, Any]


@dataclass(slots=True)
class Observer:
    """A client of Home Assistant's WebSocket API, back as soon as there is one again."""

    session: aiohttp.ClientSession
    assistant: HomeAssistant
    seen: list[Seen] = field(default_factory=list)
    connections: int = 0

    async def run(self) -> None:
        """Listen for ever."""
        while True:
            with suppress(aiohttp.ClientError, OSError, TypeError, ValueError):
                await self._listen()
            await asyncio.sleep(PAUSE)

    async def _listen(self) -> None:
        url = f"{self.assistant.url}/api/websocket"
        async with self.session.ws_connect(url, max_msg_size=0) as socket:
            await socket.receive_json()
            await socket.send_json(
                {"type": "auth", "access_token": self.assistant.token}
            )
            await socket.receive_json()
            await socket.send_json(
                {"id": 1, "type": "subscribe_events", "event_type": EVENT}
            )
            self.connections += 1
            async for message in socket:
                published = message.json()
                for one in published if isinstance(published, list) else [published]:
                    if one["type"] == "event":
                        event = one["event"]
                        self.seen.append(
                            Seen(
                                event["context"]["id"], time.monotonic(), event["data"]
                            )
                        )


def recorded(config: Path) -> list[Seen]:
    """Return what the recorder has; its times are those of the wall clock."""
    path = config / "home-assistant_v2.db"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        rows = database.execute(ROWS, (EVENT,)).fetchall()
    return [
        Seen(bytes_to_ulid(context), fired, json.loads(data))
        for context, fired, data in rows
    ]


class Witness:
    """What the witness wrote down inside the site, read on from where it was left."""

    def __init__(self, config: Path) -> None:
        """Begin at the beginning."""
        self._path = config / FILE
        self._offset = 0
        self.seen: list[Seen] = []

    def read(self) -> list[Seen]:
        """Return all so far."""
        for line in self._new_lines():
            # A kill cuts off the line that is being written, and the event with it.
            with suppress(ValueError):
                note = json.loads(line)
                self.seen.append(Seen(note["context"], note["at"], note["data"]))
        return self.seen

    def _new_lines(self) -> Iterator[bytes]:
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            file.seek(self._offset)
            for line in file:
                if not line.endswith(b"\n"):
                    return
                self._offset += len(line)
                yield line


def published_by_line(
    seen: list[Seen], entries: Mapping[Line, str]
) -> dict[Line, list[Published]]:
    """Return what can be judged of what was seen, by the lines that it came on."""
    lines = {entry_id: line for line, entry_id in entries.items()}
    published: dict[Line, list[Published]] = {line: [] for line in Line}
    for one in seen:
        if (key := key_of_event(one.data)) is not None:
            published[lines[one.data["entry_id"]]].append(
                Published(one.at, key, one.data["type"], one.data["late"], one.context)
            )
    return published
