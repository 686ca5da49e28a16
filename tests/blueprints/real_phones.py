"""Phones registered with Home Assistant's own app integration, and where pushes go to."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr


class Pushes:
    """What would go to phones, by the name of the push token."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.url = ""
        self.status = 201
        self._hanging: dict[str, asyncio.Event] = {}
        self.sent: dict[str, list[dict[str, Any]]] = {}

    def of(self, owner: str) -> list[dict[str, Any]]:
        """Return what went to somebody's phone."""
        return self.sent.get(owner, [])

    def hang(self, owner: str) -> None:
        """Leave what goes to somebody's phone without an answer from now on."""
        self._hanging[owner] = asyncio.Event()

    def release(self, owner: str) -> None:
        """Answer what goes to somebody's phone again."""
        if (hanging := self._hanging.pop(owner, None)) is not None:
            hanging.set()

    async def _take(self, request: web.Request) -> web.Response:
        data = await request.json()
        self.sent.setdefault(data["push_token"], []).append(data)
        if (hanging := self._hanging.get(data["push_token"])) is not None:
            await hanging.wait()
        return web.json_response({"target": data["push_token"]}, status=self.status)

    @asynccontextmanager
    async def serve(self) -> AsyncGenerator[Pushes]:
        """Take pushes on a port of the loopback."""
        app = web.Application()
        app.router.add_post("/push", self._take)
        async with TestServer(app) as server:
            self.url = str(server.make_url("/push"))
            try:
                yield self
            finally:
                for hanging in self._hanging.values():
                    hanging.set()


class RealPhone:
    """A phone that is registered as the companion app does it."""

    def __init__(
        self, hass: HomeAssistant, client: TestClient[Any, Any], webhook_id: str
    ) -> None:
        """Take what the registration gave."""
        self._client = client
        self._path = f"/api/webhook/{webhook_id}"
        (self.entry,) = (
            entry
            for entry in hass.config_entries.async_entries("mobile_app")
            if entry.data["webhook_id"] == webhook_id
        )
        (device,) = dr.async_entries_for_config_entry(
            dr.async_get(hass), self.entry.entry_id
        )
        self.device_id = device.id

    @classmethod
    async def register(
        cls,
        hass: HomeAssistant,
        client: TestClient[Any, Any],
        pushes: Pushes,
        *,
        owner: str,
        name: str,
        os_name: str = "iOS",
        is_local: bool = False,
    ) -> RealPhone:
        """Register somebody's phone, which is pushed to locally too where it is so set."""
        registration = _registration(pushes, owner, name)
        if is_local:
            registration["app_data"]["push_websocket_channel"] = True
        answer = await client.post(
            "/api/mobile_app/registrations",
            json={
                **registration,
                "app_id": "io.home",
                "app_name": "Home Assistant",
                "device_id": f"id-{owner}",
                "os_name": os_name,
                "supports_encryption": False,
            },
        )
        assert answer.status == 201, await answer.text()
        webhook_id: str = (await answer.json())["webhook_id"]
        await hass.async_block_till_done()
        return cls(hass, client, webhook_id)

    async def fire(self, action: str, **data: Any) -> None:
        """Fire the event of an answer, as the app does it; whoever has it may fire any."""
        answer = await self._client.post(
            self._path,
            json={
                "type": "fire_event",
                "data": {
                    "event_type": "mobile_app_notification_action",
                    "event_data": {"action": action, **data},
                },
            },
        )
        assert answer.status == 200, await answer.text()

    async def rename(self, pushes: Pushes, *, owner: str, name: str) -> None:
        """Give it another name in its app."""
        answer = await self._client.post(
            self._path,
            json={
                "type": "update_registration",
                "data": _registration(pushes, owner, name),
            },
        )
        assert answer.status == 200, await answer.text()


def _registration(pushes: Pushes, owner: str, name: str) -> dict[str, Any]:
    return {
        "app_data": {"push_token": owner, "push_url": pushes.url},
        "app_version": "2026.1",
        "device_name": name,
        "manufacturer": "Apple",
        "model": f"Model of {owner}",
        "os_version": "20",
    }
