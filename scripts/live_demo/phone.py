"""A phone, which Home Assistant takes for one with its companion app."""

from collections.abc import Mapping
from typing import Any, Final, Self

import aiohttp
from aiohttp import web

from .errors import DemoError
from .home_assistant import HomeAssistant

LOOPBACK: Final = "127.0.0.1"
# That of the companion app for Android, which shows the text that was last shown.
SENSOR: Final = "last_notification"
COMING: Final = 0


class Phone:
    """One phone: what is pushed to it, and what is tapped on it."""

    def __init__(self, session: aiohttp.ClientSession, name: str) -> None:
        """Have a phone that is not registered yet."""
        self.name = name
        self.shown: Mapping[str, Any] | None = None
        """The notification that is on its screen."""
        self.received = 0
        """How many notifications came, cleared ones too."""
        self.sensor = ""
        """The unique id of the sensor that says what it shows, once it is registered."""
        self._session = session
        self._webhook = ""
        app = web.Application()
        app.router.add_post("/push", self._push)
        self._runner = web.AppRunner(app, access_log=None)

    async def __aenter__(self) -> Self:
        """Be reached by pushes."""
        await self._runner.setup()
        await web.TCPSite(self._runner, LOOPBACK, 0).start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Be switched off."""
        await self._runner.cleanup()

    async def register(self, assistant: HomeAssistant) -> None:
        """Register as the app does at its first start."""
        port = self._runner.addresses[0][1]
        webhook_id = await assistant.register_phone(
            self.name, f"http://{LOOPBACK}:{port}/push"
        )
        self._webhook = f"{assistant.url}/api/webhook/{webhook_id}"
        self.sensor = f"{webhook_id}_{SENSOR}"
        await self._report(
            "register_sensor",
            {
                "type": "sensor",
                "name": "Last notification",
                "unique_id": SENSOR,
                "icon": "mdi:bell-ring",
                "state": None,
                "attributes": {"phone": self.name},
            },
        )

    async def tap(self, answer: int) -> None:
        """Give one of the answers of the notification on the screen."""
        if self.shown is None:
            raise DemoError(f"{self.name} shows nothing to answer.")
        await self._report(
            "fire_event",
            {
                "event_type": "mobile_app_notification_action",
                "event_data": {
                    "action": self.shown["data"]["actions"][answer]["action"]
                },
            },
        )

    async def _push(self, request: web.Request) -> web.Response:
        """Show a notification, or take it from the screen."""
        pushed = await request.json()
        if pushed["message"] != "clear_notification":
            self.shown = pushed
            self.received += 1
        elif self.shown and self.shown["data"]["tag"] == pushed["data"]["tag"]:
            self.shown = None
        await self._report(
            "update_sensor_states",
            [
                {
                    "type": "sensor",
                    "unique_id": SENSOR,
                    "state": self.shown and self.shown["message"],
                    "attributes": {
                        "phone": self.name,
                        "title": self.shown and self.shown.get("title"),
                    },
                }
            ],
        )
        return web.json_response({}, status=201)

    async def _report(self, kind: str, data: object) -> None:
        async with self._session.post(
            self._webhook, json={"type": kind, "data": data}
        ) as response:
            if not response.ok:
                raise DemoError(
                    f"Home Assistant answers {self.name} with {response.status}."
                )
