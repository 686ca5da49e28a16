"""A phone of the demo, against what Home Assistant would ask and get."""

from collections.abc import AsyncGenerator
from typing import Any, override

import aiohttp
from aiohttp import web
import pytest

from scripts.live_demo.errors import DemoError
from scripts.live_demo.home_assistant import HomeAssistant
from scripts.live_demo.phone import COMING, Phone

PUSH = {
    "message": "Table 6 is calling the waiter.",
    "data": {"tag": "01A", "actions": [{"action": "coming"}, {"action": "not_me"}]},
}


class Assistant(HomeAssistant):
    """A Home Assistant that takes phones."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        """Know no phone."""
        super().__init__(session, "")
        self.published: list[dict[str, Any]] = []
        self.push_url = ""
        self.status = 200
        app = web.Application()
        app.router.add_post("/api/webhook/hook", self._take)
        self.runner = web.AppRunner(app)

    async def start(self) -> None:
        """Be reached."""
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self.runner.addresses[0][1]}"

    async def push(self, content: object) -> int:
        """Push to the phone."""
        async with self._session.post(self.push_url, json=content) as response:
            return response.status

    async def _take(self, request: web.Request) -> web.Response:
        self.published.append(await request.json())
        return web.json_response({}, status=self.status)

    @override
    async def _request(self, method: str, path: str, **content: Any) -> dict[str, Any]:
        assert path == "/api/mobile_app/registrations"
        self.push_url = content["json"]["app_data"]["push_url"]
        return {"webhook_id": "hook"}


@pytest.fixture
async def assistant() -> AsyncGenerator[Assistant]:
    """Return a Home Assistant."""
    async with aiohttp.ClientSession() as session:
        assistant = Assistant(session)
        await assistant.start()
        yield assistant
        await assistant.runner.cleanup()


@pytest.fixture
async def phone(assistant: Assistant) -> AsyncGenerator[Phone]:
    """Return a phone that it knows."""
    async with Phone(assistant._session, "Phone") as phone:
        await phone.register(assistant)
        yield phone


async def test_a_push_is_shown_until_it_is_cleared(
    assistant: Assistant, phone: Phone
) -> None:
    assert assistant.published.pop()["type"] == "register_sensor"
    assert (phone.sensor, phone.received) == ("hook_last_notification", 0)
    clear = {"message": "clear_notification", "data": {"tag": "01A"}}
    other = {"message": "clear_notification", "data": {"tag": "01B"}}
    for content in (PUSH, other, clear, clear):
        assert await assistant.push(content) == 201
    assert [one["data"][0]["state"] for one in assistant.published] == [
        PUSH["message"],
        PUSH["message"],
        None,
        None,
    ]
    assert phone.received == 1


async def test_an_answer(assistant: Assistant, phone: Phone) -> None:
    with pytest.raises(DemoError, match="Phone shows nothing"):
        await phone.tap(COMING)
    await assistant.push(PUSH)
    await phone.tap(COMING)
    assert assistant.published[-1]["data"] == {
        "event_type": "mobile_app_notification_action",
        "event_data": {"action": "coming"},
    }


async def test_a_refusal_is_reported(assistant: Assistant) -> None:
    assistant.status = 410
    async with Phone(assistant._session, "Phone") as phone:
        with pytest.raises(DemoError, match="answers Phone with 410"):
            await phone.register(assistant)
