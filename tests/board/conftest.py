"""The board's front door: a signed-in user's connection."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from simulator.service import PATIENCE

from ..services.conftest import green_api, make_pbx, make_whatsapp, pbx, pbx_entry

__all__ = ["green_api", "make_pbx", "make_whatsapp", "pbx", "pbx_entry"]

SUBSCRIBE: Final = {"type": "carbis_alerts/subscribe"}
LISTS: Final = ("entries", "places", "alerts", "calls", "messages", "people")


class Viewer:
    """Somebody who looks at the board: the snapshot, and each change of it."""

    def __init__(self, client: Any) -> None:
        """Take a connection."""
        self.client = client
        self.snapshot: dict[str, Any] = {}
        self.changes: list[dict[str, Any]] = []
        self._subscription = 0

    async def subscribe(self) -> dict[str, Any]:
        """Begin to look; return the answer."""
        await self.client.send_json_auto_id(SUBSCRIBE)
        answer: dict[str, Any] = await self.client.receive_json()
        if answer["success"]:
            self._subscription = answer["id"]
            self.snapshot = await self.receive()
        return answer

    async def leave(self) -> None:
        """Look no more."""
        await self.client.send_json_auto_id(
            {"type": "unsubscribe_events", "subscription": self._subscription}
        )
        while (await self.client.receive_json())["type"] != "result":
            pass

    async def receive(self) -> dict[str, Any]:
        """Return the next message of the board."""
        message = await self.client.receive_json(timeout=PATIENCE)
        assert message["type"] == "event"
        event: dict[str, Any] = message["event"]
        return event

    async def until(self, name: str, **wanted: Any) -> dict[str, Any]:
        """Return the next thing of a list that is as wanted."""
        while True:
            change = await self.receive()
            assert change["type"] == "change"
            self.changes.append(change)
            for item in change[name]:
                if wanted.items() <= item.items():
                    found: dict[str, Any] = item
                    return found

    async def until_removed(self, name: str) -> list[Any]:
        """Return what is next removed of a list."""
        while True:
            change = await self.receive()
            self.changes.append(change)
            if removed := change["removed"][name]:
                return list(removed)


type Look = Callable[..., Awaitable[Viewer]]


@pytest.fixture
def look(hass: HomeAssistant, hass_ws_client: WebSocketGenerator) -> Look:
    """Return a function that has somebody look at the board."""

    async def look(access_token: str | None = None) -> Viewer:
        who = () if access_token is None else (access_token,)
        viewer = Viewer(await hass_ws_client(hass, *who))
        assert (await viewer.subscribe())["success"]
        return viewer

    return look
