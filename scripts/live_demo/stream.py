"""A client of Home Assistant's WebSocket API: commands, and the events in between."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Self

import aiohttp

from .errors import DemoError


@dataclass(frozen=True, slots=True)
class SiteEvent:
    """An event of Home Assistant's bus, and when it was fired."""

    type: str
    data: Mapping[str, Any]
    fired: datetime


class Stream:
    """One connection, used by one task."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Use a socket that is signed in."""
        self._socket = socket
        self._last_id = 0
        self._events: deque[SiteEvent] = deque()

    @classmethod
    async def open(cls, session: aiohttp.ClientSession, url: str, token: str) -> Self:
        """Connect and sign in."""
        socket = await session.ws_connect(f"{url}/api/websocket", max_msg_size=0)
        await socket.receive_json()
        await socket.send_json({"type": "auth", "access_token": token})
        answer = await socket.receive_json()
        if answer["type"] != "auth_ok":
            await socket.close()
            raise DemoError("Home Assistant does not accept its own token.")
        return cls(socket)

    async def __aenter__(self) -> Self:
        """Enter."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the connection."""
        await self._socket.close()

    async def command(self, kind: str, **fields: object) -> Any:
        """Return the result of a command; events on the way are kept."""
        self._last_id += 1
        await self._socket.send_json({"id": self._last_id, "type": kind, **fields})
        while True:
            message = await self._receive()
            if message["type"] == "result" and message["id"] == self._last_id:
                if not message["success"]:
                    raise DemoError(f"{kind}: {message['error']['message']}")
                return message["result"]

    async def listen(self, *event_types: str) -> None:
        """Subscribe to events of the bus."""
        for event_type in event_types:
            await self.command("subscribe_events", event_type=event_type)

    async def act(self, action: str, **data: object) -> None:
        """Perform an action, and wait until it is done."""
        domain, service = action.split(".")
        await self.command(
            "call_service", domain=domain, service=service, service_data=data
        )

    async def ask(self, action: str, **data: object) -> Any:
        """Perform an action that answers, and return the answer."""
        domain, service = action.split(".")
        result = await self.command(
            "call_service",
            domain=domain,
            service=service,
            service_data=data,
            return_response=True,
        )
        return result["response"]

    async def state(self, entity_id: str) -> str | None:
        """Return an entity's state, None where there is none."""
        for state in await self.command("get_states"):
            if state["entity_id"] == entity_id:
                return str(state["state"])
        return None

    async def next_event(self) -> SiteEvent:
        """Wait for the next event."""
        while not self._events:
            await self._receive()
        return self._events.popleft()

    async def _receive(self) -> dict[str, Any]:
        received = await self._socket.receive()
        if received.type is not aiohttp.WSMsgType.TEXT:
            raise DemoError("Home Assistant has closed the connection.")
        message: dict[str, Any] = received.json()
        if message["type"] == "event":
            event = message["event"]
            self._events.append(
                SiteEvent(
                    type=event["event_type"],
                    data=event["data"],
                    fired=datetime.fromisoformat(event["time_fired"]),
                )
            )
        return message
