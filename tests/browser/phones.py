"""People of a site's with the companion app on their phones, and what is pushed to them."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.real_site import PASSWORD, RealSite

from .people import USER, add_person


class Push:
    """Where the phones of a site are pushed to."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._url = ""
        self._came = asyncio.Condition()
        self._sent: list[dict[str, Any]] = []

    @asynccontextmanager
    async def serve(self) -> AsyncGenerator[Push]:
        """Take pushes on a port of the loopback."""
        app = web.Application()
        app.router.add_post("/push", self._take)
        async with TestServer(app) as server:
            self._url = str(server.make_url("/push"))
            yield self

    async def _take(self, request: web.Request) -> web.Response:
        self._sent.append(await request.json())
        async with self._came:
            self._came.notify_all()
        return web.json_response({}, status=201)

    async def register(self, site: RealSite, name: str, username: str) -> None:
        """Let somebody have an account, be a person, and have a phone."""
        await add_person(site, name, username, group=USER, language="ru")
        async with await site.stream() as stream:
            users = await stream.command("config/auth/list")
            (user_id,) = (
                user["id"] for user in users if user.get("username") == username
            )
            await stream.command(
                "person/create", name=name, user_id=user_id, device_trackers=[]
            )
        signed_in = (await site.assistant.sign_in(username, PASSWORD)).token
        async with site.session.post(
            f"{site.assistant.url}/api/mobile_app/registrations",
            headers={"Authorization": f"Bearer {signed_in}"},
            json={
                "app_data": {"push_token": username, "push_url": self._url},
                "app_id": "io.home",
                "app_name": "Home Assistant",
                "app_version": "2026.1",
                "device_id": username,
                "device_name": f"{name}: iPhone",
                "manufacturer": "Apple",
                "model": "iPhone",
                "os_name": "iOS",
                "os_version": "20",
                "supports_encryption": False,
            },
        ) as answer:
            assert answer.status == 201, await answer.text()

    async def wait_for(self, *usernames: str) -> None:
        """Wait until all of them were pushed something."""
        async with self._came:
            await self._came.wait_for(lambda: {*usernames} <= self._reached())

    def _reached(self) -> set[str]:
        return {sent["push_token"] for sent in self._sent}
